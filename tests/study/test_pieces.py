"""The work of a study in pieces."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from drsim.cli import main
from drsim.engine import run_all_vectorised
from drsim.scenario.shipped import shipped
from drsim.study import work
from drsim.world import World


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_error_names_the_drill_and_the_command_that_repeats_it(
    workers: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong in one drill of many, here or in a worker, is told with strategy, disruption and drill."""
    whole = run_all_vectorised

    def stumbling(
        world: World, names: Sequence[str], first: int, last: int, at_once: int | None = None
    ) -> dict[str, pd.DataFrame]:
        if world.strategy == "copies" and "region-loss" in names and first <= 37 < last:
            raise ZeroDivisionError("nothing to share")
        return whole(world, names, first, last, at_once=at_once)

    monkeypatch.setattr(work, "run_all_vectorised", stumbling)
    file = str(shipped("scenarios/web-shop.yaml"))
    assert main(["run", file, "--drills", "60", "--workers", workers]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: nothing to share" in said
    assert "It arose with the strategy copies under region-loss in drill 37; once more:" in said
    words = "drsim run SCENARIO --strategy copies --disruption region-loss --drills 38 --seed 7"
    assert words in said
    again = words.replace("SCENARIO", file).split()[1:]
    assert main([*again, "--workers", workers]) == 1
    assert "in drill 37" in capsys.readouterr().err
