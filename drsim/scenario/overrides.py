"""Values of the catalogue that a scenario replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from drsim.catalogue import PARAMETERS, FailureLaw, read_parameter
from drsim.distributions import Distribution
from drsim.errors import UnitError
from drsim.scenario.quantities import READERS, distribution_schema, quantity_schema, read_quantity, schema_error
from drsim.scenario.writing import Written, write_parameters

Parameter = Distribution | FailureLaw


class _NamedValue(NamedTuple):
    """A value with the parameter it is for, which tells how to read it."""

    name: str
    value: object


def _parameter(named: _NamedValue) -> Parameter:
    """Return what a parameter's value means: a distribution, or a law of failure."""
    name, value = named
    if isinstance(value, Distribution | FailureLaw):
        return value
    if name not in PARAMETERS:
        raise schema_error("unknown-parameter", name)
    kind = PARAMETERS[name]
    if kind in READERS and not isinstance(value, Mapping):
        read_quantity(kind, value)
    try:
        return read_parameter(name, value)
    except UnitError as error:
        raise schema_error("wrong-distribution" if isinstance(value, Mapping) else "wrong-quantity", error) from error


def _named_values(value: object) -> object:
    """Return a mapping with its values named by their keys; what is no mapping as it is, for pydantic to refuse."""
    return {str(k): _NamedValue(str(k), v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _write_parameters(values: Mapping[str, Parameter]) -> dict[str, Written]:
    return write_parameters(values, READERS)


def _parameters_schema() -> dict[str, Any]:
    """Return the JSON schema of a mapping from parameters to values."""
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
