"""Critical paths in many drills at once: the parts of each downtime, summed along what was waited for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drsim.engine.courses import waits_s
from drsim.engine.incidents import RECOVERED
from drsim.engine.rollup import decide, parts_before, stacked
from drsim.engine.vectorised.recovery import ALONE, Recoveries

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Parts = dict[str, Floats]


def critical_paths(done: Recoveries) -> dict[int, Parts]:
    """Return for each application the parts of its downtime along its critical path, (n,) each [s].

    Where an application is not recovered they are of no account.
    """
    paths: dict[int, Parts] = {}
    for a in done.order:
        nodes: dict[int, Parts] = {}
        for node in done.nodes[a]:
            nodes[node] = _path_to(done, a, node, nodes, paths)
        moments = done.app_moments[a]
        parts = {part: seconds.copy() for part, seconds in done.ending_parts[a].items()}
        for node, parts_to in nodes.items():
            _add(parts, parts_to, moments.waited_for == node)
        for b in done.world.applications[a].requires:
            if b in done.app_moments:
                _add(parts, paths[-2 - b], moments.waited_for == -2 - b)
        alone = moments.waited_for == ALONE
        if alone.any():
            _add(parts, _before(done, a, moments.begun_s), alone)
        paths[-2 - a] = parts
    return {a: paths[-2 - a] for a in done.order}


def _path_to(done: Recoveries, a: int, node: int, nodes: dict[int, Parts], paths: dict[int, Parts]) -> Parts:
    """Return the parts along the path that ends with a resource or step.

    Args:
        done: the recovery.
        a: its application.
        node: the resource or step.
        nodes: parts of the paths to those of the application's nodes that come first.
        paths: parts of the paths of the applications before, by code.
    """
    first, moments = len(done.world.resources), done.node_moments[node]
    everywhere = np.ones(len(moments.waited_for), dtype=bool)
    parts: Parts = {}
    by_hand: Bools = everywhere
    if node >= first:
        _add(parts, {"step_s": done.step_s[node - first]}, everywhere)
    else:
        last = _last_of(done, node)
        by_hand = np.zeros(len(everywhere), dtype=bool)
        for m in done.targets.going(node):
            is_last = last == m
            if is_last.any():
                _add(parts, done.fates[m].parts, is_last)
                by_hand |= is_last & ~done.fates[m].automatic
    waited = np.where(by_hand, moments.waited_for, ALONE)
    _add(parts, _before(done, a, moments.begun_s), by_hand & (waited == ALONE))
    for code in np.unique(waited).tolist():
        if code != ALONE:
            _add(parts, nodes[code] if code >= 0 else paths[code], waited == code)
    return parts


def _last_of(done: Recoveries, r: int) -> Ints:
    """Return the member of a resource that its critical path goes through, (n,): the one that decides."""
    members = done.targets.going(r)
    usable, begun = stacked([done.usable_s[m] for m in members]), stacked([done.begun_s[m] for m in members])
    is_there = stacked([done.targets.is_going(m) & (done.fates[m].state == RECOVERED) for m in members])
    which, _ = decide(usable, begun, is_there, done.targets.required[r])
    return np.array(members)[which]


def _before(done: Recoveries, a: int, begun_s: Floats) -> Parts:
    """Return the parts of a downtime that passed before something of an application began, (n,) each [s]."""
    strikes, waits = done.strikes, waits_s(done.world.applications[a], done.strikes)
    parts = parts_before(waits, strikes.detect_s, strikes.declare_s, begun_s - done.starts_s[a])
    return {part: np.broadcast_to(seconds, begun_s.shape) for part, seconds in parts.items()}


def _add(parts: Parts, more: Parts, where: Bools) -> None:
    """Add parts in some drills."""
    for part, seconds in more.items():
        here = np.where(where, seconds, 0.0)
        parts[part] = parts[part] + here if part in parts else here
