"""Numbers on the command line, in the ranges of `drsim.ranges`, written as in a scenario: `1000`, `1e3`, `1000.0`."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Generic, TypeVar

import click

from drsim.ranges import REAL, WHOLE, Range
from drsim.text import lookalikes, shown

Number = TypeVar("Number", int, float)


class _InRange(click.ParamType, Generic[Number]):  # type: ignore[type-arg]  # generic in newer versions only
    """A number in its range.

    Args:
        limits: the range.
    """

    kind = ""
    """What it is called where something else is written."""

    def __init__(self, limits: Range) -> None:
        self.range = limits

    def read(self, text: str) -> Number | None:
        """Return the number that a text says; None where it says none of this kind."""
        raise NotImplementedError

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Number:
        """Return the number.

        Raises:
            click.BadParameter: no such number, or out of range; with the range.
        """
        text = str(value).strip()
        if odd := lookalikes(text):
            self.fail(f"{shown(value)} has {odd.found}: {odd.repair}.", param, ctx)
        number = self.read(text)
        if number is None:
            self.fail(f"{shown(value)} is no {self.kind}: {self.range.what} is {self.range.words}.", param, ctx)
        if number not in self.range:
            self.fail(f"{shown(value)} is out of range: {self.range.what} is {self.range.words}.", param, ctx)
        return number


class Whole(_InRange[int]):
    """A whole number in its range, which an exponent or a point may help to write.

    Args:
        name: of the range, a key of `drsim.ranges.WHOLE`.
    """

    name = "integer"
    kind = "whole number"

    def __init__(self, name: str) -> None:
        super().__init__(WHOLE[name])

    def read(self, text: str) -> int | None:
        """Return the whole number that a text says, to its last digit; None where it says none."""
        if not _DECIMAL.fullmatch(text):
            return None
        number = Decimal(text)
        if number and number.adjusted() >= _MOST_DIGITS:
            # more digits than any range has are not worth reading
            return int(f"{'-' if number < 0 else ''}{'9' * _MOST_DIGITS}")
        is_whole: bool = number == number.to_integral_value()
        return int(number) if is_whole else None


_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,9})?")
_MOST_DIGITS = 30


class Real(_InRange[float]):
    """A number in its range; infinite and not a number are in none.

    Args:
        name: of the range, a key of `drsim.ranges.REAL`.
    """

    name = "float"
    kind = "number"

    def __init__(self, name: str) -> None:
        super().__init__(REAL[name])

    def read(self, text: str) -> float | None:
        """Return the number that a text says; None where it says none."""
        try:
            return float(text)
        except ValueError:
            return None


class Share(_InRange[float]):
    """A number between 0 and 1, ends included."""

    name = "float"

    def __init__(self) -> None:
        super().__init__(Range(0, 1, "it", "a number from 0", "1, such as 0.95"))

    def read(self, text: str) -> float:
        """Return the number that a text says; not a number, which is in no range, where it says none."""
        try:
            return float(text)
        except ValueError:
            return math.nan
