"""Numbers on the command line, in the ranges of `drsim.ranges`."""

from __future__ import annotations

import re

import click

from drsim.ranges import REAL, WHOLE
from drsim.text import lookalikes, shown


class Whole(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A whole number in its range.

    Args:
        name: of the range, a key of `drsim.ranges.WHOLE`.
    """

    name = "integer"

    def __init__(self, name: str) -> None:
        self.range = WHOLE[name]

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number.

        Raises:
            click.BadParameter: no whole number, or out of range; with the range.
        """
        text = str(value).strip()
        if odd := lookalikes(text):
            self.fail(f"{shown(value)} has {odd.found}: {odd.repair}.", param, ctx)
        if not _WHOLE.fullmatch(text):
            self.fail(f"{shown(value)} is no whole number: {self.range.what} is {self.range.words}.", param, ctx)
        # more digits than any range has are not worth reading
        number = int(text) if len(text) <= _MOST_CHARACTERS else int("-1" if text[0] == "-" else "9" * _MOST_CHARACTERS)
        if number not in self.range:
            self.fail(f"{shown(value)} is out of range: {self.range.what} is {self.range.words}.", param, ctx)
        return number


_WHOLE = re.compile("[+-]?[0-9]+")
_MOST_CHARACTERS = 30


class Real(click.ParamType):  # type: ignore[type-arg]  # as above
    """A number in its range; infinite and not a number are in none.

    Args:
        name: of the range, a key of `drsim.ranges.REAL`.
    """

    name = "float"

    def __init__(self, name: str) -> None:
        self.range = REAL[name]

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number.

        Raises:
            click.BadParameter: no number, not a number, or out of range; with the range.
        """
        text = str(value).strip()
        if odd := lookalikes(text):
            self.fail(f"{shown(value)} has {odd.found}: {odd.repair}.", param, ctx)
        try:
            number = float(text)
        except ValueError:
            self.fail(f"{shown(value)} is no number: {self.range.what} is {self.range.words}.", param, ctx)
        if number not in self.range:
            self.fail(f"{shown(value)} is out of range: {self.range.what} is {self.range.words}.", param, ctx)
        return number


class Share(click.ParamType):  # type: ignore[type-arg]  # as above
    """A number between 0 and 1, ends included."""

    name = "float"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number.

        Raises:
            click.BadParameter: no number, not a number, or out of range.
        """
        text = str(value)
        if odd := lookalikes(text):
            self.fail(f"{shown(value)} has {odd.found}: {odd.repair}.", param, ctx)
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not 0 <= number <= 1:
            self.fail(f"{shown(value)} is out of range: it is a number from 0 to 1, such as 0.95.", param, ctx)
        return number
