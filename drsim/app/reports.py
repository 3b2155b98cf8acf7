"""How far work in worker processes is, in memory that all processes share: numbers, words, and whether it is to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SLOTS = 512
"""Jobs whose progress is shown at a time."""

_WORDS = 240
"""Bytes of what a job says of itself."""


class Reports:
    """Where jobs report how far they are, and learn that they are to end: memory that all processes share.

    Args:
        context: of multiprocessing.
    """

    def __init__(self, context: Any) -> None:  # noqa: ANN401  # its kind depends on the system
        self._numbers = context.RawArray("q", 3 * SLOTS)
        self._words = context.RawArray("c", _WORDS * SLOTS)

    def clear(self, slot: int) -> None:
        """Forget what the last job of a slot has reported."""
        self._numbers[3 * slot : 3 * slot + 3] = 0, 0, 0
        self.say(slot, "")

    def tell(self, slot: int, done: int, total: int) -> None:
        """Tell how much of how much is done."""
        self._numbers[3 * slot : 3 * slot + 2] = done, total

    def told(self, slot: int) -> tuple[int, int]:
        """Return how much of how much is done."""
        return self._numbers[3 * slot], self._numbers[3 * slot + 1]

    def ask_to_end(self, slot: int) -> None:
        """Ask a job to end."""
        self._numbers[3 * slot + 2] = 1

    def is_to_end(self, slot: int) -> bool:
        """Return whether a job is asked to end."""
        return bool(self._numbers[3 * slot + 2])

    def say(self, slot: int, words: str) -> None:
        """Tell in words how far a job is; what is too long is cut."""
        text = words.encode()[:_WORDS]
        self._words[_WORDS * slot : _WORDS * (slot + 1)] = text.ljust(_WORDS, b"\0")

    def said(self, slot: int) -> str:
        """Return what a job says; a process may be about to write it."""
        text: bytes = self._words[_WORDS * slot : _WORDS * (slot + 1)]
        return text.split(b"\0", 1)[0].decode(errors="ignore")


@dataclass(frozen=True)
class JobReporter:
    """What a job in a worker process reports with: see `drsim.app.questions.Reporter`."""

    reports: Reports
    slot: int

    @property
    def is_to_end(self) -> bool:
        """Whether it is asked to end soon."""
        return self.reports.is_to_end(self.slot)

    def __call__(self, done: int, total: int) -> None:
        """Tell how much of how much is done."""
        self.reports.tell(self.slot, done, total)

    def say(self, words: str) -> None:
        """Tell in words how far it is."""
        self.reports.say(self.slot, words)
