"""The shipped scenario `periodic` written by hand in plain SimPy: what a careful person would write without drsim.

One database, one backup a day that takes two hours, one copy to another Region that takes one to four hours.
The plan has run for a warm-up before the horizon. Each drill simulates every job from the plan's start to the incident,
takes the newest usable point at the place that survives, and restores it in three hours.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, field

import simpy

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
BACKUP_S = 2 * HOUR_S
COPY_S = (1 * HOUR_S, 4 * HOUR_S)
RESTORE_S = 3 * HOUR_S
KEEP_S = 35 * DAY_S
EXPIRY_DELAY_S = 8 * HOUR_S
HORIZON_S = 365 * DAY_S

Process = Generator[simpy.Event, object, None]


@dataclass
class Point:
    """A recovery point: when its data were captured, when it can be used, when it is gone [s]."""

    captured_s: float
    available_s: float
    expires_s: float


@dataclass
class Vault:
    """The recovery points at one place."""

    points: list[Point] = field(default_factory=list)

    def newest(self, now_s: float) -> Point | None:
        """Return the newest point that can be used."""
        usable = [p for p in self.points if p.available_s <= now_s < p.expires_s]
        return max(usable, key=lambda p: p.captured_s, default=None)


def plan(env: simpy.Environment, rng: random.Random, resource: simpy.Resource, local: Vault, dr: Vault) -> Process:
    """Start a backup every day."""
    while True:
        env.process(backup(env, rng, resource, local, dr))
        yield env.timeout(DAY_S)


def backup(env: simpy.Environment, rng: random.Random, resource: simpy.Resource, local: Vault, dr: Vault) -> Process:
    """Back the database up, then copy the point; one job at a time a resource."""
    with resource.request() as slot:
        yield slot
        captured = env.now
        yield env.timeout(BACKUP_S)
    local.points.append(Point(captured, env.now, captured + KEEP_S + rng.uniform(0, EXPIRY_DELAY_S)))
    with resource.request() as slot:
        yield slot
        yield env.timeout(rng.uniform(*COPY_S))
    dr.points.append(Point(captured, env.now, captured + KEEP_S + rng.uniform(0, EXPIRY_DELAY_S)))


def incident(env: simpy.Environment, at_s: float, vault: Vault, result: list[tuple[float, float]]) -> Process:
    """Strike, and restore the newest usable point."""
    yield env.timeout(at_s - env.now)
    point = vault.newest(env.now)
    if point is None:
        return
    yield env.timeout(RESTORE_S)
    result.append((at_s - point.captured_s, env.now - at_s))


def drills(n: int, warm_up_s: float, *, region: bool, seed: int = 1) -> list[tuple[float, float]]:
    """Return data loss and downtime [s] of n drills.

    Args:
        n: how many.
        warm_up_s: how long the plan has run when the horizon begins [s].
        region: whether the Region with the local vault is lost, too.
        seed: of all draws.
    """
    rng = random.Random(seed)  # noqa: S311  a simulation, no secret
    result: list[tuple[float, float]] = []
    for _ in range(n):
        env = simpy.Environment(initial_time=-warm_up_s)
        resource, local, dr = simpy.Resource(env, 1), Vault(), Vault()
        env.process(plan(env, rng, resource, local, dr))
        done = env.process(incident(env, rng.uniform(0, HORIZON_S), dr if region else local, result))
        env.run(until=done)
    return result
