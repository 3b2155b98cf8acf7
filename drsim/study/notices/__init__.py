"""What only laws, prices and probabilities tell of a scenario before anything is drilled.

What can never complete, what piles up, what grows for ever, what cannot be proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from drsim.engine import build_world
from drsim.errors import Problem, by_weight
from drsim.scenario import Scenario
from drsim.scenario.registry import Finding, listed
from drsim.scenario.source import Loc
from drsim.scenario.trial import told
from drsim.study.costs.estate import Estate
from drsim.study.effort import of_plans
from drsim.study.notices import jobs, money, proof  # noqa: F401  registers the notices
from drsim.study.notices.registry import NOTICES, Outlook

__all__ = ["NOTICES", "Outlook", "foreseen", "notices", "together"]


def notices(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what is found about all strategies of a scenario, heaviest first.

    Args:
        scenario: checked.
    """
    effort = of_plans(scenario, tuple(scenario.strategies))
    if effort.is_too_much():
        found = f"what only laws and prices tell is not looked at, since that takes {effort}"
        return (Problem("", 0, "too-much-work", found, effort.largest[0], effort.largest[1]),)
    estates = (Estate.of(scenario, build_world(scenario, name)) for name in scenario.strategies)
    return foreseen(scenario, [Outlook(estate, scenario.drills) for estate in estates])


def foreseen(
    scenario: Scenario, outlooks: Sequence[Outlook], without: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """Return what is found about strategies, heaviest first.

    Args:
        scenario: checked.
        outlooks: of its strategies.
        without: identifiers of what is not asked for.
    """
    found: dict[tuple[str, Loc, str], tuple[Finding, list[str]]] = {}
    for outlook in outlooks:
        for name, function in NOTICES.items():
            for finding in function(outlook) if name not in without else ():
                found.setdefault((name, finding.loc, finding.found), (finding, []))[1].append(outlook.strategy)
    said = told(scenario, [(name, finding) for (name, _, _), (finding, _) in found.items()])
    problems = [replace(p, under=tuple(own)) for p, (_, own) in zip(said, found.values(), strict=True)]
    return together(problems, [outlook.strategy for outlook in outlooks])


def together(problems: Iterable[Problem], strategies: Sequence[str]) -> tuple[Problem, ...]:
    """Return what was found about single strategies, told once for all that it is about, heaviest first.

    Args:
        problems: of `foreseen`, each call of it with strategies of its own.
        strategies: all of them.
    """
    merged: dict[Problem, dict[str, None]] = {}
    for problem in problems:
        merged.setdefault(problem, {}).update(dict.fromkeys(problem.under))
    said = []
    for problem, own in merged.items():
        under = tuple(name for name in strategies if name in own)
        text = f" (under {listed(under)})" if len(under) < len(strategies) else ""
        said.append(replace(problem, found=problem.found + text, under=under))
    return by_weight(said)
