"""Which rows of a log count where: in an application's own row, in that of a resource, or as a dependency."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.engine.exposure import Exposure
from drsim.scenario.subjects import application_of

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


def codes(texts: pd.Series) -> tuple[list[str], Places]:
    """Return the words of a text column, and the place of each cell's word among them."""
    found = texts if isinstance(texts.dtype, pd.CategoricalDtype) else texts.astype("category")
    return [str(word) for word in found.cat.categories], found.cat.codes.to_numpy().astype(np.intp)


def dependent(incidents: pd.DataFrame, exposure: Exposure) -> Mask:
    """Return which rows are of applications that were not struck themselves: what they require was.

    Args:
        incidents: one row per drill and affected subject, with `subject` and `struck`.
        exposure: to the disruption.
    """
    if not exposure.dependents:
        return np.zeros(len(incidents), dtype=np.bool_)
    subjects, subject = codes(incidents["subject"])
    units, unit = codes(incidents["struck"])
    if exposure.by_resource:
        number = {name: k for k, name in enumerate(subjects)}
        owner = np.array([number.get(application_of(name), -1) for name in units], dtype=np.intp)
        is_application = np.array([name == application_of(name) for name in subjects], dtype=np.bool_)
        return np.asarray(is_application[subject] & (subject != owner[unit]), dtype=np.bool_)
    table = np.array([[(name, by) in exposure.dependents for by in units] for name in subjects], dtype=np.bool_)
    return np.asarray(table[subject, unit], dtype=np.bool_)


def dealt(incidents: pd.DataFrame, exposure: Exposure) -> Mask:
    """Return which rows count in the summary: all of resources, and of an application those of its own drills.

    Where an application stands in several units, each with drills of its own, as each of its resources is one under
    kinds that strike one, drill i of the application is drill i of the unit in whose range i lies. Elsewhere every row
    counts but those of dependents.

    Args:
        incidents: one row per drill and affected subject, with `drill`, `subject` and `struck`.
        exposure: to the disruption.
    """
    own = ~dependent(incidents, exposure)
    if not exposure.dealt or not len(incidents):
        return own
    subjects, subject = codes(incidents["subject"])
    units, unit = codes(incidents["struck"])
    number = {name: k for k, name in enumerate(units)}
    first, last = np.zeros((2, len(subjects), len(units)), dtype=np.int64)
    for k, name in enumerate(subjects):
        for struck, begin, end in exposure.dealt.get(name, ()):
            if struck in number:
                first[k, number[struck]], last[k, number[struck]] = begin, end
    is_resource = np.array([name != application_of(name) for name in subjects], dtype=np.bool_)
    drill = incidents["drill"].to_numpy()
    in_range = (first[subject, unit] <= drill) & (drill < last[subject, unit])
    return np.asarray(own & (is_resource[subject] | in_range), dtype=np.bool_)


def grouped(key: Places, rows: Places) -> dict[int, Places]:
    """Return some rows by their key, those of each in their order.

    Args:
        key: (n,) of all rows, from 0.
        rows: the places of some.
    """
    own = key[rows]
    if not own.size:
        return {}
    # a stable sort is by digits where numbers are short
    order = np.argsort(own.astype(np.uint16) if own.max() < 2**16 else own, kind="stable")
    keys, starts = np.unique(own[order], return_index=True)
    ends = [*starts[1:], len(own)]
    return {int(k): rows[order[first:last]] for k, first, last in zip(keys, starts, ends, strict=True)}
