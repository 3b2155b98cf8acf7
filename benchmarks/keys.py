"""The page of the keys of `planning`, made of the scenario's schema."""

from __future__ import annotations

import json
from collections.abc import Iterator

from drsim.report.tables import Column, Table
from drsim.scenario import scenario_schema
from drsim.scenario.nodes import Plain

_WORDS = {"duration": "time", "fraction": "share", "money-rate": "sum per time"}
"""What kinds of quantities are, for people."""

HEAD = """\
# Keys of planning

What `drsim plan` may choose and must reach is said under `planning` of a scenario; each key may be left out, and so may
all of them.
Names of what is not there, and choices of which none can be used, are refused by `drsim check` and `drsim plan` alike,
each with its line and what to write.

```yaml
planning:
  attainment: 95 %
  disruptions: [ransomware, region-loss]
  keep: [reports.*]
  intervals: [4 h, 1 d]
  retentions: [14 d, 35 d, 90 d]
  locks: [compliance]
  standby: [pilot-light, warm-standby]
  continuous: [RDS, Aurora]
```

`python -m benchmarks.reference` writes the page from the schema, which `drsim schema` prints.

"""


def planning_table() -> Table:
    """Return every key of `planning` with its values and what holds where it is left out."""
    schema = scenario_schema()["$defs"]
    assert isinstance(schema, dict)
    columns = (Column("key"), Column("what it says"), Column("values"), Column("left out"))
    return Table("Keys", columns, tuple(_rows(schema)))


def _rows(definitions: dict[str, Plain]) -> Iterator[tuple[str, ...]]:
    planning = definitions["Planning"]
    assert isinstance(planning, dict)
    properties = planning["properties"]
    assert isinstance(properties, dict)
    for key, body in properties.items():
        assert isinstance(body, dict)
        what, _, otherwise = str(body["description"]).rstrip(".").partition("; left out, ")
        default = otherwise or ("none" if body["default"] == [] else f"`{json.dumps(body['default']).strip(chr(34))}`")
        yield f"`{key}`", what, " or ".join(_forms(body, definitions)), default


def _forms(body: dict[str, Plain], definitions: dict[str, Plain]) -> Iterator[str]:
    """Yield the forms that a value may have, in words."""
    match body:
        case {"anyOf": list(options)}:
            for option in options:
                assert isinstance(option, dict)
                yield from _forms(option, definitions)
        case {"$ref": str(name)}:
            definition = definitions[name.rpartition("/")[2]]
            assert isinstance(definition, dict)
            yield f"a {_WORDS.get(name.rpartition('/')[2], 'value')} such as `{_example(definition)}`"
        case {"type": "array", "items": dict(item)}:
            yield f"a list, each {' or '.join(_forms(item, definitions))}"
        case {"type": "boolean"}:
            yield "`true`"
            yield "`false`"
        case {"type": "integer", "minimum": least, "maximum": most}:
            yield f"a whole number from {least} to {most:,}"
        case {"type": "string"}:
            yield "a name"


def _example(definition: dict[str, Plain]) -> str:
    examples = definition["examples"]
    assert isinstance(examples, list)
    return str(examples[0])
