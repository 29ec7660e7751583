"""Which addresses outside this server may be called: none of its own network, whatever a name resolves to.

    target = outside.target("https://erp.example.com/hook")     # Refused: why not, as a sentence
    socket.create_connection((target.address, target.port))     # the address that was checked, not the name again

A name is resolved once and the caller connects to what was checked: a name that answers differently the second time
gains nothing. Hosts that the operator trusts (`INNOZONE_TRUSTED_HOSTS`) may be private and may go without TLS.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PORTS = {"https": 443, "http": 80}
#: IPv4 addresses in the clothes of IPv6 (RFC 6052), which the standard library takes for public ones.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Refused(ValueError):
    """The address must not be called; the message says why, for the person who gave it."""


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


def target(url: str) -> Target:
    """The checked place of an address. Raises Refused for one that is malformed, without TLS, unknown or not public."""
    scheme, host, port, path = parts(url)
    trusted = {name.lower() for name in settings.TRUSTED_HOSTS}
    known = host in trusted or f"{host}:{port}" in trusted
    if scheme != "https" and not known:
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
