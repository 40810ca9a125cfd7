"""The demo: a small team in Seoul and Berlin, days before a release.

Its people, boards, calendars and first page are data, a file each; `board`, `agenda` and `home`
make documents of them. Ids are the same every time (`project/launch`, `calendar/team`,
`page/home`), so that addresses in guides and tests stay good. Dates lie around the day given.
"""

from moim_data.documents.demo.documents import demo_documents

__all__ = ["demo_documents"]
