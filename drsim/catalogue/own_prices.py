"""The prices that a scenario gives, read and checked against the items of a price list."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from drsim.catalogue.price_file import INSTANCES, PriceFile
from drsim.catalogue.spelling import misspelt
from drsim.errors import InputError, Problem
from drsim.ranges import PRICE
from drsim.text import cut, lookalikes, shown

LIKE, FACTOR = "like", "factor"
"""Keys by which a Region takes the prices of another one, times a number."""
ALL = "all"
"""The subject of an item that has only one."""
_MOST_FACTOR = 1000.0
_LONGEST = 200
"""Characters of a price at most."""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

_PERCENT = re.compile(r"([0-9]{1,10}(?:[.,][0-9]{1,10})?) *(%?)")
"""A number, which may be of percent."""

Key = tuple[str, str, str]
"""Item, subject and place of a price."""


@dataclass(frozen=True)
class Like:
    """The Region whose prices another one takes.

    Attributes:
        of: that Region.
        factor: by which they are multiplied.
        first: whether they go before the list's own for the Region, or only where the list has none.
    """

    of: str
    factor: float = 1.0
    first: bool = False


def read_own_prices(
    data: PriceFile, regions: Mapping[str, Mapping[str, object]]
) -> tuple[dict[Key, float], dict[str, Like]]:
    """Return the user's prices by item, subject and place, and the Regions that take another one's prices.

    Args:
        data: the price list.
        regions: by Region, as `PriceList.with_overrides` takes them.

    Raises:
        InputError: an item or a subject that the list does not have, or a price without its unit; all of them.
    """
    own: dict[Key, float] = {}
    likes: dict[str, Like] = {}
    problems: list[Problem] = []
    for place, items in regions.items():
        if {LIKE, FACTOR} & set(items):
            like = read_like(place, items)
            if isinstance(like, Problem):
                problems.append(like)
            else:
                likes[place] = like
    for place, item, subject, written in _flat(regions):
        price = _read(data, place, item, subject, written)
        if isinstance(price, Problem):
            problems.append(price)
        else:
            own[item, subject, place] = price
    if problems:
        raise InputError(tuple(problems))
    return own, likes


def read_like(place: str, items: Mapping[str, object]) -> Like | Problem:
    """Return what a Region's prices are like, or what is wrong with what stands there.

    Args:
        place: the Region; empty for every one without a price of its own.
        items: what stands there.
    """
    of, factor = items.get(LIKE), items.get(FACTOR, 1.0)
    whose = f"prices of {cut(place)}" if place else "prices"
    rule = "a Region takes the prices of another one, times a number above 0 and at most 1,000"
    right = f"`{{like: us-east-1, factor: 1.1}}`, of which `{FACTOR}` may be left out"
    if not isinstance(of, str) or place == "*" or ">" in place or of == place:
        wrong = f"{LIKE}: {shown(of)}" if LIKE in items else f"{FACTOR} without {LIKE}"
        return Problem("", 0, "price-like", f"{whose}: {wrong}", rule, right)
    number = read_factor(factor)
    if number is None:
        return Problem("", 0, "price-like", f"{whose}: {FACTOR}: {shown(factor)}", rule, factor_repair(factor))
    return Like(of, number, first=bool(place))


FACTOR_RULE = f"a factor of prices is a number above 0 and at most {_MOST_FACTOR:,.0f}"
"""What a factor of prices is."""


def read_factor(written: object) -> float | None:
    """Return a factor of prices; None where something else stands there."""
    if isinstance(written, str) and _NUMBER.fullmatch(written.strip()):
        written = float(written)
    if isinstance(written, bool) or not isinstance(written, int | float) or not 0 < written <= _MOST_FACTOR:
        return None
    return float(written)


def factor_repair(written: object) -> str:
    """Return what to write for what is no factor: percent, or a comma for the point, become the number they mean."""
    match = _PERCENT.fullmatch(str(written)[:_LONGEST].strip())
    number = read_factor(float(match[1].replace(",", ".")) / (100 if match[2] else 1)) if match else None
    return f"write `{FACTOR}: {1.1 if number is None else number:g}`"


def price_unit(data: PriceFile, item: str) -> str:
    """Return the unit of an item's prices, such as `USD/GiB-month`; `1` for a factor."""
    unit = data.items[item].unit if item in data.items else "GiB-month"
    return unit if unit == "1" else f"USD/{unit}"


def _flat(regions: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str, str, object]]:
    """Yield place, item, subject and the price as written."""
    for place, items in regions.items():
        for item, rows in items.items():
            if item in (LIKE, FACTOR):
                continue
            for subject, written in rows.items() if isinstance(rows, Mapping) else ((ALL, rows),):
                yield place, item, subject, written


def _read(data: PriceFile, place: str, item: str, subject: str, written: object) -> float | Problem:
    """Return a price as a number, or what is wrong with it."""
    stands = f"prices of {cut(place)}: {cut(item)}: {cut(subject)}: {shown(written)}"
    if item not in data.items:
        rule = "the price list has no such item"
        return Problem("", 0, "unknown-price", stands, rule, _right_name(item, data.items))
    rows = data.items[item].rows
    if item not in INSTANCES and subject not in rows:
        return Problem("", 0, "unknown-price", stands, f"{item} has no such row", _right_name(subject, rows))
    unit = price_unit(data, item)
    price = _number(written, unit)
    if price is not None:
        return price
    rule, right = f"a price is {PRICE.words} and has its unit", f"0.06 {unit}" if unit != "1" else "1.15"
    if odd := lookalikes(str(written)):
        rule, right = f"it has {odd.found}", odd.repair
    return Problem("", 0, "price-unit", stands, rule, right)


def _right_name(name: str, right: Collection[str]) -> str:
    """Return what to write for a name that the list does not have: the one that is meant, or all of them."""
    meant = misspelt(name, right)
    return f"write one of: {', '.join(right)}" if meant is None else f"did you mean `{meant}`?"


def _number(written: object, unit: str) -> float | None:
    """Return the price that the user wrote, or None where it is not a price in this unit."""
    number, _, rest = str(written)[:_LONGEST].strip().partition(" ")
    # AWS's price lists say GB and mean GiB
    right = ("",) if unit == "1" else (unit, unit.replace("GiB", "GB"))
    if not _NUMBER.fullmatch(number) or rest.strip() not in right:
        return None
    value = float(number)
    return value if value in PRICE else None
