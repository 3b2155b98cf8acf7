"""The result of a study, and the files it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from shutil import copymode
from types import TracebackType
from typing import Any, Self

import pandas as pd

from drsim.catalogue import Catalogue, load_catalogue
from drsim.errors import InputError, Problem
from drsim.study.costs.totals import costs_by_application
from drsim.study.drafts import PREFIX, Draft, is_at_work, make_folders, remove_empty, written_to
from drsim.study.incidents import INCIDENTS_FILE, Incidents
from drsim.study.summary import DEPENDENCY_COLUMNS

RUN_FILE = "run.json"
SCENARIO_FILE = "scenario.yaml"

OUTPUTS = (
    *(RUN_FILE, SCENARIO_FILE, "summary.csv", "dependencies.csv", "costs.csv", "costs_by_application.csv"),
    *("events.csv", INCIDENTS_FILE),
)
"""The files of a saved result."""

DEFINITIONS = 2
"""Which definitions of shares, percentiles, verdicts and rates a result has: `run.json` says it as `definitions`.
docs/explanation/definitions.md tells how they differ."""

_SIGNIFICANT_DIGITS = 15
"""All that a float carries for certain: 0.1 + 0.2 is written 0.3, and 1e-6 s of a year are kept."""


@dataclass(frozen=True)
class Result:
    """All that drills tell.

    Attributes:
        log: where the incidents are.
        summary: one row per strategy, disruption and subject; see `drsim.study.summary.COLUMNS`.
        curves: how probable it is that a measure exceeds a value; see `drsim.study.curves.COLUMNS`.
        costs: the steady cost per month, by strategy and line [USD].
        events: the cost of one recovery and the expected yearly loss, by strategy and disruption [USD].
        warnings: what the scenario says that AWS ignores or suppresses, and what was assumed.
        run: what is needed to repeat it: scenario and hash, seed, drills, versions, catalogue date, clock, command; and
            how long the drills took. `definitions` says what the figures mean, see `DEFINITIONS`.
        dependencies: one row per strategy, disruption, application and struck unit, where the application goes down
            with what it requires; see `drsim.study.summary.DEPENDENCY_COLUMNS`.
        catalogue: of the scenario; the shipped one where left out.
    """

    log: Incidents
    summary: pd.DataFrame
    curves: pd.DataFrame
    costs: pd.DataFrame
    events: pd.DataFrame
    warnings: tuple[Problem, ...]
    run: dict[str, Any]
    dependencies: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DEPENDENCY_COLUMNS)))
    catalogue: Catalogue = field(default_factory=load_catalogue)

    @cached_property
    def incidents(self) -> pd.DataFrame:
        """One row per strategy, disruption, drill and subject; times [s], NaN where there is none.

        Read from their file where they are in one, at about 300 bytes a row.

        Raises:
            LookupError: they were not kept.
        """
        return self.log.frame()

    def save(self, directory: Path | str) -> None:
        """Write the files of `OUTPUTS` into a directory, in place of an earlier result.

        Raises:
            InputError: there is something else than a result of drsim.
            WriteError: it cannot be written there.
            LookupError: the incidents were not kept.
        """
        with OutputDirectory(directory) as output:
            with written_to(output.folder):
                self.log.write(output.draft / INCIDENTS_FILE)
            output.publish(self)


class OutputDirectory:
    """A directory that a result is written to, as one whole or not at all.

    It is made beside its place and put there in one step, in exchange for an earlier result. Leaving the context
    without `publish` takes away all that was made.

    Args:
        directory: where to; made if it is not there.

    Attributes:
        folder: the directory as it was named.
        draft: where the files are written.

    Raises:
        InputError: there is something else than a result of drsim.
    """

    def __init__(self, directory: Path | str) -> None:
        self.folder = Path(directory)
        check_output(self.folder)

    def __enter__(self) -> Self:
        """Make the draft, so that what is in the way shows before the work.

        Raises:
            WriteError: nothing can be written there.
        """
        with written_to(self.folder):
            # a link stays one: what it leads to is replaced
            self._place = self.folder.resolve()
            self._made = make_folders(self._place.parent)
            self._beside = Draft(self._place.parent)
            self.draft = self._beside.path / "result"
            self.draft.mkdir()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Take away the draft, and directories that stayed empty."""
        self._beside.close()
        remove_empty(self._made)

    def publish(self, result: Result) -> None:
        """Write the other files beside the incidents, which are there already, and put all into their place.

        Raises:
            InputError: something else has come there meanwhile.
            WriteError: it cannot be written there.
        """
        writers: dict[str, Callable[[Path], object]] = {
            RUN_FILE: lambda path: path.write_text(json.dumps(result.run, indent=1) + "\n", encoding="utf-8"),
            SCENARIO_FILE: lambda path: path.write_text(result.run["scenario"], encoding="utf-8"),
            "summary.csv": lambda path: path.write_text(to_csv(result.summary), encoding="utf-8", newline=""),
            "dependencies.csv": lambda path: path.write_text(to_csv(result.dependencies), encoding="utf-8", newline=""),
            "costs.csv": lambda path: path.write_text(to_csv(result.costs), encoding="utf-8", newline=""),
            "costs_by_application.csv": lambda path: path.write_text(
                to_csv(costs_by_application(result.costs)), encoding="utf-8", newline=""
            ),
            "events.csv": lambda path: path.write_text(to_csv(result.events), encoding="utf-8", newline=""),
        }
        with written_to(self.folder):
            for name, write in writers.items():
                write(self.draft / name)
            # much time may have passed
            check_output(self.folder)
            if self._place.exists():
                copymode(self._place, self.draft)
                _take_along(self._place, self.draft)
            self._beside.put(self.draft, self._place)


def _take_along(old: Path, new: Path) -> None:
    """Give the files that somebody has laid beside an earlier result a second name beside the new one.

    Raises:
        InputError: one cannot be taken along.
    """
    for path in old.iterdir():
        if path.name in OUTPUTS or path.name.startswith(PREFIX):
            continue
        try:
            if path.is_dir() and not path.is_symlink():
                (new / path.name).mkdir()
                _take_along(path, new / path.name)
                copymode(path, new / path.name)
            else:
                os.link(path, new / path.name, follow_symlinks=False)
        except OSError as error:
            problem = f"it is no part of the earlier result, and cannot be taken along ({error.strerror})"
            rule = "an earlier result is replaced as a whole"
            raise InputError((Problem(str(path), 0, "output-in-the-way", problem, rule, "move it away"),)) from error


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV: LF line ends, empty cells where there is no value, 15 significant digits.

    A text that a spreadsheet would take for a formula has an apostrophe before it; numbers stay numbers.
    """
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    safe = frame.assign(**{name: _without_formulas(frame[name]) for name in texts})
    return safe.to_csv(index=False, lineterminator="\n", float_format=f"%.{_SIGNIFICANT_DIGITS}g")


def _without_formulas(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of texts of which none begins like a formula."""
    return column.map(lambda value: f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value)


_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What spreadsheets take for the begin of a formula, wide forms too."""


def check_definitions(*runs: Mapping[str, Any]) -> None:
    """Refuse results whose figures mean something else than those of this version.

    Args:
        runs: the records of the results, as in `run.json`.

    Raises:
        InputError: the definitions of any of them are others; what differs, and what to do.
    """
    known = f"this version has definitions {DEFINITIONS}: shares and percentiles are of affected drills, rates per unit"
    repair = "run its scenario again with this version; docs/explanation/definitions.md tells what changed"
    # results of before had no such key
    others = dict.fromkeys(run.get("definitions", 1) for run in runs if run.get("definitions", 1) != DEFINITIONS)
    problems = [Problem("", 0, "other-definitions", f"a result of definitions {n}", known, repair) for n in others]
    if problems:
        raise InputError(tuple(problems))


def check_output(directory: Path | str) -> None:
    """Refuse a directory that a result cannot be put in place of.

    Raises:
        InputError: one problem for each thing in the way.
    """
    folder = Path(directory)
    problems = tuple(_in_the_way(folder))
    if problems:
        raise InputError(problems)


def _in_the_way(folder: Path) -> Iterator[Problem]:
    """Yield a problem for each thing that must not be overwritten, or cannot be replaced as a whole."""
    rule, repair = "drsim replaces only what it has written itself", "name another directory with --out"
    whole, within = "a result is put in place as a whole", f"name a directory in it: --out {folder / 'result'}"
    if not folder.exists():
        return
    if not folder.is_dir():
        yield Problem(str(folder), 0, "output-in-the-way", "a file", rule, repair)
    elif not _is_ours(folder / RUN_FILE) and (others := sorted(path.name for path in folder.iterdir())):
        foreign = [name for name in OUTPUTS if name in others]
        for name in foreign:
            yield Problem(str(folder / name), 0, "output-in-the-way", "a file of another origin", rule, repair)
        if not foreign:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            obstacle = f"a directory of another origin, with {others[0]}{more}"
            yield Problem(str(folder), 0, "output-in-the-way", obstacle, rule, within)
    elif _is_current(folder) or folder.is_mount():
        obstacle = "the current directory" if _is_current(folder) else "a mount point, which cannot be moved"
        yield Problem(str(folder), 0, "output-in-the-way", obstacle, whole, within)
    elif is_at_work(folder):
        obstacle = "another drsim writes a result in it"
        wait = "wait for its end, or name another directory"
        yield Problem(str(folder), 0, "output-in-the-way", obstacle, whole, wait)


def _is_current(folder: Path) -> bool:
    """Whether a folder is the one that this process works in, or one above it."""
    with suppress(OSError):  # the current one may be gone
        return Path.cwd().is_relative_to(folder.resolve())
    return False


def _is_ours(path: Path) -> bool:
    """Whether a file is the run.json of a result of drsim."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    versions = record.get("versions") if isinstance(record, dict) else None
    return isinstance(versions, dict) and "drsim" in versions
