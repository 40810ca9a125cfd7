"""How a message is posted, how it is signed, and where it never goes."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from moim.errors import UsageError
from moim.webhooks.public_addresses import AddressGuard, Allowed, RefusedAddress
from moim.webhooks.schedule import RETRY_S, pause_ms
from moim.webhooks.sender import ANSWER_BYTES, Found, Outcome, Sender
from moim.webhooks.signature import new_secret
from moim_data.accounts import Webhook
from webhook_rig import Receiver, verified

pytestmark = pytest.mark.anyio
NOW_MS = 1_700_000_000_000
BODY = '{"type":"ping","말":"예"}'


def webhook(url: str, **fields: Any) -> Webhook:
    secret = new_secret(lambda size: b"k" * size)
    made = Webhook("ab", "", "project/launch", url, "", "", secret, "", 0, "", 1)
    return replace(made, **fields)


@asynccontextmanager
async def sending(*allowed: str, **options: Any) -> AsyncIterator[Sender]:
    guard = AddressGuard([Allowed.parse(each) for each in allowed])
    with closing(Sender(guard, 4, **options)) as sender:
        yield sender


async def post(sender: Sender, url: str, **fields: Any) -> Outcome:
    return await sender.send(webhook(url, **fields), "msg_1", BODY, NOW_MS)


def names(*answers: list[str]) -> Any:
    """A name that stands for something else each time it is asked for; counts the questions."""

    async def lookup(host: str, port: int) -> list[Found]:
        found = answers[min(len(lookup.asked), len(answers) - 1)]  # type: ignore[attr-defined]
        lookup.asked.append(host)  # type: ignore[attr-defined]
        return [
            (socket.AF_INET6, (each, port, 0, 0)) if ":" in each else (socket.AF_INET, (each, port))
            for each in found
        ]

    lookup.asked = []  # type: ignore[attr-defined]
    return lookup


async def test_a_receiver_can_verify_what_it_got(tmp_path: Path) -> None:
    with Receiver() as receiver:
        async with sending("127.0.0.0/8") as sender:
            outcome = await post(sender, receiver.url)
    assert (outcome.status, outcome.error) == (204, "")
    ((headers, body),) = receiver.requests
    assert body == BODY.encode()
    assert headers["content-type"] == "application/json"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", str(NOW_MS // 1000))
    secret = webhook("").secret
    assert verified(secret, headers, body)
    assert not verified(secret, headers, body + b" ")
    assert not verified(secret, {**headers, "webhook-id": "msg_2"}, body)
    assert not verified(new_secret(lambda size: b"j" * size), headers, body)


def test_a_signature_is_the_one_that_the_specification_gives_as_an_example() -> None:
    from moim.webhooks.signature import signature_headers

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    message, at_s = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    headers = signature_headers(webhook("", secret=secret), message, body, at_s * 1000)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_both_secrets_sign_while_one_is_replaced_and_the_former_no_longer() -> None:
    from moim.webhooks.signature import signature_headers

    new, former = (new_secret(lambda size, byte=byte: byte * size) for byte in (b"n", b"f"))
    rotated = webhook("", secret=new, former_secret=former, former_until_ms=NOW_MS + 1)
    headers = signature_headers(rotated, "msg_1", b"{}", NOW_MS)
    assert verified(new, headers, b"{}")
    assert verified(former, headers, b"{}")
    later = signature_headers(rotated, "msg_1", b"{}", NOW_MS + 1)
    assert verified(new, later, b"{}")
    assert not verified(former, later, b"{}")


PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8",
    "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1",
    "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1",
    "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_a_network_of_ones_own_is_public(address: str) -> None:
    with pytest.raises(RefusedAddress, match="not public"):
        AddressGuard().check("receiver.test", 443, ["93.184.216.34", address])


def test_public_addresses_are_let_through_at_usual_ports_only() -> None:
    guard = AddressGuard()
    for port in (80, 443, 8080, 8443):
        guard.check("receiver.test", port, ["93.184.216.34", "2606:2800:220:1::1"])
    for port in (22, 25, 5432, 6379):
        with pytest.raises(RefusedAddress, match="port"):
            guard.check("receiver.test", port, ["93.184.216.34"])
    with pytest.raises(RefusedAddress, match="no address"):
        guard.check("receiver.test", 443, [])


def test_the_operator_lets_single_receivers_and_networks_in_and_nothing_beside_them() -> None:
    guard = AddressGuard([Allowed.parse(one) for one in ("Build.lan:9000", "10.1.0.0/16")])
    guard.check("build.LAN.", 9000, ["192.168.1.7"])
    guard.check("other.lan", 22, ["10.1.2.3"])
    for host, port, address in (
        ("build.lan", 9001, "192.168.1.7"),
        ("other.lan", 9000, "192.168.1.7"),
        ("other.lan", 443, "10.2.0.1"),
    ):
        with pytest.raises(RefusedAddress):
            guard.check(host, port, [address])
    guard = AddressGuard([Allowed.parse("[::1]:9000")])
    guard.check("::1", 9000, ["::1"])


@pytest.mark.parametrize(
    "text", ["", "host", "host:", "host:0", "10.0.0.1/8", "a b:1", "http://x:1"]
)
def test_a_setting_that_allows_nothing_certain_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--webhook-allow"):
        Allowed.parse(text)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433", "127.1", "0", "[::ffff:7f00:1]"],
)
async def test_no_spelling_of_this_machine_is_connected_to(host: str) -> None:
    with Receiver() as receiver:
        async with sending() as sender:
            outcome = await post(sender, f"http://{host}:{receiver.port}/")
    assert outcome.error
    assert outcome.status == 0
    assert receiver.requests == []
    if host in ("127.0.0.1", "localhost", "127.1", "2130706433"):
        assert outcome.is_refused, outcome


async def test_a_name_that_stands_for_a_private_address_is_not_connected_to() -> None:
    lookup = names(["93.184.216.34", "127.0.0.1"])
    with Receiver() as receiver:
        async with sending(lookup=lookup) as sender:
            outcome = await post(sender, f"http://receiver.test:{receiver.port}/")
    assert outcome.is_refused
    assert "127" not in outcome.error
    assert receiver.requests == []


async def test_the_connection_goes_to_what_was_checked_though_the_name_changes() -> None:
    lookup = names(["127.0.0.1"], ["10.0.0.1"])
    with Receiver() as receiver:
        async with sending("127.0.0.0/8", lookup=lookup) as sender:
            url = f"http://receiver.test:{receiver.port}/"
            first, second = await post(sender, url), await post(sender, url)
    assert (first.status, first.error) == (204, "")
    assert lookup.asked == ["receiver.test"] * 2
    assert second.is_refused
    assert receiver.requests[0][0]["host"] == f"receiver.test:{receiver.port}"
    assert len(receiver.requests) == 1


async def test_a_redirect_is_a_failure_and_leads_nowhere() -> None:
    with Receiver() as inner:

        def away(handler: RequestHandler) -> None:
            handler.redirect(inner.url, status=307)

        with Receiver(away) as receiver:
            async with sending(f"127.0.0.1:{receiver.port}") as sender:
                outcome = await post(sender, receiver.url)
    assert (outcome.status, outcome.is_refused) == (307, False)
    assert "redirect" in outcome.error
    assert inner.requests == []


@pytest.mark.parametrize("status", [200, 201, 299, 400, 404, 410, 429, 500, 503])
async def test_only_200_to_299_is_taken(status: int) -> None:
    def answer(handler: RequestHandler) -> None:
        handler.set_status(status, "Answer")
        handler.set_header("Retry-After", "120")

    with Receiver(answer) as receiver:
        async with sending("127.0.0.0/8") as sender:
            outcome = await post(sender, receiver.url)
    assert outcome.status == status
    assert outcome.is_taken == (status < 300)
    assert outcome.retry_after_s == (0 if status < 300 else 120)


async def test_a_silent_receiver_costs_so_long_and_no_longer() -> None:
    async def waits(handler: RequestHandler) -> None:
        await asyncio.sleep(60)

    with Receiver(lambda handler: waits(handler)) as receiver:
        async with sending("127.0.0.0/8", total_s=0.3) as sender:
            begun = time.monotonic()
            outcome = await post(sender, receiver.url)
    assert (outcome.status, outcome.error) == (0, "no answer in time")
    assert time.monotonic() - begun < 10


async def test_an_endless_answer_is_not_read_and_its_status_counts() -> None:
    async def endless(handler: RequestHandler) -> None:
        for _ in range(100):
            handler.write(b"x" * ANSWER_BYTES)
            await handler.flush()

    with Receiver(lambda handler: endless(handler)) as receiver:
        async with sending("127.0.0.0/8", total_s=10) as sender:
            outcome = await post(sender, receiver.url)
    assert (outcome.status, outcome.error) == (200, "")


async def test_hints_before_an_answer_are_not_the_answer() -> None:
    async def hints(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hints, "127.0.0.1", 0)
    async with server, sending("127.0.0.0/8") as sender:
        outcome = await post(sender, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert (outcome.status, outcome.error) == (204, "")


async def test_what_speaks_no_http_or_nothing_is_a_failure_in_words() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, sending("127.0.0.0/8") as sender:
        babbled = await post(sender, f"http://127.0.0.1:{port}/")
        secured = await post(sender, f"https://127.0.0.1:{port}/")
    async with sending("127.0.0.0/8") as sender:
        closed = await post(sender, f"http://127.0.0.1:{port}/")
    assert babbled.error
    assert secured.error == "no TLS connection"
    assert closed.error == "no connection: Connection refused"
    assert {one.status for one in (babbled, secured, closed)} == {0}


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of good.test that nobody has signed, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate")
    made = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=good.test"),
            *("-addext", "subjectAltName=DNS:good.test"),
            *("-out", str(made[0]), "-keyout", str(made[1])),
        ],
        check=True,
        capture_output=True,
    )
    return made


async def test_a_certificate_must_be_of_the_name_and_of_somebody_known(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Takes(RequestHandler):
        def post(self) -> None:
            self.set_status(204)

    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(*certificate)
    server = HTTPServer(Application([(r"/", Takes)]), ssl_options=served)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    try:
        async with sending("127.0.0.0/8", lookup=names(["127.0.0.1"])) as sender:
            unknown = await post(sender, f"https://good.test:{port}/")
            monkeypatch.setattr("tornado.simple_httpclient._client_ssl_defaults", lambda: trusting)
            good = await post(sender, f"https://good.test:{port}/")
            other = await post(sender, f"https://other.test:{port}/")
    finally:
        server.stop()
        await server.close_all_connections()
    assert (good.status, good.error) == (204, "")
    assert "certificate" in unknown.error
    assert "certificate" in other.error
    assert unknown.status == other.status == 0


def test_pauses_grow_to_hours_and_differ_a_little() -> None:
    def middle(failures: int) -> int:
        return pause_ms(failures, 0, lambda: 0.5)

    pauses = [middle(failures) for failures in range(1, 20)]
    assert pauses[: len(RETRY_S)] == [pause * 1000 for pause in RETRY_S]
    assert pauses == sorted(pauses)
    assert set(pauses[len(RETRY_S) :]) == {RETRY_S[-1] * 1000}
    assert pause_ms(1, 0, lambda: 0.0) < middle(1) < pause_ms(1, 0, lambda: 0.999)
    assert pause_ms(1, 7200, lambda: 0.0) == 7_200_000
