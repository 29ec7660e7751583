"""Time and memory of a piece of work, for all benchmarks alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def memory(field: str) -> float:
    """Current (VmRSS) or peak (VmHWM) resident memory in MB; NaN where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))
    except OSError:
        return float("nan")


def reset_peak() -> None:
    """Lets the kernel forget the peak of loading the data; without that the figure is only an upper bound."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as control:
            control.write("5")
    except OSError:
        pass


def measured(work: Callable[[], Any], repeat: int = 3, patience: float = 20) -> tuple[dict[str, float], Any]:
    """The best of up to `repeat` runs that together take no longer than `patience` seconds, and what the last one gave.

    seconds, cpu: of the best run; data: resident MB before; more: the peak above that.
    """
    before = memory("VmRSS")
    reset_peak()
    times: list[tuple[float, float]] = []
    found = None
    while len(times) < repeat and sum(seconds for seconds, _ in times) < patience:
        started, busy = time.perf_counter(), time.process_time()
        found = work()
        times.append((time.perf_counter() - started, time.process_time() - busy))
    seconds, cpu = min(times)
    return {
        "first": times[0][0],
        "seconds": seconds,
        "cpu": cpu,
        "data": before,
        "more": memory("VmHWM") - before,
    }, found
