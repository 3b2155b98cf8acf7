"""Mangled scenarios and plan documents: what is almost right, absurd, or meant to do harm.

`python -m tests.mangled --number 20000` runs so many and reports what failed, by kind; `--only` makes one again.
Mutations of drsim's own code are another matter (`tests/mutation`).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.mangled.faults import run_one
from tests.mangled.files import Mangling, mangling, sources
from tests.mangled.workers import run_all


def main() -> int:
    """Run mangled files and report what failed, by kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.mangled", description=main.__doc__)
    parser.add_argument("--number", type=int, default=20_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--only", type=int, help="run this one alone, and show it")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for those that fail")
    chosen = parser.parse_args()
    corpus = sources()
    if chosen.only is not None:
        example = mangling(chosen.only, corpus)
        print(example.source, example.changes, example.words, run_one(example), sep="\n")  # noqa: T201
        return 0
    kinds: dict[str, list[int]] = defaultdict(list)
    begun = time.monotonic()
    answers = run_all(range(chosen.first, chosen.first + chosen.number), chosen.workers)
    for done, (number, faults) in enumerate(answers, 1):
        for fault in faults:
            kinds[fault].append(number)
        if faults and chosen.keep:
            keep(mangling(number, corpus), faults, chosen.keep)
        if done % 200 == 0 or done == chosen.number:
            failed = len({n for numbers in kinds.values() for n in numbers})
            line = f"{done} of {chosen.number}, {failed} failed, {time.monotonic() - begun:.0f} s"
            print(line, file=sys.stderr, flush=True)  # noqa: T201
    for kind, numbers in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"{len(numbers):6}  {kind}: {', '.join(map(str, numbers[:8]))}")  # noqa: T201
    print(f"{chosen.number} mangled files, {len(kinds)} kinds of faults")  # noqa: T201
    return 1 if kinds else 0


def keep(example: Mangling, faults: Sequence[str], folder: Path) -> None:
    """Write a mangled file with what was wrong."""
    place = folder / str(example.number)
    shutil.rmtree(place, ignore_errors=True)
    for name, content in example.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    text = "\n".join((example.source, " ".join(example.changes), " ".join(example.words), *faults))
    (place / "faults.txt").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
