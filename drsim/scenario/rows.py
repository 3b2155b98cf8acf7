"""Rows of text to edit, and what the edit of a cell means: what the tables of an estate share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from drsim.scenario.edit import Change, Placement, Removal, Renaming
from drsim.scenario.nodes import Loc, Plain

WAS = "was"
"""Column that says which application, resource or site a row was before edits; none for a new one."""

FLAGS = ("stateless", "tested", "on_premises")
LISTS = ("after", "requires")
_WHOLE = ("count", "needs", "priority")
_MAPPED = ("rpo", "rebuild")
"""Columns whose cells may hold a mapping, as in a file: `{time: 4 h, size: 10 GB}`, `{median: 5 d, p95: 20 d}`."""

Row = Mapping[str, Any]


def text_of(value: Plain) -> str:
    """Return a value as a cell holds it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _flow(value: Plain) -> str:
    """Return a part of a mapping as a file has it."""
    return f"[{', '.join(map(text_of, value))}]" if isinstance(value, list) else text_of(value)


def cleaned(row: Row) -> dict[str, Any]:
    """Return a row with text where an editor leaves nothing, or numbers, and without blanks around."""
    return {
        key: value is True or str(value) == "True"
        if key in FLAGS
        else ""
        if value is None or value != value  # noqa: PLR0124  not a number
        else str(value).strip()
        for key, value in row.items()
    }


def is_empty(row: Row) -> bool:
    """Return whether nobody has written anything into a row, as `cleaned`."""
    return not any(value for key, value in row.items() if key != WAS)


def renamed(loc: Loc, names: Mapping[str, str]) -> Iterator[Change]:
    """Yield changes of keys, by way of names that no file has, so that two may exchange theirs."""
    moved = [(old, new) for old, new in names.items() if old != new]
    for k, (old, _) in enumerate(moved):
        yield Renaming((*loc, old), f"\x01{k}")
    for k, (_, new) in enumerate(moved):
        yield Renaming((*loc, f"\x01{k}"), new)


def names_in(text: object) -> list[str]:
    """Return the names in a cell, between its commas."""
    return [part.strip() for part in str(text).split(",") if part.strip()]


def listed(names: Iterable[str]) -> str:
    """Return names as a cell holds them."""
    return ", ".join(names)


def cell_change(loc: tuple[str | int, ...], key: str, value: str | bool) -> Change:  # noqa: FBT001  what a cell holds
    """Return the change that a cell means."""
    if value in ("", False):
        return Removal(loc)
    if key in LISTS:
        return Placement(loc, [*names_in(value)])
    if key in _WHOLE and (digits := re.fullmatch(r"([0-9]{1,30})(\.0*)?", str(value))):
        return Placement(loc, int(digits[1]))
    if key in _MAPPED and str(value).startswith("{"):
        return Placement(loc, _mapping(str(value)))
    return Placement(loc, value)


def _mapping(text: str) -> Plain:
    """Return what a cell with a mapping says; its text where that is none, for the check to refuse."""
    try:
        value: Plain = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return text
    return value
