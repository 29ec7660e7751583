"""Progress on the terminal: one line a step, with what it counted and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str], None]


class Steps:
    """Numbers and times the steps of a long command. On a terminal a running step rewrites its own line."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.live = sys.stderr.isatty()
        self.began = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[Report]:
        """Yields `report(text)`, which shows how far the step is."""
        self.done += 1
        head = f"[{self.done}/{self.total}] {title}"
        began = time.monotonic()
        last: list[str] = [""]
        shown: list[float] = [began]

        def report(text: str) -> None:
            last[0] = text
            if self.live:
                print(f"\r\033[K{head}: {text}", end="", file=sys.stderr, flush=True)
            elif time.monotonic() - shown[0] > 5:
                shown[0] = time.monotonic()
                print(f"{head}: {text}", file=sys.stderr, flush=True)

        if self.live:
            print(f"{head} ...", end="", file=sys.stderr, flush=True)
        try:
            yield report
        except BaseException:
            print(f"\r\033[K{head}: failed" if self.live else f"{head}: failed", file=sys.stderr, flush=True)
            raise
        seconds = time.monotonic() - began
        tail = f": {last[0]}" if last[0] else ""
        print(f"{chr(13) + chr(27) + '[K' if self.live else ''}{head}{tail} ({seconds:.1f} s)", file=sys.stderr)
