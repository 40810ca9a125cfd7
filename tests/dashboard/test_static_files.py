import gzip
import os
from pathlib import Path

import brotli
import pytest
from tornado.web import Application

from dashboard.conftest import Fetch, Listen
from moim.static_files import StaticFiles, StaticHandler, read_asset, standard_folders

SCRIPT = "export const greeting = '안녕';\n" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    (inside / "es@^1.10.0").mkdir(parents=True)
    (inside / "moim-ABCD2345.js").write_text(SCRIPT)
    (inside / "plain.css").write_text("a{}")
    (inside / "es@^1.10.0" / "shims.js").write_text("1")
    (inside / ".hidden").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    (inside / "link.txt").symlink_to(tmp_path / "outside.txt")
    return inside


@pytest.fixture
async def site(folder: Path, listen: Listen) -> str:
    files = StaticFiles({"/static/": folder})
    return await listen(Application([(r"/static/.*", StaticHandler, {"files": files})]))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("accepts", "encoding", "decode"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
async def test_a_file_comes_in_the_best_encoding_the_client_takes(
    site: str, fetch: Fetch, accepts: str, encoding: str | None, decode: object
) -> None:
    answer = await fetch(f"{site}/static/moim-ABCD2345.js", headers={"Accept-Encoding": accepts})
    assert answer.headers.get("Content-Encoding") == encoding
    assert decode(answer.body).decode() == SCRIPT  # type: ignore[operator]
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.anyio
async def test_only_versioned_addresses_are_immutable(site: str, fetch: Fetch) -> None:
    hashed = await fetch(f"{site}/static/moim-ABCD2345.js")
    asked = await fetch(f"{site}/static/plain.css?v=3.9.2")
    plain = await fetch(f"{site}/static/plain.css")
    assert "immutable" in hashed.headers["Cache-Control"]
    assert "immutable" in asked.headers["Cache-Control"]
    assert "immutable" not in plain.headers["Cache-Control"]


@pytest.mark.anyio
async def test_a_client_that_has_the_file_gets_304(site: str, fetch: Fetch) -> None:
    first = await fetch(f"{site}/static/plain.css")
    again = await fetch(
        f"{site}/static/plain.css", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.code, again.body) == (304, b"")


@pytest.mark.anyio
async def test_a_quoted_path_is_found(site: str, fetch: Fetch) -> None:
    assert (await fetch(f"{site}/static/es@%5E1.10.0/shims.js")).body == b"1"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path",
    [
        "../outside.txt",
        "..%2Foutside.txt",
        "%2e%2e/outside.txt",
        "x/../../outside.txt",
        "link.txt",
        "%2Fetc%2Fpasswd",
        ".hidden",
        "es@^1.10.0",
        "",
        "%00",
    ],
)
async def test_nothing_outside_the_folder_is_given(site: str, fetch: Fetch, path: str) -> None:
    answer = await fetch(f"{site}/static/{path}")
    assert answer.code == 404
    assert b"secret" not in answer.body


@pytest.mark.anyio
async def test_head_gives_the_same_headers_without_the_body(site: str, fetch: Fetch) -> None:
    got = await fetch(f"{site}/static/plain.css")
    head = await fetch(f"{site}/static/plain.css", method="HEAD")
    assert head.body == b""
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.anyio
async def test_a_file_is_compressed_once_and_again_when_it_changed(folder: Path) -> None:
    files = StaticFiles({"/static/": folder})
    file = folder / "plain.css"
    first = await files.load(file)
    assert await files.load(file) is first
    file.write_text("b{}")
    os.utime(file, ns=(1, 1))
    assert (await files.load(file)).bodies["identity"] == b"b{}"


def test_the_longest_prefix_decides(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "plain.css").write_text("other")
    files = StaticFiles({"/static/": folder, "/static/js/": tmp_path / "other"})
    assert files.find("/static/js/plain.css") == tmp_path / "other" / "plain.css"
    assert files.find("/static/plain.css") == folder / "plain.css"


def test_what_an_embedded_panel_session_loads_is_there(folder: Path) -> None:
    files = StaticFiles(standard_folders(folder))
    for path in ("js/bokeh.min.js", "extensions/panel/panel.min.js"):
        file = files.find(f"/static/{path}")
        assert file is not None
        asset = read_asset(file)
        assert len(asset.bodies["br"]) < len(asset.bodies["identity"]) / 3
