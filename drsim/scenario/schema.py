"""The JSON schema of a scenario file, made of the models' docstrings."""

from __future__ import annotations

import json

from pydantic import TypeAdapter

from drsim.ranges import QUANTITIES
from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Plain
from drsim.scenario.overrides import Overrides
from drsim.scenario.quantities import EXAMPLES, READERS, distribution_schema, quantity_schema
from drsim.scenario.writing import write_quantity

_UNCERTAIN = "uncertain-"


def scenario_schema() -> dict[str, Plain]:
    """Return the JSON schema of a scenario file, draft 2020-12."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    plan = schema["$defs"]["BackupPlan"]
    del plan["required"]
    plan["oneOf"] = [{"required": ["rules"]}, {"required": ["file"]}]
    # most specific last: what is replaced first may hold what is replaced next
    named: dict[str, dict[str, Plain]] = {"Overrides": TypeAdapter(Overrides).json_schema()}
    named |= {f"{_UNCERTAIN}{kind}": distribution_schema(kind) for kind in EXAMPLES}
    named |= {kind: quantity_schema(kind) for kind in EXAMPLES}
    names = {_text(body): name for name, body in named.items()}
    top = {key: _shared(value, names) for key, value in schema.items() if key != "$defs"}
    defs: dict[str, Plain] = {name: _shared(value, names) for name, value in schema["$defs"].items()}
    for name, body in named.items():
        defs[name] = {key: _shared(value, names) for key, value in body.items()}
        limits = QUANTITIES.get(name.removeprefix(_UNCERTAIN))
        if limits is not None:
            defs[name] = {"description": f"{limits.what.capitalize()}: {limits.words}.", **_properties(defs[name])}
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **top, "title": "drsim scenario", "$defs": defs}


def _properties(schema: Plain) -> dict[str, Plain]:
    return schema if isinstance(schema, dict) else {}


def _shared(schema: Plain, names: dict[str, str]) -> Plain:
    """Return a schema with a reference in place of each part that has a name."""
    if isinstance(schema, list):
        return [_shared(part, names) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # a field's own keys stand beside the quantity's
    described = {key: value for key, value in schema.items() if key in ("title", "description", "default")}
    bare = {key: value for key, value in schema.items() if key not in described}
    name = names.get(_text(bare))
    if name is not None:
        return {**_written_default(described, name.removeprefix(_UNCERTAIN)), "$ref": f"#/$defs/{name}"}
    if "$ref" in schema:
        # what a left-out mapping means is told by its own keys
        return {key: value for key, value in schema.items() if key != "default"}
    return {key: _shared(value, names) for key, value in schema.items()}


def _written_default(described: dict[str, Plain], kind: str) -> dict[str, Plain]:
    """Return a field's own keys with the default of a quantity, or of a constant, as it is written."""
    match described.get("default"):
        case float(value) | {"value": float(value)}:
            return {**described, "default": write_quantity(kind, value, READERS[kind])}
    return described


def _text(schema: Plain) -> str:
    return json.dumps(schema, sort_keys=True)
