"""Sites as a table of text to edit, and the changes of the scenario that edits of it mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drsim.scenario.dump import scenario_data
from drsim.scenario.edit import Change, Placement, Removal, Renaming
from drsim.scenario.model import Scenario
from drsim.scenario.references import sites_named
from drsim.scenario.rows import FLAGS, WAS, Row, cell_change, is_empty, renamed, text_of

SITE = ("site", "region", "account", "on_premises", "uplink", "zone", "region_like", "account_id")
"""Columns of the table, but for `WAS`."""

_WRITTEN = {"on_premises": "on-premises"}
"""Keys of a file that columns have another name for."""

_EMPTY: Row = {key: False if key in FLAGS else "" for key in SITE}
"""The cells of a row that nobody has filled."""

_TO = "to:"
"""How a limit names the site that jobs go to."""


def site_rows(scenario: Scenario) -> list[dict[str, str | bool]]:
    """Return a row for each site, cells as written; what is not written is empty."""
    data: Mapping[str, Any] = scenario.written if scenario.written is not None else scenario_data(scenario)
    rows = []
    for name, written in data["sites"].items():
        row: dict[str, str | bool] = {WAS: name, "site": name}
        row |= {key: text_of(written.get(_WRITTEN.get(key, key))) for key in SITE[1:]}
        rows.append(row | {"on_premises": scenario.sites[name].on_premises})
    return rows


def site_names(rows: Sequence[Row]) -> dict[str, str]:
    """Return what sites are called now by what they were called, those that are gone left out.

    Args:
        rows: as of `site_rows`, edited and cleaned.
    """
    return {str(row[WAS]): str(row["site"]) for row in rows if row[WAS] and not is_empty(row)}


def site_changes(scenario: Scenario, rows: Sequence[Row]) -> Iterator[Change]:
    """Yield the changes that edits mean: sites removed, renamed wherever they are named, and filled.

    Args:
        scenario: as it is.
        rows: as of `site_rows`, edited and cleaned.
    """
    names = site_names(rows)
    yield from (Removal(("sites", name)) for name in scenario.sites if name not in names)
    yield from renamed(("sites",), names)
    yield from _references(scenario, names)
    before = {str(row[WAS]): row for row in site_rows(scenario)}
    for row in rows:
        if not is_empty(row):
            yield from _cells(row, before.get(str(row[WAS])))


def _cells(row: Row, before: Row | None) -> Iterator[Change]:
    """Yield what a row says otherwise than before."""
    loc = ("sites", str(row["site"]))
    if before is None:
        yield Placement(loc, {"account": row["account"]})
    for key in SITE[1:]:
        if row[key] != (_EMPTY if before is None else before)[key]:
            yield cell_change((*loc, _WRITTEN.get(key, key)), key, row[key])


def _references(scenario: Scenario, names: Mapping[str, str]) -> Iterator[Change]:
    """Yield the changes of whatever names a site that has another name now."""
    for loc, site in sites_named(scenario):
        now = site if site is None else names.get(site, site)
        if now is None or now == site:
            continue
        if loc[0] == "limits":
            yield Renaming(loc, f"{_TO}{now}")
        else:
            yield Placement(loc, now)
