"""The settings of `moim serve`: every flag is also read from the environment as MOIM_<FLAG>."""

import argparse
import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from moim.errors import UsageError
from moim.webhooks.public_addresses import Allowed

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
_AUTH = ("none", "password")


@dataclass(frozen=True, slots=True)
class Settings:
    """What `moim serve` was asked to do."""

    host: str = "127.0.0.1"
    port: int = 5006
    db: Path = Path("moim.db")
    workers: int = 1
    demo: bool = False
    reset: bool = False
    """Begin anew: what the file held is moved aside first."""
    auth: str = "none"
    trust_network: bool = False
    """Guests without a password are welcome from other machines."""
    origins: tuple[str, ...] = ()
    """Public addresses (`https://moim.example.org`) that a proxy in front serves us under."""
    webhook_allow: tuple[Allowed, ...] = ()
    """Where webhooks may go besides the public internet."""

    @property
    def loopback(self) -> bool:
        """True when only this machine can reach the server."""
        return _is_loopback(self.host)

    @property
    def secret_file(self) -> Path:
        """Where the secret of the cookies lies: beside the database, kept over restarts."""
        return self.db.with_name(self.db.name + ".secret")

    def url_at(self, port: int) -> str:
        """Give the address that a person on this machine opens."""
        host = "127.0.0.1" if self.host in ("", "0.0.0.0", "::") else self.host
        return f"http://{_bracketed(host)}:{port}"


def add_serve_arguments(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Declare the flags of `moim serve`; the environment gives their defaults."""

    def setting(name: str, default: str) -> str:
        return environ.get(f"MOIM_{name}", default)

    for flag, default, kind, words in (
        ("host", "127.0.0.1", str, "address to listen on"),
        ("port", "5006", _port, "0 picks a free one"),
        ("db", "moim.db", Path, "database file"),
        ("workers", "1", _count, "page processes; 0 for none"),
    ):
        parser.add_argument(
            f"--{flag}",
            type=kind,
            default=setting(flag.upper(), default),
            help=f"{words} (default {default})",
        )
    parser.add_argument(
        "--auth",
        choices=_AUTH,
        default=setting("AUTH", "none"),
        help="who may come in: guests, or people with a password (`moim user`)",
    )
    parser.add_argument(
        "--origin",
        action="append",
        dest="origins",
        default=None,
        help="public address when a proxy is in front; may be repeated (MOIM_ORIGIN: with commas)",
    )
    parser.add_argument(
        "--webhook-allow",
        action="append",
        default=None,
        metavar="WHERE",
        help="HOST:PORT or network that webhooks may go to though it is not public; may be "
        "repeated (MOIM_WEBHOOK_ALLOW: with commas)",
    )
    for flag, words in (
        ("demo", "put the demo's boards, calendars and page in, once"),
        ("reset", "with --demo: move the database file aside and begin anew"),
        ("trust-network", "let guests without a password in from other machines"),
    ):
        parser.add_argument(
            f"--{flag}",
            action=argparse.BooleanOptionalAction,
            default=flag_of(environ, f"MOIM_{flag.upper().replace('-', '_')}"),
            help=words,
        )


def read_settings(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    """Check the parsed flags against one another.

    Raises:
        UsageError: the flags do not fit together, or a variable holds no legal value.
    """
    origins: Sequence[str] = arguments.origins or _split(environ.get("MOIM_ORIGIN", ""))
    allowed: Sequence[str] = arguments.webhook_allow or _split(
        environ.get("MOIM_WEBHOOK_ALLOW", "")
    )
    if arguments.auth not in _AUTH:
        raise UsageError(f"MOIM_AUTH: expected one of {', '.join(_AUTH)}, got {arguments.auth!r}")
    settings = Settings(
        host=arguments.host,
        port=arguments.port,
        db=arguments.db,
        workers=arguments.workers,
        demo=arguments.demo,
        reset=arguments.reset,
        auth=arguments.auth,
        trust_network=arguments.trust_network,
        origins=tuple(_origin(each) for each in origins),
        webhook_allow=tuple(Allowed.parse(each) for each in allowed),
    )
    if settings.reset and not settings.demo:
        raise UsageError(
            "--reset puts the demo back as it was and means nothing without --demo: add --demo, or "
            "leave --reset out"
        )
    if settings.auth == "none" and not settings.loopback and not settings.trust_network:
        raise UsageError(
            f"--host {settings.host} is reachable from other machines and --auth none asks nobody "
            "for a password. Add --trust-network if everybody who can reach this address may read "
            "and edit everything, ask for passwords with --auth password, or listen on 127.0.0.1."
        )
    return settings


def plugin_settings(environ: Mapping[str, str]) -> Settings:
    """Read what `panel serve --plugins moim.plugin` can be told: there are no flags of ours.

    Raises:
        UsageError: a variable holds no legal value.
    """
    if environ.get("MOIM_AUTH", "none") != "none":
        raise UsageError(
            "MOIM_AUTH: expected none, because `panel serve` shows its pages to everybody who can "
            "reach it; use `moim serve --auth password`"
        )
    return Settings(
        db=Path(environ.get("MOIM_DB", "moim.db")),
        demo=flag_of(environ, "MOIM_DEMO", default=True),
        trust_network=flag_of(environ, "MOIM_TRUST_NETWORK"),
        origins=tuple(_origin(each) for each in _split(environ.get("MOIM_ORIGIN", ""))),
    )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise UsageError(
            f"--origin: expected something like https://moim.example.org, got {text!r}"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {port}")
    return port


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 64:
        raise argparse.ArgumentTypeError(f"expected 0 to 64 page processes, got {count}")
    return count


def flag_of(environ: Mapping[str, str], name: str, default: bool = False) -> bool:
    """Read a variable that says yes or no. Raises UsageError for anything else."""
    text = environ.get(name, str(default)).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise UsageError(f"{name}: expected 1 or 0, got {environ[name]!r}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def environment() -> Mapping[str, str]:
    """Give the process's environment (one place, so that tests pass their own)."""
    return os.environ
