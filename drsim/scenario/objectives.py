"""Objectives: what is wanted of a recovery, and how an RPO may be written, as a time, a size or both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, SerializationInfo, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

from drsim.scenario.plans import Record
from drsim.scenario.quantities import READERS, Duration, Fraction, Size, quantity_schema, read_quantity
from drsim.scenario.writing import write_quantity


class LossLimits(Record):
    """Data loss that is wanted at most, by the time it spans, by its size, or both at once."""

    time: Duration | None = None
    """Time that the lost data span, at most."""
    size: Size | None = None
    """Lost data, at most."""


class _TimeOrLimits:
    """How an RPO is read and written: a duration as one, a mapping as `LossLimits`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema whose errors stand where a user wrote what is wrong."""
        del source
        writer = core_schema.plain_serializer_function_ser_schema(_written, info_arg=True)
        limits = handler.generate_schema(LossLimits)
        return core_schema.no_info_wrap_validator_function(_read, limits, serialization=writer)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON schema of both forms."""
        return {"anyOf": [quantity_schema("duration"), handler(schema)]}


def _read(value: object, limits: ValidatorFunctionWrapHandler) -> object:
    return limits(value) if isinstance(value, Mapping | LossLimits) else read_quantity("duration", value)


def _written(value: float | LossLimits | None, info: SerializationInfo) -> object:
    if isinstance(value, LossLimits):
        return value.model_dump(mode=info.mode, exclude_unset=True, exclude_none=True)
    is_text = value is not None and info.mode == "json"
    return write_quantity("duration", value, READERS["duration"]) if is_text else value


Loss = Annotated[float | LossLimits, _TimeOrLimits()]
"""A data loss: seconds, or limits of its own for time and size."""


class _Limits(Record):
    """What is wanted at most, of each measure."""

    rpo: Loss | None = None
    """Data loss that is wanted at most: a time, or `{time: 4 h, size: 10 GB}`, of which one may be left out."""
    rto: Duration | None = None
    """Downtime that is wanted at most."""
    rto_full: Duration | None = None
    """Time until full performance that is wanted at most."""

    @property
    def rpo_s(self) -> float | None:
        """Data loss that is wanted at most, by the time it spans [s]."""
        return self.rpo.time if isinstance(self.rpo, LossLimits) else self.rpo

    @property
    def rpo_bytes(self) -> float | None:
        """Data loss that is wanted at most, by its size [bytes]."""
        return self.rpo.size if isinstance(self.rpo, LossLimits) else None

    @property
    def rto_s(self) -> float | None:
        """Downtime that is wanted at most [s]."""
        return self.rto

    @property
    def rto_full_s(self) -> float | None:
        """Time until full performance that is wanted at most [s]."""
        return self.rto_full


class ObjectiveSet(_Limits):
    """Objectives under one disruption; what is left out is the application's."""

    attainment: Fraction | None = None
    """Share of incidents that is to meet the objectives, all at once."""

    @property
    def is_asking(self) -> bool:
        """Whether anything is to be met: an RPO, or an RTO."""
        return any(limit is not None for limit in (self.rpo, self.rto, self.rto_full))


class Objectives(_Limits):
    """Objectives of an application."""

    attainment: Fraction = 0.95
    """Share of incidents that is to meet the objectives, all at once."""
    for_: dict[str, ObjectiveSet] = Field(default_factory=dict, alias="for")
    """Objectives of their own for some disruptions; key by key, the nearest wins."""

    def under(self, disruption: str) -> ObjectiveSet:
        """Return the objectives that hold under a disruption; `attainment` is always set."""
        under_it = self.for_.get(disruption, ObjectiveSet())
        nearest = {key: getattr(under_it, key) for key in ObjectiveSet.model_fields}
        return ObjectiveSet.model_construct(
            **{key: getattr(self, key) if value is None else value for key, value in nearest.items()}
        )
