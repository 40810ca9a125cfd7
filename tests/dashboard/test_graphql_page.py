"""`docs/graphql.md`: its program runs, and its numbers are those of the program."""

import os
import re
import subprocess
from pathlib import Path

from moim.graphql.cost import LIST, PRICES
from moim.graphql.failures import FailureCode
from moim.graphql.limits import GraphqlLimits
from moim_process import MoimProcess
from peers.peer_process import FOLDER, node

PAGE = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text()


def test_the_program_of_the_page_runs_on_the_demo(demo: MoimProcess) -> None:
    (program,) = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
    ran = subprocess.run(
        [node(), "--input-type=module", "-e", program],
        cwd=FOLDER,
        env={**os.environ, "MOIM_URL": demo.url},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "24 cards, version 1"
    assert "made Written by a program" in lines
    assert "version 2: Written by a program" in lines
    assert "25 cards, version 1" in lines


def test_the_numbers_of_the_page_are_the_limits() -> None:
    limits, told = GraphqlLimits(), " ".join(PAGE.partition("## Limits")[2].split())
    for words in (
        f"{limits.body_bytes // 1024} kB",
        f"{limits.tokens:,} words",
        f"{limits.fields:,} fields",
        f"{limits.depth} deep",
        f"at most {limits.alike} times",
        f"cost {limits.cost:,}",
        f"counts {LIST} times",
        f"`events` is {PRICES['Calendar.events']}",
        f"the schema {PRICES['__schema']:,}",
        f"{limits.items:,} things",
        f"runs {limits.operations} operations",
        f"takes {limits.messages_per_s:g} messages a second",
        f"within {limits.init_s:g} s",
        f"every {limits.ping_s:g} s",
        f"at most {1 / limits.gap_s:g} messages a second",
    ):
        assert words in told, words
    assert f"an array of up to {limits.batch}" in PAGE


def test_every_code_of_a_failure_is_told() -> None:
    table = PAGE.partition("## Mutations")[2].partition("## Subscriptions")[0]
    for code in FailureCode:
        assert f"`{code.name}`" in table, code
