"""Numbers that a caller gives to a study: in their ranges, or refused."""

from __future__ import annotations

from numbers import Integral, Real

from drsim.errors import InputError, Problem
from drsim.ranges import REAL, WHOLE
from drsim.text import shown


def in_range(**numbers: float | None) -> None:
    """Refuse numbers out of their range, by its name in `drsim.ranges`; None is left to others.

    Not a number is in no range, and half a drill is no number of drills.

    Raises:
        InputError: there are some; all of them.
    """
    problems = []
    for name, number in numbers.items():
        limits = WHOLE[name] if name in WHOLE else REAL[name]
        if number is None or (_is_of_kind(name, number) and limits.least <= number <= limits.most):
            continue
        whole = ", a whole number" if name in WHOLE else ""
        problems.append(
            Problem("", 0, "out-of-range", f"{name} is {shown(number)}", f"{limits.what} is {limits.words}{whole}")
        )
    if problems:
        raise InputError(tuple(problems))


def _is_of_kind(name: str, number: object) -> bool:
    """Return whether a number is one at all, and a whole one where it has to be."""
    return isinstance(number, Integral if name in WHOLE else Real) and not isinstance(number, bool)
