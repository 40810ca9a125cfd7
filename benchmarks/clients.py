"""python clients.py [--edits N]: how long an edit in a browser takes to the clients of each door.

Somebody renames a card on moim's own board in Chromium, by its own keys; another browser, the
packages of every door and a Python program follow that card, all at once, on this machine. Prints a
table and writes benchmarks/results/clients.md and clients.json.

All clocks are the machine's: `performance.timeOrigin + performance.now()` in pages and Node, which
take it when they start, `time.time()` in Python.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from browser import CHROMIUM_FLAGS
from servers import HERE, ROOT, Moim, node

PROJECT, CARD = "launch", "ln-142"
WARMUP = 10
GAPS_S = (0.1, 0.2)
FRONTEND = ROOT / "dashboard/frontend"
PEERS = ROOT / "tests/peers/node_modules"
NODE_READERS = {
    "moim-client, zustand": "zustand",
    "socket.io-client": "socketio",
    "Apollo Client": "apollo",
}
BROWSER, PYTHON = "another browser, drawn", "moim.connect, Python"
TITLE = f'[data-moim="card"][data-id="{CARD}"] .card-title'
WATCH_TITLE = """(css) => {
  window.seen = [];
  let last = null;
  new MutationObserver(() => {
    const title = document.querySelector(css)?.textContent;
    if (title === undefined || title === last) return;
    last = title;
    window.seen.push([title, performance.timeOrigin + performance.now()]);
  }).observe(document, { childList: true, characterData: true, subtree: true });
}"""
RENAME = """async ([css, title]) => {
  const press = (place, key) =>
    place.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  press(document.querySelector(css), "F2");
  const find = () => document.querySelector(`${css} .name-field`);
  while (!find()) await new Promise(requestAnimationFrame);
  const field = find();
  field.value = title;
  const at = performance.timeOrigin + performance.now();
  press(field, "Enter");
  return at;
}"""

Arrivals = dict[str, float]
"""When a title was seen, in ms."""


class Reader:
    """A process that follows the card and prints what it sees."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.arrivals: Arrivals = {}
        self._follows = threading.Event()
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=folder, env=dict(os.environ)
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def wait_until_it_follows(self) -> None:
        """Wait for the first title."""
        if not self._follows.wait(30):
            raise RuntimeError(f"{self._process.args} shows nothing")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            title, at_ms = json.loads(line)
            self.arrivals.setdefault(title, at_ms)
            self._follows.set()


def install(folder: Path) -> None:
    """Put the packages of the doors beside the reader."""
    modules = folder / "node_modules"
    modules.mkdir()
    build = [*node(), "client/build.mjs", str(modules / "moim-client")]
    subprocess.run(build, cwd=FRONTEND, check=True, capture_output=True)
    manifest = json.loads((modules / "moim-client/package.json").read_text())
    for name in manifest["dependencies"] | manifest["peerDependencies"]:
        (modules / name).symlink_to(FRONTEND / "node_modules" / name)
    for name in ("@apollo", "graphql", "graphql-ws", "rxjs", "socket.io-client"):
        (modules / name).symlink_to(PEERS / name)
    shutil.copy(HERE / "peers/reader.mjs", folder)


def opened(browser: Browser, url: str) -> Page:
    """Give a window of a person of its own, at the board."""
    page = browser.new_context(locale="en-US").new_page()
    page.goto(url)
    page.wait_for_selector(TITLE)
    return page


def measure(server: Moim, folder: Path, browser: Browser, edits: int) -> dict[str, list[float]]:
    """Give the ms from each edit to each client."""
    url = f"http://127.0.0.1:{server.port}"
    readers = {
        name: Reader([*node(), "reader.mjs", kind, url, PROJECT, CARD], folder)
        for name, kind in NODE_READERS.items()
    }
    script = [sys.executable, str(HERE / "python_reader.py"), url, PROJECT, CARD]
    readers[PYTHON] = Reader(script, folder)
    with ExitStack() as ends:
        for reader in readers.values():
            ends.callback(reader.close)
        for reader in readers.values():
            reader.wait_until_it_follows()
        writer, other = (opened(browser, f"{url}/project/{PROJECT}") for _ in range(2))
        other.evaluate(WATCH_TITLE, TITLE)
        made = make_edits(writer, edits)
        time.sleep(1)  # what has not come by then counts as missing
        found: dict[str, Arrivals] = {BROWSER: dict(other.evaluate("window.seen"))}
        found |= {name: reader.arrivals for name, reader in readers.items()}
    return {
        name: [arrivals[title] - at_ms for title, at_ms in made.items() if title in arrivals]
        for name, arrivals in found.items()
    }


def make_edits(writer: Page, edits: int) -> Arrivals:
    """Rename the card so often; gives when each was done, without those of the warm-up."""
    draw, made = random.Random(1), {}
    card = TITLE.removesuffix(" .card-title")
    for number in range(WARMUP + edits):
        title = f"edit {number}"
        made[title] = writer.evaluate(RENAME, [card, title])
        time.sleep(draw.uniform(*GAPS_S))
    return dict(list(made.items())[WARMUP:])


def to_markdown(found: dict[str, list[float]], edits: int) -> str:
    """Give the table, the quickest first."""
    rows = []
    for name, ms in sorted(found.items(), key=lambda one: statistics.median(one[1] or [9e9])):
        ends = statistics.quantiles(ms, n=100, method="inclusive") if len(ms) > 1 else [0.0] * 99
        rows.append(
            f"| {name} | {ends[49]:.1f} | {ends[94]:.1f} | {max(ms, default=0):.1f} |"
            f" {edits - len(ms)} of {edits} |"
        )
    head = ["| client | p50 ms | p95 ms | max ms | missing |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


def main() -> None:
    """Measure with nothing else running."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=300)
    edits = parser.parse_args().edits
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: `make browser` installs it on Debian"
    folder = Path(tempfile.mkdtemp(prefix="moim-bench-"))
    server = Moim(folder)
    server.demo = True
    try:
        install(folder)
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
            found = measure(server, folder, browser, edits)
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    markdown = to_markdown(found, edits)
    print(markdown)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "clients.md").write_text(markdown)
    (results / "clients.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
