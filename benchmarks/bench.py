"""Time the clocks against each other and against plain SimPy, in one run of one process, and judge the promises.

    python -m benchmarks.bench [--only NAME ...] [--scale FACTOR]

Absolute times depend on the machine; the ratios are what to read. The exit status is 1 if a promise is broken.
docs/explanation/performance.md says how to read the tables.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import bank, clocks, growth, then, waits
from benchmarks.measure import Promise, account_for

PARTS = (*clocks.SIZES, "growth", "waits", "bank", "then")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and the promises; return 1 if one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, help="scenarios, growth, waits, bank, then; all if left out"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the drills; promises hold for 1")
    asked = parser.parse_args(arguments)
    promises: list[Promise] = []
    print("Table 1: drills per second (process time, one process)\n")
    for name, sizes in clocks.SIZES.items():
        if name in asked.only:
            text, more = clocks.clocks(name, sizes.scaled(asked.scale))
            print(f"{text}\n", flush=True)
            promises += more
    if "growth" in asked.only:
        text, more = growth.growth(growth.Sizes().scaled(asked.scale))
        print(f"Table 2: how the vectorised clock's cost grows\n\n{text}\n", flush=True)
        promises += more
    if "waits" in asked.only:
        text, more = waits.waits()
        print(f"Table 3: what one waits for (time by the clock)\n\n{text}\n", flush=True)
        promises += more
    if "bank" in asked.only:
        text, more = bank.bank(max(1, round(1000 * asked.scale)))
        print(f"Table 4: jobs that never keep up (time by the clock)\n\n{text}\n", flush=True)
        promises += more
    if "then" in asked.only:
        text, more = then.then()
        print(f"Table 5: what questions cost then and now (process time, one process)\n\n{text}\n", flush=True)
        promises += more
    return account_for(promises)


if __name__ == "__main__":
    sys.exit(main())
