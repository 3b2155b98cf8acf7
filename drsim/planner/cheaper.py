"""Why not cheaper: of each application the nearest cheaper protection, what it misses, and a drill in which it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from drsim.planner.drills import Fares
from drsim.planner.judge import Judge, Outcome
from drsim.planner.plan import Search
from drsim.planner.protection import Protection
from drsim.planner.variants import Variants

MOST_TRIED = 5
"""Protections of an application that are drilled in the whole scenario until one of them misses something."""


@dataclass(frozen=True)
class Cheaper:
    """An application with one resource, or its standby, changed for something cheaper.

    Attributes:
        name: of its strategy, in which all else is as planned.
        application: whose.
        changed: what is changed: a resource, or the application where its standby is.
        before, after: how that is protected in the plan and here, in words.
        saved: by how much it is cheaper [whole units].
        outcome: where it fails worst, in the whole scenario by the drills of the search.
        drill: number of a drill in which `outcome.subject` misses what is asked.
        protections: of all resources.
    """

    name: str
    application: str
    changed: str
    before: str
    after: str
    saved: int
    outcome: Outcome
    drill: int
    protections: Mapping[str, Protection]


@dataclass(frozen=True)
class _Change:
    changed: str
    protections: Mapping[str, Protection]
    share: float
    saved: int


def nearest_cheaper(search: Search, variants: Variants, judge: Judge) -> tuple[Cheaper, ...]:
    """Return of each application the cheaper protection that comes nearest to what it has to reach.

    Of what was drilled it is that with one change whose share of good drills is highest where it is lowest.
    Applications of which nothing cheaper misses anything, or for which nothing cheaper was drilled, are left out.

    Args:
        search: one that has come to its end.
        variants: of its estate.
        judge: of what the plan was made to reach.
    """
    return tuple(
        cheaper for app in search.wanted if (cheaper := _nearest_cheaper(search, variants, judge, app)) is not None
    )


def _nearest_cheaper(search: Search, variants: Variants, judge: Judge, app: str) -> Cheaper | None:
    changes = sorted(_changes(search, variants, app), key=lambda change: (-change.share, -change.saved, change.changed))
    for change in changes[:MOST_TRIED]:
        protections = {**search.best, **change.protections}
        choice = [protections[name] for name in search.estate.resources]
        outcomes = [o for o in judge.outcomes(choice) if o.application == app and not o.is_met]
        for outcome in sorted(outcomes, key=lambda o: o.p_meets):
            if drills := judge.missing(choice, outcome):
                before, after = (_words(of, change.changed) for of in (search.best, protections))
                return Cheaper(
                    f"cheaper-{app}", app, change.changed, before, after, change.saved, outcome, drills[0], protections
                )
    return None


def _words(choice: Mapping[str, Protection], changed: str) -> str:
    if changed in choice:
        return choice[changed].words
    standby = next(p.standby for name, p in choice.items() if name.startswith(f"{changed}."))
    return "no standby" if standby is None else standby.words


def _changes(search: Search, variants: Variants, app: str) -> Iterator[_Change]:
    """Yield what is cheaper of an application with one change: the best of each resource, and other standbys."""
    estate = search.estate
    members = estate.members(app)
    planned = {estate.resources[k]: search.best[estate.resources[k]] for k in members}
    for k in members:
        name, bill, drills = estate.resources[k], estate.bills[k], estate.drills[k]
        cheaper = [
            p for p in variants.drilled(k) if p.standby == planned[name].standby and bill(p) < bill(planned[name])
        ]
        if cheaper:
            shares = [_share(search, app, k, fares) for fares in drills.fares(cheaper)]
            best = max(range(len(cheaper)), key=lambda i: (shares[i], -bill(cheaper[i]), -i))
            yield _Change(name, {name: cheaper[best]}, shares[best], bill(planned[name]) - bill(cheaper[best]))
    for standby in dict.fromkeys(s for k in members for s in estate.choices[k].standbys):
        others = {name: replace(p, standby=standby) for name, p in planned.items()}
        saved = sum(
            estate.bills[k](planned[estate.resources[k]]) - estate.bills[k](others[estate.resources[k]])
            for k in members
        )
        if saved > 0:
            share = min(_share(search, app, k, *estate.drills[k].fares([others[estate.resources[k]]])) for k in members)
            yield _Change(app, others, share, saved)


def _share(search: Search, app: str, k: int, fares: Fares) -> float:
    """Return the share of good drills of a resource by itself, under the disruption where it is lowest."""
    columns, struck = search.estate.columns[app], search.estate.drills[k].struck
    met = fares.met(columns.places, search.wanted[app], 0.0)
    shares = [
        float(met[at][struck[at]].mean())
        for name, at in columns.places
        if name in search.wanted[app] and np.any(struck[at])
    ]
    return min(shares, default=1.0)
