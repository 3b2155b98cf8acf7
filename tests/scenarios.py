"""Small scenarios for tests, whose answers can be worked out by hand, and disruptions at given moments.

Everything that is uncertain or slow in the catalogue is switched off, so that a test names all that it is about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.distributions import Constant
from drsim.engine import simulate_recovery
from drsim.engine.log import frame_of, places_of
from drsim.engine.process.history import History
from drsim.engine.process.incidents import log_of
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.strike import strike
from drsim.scenario import Scenario, read_scenario
from drsim.study.bench import Bench
from drsim.world import World, build_world

HOUR = 3600.0
DAY = 86400.0

SITES = """
  home: {region: us-east-1, account: production}
  neighbour: {region: us-east-1, account: backup}
  recovery: {region: us-west-2, account: production}
  bunker: {region: us-west-2, account: backup}
  third: {region: eu-west-1, account: production}
"""
VAULTS = """
  local: {site: home}
  other-account: {site: neighbour}
  dr: {site: recovery}
  isolated: {site: bunker}
  far: {site: third}
"""
QUIET = {
    "start_delay": "0 h",
    "expiry_delay": "0 h",
    "backup_duration": "0 h",
    "copy_duration": "0 h",
    "restore_duration": "0 h",
    "launch_duration": "0 h",
    "backup_failure": "0",
    "copy_failure": "0",
    "restore_failure": "0",
}
"""Overrides under which everything takes no time and nothing fails."""
UNLIMITED = "{backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited, jobs_per_resource: unlimited}"
AT_ONCE = "{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}"
DB = "{type: RDS, size: 1 GB}"
EFS = "{type: EFS, size: 1 GB}"
EVERYTHING = "{kind: ransomware, dwell: 0 min, backups_attacked: 0}"
"""A disruption that strikes all resources at once and spares all backups."""
REGION = "{kind: region-loss, site: home}"


def flow(values: Mapping[str, str]) -> str:
    """Return a YAML mapping in one line."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}"


def rule(every: str = "24 h", *, name: str = "rule", vault: str = "local", keep: str = "90 d", more: str = "") -> str:
    """Return a backup rule; `more` holds further keys."""
    return f"{{rule_name: {name}, target_vault: {vault}, every: {every}, lifecycle: {{delete_after: {keep}}}, {more}}}"


def copy(vault: str = "dr", *, keep: str = "90 d", more: str = "") -> str:
    """Return a copy action; `more` holds further keys."""
    return f"{{destination_vault: {vault}, lifecycle: {{delete_after: {keep}}}, {more}}}"


def copies(*actions: str) -> str:
    """Return the `copy_actions` of a rule."""
    return f"copy_actions: [{', '.join(actions)}]"


class Parts(TypedDict, total=False):
    """What a test says about its scenario; the rest is as in `scenario_text`.

    Attributes:
        rules: of the plan `plan`; one daily rule if left out.
        plans: replaces that plan by several, each a list of rules.
        resources: of the application `app`; one RDS database `db` if left out.
        app: further keys of the application.
        applications: replaces the application.
        strategy: the strategy.
        disruption: the disruption; the loss of one resource if left out.
        overrides: of `*`, beyond those that make everything quick and sure.
        limits: concurrent jobs; unlimited if left out.
        response: human steps; none if left out.
        sites: the sites.
        vaults: the vaults.
        more: further keys of the scenario, or of its overrides if indented.
    """

    rules: Sequence[str]
    plans: Mapping[str, Sequence[str]]
    resources: str
    app: str
    applications: str
    strategy: str
    disruption: str
    overrides: Mapping[str, str]
    limits: str
    response: str
    sites: str
    vaults: str
    more: str


def scenario_text(**parts: Unpack[Parts]) -> str:
    """Return the text of a scenario with a strategy `only` and a disruption `it`."""
    app = f"{{app: {{site: home, resources: {parts.get('resources', f'{{db: {DB}}}')}, {parts.get('app', '')}}}}}"
    plans = parts.get("plans", {"plan": parts.get("rules", [rule()])})
    return f"""
start: 2026-01-01
seed: 11
sites: {parts.get("sites", SITES)}
vaults: {parts.get("vaults", VAULTS)}
applications: {parts.get("applications", app)}
backup_plans: {flow({name: f"{{rules: [{', '.join(rules)}]}}" for name, rules in plans.items()})}
strategies: {{only: {parts.get("strategy", "{backup: plan}")}}}
disruptions: {{it: {parts.get("disruption", "{kind: resource-loss}")}}}
limits: {parts.get("limits", UNLIMITED)}
response: {parts.get("response", AT_ONCE)}
overrides:
  "*": {flow({**QUIET, **parts.get("overrides", {})})}
{parts.get("more", "")}
"""


def scenario(**parts: Unpack[Parts]) -> Scenario:
    """Return the scenario that `scenario_text` writes."""
    return read_scenario(scenario_text(**parts))


def bench_of(**parts: Unpack[Parts]) -> Bench:
    """Return the bench of the strategy of the scenario that `scenario_text` writes."""
    return Bench(scenario(**parts), strategies=["only"])


def world(**parts: Unpack[Parts]) -> World:
    """Return the world of the strategy of the scenario that `scenario_text` writes."""
    return build_world(scenario(**parts), "only")


def with_replicas(old: World, *, lag_s: float, promote_s: float) -> World:
    """Return a world in which every replica has a constant lag and a constant failover time [s]."""
    members = [
        replace(m, replicas=tuple(replace(r, lag=Constant(lag_s), promote=Constant(promote_s)) for r in m.replicas))
        for m in old.members
    ]
    return replace(old, members=tuple(members))


def struck(old: World, hours: Sequence[float], *, from_start: bool = False) -> pd.DataFrame:
    """Return the log of the disruption `it` where it strikes at the given moments [h since start].

    Each of its units has a drill at each of them; affected subjects have rows.
    """
    drills = np.arange(len(hours), dtype=np.int64)
    logs = []
    for unit in range(len(old.disruptions["it"].units)):
        strikes = strike(old, "it", drills, unit=unit, occurred_s=np.array(hours, dtype=np.float64) * HOUR)
        anchor = np.minimum(strikes.contaminated_s, strikes.occurred_s)
        history = History(
            old, strikes.run, strikes.occurred_s, anchor, simulate_jobs, strikes.affected, from_start=from_start
        )
        recoveries = [simulate_recovery(old, strikes, e, history) for e in range(len(drills))]
        logs.append(log_of(old, strikes, recoveries))
    return frame_of(logs, places_of(old))


Figures = tuple[str, Any, Any]
"""Floats, which tests may compare with `pytest.approx`."""


def told(log: pd.DataFrame, subject: str = "app.db") -> list[Figures]:
    """Return how a subject fared in each drill that reached it.

    How it was recovered or in what state it was, data loss [h], downtime [h]; nan as -1.
    """
    rows = log[log["subject"] == subject]
    return [
        (
            by if state == "recovered" else state,
            -1.0 if math.isnan(loss) else loss / HOUR,
            -1.0 if math.isnan(down) else down / HOUR,
        )
        for state, by, loss, down in zip(
            rows["state"], rows["recovered_by"], rows["data_loss_s"], rows["downtime_s"], strict=True
        )
    ]


def losses_h(log: pd.DataFrame, subject: str = "app.db") -> list[float]:
    """Return the data loss of a subject in each drill [h]; -1 where it did not recover."""
    return [loss for _, loss, _ in told(log, subject)]


def downtimes_h(log: pd.DataFrame, subject: str = "app.db") -> list[float]:
    """Return the downtime of a subject in each drill [h]; -1 where it did not recover."""
    return [down for _, _, down in told(log, subject)]


def first_difference(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Return the first cell in which two logs differ in any bit, and how many do; empty where they are equal."""
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return f"{one.shape} rows and columns {list(one.columns)}, against {other.shape} {list(other.columns)}"
    differ = np.column_stack([_differ(one[name], other[name]) for name in one.columns])
    if not differ.any():
        return ""
    row = int(differ.any(axis=1).argmax())
    name = one.columns[int(differ[row].argmax())]
    mine, theirs = one[name].iloc[row], other[name].iloc[row]
    where = f"drill {one['drill'].iloc[row]}, {one['subject'].iloc[row]}, {name}"
    return f"{where}: {mine!r} against {theirs!r}; {int(differ.sum())} cells differ"


def _differ(one: pd.Series[Any], other: pd.Series[Any]) -> NDArray[np.bool_]:
    """Return which cells of a column differ; figures to the last bit, one nan like another."""
    if one.dtype != np.float64 or other.dtype != np.float64:
        return np.asarray(one.astype(str).to_numpy() != other.astype(str).to_numpy(), dtype=bool)
    mine, theirs = np.ascontiguousarray(one), np.ascontiguousarray(other)
    same_bits = mine.view(np.int64) == theirs.view(np.int64)
    return np.asarray(~(same_bits | (np.isnan(mine) & np.isnan(theirs))), dtype=bool)
