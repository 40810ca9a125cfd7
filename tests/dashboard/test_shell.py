"""The page, and the service worker that opens it without the server."""

import json
import re
from collections.abc import Callable

import pytest

from dashboard.conftest import Fetch
from moim.bundle import BUNDLE
from moim_process import MoimProcess

Serve = Callable[..., MoimProcess]


@pytest.fixture
def server(serve: Serve) -> MoimProcess:
    return serve("--workers", "0")


@pytest.mark.anyio
async def test_the_service_worker_stands_at_the_root_and_is_asked_for_anew_at_each_visit(
    server: MoimProcess, fetch: Fetch
) -> None:
    headers = (await fetch(f"{server.url}/service-worker.js")).headers
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert "etag" in headers
    assert "set-cookie" not in headers


@pytest.mark.anyio
async def test_the_service_worker_keeps_every_file_of_the_bundle_and_names_the_pages_build(
    server: MoimProcess, fetch: Fetch
) -> None:
    worker = (await fetch(f"{server.url}/service-worker.js")).body.decode()
    page = (await fetch(f"{server.url}/project/launch")).body.decode()
    (build,) = re.findall(r'<meta name="moim-build" content="([0-9a-f]+)">', page)
    assert build in worker
    manifest = json.loads((BUNDLE / "manifest.json").read_text())
    for name in manifest.values():
        assert f"/static/{name}" in worker


@pytest.mark.anyio
async def test_the_pages_policy_lets_only_our_own_worker_in(
    server: MoimProcess, fetch: Fetch
) -> None:
    headers = (await fetch(f"{server.url}/")).headers
    assert "worker-src 'self'" in headers["content-security-policy"].split("; ")


@pytest.mark.anyio
async def test_every_address_answers_with_the_same_page(server: MoimProcess, fetch: Fetch) -> None:
    paths = ("/", "/project/launch", "/project/x?card=1", "/calendar/team", "/page/home")
    pages = {(await fetch(server.url + path)).body for path in paths}
    assert len(pages) == 1
