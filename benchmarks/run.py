"""python run.py [--quick] [--servers ...]: measures moim beside other servers on this machine.

One server runs at a time, in turn with the others, and figures are medians over the rounds. Prints
a table and writes JSON and Markdown into benchmarks/results/.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from report import write_into, write_report
from servers import HERE, ROOT, SERVERS, Moim, Server, install_peers

P95_MS = 100.0
TOO_FAST = 64_000
TOO_SLOW = 10


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    rounds: int
    load_s: float
    trial_s: float
    bisections: int
    join_cards: int
    pages_s: float


FULL = Effort(rounds=3, load_s=5, trial_s=3, bisections=3, join_cards=2_000, pages_s=12)
QUICK = Effort(rounds=1, load_s=2, trial_s=1.5, bisections=1, join_cards=500, pages_s=8)


@dataclass(frozen=True, slots=True)
class Subject:
    """One door of one server."""

    server: str
    door: str
    prefix: str

    @property
    def label(self) -> str:
        label = SERVERS[self.server].label
        address = {"yjs": "/yjs/open", "sync": f"/sync {self.prefix.rstrip('/')}"}.get(self.door)
        return f"{label} {address}" if address else label


class Bench:
    """Runs everything for some subjects and gathers what came out."""

    def __init__(self, subjects: list[Subject], effort: Effort, folder: Path) -> None:
        self.subjects = subjects
        self.effort = effort
        self.results: dict[str, dict[str, list[Any]]] = {each.label: {} for each in subjects}
        self._folder = folder
        self._runs = 0

    def run(self) -> None:
        """Measure in rounds, the servers in turn."""
        steps: list[tuple[str, Callable[[Subject], Any]]] = [
            ("latency", self.latency),
            ("join", self.join),
            ("killed", self.killed),
            ("highest", self.highest),
        ]
        for name, step in steps:
            for _ in range(self.effort.rounds):
                for subject in self.subjects:
                    self._keep(subject, name, lambda s=subject, f=step: f(s))
        for subject in self.subjects:
            if subject.server == "moim" and subject.prefix == "project/":
                for _ in range(self.effort.rounds):
                    self._keep(subject, "pages", lambda s=subject: self.pages(s))

    def latency(self, subject: Subject) -> dict[str, Any]:
        """100 people, each editing once a second."""
        with self.serving(subject) as server:
            return load(server, subject, rate=100, seconds=self.effort.load_s, writers=100)

    def highest(self, subject: Subject) -> dict[str, Any]:
        """The highest rate of 10 writers at which 100 readers get everything, p95 <= 100 ms."""
        trials: list[dict[str, Any]] = []

        def holds(rate: float) -> bool:
            for _ in range(2):  # other work on the machine fails a run now and then
                trials.append({"rate": rate, **self._trial(subject, rate)})
                if trials[-1]["ok"]:
                    return True
            return False

        passed, failed = 0.0, 50.0 if subject.server == "stock" else 500.0
        while failed <= TOO_FAST and holds(failed):
            passed, failed = failed, failed * 2
        while passed == 0 and failed > TOO_SLOW:
            if holds(failed / 2):
                passed = failed / 2
            else:
                failed /= 2
        for _ in range(self.effort.bisections if passed else 0):
            middle = (passed + failed) / 2
            if holds(middle):
                passed = middle
            else:
                failed = middle
        best = max((t for t in trials if t["ok"]), key=lambda t: t["rate"], default=None)
        return {"rate": passed, "best": best, "trials": trials}

    def _trial(self, subject: Subject, rate: float) -> dict[str, Any]:
        with self.serving(subject) as server:
            try:
                result = load(server, subject, rate=rate, seconds=self.effort.trial_s, writers=10)
            except RunFailed as error:
                return {"ok": False, "error": str(error)[-200:]}
        p95_ms = result["p95_ms"]
        ok = result["missing"] == 0 and p95_ms is not None and p95_ms <= P95_MS
        if subject.door == "sync":
            ok = ok and result["unacked"] == 0 and result["ack_p95_ms"] <= P95_MS
        return {"ok": ok, **result}

    def join(self, subject: Subject) -> dict[str, Any]:
        """100 clients joining a room that nobody has open, at once."""
        document = f"{subject.prefix}join"
        with self.serving(subject) as server:
            asked = {"document": document, "cards": self.effort.join_cards, "drain_s": 4}
            filled = generate(server, subject, run="fill", **asked)
            server.stop()
            server.start()
            asked["drain_s"] = 15
            result = generate(server, subject, run="join", clients=100, **asked)
        return {**result, "bytes": filled["bytes"]}

    def killed(self, subject: Subject) -> dict[str, Any]:
        """What somebody had seen, or had been acknowledged, and is gone after SIGKILL."""
        asked = {"document": f"{subject.prefix}killed", "rate": 100, "seconds": 4, "writers": 10}
        with self.serving(subject) as server:
            generator = Generator(server, subject, run="load", **asked)
            generator.wait_until_ready()
            time.sleep(2.5)
            server.kill()
            result = generator.result()
            server.start()
            read = {"run": "read", "document": asked["document"]}
            clocks = generate(server, subject, **read)["clocks"]
        return {
            "seen": sum(map(len, result["seen"].values())),
            "lost": _lost(result["seen"], clocks),
            "acked": sum(map(len, result["acked"].values())),
            "acked_lost": _lost(result["acked"], clocks),
        }

    def pages(self, subject: Subject) -> dict[str, Any]:
        """The latency of edits while 10 dashboard pages are opened."""
        with self.serving(subject, workers=1, demo=True) as server:
            url = f"http://127.0.0.1:{server.port}"
            script = [sys.executable, str(HERE / "pages.py"), url]
            subprocess.run([*script, "1"], check=True, capture_output=True, timeout=90)
            asked = {"rate": 100, "seconds": self.effort.pages_s, "writers": 100}
            asked["document"] = f"{subject.prefix}b"
            generator = Generator(server, subject, run="load", **asked)
            generator.wait_until_ready()
            time.sleep(0.5)
            opened = subprocess.run([*script, "10"], capture_output=True, text=True, timeout=120)
            result = _without_ends(generator.result())
        if opened.returncode:
            return {"error": opened.stderr[-300:], **result}
        times = json.loads(opened.stdout)
        return {**result, "page_s_max": max(times), "page_s_p50": statistics.median(times)}

    @contextmanager
    def serving(self, subject: Subject, workers: int = 0, demo: bool = False) -> Iterator[Server]:
        """Run the subject's server over a new database."""
        self._runs += 1
        server = SERVERS[subject.server](self._folder / f"{subject.server}-{self._runs}")
        if isinstance(server, Moim):
            server.workers, server.demo = workers, demo
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def _keep(self, subject: Subject, name: str, step: Callable[[], Any]) -> None:
        began_s = time.monotonic()
        try:
            result = step()
        except (RunFailed, RuntimeError, subprocess.SubprocessError) as error:
            result = {"error": str(error)[-300:]}
        self.results[subject.label].setdefault(name, []).append(result)
        took_s = time.monotonic() - began_s
        print(f"{took_s:5.1f} s  {subject.label}  {name}  {_brief(result)}", flush=True)


class RunFailed(Exception):
    """The generator ended with an error."""


class Generator:
    """A run of load.py; its first line says that it is about to send."""

    def __init__(self, server: Server, subject: Subject, **asked: Any) -> None:
        self._into = server.folder / "measured.json"
        self._into.unlink(missing_ok=True)
        plan = {"kind": subject.door, "host": "127.0.0.1", "port": server.port, **asked}
        plan["into"] = str(self._into)
        paths = [str(ROOT / part) for part in ("data", "sync")]
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "load.py"), json.dumps(plan)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def wait_until_ready(self) -> None:
        """Wait until it is about to send, or has failed."""
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def result(self) -> dict[str, Any]:
        """Wait for its end and give what it measured."""
        try:
            _, errors = self._process.communicate(timeout=150)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise RunFailed("the generator took more than 150 s") from None
        if self._process.returncode:
            raise RunFailed(errors.strip()[-500:])
        measured: dict[str, Any] = json.loads(self._into.read_text())
        return measured


def generate(server: Server, subject: Subject, **asked: Any) -> dict[str, Any]:
    """Run load.py to its end."""
    return Generator(server, subject, **asked).result()


def load(server: Server, subject: Subject, **asked: Any) -> dict[str, Any]:
    """Send edits into a document; adds what CPU the server spent on them, joining not counted."""
    asked = {"document": f"{subject.prefix}b", **asked}
    generator = Generator(server, subject, run="load", **asked)
    generator.wait_until_ready()
    before_s = server.cpu_s()
    result = _without_ends(generator.result())
    cpu_us = (server.cpu_s() - before_s) * 1e6
    return {**result, "cpu_us_per_delivery": cpu_us / max(1, result["delivered"])}


def _lost(seen: dict[str, list[int]], clocks: dict[str, int]) -> int:
    return sum(end > clocks.get(client, 0) for client, ends in seen.items() for end in ends)


def _without_ends(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in ("seen", "acked")}


def _brief(result: dict[str, Any]) -> str:
    shown = (
        "rate",
        "p50_ms",
        "p95_ms",
        "ack_p95_ms",
        "missing",
        "max_ms",
        "joined",
        "seen",
        "lost",
    )
    shown += ("acked_lost", "page_s_max", "error")
    parts = [f"{key} {_short(result[key])}" for key in shown if result.get(key) is not None]
    return ", ".join(parts)


def _short(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--servers", nargs="+", default=list(SERVERS), choices=list(SERVERS))
    parser.add_argument("--doors", nargs="+", default=None, help="only these doors of moim")
    parser.add_argument("--rounds", type=int, help="how often each figure is measured")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    install_peers(options.servers)
    subjects = [
        Subject(name, door, prefix)
        for name in options.servers
        for door, prefix in SERVERS[name].doors
        if options.doors is None or name != "moim" or door in options.doors
    ]
    effort = QUICK if options.quick else FULL
    if options.rounds:
        effort = replace(effort, rounds=options.rounds)
    with tempfile.TemporaryDirectory(prefix="moim-bench-") as folder:
        bench = Bench(subjects, effort, Path(folder))
        bench.run()
    markdown = write_report(bench.results, HERE / "results", quick=options.quick)
    if options.readme:
        write_into(HERE / "README.md", markdown)


if __name__ == "__main__":
    main()
