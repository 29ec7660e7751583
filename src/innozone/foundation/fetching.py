"""Fetching a public page or file: only from hosts that the operator named, within bounds of time, size and patience.

    fetched = fetching.fetch("https://www.example.gov.cn/zcwj/1.html", limit=20 << 20)

Off until `INNOZONE_FETCH_HOSTS` names hosts. Every address on the way, redirects too, is checked by `outside` and the
connection goes to what was checked. No cookies, no credentials, one second between two requests to one host.
"""

from __future__ import annotations

import http.client
import io
import re
import time
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

from django.conf import settings
from django.utils.translation import gettext as _

from innozone.foundation import outside

#: Seconds for one address, its redirects included.
SECONDS = 30.0
MOST_REDIRECTS = 5
#: Seconds between two requests to one host.
PAUSE = 1.0
_CHUNK = 64 * 1024
_HOST = re.compile(r"((?:[A-Za-z]+://[^/?#]*)?)(.*)", re.S)
_last: dict[str, float] = {}


class FetchFailed(Exception):
    """Nothing came of it; the message says why, in the language that is active."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. url: after redirects; content: None when it is as it was; mark: (ETag, Last-Modified) to ask with."""

    url: str
    content: bytes | None
    kind: str
    mark: tuple[str, str]


def is_on() -> bool:
    """True when the operator has named hosts to fetch from."""
    return bool(settings.FETCH_HOSTS)


def fetch(url: str, *, limit: int, mark: tuple[str, str] = ("", "")) -> Fetched:
    """What stands at a public address, at most `limit` bytes of it. Raises FetchFailed.

    mark: of the last time; what has not changed since is not sent again.
    """
    until = time.monotonic() + SECONDS
    for _hop in range(MOST_REDIRECTS + 1):
        try:
            # Before the name is looked up: who is not named is not even asked for.
            _scheme, host, port, _path = outside.parts(encoded(url))
            _allow(host, port)
            place = outside.target(encoded(url), plain=True)
            _wait(place)
            with outside.call(place, _request(place, mark), max(0.001, until - time.monotonic())) as stream:
                status, headers, content = _answer(stream, limit)
        except (outside.Refused, outside.Unanswered) as error:
            raise FetchFailed(str(error)) from None
        except (http.client.HTTPException, zlib.error, ValueError):
            raise FetchFailed(_("The answer is broken or incomplete.")) from None
        if status in (301, 302, 303, 307, 308) and headers.get("Location"):
            url = urljoin(url, headers["Location"])
            continue
        if status == 304 and any(mark):
            return Fetched(url, None, "", mark)
        if status != 200:
            raise FetchFailed(f"HTTP {status}")
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Fetched(url, content, kind, (_plain(headers.get("ETag")), _plain(headers.get("Last-Modified"))))
    raise FetchFailed(_("The address leads on to others more than %(most)d times.") % {"most": MOST_REDIRECTS})


def encoded(url: str) -> str:
    """An address as it travels: Chinese letters of links, which browsers take as they are, percent-encoded."""
    host, rest = _HOST.match(url).groups()  # type: ignore[union-attr]
    return host + quote(rest, safe="%/:=&?~#+!$,;'@()*[]\\")


def _allow(host: str, port: int) -> None:
    """Refuses hosts that the operator did not name, and ports that are none of the web's."""
    trusted = outside.is_trusted(host, port)
    for name in settings.FETCH_HOSTS:
        # “*” means the public web; a private host must be named.
        if name == "*" and not trusted:
            break
        if host == name.lower() or (name.startswith(".") and host.endswith(name.lower())):
            break
    else:
        raise FetchFailed(
            _("Texts are not fetched from %(host)s: the operator names it in INNOZONE_FETCH_HOSTS.") % {"host": host}
        )
    if port not in outside.PORTS.values() and not trusted:
        raise FetchFailed(_("Port %(port)d is none of the web's.") % {"port": port})


def _wait(place: outside.Target) -> None:
    """Holds the pause between two requests to one host."""
    now = time.monotonic()
    at = max(now, _last.get(place.authority, -PAUSE) + PAUSE)
    _last[place.authority] = at
    time.sleep(at - now)


def _request(place: outside.Target, mark: tuple[str, str]) -> bytes:
    lines = [
        f"GET {place.path} HTTP/1.1",
        f"Host: {place.authority}",
        "User-Agent: Innozone",
        "Accept: text/html, application/xml, application/pdf, */*;q=0.5",
        "Accept-Encoding: gzip",
        *([f"If-None-Match: {mark[0]}"] if mark[0] else []),
        *([f"If-Modified-Since: {mark[1]}"] if mark[1] else []),
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Connection:
    """What http.client takes for a socket."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream

    def makefile(self, *_mode: Any) -> io.BufferedReader:
        return self._stream


def _answer(stream: io.BufferedReader, limit: int) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and, of a 200, the content without its compression."""
    answer = http.client.HTTPResponse(_Connection(stream), method="GET")  # type: ignore[arg-type]
    answer.begin()
    if answer.status != 200:
        return answer.status, answer.headers, b""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise FetchFailed(_("The answer is compressed in a way that was not asked for (%(name)s).") % {"name": encoding[:20]})  # fmt: skip
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    found = bytearray()
    while chunk := answer.read(_CHUNK):
        # Never unpacked further than the limit: a small answer may hold gigabytes.
        found += unpack.decompress(chunk, limit + 1 - len(found)) if unpack else chunk
        if len(found) > limit:
            raise FetchFailed(_("What stands there is larger than %(most)d MB.") % {"most": max(1, limit >> 20)})
    if answer.length or (unpack is not None and not unpack.eof):
        raise ValueError("incomplete")
    return answer.status, answer.headers, bytes(found)


def _plain(value: str | None) -> str:
    """A header as it may be sent back; nothing for one that holds more than a line of plain letters."""
    return value if value and len(value) <= 200 and value.isascii() and value.isprintable() else ""
