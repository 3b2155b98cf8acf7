"""Time the process clock against a hand-written plain SimPy script, in one run of one process.

    python benchmarks/bench.py [--drills N]

Absolute times depend on the machine; the ratios are what to read. Each figure is the best of three.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import plain_simpy

from drsim.engine import build_world, run_drills
from drsim.scenario import load_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios" / "periodic.yaml"
LIMIT = 5.0
"""The process clock, run from the very beginning, takes at most this many times as long as the plain script."""


def best_s(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest process time of several runs [s]."""
    times = []
    for _ in range(repeats):
        began = process_time()
        work()
        times.append(process_time() - began)
    return min(times)


def main() -> int:
    """Print the table; fail if the ratio is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drills", type=int, default=100)
    n = parser.parse_args().drills
    world = build_world(load_scenario(SCENARIO), "daily")
    run_drills(world, "region-lost", 0, 2, from_start=True)  # imports and caches are not what is measured
    plain = best_s(lambda: plain_simpy.drills(n, -world.plan_start_s, region=True))
    whole = best_s(lambda: run_drills(world, "region-lost", 0, n, from_start=True))
    near = best_s(lambda: run_drills(world, "region-lost", 0, n))
    rows = [
        ("plain SimPy, from the plan's start", plain),
        ("process clock, from the plan's start", whole),
        ("process clock, from an idle instant", near),
    ]
    print(f"periodic, region-lost, {n} drills")
    print(f"{'':<40}{'drills/s':>10}{'time against plain':>22}")
    for name, seconds in rows:
        print(f"{name:<40}{n / seconds:>10.1f}{seconds / plain:>21.2f}x")
    ok = whole <= LIMIT * plain
    print(
        f"from the start: {whole / plain:.2f} times plain SimPy, at most {LIMIT:g} wanted: {'held' if ok else 'BROKEN'}"
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
