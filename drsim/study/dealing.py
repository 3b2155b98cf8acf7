"""Which rows of a log count where: in an application's own row, in that of a resource, or as a dependency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import Exposure
from drsim.scenario.subjects import application_of

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Rows:
    """Which subject in which drill each row of a log is of; n rows.

    Attributes:
        subjects, units: names of subjects, and of what was struck.
        subject, unit: (n,) places among them.
        drill: (n,) numbers of the drills.
    """

    subjects: list[str]
    subject: Places
    units: list[str]
    unit: Places
    drill: NDArray[np.int64]

    @classmethod
    def of(cls, incidents: pd.DataFrame) -> Rows:
        """Return the rows of a table of incidents."""
        return cls(*codes(incidents["subject"]), *codes(incidents["struck"]), incidents["drill"].to_numpy())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.subject)


def codes(texts: pd.Series) -> tuple[list[str], Places]:
    """Return the words of a text column, and the place of each cell's word among them."""
    words = texts if isinstance(texts.dtype, pd.CategoricalDtype) else texts.astype("category")
    return [str(word) for word in words.cat.categories], words.cat.codes.to_numpy().astype(np.intp)


def dependent(rows: Rows, exposure: Exposure) -> Mask:
    """Return which rows are of applications that were not struck themselves: what they require was, (n,).

    Args:
        rows: one per drill and affected subject.
        exposure: to the disruption.
    """
    if not exposure.dependents:
        return np.zeros(len(rows), dtype=np.bool_)
    if exposure.by_resource:
        number = {name: k for k, name in enumerate(rows.subjects)}
        owner = np.array([number.get(application_of(name), -1) for name in rows.units], dtype=np.intp)
        is_application = np.array([name == application_of(name) for name in rows.subjects], dtype=np.bool_)
        return np.asarray(is_application[rows.subject] & (rows.subject != owner[rows.unit]), dtype=np.bool_)
    pairs = exposure.dependents
    table = np.array([[(name, by) in pairs for by in rows.units] for name in rows.subjects], dtype=np.bool_)
    return np.asarray(table[rows.subject, rows.unit], dtype=np.bool_)


def dealt(rows: Rows, exposure: Exposure) -> Mask:
    """Return which rows count in the summary: all of resources, and of an application those of its own drills, (n,).

    Where an application stands in several units, each with drills of its own, as each of its resources is one under
    kinds that strike one, drill i of the application is drill i of the unit in whose range i lies. Elsewhere every row
    counts but those of dependents.

    Args:
        rows: one per drill and affected subject.
        exposure: to the disruption.
    """
    counts = ~dependent(rows, exposure)
    if not exposure.dealt or not len(rows):
        return counts
    number = {name: k for k, name in enumerate(rows.units)}
    first, last = np.zeros((2, len(rows.subjects), len(rows.units)), dtype=np.int64)
    for k, name in enumerate(rows.subjects):
        for struck, begin, end in exposure.dealt.get(name, ()):
            if struck in number:
                first[k, number[struck]], last[k, number[struck]] = begin, end
    is_resource = np.array([name != application_of(name) for name in rows.subjects], dtype=np.bool_)
    pair = rows.subject, rows.unit
    in_range = (first[pair] <= rows.drill) & (rows.drill < last[pair])
    return np.asarray(counts & (is_resource[rows.subject] | in_range), dtype=np.bool_)


def grouped(key: Places, rows: Places) -> dict[int, Places]:
    """Return some rows by their key, those of each in their order.

    Args:
        key: (n,) of all rows, from 0.
        rows: the places of some.
    """
    row_keys = key[rows]
    if not row_keys.size:
        return {}
    # a stable sort is by digits where numbers are short
    order = np.argsort(row_keys.astype(np.uint16) if row_keys.max() < 2**16 else row_keys, kind="stable")
    keys, starts = np.unique(row_keys[order], return_index=True)
    ends = [*starts[1:], len(row_keys)]
    return {int(k): rows[order[first:last]] for k, first, last in zip(keys, starts, ends, strict=True)}
