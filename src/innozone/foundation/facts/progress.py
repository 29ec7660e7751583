"""How far a delivery is, told while its transaction is still open."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from types import TracebackType

from django.db import DatabaseError, connection

logger = logging.getLogger("innozone.facts")
# How often others are told; a page that polls asks no oftener.
_EVERY = 0.5


class Reporter:
    """Writes status and progress of a delivery over a connection of its own, which commits at once.

    What it writes is a courtesy: it waits for no lock, and its failure stops nothing.
    """

    def __init__(self, delivery: int, listener: Callable[[int, str], None] | None = None) -> None:
        self._delivery = delivery
        self._listener = listener
        self._connection = connection.copy()
        self._told = 0.0
        self._percent = -1

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def status(self, status: str) -> None:
        self._write("update facts_delivery set status = %s, progress = 0 where id = %s", [status, self._delivery])

    def progress(self, percent: int, message: str) -> None:
        """`percent` 0 to 99; 100 is told by the transaction itself."""
        now = time.monotonic()
        if percent == self._percent or now - self._told < _EVERY:
            return
        self._told, self._percent = now, percent
        if self._listener is not None:
            self._listener(percent, message)
        self._write("update facts_delivery set progress = %s where id = %s", [percent, self._delivery])

    def _write(self, sql: str, params: list[object]) -> None:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("set lock_timeout = '300ms'")
                cursor.execute(sql, params)
        except DatabaseError:
            logger.warning("the progress of delivery %s could not be told", self._delivery, exc_info=True)
