"""Every rule of PROTOCOL.md is borne by a test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULE = re.compile(r"^- \*\*([A-Z]\d+)\*\*", re.MULTILINE)
PYTHON_MARK = re.compile(r"mark\.rule\(([^)]*)\)")
TITLE_ID = re.compile(r"\[([A-Z]\d+(?:[, ]+[A-Z]\d+)*)\]")
RULE_ID = re.compile(r"[A-Z]\d+")


def rules() -> set[str]:
    return set(RULE.findall((ROOT / "sync/PROTOCOL.md").read_text()))


def borne() -> set[str]:
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("*.py"):
        for mark in PYTHON_MARK.findall(file.read_text()):
            found |= set(RULE_ID.findall(mark))
    for file in (ROOT / "dashboard/frontend").rglob("*.test.ts*"):
        if "node_modules" not in file.parts:
            for title in TITLE_ID.findall(file.read_text()):
                found |= set(RULE_ID.findall(title))
    return found


def test_every_rule_of_the_protocol_is_borne_by_a_test() -> None:
    assert rules()
    assert rules() - borne() == set()


def test_no_test_bears_a_rule_that_does_not_exist() -> None:
    protocol = {rule for rule in borne() if not rule.startswith("F")}
    assert protocol - rules() == set()
