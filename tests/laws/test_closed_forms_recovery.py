"""Recovery times and costs against closed forms: slots, critical paths, retrieval from cold, the cheapest interval."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drsim.distributions import Uniform
from drsim.engine import run_vectorised
from tests.closed_forms import DRILLS, holds, holds_share, losses
from tests.examples import examples
from tests.scenarios import DB, EFS, EVERYTHING, HOUR, downtimes_h, flow, rule, struck, world


def completions(n: int, slots: int, each: str) -> list[float]:
    """Return when each of n equal restores on some slots is done [h]."""
    w = world(
        resources=flow({f"r{i}": DB for i in range(n)}),
        overrides={"restore_duration": each},
        limits=f"{{restore_jobs: {slots}}}",
        disruption=EVERYTHING,
    )
    log = struck(w, [245])
    return [downtimes_h(log, f"app.r{i}")[0] for i in range(n)]


def test_restore_storm() -> None:
    """C09a: 137 restores of 1.5 h on 10 slots end at 21 h, at 11.036496 h on average, 58.3942 % by 12 h."""
    done = np.array(completions(137, 10, "1.5 h"))
    q, r = divmod(137, 10)
    mean = 1.5 * (10 * q * (q + 1) / 2 + r * (q + 1)) / 137
    assert done.max() == 21 == math.ceil(137 / 10) * 1.5
    assert done.mean() == pytest.approx(mean, rel=1e-9)
    assert mean == pytest.approx(11.036496, abs=1e-6)
    assert (done <= 12).mean() == 10 * math.floor(12 / 1.5) / 137


@examples(15)
@given(st.integers(1, 23), st.integers(1, 9))
def test_restores_come_in_waves(n: int, slots: int) -> None:
    """C09a: restore i of n equal ones on k slots ends with wave floor(i / k) + 1."""
    assert completions(n, slots, "90 min") == [1.5 * (i // slots + 1) for i in range(n)]


GRAPH: dict[str, tuple[float, list[str]]] = {
    "network": (0.5, []),
    "identity": (2.75, ["network"]),
    "keys": (0.25, ["network"]),
    "db": (2.75, ["keys"]),
    "files": (4.5, ["keys"]),
    "cache": (0.5, ["db"]),
    "search": (1.0, ["db"]),
    "middle": (2.0, ["files", "cache"]),
    "web": (1.75, ["middle", "search", "identity"]),
    "edge": (0.5, ["web"]),
}
"""Duration [h] and predecessors of a recovery of ten nodes."""


def finishes(graph: dict[str, tuple[float, list[str]]]) -> dict[str, float]:
    """Return finish(v) = duration(v) + max finish(predecessors) [h]."""
    done: dict[str, float] = {}
    for name, (duration, before) in graph.items():
        done[name] = duration + max((done[b] for b in before), default=0.0)
    return done


def simulated(graph: dict[str, tuple[float, list[str]]]) -> dict[str, float]:
    """Return when each node of a graph is recovered [h]."""
    resources = {
        name: f"{{type: RDS, size: 1 GB, after: [{', '.join(before)}], overrides: {{restore_duration: {duration} h}}}}"
        for name, (duration, before) in graph.items()
    }
    log = struck(world(resources=flow(resources), disruption=EVERYTHING), [245])
    return {name: downtimes_h(log, f"app.{name}")[0] for name in graph} | {"": downtimes_h(log, "app")[0]}


def slowed(node: str, by: float) -> dict[str, tuple[float, list[str]]]:
    """Return the graph with one node slower [h]."""
    return GRAPH | {node: (GRAPH[node][0] + by, GRAPH[node][1])}


def test_critical_path() -> None:
    """C10b: every node ends by the max-plus recursion, and the application after 9.5 h, by way of the files."""
    found = simulated(GRAPH)
    assert found.pop("") == 9.5
    assert found == finishes(GRAPH)


@pytest.mark.parametrize(("node", "slack"), [("db", 1.25), ("identity", 4.0), ("files", 0.0), ("search", 2.75)])
def test_slack(node: str, slack: float) -> None:
    """C10b: a node may be slower by its slack; beyond it every second counts."""
    assert simulated(slowed(node, slack))[""] == 9.5
    assert simulated(slowed(node, slack + 0.125))[""] == 9.625


@examples(15)
@given(st.lists(st.tuples(st.integers(0, 8), st.sets(st.integers(0, 5), max_size=3)), min_size=1, max_size=6))
def test_critical_path_of_any_graph(nodes: list[tuple[int, set[int]]]) -> None:
    """C10b: the recursion holds for any graph without a cycle, written in any order."""
    graph = {f"n{i}": (d / 4, [f"n{b}" for b in before if b < i]) for i, (d, before) in enumerate(nodes)}
    found = simulated(dict(reversed(graph.items())))
    assert found.pop("") == max(finishes(graph).values())
    assert found == finishes(graph)


def test_retrieval_from_cold() -> None:
    """C13: points kept 90 d and cold at 30 d add U(3, 5) where the newest clean one is cold, which 34.0702 % are.

    AWS would refuse such a lifecycle, so the world is changed after it was built.
    """
    w = world(
        resources=f"{{db: {EFS}}}",
        rules=[rule(keep="90 d")],
        overrides={"restore_duration": "4 h", "cold_retrieval": "{uniform: [3 h, 5 h]}"},
        disruption="{kind: ransomware, dwell: {exponential: 30 d}, backups_attacked: 0}",
    )
    streams = [replace(s, cold_after_s=30 * 24 * HOUR) for s in w.streams]
    w = replace(w, streams=tuple(streams))
    assert w.members[0].restoration.cold_retrieval == Uniform(3 * HOUR, 5 * HOUR)
    log = run_vectorised(w, "it", 0, DRILLS)
    rows = log[(log["subject"] == "app.db") & (log["state"] == "recovered")]
    hours = rows["downtime_s"].to_numpy() / HOUR
    cold = rows["retrieve_s"].to_numpy() > 0
    holds_share(cold, 0.340702)
    holds(hours, mean=(5.362807, 1.9255), p95=(8.706488, 1.2794), max=(9, 0.1))
    assert set(hours[~cold]) == {4.0}
    assert cold.tolist() == (rows["data_loss_s"].to_numpy() >= 30 * 24 * HOUR).tolist()


@pytest.mark.parametrize(("share", "expected"), [(1.0, 65851.94), (0.5, 77314.92), (2.0, 77314.92)])
def test_cheapest_interval(share: float, expected: float) -> None:
    """C21a: 12 USD a backup, two losses a year at 5000 USD/h, d = 2: T* = 4.585 h costs 65,851.94 USD a year."""
    period = share * math.sqrt(2 * 12 / (2 / 8760 * 5000))
    sample = losses({"rules": [rule(f"{period!r} h", keep="20 d")], "overrides": {"backup_duration": "2 h"}})
    yearly = 12 * 8760 / period + 2 * 5000 * sample
    holds(yearly, mean=(expected, 1e4 * period / math.sqrt(12)))
