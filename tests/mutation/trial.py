"""One mutation held against the tests that run the changed line, in a copy of the project."""

from __future__ import annotations

import compileall
import difflib
import math
import os
import py_compile
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.covering import Covering
from tests.mutation.sites import Mutation, lines_run, mutated

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "build", "dist", "out")

SLOWER, MORE_S = 3.0, 30.0
"""A mutation under which tests take so many times longer than without, and so much more, is noticed by that.

Time is the processor's [s]: how busy a machine is tells nothing of a mutation.
"""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutation.

    Attributes:
        mutation: what was changed.
        diff: the same, as a unified diff.
        killed_by: the test that failed first, or why there was none; empty where it survived.
        tests: how many ran the changed line.
        left_out: how many more do, and were not asked because they take long.
        seconds: it took.
    """

    mutation: Mutation
    diff: str
    killed_by: str
    tests: int
    left_out: int
    seconds: float


def copied(root: Path, to: Path) -> Path:
    """Return a copy of the project, compiled so that a changed module is always read anew."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(root, to, ignore=_LEFT_OUT, symlinks=True)
    # by default Python compares times in whole seconds, within which two mutations may come
    compileall.compile_dir(to / "drsim", quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return to


def tried(mutation: Mutation, root: Path, covering: Covering) -> Verdict:
    """Return whether tests notice a mutation.

    Args:
        mutation: to try.
        root: of a copy of the project, which is as before afterwards.
        covering: which tests run which line.
    """
    begun = time.monotonic()
    module = root / mutation.path
    text = module.read_text(encoding="utf-8")
    changed = mutated(text, mutation)
    diff = "".join(
        difflib.unified_diff(
            text.splitlines(keepends=True), changed.splitlines(keepends=True), mutation.path, mutation.operator, n=1
        )
    )
    tests, left_out = covering.tests(mutation.path, lines_run(text, mutation))
    killed_by = ""
    if tests:
        try:
            module.write_text(changed, encoding="utf-8")
            killed_by = _killer(tests, root, math.ceil(MORE_S + SLOWER * covering.seconds(tests)))
        finally:
            module.write_text(text, encoding="utf-8")
    return Verdict(mutation, diff, killed_by, len(tests), left_out, time.monotonic() - begun)


def _killer(tests: list[str], root: Path, patience_s: int) -> str:
    """Run tests until one fails; return its name, what else went wrong, or nothing.

    Args:
        tests: to run, in this order.
        root: of a copy of the project.
        patience_s: time of the processor that they may take [s]; a wait without any work ends after ten times that
            long, and tells nothing.
    """
    listed = root / "build-tests.txt"
    listed.write_text("\n".join(tests), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{listed.name}"]
    process = subprocess.Popen(
        ["sh", "-c", 'ulimit -t "$0" && exec "$@"', str(patience_s), *command],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=10 * patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return ""
    if process.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"no end within {patience_s} s"
    if not process.returncode:
        return ""
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", output, re.MULTILINE)
    return failed[1] if failed else output.strip().splitlines()[-1]
