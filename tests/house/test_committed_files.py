"""What must not be in any committed file."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("deb", "debian", "org"),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.~$)}/-])/(?:work|root|home/\w+|Users/\w+|farm|tmp/\w+)/")
LOCK_FILES = ("package-lock.json", "requirements/*.txt", "**/package-lock.json")


def committed_texts() -> Iterator[tuple[str, str]]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listing.stdout.decode().split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in data:
            yield name, data.decode("utf-8", errors="replace")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    if not (ROOT / ".git").exists():
        pytest.fail("this test reads the list of committed files from git: run it in a clone")
    return dict(committed_texts())


def test_no_committed_file_names_a_package_registry(texts: dict[str, str]) -> None:
    found = [
        (name, host) for name, text in texts.items() for host in REGISTRY_HOSTS if host in text
    ]
    assert found == []


def test_no_committed_file_holds_an_absolute_path_of_a_machine(texts: dict[str, str]) -> None:
    found = [
        (name, match.group())
        for name, text in texts.items()
        for match in MACHINE_PATH.finditer(text)
    ]
    assert found == []


def test_lock_files_hold_hashes_and_no_download_addresses(texts: dict[str, str]) -> None:
    locks = [name for name in texts if any(Path(name).match(pattern) for pattern in LOCK_FILES)]
    assert "requirements/run.txt" in locks
    assert "dashboard/frontend/package-lock.json" in locks
    for name in locks:
        # npm copies funding pages into its lock file; nothing is downloaded from those.
        address = r'"resolved"' if name.endswith(".json") else r"https?://|--[a-z-]*(?:url|links)"
        assert re.search(address, texts[name]) is None, name
        assert re.search(r"--hash=sha256:|\"integrity\"", texts[name]), name


def test_the_built_bundle_is_not_committed() -> None:
    listing = subprocess.run(
        ["git", "ls-files", "dashboard/moim/static"], cwd=ROOT, capture_output=True, check=True
    )
    assert listing.stdout.decode().split() == ["dashboard/moim/static/.gitkeep"]
