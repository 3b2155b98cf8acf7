"""The kinds of quantities in a scenario: numbers with units, and distributions of them.

Each is a pydantic annotation that reads what a user writes and describes itself in the JSON schema.
A bare number is refused where a unit is needed; a `Distribution` passes as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from drsim import units
from drsim.catalogue.own_prices import FACTOR_RULE, factor_repair, read_factor
from drsim.distributions import Constant, Distribution, parse
from drsim.errors import RangeError, UnitError
from drsim.ranges import HORIZON, QUANTITIES, SHAPE, WHOLE
from drsim.scenario.writing import write_distribution, write_quantity
from drsim.text import lookalikes, shown

EXAMPLES: dict[str, str] = {
    "duration": "35 d",
    "size": "500 GB",
    "rate": "120 MB/s",
    "object-rate": "1000 /s",
    "change-rate": "4 %/day",
    "yearly-rate": "0.3 /year",
    "growth": "20 %/year",
    "money": "15000000 USD",
    "money-rate": "20000 USD/h",
    "fraction": "95 %",
    "count": "40e6",
}
"""The right form of each kind of quantity."""

BARE = frozenset({"fraction", "count"})
"""Kinds that may be written without a unit."""


def growth(value: object) -> float:
    """Return a yearly growth as a fraction, from `20 %/year`; it may exceed 100 %."""
    match = _GROWTH.fullmatch(value) if isinstance(value, str) else None
    if not match:
        slip = lookalikes(value) if isinstance(value, str) else None
        rule = f"has {slip.found}: {slip.repair}" if slip else "is no yearly growth: write it like '20 %/year'"
        raise UnitError(f"{shown(value)} {rule}")
    return QUANTITIES["growth"].checked(units.count(match[1]) / 100, shown(value))


_GROWTH = re.compile(r"\s*([^\s%]{1,100})\s*%\s*/\s*(?:year|y)\s*")

READERS: dict[str, Callable[[object], float]] = {**units.READERS, "growth": growth}


def schema_error(check: str, reason: object) -> PydanticCustomError:
    """Return the error of a check; where a range is left, with what to write instead, and as a check of its own."""
    text, repair = str(reason), ""
    if isinstance(reason, RangeError):
        check, text, repair = "quantity-out-of-range", reason.text, reason.repair
    # the text goes in as a value, since braces in it would be read as a template
    return PydanticCustomError(check, "{text}", {"text": text, "repair": repair})


def read_quantity(kind: str, value: object) -> float:
    """Return a quantity of a kind in its canonical unit.

    Raises:
        PydanticCustomError: of type `missing-unit` or `wrong-quantity`.
    """
    try:
        return READERS[kind](value)
    except UnitError as error:
        bare = kind not in BARE and not isinstance(value, bool) and _is_number(value)
        raise schema_error("missing-unit" if bare else "wrong-quantity", error) from error


def _is_number(value: object) -> bool:
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9_.]+([eE][+-]?[0-9]+)?\s*", value) is not None


def read_distribution(kind: str, value: object) -> Distribution:
    """Return a distribution of quantities of a kind.

    Raises:
        PydanticCustomError: of type `missing-unit`, `wrong-quantity` or `wrong-distribution`.
    """
    if isinstance(value, Distribution):
        return value
    if not isinstance(value, Mapping):
        return Constant(read_quantity(kind, value))
    try:
        return parse(value, READERS[kind], QUANTITIES[kind])
    except (UnitError, TypeError) as error:
        raise schema_error("wrong-distribution", error) from error


def quantity_schema(kind: str) -> dict[str, Any]:
    """Return the JSON schema of a quantity of a kind."""
    example = EXAMPLES[kind]
    if kind in BARE:
        ends = {"minimum": QUANTITIES[kind].least, "maximum": QUANTITIES[kind].most}
        return {"anyOf": [{"type": "number", **ends}, {"type": "string"}], "examples": [example]}
    unit = {"change-rate": r"(%|[kKMGTP]i?B)/(d|day|days)"}.get(kind, r"[^\d\s].*")
    return {"type": "string", "pattern": rf"^\s*\+?[\d_.]+([eE][+-]?\d+)?\s*{unit}$", "examples": [example]}


def distribution_schema(kind: str) -> dict[str, Any]:
    """Return the JSON schema of a distribution of quantities of a kind."""
    one = quantity_schema(kind)
    pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
    shape = {"type": "number", "minimum": SHAPE.least, "maximum": SHAPE.most}
    forms: list[tuple[dict[str, Any], list[str]]] = [
        ({"median": one, "p95": one, "max": one}, ["median", "p95"]),
        ({"median": one, "p5": one, "max": one}, ["median", "p5"]),
        ({"uniform": pair}, ["uniform"]),
        ({"exponential": one}, ["exponential"]),
        ({"triangular": {**pair, "minItems": 3, "maxItems": 3}}, ["triangular"]),
        ({"weibull": {"type": "object", "properties": {"scale": one, "shape": shape}}}, ["weibull"]),
        ({"empirical": {"type": "array", "items": one, "minItems": 1}}, ["empirical"]),
    ]
    objects = [
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        for properties, required in forms
    ]
    return {"anyOf": [one, *objects], "examples": [EXAMPLES[kind]]}


def _writer(kind: str) -> PlainSerializer:
    return PlainSerializer(
        lambda value: write_quantity(kind, value, READERS[kind]), return_type=Any, when_used="json-unless-none"
    )


def _quantity(kind: str) -> tuple[object, ...]:
    return (
        PlainValidator(lambda value: read_quantity(kind, value)),
        _writer(kind),
        WithJsonSchema(quantity_schema(kind)),
    )


def _uncertain(kind: str) -> tuple[object, ...]:
    writer = PlainSerializer(
        lambda v: write_distribution(kind, v, READERS[kind]), return_type=Any, when_used="json-unless-none"
    )
    return PlainValidator(lambda v: read_distribution(kind, v)), writer, WithJsonSchema(distribution_schema(kind))


def _horizon(value: object) -> float:
    try:
        return HORIZON.checked(read_quantity("duration", value), shown(value))
    except RangeError as error:
        raise schema_error("wrong-quantity", error) from error
    except PydanticCustomError as error:
        if error.type != "quantity-out-of-range":
            raise
        beyond = f"{shown(value)} is out of range: {HORIZON.what} is {HORIZON.words}"
        raise schema_error("wrong-quantity", RangeError(beyond, f"write {HORIZON.high} or less")) from error


def _objects(value: object) -> float:
    number = read_quantity("count", value)
    if number != math.floor(number):
        text = f"{shown(value)} is no number of objects: write a whole number such as {EXAMPLES['count']}"
        raise schema_error("wrong-quantity", text)
    return number


def _whole(value: object) -> object:
    """Return a whole number that is written with a point or an exponent, such as 1e3, as one; all else as it is."""
    return int(value) if isinstance(value, float) and math.isfinite(value) and value == math.floor(value) else value


def _number(name: str) -> tuple[object, ...]:
    """Return what makes a field a whole number in its range, a key of `drsim.ranges.WHOLE`."""
    limits = WHOLE[name]
    return Field(ge=int(limits.least), le=int(limits.most), strict=True), BeforeValidator(_whole)


def _price_factor(value: object) -> float:
    """Return a number, of which `wrong-price` says whether it is a factor of prices.

    Raises:
        PydanticCustomError: of type `wrong-quantity`.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    factor = read_factor(value)
    if factor is None:
        raise PydanticCustomError("wrong-quantity", "{text}", {"text": FACTOR_RULE, "repair": factor_repair(value)})
    return factor


Duration = Annotated[float, *_quantity("duration")]
"""Seconds."""
Horizon = Annotated[float, PlainValidator(_horizon), _writer("duration"), WithJsonSchema(quantity_schema("duration"))]
"""Seconds, in a range of their own."""
Size = Annotated[float, *_quantity("size")]
"""Bytes."""
Rate = Annotated[float, *_quantity("rate")]
"""Bytes a second."""
YearlyRate = Annotated[float, *_quantity("yearly-rate")]
"""Events a year."""
Growth = Annotated[float, *_quantity("growth")]
"""Fraction a year."""
Money = Annotated[float, *_quantity("money")]
"""US dollars."""
MoneyRate = Annotated[float, *_quantity("money-rate")]
"""US dollars a second."""
Fraction = Annotated[float, *_quantity("fraction")]
"""Fraction of one."""
Objects = Annotated[
    float,
    PlainValidator(_objects),
    _writer("count"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": QUANTITIES["count"].least, "maximum": QUANTITIES["count"].most},
                {"type": "string"},
            ],
            "examples": [EXAMPLES["count"]],
        }
    ),
]
"""A whole number of things."""
Drills = Annotated[int, *_number("drills")]
Seed = Annotated[int, *_number("seed")]
Members = Annotated[int, *_number("count")]
"""Members of a resource."""
Priority = Annotated[int, *_number("priority")]
Jobs = Annotated[int, *_number("jobs")]
"""Jobs at the same time."""
Flag = Annotated[bool, Field(strict=True)]
"""true or false, and no text or number that might mean it."""
PriceFactor = Annotated[float, BeforeValidator(_price_factor)]
"""What prices are multiplied by."""
UncertainDuration = Annotated[Distribution, *_uncertain("duration")]
"""Distribution of seconds."""
UncertainFraction = Annotated[Distribution, *_uncertain("fraction")]
"""Distribution of a fraction of one."""


def _change_rate(value: object, info: ValidationInfo) -> float:
    """Return the fraction changed within one day, from `4 %/day` or, given the resource's size, from `20 GB/day`."""
    try:
        return units.change_per_day(value)
    except RangeError as error:
        raise schema_error("wrong-quantity", error) from error
    except UnitError as error:
        try:
            bytes_per_day = units.rate_bytes_s(value) * units.DAY_S
        except RangeError as beyond:
            raise schema_error("wrong-quantity", beyond) from beyond
        except UnitError:
            raise schema_error("missing-unit" if _is_number(value) else "wrong-quantity", error) from error
    size = info.data.get("size")
    if size is None or bytes_per_day > size:
        rule = "distinct bytes changed in a day are at most the resource's size"
        raise schema_error("wrong-quantity", f"{shown(value)}: {rule}")
    return float(bytes_per_day / size) if size else 0.0


ChangeRate = Annotated[
    float, PlainValidator(_change_rate), _writer("change-rate"), WithJsonSchema(quantity_schema("change-rate"))
]
"""Fraction of distinct bytes changed within one day."""
