"""The Makefile keeps what it promises."""

from __future__ import annotations

import re
import subprocess

from tests.docs.markdown import ROOT

_TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
_PHONY = re.findall(r"^\.PHONY: (.+)$", _TEXT, re.MULTILINE)[0].split()


def test_make_alone_lists_every_target() -> None:
    """`make` alone prints every target with what it does, and does nothing else."""
    done = subprocess.run(["make", "-C", str(ROOT), "-s"], check=True, capture_output=True, text=True)
    listed = dict(re.findall(r"^  make ([a-z-]+) +(\S.*)$", done.stdout, re.MULTILINE))
    assert list(listed) == _PHONY
    assert not done.stderr


def test_every_target_is_phony_but_the_stamp() -> None:
    """Every target is a name and no file, so that a file of that name does not hide it."""
    assert re.findall(r"^([a-z-]+):", _TEXT, re.MULTILINE) == _PHONY


def test_ci_ends_with_the_tests() -> None:
    """CI sets up, checks and tests, in this order, the tests last."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "make " in line and not line.startswith("#")] == [
        "make setup",
        "make check",
        "exec make test-ci",
    ]
    assert lines[-1] == "exec make test-ci"


def test_every_tier_is_part_of_the_next() -> None:
    """`make test-quick`, `make test`, `make test-ci` and `make test-all` leave out less and less."""
    commands = dict(re.findall(r"^([a-z-]+):.*\n\t@\$\(PYTEST\) (.*)$", _TEXT, re.MULTILINE))
    quick, folders = commands["test-quick"].rsplit('" ', 1)
    assert quick == '-m "not slow and not thorough and not long'
    assert folders == "tests/laws tests/engine tests/scenario tests/study"
    assert all((ROOT / folder).is_dir() for folder in folders.split())
    assert commands["test"] == '-m "not slow and not thorough"'
    assert commands["test-ci"] == '-m "not slow"'
    assert commands["coverage"] == '-m "not slow" --cov --cov-report= -p tests.covered'
    assert commands["test-all"] == "--hypothesis-profile thorough"


def test_constraints_are_exact_versions_of_all_that_is_required() -> None:
    """The constraints give one exact version each, to every requirement, and no address."""
    lines = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    names = [_normal(line.partition("==")[0]) for line in lines]
    assert names == sorted(set(names))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    required = re.findall(r'^ +"([A-Za-z0-9._-]+)>=', project, re.MULTILINE)
    assert {_normal(name) for name in required} <= set(names)


def _normal(name: str) -> str:
    """Return the name of a distribution as indices compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
