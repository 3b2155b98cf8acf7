"""Whether a choice holds in the whole scenario: with its limits and queues, and with what waits for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drsim.planner.problem import Wanted
from drsim.planner.protection import Protection
from drsim.planner.strategy import PLANNED, with_strategy
from drsim.scenario import Scenario
from drsim.scenario.subjects import application_of
from drsim.study.bench import Bench
from drsim.study.summary import summarise
from drsim.study.verdicts import UNMET


@dataclass(frozen=True)
class Outcome:
    """How an application fares under a disruption, by what is asked of it.

    Attributes:
        application, disruption: whose, and under which.
        subject: the application, or its resource that is worst off.
        verdict: on it.
        p_meets, p_meets_lo: share of the affected drills that meet all objectives, and its lower limit.
        attainment: the share that is asked for.
        loss_p95_s, downtime_p95_s: 95th percentiles of data loss and downtime [s]; infinite where that many lose all.
    """

    application: str
    disruption: str
    subject: str
    verdict: str
    p_meets: float
    p_meets_lo: float
    attainment: float
    loss_p95_s: float
    downtime_p95_s: float

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
            rows = {str(row["subject"]): row for row in table.to_dict("records")}
            for app, of in self._wanted.items():
                row = rows[app]
                if disruption in of and row["affected"]:
                    worst = rows[str(row["verdict_of"])]
                    outcomes.append(
                        Outcome(
                            app,
                            disruption,
                            str(row["verdict_of"]),
                            str(row["verdict"]),
                            float(worst["p_meets"]),
                            float(worst["p_meets_lo"]),
                            float(worst["attainment"]),
                            float(row["data_loss_s_p95"]),
                            float(row["downtime_s_p95"]),
                        )
                    )
        return outcomes

    def to_change(self, protections: Sequence[Protection]) -> list[int]:
        """Return the numbers of the resources of which one has to be protected otherwise; none where all is met.

        They are those of the first application that misses an objective, with the applications that it waits for, or
        that one resource alone where a disruption strikes one.
        """
        for outcome in self.outcomes(protections):
            if not outcome.is_met:
                apps = {outcome.application, *self._scenario.applications[outcome.application].waits_for}
                names = {outcome.subject} if outcome.subject != outcome.application else None
                return [
                    k
                    for k, name in enumerate(self._resources)
                    if (name in names if names is not None else application_of(name) in apps)
                ]
        return []
