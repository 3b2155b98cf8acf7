"""How long visitors of the app wait: one in a browser who has the machine alone, also for a large estate; then ten.

    python -m benchmarks.load [--only PART ...] [--visitors N] [--minutes M] [--every S] [--drills N]

It starts a server of its own on this machine. The parts with a browser need Chromium. The exit status is 1 if a
promise is broken, or if what is promised cannot be measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import browser, evacuation, visitors
from benchmarks.measure import Promise, account_for
from benchmarks.server import served

PARTS = "browser", "evacuation", "visitors"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and the promises; return 1 if one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = visitors.Load()
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="all if left out")
    parser.add_argument("--visitors", type=int, default=usual.visitors)
    parser.add_argument("--minutes", type=float, default=usual.minutes)
    parser.add_argument("--every", type=float, default=usual.every_s, help="seconds between two changes of a visitor")
    parser.add_argument(
        "--drills", type=int, default=usual.drills, help="of the ten; what the app begins with if left out"
    )
    asked = parser.parse_args(arguments)
    promises: list[Promise] = []
    if "browser" in asked.only:
        with served() as server:
            text, more = browser.waits(server)
        print(f"{text}\n", flush=True)
        promises += more
    if "evacuation" in asked.only:
        with served() as server:
            text, more = evacuation.first_answers(server)
        print(f"{text}\n", flush=True)
        promises += more
    if "visitors" in asked.only:
        with served() as server:
            load = visitors.Load(asked.visitors, asked.minutes, asked.every, asked.drills)
            text, more = visitors.visit(server, load)
        print(f"{text}\n", flush=True)
        promises += more
    return account_for(promises)


if __name__ == "__main__":
    sys.exit(main())
