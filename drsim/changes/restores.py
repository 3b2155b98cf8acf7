"""Restores: how useless points are found, how long a restore, a launch, a copy before it takes, in which order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from drsim.changes import worlds
from drsim.changes.model import Change, WorldChange, WorldEdit
from drsim.changes.relief import NOTHING, Relief
from drsim.distributions import Distribution, Scaled
from drsim.laws.failures import Failure
from drsim.laws.jobs import Work
from drsim.world import World
from drsim.world.model import Restoration

TESTED_WORDS = "no useless recovery point (tested restores)"
"""What tested restores give, in words."""


def _tested(members: Collection[int] | None = None) -> WorldEdit:
    """Return the edit with which no point of some members, or of all, turns out useless: restores are tested."""

    def tested(law: Restoration) -> Restoration:
        return replace(law, failure=Failure(0.0, None, law.failure.key))

    return worlds.on_restorations(tested, members)


def _faster(factor: float) -> WorldEdit:
    """Return the edit of how fast restores are, by a factor."""

    def faster(law: Restoration) -> Restoration:
        uplinks = {
            site: replace(over, first=_sped_up(over.first, factor), transfer=_sped_up(over.transfer, factor))
            for site, over in law.uplinks.items()
        }
        return replace(law, work=_sped_up(law.work, factor), uplinks=uplinks)

    return worlds.on_restorations(faster)


def _sped_up(work: Work, factor: float) -> Work:
    return replace(
        work,
        whole=None if work.whole is None else Scaled(work.whole, 1 / factor),
        fixed=Scaled(work.fixed, 1 / factor),
        rate=None if work.rate is None else Scaled(work.rate, factor),
        object_rate=None if work.object_rate is None else Scaled(work.object_rate, factor),
    )


def _launched_faster(factor: float) -> WorldEdit:
    return worlds.on_restorations(lambda law: replace(law, launch=Scaled(law.launch, 1 / factor)))


def _copied_first(duration: Distribution) -> WorldEdit:
    """Return the edit of how long the copy to the place of recovery takes."""
    return worlds.on_restorations(lambda law: replace(law, copy_work=replace(law.copy_work, whole=duration)))


def _retrieved_in(duration: Distribution) -> WorldEdit:
    return worlds.on_restorations(lambda law: replace(law, cold_retrieval=duration))


def _acting_after(seconds: float) -> WorldEdit:
    """Return the edit of how long applications wait for the end of an outage [s]."""
    return lambda world: replace(
        world, applications=tuple(replace(app, act_after_s=seconds) for app in world.applications)
    )


def _unordered() -> WorldEdit:
    """Return the edit with which nothing waits for anything else to recover."""

    def edit(world: World) -> World:
        return replace(
            world,
            resources=tuple(replace(resource, after=()) for resource in world.resources),
            steps=tuple(replace(step, after=()) for step in world.steps),
            applications=tuple(replace(app, after=()) for app in world.applications),
        )

    return edit


TESTED = WorldChange("recovery.tested", "recovery", "whether restores are tested", _tested)
SPEED = WorldChange("recovery.speed", "recovery", "how fast restores are", _faster)
LAUNCH = WorldChange("recovery.launch", "recovery", "how fast launches are", _launched_faster)
FIRST_COPY = WorldChange("recovery.copy", "recovery", "how long a copy before the restore takes", _copied_first)
RETRIEVAL = WorldChange("recovery.retrieval", "recovery", "how long points in cold storage take", _retrieved_in)
ACT_AFTER = WorldChange("recovery.act-after", "recovery", "how long an outage is waited for", _acting_after)
ORDER = WorldChange("recovery.order", "recovery", "what recovers after what", _unordered)

CHANGES: tuple[Change, ...] = (TESTED, SPEED, LAUNCH, FIRST_COPY, RETRIEVAL, ACT_AFTER, ORDER)

AT_ONCE = Relief(ACT_AFTER, "not waiting for the outage to end first", ACT_AFTER.edit(0.0))
FASTER = Relief(SPEED, "restores twice as fast", SPEED.edit(2.0))
FASTER_LAUNCHES = Relief(LAUNCH, "launches twice as fast", LAUNCH.edit(2.0))
COPIED_BEFORE = Relief(FIRST_COPY, "a copy at the place of recovery beforehand", FIRST_COPY.edit(NOTHING))
NONE_COLD = Relief(RETRIEVAL, "no point in cold storage", RETRIEVAL.edit(NOTHING))
ALL_TESTED = Relief(TESTED, TESTED_WORDS, TESTED.edit())
UNORDERED = Relief(ORDER, "everything recovering at the same time, without order", ORDER.edit())
