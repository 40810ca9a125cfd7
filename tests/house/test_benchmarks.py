"""The load generator of benchmarks/ against a real server: what it counts is what happened."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from moim_process import PYTHONPATH, MoimProcess, free_port

LOAD = Path(__file__).parents[2] / "benchmarks" / "load.py"


def generate(server: MoimProcess, **asked: Any) -> dict[str, Any]:
    into = server.folder / "measured.json"
    plan = {"host": "127.0.0.1", "port": server.port, "cards": 20, "into": str(into), **asked}
    subprocess.run(
        [sys.executable, LOAD, json.dumps(plan)],
        env=os.environ | {"PYTHONPATH": PYTHONPATH},
        check=True,
        timeout=40,
    )
    result: dict[str, Any] = json.loads(into.read_text())
    return result


@pytest.mark.parametrize(("door", "document"), [("yjs", "open/b"), ("sync", "project/b")])
def test_every_edit_of_a_load_reaches_every_other_client(
    tmp_path: Path, door: str, document: str
) -> None:
    clients = {"clients": 5, "writers": 3}
    with MoimProcess(tmp_path, free_port(), "--workers", "0") as server:
        load = {"kind": door, "document": document, "rate": 60, "seconds": 0.5, "drain_s": 20}
        result = generate(server, run="load", **load, **clients)
        clocks = generate(server, run="read", kind=door, document=document)["clocks"]
    assert (result["edits"], result["delivered"], result["missing"]) == (30, 30 * 4, 0)
    assert result["closed"] == 0
    assert 0 < result["p50_ms"] <= result["p95_ms"]
    assert result["unacked"] == (0 if door == "sync" else None)
    assert {client: clocks[client] for client in result["seen"]} == dict.fromkeys(
        result["seen"], 10
    )
