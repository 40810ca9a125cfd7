"""What a browser keeps of the dashboard, so that it opens without the server."""

import time

from playwright.sync_api import Page

_CONTENT = """async documents => {
  const answer = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  if (navigator.serviceWorker.controller === null) return ["the service worker's control"];
  const database = await answer(indexedDB.open("moim /sync"));
  const index = database.transaction("content").objectStore("content").index("document");
  const counts = await Promise.all(documents.map(document => answer(index.count(document))));
  database.close();
  return documents.filter((_, at) => counts[at] === 0);
}"""


def expect_kept(page: Page, *documents: str, timeout_s: float = 20) -> None:
    """Waits until the service worker is in control and these documents are on this device."""
    ends_at = time.monotonic() + timeout_s
    while missing := page.evaluate(_CONTENT, list(documents)):
        assert time.monotonic() < ends_at, f"not kept in {timeout_s} s: {missing}"
        page.wait_for_timeout(50)


_UNSENT = """async () => {
  const answer = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await answer(indexedDB.open("moim /sync"));
  const count = await answer(database.transaction("outbox").objectStore("outbox").count());
  database.close();
  return count;
}"""


def expect_unsent_kept(page: Page, count: int, timeout_s: float = 5) -> None:
    """Waits until as many edits as that are on this device, for a server to come."""
    ends_at = time.monotonic() + timeout_s
    while (kept := page.evaluate(_UNSENT)) != count:
        assert time.monotonic() < ends_at, f"expected {count} edits on this device, found {kept}"
        page.wait_for_timeout(20)


_FORGET = """async () => {
  const answer = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await answer(indexedDB.open("moim /sync"));
  const outbox = database.transaction("outbox", "readwrite").objectStore("outbox");
  await answer(outbox.clear());
  database.close();
}"""


def forget_unsent(page: Page) -> None:
    """Takes all unsent edits off this device; the pages that made them still have them."""
    page.evaluate(_FORGET)


def builds_kept(page: Page) -> list[str]:
    """The names of the builds whose files this browser keeps."""
    names: list[str] = page.evaluate("caches.keys()")
    return names


def build_of(page: Page) -> str:
    """The name of the build that a page runs."""
    name: str = page.evaluate(
        """"moim-build-" + document.querySelector('meta[name="moim-build"]').content"""
    )
    return name


def expect_builds_kept(page: Page, builds: set[str], timeout_s: float = 20) -> None:
    """Waits until this browser keeps exactly these builds."""
    ends_at = time.monotonic() + timeout_s
    while (kept := set(builds_kept(page))) != builds:
        assert time.monotonic() < ends_at, f"expected {builds}, found {kept}"
        page.wait_for_timeout(50)
