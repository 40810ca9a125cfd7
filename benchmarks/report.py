"""Turns what was measured into a table, a JSON file and a Markdown file."""

import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

Results = dict[str, dict[str, list[dict[str, Any]]]]

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

COLUMNS = (
    "server",
    "p50 / p95 ms at 100/s",
    "ack p95 ms",
    "CPU µs per delivery",
    "highest updates/s",
    "100 join a cold room, p95 ms",
    "lost after SIGKILL",
)


def write_report(results: Results, folder: Path, quick: bool) -> str:
    """Print the table and write it, with everything behind it, into a folder."""
    folder.mkdir(exist_ok=True)
    about = {
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "quick": quick,
        "cpus": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
    }
    markdown = to_markdown(results, about)
    print(markdown)
    (folder / "latest.md").write_text(markdown)
    (folder / "latest.json").write_text(json.dumps({"about": about, "results": results}, indent=1))
    return markdown


def write_into(readme: Path, markdown: str) -> None:
    """Put the table between the marks of a Markdown file."""
    before, rest = readme.read_text().split(BEGIN)
    _, after = rest.split(END)
    readme.write_text(f"{before}{BEGIN}\n{markdown}{END}{after}")


def to_markdown(results: Results, about: dict[str, Any]) -> str:
    """Give the table of medians."""
    lines = [
        f"Measured {about['at']} on {about['cpus']} CPUs ({about['machine']}), "
        f"Python {about['python']}{', quick' if about['quick'] else ''}; load average at the end "
        f"{about['load_average'][0]:.1f}.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{' --- |' * len(COLUMNS)}",
    ]
    lines += [f"| {' | '.join(_row(label, steps))} |" for label, steps in results.items()]
    for label, steps in results.items():
        if "pages" in steps:
            lines += ["", _pages(label, steps["pages"])]
    return "\n".join(lines) + "\n"


def _row(label: str, steps: dict[str, list[dict[str, Any]]]) -> list[str]:
    latency, join, killed = (steps.get(name, []) for name in ("latency", "join", "killed"))
    missing = sum(run.get("missing", 0) for run in latency)
    return [
        label,
        f"{_median(latency, 'p50_ms')} / {_median(latency, 'p95_ms')}"
        + (f" ({missing} missing)" if missing else ""),
        _median(latency, "ack_p95_ms"),
        _median(latency, "cpu_us_per_delivery", 1),
        _median(steps.get("highest", []), "rate", 0),
        _joins(join),
        _losses(killed),
    ]


def _joins(runs: list[dict[str, Any]]) -> str:
    joined = [run["joined"] for run in runs if "joined" in run]
    if not joined:
        return "failed"
    if min(joined) < 100:
        return f"{min(joined)} of 100 joined"
    return _median(runs, "p95_ms", 0)


def _losses(runs: list[dict[str, Any]]) -> str:
    counted = [run for run in runs if "lost" in run]
    if not counted:
        return "failed"
    text = f"{sum(run['lost'] for run in counted)} of {sum(run['seen'] for run in counted)} seen"
    if acked := sum(run["acked"] for run in counted):
        text += f", {sum(run['acked_lost'] for run in counted)} of {acked} acked"
    return text


def _pages(label: str, runs: list[dict[str, Any]]) -> str:
    return (
        f"{label} while 10 pages are opened: p50 / p95 {_median(runs, 'p50_ms')} / "
        f"{_median(runs, 'p95_ms')} ms, ack p95 {_median(runs, 'ack_p95_ms')} ms; the slowest page "
        f"had its Panel session after {_median(runs, 'page_s_max', 1)} s."
    )


def _median(runs: list[dict[str, Any]], key: str, digits: int = 1) -> str:
    values = [run[key] for run in runs if run.get(key) is not None]
    return f"{statistics.median(values):,.{digits}f}" if values else "–"
