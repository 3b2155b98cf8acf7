"""A changed scenario as changes of the text that the scenario was read from: what stays is as the user wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from drsim.scenario import Scenario, scenario_data
from drsim.scenario.edit import Change, Placement, Removal, changed
from drsim.scenario.nodes import Loc, Plain

_SECTIONS = ("vaults", "backup_plans", "strategies", "response", "limits", "disruptions")
"""What edits change of a scenario that is written, in the order in which changes are written."""


def written_data(scenario: Scenario) -> dict[str, Plain]:
    """Return the plain data of a scenario, as the user wrote it."""
    return scenario.written if scenario.written is not None else scenario_data(scenario)


def differences(before: Scenario, after: Scenario, origins: Mapping[Loc, Loc]) -> list[Change]:
    """Return the changes of the data of a scenario that make it say what another one says.

    Args:
        before: the scenario as it is.
        after: made from it by edits of its vaults, plans, strategies, response, limits and disruptions.
        origins: places of parts of `after` that began as copies, with the places in `before` of what was copied.
    """
    written = written_data(before)
    changes: list[Change] = []
    for section in _SECTIONS:
        if getattr(before, section) is not getattr(after, section):
            old, new = (_plain(scenario, section) for scenario in (before, after))
            copies = {to[-1]: of[-1] for to, of in origins.items() if to[0] == section}
            spelt = written.get(section) or {}
            changes += _copied(section, copies, old, new, spelt)
            rest = {key: value for key, value in new.items() if key not in copies}
            changes += _differing((section,), old, rest, spelt)
    return changes


def _plain(scenario: Scenario, section: str) -> dict[str, Any]:
    """Return a section as plain data in canonical spelling."""
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True, include={section})
    entries: dict[str, Any] = data.get(section, {})
    return entries


def _copied(
    section: str,
    copies: Mapping[Any, Any],
    old: Mapping[str, Plain],
    new: Mapping[str, Plain],
    written: Any,  # noqa: ANN401  # plain data, whose form the scenario has checked
) -> Iterator[Change]:
    """Yield what adds the parts that began as copies, each with what was changed of it since."""
    for to, of in copies.items():
        spelt = dict(written[of] or {})
        spelt.pop("file", None)
        part = changed({to: spelt}, [*_differing((to,), old[of], new[to], spelt)])
        yield Placement((section, to), part[to])


def _differing(loc: Loc, old: Plain, new: Plain, written: Plain) -> Iterator[Change]:
    """Yield the changes at a place, down to where both differ.

    Args:
        loc: the place.
        old: canonical data of what stands there.
        new: canonical data of what is to stand there.
        written: what stands there as the user wrote it.
    """
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and isinstance(written, dict):
        yield from (Removal((*loc, key)) for key in old if key not in new)
        for key, value in new.items():
            yield from _differing((*loc, key), old.get(key), value, written.get(key))
    elif isinstance(old, list) and isinstance(new, list) and isinstance(written, list) and len(written) == len(old):
        yield from _items_differing(loc, old, new, written)
    else:
        yield Placement(loc, _in_form(loc, new, written))


def _items_differing(loc: Loc, old: list[Any], new: list[Any], written: list[Any]) -> Iterator[Change]:
    """Yield the changes of a list: each item its own where there are as many, else one of them gone, or some added."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    if len(new) == len(old) - 1 and old[same + 1 :] == new[same:]:
        yield Removal((*loc, same))
    elif len(new) >= len(old):
        for k, value in enumerate(new):
            yield from _differing((*loc, k), *((old[k], value, written[k]) if k < len(old) else (None, value, None)))
    else:
        yield Placement(loc, new)


def _in_form(loc: Loc, value: Plain, written: Plain) -> Plain:
    """Return a value in the short form that the user chose: a plan or a limit for all, one plan instead of a list."""
    if isinstance(value, dict) and list(value) == ["*"] and not isinstance(written, dict) and _is_for_all(loc):
        value = value["*"]
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(written, str) else value


def _is_for_all(loc: Loc) -> bool:
    """Return whether a place takes a value for all, in place of a mapping of selectors or types."""
    return loc[0] == "limits" or loc[-1] == "backup"
