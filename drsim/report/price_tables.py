"""The price lists as tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from statistics import median

import pandas as pd

from drsim.catalogue import (
    load_catalogue,
)
from drsim.catalogue.price_file import PriceLeaf
from drsim.catalogue.prices import PriceList
from drsim.report import catalogue_words as in_words

PRICES = ("item", "for", "Region", "USD", "per", "as of", "basis", "note", "source")
"""The columns of prices."""


def prices(bases: Collection[str] = (), name: str = "aws") -> pd.DataFrame:
    """Return a price list, one row per item, resource type or instance, and Region, with `PRICES`.

    A price that is unknown has no number. Where a row takes the prices of another one, its note says so.

    Args:
        bases: which bases alone to show; all where there are none.
        name: of the price list.
    """
    price_list = load_catalogue().prices(name)
    rows: list[dict[str, object]] = []
    for item, prices_of_item in price_list.data.items.items():
        for subject, row in prices_of_item.rows.items():
            leaves, note = _prices_of(price_list, row)
            for place, leaf in leaves.items():
                basis = leaf.basis or "unknown"
                if not bases or basis in bases:
                    rows.append(
                        {
                            "item": item,
                            "for": subject,
                            "Region": "all" if place == "*" else place,
                            "USD": leaf.value,
                            "per": prices_of_item.unit,
                            "basis": basis,
                            "source": "; ".join(price_list.sources[key].cited for key in leaf.source),
                            "note": "; ".join(part for part in (note, leaf.note) if part),
                            "as of": price_list.as_of.isoformat(),
                        }
                    )
    return pd.DataFrame(rows, columns=list(PRICES)).astype({"USD": float})


def prices_in_words(bases: Collection[str] = (), name: str = "aws") -> pd.DataFrame:
    """Return a price list as `prices` does, items and ways between Regions in words."""
    listed = prices(bases, name)
    items, places = listed["item"].str.replace("-", " "), listed["Region"].str.replace(">", " to ")
    return listed.assign(item=items, Region=places, note=listed["note"].map(in_words.plain))


def _prices_of(price_list: PriceList, row: Mapping[str, PriceLeaf] | str) -> tuple[Mapping[str, PriceLeaf], str]:
    """Return the prices of a row, and whose they are where they are those of another one."""
    if not isinstance(row, str):
        return row, ""
    item, subject = row.split("/", 1)
    other = price_list.data.items[item].rows[subject]
    return ({} if isinstance(other, str) else other), f"as {subject}"


def mirrors(name: str = "aws") -> tuple[str, ...]:
    """Return which Regions take the prices of another one, where they have none of their own, and why."""
    return tuple(
        f"{place} takes the prices of {mirror.of} where it has none of its own ({mirror.basis}: {mirror.note})"
        for place, mirror in load_catalogue().prices(name).data.mirrors.items()
    )


def estimates(name: str = "aws") -> str:
    """Return how prices are estimated that are known in no other way, with the ratio of each Region; empty if never."""
    rule = load_catalogue().prices(name).estimates
    if rule is None or not rule.ratios:
        return ""
    ratios = ", ".join(f"{region} {median(known):.3g}" for region, known in sorted(rule.ratios.items()))
    return (
        f"A price that is known in no other way is estimated: that of {rule.rule.of} times the median ratio of the "
        f"storage prices known in both, where there are {rule.rule.least_rows} or more ({ratios}), else times the "
        "median of these. What is priced from one Region to another is never estimated so."
    )
