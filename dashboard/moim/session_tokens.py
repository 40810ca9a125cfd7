"""The address that gives a page its Panel session: a fresh, signed Bokeh token for one worker.

The token carries what the page shows. It lives for a minute, so no cache may keep it; asked again,
it is how a page gets a new session after a worker's crash. While workers start, the answer waits
for one; that there is none is an answer like others, because a page cannot keep a browser from
printing a refused request.
"""

from importlib.metadata import version

from bokeh.core.types import ID
from bokeh.util.token import generate_jwt_token

from moim.errors import WorkerAway
from moim.forwarding import SessionIds, WorkerChoice
from moim.identity import Origins
from moim.web import BaseHandler
from moim_data.documents.kinds import parse_document_id
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
_THEMES = ("light", "dark")
_LANGUAGES = ("en", "ko")


class SessionTokenHandler(BaseHandler):
    """GET `/panel/<page>/token?project=<id>&theme=&language=`.

    Gives `{token, path, scripts}`; `{workers: 0}` where there are none, `{workers: n}` when none of
    them got ready in time.
    """

    def initialize(self, workers: WorkerChoice, origins: Origins, sessions: SessionIds) -> None:
        """Take who may ask, and where sessions live."""
        self._workers = workers
        self._origins = origins
        self._sessions = sessions

    async def get(self, page: str) -> None:
        """Answer as said; 403 for a foreign page, 400 for a malformed question."""
        if not self._origins.allowed(self.request):
            return self.refuse(403, "this page is not of this server")
        try:
            arguments = self._arguments()
        except UnknownKind as error:
            return self.refuse(400, str(error))
        if self._workers.count == 0:
            return self.send_json({"workers": 0})
        try:
            worker = await self._workers.pick_soon(_PATIENCE_S)
        except WorkerAway:
            return self.send_json({"workers": self._workers.count})
        token = self._token(worker.number, arguments)
        return self.send_json({"token": token, "path": f"/panel/{page}", "scripts": _SCRIPTS})

    def _arguments(self) -> dict[str, list[str]]:
        project = self.get_query_argument("project", "")
        parse_document_id(f"project/{project}")
        theme = _one_of(_THEMES, self.get_query_argument("theme", ""))
        language = _one_of(_LANGUAGES, self.get_query_argument("language", ""))
        return {"project": [project], "theme": [theme], "language": [language]}

    def _token(self, worker: int, arguments: dict[str, list[str]]) -> str:
        payload = {
            "headers": {},
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
