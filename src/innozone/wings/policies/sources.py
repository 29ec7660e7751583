"""S21 汇聚国家、省市和区惠企政策，并实时更新: sources are looked at, each new text is read into a draft.

Nothing that arrives takes part in anything: a draft waits for a person, as one that was pasted does. A text that is
known already names the policy it is; a text that changed at its address becomes a draft of its own that names the
policy it changes. A look may be repeated: the same text at the same place arrives once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation import fetching, outside
from innozone.foundation.fetching import FetchFailed
from innozone.kernel.reading import ReadingError, read_bytes
from innozone.kernel.reading.feeds import entries
from innozone.kernel.reading.load import kind_of
from innozone.wings.policies import drafts, texts
from innozone.wings.policies.models import Arrival, Policy, PolicyVersion, Source

#: Seconds for one look; the rest follows at the next.
LIMIT = 300.0
#: A file that changed within so many seconds may still be written.
SETTLED = 30.0
#: Most texts of one look, most pages of a list, most failures that are kept.
MOST_TEXTS = 200
MOST_PAGES = 100
_MOST_FAILED = 20
#: When a look did not come to its end, the next follows soon.
SOON = timedelta(minutes=5)
#: What a look counts, as in Outcome.
COUNTED = (*Arrival.State.values, "waiting")
#: Files that are not there for people, or not yet.
_UNFINISHED = (".part", ".tmp", ".crdownload", ".swp", ".partial")

#: {state: number, "waiting": files still being written, "failed": [[address, why]], "more": True when it was cut short}
Outcome = dict[str, Any]


@dataclass(frozen=True)
class Offered:
    """One text that a source has. mark: what tells whether it changed; take: its content, None when it did not."""

    address: str
    take: Callable[[], tuple[bytes, str, list[Any]] | None]
    title: str = ""
    published: date | None = None


class _Gone(Exception):
    """The source as a whole cannot be read; the message says why."""


def due() -> QuerySet[Source]:
    """The active sources whose time has come."""
    return Source.objects.filter(Q(due_at__isnull=True) | Q(due_at__lte=timezone.now()), active=True)


def check(source: Source) -> None:
    """Raises ValidationError when the address is none for this kind of source."""
    lines = [line.strip() for line in source.address.splitlines() if line.strip()]
    if source.kind == Source.Kind.FOLDER:
        try:
            _folder(source)
        except _Gone as error:
            raise ValidationError({"address": str(error)}) from None
        return
    if not lines or (source.kind == Source.Kind.FEED and len(lines) > 1) or len(lines) > MOST_PAGES:
        most = 1 if source.kind == Source.Kind.FEED else MOST_PAGES
        message = _("Give 1 to %(most)d web addresses, one a line.") % {"most": most}
        raise ValidationError({"address": message})
    for line in lines:
        try:
            outside.parts(fetching.encoded(line))
        except outside.Refused as refused:
            raise ValidationError({"address": f"{line[:80]}: {refused}"}) from None
        if len(line) > 500:
            raise ValidationError({"address": _("An address has at most 500 letters.")})


def look(source: Source) -> Outcome:
    """Looks at a source now, reads what is new into drafts, keeps and gives the outcome."""
    outcome: Outcome = {**dict.fromkeys(COUNTED, 0), "failed": [], "more": False}
    # What is not offered any more is forgotten, what could not be had this time is asked for anew.
    seen: dict[str, Any] = {}
    until = time.monotonic() + LIMIT
    taken = 0
    try:
        for offered in _OFFERS[source.kind](source, seen, outcome):
            if time.monotonic() > until or taken >= MOST_TEXTS:
                outcome["more"] = True
                if offered.address in source.seen:
                    seen[offered.address] = source.seen[offered.address]
                continue
            try:
                content = offered.take()
            except (FetchFailed, OSError) as error:
                _fail(outcome, offered.address, _why(error))
                continue
            if content is None:
                seen[offered.address] = source.seen.get(offered.address)
                continue
            data, name, mark = content
            taken += 1
            state = _arrive(source, offered, data, name)
            if state:
                outcome[state] += 1
            seen[offered.address] = mark
    except (_Gone, FetchFailed, ReadingError) as error:
        _fail(outcome, "", _why(error))
        seen = source.seen
    now = timezone.now()
    unfinished = outcome["more"] or outcome["waiting"]
    source.seen, source.outcome, source.looked_at = seen, outcome, now
    source.due_at = now + (SOON if unfinished else timedelta(hours=source.every))
    source.save(update_fields=["seen", "outcome", "looked_at", "due_at"])
    return outcome


@transaction.atomic
def _arrive(source: Source, offered: Offered, data: bytes, name: str) -> str:
    """Makes an arrival of a text, and a draft where it is new; its state, empty when it has arrived before."""
    # Two looks at one source at a time (a command beside the worker): the second sees what the first has kept.
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    made = Arrival(source=source, address=offered.address, title=offered.title, published=offered.published)
    reading, reason = None, ""
    try:
        reading = read_bytes(data, name, limit=settings.POLICY_MAX_BYTES)
        reason = "" if reading.body.strip() else "empty"
    except ReadingError as error:
        reason = error.reason
    made.digest = texts.digest_of(reading.body) if reading else hashlib.sha256(data).hexdigest()
    if Arrival.objects.filter(source=source, address=made.address, digest=made.digest).exists():
        return ""
    earlier = Arrival.objects.filter(address=made.address, policy__isnull=False).order_by("-pk").first()
    if reading is not None and not reason:
        made.title = (reading.document.title or made.title)[:200]
        version = PolicyVersion.objects.filter(digest=made.digest).select_related("policy").first()
        if version is not None:
            made.state, made.policy = Arrival.State.DUPLICATE, version.policy
        else:
            try:
                with transaction.atomic():
                    made.policy = _named(drafts.keep(reading, None), source, made)
                made.state = Arrival.State.READ
                if earlier is not None and earlier.policy_id != made.policy.pk:
                    made.state, made.changes = Arrival.State.CHANGED, earlier.policy
            except drafts.DraftRefused as refused:
                reason = refused.code
    if reason:
        made.state, made.reason = Arrival.State.REFUSED, reason[:20]
    made.save()
    return made.state


def _named(policy: Policy, source: Source, arrival: Arrival) -> Policy:
    """What the source knows of its papers better than their words: whose they are, and where they stand."""
    policy.level = source.level
    policy.issuer_name = policy.issuer_name or source.issuer_name
    policy.issued = policy.issued or arrival.published
    if source.kind != Source.Kind.FOLDER and len(arrival.address) <= 200:
        policy.url = arrival.address
    policy.save(update_fields=["level", "issuer_name", "issued", "url"])
    return policy


def _fail(outcome: Outcome, address: str, why: str) -> None:
    if len(outcome["failed"]) < _MOST_FAILED:
        outcome["failed"].append([address, why])


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        if error.errno in (errno.ELOOP, errno.EMLINK):
            return _("This is a link, which is not followed: put the file itself into the folder.")
        return error.strerror or type(error).__name__
    if isinstance(error, ReadingError):
        return {
            "feed": _("This is no feed (RSS or Atom): give the address of the feed itself."),
            "entities": _("The feed declares a document type, which no feed needs: ask its publisher."),
        }.get(error.reason, f"{error.problem} {error.cure}")
    return str(error)


def _folder(source: Source) -> Path:
    """The folder of a source, with no link on the way out of the watched one. Raises _Gone."""
    if not settings.POLICY_FOLDER:
        raise _Gone(_("No folder is watched: the operator names one in INNOZONE_POLICY_FOLDER."))
    given = source.address.strip()
    try:
        root = Path(settings.POLICY_FOLDER).resolve(strict=True)
        found = (root / given).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise _Gone(_("There is no folder “%(name)s” in the watched folder.") % {"name": given[:80]}) from None
    # Beside the folder, above it, or behind a link: told like what is not there, so that nothing is found out by it.
    if not found.is_relative_to(root) or not found.is_dir():
        raise _Gone(_("There is no folder “%(name)s” in the watched folder.") % {"name": given[:80]})
    return found


def _files(source: Source, seen: dict[str, Any], outcome: Outcome) -> Iterator[Offered]:
    """The files below the folder that are new or changed. They are opened from their own folder, links are not followed."""
    folder = _folder(source)
    for place, folders, names, handle in os.fwalk(folder, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED):
                continue
            try:
                now = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except FileNotFoundError:
                continue
            address = (Path(place) / name).relative_to(Path(settings.POLICY_FOLDER).resolve()).as_posix()
            if address != address.encode("utf-8", "replace").decode() or len(address) > 500:
                _fail(outcome, ascii(address)[1:81], _("The name of the file is too long or no UTF-8: rename it."))
                continue
            mark = [now.st_size, now.st_mtime_ns]
            if source.seen.get(address) == mark:
                seen[address] = mark
            elif abs(time.time() - now.st_mtime) < SETTLED:
                outcome["waiting"] += 1
            else:
                yield Offered(address, lambda name=name, handle=handle: _content(name, handle))  # type: ignore[misc]


def _content(name: str, handle: int) -> tuple[bytes, str, list[Any]]:
    """A file of a folder that is open. Raises OSError for a link, a device, or a file that changes meanwhile."""
    # Without O_NONBLOCK a pipe would be waited for.
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
    with os.fdopen(opened, "rb") as file:
        before = os.fstat(opened)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, _("This is no file."))
        # One byte over the limit is enough for the reader to refuse it.
        data = file.read(settings.POLICY_MAX_BYTES + 1)
        after = os.fstat(opened)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise OSError(errno.EBUSY, _("The file is being written: it is read at the next look."))
    return data, name, [before.st_size, before.st_mtime_ns]


def _feed(source: Source, seen: dict[str, Any], outcome: Outcome) -> Iterator[Offered]:
    """What the feed names. A feed that is as it was is not sent again; the pages it named are asked all the same."""
    url = source.address.strip()
    whole = not (source.outcome.get("more") or source.outcome.get("failed"))
    fetched = fetching.fetch(url, limit=settings.POLICY_MAX_BYTES, mark=_mark(source, url) if whole else ("", ""))
    seen[url] = list(fetched.mark)
    if fetched.content is None:
        yield from (_page(source, address) for address in source.seen if address != url)
        return
    named = [entry for entry in entries(fetched.content, fetched.url) if len(entry.address) <= 500]
    # New ones first: a look that is cut short goes on with them.
    for entry in sorted(named, key=lambda entry: entry.address in source.seen):
        yield _page(source, entry.address, entry.title, entry.published)


def _pages(source: Source, seen: dict[str, Any], outcome: Outcome) -> Iterator[Offered]:
    lines = dict.fromkeys(line.strip() for line in source.address.splitlines() if line.strip())
    for line in sorted(lines, key=lambda line: line in source.seen):
        yield _page(source, line)


def _page(source: Source, address: str, title: str = "", published: date | None = None) -> Offered:
    def take() -> tuple[bytes, str, list[Any]] | None:
        fetched = fetching.fetch(address, limit=settings.POLICY_MAX_BYTES, mark=_mark(source, address))
        if fetched.content is None:
            return None
        kind = kind_of(fetched.content)
        if kind == "txt" and fetched.kind in ("text/html", "application/xhtml+xml"):
            kind = "html"
        return fetched.content, f"policy.{kind}", list(fetched.mark)

    return Offered(address, take, title, published)


def _mark(source: Source, address: str) -> tuple[str, str]:
    etag, modified = source.seen.get(address) or ("", "")
    return etag, modified


_OFFERS: dict[str, Callable[[Source, dict[str, Any], Outcome], Iterator[Offered]]] = {
    Source.Kind.FOLDER: _files,
    Source.Kind.FEED: _feed,
    Source.Kind.PAGES: _pages,
}
