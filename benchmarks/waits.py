"""What one waits for at the command line and on the page What if: seconds by the clock on the wall."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

from benchmarks.measure import SCENARIOS, Promise, figure, table
from drsim.scenario import read_scenario
from drsim.study.bench import Bench
from drsim.study.within import run_within

_RESOURCE = """      r{i}:
        type: RDS
        size: 500 GB
        change_rate: 4 %/day
        tested: true
        objects: 40e6
        count: 2
        instance: x
        growth: 5 %/year
        deployment: multi-az
"""


def large() -> str:
    """Return a scenario of 300 resources in 3000 lines."""
    return (
        """sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  app:
    site: home
    resources:
"""
        + "".join(_RESOURCE.format(i=i) for i in range(300))
        + """backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local}]}
strategies:
  daily: {backup: daily}
disruptions:
  lost: {kind: resource-loss}
"""
    )


def crowded() -> str:
    """Return the web shop with so few slots for backup jobs that there is time for some of its drills only."""
    return f"{(SCENARIOS / 'web-shop.yaml').read_text(encoding='utf-8')}\nlimits: {{backup_jobs: 1}}\n"


def waits(repeats: int = 3) -> tuple[str, list[Promise]]:
    """Return the table of what one waits for, the best of several times, and what is promised."""
    help_ = [sys.executable, "-m", "drsim", "--help"]
    few = read_scenario(crowded())
    rows: tuple[tuple[str, Callable[[], object], float], ...] = (
        ("drsim --help", lambda: subprocess.run(help_, capture_output=True, check=True), 0.5),  # noqa: S603  # our own
        ("a scenario of 3000 lines read and checked", partial(read_scenario, large()), 2),
        # the pieces of its work are not known beforehand, so that it may take longer than it is given
        ("drills that have a second", lambda: run_within(Bench(few, strategies=["copies"]), 5000, 1.0), 6),
    )
    promises = [Promise(f"{what} [s]", _best_s(work, repeats), bound, at_least=False) for what, work, bound in rows]
    text = [[what, figure(promise.measured)] for (what, _, _), promise in zip(rows, promises, strict=True)]
    return table(["what one waits for", "s"], text), promises


def _best_s(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest time of several runs [s]: what else a machine is busy with can only make them longer."""
    times = []
    for _ in range(repeats):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return min(times)
