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
from drsim.study.costs.estate import Estate
from drsim.study.effort import of_plans
from drsim.study.notices import copies, jobs, money, proof  # noqa: F401  registers the notices
from drsim.study.notices.registry import NOTICES, Outlook
from drsim.world import build_world

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
        found = f"what only laws and prices tell is not looked at, since that takes {effort}"
        return (Problem("", 0, "too-much-work", found, effort.largest[0], effort.largest[1]),)
    estates = (Estate.of(scenario, build_world(scenario, name)) for name in scenario.strategies)
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
    found: dict[tuple[str, Loc, str, Alike | None], tuple[Finding, list[str]]] = {}
    for outlook in outlooks:
        for name, function in NOTICES.items():
            for finding in function(outlook) if name not in without else ():
                key = (name, finding.loc, finding.found, finding.alike)
                found.setdefault(key, (finding, []))[1].append(outlook.strategy)
    said = told(scenario, [(name, finding) for (name, *_), (finding, _) in found.items()])
    problems = [replace(p, under=tuple(own)) for p, (_, own) in zip(said, found.values(), strict=True)]
    return together(problems, [outlook.strategy for outlook in outlooks])


def together(problems: Iterable[Problem], strategies: Sequence[str]) -> tuple[Problem, ...]:
    """Return what was found about single strategies, told once for all that it is about, heaviest first.

    Args:
        problems: of `foreseen`, each call of it with strategies of its own.
        strategies: all of them.
    """
    groups: dict[object, list[Problem]] = {}
    for each in problems:
        key = each if each.alike is None else (each.file, each.line, each.check, each.alike.topic)
        groups.setdefault(key, []).append(each)
    return by_weight(_as_one(some, strategies) for own in groups.values() for some in _apart(own))


def _apart(problems: Sequence[Problem]) -> Iterator[list[Problem]]:
    """Yield what is told as one of some problems that are alike, the worst of each first."""
    # of what is the same under several strategies the first one stays the first
    rest = sorted(problems, key=lambda each: (each.weight, each.usd_per_month, _extent(each)), reverse=True)
    while rest:
        alike = rest[0].alike
        some = [each for each in rest if alike is None or not alike.is_sum or _is_within(each, alike.names)]
        yield some
        rest = [each for each in rest if each not in some]


def _extent(problem: Problem) -> float:
    return 0.0 if problem.alike is None else problem.alike.extent


def _is_within(problem: Problem, names: Sequence[str]) -> bool:
    return problem.alike is None or set(problem.alike.names) <= set(names)


def _as_one(problems: Sequence[Problem], strategies: Sequence[str]) -> Problem:
    """Return the first of some problems, told of all that they are about."""
    worst, every = problems[0], _in_order(strategies, problems)
    alike, bare = worst.alike, worst.found
    if alike is not None and not alike.is_sum:
        most_first = sorted((each.alike.names for each in problems if each.alike), key=len, reverse=True)
        names = tuple(dict.fromkeys(name for own in most_first for name in own))
        bare = bare.removeprefix(f"{listed(alike.names)}: ")
        same = [each for each in problems if each.found.endswith(f": {bare}")]
        bare, alike = f"{listed(names)}: {bare}", alike._replace(names=names)
    else:
        same = [each for each in problems if each.found == bare]
    under = _in_order(strategies, same)
    also = [name for name in every if name not in under]
    if also:
        text = f" (worst under {listed(under)}; also under {listed(also)})"
    else:
        text = f" (under {listed(under)})" if len(under) < len(strategies) else ""
    return replace(worst, found=bare + text, under=every, alike=alike)


def _in_order(strategies: Sequence[str], problems: Iterable[Problem]) -> tuple[str, ...]:
    """Return the strategies that problems are about, in their order."""
    own = {name for each in problems for name in each.under}
    return tuple(name for name in strategies if name in own)
