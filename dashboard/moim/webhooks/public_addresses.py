"""Where webhooks may be sent: to the public internet, and to what the operator allows.

People who may add a webhook must not reach with it what only this machine reaches: itself, its
network, the metadata service of its cloud.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from moim.errors import UsageError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS: Final = frozenset({80, 443, 8080, 8443})
"""Where receivers usually listen; others have to be allowed."""
LONGEST_URL: Final = 2_000
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_REFUSED: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own
        "127.0.0.0/8",
        "168.63.129.16/32",  # what Azure's machines ask
        "169.254.0.0/16",  # link-local: where metadata of clouds is
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        # of 2000::/3, outside of which nothing is public:
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4 holds an IPv4 address
        "3fff::/20",
    )
)
_PUBLIC_V6: Final = ipaddress.IPv6Network("2000::/3")


class RefusedAddress(OSError):
    """An address that nothing is sent to; the message says why, and not what it is."""


def is_public(address: Address) -> bool:
    """Say whether an address is one of the public internet.

    IPv4 in IPv6 (mapped, NAT64, 6to4, Teredo) never is: what stands behind it is the network's.
    """
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_V6:
        return False
    return address.is_global and not any(
        address.version == refused.version and address in refused for refused in _REFUSED
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """One exception of the operator: a name with a port, or a network."""

    host: str = ""
    port: int = 0
    network: Network | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `HOST:PORT`, `[IPV6]:PORT` or a network as `10.1.0.0/16`. Raises UsageError."""
        try:
            if "/" in text:
                return cls(network=ipaddress.ip_network(text))
            parts = urlsplit(f"//{text}")
            if parts.hostname and parts.port and parts.netloc == text and " " not in text:
                return cls(host=_plain(parts.hostname), port=parts.port)
        except ValueError:
            pass
        raise UsageError(
            f"--webhook-allow: expected HOST:PORT or a network such as 10.1.0.0/16, got {text!r}"
        )


class AddressGuard:
    """Says where webhooks may go."""

    def __init__(self, allowed: Sequence[Allowed] = ()) -> None:
        self._names = {(one.host, one.port) for one in allowed if one.network is None}
        self._networks = [one.network for one in allowed if one.network is not None]

    def check(self, host: str, port: int, addresses: Sequence[str]) -> None:
        """Take all that a name stands for, or raise RefusedAddress.

        One bad address among good ones refuses all: an honest receiver has none.
        """
        if (_plain(host), port) in self._names:
            return
        if not addresses:
            raise RefusedAddress("the name stands for no address")
        found = [ipaddress.ip_address(each.partition("%")[0]) for each in addresses]
        if all(self._in_networks(address) for address in found):
            return
        if not all(is_public(address) or self._in_networks(address) for address in found):
            raise RefusedAddress("the name stands for an address that is not public")
        if port not in PORTS:
            ports = ", ".join(str(one) for one in sorted(PORTS))
            raise RefusedAddress(f"expected port {ports}, got {port}")

    def _in_networks(self, address: Address) -> bool:
        return any(
            address.version == network.version and address in network for network in self._networks
        )


def check_url(url: str) -> str:
    """Give an address that a webhook may have; where it leads is found out at each sending.

    Raises UsageError.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        is_plain = url.isascii() and url.isprintable() and " " not in url
        leads = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and _port(parts) > 0
        bare = "@" not in parts.netloc and not parts.fragment
        if len(url) <= LONGEST_URL and is_plain and leads and bare:
            return url
    except ValueError:
        pass
    raise UsageError(
        "expected an address such as https://example.org/hook, without a name or password in it, "
        f"got {url[:200]!r}"
    )


def _port(parts: SplitResult) -> int:
    return parts.port or (_DEFAULT_PORTS[parts.scheme] if parts.port is None else 0)


def _plain(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")
