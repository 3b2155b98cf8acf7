"""Limits on jobs that run at once: the scenario's own, and those of AWS that a world has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from drsim.changes import edits
from drsim.changes.knob import Knob, Target
from drsim.changes.model import Change, Edit, ScenarioChange, WorldChange, WorldEdit
from drsim.changes.reach import Studied
from drsim.changes.relief import Relief
from drsim.changes.uncertain import End, Input, Label
from drsim.scenario import Limits, Scenario
from drsim.world import World
from drsim.world.groups import grouped
from drsim.world.limits import Limit
from drsim.world.model import Restoration

QUOTA, UNLIMITED = "AWS quota", "unlimited"

_SLOTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_NO_LIMIT = 10**9
"""Slots for which no job ever waits."""

_LABELS = {
    "backup_jobs": "Backup jobs at the same time",
    "copy_jobs": "Copy jobs at the same time",
    "restore_jobs": "Restore jobs at the same time",
    "jobs_per_resource": "Jobs of one resource at the same time",
}


def _limited(queue: str, slots: int | None) -> Edit:
    """Return the edit of a limit for all types and sites; None for none. What is said of a type or a site stays."""

    def edit(scenario: Scenario) -> Scenario:
        written = getattr(scenario.limits, queue)
        return edits.on_limits(**{queue: {**(written or {}), "*": slots}})(scenario)

    return edit


def _with_slots(slots: dict[str, int]) -> WorldEdit:
    """Return the edit of the slots of limits, by name: a limit's number depends on who else is there."""

    def edit(world: World) -> World:
        if not any(limit.name in slots for limit in world.limits):
            return world
        limits = (replace(limit, slots=slots[limit.name]) if limit.name in slots else limit for limit in world.limits)
        return grouped(replace(world, limits=tuple(limits)))

    return edit


CONCURRENCY = ScenarioChange("limits.jobs", "limits", "how many jobs run at once", _limited, _SLOTS)
SLOTS = WorldChange("limits.slots", "limits", "how many jobs a limit lets run at once", _with_slots)

CHANGES: tuple[Change, ...] = (CONCURRENCY, SLOTS)


def knobs(scenario: Scenario) -> Iterator[Knob]:
    """Yield the limits for all types and sites."""
    for queue, label in _LABELS.items():
        present, options = _options(scenario.limits, queue)

        def edit(_: Target, text: str, queue: str = queue) -> Edit:
            return CONCURRENCY.edit(queue, None if text == UNLIMITED else int(text))

        about = "One limit for all types and sites, in place of AWS's quotas."
        # what AWS allows has no place among numbers: it differs by type and site
        yield Knob(CONCURRENCY, f"limits/{queue}", (), label, present, options, edit, ordered=False, about=about)


def _options(limits: Limits, queue: str) -> tuple[str, tuple[str, ...]]:
    written = getattr(limits, queue)
    numbers = set(_SLOTS)
    if written is None:
        present = QUOTA
    elif (slots := written.get("*")) is None:
        present = UNLIMITED
    else:
        numbers.add(slots)
        present = str(slots)
    quota = (QUOTA,) if written is None else ()
    return present, (*quota, *map(str, sorted(numbers)), UNLIMITED)


def inputs(of: Studied) -> Iterator[Input]:
    """Yield the limits on concurrent jobs that can make the subject wait, at half and double their slots."""
    for i, limit in enumerate(of.world.limits):
        low, high = max(1, limit.slots // 2), limit.slots * 2
        if limit.is_of_resource or not (_restores_wait(of, i, low) or _jobs_wait(of, i, low)):
            continue
        below, above = _end(limit, low, "half"), _end(limit, high, "double")
        known = limit.basis, limit.source
        yield Input("quota", Label(limit.name), below, above, *known, parameter="slots", change=SLOTS)


def _end(limit: Limit, slots: int, word: str) -> End | None:
    """Return an end of a limit's range; None where it is the limit as it is."""
    return None if slots == limit.slots else End(f"{slots} ({word})", on_world=SLOTS.edit({limit.name: slots}))


def _restores_wait(of: Studied, limit: int, slots: int) -> bool:
    """Return whether copies and restores of a recovery that matters may have to wait for one of so many slots."""
    world = of.world
    users = [world.resources[m.resource] for m in world.members if _may_use(m.restoration, limit)]
    return len(users) > slots and any(r.name in of.reach.struck & of.reach.resources for r in users if not r.stateless)


def _may_use(law: Restoration, limit: int) -> bool:
    return any(limit in limits for limits in law.all_limits)


def _jobs_wait(of: Studied, limit: int, slots: int) -> bool:
    """Return whether backups and copies that matter may have to wait for one of so many slots."""
    world = SLOTS.edit({of.world.limits[limit].name: slots})(of.world)
    waiting = {m for component in world.components if limit in component.limits for m in component.members}
    return bool(of.moving(world.resources[world.members[m].resource].name for m in waiting))


def _unlimited(world: World) -> World:
    return SLOTS.edit({limit.name: _NO_LIMIT for limit in world.limits if _is_shared(limit)})(world)


def _is_shared(limit: Limit) -> bool:
    return not limit.is_of_resource


NO_LIMIT = Relief(SLOTS, "no limit on concurrent copy and restore jobs", _unlimited)
