"""Checks of the low-cost warm tier of backups.

Source: the developer guide of AWS Backup, "Backup tiering".
"""

from __future__ import annotations

from collections.abc import Iterator

from drsim.errors import Edit
from drsim.scenario.nodes import Loc
from drsim.scenario.plan_checks import whole_days
from drsim.scenario.registry import Case, Finding, Repair, check
from drsim.units import format_duration

KEY = "tiering_down"
"""The key of a resource that asks for the tier, and the fact of its type that says from which age on it can."""


@check("tiering-down")
def tiering_down(case: Case) -> Iterator[Finding]:
    """Data move to the low-cost tier where the type has one, at the age from which on AWS moves them."""
    on = case.scenario.as_of
    for name, kind in case.types.items():
        subject = case.subjects[name]
        asked_s = subject.resource.tiering_down
        if asked_s is None:
            continue
        loc: Loc = (*subject.loc, KEY)
        leave = Repair(f"leave `{KEY}` out", (Edit(loc),))
        least, since = kind.facts.get(KEY), kind.facts.get("tiering_since")
        if least is None:
            able = ", ".join(other.name for other in case.catalogue.types.values() if KEY in other.facts)
            rule = f"AWS has a low-cost warm tier for backups of {able}"
            yield Finding(loc, f"{name}, of type {kind.name}, has `{KEY}`", rule, *leave)
        elif asked_s < least.value:
            right = whole_days(least.value)
            found = f"data of {name} are to move to the low-cost tier after {format_duration(asked_s)}"
            rule = f"AWS moves them after {right} at the earliest"
            yield Finding(loc, found, rule, f"write `{KEY}: {right}`", (Edit(loc, right),), (leave,))
        elif on is not None and since is not None and on < since.value:
            instead = Repair(f"write `as_of: {since.value}`", (Edit(("as_of",), str(since.value)),))
            found = f"{name} has `{KEY}`, and `as_of` is {on}"
            yield Finding(loc, found, f"there was no such tier before {since.value}", *leave, instead=(instead,))
