"""Wrong messages in the thousands against a real hub, in a process that may die of them.

What kills or confuses the hub is written to `tests/corpus/fuzz`, and played again by every run.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import wire_fuzz
from measures import Measures

CORPUS = Path(__file__).parents[1] / "corpus" / "fuzz"
SEED = 20261127
MOST_KEPT = 3
PER_PROCESS = 20_000
"""A process is renewed now and then, so that what one leaves behind hides nothing."""


def run(*arguments: str | Path, timeout_s: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, wire_fuzz.__file__, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


def keep(case: dict[str, Any]) -> Path:
    """Writes a room into the corpus, so that it is played again from now on."""
    text = json.dumps(case, indent=1)
    CORPUS.mkdir(exist_ok=True)
    file = CORPUS / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    file.write_text(text + "\n")
    return file


def fuzz(seed: int, count: int, record: Path, timeout_s: float) -> dict[str, Any]:
    done = run("fuzz", str(seed), str(count), record, timeout_s=timeout_s)
    if done.returncode != 0:
        kept = keep(json.loads(record.read_text()))
        pytest.fail(f"seed {seed}: the process ended with {done.returncode}, see {kept}")
    tally: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return tally


@pytest.mark.rule("P4", "W1")
@pytest.mark.parametrize(
    ("seed", "count"),
    [
        pytest.param(SEED, 5_000, id="5000", marks=pytest.mark.timeout(180)),
        pytest.param(
            SEED + 1, 200_000, id="200000", marks=[pytest.mark.trust, pytest.mark.timeout(1200)]
        ),
    ],
)
def test_F6_F7_F30_no_wrong_message_ends_the_hub_or_parts_a_room_from_its_log(
    tmp_path: Path, measures: Measures, seed: int, count: int
) -> None:
    taken = 0
    for first in range(0, count, PER_PROCESS):
        size = min(PER_PROCESS, count - first)
        tally = fuzz(seed + first, size, tmp_path / "record.json", timeout_s=60 + size / 20)
        taken += tally["taken"]
        measures.wrong_messages += tally["messages"]
        measures.quiet_points += tally["rooms"]
        measures.equal += tally["equal"]
        for finding in tally["findings"][:MOST_KEPT]:
            print(f"seed {seed + first}: {finding['what']}: {keep(finding['case'])}")
        assert not tally["findings"]
    assert taken > count / 10, "most of what is sent must not be refused at the first byte"


@pytest.mark.parametrize("case", sorted(CORPUS.glob("*.json")), ids=lambda case: case.stem)
def test_F7_what_once_went_wrong_goes_right(case: Path) -> None:
    done = run("replay", case, timeout_s=30)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1])["findings"] == []
