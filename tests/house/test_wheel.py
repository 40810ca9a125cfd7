"""The wheel: what is in it, and that it runs in an empty environment."""

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from moim_process import MoimProcess, free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_every_file_of_the_bundle(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("moim/static/manifest.json"))
        assert manifest.keys() >= {"moim.js", "shell.css"}
        assert {f"moim/static/{name}" for name in manifest.values()} <= names
        assert {"moim/static/shell.html", "moim/static/service-worker.js"} <= names
        assert archive.read(f"moim/static/{manifest['moim.js']}").strip()


def test_the_wheel_holds_the_three_packages_and_their_schemas(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for package in ("moim_data", "moim_sync", "moim"):
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
    assert [n for n in names if n.startswith("moim_data/documents/schemas/")]
    assert not [n for n in names if n.startswith(("tests/", "dashboard/", "sync/", "data/"))]


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """A new virtual environment with the wheel and its locked requirements; gives its `bin`."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
    locked = ["--require-hashes", "-r", str(ROOT / "requirements" / "run.txt")]
    for arguments in (locked, ["--no-deps", str(wheel)]):
        subprocess.run([*pip, *arguments], check=True, capture_output=True, timeout=240)
    return folder / "bin"


@pytest.mark.timeout(300)
def test_the_wheel_serves_the_shell_and_page_workers_from_an_empty_environment(
    empty_environment: Path, tmp_path: Path
) -> None:
    command = [str(empty_environment / "moim")]
    clean = {"PATH": os.defpath, "HOME": str(tmp_path)}
    with MoimProcess(tmp_path, free_port(), "--demo", command=command, env=clean) as server:
        status, page = server.get("/project/launch")
        assert status == 200
        assert b'id="moim"' in page
        (bundle,) = re.findall(rb"/static/moim-[A-Z0-9]+\.js", page)
        assert server.get(bundle.decode())[0] == 200
        status, ticket = server.get("/panel/project/token?project=launch", timeout_s=60)
        assert status == 200
        assert json.loads(ticket)["path"] == "/panel/project"
