"""`make` on a machine that lacks something: it says what, and what to do."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `make run` begins with, in an empty folder."""
    for name in ("Makefile", "pyproject.toml", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_without_python_it_names_the_packages_to_install(clone: Path) -> None:
    made = make(clone, "run", "PYTHON=")
    assert made.returncode != 0
    assert "Python 3.11 or newer is needed" in made.stderr
    assert "apt-get install python3 python3-venv" in made.stderr


def test_a_python_without_venv_is_told_the_package_that_brings_it(clone: Path) -> None:
    lacking = program(clone / "python", '[ "$1" = --version ] && echo Python 3.11.2 || exit 1')
    made = make(clone, "run", f"PYTHON={lacking}")
    assert made.returncode != 0
    assert "apt-get install python3-venv" in made.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.timeout(120)
def test_without_a_registry_it_says_so_and_what_to_set_up(clone: Path) -> None:
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
    }
    made = make(clone, "install", "PYTHON=python3", **nowhere)
    assert made.returncode != 0
    assert "could not be installed" in made.stderr
    assert "mirror or a proxy" in made.stderr
    assert not (clone / ".venv" / ".run-installed").exists()


def test_without_a_target_it_lists_its_commands(clone: Path) -> None:
    made = make(clone)
    assert made.returncode == 0
    for command in ("make run", "make test", "make lint", "make types"):
        assert command in made.stdout


def test_without_root_the_browser_script_says_what_to_run(tmp_path: Path) -> None:
    for name in ("bash", "apt-get"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    program(tmp_path / "id", "echo 1000")
    (tmp_path / "sh").symlink_to("/bin/sh")
    told = subprocess.run(
        [str(tmp_path / "bash"), str(ROOT / "scripts" / "install-browser.sh")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "Run as root: apt-get update && apt-get install" in told.stderr
    assert "fonts-noto-cjk" in told.stderr
