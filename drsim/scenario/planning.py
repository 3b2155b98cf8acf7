"""What a user writes about planning: what a plan may choose, what it must reach, and how it is searched for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from drsim.scenario.names import TypeName
from drsim.scenario.plans import Record
from drsim.scenario.quantities import Drills, Duration, Flag, Fraction, MoneyRate, Seed
from drsim.scenario.selectors import SelectorText
from drsim.units import DAY_S, HOUR_S

INTERVALS_S = (HOUR_S, 4 * HOUR_S, 12 * HOUR_S, DAY_S, 7 * DAY_S)
"""Intervals between backups that are tried where a scenario names none [s]."""

RETENTIONS_S = tuple(days * DAY_S for days in (7, 14, 35, 90, 365))
"""Retentions that are tried where a scenario names none [s]."""

MOST_POINTS = 1000
"""Points of one rule in one vault, at most: who wants older ones keeps those of a rule that runs less often."""


class _AllOrNamed:
    """How all, none or names are read: true, false, or a list.

    Args:
        name: the kind of names.
    """

    def __init__(self, name: object) -> None:
        self._name = name

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema whose errors stand where a user wrote what is wrong."""
        del source
        names = handler.generate_schema(tuple[self._name, ...])  # type: ignore[name-defined]
        writer = core_schema.plain_serializer_function_ser_schema(_written)
        return core_schema.no_info_wrap_validator_function(_read, names, serialization=writer)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON schema of both forms."""
        return {"anyOf": [{"type": "boolean"}, handler(schema)]}


def _read(value: object, names: ValidatorFunctionWrapHandler) -> object:
    if isinstance(value, bool | list | tuple):
        return value if isinstance(value, bool) else names(value)
    text = "true, false or a list such as [one, two] belongs here"
    repair = f"write `[{value}]`" if isinstance(value, str) and len(value) <= _LONGEST_NAMED else ""
    raise PydanticCustomError("all-or-named", "{text}", {"text": text, "repair": repair})


_LONGEST_NAMED = 40
"""Characters of a word that a repair repeats."""


def _written(value: bool | Sequence[str]) -> bool | list[str]:  # noqa: FBT001  as it is read
    return value if isinstance(value, bool) else list(value)


Allowed = Annotated[bool | tuple[str, ...], _AllOrNamed(str)]
"""All, none, or those named."""
AllowedTypes = Annotated[bool | tuple[str, ...], _AllOrNamed(TypeName)]
"""All types, none, or those named, by the catalogue's names."""


class Planning(Record):
    """What `drsim plan` may choose and must reach; each key may be left out."""

    disruptions: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Disruptions to be met; left out, all under which an application has objectives."""
    attainment: Fraction | None = None
    """Share of incidents that is to meet the objectives; left out, every application's own."""
    baseline: str | None = None
    """Strategy to compare with; left out, the first."""
    keep: tuple[SelectorText, ...] = ()
    """Selectors of what stays protected as in the baseline."""
    intervals: tuple[Duration, ...] | None = Field(default=None, min_length=1)
    """Times between backups that may be chosen; left out, 1 h, 4 h, 12 h, 1 d and 7 d."""
    retentions: tuple[Duration, ...] | None = Field(default=None, min_length=1)
    """Retentions that may be chosen; left out, 7 d, 14 d, 35 d, 90 d and 365 d."""
    minimum_retention: Duration = 0.0
    """How long everything is kept at least."""
    vaults: tuple[str, ...] | None = None
    """Vaults that may be used; left out, those declared."""
    new_vaults: Flag = True
    """Whether vaults may be proposed that are not declared."""
    regions: tuple[str, ...] | None = None
    """Regions in which points may lie; left out, those of the sites."""
    accounts: tuple[str, ...] | None = None
    """Accounts in which points may lie; left out, those of the sites."""
    locks: Allowed = True
    """Vault locks that may be chosen."""
    continuous: AllowedTypes = True
    """Types that may be protected continuously."""
    replication: Allowed = True
    """Features of services that may be chosen."""
    standby: Allowed = True
    """Modes of standby that may be chosen."""
    cold: AllowedTypes = True
    """Types whose points may move to cold storage."""
    avoid: tuple[str, ...] = ()
    """Features that may not be chosen."""
    plan_price: MoneyRate = 0.0
    """What each backup plan costs in people's time, such as `5 USD/month`; stated apart from the bill."""
    drills: Drills = 500
    """Drills of each disruption by which plans are compared, or more where it takes more to show the attainment."""
    confirm_drills: Drills = 2000
    """Drills of each disruption by which the plan is confirmed."""
    seeds: tuple[Seed, ...] | None = Field(default=None, min_length=1)
    """Seeds by which it is confirmed; left out, the one after the scenario's."""
