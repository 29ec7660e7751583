"""Calendars as files (RFC 5545): whole days with a name, which any calendar program subscribes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

CONTENT_TYPE = "text/calendar; charset=utf-8"
#: Octets of a line, its end left out.
_LINE = 75


@dataclass(frozen=True)
class Day:
    """A day to be kept in mind. uid: the same whenever it is told again, so that a moved day moves in the reader's
    calendar; changed: when what it says last changed."""

    uid: str
    day: date
    title: str
    text: str
    url: str
    changed: datetime


def calendar(name: str, days: Iterable[Day], language: str = "zh-hans") -> bytes:
    """The file, in UTF-8."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Innozone//Calendar//{'EN' if language == 'en' else 'ZH'}",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
    ]
    for day in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(day.uid)}",
            f"DTSTAMP:{day.changed.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(day.title)}",
            f"DESCRIPTION:{_text(day.text)}",
            f"URL:{_plain(day.url)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(piece + "\r\n" for line in [*lines, "END:VCALENDAR"] for piece in _folded(line)).encode()


def _text(value: str) -> str:
    """A value of the type TEXT: what would end it or begin another is escaped, other control characters left out."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _plain(escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n"))


def _plain(value: str) -> str:
    return "".join(letter for letter in value if letter >= " " and letter != "\x7f")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, never within a character; those after the first begin with a blank."""
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    yield piece
