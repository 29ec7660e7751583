"""What goes wrong when a document is read: where, what, and what to do about it."""

from __future__ import annotations


class ReadingError(Exception):
    """A document that cannot be read. `reason` is a short stable code such as `scanned` or `encrypted`.

    `place` names the file (and the page or part of it), `problem` says what is wrong, `cure` what helps.
    """

    def __init__(self, reason: str, place: str, problem: str, cure: str) -> None:
        self.reason = reason
        self.place = place
        self.problem = problem
        self.cure = cure
        super().__init__(f"{place}: {problem} {cure}")
