"""The calendar of the talks that the demo's team has with customers and applicants."""

from typing import Final

from moim_data.documents.demo.agenda import BERLIN, Agenda, Change, Entry, from_today, week

INTERVIEWS: Final = Agenda(
    "interviews",
    "고객 인터뷰",
    "yellow",
    "고객과 지원자를 만나는 자리. Two of us at most, notes the same day.",
    (
        Entry(
            "인터뷰 정리",
            week(-4, "fri"),
            "14:00",
            60,
            members="minji daeun",
            rule="FREQ=WEEKLY;BYDAY=FR",
            changes=(Change(week(1, "fri")),),
        ),
        Entry(
            "Customer hour, open to all",
            week(-3, "wed"),
            "15:00",
            60,
            zone=BERLIN,
            members="amara",
            rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
            url="https://meet.moim.example/customers",
        ),
        Entry("인터뷰 · 다온건설", week(-3, "tue"), "14:00", 60, members="minji"),
        Entry("인터뷰 · 미래약국", week(-2, "mon"), "15:00", 60, members="minji daeun"),
        Entry(
            "Interview: Kiezbäckerei", week(-2, "wed"), "10:00", 45, zone=BERLIN, members="amara"
        ),
        Entry("인터뷰 · 한빛물류", week(-1, "mon"), "11:00", 60, members="minji"),
        Entry(
            "Interview: Atelier Nord", week(-1, "thu"), "13:00", 45, zone=BERLIN, members="amara"
        ),
        Entry("인터뷰 · 서울도서관", from_today(-1), "15:00", 60, members="daeun"),
        Entry("인터뷰 · 그린마트", from_today(1), "10:30", 60, members="minji", location="2층"),
        Entry("지원자 면접 · 백엔드", from_today(0), "14:00", 60, members="junho seoyeon"),
        Entry(
            "Interview: Stadtwerke", from_today(1), "14:30", 45, zone=BERLIN, members="amara tom"
        ),
        Entry("지원자 면접 · 디자인", from_today(2), "11:00", 60, members="seoyeon minji"),
        Entry("부산 고객 화상 · 동백상사", from_today(3), "10:00", 45, members="daeun"),
        Entry("부산 고객 화상 · 오름여행", from_today(3), "11:00", 45, members="daeun minji"),
        Entry("Interview: Radwerk", week(1, "tue"), "11:00", 45, zone=BERLIN, members="amara"),
        Entry("인터뷰 · 새봄유치원", week(1, "tue"), "15:00", 60, members="daeun"),
        Entry(
            "Second round, backend", week(1, "wed"), "09:30", 90, zone=BERLIN, members="tom sofia"
        ),
        Entry(
            "인터뷰 · 강릉서점", week(1, "thu"), "14:00", 60, members="daeun", status="tentative"
        ),
        Entry("사용성 시험 여섯 분", week(2, "mon"), days=2, members="minji sofia", location="2층"),
        Entry(
            "Interview: Hafen e. V.", week(2, "thu"), "16:00", 45, zone=BERLIN, status="tentative"
        ),
        Entry("인터뷰 회고", week(2, "fri"), "15:00", 60, members="minji daeun amara"),
        Entry("고객 자문 모임", week(3, "thu"), "16:00", 120, members="seoyeon minji amara"),
        Entry("설문 마감", week(1, "fri"), members="amara"),
        Entry(
            "인터뷰 · 온누리의원", week(3, "tue"), "13:00", 60, members="minji", status="tentative"
        ),
        Entry("감사 선물 보내기", week(4, "mon"), members="daeun"),
    ),
)
