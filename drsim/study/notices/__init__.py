"""What only laws, prices and probabilities tell of a scenario before anything is drilled.

What can never complete or comes too late, what piles up, what grows for ever, what cannot be proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from drsim.errors import Alike, Problem, by_weight
from drsim.scenario import Scenario
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Finding, listed
from drsim.scenario.trial import told
from drsim.study.bench import Bench
from drsim.study.costs.estate import Estate
from drsim.study.effort import of_plans
from drsim.study.notices import copies, jobs, money, proof, tiers  # noqa: F401  registers the notices
from drsim.study.notices.registry import NOTICES, Outlook, of_resources

__all__ = ["MEASURED", "NOTICES", "Outlook", "foreseen", "notices", "together"]


MEASURED = frozenset({"rebuild-too-short"})
"""What drills tell better: how long recoveries take."""


def notices(scenario: Scenario, without: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
    """Return what is found about all strategies of a scenario, heaviest first.

    Args:
        scenario: checked.
        without: identifiers of what is not asked for.
    """
    effort = of_plans(scenario, tuple(scenario.strategies))
    if effort.is_too_much():
        text = f"what only laws and prices tell is not looked at, since that takes {effort}"
        return (Problem("", 0, "too-much-work", text, effort.largest[0], effort.largest[1]),)
    estates = (Estate.of(scenario, world) for world in Bench(scenario).worlds.values())
    return foreseen(scenario, [Outlook(estate, scenario.drills) for estate in estates], without)


def foreseen(
    scenario: Scenario, outlooks: Sequence[Outlook], without: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """Return what is found about strategies, heaviest first.

    Args:
        scenario: checked.
        outlooks: of its strategies.
        without: identifiers of what is not asked for.
    """
    findings: dict[tuple[str, Loc, str, Alike | None], tuple[Finding, list[str]]] = {}
    for outlook in outlooks:
        for name, function in NOTICES.items():
            for finding in function(outlook) if name not in without else ():
                key = (name, finding.loc, finding.found, finding.alike)
                findings.setdefault(key, (finding, []))[1].append(outlook.strategy)
    problems = told(scenario, [(name, finding) for (name, *_), (finding, _) in findings.items()])
    under = [tuple(strategies) for _, strategies in findings.values()]
    of_strategies = [replace(problem, under=names) for problem, names in zip(problems, under, strict=True)]
    return together(of_strategies, [outlook.strategy for outlook in outlooks])


def together(problems: Iterable[Problem], strategies: Sequence[str]) -> tuple[Problem, ...]:
    """Return what was found about single strategies, told once for all that it is about, heaviest first.

    Args:
        problems: of `foreseen`, each call of it with strategies of its own.
        strategies: all of them.
    """
    topics: dict[object, list[Problem]] = {}
    for problem in problems:
        alike = problem.alike
        key = problem if alike is None else (problem.file, problem.line, problem.check, alike.topic)
        topics.setdefault(key, []).append(problem)
    return by_weight(_as_one(group, strategies) for of_topic in topics.values() for group in _groups(of_topic))


def _groups(problems: Sequence[Problem]) -> Iterator[list[Problem]]:
    """Yield the problems of one topic in groups that are told as one each, the worst of a group first."""
    # of what is the same under several strategies the first one stays the first
    rest = sorted(problems, key=lambda problem: (problem.weight, problem.usd_per_month, _extent(problem)), reverse=True)
    while rest:
        alike = rest[0].alike
        group = [problem for problem in rest if alike is None or not alike.is_sum or _is_within(problem, alike.names)]
        yield group
        rest = [problem for problem in rest if problem not in group]


def _extent(problem: Problem) -> float:
    return 0.0 if problem.alike is None else problem.alike.extent


def _is_within(problem: Problem, names: Sequence[str]) -> bool:
    return problem.alike is None or set(problem.alike.names) <= set(names)


def _as_one(group: Sequence[Problem], strategies: Sequence[str]) -> Problem:
    """Return the first problem of a group, told of all that the group is about.

    Args:
        group: the worst problem first.
        strategies: all of them, in the order in which they are named.
    """
    worst, under = group[0], _in_order(strategies, group)
    alike, text = worst.alike, worst.found
    if alike is not None and not alike.is_sum:
        most_first = sorted((problem.alike.names for problem in group if problem.alike), key=len, reverse=True)
        alike = alike._replace(names=tuple(dict.fromkeys(name for names in most_first for name in names)))
        text = of_resources(alike.names, alike.words)
    worst_under = _in_order(strategies, [problem for problem in group if _is_as_bad(problem, worst)])
    also = [name for name in under if name not in worst_under]
    if also:
        text += f" (worst under {listed(worst_under)}; also under {listed(also)})"
    elif len(worst_under) < len(strategies):
        text += f" (under {listed(worst_under)})"
    return replace(worst, found=text, under=under, alike=alike)


def _is_as_bad(problem: Problem, worst: Problem) -> bool:
    """Return whether the same is found of a problem's resources as of those of the worst one of its group."""
    if worst.alike is None or worst.alike.is_sum or problem.alike is None:
        return problem.found == worst.found
    return problem.alike.words == worst.alike.words


def _in_order(strategies: Sequence[str], problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return the strategies that problems are about, in their order."""
    about = {name for problem in problems for name in problem.under}
    return tuple(name for name in strategies if name in about)
