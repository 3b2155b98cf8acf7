"""Changes of a scenario's text: values set, removed and renamed at their places, all else as the user wrote it.

A change may leave the scenario wrong. Whoever makes one has the text checked afterwards, which tells what and where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from drsim.errors import Edit
from drsim.scenario.dump import plain_text
from drsim.scenario.nodes import Loc, Plain, plain
from drsim.scenario.yaml_text import read_yaml


@dataclass(frozen=True)
class Placement:
    """A value set at a place; mappings on the way there are made, and one past the end of a list adds to it.

    Attributes:
        loc: keys and list positions that lead to it.
        value: plain data.
    """

    loc: Loc
    value: Plain


@dataclass(frozen=True)
class Removal:
    """What stands at a place taken away; nothing where nothing stands.

    Attributes:
        loc: keys and list positions that lead to it.
    """

    loc: Loc


@dataclass(frozen=True)
class Renaming:
    """A key of a mapping exchanged for another, which stands in its place; nothing where there is no such key.

    Attributes:
        loc: keys and list positions that lead to it.
        key: the new one.
    """

    loc: Loc
    key: str


Change = Placement | Removal | Renaming


def as_changes(edits: Iterable[Edit]) -> list[Change]:
    """Return the edits of repairs as changes, which make them all: each once, and of a list from its end."""
    distinct = list({repr(edit): edit for edit in edits}.values())
    puts: list[Change] = [Placement(edit.loc, edit.value) for edit in distinct if edit.value is not None]  # type: ignore[arg-type]
    gone = sorted((edit.loc for edit in distinct if edit.value is None), key=_by_place, reverse=True)
    return [*puts, *map(Removal, gone)]


def _by_place(loc: Loc) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in loc]


def changed(data: Mapping[str, Plain], changes: Iterable[Change]) -> dict[str, Plain]:
    """Return plain data with changes, made one after the other; the data given stay as they are."""
    copy: dict[str, Plain] = deepcopy(dict(data))
    for change in changes:
        _make(copy, change)
    return copy


def edited(text: str, changes: Sequence[Change]) -> str:
    """Return a scenario's text with changes, its comments, order and units kept.

    Spaces that only line things up are not kept. Where a place is written once and meant several times (an alias),
    the text is written anew without comments, since a change is for one place.

    Args:
        text: YAML of a scenario that can be read.
        changes: made one after the other.

    Raises:
        Refusal: the text is no YAML.
    """
    root, _ = read_yaml(text, "scenario")
    before = plain(root)
    wanted = changed(before if isinstance(before, dict) else {}, changes)
    if wanted == before:
        return text
    kept = _kept_text(text, changes)
    return kept if kept is not None and _says(kept) == wanted else plain_text(wanted)


def quick_text(data: Mapping[str, Plain]) -> str:
    """Return plain data as text that reads as a scenario, made in no time and meant for no human eye: JSON."""
    text = json.dumps(data, ensure_ascii=False, indent=0)
    # what JSON may hold as it stands, and YAML only by its number
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def free_name(wanted: str, taken: Iterable[str], longest: int = 50) -> str:
    """Return a name that is not taken: the wanted one, or with a number after it.

    Args:
        wanted: the name.
        taken: names that exist.
        longest: characters of a name, at most.
    """
    names, k = set(taken), 1
    name = wanted[:longest]
    while name in names:
        k += 1
        name = f"{wanted[: longest - len(str(k)) - 1]}-{k}"
    return name


def _kept_text(text: str, changes: Sequence[Change]) -> str | None:
    """Return the text with changes by ruamel's round trip; None where that cannot follow."""
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    if re.search(r"^( *)(?! |#|- )[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*\1 +- ", text, re.MULTILINE):
        yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        data = yaml.load(text)
        for change in changes:
            _make(data, change)
        stream = StringIO()
        yaml.dump(data, stream)
    except (YAMLError, KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None
    return stream.getvalue()


def _says(text: str) -> Plain:
    """Return what a text says; None where it cannot be read."""
    try:
        root, problems = read_yaml(text, "scenario")
    except Exception:  # noqa: BLE001  whatever is wrong with it, it is not used
        return None
    return None if problems else plain(root)


def _make(data: Any, change: Change) -> None:  # noqa: ANN401  # plain data, or ruamel's, which act alike
    """Make a change in place."""
    *way, last = change.loc
    here = _reached(data, way, making=isinstance(change, Placement))
    if here is None:
        return
    if isinstance(change, Placement):
        _put(here, last, deepcopy(change.value))
    elif isinstance(change, Removal):
        if isinstance(here, dict):
            here.pop(last, None)
        elif isinstance(here, list) and isinstance(last, int) and last < len(here):
            del here[last]
    elif isinstance(here, dict) and last in here and change.key != last:
        _rename(here, last, change.key)


def _reached(data: Any, way: Sequence[str | int], *, making: bool) -> Any:  # noqa: ANN401  # as above
    """Return what stands at a place, made where it is missing and that is wanted; else None."""
    for part in way:
        if isinstance(data, list):
            data = data[part] if isinstance(part, int) and part < len(data) else None
        elif isinstance(data, dict):
            if making and data.get(part) is None:
                data[part] = {}
            data = data.get(part)
        else:
            return None
    return data


def _put(here: Any, last: str | int, value: Plain) -> None:  # noqa: ANN401  # as above
    if isinstance(here, list) and isinstance(last, int) and last >= len(here):
        here.append(value)
    else:
        here[last] = value


def _rename(here: Any, old: str | int, new: str) -> None:  # noqa: ANN401  # as above
    """Exchange a key, in its place."""
    entries = list(here.items())
    comments = getattr(getattr(here, "ca", None), "items", None)
    for key, _ in entries:
        del here[key]
    for key, value in entries:
        here[new if key == old else key] = value
    if comments is not None and old in comments:
        comments[new] = comments.pop(old)
