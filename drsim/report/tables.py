"""Results as tables of text, for terminals, pages and documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from drsim.study.results import Result
from drsim.units import format_duration, format_size


class Cell(str):
    """A cell that shows a verdict or a state: its text, and beside it which one.

    Attributes:
        verdict: a word of `drsim.study.verdicts`; empty where there is none. After a change, the later of two.
    """

    __slots__ = ("verdict",)
    verdict: str

    def __new__(cls, text: str, verdict: str = "") -> Self:
        """Return the cell."""
        cell = super().__new__(cls, text)
        cell.verdict = verdict
        return cell


def verdict_of(cell: str) -> str:
    """Return the verdict or the state that a cell shows; empty where it shows none."""
    return cell.verdict if isinstance(cell, Cell) else ""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        numeric: whether it reads best flush right.
        rank: 0 for a column that always stays; where room is scarce the highest ranks go first.
        link: whether its cells are addresses, which a page makes links of.
    """

    title: str
    numeric: bool = False
    rank: int = 0
    link: bool = False


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: what it shows, and how sure it is.
        columns: its columns.
        rows: the cells, one tuple per row, as many as there are columns; verdicts and states are `Cell`.
        notes: lines to print below it.
        grouped: how many of the first columns say what rows are about: blank where it is what the row above says.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    grouped: int = 0


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
