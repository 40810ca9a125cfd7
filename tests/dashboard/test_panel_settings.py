"""What makes pages cheaper must change nothing about them."""

import os
import re
import subprocess
import sys

import pytest

from moim_process import PYTHONPATH

PAGE = """
import json, sys
from moim import panel_settings
if sys.argv[1] == "cheaper":
    assert panel_settings.apply()
    assert panel_settings.apply()
if sys.argv[1] == "unknown":
    panel_settings.WRITTEN_FOR["bokeh"] = "0."
    assert not panel_settings.apply()
import panel as pn
pn.config.browser_info = False
from bokeh.core.property.bases import Property
from bokeh.document import Document
from bokeh.plotting import figure
from bokeh.themes import Theme

def page():
    plot = figure(title="t", height=200)
    plot.line([1, 2, 3], [3, 1, 2], legend_label="a")
    plot.scatter([1, 2], [2, 1], size=[3, 4])
    return pn.Column(plot, pn.widgets.TextInput(name="n"), pn.widgets.Select(options=["a"]))

for theme in (None, Theme(json={"attrs": {"Title": {"text_color": "red"}}})):
    for _ in range(2):
        document = Document()
        if theme is not None:
            document.theme = theme
        page().server_doc(document, location=False)
        print(json.dumps(document.to_json(), default=repr, sort_keys=True))
print(Property.themed_default.__module__)
"""


def pages(how: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", PAGE, how],
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    return [re.sub(r"p\d+|__ref:\w+|_thread_id\W+\d+|@[0-9a-f-]{36}", "-", line) for line in lines]


@pytest.mark.timeout(120)
def test_cheaper_pages_are_the_same_pages() -> None:
    plain, cheaper = pages("plain"), pages("cheaper")
    assert len(plain) == 5
    assert plain[:4] == cheaper[:4]
    assert plain[4].startswith("bokeh.")
    assert cheaper[4] == "moim.panel_settings"


def test_with_other_versions_nothing_is_changed() -> None:
    assert pages("unknown")[4].startswith("bokeh.")
