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


@pytest.mark.parametrize("path", _SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_runs(path: Path) -> None:
    """Every scenario has a name and a purpose, and each of its strategies meets each of its disruptions."""
    scenario = drsim.load_scenario(path)
    assert scenario.name
    assert scenario.description
    result = drsim.run(scenario, drills=1, workers=1)
    pairs = set(zip(result.summary["strategy"], result.summary["disruption"], strict=True))
    assert pairs == {(strategy, disruption) for strategy in scenario.strategies for disruption in scenario.disruptions}


def test_the_readme_shows_what_is_printed() -> None:
    """The table in the README is what `make run` prints for these strategies and disruptions."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```text\n(disruption .*?)```", readme, re.DOTALL)
    assert found is not None
    shown = [_squeezed(line) for line in found[1].splitlines()]
    arguments = [
        *("run", str(ROOT / "scenarios" / "web-shop.yaml"), "--drills", "200", "--workers", "1"),
        *("--strategy", "nightly", "--strategy", "copies", "--disruption", "region-loss", "--disruption", "ransomware"),
    ]
    done = CliRunner(env={"COLUMNS": "200"}).invoke(group, arguments, catch_exceptions=False)
    printed = [_squeezed(line) for line in done.stdout.splitlines()]
    columns = [shown[0], *(line for line in shown[2:])]
    missing = [line for line in columns if not any(_within(line, other) for other in printed)]
    assert not missing, "the README's table is out of date: put there what `make run` prints"


def _squeezed(line: str) -> list[str]:
    """Return the cells of a printed row."""
    return re.split(r"\s{2,}", line.strip())


def _within(cells: list[str], others: list[str]) -> bool:
    """Return whether a row is printed, columns aside that only a wide terminal shows."""
    rest = iter(others)
    return all(cell in rest for cell in cells)
