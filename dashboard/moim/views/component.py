"""What all our Panel components have in common: one bundle, so one React and one Yjs in a page.

Only this base class names a bundle, and Panel serves it as that of an extension, so every component
of a page comes from the same address and module. Under `moim serve` the page itself has that module
already, by the address of our static files; there the components use that one.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import param
from bokeh.embed.bundle import extension_dirs
from panel.custom import JSComponent

from moim.bundle import BUNDLE, require_bundle
from moim.errors import BundleMissing

_ENTRY = "moim.js"


@cache
def bundle_file() -> Path:
    """Give the built bundle.

    Raises:
        BundleMissing: the front end has not been built.
    """
    require_bundle()
    manifest: dict[str, str] = json.loads((BUNDLE / "manifest.json").read_text())
    name = manifest.get(_ENTRY)
    if name is None or not (BUNDLE / name).is_file():
        raise BundleMissing(f"{BUNDLE / 'manifest.json'} names no {_ENTRY}; run `make frontend`")
    return BUNDLE / name


# The address that Panel makes of a file outside our folder has `..` in it, which browsers fold.
extension_dirs["moim"] = BUNDLE


class Component(JSComponent):
    """A view of the bundle; `url` tells it where the documents are.

    An empty `url` means `/sync` of the page's own host.
    """

    url = param.String(default="", doc="WebSocket address of the hub, e.g. wss://host/sync")

    __abstract = True

    _static_address: ClassVar[str | None] = None
    """Folder address of the bundle where the hub serves it; None: Panel serves it."""

    _bundle = bundle_file() if (BUNDLE / "manifest.json").is_file() else None

    def __init__(self, **params: Any) -> None:
        bundle_file()
        super().__init__(**params)  # type: ignore[no-untyped-call]

    @classmethod
    def _render_esm(cls, compiled: bool | Literal["compiling"] = True, server: bool = False) -> str:
        if server and cls._static_address is not None:
            return f"{cls._static_address}/{bundle_file().name}"
        return str(super()._render_esm(compiled, server))


def serve_from(address: str) -> None:
    """Let components of this process load the bundle from `address` (in page workers)."""
    Component._static_address = address
