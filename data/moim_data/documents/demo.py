"""The demo: a small team in Seoul and Berlin, three days before a release.

Ids are the same every time (`workspace`, `project/launch`), so that addresses in guides and tests
stay good. Due dates lie around the day given.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.store import DocumentId

WORKSPACE_NAME: Final = "하늘연구소"


class _Person(NamedTuple):
    id: str
    name: str
    colour: str


class _Column(NamedTuple):
    id: str
    name: str
    status: str
    limit: int | None = None


class _Label(NamedTuple):
    id: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class _Card:
    number: int
    column: str
    title: str
    labels: str = ""
    members: str = ""
    priority: str | None = None
    estimate: float | None = None
    start: int | None = None
    """Days from today."""
    due: int | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class _Project:
    id: str
    name: str
    colour: str
    prefix: str
    description: str
    columns: tuple[_Column, ...]
    labels: tuple[_Label, ...]
    cards: tuple[_Card, ...]


PEOPLE: Final = (
    _Person("seoyeon", "박서연", "violet"),
    _Person("junho", "이준호", "blue"),
    _Person("sofia", "Sofia Almeida", "orange"),
    _Person("tom", "Tom Becker", "teal"),
    _Person("amara", "Amara Okafor", "yellow"),
    _Person("minji", "김민지", "pink"),
    _Person("daeun", "최다은", "red"),
    _Person("hyunwoo", "정현우", "green"),
)

_LAUNCH: Final = _Project(
    "launch",
    "Launch 2.0",
    "blue",
    "LN",
    "2.0 출시까지 남은 일. Everything that has to be true before we announce 2.0.",
    (
        _Column("backlog", "Backlog", "backlog"),
        _Column("ready", "Ready", "ready"),
        _Column("doing", "In progress", "doing", 4),
        _Column("review", "Review", "review", 3),
        _Column("done", "Done", "done"),
    ),
    (
        _Label("security", "Security", "red"),
        _Label("import", "Import", "orange"),
        _Label("research", "리서치", "yellow"),
        _Label("ops", "Ops", "green"),
        _Label("a11y", "접근성", "teal"),
        _Label("calendar", "캘린더", "blue"),
        _Label("sync", "Sync", "violet"),
        _Label("copy", "문구", "pink"),
    ),
    (
        _Card(142, "backlog", "Rate-limit share links and invite mails", "security", "", "high", 3),
        _Card(139, "backlog", "모바일에서 열 사이를 밀어서 전환", "a11y", "seoyeon", None, 5),
        _Card(137, "backlog", "Offer CSV export from every table view", "import", "", "low", 3),
        _Card(135, "backlog", "알림 요약 메일 문구 다듬기", "copy", "daeun", None, 1, due=10),
        _Card(131, "backlog", "Suggest a time that is free for everyone", "calendar", estimate=8),
        _Card(128, "backlog", "백업 복원 연습을 한 달에 한 번", "ops", "", None, 2),
        _Card(
            126,
            "ready",
            "Edit one event of a series, or all that follow",
            "calendar",
            "tom",
            "high",
            8,
            due=7,
            notes="Three questions people expect: this one, this and following, all of them.",
        ),
        _Card(
            124,
            "ready",
            "Safari drops the draft on login redirect",
            "security",
            "minji",
            "medium",
            2,
        ),
        _Card(122, "ready", "Trello import: report what was left out", "import", "amara", None, 3),
        _Card(
            121,
            "ready",
            "고객 인터뷰 5건 일정 잡기",
            "research",
            "minji daeun",
            None,
            2,
            due=1,
            notes="부산 고객 두 분은 화상으로. 질문지는 지난달 것을 다듬어 씁니다 🙂",
        ),
        _Card(
            119,
            "ready",
            "Keyboard: move a card and hear where it went",
            "a11y",
            "seoyeon",
            None,
            3,
        ),
        _Card(
            118,
            "doing",
            "Offline outbox survives a closed tab",
            "sync",
            "junho sofia",
            "urgent",
            5,
            start=-6,
            due=4,
            notes="열린 탭이 없어도 편집이 남아 있어야 합니다.\n\nstrict durability, one leader",
        ),
        _Card(117, "doing", "온보딩 첫 화면 카피", "copy", "daeun", None, 1, start=-2, due=0),
        _Card(
            115,
            "doing",
            "Week view: second time zone column",
            "calendar",
            "seoyeon",
            "medium",
            5,
            start=-4,
        ),
        _Card(
            114,
            "doing",
            "결제 샌드박스 키 교체",
            "ops security",
            "hyunwoo",
            None,
            1,
            start=-9,
            due=-3,
            notes="기다림: 결제사 회신",
        ),
        _Card(
            112,
            "doing",
            "Burndown follows the time slider",
            "sync",
            "amara junho",
            None,
            5,
            start=-3,
        ),
        _Card(
            110, "review", "접근성 점검: 키보드로 카드 이동", "a11y", "seoyeon tom", None, 3, due=2
        ),
        _Card(108, "review", "Overdue colour too dim in the dark theme", "a11y", "sofia", None, 1),
        _Card(106, "done", "Eight label hues, readable in both themes", "a11y", "sofia", None, 3),
        _Card(104, "done", "로그인 화면 한국어 번역", "copy", "daeun", None, 1),
        _Card(
            101,
            "done",
            "CSV import: dry run before anything changes",
            "import",
            "amara tom",
            "high",
            8,
        ),
        _Card(97, "done", "달력에 공휴일 겹쳐 보기", "calendar", "junho", None, 2),
        _Card(95, "done", "Restore a backup into an empty server", "ops", "hyunwoo", "high", 3),
        _Card(92, "done", "초대 링크 만료 시간 정하기", "security", "minji", None, 2),
    ),
)

_THREE_COLUMNS: Final = (
    _Column("todo", "할 일", "ready"),
    _Column("doing", "하는 중", "doing", 3),
    _Column("done", "끝", "done"),
)

_WEBSITE: Final = _Project(
    "website",
    "웹사이트 개편",
    "pink",
    "WEB",
    "새 소개 화면과 가격표",
    _THREE_COLUMNS,
    (_Label("design", "디자인", "violet"), _Label("copy", "문구", "pink")),
    (
        _Card(7, "todo", "가격표 문장 다시 쓰기", "copy", "daeun", "medium", 2, due=9),
        _Card(6, "todo", "팀 소개 사진 찍기", "design", "minji", None, 3, due=14),
        _Card(5, "doing", "첫 화면 시안 두 가지", "design", "sofia", "high", 5, start=-5, due=3),
        _Card(4, "done", "지금 사이트에서 없앨 쪽 고르기", "", "daeun", None, 1),
    ),
)

_RESEARCH: Final = _Project(
    "research",
    "고객 연구",
    "yellow",
    "RS",
    "여름부터 이어 온 인터뷰 정리",
    _THREE_COLUMNS,
    (_Label("interview", "인터뷰", "yellow"), _Label("survey", "설문", "teal")),
    (
        _Card(12, "todo", "설문 문항 줄이기", "survey", "amara", None, 2, due=6),
        _Card(11, "doing", "인터뷰 녹취 요약 3건", "interview", "minji", "high", 5, due=2),
        _Card(9, "done", "참가자 모집 글", "interview", "daeun", None, 1),
    ),
)

_OFFICE: Final = _Project(
    "office",
    "Office move",
    "green",
    "OM",
    "Berlin moves one street further in January",
    (
        _Column("todo", "To do", "ready"),
        _Column("doing", "Doing", "doing"),
        _Column("done", "Done", "done"),
    ),
    (_Label("it", "IT", "blue"), _Label("rooms", "Rooms", "orange")),
    (
        _Card(4, "todo", "Order network cabinets", "it", "tom", "high", 2, due=12),
        _Card(3, "todo", "Who sits where? 자리 배치", "rooms", "amara", None, 3, due=20),
        _Card(2, "doing", "Cancel the old cleaning contract", "", "tom", None, 1, due=-1),
    ),
)

PROJECTS: Final = (_LAUNCH, _WEBSITE, _RESEARCH, _OFFICE)


def demo_documents(today: date) -> dict[DocumentId, bytes]:
    """Give the demo's documents, each as one Yjs update; the same ids and order for each call."""
    random = Random(20)
    documents = {DocumentId("workspace"): _workspace(_author("seoyeon", today, 30, random.random))}
    for project in PROJECTS:
        documents[DocumentId(f"project/{project.id}")] = _project(project, today, random.random)
    return documents


def _author(person: str, today: date, days_ago: int, random: Callable[[], float]) -> Author:
    at = datetime.combine(today - timedelta(days=days_ago), time(1, 30), UTC).timestamp()
    return Author(lambda: person, lambda: at, random)


def _workspace(author: Author) -> bytes:
    access = LocalAccess()
    with access.transaction():
        document = WorkspaceDocument(access, author)
        document.info.name = WORKSPACE_NAME
        for person in PEOPLE:
            document.members.add(person.id, person.name, colour=person.colour)
        for project in PROJECTS:
            document.projects.add(
                id=project.id, name=project.name, colour=project.colour, created=author.now_ms()
            )
    return access.doc.get_update()


def _project(project: _Project, today: date, random: Callable[[], float]) -> bytes:
    access = LocalAccess()
    with access.transaction():
        document = ProjectDocument(access, _author("seoyeon", today, 30, random))
        document.info.update(description=project.description, prefix=project.prefix)
        for column in project.columns:
            document.columns.add(**column._asdict())
        for label in project.labels:
            document.labels.add(label.name, label.colour, id=label.id)
        for card in project.cards:
            _add_card(access, project, card, today, random)
    return access.doc.get_update()


def _add_card(
    access: LocalAccess,
    project: _Project,
    card: _Card,
    today: date,
    random: Callable[[], float],
) -> None:
    creator = (card.members or PEOPLE[card.number % len(PEOPLE)].id).split()[0]
    days_ago = max(1, (project.cards[0].number - card.number) // 2 + 1)
    cards = ProjectDocument(access, _author(creator, today, days_ago, random)).cards
    cards.add(
        card.title,
        card.column,
        id=f"{project.prefix.lower()}-{card.number}",
        number=card.number,
        labels=card.labels.split(),
        members=card.members.split(),
        **_set(
            {
                "priority": card.priority,
                "estimate": card.estimate,
                "start": _day(today, card.start),
                "due": _day(today, card.due),
                "notes": card.notes or None,
            }
        ),
    )


def _day(today: date, days: int | None) -> date | None:
    return None if days is None else today + timedelta(days=days)


def _set(values: Mapping[str, object]) -> dict[str, Any]:
    pairs: Iterable[tuple[str, object]] = values.items()
    return {name: value for name, value in pairs if value is not None}
