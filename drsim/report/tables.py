"""Results as tables of text, for terminals, pages and documents."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from drsim.study.costs.totals import comparison_note, totals
from drsim.study.measures import OBJECTIVES, Measure, asked, measure_of, objectives_asked
from drsim.study.results import Result
from drsim.study.summary import state_at
from drsim.study.verdicts import MOST_TO_DECIDE, STRICT, UNMET, VERDICTS, rounded_up
from drsim.units import format_duration, format_size


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        numeric: whether it reads best flush right.
        rank: 0 for a column that always stays; where room is scarce the highest ranks go first.
    """

    title: str
    numeric: bool = False
    rank: int = 0


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: what it shows, and how sure it is.
        columns: its columns.
        rows: the cells, one tuple per row, as many as there are columns.
        notes: lines to print below it.
        grouped: how many of the first columns say what rows are about: blank where it is what the row above says.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    grouped: int = 0


_SELDOM = 0.1
"""The share of drills that is taken to reach a subject where none did."""

_SUBJECTS = (Column("disruption"), Column("application"), Column("strategy"))
_MONEY = Column("USD/month", numeric=True, rank=1)


def _measured_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Return the columns of what `_measured` yields of rows of the summary."""
    return (
        *(Column(f"{m.title} {p}", numeric=True, rank=rank) for m in asked(rows) for p, rank in _SHOWN.items()),
        *(Column(f"meets {OBJECTIVES[o]}", numeric=True, rank=2) for o in objectives_asked(rows)),
        Column("not recovered", numeric=True, rank=3),
        Column("misses/year", numeric=True, rank=4),
        Column("verdict"),
    )


_SHOWN = {"p50": 4, "p95": 0}
"""The percentiles of a comparison, with the ranks of their columns."""


def comparison(result: Result, source: str, applications: Sequence[str] = ()) -> Table:
    """Return the strategies side by side, for each disruption and application.

    Args:
        result: of a study.
        source: the scenario as the user names it, for the commands of the notes.
        applications: which ones; all where empty.
    """
    found = records(result.summary[result.summary["level"] == "application"])
    found = [row for row in found if not applications or row["subject"] in applications]
    monthly = monthly_usd(result.costs)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in found:
        groups.setdefault((row["disruption"], row["subject"]), []).append(row)
    cells = [
        (*(key if k == 0 else ("", "")), row["strategy"], *measured, monthly[row["strategy"]])
        for key, group in groups.items()
        for k, (row, measured) in enumerate(zip(group, _measured(group, found), strict=True))
    ]
    run = result.run
    title = f"{run['name']}: {run['drills']} drills per strategy and disruption, seed {run['seed']}, 95 % intervals"
    columns = (*_SUBJECTS, *_measured_columns(found), _MONEY)
    return Table(title, columns, tuple(cells), (*_legend(result), *_next_steps(found, source)), 2)


def dependency_table(result: Result, applications: Sequence[str] = ()) -> Table | None:
    """Return what happens to applications that go down with what they require; None where none does.

    Args:
        result: of a study.
        applications: which ones; all where empty.
    """
    found = records(result.dependencies)
    found = [row for row in found if not applications or row["subject"] in applications]
    if not found:
        return None
    columns = (*_SUBJECTS[:-1], Column("struck"), _SUBJECTS[-1], *_measured_columns(found))
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    order = list(dict.fromkeys(row["disruption"] for row in found))
    for row in sorted(found, key=lambda row: order.index(row["disruption"])):
        groups.setdefault((row["disruption"], row["subject"], row["struck"]), []).append(row)
    rows = [
        (*(key if k == 0 else ("", "", "")), row["strategy"], *measured)
        for key, group in groups.items()
        for k, (row, measured) in enumerate(zip(group, _measured(group, found), strict=True))
    ]
    return Table("Applications that go down with what they require", columns, tuple(rows), grouped=3)


def _measured(rows: Sequence[Mapping[str, Any]], every: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of rows of the summary that stand beside each other, from data loss to verdict.

    Args:
        rows: that are compared.
        every: all rows of the table, which say what is shown.
    """
    figures = [percentiles(rows, m.column, p) for m in asked(every) for p in _SHOWN]
    shares = (*(f"p_meets_{objective}" for objective in objectives_asked(every)), "p_unrecoverable")
    for row, own in zip(rows, zip(*figures, strict=True), strict=True):
        chances = [share(row, name) for name in shares]
        yield (*own, *chances, misses(row), verdict_words(row))


def misses(row: Mapping[str, Any]) -> str:
    """Return how often a year an objective is missed; a dash where nothing is asked, a bound where no drill missed.

    Args:
        row: of the summary.
    """
    value = row["breaches_per_year"]
    if value is None:
        return "–"
    if not value and row["affected"] and row["p_meets"] == 1:
        return f"below {plain_number(row['struck_per_year'] * (1 - row['p_meets_lo']), 2)}"
    return plain_number(value)


def plain_number(value: float, digits: int = 3) -> str:
    """Return a number with so many digits that count, none of them in an exponent: `0.00003`."""
    if not value:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{float(f'{value:.{digits}g}'):,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def verdict_words(row: Mapping[str, Any]) -> str:
    """Return a verdict in words: with what it takes to decide it, in how many drills all is met, or whose it is.

    Args:
        row: of the summary.
    """
    word = str(row["verdict"])
    if word == "undecided":
        return f"{word} (takes {drills_needed(row)})"
    if word == "met" and row["attainment"] > STRICT:
        return f"{word} in all {row['affected']:,} drills"
    return word if row["verdict_of"] == row["subject"] else f"{word} ({row['verdict_of']})"


def plain_verdict(row: Mapping[str, Any]) -> str:
    """Return a verdict as `verdict_words` does, `no objective` without its hyphen."""
    word = str(row["verdict"])
    return verdict_words(row).replace(word, word.replace("-", " "), 1)


def reach_words(row: Mapping[str, Any]) -> str:
    """Return which drills the shares and percentiles of a row of the summary are of.

    Such as `the 97 of 300 drills that reach it`, or `the 300 drills that reach it` where all do.
    """
    affected, drills = int(row["affected"]), int(row["drills"])
    if not affected:
        return "none, since no drill reaches it"
    return f"the {affected:,}{'' if affected == drills else f' of {drills:,}'} drills that reach it"


def drills_needed(row: Mapping[str, Any]) -> str:
    """Return how many affected drills it takes to decide a row of the summary that is undecided."""
    needed = row["drills_to_decide"]
    return f"over {MOST_TO_DECIDE:,}" if needed is None else f"{needed:,.0f}"


CHANGED = " → "
"""Between what a cell held before a change and what it holds after."""

_IN_WORDS = re.compile(rf"({'|'.join(VERDICTS)})( \(.+\)| in all [0-9,]+ drills)?")


def verdict_in(text: str) -> str:
    """Return the verdict that a cell of `verdict_words` holds, the later of two; empty where a cell holds none."""
    found = _IN_WORDS.fullmatch(text.rpartition(CHANGED)[2])
    return found[1] if found else ""


def percentile(row: Mapping[str, Any], measure: str, name: str) -> str:
    """Return a percentile in words, or the state of the drill at its rank; a dash where there is no figure.

    Args:
        row: of the summary.
        measure: a column of the log, of one of `drsim.study.measures`.
        name: `p50`, `p90`, `p95` or `p99`.
    """
    state = state_at(row, name)
    if state == "unaffected":
        # no drill reached it; whether any can is what the verdict says
        return state if row["verdict"] == state else "–"
    if state != "recovered":
        return state
    value = row[f"{measure}_{name}"]
    return "–" if value is None else measure_of(measure).text(value)


def percentiles(rows: Sequence[Mapping[str, Any]], measure: str, name: str) -> tuple[str, ...]:
    """Return a percentile of rows that stand beside each other, as `percentile` does, in units that compare.

    Args:
        rows: of the summary.
        measure: a column of the log, of one of `drsim.study.measures`.
        name: `p50`, `p90`, `p95` or `p99`.
    """
    words = [percentile(row, measure, name) for row in rows]
    values = [row[f"{measure}_{name}"] for row in rows]
    known = [k for k, row in enumerate(rows) if state_at(row, name) == "recovered" and values[k] is not None]
    for k, text in zip(known, measure_of(measure).texts(values[k] for k in known), strict=True):
        words[k] = text
    return tuple(words)


def percentile_table(result: Result, subject: str, disruption: str | None = None) -> Table:
    """Return the percentiles of a subject's measures with their intervals, by disruption and strategy.

    They are of all drills that reach the subject; an end of an interval that falls on one without recovery is a dash.

    Args:
        result: of a study.
        subject: `app` or `app.resource`.
        disruption: its name; all disruptions where None.
    """
    found = records(result.summary[result.summary["subject"] == subject])
    figures = [(m, q) for m in asked(found) for q in ("p50", "p95", "p99")]
    columns = [Column("disruption")] if disruption is None else []
    columns += [Column("strategy")]
    columns += [Column(f"{m.title} {q}", numeric=True, rank={"p50": 2, "p95": 0, "p99": 4}[q]) for m, q in figures]
    columns += [Column("not recovered", numeric=True, rank=3), Column("verdict", rank=1)]
    rows: list[tuple[str, ...]] = []
    for each in result.run["disruptions"] if disruption is None else [disruption]:
        heading: tuple[str, ...] = (each,) if disruption is None else ()
        for row in found:
            if row["disruption"] == each:
                cells = [_figure(row, m, q) for m, q in figures]
                rows.append((*heading, row["strategy"], *cells, share(row, "p_unrecoverable"), verdict_words(row)))
                heading = tuple("" for _ in heading)
    title = subject if disruption is None else f"{subject} under {disruption}: percentiles with their 95 % intervals"
    return Table(title, tuple(columns), tuple(rows), grouped=disruption is None)


def _figure(row: Mapping[str, Any], measure: Measure, quantile: str) -> str:
    """Return a percentile with its interval, or the word in its place."""
    name = f"{measure.column}_{quantile}"
    if row[name] is None:
        return percentile(row, measure.column, quantile)
    text, low, high = measure.within(row[name], *(row[f"{name}_{end}"] for end in ("lo", "hi")))
    return f"{text} ({low} to {high})"


def share(row: Mapping[str, Any], name: str) -> str:
    """Return a share of affected drills with its interval, such as `98.2 % (97.8-98.6)`.

    What no drill has seen is `below 0.06 %`, what all have seen `above 99.9 %`; a dash where nothing is asked, or no
    drill tells.

    Args:
        row: of the summary.
        name: `p_meets`, that of an objective such as `p_meets_rpo`, or `p_unrecoverable`.
    """
    p = row[name]
    if p is None:
        return "–"
    if p == 0:
        return f"below {_percent(row[f'{name}_hi'])} %"
    if p == 1:
        return f"above {_percent(row[f'{name}_lo'])} %"
    return f"{_percent(p)} % ({_percent(row[f'{name}_lo'])}–{_percent(row[f'{name}_hi'])})"


def _percent(p: float) -> str:
    """Return a probability in percent: two digits of the chance, or of the chance of the opposite."""
    small = 100 * min(p, 1 - p)
    digits = 1 if small <= 0 else max(1, 1 - math.floor(math.log10(small)))
    return f"{100 * p:.{min(digits, 6)}f}"


def monthly_usd(costs: pd.DataFrame) -> dict[str, str]:
    """Return the total cost per month of each strategy [USD], as text: `from` what is known where prices are not."""
    return {name: total.text for name, total in totals(costs).items()}


def _legend(result: Result) -> list[str]:
    """Return the lines that say how to read the comparison."""
    lines = [
        "Times and shares are of the drills that reach the application.",
        "Where the drill at a percentile did not recover, its state stands instead. A verdict on a resource names it.",
    ]
    shown = result.summary[result.summary["level"] == "application"]
    if "undecided" in {*shown["verdict"], *result.dependencies.get("verdict", ())}:
        lines.append("undecided (takes n): about n drills that reach the application decide, or the resource.")
    missing: dict[str, list[str]] = {}
    for strategy, bill in totals(result.costs).items():
        if bill.missing:
            missing.setdefault(bill.missing, []).append(strategy)
    lines += [f"{', '.join(names)}: prices are unknown, {which}" for which, names in missing.items()]
    note = comparison_note(result.costs)
    return [*lines, note] if note else lines


def _next_steps(rows: Sequence[Mapping[str, Any]], source: str) -> list[str]:
    """Return the lines that say what to do next, from the summary's rows of applications."""
    row = min(rows, key=lambda row: UNMET.index(row["verdict"]) if row["verdict"] in UNMET else len(UNMET))
    why = f"why {row['subject']} is {row['verdict']}" if row["verdict"] in UNMET else "one incident"
    words = ("--strategy", row["strategy"], "--disruption", row["disruption"])
    lines = [f"See {why}:  {shlex.join(('drsim', 'explain', source, *words))}"]
    if open_ := [row for row in rows if row["verdict"] == "undecided"]:
        drills = max(map(_drills_to_decide, open_))
        more = shlex.join(("drsim", "run", source, "--drills", str(drills)))
        lines.append(f"Decide what is undecided:  {more}")
    return lines


def _drills_to_decide(row: Mapping[str, Any]) -> int:
    """Return with how many drills about enough of them reach a subject to decide its verdict."""
    needed = row["drills_to_decide"]
    if needed is None:
        return int(10 * row["drills"])
    # where no drill reached it nobody knows how many do
    reached = row["affected"] / row["drills"] or _SELDOM
    return rounded_up(math.ceil(needed / reached))


def clock_notes(result: Result) -> tuple[str, ...]:
    """Return a line for each strategy and disruption that the vectorised clock did not take, with the reason."""
    return tuple(
        f"on the process clock: {each['strategy']} under {each['disruption']}: {each['why']}"
        for each in result.run["clock"]["on_process_clock"]
    )


def to_json(result: Result) -> str:
    """Return summary, dependents, costs, events, warnings and the record of the run as JSON; no value is `null`."""
    tables = {name: records(getattr(result, name)) for name in ("summary", "dependencies", "costs", "events")}
    warnings = [str(problem) for problem in result.warnings]
    return json.dumps({"run": result.run, **tables, "warnings": warnings}, indent=1, ensure_ascii=False)


def records_json(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return named tables as JSON; no value is `null`."""
    return json.dumps({name: records(frame) for name, frame in frames.items()}, indent=1, ensure_ascii=False)


def frame_table(frame: pd.DataFrame, title: str) -> Table:
    """Return any table of numbers and text as a table of text; times in the unit that reads best."""
    columns = tuple(
        Column(
            str(name).replace("_s_", " ").removesuffix("_s").replace("_", " "),
            pd.api.types.is_numeric_dtype(frame[name]),
        )
        for name in frame.columns
    )
    rows = tuple(tuple(_cell(str(k), v) for k, v in row.items()) for row in records(frame))
    return Table(title, columns, rows)


def _cell(name: str, value: object) -> str:
    """Return a value of a column as text."""
    if value is None:
        return "–"
    if isinstance(value, float):
        units = {"s": format_duration, "bytes": format_size}
        written = next((text for unit, text in units.items() if f"_{unit}_" in f"{name}_"), "{:,.6g}".format)
        return written(value)
    return str(value)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain data, with None where there is no value."""
    return [
        {str(k): None if pd.isna(v) else v for k, v in row.items()} for row in frame.astype(object).to_dict("records")
    ]
