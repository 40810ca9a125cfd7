"""A copy of the front end that is changed and built anew: a server's next version."""

import os
import shutil
import subprocess
from pathlib import Path

from moim_process import ROOT, MoimProcess, free_port
from peers.peer_process import node


class OwnBuild:
    """A folder with a server's own `moim` package, its bundle and the bundle's sources."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "version"
        self._sources = self._folder / "dashboard" / "frontend"
        self.static = self._folder / "dashboard" / "moim" / "static"
        ignored = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(ROOT / "dashboard", self._folder / "dashboard", ignore=ignored)
        (self._sources / "node_modules").symlink_to(ROOT / "dashboard/frontend/node_modules")
        (self._folder / "data").symlink_to(ROOT / "data")

    def server(self, folder: Path, *options: str) -> MoimProcess:
        """A server that serves this build; not started."""
        path = [ROOT / "data", ROOT / "sync", self._folder / "dashboard"]
        env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))}
        return MoimProcess(folder, free_port(), *options, env=env)

    def say(self, old: str, new: str) -> None:
        """Makes the next version: an English word of the interface is another, all else stays."""
        words = self._sources / "strings" / "en.json"
        text = words.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is no word of the interface"
        words.write_text(text.replace(old, new), encoding="utf-8")
        subprocess.run(
            [node(), "build.mjs"], cwd=self._sources, check=True, timeout=120, capture_output=True
        )
