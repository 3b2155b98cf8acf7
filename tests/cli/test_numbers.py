"""Numbers on the command line are written as in a scenario."""

from __future__ import annotations

import json

import click
import pytest

from drsim.cli import main
from drsim.cli.numbers import Real, Share, Whole
from drsim.scenario import read_scenario
from drsim.scenario.starter import starter_text


@pytest.mark.parametrize("written", ["1000", "1e3", "1000.0", "0.1e4", "+1E3", " 1000 "])
def test_a_whole_number_may_have_an_exponent_or_a_point(written: str) -> None:
    """A scenario takes `drills: 1e3` for a thousand, and so does the command line."""
    assert Whole("drills").convert(written, None, None) == 1000
    text = starter_text().replace("drills: ", "# drills: ") + f"\ndrills: {written.strip()}\n"
    if written != "+1E3":  # YAML has no such number
        assert read_scenario(text).drills == 1000


def test_a_whole_number_keeps_its_last_digit() -> None:
    """Seeds are larger than a float holds to the last digit."""
    assert Whole("seed").convert("9223372036854775807", None, None) == 2**63 - 1


@pytest.mark.parametrize("written", ["1.5", "1e-3", "much", "", "1e3.5", "nan", "1.0000000000000000000000000000001"])
def test_what_is_no_whole_number_is_refused(written: str) -> None:
    """However near it comes to one."""
    with pytest.raises(click.BadParameter, match="no whole number"):
        Whole("drills").convert(written, None, None)


def test_numbers_out_of_range_are_refused_with_the_range() -> None:
    """Infinite ones, and those that are not a number, are in none."""
    for kind, written in ((Whole("drills"), "1e8"), (Real("max_seconds"), "inf"), (Share(), "1.5"), (Share(), "nan")):
        with pytest.raises(click.BadParameter, match="out of range"):
            kind.convert(written, None, None)
    with pytest.raises(click.BadParameter, match="no number"):
        Real("max_seconds").convert("long", None, None)


def test_a_command_takes_an_exponent(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten drills, written as a power."""
    assert main(["run", "periodic", "--drills", "1e1", "--workers", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"]["drills"] == 10
