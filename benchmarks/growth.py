"""How time and memory of the vectorised clock grow with drills, resources and the horizon."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.measure import SCENARIOS, Promise, best_s, figure, peak_bytes, table
from drsim.engine import run_all_vectorised
from drsim.scenario import load_scenario, read_scenario
from drsim.world import World, build_world

_MB = 1e6
_EXPONENT = 1.1
"""Time may grow with this power of the work, at most, over two decades."""


@dataclass(frozen=True)
class Sizes:
    """How much work the smallest step of each row is.

    Attributes:
        drills: drills of each disruption; times 10 and times 100 follow.
        resources: alike resources; likewise.
        resource_drills: drills of the estates of alike resources.
        horizon_drills: drills over the horizon and ten times of it.
        repeats: how often each is timed.
    """

    drills: int = 100
    resources: int = 4
    resource_drills: int = 100
    horizon_drills: int = 2000
    repeats: int = 2

    def scaled(self, scale: float) -> Sizes:
        """Return sizes with fewer or more drills, of one at least."""
        some = {n: max(1, round(getattr(self, n) * scale)) for n in ("drills", "resource_drills", "horizon_drills")}
        return Sizes(**some, resources=self.resources if scale >= 1 else 1, repeats=self.repeats if scale >= 1 else 1)


def estate(resources: int, shared: bool) -> str:  # noqa: FBT001  a kind of estate
    """Return a scenario of alike databases with daily backups and copies, in one application.

    Args:
        resources: how many.
        shared: whether they queue for copies and restores together, one slot for each four of them; no limits if not.
    """
    slots = max(1, resources // 4)
    limits = (
        f"{{backup_jobs: unlimited, copy_jobs: {{RDS: {slots}}}, restore_jobs: {{RDS: {slots}}}}}"
        if shared
        else "{backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited}"
    )
    databases = "\n".join(f"      db-{i}: {{type: RDS, size: 100 GB, change_rate: 3 %/day}}" for i in range(resources))
    return f"""name: Alike databases
start: 2026-01-01
seed: 3
sites:
  home:     {{region: us-east-1, account: production}}
  recovery: {{region: us-west-2, account: production}}
vaults:
  local: {{site: home}}
  dr:    {{site: recovery}}
applications:
  estate:
    site: home
    recover_at: recovery
    resources:
{databases}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        schedule: cron(0 3 ? * * *)
        start_window: 8 h
        lifecycle: {{delete_after: 14 d}}
        copy_actions:
          - {{destination_vault: dr, lifecycle: {{delete_after: 14 d}}}}
strategies:
  daily: {{backup: daily}}
disruptions:
  region-loss: {{kind: region-loss, site: home}}
limits: {limits}
"""


def growth(sizes: Sizes) -> tuple[str, list[Promise]]:
    """Return the table of growth, and what it promises."""
    rows: list[list[str]] = []
    promises: list[Promise] = []

    def grow(what: str, works: list[tuple[str, Callable[[], object]]], *, promised: bool) -> None:
        """Measure some work times 1, 10, 100; put rows into the table."""
        times = [best_s(work, sizes.repeats) for _, work in works]
        for i, (size, work) in enumerate(works):
            power = figure(math.log10(times[i] / times[i - 1])) if i else ""
            rows.append([what, size, figure(times[i]), figure(peak_bytes(work) / _MB), power])
        if promised:
            exponent = math.log10(times[-1] / times[0]) / (len(times) - 1)
            promises.append(Promise(f"time grows with this power of {what}", exponent, _EXPONENT, at_least=False))

    shop = load_scenario(SCENARIOS / "web-shop.yaml")
    names = list(shop.disruptions)
    world = build_world(shop, "copies")
    run = partial(run_all_vectorised, world, names, 0)
    run(1)  # imports and caches are not what is measured
    steps = [sizes.drills * 10**k for k in range(3)]
    grow("drills", [(f"{n * len(names):,} drills", partial(run, n)) for n in steps], promised=True)
    for what, shared, decades in (("resources", False, 3), ("resources that share slots", True, 2)):
        works: list[tuple[str, Callable[[], object]]] = []
        for k in range(decades):
            n = sizes.resources * 10**k
            alike = build_world(read_scenario(estate(n, shared)), "daily")
            works.append((f"{n:,} resources", partial(_drills, alike, sizes.resource_drills)))
        grow(what, works, promised=not shared)
    promises.append(_horizon(world, names, sizes, rows))
    head = ["grows", "size", "s", "MB at the peak", "power"]
    return table(head, rows), promises


def _drills(world: World, n: int) -> object:
    return run_all_vectorised(world, list(world.disruptions), 0, n)


def _horizon(world: World, names: list[str], sizes: Sizes, rows: list[list[str]]) -> Promise:
    """Measure ten times the horizon; return the promise that it costs little."""
    shop = load_scenario(SCENARIOS / "web-shop.yaml")
    longer = build_world(shop, world.strategy, horizon_s=10 * world.horizon_s)
    works = [partial(run_all_vectorised, w, names, 0, sizes.horizon_drills) for w in (world, longer)]
    times = [math.inf, math.inf]
    for _ in range(2 * sizes.repeats):  # in turns, so that neither has the machine at a better moment
        times = [min(t, best_s(work)) for t, work in zip(times, works, strict=True)]
    for w, work, t in zip((world, longer), works, times, strict=True):
        rows.append(["horizon", f"{w.horizon_s / 86400:,.0f} days", figure(t), figure(peak_bytes(work) / _MB), ""])
    rows[-1][-1] = figure(math.log10(times[1] / times[0]))
    more = 100 * (times[1] / times[0] - 1)
    return Promise("ten times the horizon costs so many % more", more, 10, at_least=False)
