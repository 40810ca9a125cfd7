"""`moim serve --demo --reset`: the demo as it was, and what was there before is kept."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import moim
from moim.cli import main
from moim_process import MoimProcess

Serve = Callable[..., MoimProcess]
NO_WORKERS = ("--workers", "0")
WAIT_S = 10.0


def rename_card(server: MoimProcess, title: str) -> None:
    with moim.connect(server.url, outbox=None) as workspace:
        workspace.project("launch").cards["ln-142"].title = title
        workspace.wait_saved(WAIT_S)


def card_title(server: MoimProcess) -> str:
    title: str = server.document("project/launch")["data"]["cards"]["ln-142"]["title"]
    return title


def kept_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("moim.2*.db"))


def test_the_demo_is_put_back_and_the_former_file_is_kept_and_named(serve: Serve) -> None:
    first = serve("--demo", *NO_WORKERS)
    fresh = card_title(first)
    rename_card(first, "somebody played with it")
    lineage = first.document("project/launch")["lineage"]
    first.kill()
    again = serve("--demo", "--reset", *NO_WORKERS, folder=first.folder)
    assert card_title(again) == fresh
    assert again.document("project/launch")["lineage"] != lineage, "nobody merges the two"
    (kept,) = kept_files(first.folder)
    assert re.fullmatch(r"moim\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.db", kept.name)
    assert f"the former file is kept as {kept}" in again.text()
    again.stop()
    (first.folder / "moim.db").rename(first.folder / "other.db")
    kept.rename(first.folder / "moim.db")
    back = serve("--demo", *NO_WORKERS, folder=first.folder)
    assert card_title(back) == "somebody played with it"
    assert back.document("project/launch")["lineage"] == lineage


def test_a_reset_of_nothing_is_a_first_start(serve: Serve) -> None:
    server = serve("--demo", "--reset", *NO_WORKERS)
    assert card_title(server)
    assert kept_files(server.folder) == []


def test_a_reset_is_refused_while_another_process_holds_the_file(serve: Serve) -> None:
    first = serve("--demo", *NO_WORKERS)
    second = serve("--demo", "--reset", *NO_WORKERS, folder=first.folder, started=False)
    assert second.spawn().wait(20) == 3
    assert first.process is not None
    assert f"process {first.process.pid}" in second.text()
    assert kept_files(first.folder) == []
    rename_card(first, "still served")
    assert card_title(first) == "still served"


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (["--reset"], {}),
        (["--reset", "--no-demo"], {"MOIM_DEMO": "1"}),
        ([], {"MOIM_RESET": "1"}),
    ],
)
def test_a_reset_without_the_demo_ends_with_2_and_touches_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    environ: dict[str, str],
) -> None:
    database = tmp_path / "moim.db"
    database.write_text("not looked at")
    assert main(["serve", "--db", str(database), *arguments], environ) == 2
    assert "add --demo" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["moim.db"]
