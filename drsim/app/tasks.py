"""What the app has its worker processes do: functions of a scenario's text and plain arguments, without Streamlit.

Each takes `progress`, called with what is done and what there is to do, and returns data that nobody changes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from drsim.scenario import Scenario, read_scenario
from drsim.study import drills as drilling
from drsim.study.results import Result

Progress = Callable[[int, int], None]


def strategy_result(text: str, strategy: str, drills: int, *, progress: Progress) -> Result:
    """Return what drills of one strategy against all disruptions find out, without the incidents.

    Args:
        text: the scenario.
        strategy: its name.
        drills: per disruption.
        progress: called as the work goes on.
    """
    return drilling.run(
        _read(text), strategies=(strategy,), drills=drills, workers=1, progress=progress, keep_incidents=False
    )


def incidents_file(text: str, strategy: str, drills: int, *, progress: Progress) -> bytes:
    """Return the incidents of a strategy against all disruptions as a Parquet file; arguments as above."""
    with TemporaryDirectory(prefix="drsim-") as folder:
        path = Path(folder) / "incidents.parquet"
        found = drilling.run(_read(text), strategies=(strategy,), drills=drills, workers=1, progress=progress)
        found.log.write(path)
        return path.read_bytes()


def _read(text: str) -> Scenario:
    return read_scenario(text)
