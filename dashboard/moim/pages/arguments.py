"""What a session was asked for: by its address, or by the token that the hub made."""

import panel as pn

from moim.colours import PALETTES
from moim.identity import PERSON_HEADER, ROLE_HEADER
from moim.language import LANGUAGES


def arguments(name: str) -> list[str]:
    """Give all values of an argument."""
    values = pn.state.session_args.get(name, []) if pn.state.curdoc else []
    return [value.decode() for value in values]


def argument(name: str, default: str, allowed: tuple[str, ...] | None = None) -> str:
    """Give an argument; the default where it is absent or none of those allowed."""
    value = next(iter(arguments(name)), default)
    return value if allowed is None or value in allowed else default


def may_edit() -> bool:
    """Say whether the session's person may edit what it shows; the hub says so, nobody else."""
    said = pn.state.headers.get(ROLE_HEADER, "") if pn.state.curdoc else ""
    return said in ("editor", "owner")


def person() -> str:
    """Give the id of the session's person; the hub says so, nobody else."""
    return str(pn.state.headers.get(PERSON_HEADER, "")) if pn.state.curdoc else ""


def theme_argument() -> str:
    """Give the page's theme."""
    return argument("theme", "light", tuple(PALETTES))


def language_argument() -> str:
    """Give the page's language; where nobody says which, that of the browser."""
    asked = pn.state.headers.get("Accept-Language", "") if pn.state.curdoc else ""
    browsers = str(asked)[:2].lower()
    default = browsers if browsers in LANGUAGES else LANGUAGES[0]
    return argument("language", default, LANGUAGES)
