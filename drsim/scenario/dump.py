"""Scenarios to YAML that loads to the same scenario."""

from __future__ import annotations

from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Plain

_BREAKS = frozenset("\x85\u2028\u2029")
"""Characters that some readers take for the end of a line."""


class _Representer(SafeRepresenter):
    """Writes data so that every reader gets the same."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  the base class gives it
        # two places that hold the same list are two lists to a reader
        return True

    def text(self, data: str) -> ScalarNode:
        style = '"' if _BREAKS & set(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Representer.add_representer(str, _Representer.text)


def scenario_data(scenario: Scenario) -> dict[str, Plain]:
    """Return a scenario as plain data that a scenario file may hold, complete without plan documents.

    What still says what the user wrote is returned as written.
    """
    data = _canonical(scenario)
    written = scenario.written
    if written is None:
        return data
    before = _canonical(Scenario.model_validate(written, context={"catalogue": scenario.catalogue}))
    return {key: _as_written(value, before.get(key), written.get(key)) for key, value in data.items()}


def dump_scenario(scenario: Scenario) -> str:
    """Return a scenario as YAML text that loads to an equal one, whichever folder it stands in."""
    return plain_text(scenario_data(scenario))


def plain_text(data: dict[str, Plain]) -> str:
    """Return plain data as YAML text that every reader reads as the same."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its stub knows only None
    yaml.width = 120
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _canonical(scenario: Scenario) -> dict[str, Plain]:
    return scenario.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)


def _as_written(value: Plain, before: Plain, written: Plain) -> Plain:
    """Return what was written, down to where it no longer says the same.

    Args:
        value: canonical data now.
        before: canonical data of what was written.
        written: what was written.
    """
    if value == before and written is not None:
        return written
    if isinstance(value, dict) and isinstance(before, dict) and isinstance(written, dict):
        return {key: _as_written(inner, before.get(key), written.get(key)) for key, inner in value.items()}
    if isinstance(value, list) and isinstance(before, list) and isinstance(written, list):
        olds = before + [None] * len(value)
        texts = written + [None] * len(value)
        return [_as_written(inner, old, text) for inner, old, text in zip(value, olds, texts, strict=False)]
    return value
