"""Questions for worker processes: a function of plain data, what its answer depends on, and what it may take."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from drsim.version import __version__

LONGEST_S = 180.0
"""Work that takes longer is ended: whoever wants it has the command line, which goes on for longer."""

MEMORY_BYTES = 3 * 2**30
"""Memory of a worker process, at most: whoever asks for more is told so, and all others go on."""


@dataclass(frozen=True)
class Limits:
    """What a piece of work may take, at most.

    Attributes:
        longest_s: time [s].
        memory_bytes: memory of the worker process.
    """

    longest_s: float = math.inf
    memory_bytes: int = MEMORY_BYTES


USUAL = Limits()
"""What all work may take."""


@dataclass(frozen=True)
class Question:
    """A question for the worker processes.

    Attributes:
        function: of `drsim.app.tasks`, or like those.
        arguments: plain data.
        content: what the answer depends on, where that is less than the arguments.
        limits: what it may take, where that is less than what all work may.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    content: tuple[Any, ...] | None = None
    limits: Limits = USUAL

    @property
    def key(self) -> str:
        """A digest of all that goes into the answer."""
        content = self.arguments if self.content is None else self.content
        name = f"{self.function.__module__}.{self.function.__qualname__}"
        return hashlib.sha256(repr((__version__, name, content)).encode()).hexdigest()

    @property
    def longest_s(self) -> float:
        """How long the work on it may take [s]."""
        return min(self.limits.longest_s, LONGEST_S)


def digest(questions: Sequence[Question]) -> str:
    """Return a digest of questions."""
    return digest_of("".join(question.key for question in questions))


def digest_of(text: str) -> str:
    """Return a digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
