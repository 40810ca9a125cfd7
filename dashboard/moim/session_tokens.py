"""The address that gives a page its Panel session: a fresh, signed Bokeh token for one worker.

The token carries what the page shows, whose it is and their role: the page process takes both from
here only. It is given for documents that the person may read. It lives for a minute, so no cache
may keep it; asked again, it is how a page gets a new session after a worker's crash or a change of
role. While workers start, the answer waits for one; that there is none is an answer like others,
because a page cannot keep a browser from printing a refused request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from bokeh.core.types import ID
from bokeh.util.token import generate_jwt_token

from moim.access.access import Access, GuardedHandler
from moim.errors import WorkerAway
from moim.forwarding import SessionIds, WorkerChoice
from moim.panel_grant import PanelGrant, grant
from moim_data.documents.kinds import parse_document_id
from moim_data.documents.when import is_zone
from moim_data.errors import UnknownKind

_LIFETIME_S = 60
_PATIENCE_S = 20.0
# The fewest that Panel's components work with; versioned addresses are cached for good.
_SCRIPTS = [
    *(
        f"/static/js/{name}.min.js?v={version('bokeh')}"
        for name in ("bokeh", "bokeh-widgets", "bokeh-tables")
    ),
    f"/static/extensions/panel/panel.min.js?v={version('panel')}",
]
CHARTS = (
    "people",
    "cumulative",
    "burndown",
    "burnup",
    "cycle",
    "throughput",
    "ageing",
    "workload",
    "forecast",
)
"""The charts of the page's schema."""
MOST_CHARTS = 40
_THEMES = ("light", "dark")
_LANGUAGES = ("en", "ko")
_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Subject:
    """The argument that says what a session shows."""

    name: str
    check: Callable[[list[str]], list[str]]
    """Gives the values as they go into the token. Raises UnknownKind or ValueError."""


def _one_project(values: list[str]) -> list[str]:
    project = values[-1] if values else ""
    parse_document_id(f"project/{project}")
    return [project]


def _charts(values: list[str]) -> list[str]:
    if not 0 < len(values) <= MOST_CHARTS:
        raise ValueError(f"expected 1-{MOST_CHARTS} charts, got {len(values)}")
    for value in values:
        chart, _, project = value.partition(",")
        if chart not in CHARTS:
            raise ValueError(f"expected one of {', '.join(CHARTS)} as a chart, got {chart!r}")
        parse_document_id(f"project/{project}")
    return values


_SUBJECTS = {
    "project": Subject("project", _one_project),
    "page": Subject("chart", _charts),
}


class SessionTokenHandler(GuardedHandler):
    """GET `/panel/project/token?project=<id>` or `/panel/page/token?chart=<chart>,<project>&...`.

    Both take `theme`, `language` and `zone`, whose days charts show. Gives `{token, path,
    scripts}`; `{workers: 0}` where there are none, `{workers: n}` when none got ready in time.
    """

    def initialize(self, workers: WorkerChoice, access: Access, sessions: SessionIds) -> None:
        """Take who may ask, and where sessions live."""
        self._workers = workers
        self.access = access
        self._sessions = sessions

    async def get(self, page: str) -> None:
        """Answer as said; 404 for no page, 400 for a malformed question.

        403 for a foreign page, and for a person who may not read what they ask for.
        """
        assert self.who is not None
        if page not in _SUBJECTS:
            return self.refuse(404, f"expected one of {', '.join(_SUBJECTS)}, got {page}")
        try:
            arguments = self._arguments(_SUBJECTS[page])
            given = grant(self.access.gate, self.who, arguments)
        except (UnknownKind, ValueError) as error:
            return self.refuse(400, str(error))
        if given is None:
            return self.refuse(403, "you may not read this")
        if self._workers.count == 0:
            return self.send_json({"workers": 0})
        try:
            worker = await self._workers.pick_soon(_PATIENCE_S)
        except WorkerAway:
            return self.send_json({"workers": self._workers.count})
        token = self._token(worker.number, arguments, given)
        return self.send_json({"token": token, "path": f"/panel/{page}", "scripts": _SCRIPTS})

    def _arguments(self, subject: "Subject") -> dict[str, list[str]]:
        theme = _one_of(_THEMES, self.get_query_argument("theme", ""))
        language = _one_of(_LANGUAGES, self.get_query_argument("language", ""))
        zone = self.get_query_argument("zone", "")
        asked = subject.check(self.get_query_arguments(subject.name))
        return {
            subject.name: asked,
            "theme": [theme],
            "language": [language],
            "zone": [zone if is_zone(zone) else _ZONE],
        }

    def _token(self, worker: int, arguments: dict[str, list[str]], given: PanelGrant) -> str:
        payload = {
            "headers": given.headers(),
            "cookies": {},
            "arguments": {name: [v.encode() for v in values] for name, values in arguments.items()},
        }
        return generate_jwt_token(
            ID(self._sessions.new(worker)),
            secret_key=self._sessions.key,
            signed=True,
            extra_payload=payload,
            expiration=_LIFETIME_S,
        )


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    return value if value in allowed else allowed[0]
