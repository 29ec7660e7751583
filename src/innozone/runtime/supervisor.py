"""Web server and worker as children: started together, stopped together."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType


def _end_with_parent() -> None:
    """Asks Linux to end the child when we are killed, so that no orphan keeps the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass
class Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]


class Supervisor:
    """Runs children until a signal comes or one of them ends by itself, then stops the rest."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def start(self, name: str, command: Sequence[str]) -> None:
        # A session of its own: Ctrl-C reaches only us, and we stop the children in order.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent
        )
        self.children.append(Child(name, command, process))

    def wait_until_up(self, url: str, seconds: float = 60) -> bool:
        """True once `url` answers 200."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.stopping.is_set() and not self._ended():
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return True
            except OSError:
                time.sleep(0.1)
        return False

    def _ended(self) -> Child | None:
        return next((child for child in self.children if child.process.poll() is not None), None)

    def wait(self) -> int:
        """Blocks until told to stop (0) or a child ended by itself (1); then stops all."""
        ended = None
        while not self.stopping.wait(0.5):
            ended = self._ended()
            if ended:
                print(f"innozone: the {ended.name} ended with status {ended.process.returncode}", file=sys.stderr)
                break
        self.stop()
        return 1 if ended else 0

    def stop(self, grace: float = 15) -> None:
        """Asks the children to finish, newest first, and ends those that do not within `grace` seconds."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + grace
        for child in reversed(self.children):
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
