"""What questions cost before there was a bench and what they cost now, in one run: the old tree is taken from history.

A question is asked of both trees by the same program (`benchmarks.questions`), each in a process of its own. Absolute
times depend on the machine; the ratios are what to read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Promise, figure, table

BEFORE = "13424de"
"""The last commit without a bench."""

_ROOT = Path(__file__).parents[1]
_QUESTIONS = Path(__file__).with_name("questions.py")

BOUNDS_MS = {"fixed": 60.0, "retention": 60.0, "protections": 150.0, "estate": 90_000.0}
"""What each question may cost [ms of processor time]; retention: 50 ms for each 1,000 drills, of which it has 1,200."""

_WORDS = {
    "fixed": "a small scenario, 10 drills: `run`",
    "retention": "web-shop, one strategy, 6 disruptions, 200 drills: a shared rule keeps its points for another time",
    "protections": "40 protections of one resource, 6 disruptions, 200 drills: loss and downtime, slots for all",
    "estate": "40 protections of each of region-evacuation's 306 resources, 200 drills",
}


def then() -> tuple[str, list[Promise]]:
    """Return the table of what questions cost then and now [ms], and the promises."""
    with TemporaryDirectory(prefix="drsim-then-") as folder:
        old = _asked(Path(folder)) if _taken_out(Path(folder)) else {}
    new = _asked(_ROOT)
    rows = []
    for name, words in _WORDS.items():
        was, now = old.get(name), new[name]
        then_and_ratio = ("not asked", "") if was is None else (figure(was), f"{was / now:.1f}")
        rows.append([words, then_and_ratio[0], figure(now), then_and_ratio[1]])
    promises = [Promise(f"{_WORDS[n]} [ms]", new[n], bound, at_least=False) for n, bound in BOUNDS_MS.items()]
    return table(["question", "then [ms]", "now [ms]", "then / now"], rows), promises


def _taken_out(folder: Path) -> bool:
    """Write the old tree into a folder; return whether its commit is there to be taken."""
    command = ["git", "archive", BEFORE, "drsim", "scenarios"]
    archive = subprocess.run(command, cwd=_ROOT, capture_output=True, check=False)  # noqa: S603  # of words above
    if archive.returncode:
        return False
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return True


def _asked(tree: Path) -> dict[str, float]:
    """Return what each question costs with the package of a tree [ms of processor time, median of five]."""
    surroundings = os.environ | {"PYTHONPATH": str(tree)}
    answer = subprocess.run(  # noqa: S603  # of this package
        [sys.executable, str(_QUESTIONS)], env=surroundings, cwd=tree, capture_output=True, encoding="utf-8", check=True
    )
    return dict(json.loads(answer.stdout))
