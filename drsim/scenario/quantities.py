"""The kinds of fields of a scenario: quantities with units, distributions, names.

Each is a pydantic annotation that reads what a user writes and describes itself in the JSON schema.
A bare number is refused where a unit is needed; a `Distribution` passes as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from drsim import units
from drsim.catalogue import PARAMETERS, Catalogue, FailureLaw, load_catalogue, read_parameter
from drsim.distributions import Constant, Distribution, parse
from drsim.errors import RangeError, UnitError
from drsim.ranges import DATES, FIRST_DAY, HORIZON, LAST_DAY, QUANTITIES, SHAPE, WHOLE
from drsim.scenario.writing import Written, write_distribution, write_parameters, write_quantity
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
    found = _GROWTH.fullmatch(value) if isinstance(value, str) else None
    if not found:
        odd = lookalikes(value) if isinstance(value, str) else None
        rule = f"has {odd.found}: {odd.repair}" if odd else "is no yearly growth: write it like '20 %/year'"
        raise UnitError(f"{shown(value)} {rule}")
    return QUANTITIES["growth"].checked(units.count(found[1]) / 100, shown(value))


_GROWTH = re.compile(r"\s*([^\s%]{1,100})\s*%\s*/\s*(?:year|y)\s*")

READERS: dict[str, Callable[[object], float]] = {**units.READERS, "growth": growth}


def _error(check: str, reason: object) -> PydanticCustomError:
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
        raise _error("missing-unit" if bare else "wrong-quantity", error) from error


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
        raise _error("wrong-distribution", error) from error


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
        raise _error("wrong-quantity", error) from error
    except PydanticCustomError as error:
        if error.type != "quantity-out-of-range":
            raise
        beyond = f"{shown(value)} is out of range: {HORIZON.what} is {HORIZON.words}"
        raise _error("wrong-quantity", RangeError(beyond, f"write {HORIZON.high} or less")) from error


def _objects(value: object) -> float:
    number = read_quantity("count", value)
    if number != math.floor(number):
        text = f"{shown(value)} is no number of objects: write a whole number such as {EXAMPLES['count']}"
        raise _error("wrong-quantity", text)
    return number


def _whole(value: object) -> object:
    """Return a whole number that is written with a point or an exponent, such as 1e3, as one; all else as it is."""
    return int(value) if isinstance(value, float) and math.isfinite(value) and value == math.floor(value) else value


def _number(name: str) -> tuple[object, ...]:
    """Return what makes a field a whole number in its range, a key of `drsim.ranges.WHOLE`."""
    limits = WHOLE[name]
    return Field(ge=int(limits.least), le=int(limits.most), strict=True), BeforeValidator(_whole)


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
UncertainDuration = Annotated[Distribution, *_uncertain("duration")]
"""Distribution of seconds."""
UncertainFraction = Annotated[Distribution, *_uncertain("fraction")]
"""Distribution of a fraction of one."""


def _change_rate(value: object, info: ValidationInfo) -> float:
    """Return the fraction changed within one day, from `4 %/day` or, given the resource's size, from `20 GB/day`."""
    try:
        return units.change_per_day(value)
    except RangeError as error:
        raise _error("wrong-quantity", error) from error
    except UnitError as error:
        try:
            bytes_per_day = units.rate_bytes_s(value) * units.DAY_S
        except RangeError as beyond:
            raise _error("wrong-quantity", beyond) from beyond
        except UnitError:
            raise _error("missing-unit" if _is_number(value) else "wrong-quantity", error) from error
    size = info.data.get("size")
    if size is None or bytes_per_day > size:
        rule = "distinct bytes changed in a day are at most the resource's size"
        raise _error("wrong-quantity", f"{shown(value)}: {rule}")
    return float(bytes_per_day / size) if size else 0.0


ChangeRate = Annotated[
    float, PlainValidator(_change_rate), _writer("change-rate"), WithJsonSchema(quantity_schema("change-rate"))
]
"""Fraction of distinct bytes changed within one day."""


def catalogue_of(info: ValidationInfo) -> Catalogue:
    """Return the catalogue given in the validation's context, or the shipped one."""
    given = (info.context or {}).get("catalogue")
    return given if isinstance(given, Catalogue) else load_catalogue()


def canonical_type(text: str, info: ValidationInfo) -> str:
    """Return the catalogue's name of a type; an unknown one stays, for the checks to report."""
    found = catalogue_of(info).find_type(text)
    return found.name if found else text


TypeName = Annotated[str, AfterValidator(canonical_type)]
"""A resource type by the catalogue's name; aliases are turned into it."""

TypeOrAll = Annotated[str, AfterValidator(lambda t, info: t if t == "*" or ":" in t else canonical_type(t, info))]
"""`*`, a resource type, or `to:<site>`."""


def _spelt(pattern: str, rule: str) -> AfterValidator:
    def match(value: str, info: ValidationInfo) -> str:
        excused = (info.context or {}).get("excused", ())
        if not re.fullmatch(pattern, value) and value not in excused:
            meant = value.lstrip("!")
            repair = f"write `{meant}`" if meant != value and re.fullmatch(pattern, meant) else ""
            raise PydanticCustomError(
                "wrong-name", "{text}", {"text": f"{shown(value)} is no name: {rule}", "repair": repair}
            )
        return value

    return AfterValidator(match)


NOT_IN_NAMES = r"\s.*:/,"
"""Characters that no name has, as a regular expression has them in brackets."""

LONGEST_NAME = 100
"""Characters of a name, at most."""

Name = Annotated[
    str,
    _spelt(
        rf"(?!!)[^{NOT_IN_NAMES}]{{1,{LONGEST_NAME}}}",
        f"a name has 1 to {LONGEST_NAME} characters, without blank . * : / or , and with no ! before them, which "
        "excludes",
    ),
]
"""A name that selectors can use."""
LONGEST_TITLE, LONGEST_TEXT = 200, 5000
"""Characters of the name of a scenario and of what it is about, at most: both are printed."""

Title = Annotated[str, _spelt(rf"(?s:.{{0,{LONGEST_TITLE}}})", f"a scenario's has up to {LONGEST_TITLE} characters")]
Text = Annotated[str, _spelt(rf"(?s:.{{0,{LONGEST_TEXT}}})", f"a description has up to {LONGEST_TEXT:,} characters")]
RuleName = Annotated[
    str, _spelt(r"[A-Za-z0-9._-]{1,50}", "AWS takes 1 to 50 letters, digits, '-', '_' and '.' for the name of a rule")
]
VaultName = Annotated[
    str,
    _spelt(
        r"[A-Za-z0-9_-]{2,50}|aws/efs/automatic-backup-vault",
        "AWS takes 2 to 50 letters, digits, '-' and '_' for the name of a vault, "
        "and calls one of its own aws/efs/automatic-backup-vault",
    ),
]
"""Name of a vault. Source: the service model of AWS Backup (BackupVaultName); its developer guide on Amazon EFS."""


def _digits(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_NUMBER_OR_TEXT = WithJsonSchema({"type": ["string", "integer"]})
AccountName = Annotated[str, BeforeValidator(_digits), _NUMBER_OR_TEXT]
"""Name of an account, which may be its number."""
AccountId = Annotated[
    str,
    BeforeValidator(_digits),
    _spelt(r"[0-9]{12}", "the number of an AWS account has 12 digits"),
    _NUMBER_OR_TEXT,
]
"""Number of an account."""


def _tag_value(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


TagKey = Annotated[str, _spelt(r"[^=]{1,128}", "AWS takes 1 to 128 characters for the key of a tag, here without '='")]
TagValue = Annotated[
    str,
    BeforeValidator(_tag_value),
    _spelt(r".{0,256}", "AWS takes up to 256 characters for the value of a tag"),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Tags = dict[TagKey, TagValue]
"""Tags of AWS by key; capitals count."""


Parameter = Distribution | FailureLaw
Moments = TypeVar("Moments", bound=date)


class _Named(NamedTuple):
    """A value with the parameter it is for, which tells how to read it."""

    name: str
    value: object


def _parameter(named: _Named) -> Parameter:
    name, value = named
    if isinstance(value, Distribution | FailureLaw):
        return value
    if name not in PARAMETERS:
        raise _error("unknown-parameter", name)
    kind = PARAMETERS[name]
    if kind in READERS and not isinstance(value, Mapping):
        read_quantity(kind, value)
    try:
        return read_parameter(name, value)
    except UnitError as error:
        raise _error("wrong-distribution" if isinstance(value, Mapping) else "wrong-quantity", error) from error


def _named_values(value: object) -> object:
    return {str(k): _Named(str(k), v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _write_parameters(values: Mapping[str, Parameter]) -> dict[str, Written]:
    return write_parameters(values, READERS)


def _parameters_schema() -> dict[str, Any]:
    fraction = quantity_schema("fraction")
    spells = {"lasts": distribution_schema("duration"), "shared": {"const": "account"}}
    laws: dict[str, dict[str, Any]] = {"probability": {}, "failure": spells}
    forms = {
        kind: {
            "anyOf": [
                fraction,
                {
                    "type": "object",
                    "properties": {"p": fraction, **more},
                    "required": ["p"],
                    "additionalProperties": False,
                },
            ]
        }
        for kind, more in laws.items()
    }
    return {
        "type": "object",
        "properties": {name: forms.get(kind) or distribution_schema(kind) for name, kind in PARAMETERS.items()},
        "additionalProperties": False,
    }


Overrides = Annotated[
    dict[str, Annotated[Parameter, PlainValidator(_parameter)]],
    BeforeValidator(_named_values),
    PlainSerializer(_write_parameters, return_type=Any, when_used="json-unless-none"),
    WithJsonSchema(_parameters_schema()),
]
"""Catalogue values replaced: parameter to `Distribution` or `FailureLaw`."""


def _start(value: object) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        moment = _read_date(value, datetime.fromisoformat, "2026-01-01 or 2026-01-01T06:00Z")
    _check_year(moment, value)
    found = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    _check_year(found, value)  # at the turn of a year it may be another one there
    return found


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        value = _read_date(value, date.fromisoformat, "2026-01-01")
    _check_year(value, value)
    return value


def _read_date(value: object, read: Callable[[str], Moments], right: str) -> Moments:
    """Return the date or moment that a text says."""
    odd = lookalikes(value) if isinstance(value, str) else None
    rule = f"{odd.found}: {odd.repair}" if odd else f"write it like {right}"
    wrong = _error("wrong-date", f"{shown(value)} is no date: {rule}")
    if odd or not isinstance(value, str):
        raise wrong
    try:
        return read(value)
    except ValueError as error:
        raise wrong from error


def _check_year(moment: date, written: object) -> None:
    """Refuse dates out of range."""
    if not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
        text = f"{shown(str(written))} is out of range: a date is {DATES}"
        raise _error("wrong-date", RangeError(text, "write a date within it"))


def _write_start(moment: datetime) -> str:
    text = moment.isoformat()
    return text.removesuffix("T00:00:00+00:00").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainValidator(_start),
    PlainSerializer(_write_start, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["2026-01-01", "2026-01-01T06:00Z"], "$comment": DATES}),
]
"""A moment in UTC; a date means its midnight."""
Day = Annotated[
    date,
    PlainValidator(_day),
    PlainSerializer(date.isoformat, return_type=str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "format": "date", "$comment": DATES}),
]
