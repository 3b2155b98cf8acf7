"""The exceptions of drsim, all in one tree.

    DrsimError
    ├── InputError            the user's input is wrong; carries every problem found
    │   ├── ScenarioError     a scenario file, or a plan document that it names
    │   └── UnitError         one value: a quantity without its unit, or with a wrong one
    │       └── RangeError    a quantity that is too large or too small
    ├── CatalogueError        a catalogue is wrong; of the shipped one, a bug in drsim
    ├── ClockError            a clock was asked for what it cannot do exactly
    ├── WorkerError           a worker process could not be started, or was ended from outside
    └── WriteError            a file cannot be written: no room, no permission, something in the way

Every exception survives pickling, since workers raise them in other processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from drsim.text import cut, printable


class DrsimError(Exception):
    """Base of all errors that drsim raises on purpose."""


class Weight(IntEnum):
    """What a warning is about, heaviest last: what it loses or costs where nobody heeds it."""

    TIDINESS = 1
    """Something stands there that changes nothing."""
    MISLEADS = 2
    """A reader takes the plan, or the results, for something that they are not."""
    COSTS = 3
    """Money is spent that need not be."""
    LOSES_MORE = 4
    """More is lost, or the way back takes longer, than the plan makes believe."""
    LOSES_FOR_GOOD = 5
    """Nothing is left to recover from."""
    NEVER_HAPPENS = 6
    """What is written cannot be carried out at all, in any year: backups or copies that are counted on never come."""


class Edit(NamedTuple):
    """A change of a scenario's data that repairs a problem.

    Attributes:
        loc: keys and list positions that lead to the value, from the top of the scenario, plan documents in place.
        value: what to write there, plain data; None to take away what stands there.
    """

    loc: tuple[str | int, ...]
    value: object = None


class Alike(NamedTuple):
    """What problems have in common that are told as one, found under several strategies.

    Attributes:
        topic: what they are about, beside their check and their place.
        extent: how bad it is: the worst one is told.
        names: resources that it is about.
        words: what is found of each of these, said after their names; empty where it is found of them all at once.
    """

    topic: str
    extent: float
    names: tuple[str, ...]
    words: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether its figures are sums over its resources; what is about others as well is then told apart."""
        return not self.words


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
        edits: the repair as changes of the scenario's data, where it can be made without knowing more; it has been
            made and checked.
        weight: of a warning.
        usd_per_month: what it costs, where it is priced [USD].
        under: strategies that it is about; none where it is about the scenario.
        alike: with what of other strategies it is told as one; None where only with the very same.
    """

    file: str
    line: int
    check: str
    found: str
    rule: str
    repair: str = ""
    edits: tuple[Edit, ...] = field(default=(), compare=False, repr=False)
    weight: Weight = field(default=Weight.MISLEADS, compare=False)
    usd_per_month: float = field(default=0.0, compare=False)
    under: tuple[str, ...] = field(default=(), compare=False)
    alike: Alike | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """Return the problem in one or two lines, place first; whatever a file says, it can be printed."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        head = f"{place}: " if place else ""
        text = f"{head}{_clear(self.found)}: {_clear(self.rule)} [{self.check}]"
        return f"{printable(text)}\n    {_clear(self.repair)}" if self.repair else printable(text)


_LONGEST = 2000
"""Characters of a part of a problem; lists of what may be written are the longest."""


def _clear(text: str) -> str:
    """Return a part of a problem without what must not be printed, and without its end where it is very long."""
    return printable(cut(text, _LONGEST), allowed="\n")


def by_weight(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return warnings, each once, by what they lose or cost: by weight, then by money, then by file and line."""
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda problem: (-problem.weight, -problem.usd_per_month, problem))
    )


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


class RangeError(UnitError):
    """A value is too large or too small."""

    def __init__(self, text: str, repair: str = "") -> None:
        """Keep what is wrong, with the range, and what to write instead."""
        super().__init__(text, repair)
        self.text, self.repair = text, repair

    def __str__(self) -> str:
        """Return both."""
        return f"{self.text}; {self.repair}" if self.repair else self.text


class Flaw(NamedTuple):
    """One thing that is wrong in a catalogue.

    Attributes:
        file: name of the file; empty where it is none of one file.
        place: keys that lead to the value, with points between; empty where it is about the whole file.
        text: what is wrong.
        line: line in that file, counted from 1; 0 where it is not known.
    """

    file: str
    place: str
    text: str
    line: int = 0

    def __str__(self) -> str:
        """Return the flaw in a line, place first."""
        file = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (file, self.place, self.text) if part)


class CatalogueError(DrsimError):
    """Files of a catalogue break its rules; `flaws` holds all that was found."""

    def __init__(self, *flaws: Flaw | str) -> None:
        """Keep the flaws; a text is one of no file."""
        self.flaws = tuple(Flaw("", "", flaw) if isinstance(flaw, str) else flaw for flaw in flaws)
        super().__init__("\n".join(map(str, self.flaws)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the flaws, so that pickling keeps them."""
        return type(self), self.flaws


class ClockError(DrsimError):
    """A clock was asked for something that it cannot compute exactly."""


class WorkerError(DrsimError):
    """A worker process could not be started, or was ended from outside."""


class WriteError(DrsimError):
    """Something cannot be written where it should go; the message names the place and the reason."""
