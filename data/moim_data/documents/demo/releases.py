"""The calendar of what the demo's team ships, and when."""

from typing import Final

from moim_data.documents.demo.agenda import BERLIN, Agenda, Change, Entry, from_today, nth, week

RELEASES: Final = Agenda(
    "releases",
    "Product releases",
    "green",
    "What ships when, and who watches it. 배포와 동결.",
    (
        Entry(
            "Release review",
            week(-5, "tue"),
            "09:00",
            45,
            zone=BERLIN,
            members="sofia tom junho hyunwoo",
            rule="FREQ=WEEKLY;BYDAY=TU",
            id="release-review",
            changes=(Change(week(0, "tue"), title="Release review: go or no go for 2.0"),),
        ),
        Entry(
            "정기 점검",
            nth(-2, 3, "thu"),
            "02:00",
            120,
            members="hyunwoo",
            rule="FREQ=MONTHLY;BYDAY=3TH",
            notes="백업 확인, 인증서, 디스크. 끝나면 한 줄 남기기.",
        ),
        Entry("당번: 현우", week(-1, "mon"), days=7, members="hyunwoo"),
        Entry("당번: 준호", week(0, "mon"), days=7, members="junho"),
        Entry("On call: Tom", week(1, "mon"), days=7, members="tom"),
        Entry("당번: 현우", week(2, "mon"), days=7, members="hyunwoo"),
        Entry("2.0-beta3", week(-3, "thu"), "10:00", 30, members="tom"),
        Entry("2.0-beta4", week(-2, "thu"), "10:00", 30, members="tom"),
        Entry("2.0-rc0", week(-1, "fri"), "10:00", 30, members="tom junho"),
        Entry("2.0-rc1", from_today(1), "10:00", 30, members="tom junho", id="rc1"),
        Entry(
            "코드 동결 2.0",
            from_today(1),
            days=3,
            members="junho tom",
            notes="고치는 것만, 두 사람이 보고 나서.",
            id="freeze",
        ),
        Entry(
            "Demo day 2.0",
            from_today(2),
            "16:00",
            90,
            members="seoyeon minji junho daeun hyunwoo tom sofia amara",
            location="회의실 한강, Berlin kitchen",
            id="demo-day",
        ),
        Entry("데모 연습", from_today(2), "14:00", 60, members="junho amara"),
        Entry("2.0 출시", from_today(6), "10:00", 60, members="seoyeon tom", id="launch-day"),
        Entry("출시 지켜보기", from_today(6), "11:00", 360, members="hyunwoo junho"),
        Entry("2.0.1, if anything bites", from_today(9), "10:00", 30, status="tentative"),
        Entry("Press briefing, online", from_today(5), "11:00", 45, zone=BERLIN, members="amara"),
        Entry("번역 마감", from_today(3), members="daeun amara"),
        Entry("연말 동결", week(4, "mon"), days=14, members="seoyeon"),
        Entry("2.1 범위 정하기", week(2, "tue"), "15:00", 90, members="seoyeon sofia junho"),
        Entry("Penetration test, external", week(3, "mon"), days=4, members="hyunwoo"),
    ),
)
