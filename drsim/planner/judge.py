"""Whether a choice holds in the whole scenario: with its limits and queues, and with what waits for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from drsim.planner.priorities import with_priorities
from drsim.planner.problem import Wanted
from drsim.planner.protection import Protection
from drsim.planner.strategy import PLANNED, with_strategy
from drsim.scenario import Scenario
from drsim.study.affected import Affected
from drsim.study.bench import Bench
from drsim.study.measures import DOWNTIME, LOSS, MEASURES, Measure
from drsim.study.summary import summarise
from drsim.study.verdicts import UNMET


@dataclass(frozen=True)
class Margin:
    """How far one measure is from its limit.

    Attributes:
        column: of the measure.
        limit: what is asked [s or bytes].
        reached: what is not exceeded in the share of drills that is asked for [s or bytes]; infinite where nothing is
            recovered in too many.
    """

    column: str
    limit: float
    reached: float


@dataclass(frozen=True)
class Outcome:
    """How an application fares under a disruption, by what is asked of it.

    Attributes:
        application, disruption: whose, and under which.
        subject: the application, or its resource that is worst off.
        verdict: on it.
        p_meets, p_meets_lo: share of the affected drills that meet all objectives, and its lower limit.
        attainment: the share that is asked for.
        drills: how many strike it.
        margins: what is reached in that share of them, beside what is asked, by measure.
        loss_s, downtime_s: what is not exceeded in that share of them, asked or not [s]; infinite where too many
            recover nothing.
    """

    application: str
    disruption: str
    subject: str
    verdict: str
    p_meets: float
    p_meets_lo: float
    attainment: float
    drills: int
    margins: tuple[Margin, ...]
    loss_s: float
    downtime_s: float

    @property
    def is_met(self) -> bool:
        """Whether drills show that it is met."""
        return self.verdict not in UNMET

    @property
    def holds(self) -> bool:
        """Whether the share itself is at least what is asked for."""
        return self.p_meets >= self.attainment


def with_objectives(scenario: Scenario, wanted: Wanted) -> Scenario:
    """Return a scenario whose applications have the objectives that are wanted of them under their disruptions."""
    applications = {
        name: application.model_copy(
            update={
                "objectives": application.objectives.model_copy(
                    update={"for_": {**application.objectives.for_, **wanted.get(name, {})}}
                )
            }
        )
        for name, application in scenario.applications.items()
    }
    return scenario.model_copy(update={"applications": applications})


class Judge:
    """Drills of the whole scenario under one choice after the other.

    Args:
        scenario: what is planned for, with the vaults and strategies that choices use.
        resources: names, in the order of a choice.
        wanted: what is to be reached.
        drills: of each unit.
        seed: of all draws.
    """

    def __init__(self, scenario: Scenario, resources: Sequence[str], wanted: Wanted, drills: int, seed: int) -> None:
        self._scenario, self._resources, self._wanted = with_objectives(scenario, wanted), resources, wanted
        self._disruptions = tuple(name for name in scenario.disruptions if any(name in of for of in wanted.values()))
        self._settled = {"drills": drills, "seed": seed}
        self._former: Bench | None = None

    def prioritised(self, priorities: Mapping[str, int]) -> Judge:
        """Return the judge of the same drills where applications have these priorities."""
        scenario = with_priorities(self._scenario, priorities)
        return Judge(scenario, self._resources, self._wanted, self._settled["drills"], self._settled["seed"])

    def bench(self, protections: Sequence[Protection]) -> Bench:
        """Return the bench of a choice; it shares what the one before has alike."""
        chosen: Mapping[str, Protection] = dict(zip(self._resources, protections, strict=True))
        planned = with_strategy(self._scenario, chosen).model_copy(update=self._settled)
        if self._former is None:
            bench = Bench(planned, self._disruptions)
        else:
            bench = self._former.changed(lambda _: planned)
            self._former.former = None  # a chain of benches would keep all of them
        self._former = bench
        return bench

    def outcomes(self, protections: Sequence[Protection]) -> list[Outcome]:
        """Return how a choice fares, by disruption and application; only what is wanted."""
        bench, outcomes = self.bench(protections), []
        for disruption in self._disruptions:
            affected = bench.affected(PLANNED, disruption)
            table, _ = summarise(PLANNED, disruption, affected, bench.scenario.applications, bench.scenario.drills)
            rows = {str(row["subject"]): row for row in cast("list[dict[str, Any]]", table.to_dict("records"))}
            for app, of in self._wanted.items():
                row = rows[app]
                if disruption in of and row["affected"]:
                    outcomes.append(self._outcome(app, disruption, row, rows[str(row["verdict_of"])], affected))
        return outcomes

    def _outcome(
        self, app: str, disruption: str, row: Mapping[str, Any], worst: Mapping[str, Any], affected: Affected
    ) -> Outcome:
        """Return an outcome.

        Args:
            app: whose.
            disruption: under which.
            row: of the application in the summary.
            worst: of the subject that its verdict is of.
            affected: the incidents.
        """
        attainment = float(worst["attainment"])
        wanted = self._wanted[app][disruption]
        incidents = affected.of_subject(str(row["verdict_of"]))

        def reached(measure: Measure) -> float:
            figures = np.where(incidents.state == 0, np.nan_to_num(incidents.figures[measure.column]), np.inf)
            return float(np.quantile(figures, attainment, method="inverted_cdf"))

        limits = [(measure, getattr(wanted, measure.limit)) for measure in MEASURES]
        margins = [Margin(m.column, limit, reached(m)) for m, limit in limits if limit is not None]
        return Outcome(
            app,
            disruption,
            str(row["verdict_of"]),
            str(row["verdict"]),
            float(worst["p_meets"]),
            float(worst["p_meets_lo"]),
            attainment,
            int(worst["affected"]),
            tuple(margins),
            reached(LOSS),
            reached(DOWNTIME),
        )

    def missing(self, protections: Sequence[Protection], outcome: Outcome) -> list[int]:
        """Return the numbers of the drills in which a choice misses what is asked of an application, ascending.

        Args:
            protections: of each resource.
            outcome: of the choice, of which it is asked.
        """
        affected = self.bench(protections).affected(PLANNED, outcome.disruption)
        wanted = self._wanted[outcome.application][outcome.disruption]
        return [int(drill) for drill in affected.missing(outcome.subject, wanted)]
