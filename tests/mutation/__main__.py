"""Mutations of drsim's code, drawn at random, each held against the tests that run the changed line.

`make mutants` draws 60 with seed 1. Each is made in a copy of the project below `build/mutation`, two at a time, and is
killed when a test fails, or when tests take many times more of the processor than without it; survivors are listed
with what was changed. It fails where fewer than nine in ten are killed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.covering import Covering, measure
from tests.mutation.sites import Mutation, drawn
from tests.mutation.trial import Verdict, copied, tried

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "mutation"
LEAST_KILLED = 0.9
"""Least share of mutations that tests have to notice."""


def verdicts(mutations: Sequence[Mutation], covering: Covering, roots: Sequence[Path]) -> Iterator[Verdict]:
    """Yield what becomes of mutations, in their order.

    Args:
        mutations: to try.
        covering: which tests run which line.
        roots: copies of the project, one for each mutation that is tried at the same time.
    """
    free: SimpleQueue[Path] = SimpleQueue()
    for root in roots:
        free.put(root)

    def verdict(mutation: Mutation) -> Verdict:
        root = free.get()
        try:
            return tried(mutation, root, covering)
        finally:
            free.put(root)

    with ThreadPoolExecutor(len(roots)) as pool:
        yield from pool.map(verdict, mutations)


def main() -> int:
    """Draw mutations, try each, and list those that no test notices."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=main.__doc__)
    parser.add_argument("--number", type=int, default=60, help="how many are drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--only", type=int, nargs="*", help="try only those of these numbers, from 1")
    parser.add_argument("--measured", action="store_true", help="which tests run which line is known from last time")
    parser.add_argument("--workers", type=int, default=2, help="how many are tried at the same time")
    chosen = parser.parse_args()
    roots = [copied(ROOT, BUILD / f"copy-{k}") for k in range(chosen.workers)]
    if not chosen.measured:
        measure(roots[0], BUILD / "measured")
    draw = dict(enumerate(drawn(ROOT, chosen.number, chosen.seed), 1))
    numbers = chosen.only or list(draw)
    survivors = 0
    results = verdicts([draw[number] for number in numbers], Covering(BUILD / "measured"), roots)
    for number, verdict in zip(numbers, results, strict=True):
        survivors += not verdict.killed_by
        _show(number, verdict)
    print(f"{len(numbers) - survivors} of {len(numbers)} mutations killed")  # noqa: T201
    return int(survivors > (1 - LEAST_KILLED) * len(numbers))


def _show(number: int, verdict: Verdict) -> None:
    """Print a line on a mutation, and of a survivor what was changed."""
    place = f"{verdict.mutation.path}:{verdict.mutation.start[0]}"
    operator = verdict.mutation.operator.removeprefix("core/")
    fate = f"killed by {verdict.killed_by}" if verdict.killed_by else f"SURVIVED {verdict.tests} tests"
    more = f", {verdict.left_out} left out" if verdict.left_out and not verdict.killed_by else ""
    print(f"{number:3} {verdict.seconds:5.0f} s  {place} {operator}: {fate}{more}", flush=True)  # noqa: T201
    if not verdict.killed_by:
        print(verdict.diff, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
