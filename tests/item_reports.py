"""What became of a test, for fixtures that end after it."""

import pytest

from moim_process import MoimProcess

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()


def failed(item: pytest.Item) -> bool:
    """Whether the test's set-up or body failed; meant for the end of a fixture."""
    return any(report.failed for report in item.stash.get(REPORTS, {}).values())


def print_log_of_failed(item: pytest.Item, server: MoimProcess) -> None:
    """Shows what a server printed, when its test has failed."""
    if failed(item) and server.log.exists():
        print(f"--- moim serve on port {server.port} ---\n{server.text()}")
