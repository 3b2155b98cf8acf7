"""Questions for worker processes: a function of plain data, what its answer depends on, and what it may take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from drsim.version import __version__

LONGEST_S = 180.0
"""Work that takes longer is ended: whoever wants it has the command line, which goes on for longer."""

MEMORY_BYTES = 3 * 2**30
"""Memory of a worker process, at most: whoever asks for more is told so, and all others go on."""


@dataclass(frozen=True)
class Limits:
    """What a piece of work may take, at most.

    Attributes:
        longest_s: time [s]; as long as all work may take where left out.
        memory_bytes: memory of the worker process.
    """

    longest_s: float | None = None
    memory_bytes: int = MEMORY_BYTES


USUAL = Limits()
"""What all work may take."""


class Reporter(Protocol):
    """What work is given to tell how far it is, and to learn that it is to end."""

    @property
    def is_to_end(self) -> bool:
        """Whether the work is asked to end soon, and to answer with what it has."""

    def __call__(self, done: int, total: int) -> None:
        """Tell how much of how much is done."""

    def say(self, words: str) -> None:
        """Tell in words what the work has come to so far."""


@dataclass(frozen=True)
class Question:
    """A question for the worker processes.

    Attributes:
        function: of `drsim.app.tasks`, or like those.
        arguments: plain data.
        content: what the answer depends on, where that is less than the arguments.
        limits: what it may take, where that is not what all work may.
        keeps_best: whether its work answers with the best so far where it is asked to end.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    content: tuple[Any, ...] | None = None
    limits: Limits = USUAL
    keeps_best: bool = False

    @property
    def key(self) -> str:
        """A digest of all that goes into the answer."""
        content = self.arguments if self.content is None else self.content
        name = f"{self.function.__module__}.{self.function.__qualname__}"
        return hashlib.sha256(repr((__version__, name, content)).encode()).hexdigest()

    @property
    def longest_s(self) -> float:
        """How long the work on it may take [s]."""
        return LONGEST_S if self.limits.longest_s is None else self.limits.longest_s


def digest(questions: Sequence[Question]) -> str:
    """Return a digest of questions."""
    return digest_of("".join(question.key for question in questions))


def digest_of(text: str) -> str:
    """Return a digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
