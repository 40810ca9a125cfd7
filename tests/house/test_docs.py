"""The pages that people read are held to the program."""

import re
import subprocess
from pathlib import Path

import pytest

from moim_process import COMMAND, PYTHONPATH

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")


@pytest.fixture(scope="module")
def help_text() -> str:
    shown = subprocess.run(
        [*COMMAND, "serve", "--help"],
        env={"PYTHONPATH": PYTHONPATH, "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout


def flags_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) - {"--help"}


def test_every_flag_of_serve_stands_in_its_page_and_the_other_way_round(help_text: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    serve = page.split("## `moim serve`")[1].split("\n## ")[0]
    table = set(re.findall(r"^\| `(--[a-z-]+)`", serve, re.MULTILINE))
    shown = {flag for flag in flags_in(help_text) if not flag.startswith("--no-")}
    assert table == shown


def test_every_flag_of_serve_has_its_variable_in_the_page() -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    rows = re.findall(r"^\| `--([a-z-]+)` \| `(MOIM_[A-Z_]+)` \|", page, re.MULTILINE)
    assert rows
    for flag, variable in rows:
        assert variable == "MOIM_" + flag.upper().replace("-", "_")


def test_every_target_of_the_makefile_is_in_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    listed = set(re.findall(r"^  make ([a-z-]+)", shown, re.MULTILINE))
    assert {"run", "test", "lint", "types", "frontend", "trust", "clean", "help"} <= listed
    assert listed <= declared


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    assert [link for link in LINK.findall(text) if not (ROOT / link).exists()] == []


def test_the_readme_names_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make run" in text
    assert "make test" in text


def test_files_that_contributing_names_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = re.findall(r"`((?:data|sync|dashboard|docs|tests)/[\w/.-]+)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
