"""The scenarios that come with drsim run, and the README shows what they print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import drsim
from drsim.cli import group
from tests.docs.markdown import ROOT

_SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))


_LARGE = {"region-evacuation", "web-shop"}
"""Scenarios whose drills are too long for the fast suite, or of which it runs more already."""


@pytest.mark.parametrize("path", _SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_says_what_it_is(path: Path) -> None:
    """Every scenario is free of errors, and has a name and a purpose."""
    scenario = drsim.load_scenario(path)
    assert scenario.name
    assert scenario.description


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=p.stem, marks=[pytest.mark.slow] if p.stem in _LARGE else []) for p in _SCENARIOS],
)
def test_every_scenario_runs(path: Path) -> None:
    """Each strategy of a scenario meets each of its disruptions."""
    scenario = drsim.load_scenario(path)
    result = drsim.run(scenario, drills=1, workers=1)
    pairs = set(zip(result.summary["strategy"], result.summary["disruption"], strict=True))
    assert pairs == {(strategy, disruption) for strategy in scenario.strategies for disruption in scenario.disruptions}


def test_the_readme_shows_what_is_printed() -> None:
    """The table in the README is what `make run` prints for these disruptions."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```text\n(disruption .*?)```", readme, re.DOTALL)
    assert found is not None
    shown = [_squeezed(line) for line in found[1].splitlines()]
    named = dict.fromkeys(re.findall(r"^([a-z]\S+)", found[1].partition("\n")[2], re.MULTILINE))
    arguments = [
        *("run", str(ROOT / "scenarios" / "web-shop.yaml"), "--drills", "200", "--workers", "1"),
        *(word for name in named for word in ("--disruption", name)),
    ]
    done = CliRunner(env={"COLUMNS": "200"}).invoke(group, arguments, catch_exceptions=False)
    printed = [_squeezed(line) for line in done.stdout.splitlines()]
    missing = [line for line in (shown[0], *shown[2:]) if not any(_within(line, other) for other in printed)]
    assert not missing, "the README's table is out of date: put there what `make run` prints"


def _squeezed(line: str) -> list[str]:
    """Return the cells of a printed row."""
    return re.split(r"\s{2,}", line.strip())


def _within(cells: list[str], others: list[str]) -> bool:
    """Return whether a row is printed, columns aside that only a wide terminal shows."""
    rest = iter(others)
    return all(cell in rest for cell in cells)
