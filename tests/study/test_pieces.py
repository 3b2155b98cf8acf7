"""The work of a study in pieces."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence

import pandas as pd
import pytest

from drsim import run
from drsim.engine import run_all_vectorised
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped
from drsim.study.pieces import Piece
from drsim.world import World

STUMBLING = """
import sys
from drsim.cli import main
from drsim.study import work

whole = work.run_all_vectorised

def stumbling(world, names, first, last, at_once=None):
    if world.strategy == "copies" and "region-loss" in names and first <= 37 < last:
        raise ZeroDivisionError("nothing to share")
    return whole(world, names, first, last, at_once=at_once)

work.run_all_vectorised = stumbling
if __name__ == "__main__":
    sys.exit(main())
"""
"""The program with a fault in one drill.

A file of its own, not a patch: workers that are spawned, as where the process has threads, know only what they import.
"""


def test_a_piece_is_halved_until_it_is_of_one_drill() -> None:
    """Of several disruptions each is a part, of one the halves are; what parts have is what the whole has, in order."""
    whole = Piece("copies", ("zone-outage", "region-loss", "key-loss"), 1000, 1005, is_vectorised=True)
    assert str(whole) == "copies under zone-outage and 2 more, drills 1,000 to 1,004"
    zone, *others = whole.parts()
    assert [part.disruptions for part in (zone, *others)] == [(name,) for name in whole.disruptions]
    assert str(zone) == "copies under zone-outage, drills 1,000 to 1,004"
    assert [(half.first, half.last) for half in zone.parts()] == [(1000, 1002), (1002, 1005)]
    assert zone._replace(last=1001).parts() == ()


def test_an_error_says_where_it_arose(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong in one drill of many carries strategy, disruption and drill."""

    def stumbling(
        world: World, names: Sequence[str], first: int, last: int, at_once: int | None = None
    ) -> dict[str, pd.DataFrame]:
        if "region-lost" in names and first <= 37 < last:
            raise ZeroDivisionError("nothing to share")
        return run_all_vectorised(world, names, first, last, at_once=at_once)

    monkeypatch.setattr("drsim.study.work.run_all_vectorised", stumbling)
    with pytest.raises(ZeroDivisionError, match="nothing to share") as error:
        run(load_scenario(shipped("scenarios/periodic.yaml")), drills=40, workers=1)
    assert "with the strategy daily under region-lost in drill 37; once more:" in error.value.__notes__[0]


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_error_names_the_drill_and_the_command_that_repeats_it(
    workers: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever goes wrong in one drill of many, here or in a worker, is told with strategy, disruption and drill."""
    program = tmp_path_factory.mktemp("stumbling") / "stumbling.py"
    program.write_text(STUMBLING, encoding="utf-8")

    def told(words: str) -> str:
        command = [sys.executable, str(program), *shlex.split(words), "--workers", workers]
        ended = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
        assert ended.returncode == 1, ended.stderr
        return ended.stderr

    file = str(shipped("scenarios/web-shop.yaml"))
    said = told(f"run {file} --drills 40")
    assert "ZeroDivisionError: nothing to share" in said
    assert "It arose with the strategy copies under region-loss in drill 37; once more:" in said
    words = "drsim run SCENARIO --strategy copies --disruption region-loss --drills 38 --seed 7"
    assert words in said
    assert "in drill 37" in told(words.replace("SCENARIO", file).removeprefix("drsim "))
