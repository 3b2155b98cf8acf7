"""What is found about a strategy's world before anything is drilled, registered by the identifier of its problems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from drsim.errors import Weight
from drsim.scenario import Scenario
from drsim.scenario.capabilities import can_copy
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import WEIGHTS, Case, Finding, PlacedCopy, PlacedRule, listed
from drsim.study.costs.amounts import Amount
from drsim.study.costs.estate import Estate
from drsim.study.costs.hurdles import Hurdles
from drsim.study.costs.kept import Chances
from drsim.study.costs.steady import steady_bill
from drsim.units import YEAR_S
from drsim.world.model import Resource
from drsim.world.streams import Copy, Stream, numbered


class Job(NamedTuple):
    """A backup or copy job of a resource as the scenario has it.

    Attributes:
        chances: of its resource.
        stream: whose it is.
        copy: its copy action; None for the backup.
        name: of its rule, or of its copy action, for people.
        loc: place of the rule or copy action; of a native feature that of its replication.
        rule: its rule; None for a native feature.
        placed: its copy action in the scenario; None for a backup, and for what moves points to an air-gapped vault.
    """

    chances: Chances
    stream: Stream
    copy: Copy | None
    name: str
    loc: Loc
    rule: PlacedRule | None
    placed: PlacedCopy | None = None

    @property
    def resource(self) -> Resource:
        """The resource."""
        return self.chances.resource


SELDOM = 0.5
"""Probability of leaving a point, a first one in all the time that is looked at, below which it is worth a word."""


NEVER = SELDOM / 10
"""The same below which it is as good as never."""


class Seldom(NamedTuple):
    """A backup that seldom leaves a point: how likely it does, what it has to pass, how long it takes on average."""

    job: Job
    share: float
    hurdles: Hurdles
    lasts_s: float


@dataclass(frozen=True)
class Outlook:
    """A strategy, with what several notices need of it.

    Attributes:
        estate: its world over whole periods, with prices.
        drills: drills that are asked for.
    """

    estate: Estate
    drills: int

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.estate.scenario

    @property
    def strategy(self) -> str:
        """The strategy's name."""
        return self.estate.world.strategy

    @cached_property
    def case(self) -> Case:
        """The scenario with the listings of its checks."""
        return Case(self.scenario, self.scenario.catalogue)

    @cached_property
    def bill(self) -> list[Amount]:
        """The steady bill."""
        return steady_bill(self.estate)

    @cached_property
    def jobs(self) -> list[Job]:
        """Every job of every resource, of one of its members, backups before their copies."""
        world = self.estate.world
        jobs = []
        for resource in world.resources:
            chances, rules = Chances(self.estate, resource), self._rules(resource)
            for s in world.members[resource.members[0]].streams:
                stream = world.streams[s]
                if not len(stream.times_s):
                    continue
                placed, name = rules.get(stream.rule), f"`{stream.rule}`"
                loc = self._feature(resource) if placed is None else placed.loc
                jobs.append(Job(chances, stream, None, name, loc, placed))
                jobs += self._copies(chances, stream, name, loc, placed)
        return jobs

    @cached_property
    def jobs_of(self) -> dict[str, list[Job]]:
        """The same by resource."""
        by_resource: dict[str, list[Job]] = {}
        for job in self.jobs:
            by_resource.setdefault(job.resource.name, []).append(job)
        return by_resource

    @cached_property
    def seldom(self) -> list[Seldom]:
        """Backups that seldom leave a point, for another reason than that a lock refuses them."""
        seldom = []
        for job in self.jobs:
            rule, resource = job.stream, job.resource
            if job.copy is not None or (rule.failure.p >= 1 and self.is_refused(rule)):
                continue
            p_there, part, _ = job.chances.of_rule(rule)
            share = p_there * part if rule.failure.p < 1 else 0.0
            if share < SELDOM:
                lasts = float(rule.work.expected_s(resource.size_bytes, resource.objects))
                seldom.append(Seldom(job, share, job.chances.hurdles(rule), lasts))
        return seldom

    def is_void(self, job: Job) -> bool:
        """Return whether a job as good as never leaves anything, in any of its runs of a year: nothing is there."""
        p_made = 1.0
        for copy, course in zip(job.stream.copies, job.chances.courses(job.stream), strict=True):
            p_made = course.p_made if copy is job.copy else p_made  # one that does not last takes a slot all the same
        p_there, part, _ = job.chances.of_rule(job.stream)
        if job.stream.failure.p >= 1:
            return True
        runs = max(1, int(np.count_nonzero(in_first_year(job.stream))))
        return p_there * min(1.0, runs * part * p_made) < NEVER

    def _copies(self, chances: Chances, stream: Stream, name: str, loc: Loc, rule: PlacedRule | None) -> Iterator[Job]:
        """Yield the copy jobs of a stream."""
        actions = [] if rule is None else self._made(rule, chances.resource)
        moved = len(stream.copies) - len(actions)
        for copy, placed in zip(stream.copies, [*([None] * moved), *actions], strict=False):
            into = self.estate.world.vaults[copy.vault].name
            yield Job(
                chances, stream, copy, f"the copy of {name} into `{into}`", placed.loc if placed else loc, rule, placed
            )

    def _rules(self, resource: Resource) -> dict[str, PlacedRule]:
        """Return the rules of a resource by the name that their streams have for them."""
        plans = self.case.plans_of[self.strategy][resource.name]
        by_stream: dict[str, PlacedRule] = {}
        taken: dict[str, int] = {}
        for placed in (placed for plan in plans for placed in self.case.rules if placed.plan_name == plan):
            name = placed.rule.rule_name
            taken[name] = taken.get(name, 0) + 1
            by_stream[numbered(name, taken[name])] = placed
        return by_stream

    def _made(self, rule: PlacedRule, resource: Resource) -> list[PlacedCopy]:
        """Return the copy actions of a rule that AWS makes for a resource, as its streams have them."""
        scenario, kind = self.scenario, self.case.types[resource.name]
        home = self.estate.world.sites[resource.site].name
        made: list[PlacedCopy] = []
        refused: list[Loc] = []
        for copy in self.case.copies:
            if copy.placed.loc != rule.loc:
                continue
            source, target = scenario.vaults[copy.source_vault], scenario.vaults[copy.action.destination_vault]
            sites = scenario.sites[source.site or home], scenario.sites[target.site or home]
            below = any(copy.loc[: len(above)] == above for above in refused)
            if below or can_copy(kind, *sites, target.lock, scenario.as_of) is not True:
                refused.append(copy.loc)
            else:
                made.append(copy)
        return made

    def _feature(self, resource: Resource) -> Loc:
        selector = self.case.feature_of(self.strategy, resource.name)
        return ("strategies", self.strategy, "replication", selector or "*")

    def is_refused(self, job: Stream | Copy) -> bool:
        """Return whether a vault's lock refuses a job, which a check of the scenario tells."""
        vault = self.scenario.vaults.get(self.estate.world.vaults[job.vault].name)
        if vault is None:
            return False
        least, most = vault.retentions(self.case.catalogue.rules.air_gapped_minimum.value)
        return not least <= job.delete_after_s <= most


def in_first_year(stream: Stream) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which runs of a stream are of the first year."""
    return np.asarray((stream.times_s >= 0) & (stream.times_s < YEAR_S))


def of_resources(names: Sequence[str], words: str) -> str:
    """Return what is found of each of several resources, their names first."""
    return f"{listed(names)}: {words}"


def rounded(usd: float) -> str:
    """Return a price for a message."""
    return "an unknown price" if math.isnan(usd) else f"{usd:,.2f} USD/month"


Notice = Callable[[Outlook], Iterator[Finding]]

NOTICES: dict[str, Notice] = {}
"""What is looked for in a strategy's world."""


def notice(name: str, weight: Weight) -> Callable[[Notice], Notice]:
    """Register a notice by its identifier.

    Args:
        name: the identifier.
        weight: what its findings are about.
    """

    def register(function: Notice) -> Notice:
        if name in NOTICES or name in WEIGHTS:
            raise ValueError(f"two notices are called {name}")
        NOTICES[name], WEIGHTS[name] = function, weight
        return function

    return register
