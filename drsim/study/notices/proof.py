"""Notices of drills that are too few to prove anything."""

from __future__ import annotations

from collections.abc import Iterator

from drsim.errors import Edit, Weight
from drsim.scenario.registry import Finding, listed
from drsim.study.measures import MEASURES
from drsim.study.notices.registry import Outlook, notice
from drsim.study.statistics import unanimous_drills
from drsim.study.verdicts import STRICT


@notice("too-few-drills", Weight.MISLEADS)
def too_few_drills(outlook: Outlook) -> Iterator[Finding]:
    """There are drills enough to show that the objectives are met, if all drills meet them."""
    wanting: dict[str, float] = {}
    for name, app in outlook.scenario.applications.items():
        for disruption in outlook.scenario.disruptions:
            objectives = app.objectives.under(disruption)
            attainment = objectives.attainment
            is_asked = any(getattr(objectives, measure.limit) is not None for measure in MEASURES)
            if is_asked and attainment is not None and outlook.drills < unanimous_drills(min(attainment, STRICT)):
                wanting[name] = max(wanting.get(name, 0.0), attainment)
    if wanting:
        most = max(wanting.values())
        needed = unanimous_drills(min(most, STRICT))
        yield Finding(
            ("drills",),
            f"{outlook.drills} drills cannot show that {listed(list(wanting))} meet{'s' * (len(wanting) == 1)} "
            f"the objectives in {100 * most:g} %",
            f"even if all meet them it takes {needed:,} affected drills: the verdict stays `undecided`",
            f"write `drills: {needed}` or more",
            (Edit(("drills",), needed),),
        )


@notice("too-few-confirm-drills", Weight.MISLEADS)
def too_few_confirm_drills(outlook: Outlook) -> Iterator[Finding]:
    """There are drills enough to show that a plan meets the objectives, where a scenario says how it is planned."""
    scenario, planning = outlook.scenario, outlook.scenario.planning
    if not planning.model_fields_set:
        return
    attainments = [
        objectives.attainment if planning.attainment is None else planning.attainment
        for app in scenario.applications.values()
        for objectives in map(app.objectives.under, planning.disruptions or scenario.disruptions)
        if any(getattr(objectives, measure.limit) is not None for measure in MEASURES)
    ]
    most = max((attainment for attainment in attainments if attainment is not None), default=0.0)
    needed = unanimous_drills(min(most, STRICT))
    if planning.confirm_drills < needed:
        loc = ("planning", "confirm_drills")
        yield Finding(
            loc,
            f"{planning.confirm_drills} drills cannot show that a plan meets the objectives in {100 * most:g} %",
            f"even if all meet them it takes {needed:,} affected drills",
            f"write `confirm_drills: {needed}` or more",
            (Edit(loc, needed),),
        )
