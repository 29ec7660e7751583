"""Which addresses outside this server may be called: none of its own network, whatever a name resolves to.

    target = outside.target("https://erp.example.com/hook")     # Refused: why not, as a sentence
    with outside.call(target, request, 5.0) as answer:           # to the address that was checked, not the name again
        answer.readline(1024)                                   # Unanswered: what went wrong

A name is resolved once and the caller connects to what was checked: a name that answers differently the second time
gains nothing. Hosts that the operator trusts (`INNOZONE_TRUSTED_HOSTS`) may be private and may go without TLS.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PORTS = {"https": 443, "http": 80}
#: IPv4 addresses in the clothes of IPv6 (RFC 6052), which the standard library takes for public ones.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Refused(ValueError):
    """The address must not be called; the message says why, for the person who gave it."""


class Unanswered(Exception):
    """A call that came to nothing: too slow, no connection, no TLS. The message says what happened."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect. host: for TLS and the Host header; address: the IP address that was checked; path with query."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target(url: str, *, plain: bool = False) -> Target:
    """The checked place of an address. Raises Refused for one that is malformed, without TLS, unknown or not public.

    plain: TLS is not asked for, since nothing secret is sent and many public offices have none.
    """
    scheme, host, port, path = parts(url)
    known = is_trusted(host, port)
    if scheme != "https" and not (known or plain):
        raise Refused(_("The address must begin with https://."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(_("The host %(host)s cannot be found.") % {"host": host}) from None
    addresses = [str(entry[4][0]) for entry in found]
    # One private address among several is enough: which one is taken must not be left to chance.
    if not addresses or not (known or all(is_public(address) for address in addresses)):
        raise Refused(_("The host %(host)s is not on the public network.") % {"host": host})
    return Target(scheme, host, port, addresses[0], path)


def is_trusted(host: str, port: int) -> bool:
    """True for a host that the operator trusts though it may be private or without TLS."""
    trusted = {name.lower() for name in settings.TRUSTED_HOSTS}
    return host in trusted or f"{host}:{port}" in trusted


@contextmanager
def call(place: Target, request: bytes, limit: float) -> Iterator[io.BufferedReader]:
    """Sends the bytes to the checked address; the answer is a stream to be read within `limit` seconds in all.

    Raises Unanswered, also for what goes wrong while the caller reads.
    """
    until = time.monotonic() + limit
    try:
        connection = socket.create_connection((place.address, place.port), timeout=_left(until))
        try:
            if place.scheme == "https":
                connection.settimeout(_left(until))
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=place.host)
            connection.settimeout(_left(until))
            connection.sendall(request)
            yield io.BufferedReader(_Answer(connection, until))
        finally:
            connection.close()
    except TimeoutError:
        raise Unanswered(f"no answer within {limit:g} s") from None
    except ssl.SSLError as error:
        raise Unanswered(f"TLS: {error.reason or 'failed'}") from None
    except OSError as error:
        raise Unanswered(error.strerror or type(error).__name__) from None


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class _Answer(io.RawIOBase):
    """What comes, until the time is up: a server that sends a byte now and then holds nobody longer."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._until))
        return self._connection.recv_into(buffer)


def parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host (lower case, ASCII), port, path with query. Raises Refused; asks no name server."""
    wrong = Refused(_("This is no web address, such as https://erp.example.com/hook."))
    if not url.isprintable() or any(letter.isspace() for letter in url) or "\\" in url:
        raise wrong
    try:
        split = urlsplit(url)
        port = split.port
        host = (split.hostname or "").encode("idna" if not (split.hostname or "").isascii() else "ascii").decode()
    except (ValueError, UnicodeError):
        raise wrong from None
    if split.scheme not in PORTS or not host or "%" in host or port == 0:
        raise wrong
    if split.username is not None or split.password is not None:
        raise Refused(_("The address must not hold a user name or password."))
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    if not path.isascii():
        raise Refused(_("The path must be ASCII: write other letters percent-encoded."))
    return split.scheme, host.lower(), port or PORTS[split.scheme], path


def is_public(address: str) -> bool:
    """False for loopback, private, link-local (cloud metadata), shared, multicast and reserved addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)
