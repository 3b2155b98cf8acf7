"""What a timeline is made of.

Moments are in seconds after the service stopped; what came before is negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from drsim.study.achievements import Achievement
from drsim.study.explain import Rescues
from drsim.study.remains import SourceFate

PEOPLE = "people"
DISRUPTION = "the disruption"

WAIT, WORK, OUTAGE, AFTER = "waiting", "work", "outage", "usable already"
"""What kind of thing goes on."""


@dataclass(frozen=True)
class Phase:
    """What went on in a lane for a while.

    Attributes:
        lane: name of a lane.
        words: what.
        kind: `WAIT`, `WORK`, `OUTAGE` or `AFTER`.
        begins_s, ends_s: moments [s after the stop of service].
        is_critical: whether the downtime would have been shorter without it.
        note: from where, or what it waited for; empty where there is nothing to add.
    """

    lane: str
    words: str
    kind: str
    begins_s: float
    ends_s: float
    is_critical: bool
    note: str = ""

    @property
    def lasts_s(self) -> float:
        """How long it went on [s]."""
        return self.ends_s - self.begins_s


@dataclass(frozen=True)
class Lane:
    """People, a step, a resource or the application itself.

    Attributes:
        name: as the scenario has it.
        result: how it ended, in words.
        is_critical: whether it lies on the critical path.
        is_done: whether it came to its end.
    """

    name: str
    result: str
    is_critical: bool
    is_done: bool = False


@dataclass(frozen=True)
class Mark:
    """Something that a resource could perhaps have been recovered from.

    Attributes:
        resource: `app.resource`, or one of its members.
        kind: `point`, `any moment` or `replica`.
        rule: the rule or the feature that made it.
        place: vault or site.
        scheduled_s: when its run was scheduled; nan where it has none.
        captured_s: the moment whose data it holds; of continuous protection the newest; nan where its job never began.
        available_s: when it could be used; of continuous protection and replicas as `captured_s`; inf for never.
        expires_s: when it is deleted; inf for never.
        from_s: of continuous protection the oldest moment; else as `captured_s`.
        fate: why it was used or not.
        is_used: whether the resource was recovered from it, or was being.
        waits: what its jobs waited for, and how they failed.
        skipped: runs of the rule that are left out between this and the next newer one.
    """

    resource: str
    kind: str
    rule: str
    place: str
    scheduled_s: float
    captured_s: float
    available_s: float
    expires_s: float
    from_s: float
    fate: SourceFate
    is_used: bool
    waits: str = ""
    skipped: int = 0


@dataclass(frozen=True)
class Timeline:
    """One application in one incident.

    Attributes:
        strategy, disruption, drill, application: which.
        start_epoch_s: the moment of the stop of service [s since 1970 UTC].
        state: of the application.
        sentences: what happened and why.
        contaminated_s: moment of contamination, at most 0 [s after the stop of service].
        ends_s: when the disruption ended by itself; inf where it never did.
        downtime_s, data_loss_s: NaN where there is none [s].
        full_s: when everything was at full performance; NaN where it never was [s after the stop of service].
        lanes: from top to bottom.
        phases: by lane and moment.
        marks: what there was to recover from, by resource, newest first.
        downtime_parts, loss_parts: words and lengths, which add up to the whole [s].
        shortenings: changes and what each alone would have saved of the downtime [s], most first.
        decisive: resource that decided the data loss, or that could not be recovered; empty where there is none.
        rescues: what would have recovered it; None where it was, or where nobody asked.
        achievements: each measure beside its objective; none where it was not recovered.
    """

    strategy: str
    disruption: str
    drill: int
    application: str
    start_epoch_s: float
    state: str
    sentences: tuple[str, ...]
    contaminated_s: float
    ends_s: float
    downtime_s: float
    data_loss_s: float
    full_s: float
    lanes: tuple[Lane, ...]
    phases: tuple[Phase, ...]
    marks: tuple[Mark, ...]
    downtime_parts: tuple[tuple[str, float], ...]
    loss_parts: tuple[tuple[str, float], ...]
    shortenings: tuple[tuple[str, float], ...]
    decisive: str
    rescues: Rescues | None
    achievements: tuple[Achievement, ...]

    def utc(self, moment_s: float) -> str:
        """Return a moment [s after the stop of service] in UTC, to the minute; `never` where it is not finite."""
        if not math.isfinite(moment_s):
            return "never"
        moment = datetime.fromtimestamp(self.start_epoch_s + moment_s, tz=UTC)
        return moment.strftime("%Y-%m-%d %H:%M")

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that there are marks of, in order."""
        return tuple(dict.fromkeys(mark.resource for mark in self.marks))
