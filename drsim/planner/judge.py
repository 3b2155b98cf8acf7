"""Whether a choice holds in the whole scenario: with its limits and queues, and with what waits for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drsim.planner.space import Protection
from drsim.planner.strategy import PLANNED, with_strategy
from drsim.scenario import Scenario, Standby
from drsim.scenario.subjects import application_of
from drsim.study.bench import Bench
from drsim.study.summary import summarise
from drsim.study.verdicts import UNMET


@dataclass(frozen=True)
class Miss:
    """An objective that is not met for sure.

    Attributes:
        application: whose.
        disruption: under which.
        subject: the application, or its resource that is worst off.
        verdict: on it.
        p_meets: share of the affected drills that meet all objectives.
    """

    application: str
    disruption: str
    subject: str
    verdict: str
    p_meets: float


class Judge:
    """Drills of the whole scenario under a choice.

    Args:
        scenario: what is planned for, with the vaults that choices use.
        resources: names, in the order of a choice.
        standbys: by application.
        disruptions: to be met.
        drills: of each unit.
        seed: of all draws.
    """

    def __init__(
        self,
        scenario: Scenario,
        resources: Sequence[str],
        standbys: Mapping[str, Standby],
        disruptions: Sequence[str],
        drills: int,
        seed: int,
    ) -> None:
        self._scenario, self._resources, self._standbys = scenario, resources, standbys
        self._disruptions, self._drills, self._seed = disruptions, drills, seed
        self._former: Bench | None = None

    def bench(self, protections: Sequence[Protection]) -> Bench:
        """Return the bench of a choice; it shares what the one before has alike."""
        chosen = dict(zip(self._resources, protections, strict=True))
        planned = with_strategy(self._scenario, chosen, self._standbys)
        if self._former is None:
            bench = Bench(planned, self._disruptions, drills=self._drills, seed=self._seed)
        else:
            settled = {"drills": self._drills, "seed": self._seed}
            bench = self._former.changed(lambda _: planned.model_copy(update=settled))
        self._former = bench
        return bench

    def misses(self, protections: Sequence[Protection]) -> list[Miss]:
        """Return what a choice does not meet for sure, in the order of disruptions and applications."""
        bench = self.bench(protections)
        return [miss for disruption in self._disruptions for miss in self._misses(bench, disruption)]

    def _misses(self, bench: Bench, disruption: str) -> Iterator[Miss]:
        affected = bench.affected(PLANNED, disruption)
        table, _ = summarise(PLANNED, disruption, affected, bench.scenario.applications, self._drills)
        for row in table[table["level"] == "application"].to_dict("records"):
            if row["verdict"] in UNMET:
                subject = str(row["verdict_of"])
                yield Miss(str(row["subject"]), disruption, subject, str(row["verdict"]), float(row["p_meets"]))

    def to_change(self, protections: Sequence[Protection]) -> list[int]:
        """Return the numbers of the resources of which one has to be protected otherwise; none where all is met.

        They are those of the first application that misses an objective, with the applications that it waits for, or
        that one resource alone where a disruption strikes one.
        """
        for miss in self.misses(protections):
            apps = {miss.application, *self._scenario.applications[miss.application].waits_for}
            names = {miss.subject} if miss.subject != miss.application else None
            return [
                k
                for k, name in enumerate(self._resources)
                if (name in names if names is not None else application_of(name) in apps)
            ]
        return []
