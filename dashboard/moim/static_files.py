"""Files that never change while the server runs, compressed once and kept.

A folder is served below a prefix. The first request for a file reads and compresses it in a thread;
later ones, and those that arrive meanwhile, share the result. A file edited on disk is read again.
"""

import asyncio
import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import brotli  # type: ignore[import-untyped]
from tornado.httputil import HTTPServerRequest

from moim.web import BaseHandler

_BROTLI_QUALITY = 9  # within a tenth of quality 11, at a thirtieth of its time
_GZIP_LEVEL = 6
_COMPRESSED = (
    "text/",
    "application/json",
    "image/svg",
    "application/wasm",
)
_DAY_S = 86_400
_YEAR_S = 365 * _DAY_S

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}
"""Not left to `mimetypes`, which has other names for them on other machines."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it leaves: its bytes by content encoding, `identity` always among them."""

    content_type: str
    digest: str
    bodies: Mapping[str, bytes]

    def choose(self, accepted: str) -> tuple[str, bytes]:
        """Give the smallest body that an Accept-Encoding header allows, with its encoding."""
        offered = {part.split(";")[0].strip() for part in accepted.split(",") if "q=0" not in part}
        for encoding in ("br", "gzip"):
            if encoding in offered and encoding in self.bodies:
                return encoding, self.bodies[encoding]
        return "identity", self.bodies["identity"]


class StaticFiles:
    """Folders below their prefixes, longest prefix first."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        ordered = sorted(folders.items(), key=lambda item: -len(item[0]))
        self._folders = [(prefix, folder.resolve()) for prefix, folder in ordered]
        self._assets: dict[Path, tuple[tuple[int, int], asyncio.Task[Asset]]] = {}

    def find(self, path: str) -> Path | None:
        """Give the file an address path stands for; None when there is none or it lies outside."""
        path = unquote(path)  # browsers ask for es-module-shims@%5E1.10.0
        for prefix, folder in self._folders:
            if path.startswith(prefix) and "\0" not in path:
                file = (folder / path.removeprefix(prefix)).resolve()
                hidden = any(part.startswith(".") for part in file.parts[len(folder.parts) :])
                inside = file.is_relative_to(folder) and not hidden
                return file if inside and file.is_file() else None
        return None

    async def load(self, file: Path) -> Asset:
        """Give the file's asset, made in a thread the first time."""
        version = _version(file)
        known = self._assets.get(file)
        if known is None or known[0] != version:
            made = asyncio.ensure_future(asyncio.to_thread(read_asset, file))
            self._assets[file] = known = (version, made)
        return await asyncio.shield(known[1])


def _version(file: Path) -> tuple[int, int]:
    found = file.stat()  # a few microseconds: not worth a thread
    return found.st_mtime_ns, found.st_size


def read_asset(file: Path) -> Asset:
    """Read and compress one file. Blocks: 0.1 s for a megabyte."""
    body = file.read_bytes()
    guessed = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    content_type = guessed or "application/octet-stream"
    bodies = {"identity": body}
    if content_type.startswith(_COMPRESSED):
        bodies["br"] = brotli.compress(body, quality=_BROTLI_QUALITY)
        bodies["gzip"] = gzip.compress(body, _GZIP_LEVEL, mtime=0)
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    return Asset(content_type, hashlib.sha256(body).hexdigest()[:20], bodies)


def package_folder(package: str, *parts: str) -> Path:
    """Give a folder inside an installed package without importing it: the hub imports no Panel."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed; run `pip install moim` again")
    return Path(spec.submodule_search_locations[0], *parts)


def standard_folders(bundle: Path) -> dict[str, Path]:
    """Name what stands below /static: our bundle, and what an embedded Panel session needs."""
    return {
        "/static/": bundle,
        "/static/access/": package_folder("moim", "access", "static"),
        "/static/js/": package_folder("bokeh", "server", "static", "js"),
        "/static/extensions/panel/": package_folder("panel", "dist"),
    }


class StaticHandler(BaseHandler):
    """GET and HEAD of a static file."""

    def initialize(self, files: StaticFiles) -> None:
        """Take the folders to serve from."""
        self._files = files

    async def get(self) -> None:
        """Answer with the file in the best encoding the client takes."""
        file = self._files.find(self.request.path)
        if file is None:
            self.refuse(404, f"no such file: {self.request.path}")
            return
        asset = await self._files.load(file)
        self.send_asset(asset, _cache_control(self.request, file))

    head = get


def _cache_control(request: HTTPServerRequest, file: Path) -> str:
    if _is_versioned(request, file):
        return f"public, max-age={_YEAR_S}, immutable"
    return f"public, max-age={_DAY_S}"


def _is_versioned(request: HTTPServerRequest, file: Path) -> bool:
    """True when the address changes with the content: esbuild's hash in the name, or `?v=`."""
    stem, _, digest = file.stem.rpartition("-")
    hashed = bool(stem) and len(digest) == 8 and digest.isalnum() and digest.isupper()
    return hashed or "v=" in request.query
