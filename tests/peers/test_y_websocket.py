"""A plain `y-websocket` client from npm beside a browser: neither knows what the other is."""

import pytest
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from board_page import BoardPage, placed
from browser_windows import Windows
from moim_process import MoimProcess
from peers.peer_process import PeerProcess

pytestmark = pytest.mark.timeout(120)
LAUNCH = "project/launch"
WINDOW = {"viewport": {"width": 1440, "height": 1600}, "locale": "en-US"}


def test_two_peers_share_an_open_document_that_nobody_made_before(demo: MoimProcess) -> None:
    with PeerProcess(demo.url, "open/x") as one, PeerProcess(demo.url, "open/x") as two:
        assert one.tell("synced")
        assert two.tell("synced")
        one.tell("set", "notes", "한글", "모임 🙂")
        two.wait_until("read", "notes", is_={"한글": "모임 🙂"})
        two.tell("insert", "text", 0, "안녕 🙂 world")
        one.wait_until("text", "text", is_="안녕 🙂 world")
        one.tell("insert", "text", 6, "big ")
        two.wait_until("text", "text", is_="안녕 🙂 big world")


def test_peers_see_each_other_and_notice_when_one_leaves(demo: MoimProcess) -> None:
    with PeerProcess(demo.url, "open/faces") as one:
        one.tell("synced")
        one.tell("present", "Ada")
        with PeerProcess(demo.url, "open/faces") as two:
            two.tell("synced")
            two.tell("present", "Grace")
            two.wait_until("names", is_=["Ada", "Grace"])
            one.wait_until("names", is_=["Ada", "Grace"])
        one.wait_until("names", is_=["Ada"], timeout_s=2)


def test_an_open_document_is_there_after_the_server_was_killed(demo: MoimProcess) -> None:
    with PeerProcess(demo.url, "open/kept") as one, PeerProcess(demo.url, "open/kept") as witness:
        one.tell("synced")
        witness.tell("synced")
        one.tell("set", "notes", "kept", True)
        witness.wait_until("read", "notes", is_={"kept": True})
    demo.kill()
    demo.start()
    with PeerProcess(demo.url, "open/kept") as late:
        late.tell("synced")
        late.wait_until("read", "notes", is_={"kept": True})


@pytest.mark.browser
def test_a_peer_and_a_browser_edit_one_board(demo: MoimProcess, windows: Windows) -> None:
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", **WINDOW)).ready()
    column = board.columns()[0]
    with PeerProcess(demo.url, LAUNCH) as peer:
        assert peer.tell("synced")
        card = {"title": "From y-websocket", "place": f"{column}|zV", "number": 900}
        peer.tell("entity", "cards", "from-peer", card)
        board.expect_title("from-peer", "From y-websocket")
        board.rename("from-peer", "브라우저가 바꿈")
        board.expect_pill("saved")
        peer.wait_until("read", "cards", is_=demo.document(LAUNCH)["data"]["cards"])
        assert peer.tell("read", "cards")["from-peer"]["title"] == "브라우저가 바꿈"
        peer.tell("field", "cards", "from-peer", "place", f"{board.columns()[1]}|zV")
        moved = board.column(board.columns()[1]).locator('[data-id="from-peer"]')
        expect(moved).to_be_visible()
    assert placed(demo.document(LAUNCH)["data"])[board.columns()[1]][-1] == "from-peer"


def test_a_project_that_does_not_exist_is_closed_with_4404(demo: MoimProcess) -> None:
    address = demo.url.replace("http", "ws", 1) + "/yjs/project/nobody-made-this"
    with connect(address) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            exhaust(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4404


def exhaust(socket: ClientConnection) -> None:
    """Reads until the server closes."""
    while True:
        socket.recv(timeout=5)
