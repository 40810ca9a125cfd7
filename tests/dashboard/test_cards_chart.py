import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moim.colours import HUES, PALETTES
from moim.identity import HUES as PEOPLES_HUES
from moim.insights.cards_chart import CardsChart, bars
from moim.language import LANGUAGES, words
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument

TOKENS = Path(__file__).parents[2] / "dashboard" / "frontend" / "styles" / "tokens.css"
COLUMNS = ("todo", "doing", "done")
cards = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.sampled_from([*(f"{column}|a" for column in COLUMNS), "gone|a", "", "|"]),
            "members": st.lists(st.sampled_from("abcd"), unique=True),
        }
    )
)


@given(cards)
def test_bars_count_every_card_of_a_column_once_for_each_of_its_people(
    cards: list[dict[str, Any]],
) -> None:
    found = bars(COLUMNS, cards)
    for column in COLUMNS:
        here = [card for card in cards if card["place"].startswith(f"{column}|")]
        stacked = [bar for bar in found if bar.column == column]
        assert sum(bar.right - bar.left for bar in stacked) == sum(
            len(card["members"]) or 1 for card in here
        )
        edges = [0, *(bar.right for bar in stacked)]
        assert [bar.left for bar in stacked] == edges[:-1]
        assert None not in [bar.person for bar in stacked[:-1]]


@pytest.fixture
def project() -> ProjectDocument:
    made = ProjectDocument(LocalAccess())
    for column in ("todo", "done"):
        made.columns.add(id=column, name="Same name", status="ready")
    made.cards.add("one", "todo", id="c1", members=["sofia"])
    made.cards.add("two", "todo", id="c2")
    return made


@pytest.fixture
def workspace() -> WorkspaceDocument:
    made = WorkspaceDocument(LocalAccess())
    made.members.add("sofia", "Sofia", colour="orange")
    return made


@pytest.fixture
def chart(project: ProjectDocument, workspace: WorkspaceDocument) -> CardsChart:
    return CardsChart(project, workspace, PALETTES["light"], words("en"))


def rows(chart: CardsChart) -> list[tuple[str, str, int, str]]:
    data: Mapping[str, Any] = chart.figure.renderers[0].data_source.data
    return list(zip(data["column"], data["person"], data["count"], data["colour"], strict=True))


def test_the_chart_names_people_and_nobody(chart: CardsChart) -> None:
    light = PALETTES["light"]
    assert rows(chart) == [
        ("Same name", "Sofia", 1, light.marks["orange"]),
        ("Same name", "Nobody", 1, light.nobody),
    ]
    assert chart.figure.y_range.factors == ["Same name (2)", "Same name"]


def test_the_chart_follows_the_document(chart: CardsChart, project: ProjectDocument) -> None:
    project.move("c2", "done")
    project.cards["c2"].members.add("stranger")
    project.cards.delete("c1")
    chart.refresh()
    assert [row[:3] for row in rows(chart)] == [("Same name (2)", "stranger", 1)]


def test_colours_are_those_of_the_style_sheet() -> None:
    css = TOKENS.read_text(encoding="utf-8")
    dark_from = css.index('[data-theme="dark"]', css.index("color-scheme: light"))
    for theme, part in (("light", css[:dark_from]), ("dark", css[dark_from:])):
        for hue, colour in PALETTES[theme].marks.items():
            assert re.search(rf"--mo-{hue}: ([^;]+);", part)[1] == colour  # type: ignore[index]
    assert tuple(PALETTES["light"].marks) == tuple(PALETTES["dark"].marks) == HUES
    assert HUES == PEOPLES_HUES


def test_both_languages_have_the_same_words() -> None:
    english, korean = (words(language) for language in LANGUAGES)
    assert set(english) == set(korean)
    assert {f"colour.{hue}" for hue in HUES} <= set(english)
    assert words("xx") == english
