"""The exceptions of drsim, all in one tree.

    DrsimError
    ├── InputError            the user's input is wrong; carries every problem found
    │   ├── ScenarioError     a scenario file, or a plan document that it names
    │   └── UnitError         one value: a quantity without its unit, or with a wrong one
    ├── CatalogueError        the shipped data is wrong: a bug in drsim's catalogue
    ├── ClockError            a clock was asked for what it cannot do exactly
    ├── WorkerError           a worker process could not be started, or was ended from outside
    └── WriteError            a file cannot be written: no room, no permission, something in the way

Every exception survives pickling, since workers raise them in other processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class DrsimError(Exception):
    """Base of all errors that drsim raises on purpose."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, or worth a warning, in a file that the user wrote.

    Attributes:
        file: path as the user gave it; empty where there is none.
        line: line in that file, counted from 1; 0 where there is none.
        check: identifier of the check that found it, such as `unknown-vault`.
        found: what stands there.
        rule: what should hold.
        repair: what to write instead.
    """

    file: str
    line: int
    check: str
    found: str
    rule: str
    repair: str = ""

    def __str__(self) -> str:
        """Return the problem in one or two lines, place first."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        head = f"{place}: " if place else ""
        text = f"{head}{self.found}: {self.rule} [{self.check}]"
        return f"{text}\n    {self.repair}" if self.repair else text


class InputError(DrsimError):
    """The input is wrong; `problems` holds all that was found, never only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems, in the order of files and lines."""
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the problems, so that pickling keeps them."""
        return type(self), (self.problems,)


class ScenarioError(InputError):
    """A scenario file, or a plan document that it names, is wrong."""


class UnitError(DrsimError, ValueError):
    """A value lacks its unit, or carries one of another kind."""


class CatalogueError(DrsimError):
    """A catalogue file breaks the catalogue's own rules."""


class ClockError(DrsimError):
    """A clock was asked for something that it cannot compute exactly."""


class WorkerError(DrsimError):
    """A worker process could not be started, or was ended from outside."""


class WriteError(DrsimError):
    """Something cannot be written where it should go; the message names the place and the reason."""
