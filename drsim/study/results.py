"""The result of a study, and the files it writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from drsim.errors import InputError, Problem

RUN_FILE = "run.json"
SCENARIO_FILE = "scenario.yaml"

OUTPUTS = (RUN_FILE, SCENARIO_FILE, "summary.csv", "costs.csv", "events.csv", "incidents.parquet")
"""The files of a saved result."""

_SIGNIFICANT_DIGITS = 15
"""All that a float carries for certain: 0.1 + 0.2 is written 0.3, and 1e-6 s of a year are kept."""


@dataclass(frozen=True)
class Result:
    """All that drills found out.

    Attributes:
        incidents: one row per strategy, disruption, drill and subject; times [s], NaN where there is none.
        summary: one row per strategy, disruption and subject; see `drsim.study.summary.COLUMNS`.
        costs: the steady cost per month, by strategy and line [USD].
        events: the cost of one recovery and the expected yearly loss, by strategy and disruption [USD].
        warnings: what the scenario says that AWS ignores or suppresses, and what was assumed.
        run: what is needed to repeat it: scenario and hash, seed, drills, versions, catalogue date, clock, command.
    """

    incidents: pd.DataFrame
    summary: pd.DataFrame
    costs: pd.DataFrame
    events: pd.DataFrame
    warnings: tuple[Problem, ...]
    run: dict[str, Any]

    def save(self, directory: Path | str) -> None:
        """Write the files of `OUTPUTS` into a directory, in place of those of an earlier result.

        Every file is written beside its place first and then renamed, so that none is ever half written.

        Raises:
            InputError: the directory holds files of these names that drsim has not written, or is none.
        """
        folder = Path(directory)
        check_output(folder)
        folder.mkdir(parents=True, exist_ok=True)
        writers: dict[str, Callable[[Path], object]] = {
            # first, since it marks the directory as drsim's own
            RUN_FILE: lambda path: path.write_text(json.dumps(self.run, indent=1) + "\n", encoding="utf-8"),
            SCENARIO_FILE: lambda path: path.write_text(self.run["scenario"], encoding="utf-8"),
            "summary.csv": lambda path: path.write_text(to_csv(self.summary), encoding="utf-8", newline=""),
            "costs.csv": lambda path: path.write_text(to_csv(self.costs), encoding="utf-8", newline=""),
            "events.csv": lambda path: path.write_text(to_csv(self.events), encoding="utf-8", newline=""),
            "incidents.parquet": lambda path: self.incidents.to_parquet(path, index=False),
        }
        written = []
        try:
            for name, write in writers.items():
                draft = folder / f".{name}.part"
                written.append((draft, folder / name))
                write(draft)
            for draft, place in written:
                draft.replace(place)
        finally:
            for draft, _ in written:
                draft.unlink(missing_ok=True)


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV: LF line ends, empty cells where there is no value, 15 significant digits."""
    return frame.to_csv(index=False, lineterminator="\n", float_format=f"%.{_SIGNIFICANT_DIGITS}g")


def check_output(directory: Path | str) -> None:
    """Refuse a directory whose files a result would overwrite though drsim has not written them.

    Raises:
        InputError: one problem per file in the way.
    """
    folder = Path(directory)
    problems = tuple(_in_the_way(folder))
    if problems:
        raise InputError(problems)


def _in_the_way(folder: Path) -> Iterator[Problem]:
    """Yield a problem for each file that must not be overwritten."""
    rule, repair = "drsim replaces only what it has written itself", "name another directory with --out"
    if folder.exists() and not folder.is_dir():
        yield Problem(str(folder), 0, "output-in-the-way", "a file", rule, repair)
    elif not _is_ours(folder / RUN_FILE):
        for name in OUTPUTS:
            if (folder / name).exists():
                yield Problem(str(folder / name), 0, "output-in-the-way", "a file of another origin", rule, repair)


def _is_ours(path: Path) -> bool:
    """Whether a file is the run.json of a result of drsim."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and "drsim" in found.get("versions", {})
