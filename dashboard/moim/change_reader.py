"""Asks a server for the log of changes of a document, from any thread."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from moim.change import Change
from moim.errors import ReadingFailed


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One answer."""

    lineage: str
    changes: tuple[Change, ...]
    next: str
    more: bool


class ChangeReader:
    """Reads logs at one server.

    Args:
        url: its address, `http://localhost:5006` or that of its `/sync`.
        headers: who asks, as a token or a cookie.
    """

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float = 20.0) -> None:
        self._url = _http_url(url)
        self._headers = dict(headers)
        self._timeout_s = timeout_s

    def page(self, document: str, since: str = "0") -> ChangePage:
        """Give the changes after a place, a thousand at most.

        Raises:
            ReadingFailed: the server does not answer, or does not give them.
        """
        address = f"{self._url}/api/{document}/changes?since={since}"
        try:
            with urlopen(
                Request(address, headers=self._headers), timeout=self._timeout_s
            ) as answer:
                said: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            raise ReadingFailed(f"{document}: the server answers {error.code}") from error
        except (URLError, OSError, ValueError) as error:
            raise ReadingFailed(f"{document}: its changes cannot be read: {error}") from error
        changes = tuple(map(Change.read, said["changes"]))
        return ChangePage(said["lineage"], changes, said["next"], said["more"])

    def all(self, document: str) -> list[Change]:
        """Give the whole log of a document, oldest first. Raises ReadingFailed."""
        found: list[Change] = []
        page = self.page(document)
        found += page.changes
        while page.more:
            page = self.page(document, page.next)
            found += page.changes
        return found


def _http_url(url: str) -> str:
    scheme, _, rest = url.removesuffix("/sync").rstrip("/").partition("://")
    return f"{scheme.replace('ws', 'http')}://{rest}"
