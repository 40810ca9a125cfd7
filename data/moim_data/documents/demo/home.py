"""The first page of the demo: a note, what is under way, and what comes next."""

from typing import Any, Final

from moim_data.documents.access import LocalAccess
from moim_data.documents.demo.people import Days
from moim_data.documents.page import PageDocument

HOME_ID: Final = "home"
HOME_NAME: Final = "주간 리뷰"

WELCOME: Final = """\
# 이번 주

코드 동결과 **Demo day 2.0** 이 코앞입니다. 날짜는 아래 달력에 있어요. 남은 것은
[오프라인 큐](/project/launch?card=ln-118)와 [반복 일정](/project/launch?card=ln-126) 둘입니다.

- Berlin tests the import until the demo: **Sofia** and **Tom**
- Decided: a limit of 4 stays a warning, never a wall
- 결제사 회신이 없으면 [LN-114](/project/launch?card=ln-114)는 다음 배포로 넘깁니다

> This page is a document like every other: change a word here and everybody sees it,
> with or without a connection.
"""

LINKS: Final = """\
## 자주 묻는 것

**배포는 누가 하나요?** 그 주의 당번이 합니다. 달력 *Product releases* 에 이름이 있어요.

**Where do customer quotes go?** Into the notes of the interview's event, the same day.

**휴가는 어떻게 알리나요?** *팀 일정* 에 종일 일정으로 적으면 됩니다.
"""

CELLS: Final[tuple[dict[str, Any], ...]] = (
    {"id": "week", "kind": "note", "text": WELCOME},
    {"id": "who", "kind": "chart", "title": "Who has what", "project": "launch", "chart": "people"},
    {"id": "board", "kind": "board", "title": "Launch 2.0", "project": "launch", "height": 520},
    {
        "id": "days",
        "kind": "calendar",
        "title": "다음 며칠",
        "calendars": ["team", "releases", "interviews"],
        "projects": ["launch"],
        "view": "week",
        "height": 640,
    },
    {"id": "answers", "kind": "note", "text": LINKS},
)


def home_update(days: Days) -> bytes:
    """Make the document of the page; give it as one Yjs update."""
    access = LocalAccess()
    with access.transaction():
        document = PageDocument(access, days.author("sofia", 6))
        document.info.description = "월요일 아침에 함께 보는 한 쪽"
        for cell in CELLS:
            document.cells.add(**cell)
    return access.doc.get_update()
