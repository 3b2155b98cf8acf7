"""The search for a plan: each application exactly, then all of them in the whole scenario, then on luck never seen.

Where neither limits nor plans with a price of their own join them, applications stand apart, and the cheapest plan is
the cheapest of each. What fails in the whole scenario is sent back with all that is no better, so that the rest is
searched on; from then on the bound is the one of before, and what is between is said as a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from drsim.planner.answer import Change, Confirmation, Effort, Plan
from drsim.planner.judge import Judge, Outcome
from drsim.planner.lazy import Lazy
from drsim.planner.ordering import ordered
from drsim.planner.priorities import RestoreOrder, with_priorities
from drsim.planner.problem import Estate, Problem, Wanted
from drsim.planner.protection import Protection
from drsim.planner.relax import Unmet, eased, unmet
from drsim.planner.settings import Settings, settings
from drsim.planner.strategy import PLANNED, as_in, with_strategies
from drsim.scenario import Scenario
from drsim.scenario.subjects import application_of
from drsim.study.heartbeat import working_on

MOST_JUDGED = 24
"""Plans that are drilled in the whole scenario at most, before the search ends with the best of them."""

MOST_REMEMBERED = 16
"""Resources of an estate, at most, of which all drills are remembered once their application is planned."""

MOST_CONFIRMED = 5
"""How often a plan that luck does not bear out is searched on from."""

Report = Callable[[int, int], None]
"""Told how much of how much is done."""


@dataclass(frozen=True)
class Step:
    """How far a search is.

    Attributes:
        best: the best choice so far, of each resource.
        cost: of it [whole units].
        bound: what any plan costs at least, as far as that is known [whole units].
        done, total: steps.
        is_proven: whether the choice was confirmed.
    """

    best: Mapping[str, Protection]
    cost: int
    bound: int
    done: int
    total: int
    is_proven: bool = False


class OutOfTimeError(Exception):
    """A search is to end."""


class Search:
    """A search for the cheapest plan of a scenario.

    Args:
        settings: what may be chosen, and what is to be reached.
        pause: called now and then; what it raises ends the search, and leaves the best.

    Attributes:
        best: the best choice so far, of each resource: at first the baseline's.
    """

    def __init__(self, settings: Settings, pause: Callable[[], None] = lambda: None) -> None:
        self.settings, self._pause = settings, pause
        names = [name for under in settings.wanted.values() for name in under]
        disruptions = [name for name in settings.scenario.disruptions if name in names]
        self.estate = Estate(
            settings.scenario,
            disruptions,
            settings.space,
            settings.drills,
            settings.keep,
            settings.seed,
            pause,
            settings.workers,
        )
        self.unmet: tuple[Unmet, ...] = ()
        self.wanted: Wanted = settings.wanted
        self.best: dict[str, Protection] = self._baseline()
        self._lazies: dict[tuple[str, ...], Lazy] = {}
        self._problems: dict[tuple[str, ...], Problem] = {}
        self._costs: dict[tuple[str, ...], int] = {}
        self._bound = 0
        self._rounds = self._judged = 0
        self._confirmations: tuple[Confirmation, ...] = ()
        self._missed: tuple[Outcome, ...] = ()
        self._failing: tuple[Outcome, ...] = ()
        self._order: RestoreOrder | None = None

    def _baseline(self) -> dict[str, Protection]:
        return self._as_in(self.settings.baseline)

    def _as_in(self, name: str) -> dict[str, Protection]:
        """Return the choice that a strategy of the scenario is."""
        return as_in(self.settings.scenario, self.estate.resources, name)

    def _take_best_known(self) -> None:
        """Take for the first best the strategy that misses least in the whole scenario, of equals the cheapest."""
        ranked, judge = [], self._judge_of(self.settings.drills, self.settings.seed)
        for place, name in enumerate(self.settings.scenario.strategies):
            self._pause()
            choice = self._as_in(name)
            outcomes = judge.outcomes([choice[resource] for resource in self.estate.resources])
            missing = sum(not outcome.holds for outcome in outcomes)
            ranked.append((missing, self.cost_of(choice), place, choice))
        self.best = min(ranked, key=lambda row: row[:3])[3]

    @cached_property
    def _judge(self) -> Judge:
        return self._judge_of(self.settings.drills, self.settings.seed)

    def _judge_of(self, drills: int, seed: int) -> Judge:
        return Judge(self.settings.scenario, self.estate.resources, self.wanted, drills, seed)

    def steps(self) -> Iterator[Step]:
        """Search; yield how far it is after each step. The best is kept whenever nobody asks for more."""
        apps, total = tuple(self.settings.wanted), len(self.settings.wanted) + 3
        working_on("the strategies that there are")
        self._take_best_known()
        yield self._step(1, total)
        for done, app in enumerate(apps):
            working_on(f"what {app} could have")
            self._solve_first(app)
            yield self._step(done + 2, total)
        if self.settings.plan_price and len(self.wanted) > 1:
            working_on("backup plans that are shared")
            self._solve(tuple(self.wanted))
            self._bound = self._costs[tuple(self.wanted)]
        working_on("the whole scenario")
        self._hold_together()
        yield self._step(total - 1, total)
        working_on("drills that were never seen")
        for _ in range(MOST_CONFIRMED):
            if not (failing := self._confirm()) or not self._send_back(failing):
                break
            self._hold_together()
        working_on("which restores come first")
        self._order_restores()
        yield self._step(total, total)

    def _step(self, done: int, total: int) -> Step:
        return Step(dict(self.best), self.cost_of(self.best), self._bound, done, total, done == total)

    def _solve_first(self, app: str) -> None:
        """Find the cheapest for one application, alone, and first what of its objectives nothing reaches."""
        gaps = tuple(unmet(self.estate, app, self.wanted[app]))
        self.unmet += gaps
        self.wanted = eased(self.wanted, gaps)
        if app in self.wanted:
            self._solve((app,))
            self._bound += self._costs[(app,)]
        if len(self.estate.resources) > MOST_REMEMBERED:
            for k in self.estate.members(app):
                # what only explanations ask for again would fill the memory
                self.estate.drills[k].forget()

    def _solve(self, apps: tuple[str, ...]) -> bool:
        """Find the cheapest of what is left for some applications; return whether anything is."""
        if apps not in self._lazies:
            wanted = {app: self.wanted[app] for app in apps}
            self._problems[apps] = Problem(self.estate, wanted, self.settings.plan_price)
            self._lazies[apps] = self._problems[apps].lazy()
        planned = self._lazies[apps].cheapest(progress=lambda *_: self._pause())
        self._rounds += planned.rounds
        if planned.protections is None or planned.cost is None:
            self._costs.setdefault(apps, planned.bound or 0)
            return False
        self._costs[apps] = planned.cost
        for k, protection in zip(self._problems[apps].resources, planned.protections, strict=True):
            self.best[self.estate.resources[k]] = protection
        return True

    def _hold_together(self) -> None:
        """Send back what fails in the whole scenario, until nothing does or nothing is left."""
        while self._judged < MOST_JUDGED:
            self._judged += 1
            self._pause()
            self._failing = tuple(o for o in self._judge.outcomes(self._chosen) if not o.is_met)
            if not self._failing or not self._send_back(self._failing):
                return

    @property
    def _chosen(self) -> list[Protection]:
        return [self.best[name] for name in self.estate.resources]

    def _confirm(self) -> list[Outcome]:
        """Drill the best on luck that was never seen; return what it misses."""
        seeds = [seed + len(self._confirmations) for seed in self.settings.seeds]
        found = []
        for seed in seeds:
            judge = self._judge_of(self.settings.confirm_drills, seed)
            found.append(Confirmation(seed, self.settings.confirm_drills, tuple(judge.outcomes(self._chosen))))
        self._confirmations = tuple(found)
        self._missed = tuple(o for confirmation in found for o in confirmation.outcomes if not o.holds)
        return list(self._missed)

    def _order_restores(self) -> None:
        """Have the dearest applications restored first, where that saves money and all that holds goes on to hold."""
        confirmed = [(self._judge_of(c.drills, c.seed), c) for c in self._confirmations]
        found = ordered(self._chosen, self._judge, confirmed)
        if found is not None:
            self._order, self._confirmations = found
            self._missed = tuple(o for c in self._confirmations for o in c.outcomes if not o.holds)

    def _send_back(self, failing: Sequence[Outcome]) -> bool:
        """Forbid what fails, with all that is no better, and solve again; return whether there was anything else."""
        before = dict(self.best)
        for outcome in {(o.application, o.disruption): o for o in failing}.values():
            apps = next(apps for apps in reversed(self._lazies) if outcome.application in apps)
            problem = self._problems[apps]
            members = [
                k
                for k in problem.resources
                if (outcome.subject == outcome.application or self.estate.resources[k] == outcome.subject)
                and self.estate.application_of(k) == outcome.application
            ]
            place = {k: i for i, k in enumerate(problem.resources)}
            self._lazies[apps].forbid(
                {place[k]: self._no_better(k, outcome.disruption, before[self.estate.resources[k]]) for k in members}
            )
        is_found = min(list(map(self._solve, tuple(self._lazies))))
        if not is_found:
            self.best = before
        return is_found

    def _no_better(self, k: int, disruption: str, than: Protection) -> Callable[[Protection], bool]:
        """Return what tells whether a protection of a resource is in no drill of a disruption better than another."""
        drills = self.estate.drills[k]

        def is_no_better(protection: Protection) -> bool:
            return protection == than or drills.is_no_better(protection, than, disruption)

        return is_no_better

    def cost_of(self, choice: Mapping[str, Protection]) -> int:
        """Return what a choice costs, resource by resource [whole units]."""
        return sum(bill(choice[name]) for name, bill in zip(self.estate.resources, self.estate.bills, strict=True))

    @property
    def _not_shown(self) -> tuple[Outcome, ...]:
        """What the best misses in the drills of the search, unless those that it never saw show that it is met."""
        is_shown = all(outcome.is_met for confirmation in self._confirmations for outcome in confirmation.outcomes)
        return () if self._confirmations and is_shown else self._failing

    def _price_of_plans(self, choice: Mapping[str, Protection]) -> int:
        """Return what the backup plans of a choice cost in people's time [whole units]."""
        return self.settings.plan_price * len({protection.rules for protection in choice.values() if protection.rules})

    def plan(self, stopped: str = "", *, is_confirmed: bool = True) -> Plan:
        """Return the best so far as an answer.

        Args:
            stopped: why nothing more was asked for; empty where the search came to its end.
            is_confirmed: whether it is to be drilled on luck that was never seen where it was not yet.
        """
        told, estate = self.settings, self.estate
        if stopped and is_confirmed:
            self._confirm()
        baseline = self._baseline()
        return Plan(
            scenario=with_priorities(
                with_strategies(told.scenario, {PLANNED: self.best}, told.declared), self.priorities
            ),
            baseline=told.baseline,
            wanted=self.wanted,
            unmet=self.unmet,
            protections=dict(self.best),
            standbys={application_of(n): p.standby for n, p in self.best.items() if p.standby is not None},
            cost=self.cost_of(self.best),
            baseline_cost=self.cost_of(baseline),
            plans_cost=self._price_of_plans(self.best),
            bound=min(self._bound, self.cost_of(self.best) + self._price_of_plans(self.best)),
            confirmations=self._confirmations,
            changes=tuple(self._change(k, baseline[name], self.best[name]) for k, name in enumerate(estate.resources)),
            effort=Effort(
                told.drills,
                told.seed,
                sum(look.possible for problem in self._problems.values() for look in problem.looks),
                sum(look.evaluated for problem in self._problems.values() for look in problem.looks),
                self._rounds,
                self._judged,
                stopped,
            ),
            missed=self._missed or self._not_shown,
            unpriced=estate.unpriced,
            order=self._order,
        )

    @property
    def priorities(self) -> Mapping[str, int]:
        """The priorities with which applications are restored in the plan, of those that it gives another."""
        return self._order.after if self._order else {}

    def _change(self, k: int, before: Protection, after: Protection) -> Change:
        bill, drills = self.estate.bills[k], self.estate.drills[k]
        wanted = self.settings.wanted.get(self.estate.application_of(k), {})
        fares = drills.fares([before, after])
        return Change(
            self.estate.resources[k],
            before.words,
            after.words,
            bill(before),
            bill(after),
            *(drills.told(fare, wanted) for fare in fares),
        )


def plan(
    scenario: Scenario,
    *,
    drills: int | None = None,
    seed: int | None = None,
    baseline: str | None = None,
    workers: int | None = None,
    progress: Report | None = None,
) -> Plan:
    """Return the cheapest plan that meets the objectives of a scenario, as `planning` of it says.

    Args:
        scenario: a right one.
        drills: by which plans are compared, in place of the scenario's.
        seed: of all draws, in place of the scenario's.
        baseline: strategy to compare with, in place of the scenario's.
        workers: processes to use, as for `drsim.run`; the plan does not depend on it.
        progress: told how much of how much is done.

    Raises:
        InputError: drills or seed out of range; no such strategy; nothing is asked for.
    """
    search = Search(settings(scenario, drills=drills, seed=seed, baseline=baseline, workers=workers))
    for step in search.steps():
        if progress is not None:
            progress(step.done, step.total)
    return search.plan()
