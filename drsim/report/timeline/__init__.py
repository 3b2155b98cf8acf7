"""One incident as data for charts and tables: what went on when, what there was to recover from, and the sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drsim.engine import DOWNTIME_PARTS, LOSS_PARTS
from drsim.report.incident_words import PART_NAMES
from drsim.report.timeline.about import About
from drsim.report.timeline.model import AFTER, DISRUPTION, OUTAGE, PEOPLE, WAIT, WORK, Lane, Mark, Phase, Timeline
from drsim.report.timeline.past import Past
from drsim.report.timeline.phases import Lanes
from drsim.report.timeline.sentences import Sentences, most_helpful, rescue
from drsim.study.explain import Incident

__all__ = [
    "AFTER",
    "DISRUPTION",
    "OUTAGE",
    "PEOPLE",
    "WAIT",
    "WORK",
    "Lane",
    "Mark",
    "Phase",
    "Timeline",
    "timeline",
]


def timeline(incident: Incident, application: str, *, tries_changes: bool = True) -> Timeline:
    """Return one application in an incident as data for charts and tables.

    Args:
        incident: looked at closely.
        application: its name.
        tries_changes: whether to find out what would have shortened or recovered it: several times as much work.
    """
    about = About(incident, application)
    recovery, result = about.recovery, about.result
    fared = result or about.dependent
    is_recovered = result is not None and result.state == "recovered"
    loss = about.poorest if is_recovered else None
    lanes, phases = Lanes(incident, application).lanes()
    changes = incident.shortenings(about.a) if is_recovered and tries_changes else []
    is_lost = result is not None and not is_recovered
    rescues = incident.rescues(about.a) if is_lost and tries_changes else None
    return Timeline(
        strategy=about.world.strategy,
        disruption=incident.disruption,
        drill=incident.drill,
        application=about.app.name,
        start_epoch_s=about.world.start_epoch_s + about.occurred,
        state="unaffected" if fared is None else fared.state,
        sentences=(*Sentences(incident, application).sentences(phases), *most_helpful(changes), *rescue(rescues)),
        contaminated_s=float(recovery.strikes.contaminated_s[recovery.e]) - about.occurred,
        ends_s=recovery.ends_s - about.occurred,
        downtime_s=about.down_s,
        data_loss_s=math.nan if math.isnan(about.down_s) else 0.0 if loss is None else about.loss(loss[1]),
        full_s=result.full_s - about.occurred if is_recovered and result else about.down_s,
        lanes=lanes,
        phases=phases,
        marks=tuple(Past(incident, application).marks()),
        downtime_parts=_named(about.parts(), DOWNTIME_PARTS),
        loss_parts=() if loss is None else _named(incident.loss_parts(loss[1]), LOSS_PARTS),
        shortenings=tuple((c.what, c.saved_s) for c in changes),
        decisive=about.decisive(),
        rescues=rescues,
        achievements=incident.achievements(about.a),
    )


def _named(parts: dict[str, float], order: Sequence[str]) -> tuple[tuple[str, float], ...]:
    return tuple((PART_NAMES[part], parts[part]) for part in order if parts.get(part))
