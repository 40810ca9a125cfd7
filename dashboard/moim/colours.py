"""The colours of charts: canvas elements cannot read the page's style sheet.

A test holds them to `dashboard/frontend/styles/tokens.css`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HUES = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "pink")


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme: marks by hue, and what text and lines are drawn in."""

    marks: Mapping[str, str]
    text: str
    line: str
    nobody: str
    surface: str


PALETTES: Mapping[str, Palette] = {
    "light": Palette(
        {
            "red": "#dc5e59",
            "orange": "#ed8032",
            "yellow": "#dea71d",
            "green": "#3bac56",
            "teal": "#0aa7a4",
            "blue": "#2c90e8",
            "violet": "#9076e4",
            "pink": "#d15d9a",
        },
        text="#585853",
        line="#e5e4df",
        nobody="#d4d3cc",
        surface="#f7f7f4",
    ),
    "dark": Palette(
        {
            "red": "#ed8079",
            "orange": "#e68a4e",
            "yellow": "#e7b64a",
            "green": "#63bb73",
            "teal": "#06bcb8",
            "blue": "#5daaf5",
            "violet": "#a794f2",
            "pink": "#e37fb0",
        },
        text="#b0b0ab",
        line="#2b2c2f",
        nobody="#3a3b3f",
        surface="#131415",
    ),
}
