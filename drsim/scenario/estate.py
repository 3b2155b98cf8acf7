"""An estate as tables of text to edit, and the changes of the scenario that edits of them mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drsim.scenario.dump import scenario_data
from drsim.scenario.edit import Change, Placement, Removal, edited
from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Loc
from drsim.scenario.rows import (
    FLAGS,
    LISTS,
    WAS,
    Row,
    cell_change,
    cleaned,
    is_empty,
    listed,
    names_in,
    renamed,
    text_of,
)
from drsim.scenario.selectors import NOT, TAG, TYPE, excludes
from drsim.scenario.site_rows import site_changes, site_names, site_rows
from drsim.scenario.subjects import application_of

APPLICATION = (
    *("application", "site", "rpo", "rto", "rto_full", "attainment", "priority", "downtime_cost", "data_loss_cost"),
    *("unrecoverable_cost", "rebuild", "recover_at", "after", "requires", "loss_tolerance"),
)
RESOURCE = (
    *("application", "resource", "type", "size", "change_rate", "count", "needs", "instance", "deployment", "after"),
    *("stateless", "tested", "objects"),
)
"""Columns of the tables, but for `WAS`."""

NEEDED = {
    "application": ("application", "site"),
    "resource": ("application", "resource", "type", "size"),
    "site": ("site", "account"),
}
"""Columns that no row of an application, a resource or a site leaves empty."""

_OBJECTIVES = ("rpo", "rto", "rto_full", "attainment")
_PLACES = ("site", "recover_at")
"""Columns of applications that name a site."""


def application_rows(scenario: Scenario) -> list[dict[str, str | bool]]:
    """Return a row for each application, cells as written; what is not written is empty."""
    rows = []
    for name, written in _applications(scenario).items():
        values = {**written, **(written.get("objectives") or {})}
        row: dict[str, str | bool] = {WAS: name, "application": name}
        rows.append(row | {key: text_of(values.get(key)) for key in APPLICATION[1:]})
    return rows


def resource_rows(scenario: Scenario) -> list[dict[str, str | bool]]:
    """Return a row for each resource, cells as written; resources nested in a stack stay with it."""
    rows = []
    for application, written in _applications(scenario).items():
        for name, resource in (written.get("resources") or {}).items():
            row: dict[str, str | bool] = {WAS: f"{application}.{name}", "application": application, "resource": name}
            for key in RESOURCE[2:]:
                value = resource.get(key)
                row[key] = value is True if key in FLAGS else text_of(value)
            # by the catalogue's name, which is what can be chosen
            row["type"] = scenario.applications[application].resources[name].type
            rows.append(row)
    return rows


def with_estate(
    text: str,
    scenario: Scenario,
    applications: Iterable[Row],
    resources: Iterable[Row],
    sites: Iterable[Row] | None = None,
) -> str:
    """Return the text of a scenario with the estate that edited tables show; whether it is right is for its check.

    Args:
        text: of the scenario; it names no files.
        scenario: what it says.
        applications: rows as of `application_rows`, edited.
        resources: rows as of `resource_rows`, edited.
        sites: rows as of `site_rows`, edited; left out, they stay as they are.
    """
    apps, rows = [cleaned(row) for row in applications], [cleaned(row) for row in resources]
    places = [cleaned(row) for row in (site_rows(scenario) if sites is None else sites)]
    return edited(text, [*site_changes(scenario, places), *_changes(scenario, apps, rows, site_names(places))])


def is_edited(
    scenario: Scenario, applications: Iterable[Row], resources: Iterable[Row], sites: Iterable[Row] | None = None
) -> bool:
    """Return whether tables show anything else than a scenario's rows, be it only a new row without content."""
    written = (application_rows(scenario), resource_rows(scenario), site_rows(scenario))
    shown = (applications, resources, written[2] if sites is None else sites)
    return [[*map(cleaned, rows)] for rows in shown] != [[*map(cleaned, rows)] for rows in written]


def hidden_keys(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the keys of each resource that no column shows, such as `overrides`, by `app.resource`."""
    keys_of = {}
    for application, written in _applications(scenario).items():
        for name, resource in (written.get("resources") or {}).items():
            keys = tuple(key for key in resource if key not in RESOURCE)
            if keys:
                keys_of[f"{application}.{name}"] = keys
    return keys_of


def dropped_keys(scenario: Scenario, resources: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """Return the keys that no column shows and that go with the edits, by what the resource is called now.

    A row that is given another type is another resource: what was said of the one before does not hold for it.

    Args:
        scenario: as it is.
        resources: rows as of `resource_rows`, edited.
    """
    hidden = hidden_keys(scenario)
    types = {str(row[WAS]): row["type"] for row in resource_rows(scenario)}
    rows = [row for row in map(cleaned, resources) if row[WAS] in hidden and not is_empty(row)]
    return {
        f"{row['application']}.{row['resource']}": hidden[row[WAS]] for row in rows if row["type"] != types[row[WAS]]
    }


def row_problems(
    applications: Iterable[Row], resources: Iterable[Row], headings: Mapping[str, str], sites: Iterable[Row] = ()
) -> tuple[str, ...]:
    """Return what keeps edited tables from being written at all: rows that are half filled, or two of one name.

    Args:
        applications: rows as of `application_rows`, edited.
        resources: rows as of `resource_rows`, edited.
        headings: of the columns, as they are shown.
        sites: rows as of `site_rows`, edited.
    """
    problems: list[str] = []
    names: set[tuple[str, ...]] = set()
    apps = {str(cleaned(row)["application"]) for row in applications}
    for what, rows, columns in (
        ("application", applications, ("application",)),
        ("resource", resources, ("application", "resource")),
        ("site", sites, ("site",)),
    ):
        for number, row in enumerate(map(cleaned, rows), 1):
            if is_empty(row):
                continue
            called = [str(row[column]) for column in columns]
            missing = [headings[column] for column in NEEDED[what] if not row[column]]
            if missing:
                known = f" ({'.'.join(called)})" if all(called) else ""
                cells = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} empty"
                problems.append(f"{what.capitalize()}s, row {number}{known}: {cells}. Fill in, or delete the row.")
            elif (what, *called) in names:
                problems.append(f"Two {what}s are called {'.'.join(called)}: rename one.")
            elif what == "resource" and called[0] not in apps:
                problems.append(
                    f"{what.capitalize()}s, row {number}: there is no application {called[0]} in the table above for "
                    f"{called[1]}."
                )
            if all(called):
                names.add((what, *called))
    return tuple(dict.fromkeys(problems))


def _applications(scenario: Scenario) -> Mapping[str, Any]:
    data: Mapping[str, Any] = scenario.written if scenario.written is not None else scenario_data(scenario)
    applications: Mapping[str, Any] = data["applications"]
    return applications


def _changes(
    scenario: Scenario, apps: Sequence[Row], rows: Sequence[Row], sites: Mapping[str, str]
) -> Iterator[Change]:
    """Yield the changes: applications renamed, removed and filled, then their resources, then who names them.

    Args:
        scenario: as it is.
        apps: rows of applications, edited.
        rows: rows of resources, edited.
        sites: what sites are called now, by what they were called.
    """
    before = {str(row[WAS]): _placed(row, sites) for row in application_rows(scenario)}
    kept = {str(row[WAS]): str(row["application"]) for row in apps if row[WAS] and not is_empty(row)}
    for name in before:
        if name not in kept:
            yield Removal(("applications", name))
    yield from renamed(("applications",), kept)
    names = _names(scenario, kept, rows)
    for row in apps:
        if not is_empty(row):
            yield from _application_changes(_placed(row, sites), before.get(str(row[WAS])), kept)
    yield from _resources_gone(scenario, kept, rows)
    were = {str(row[WAS]): row for row in resource_rows(scenario)}
    dropped = dropped_keys(scenario, rows)
    for row in rows:
        if not is_empty(row):
            gone = dropped.get(f"{row['application']}.{row['resource']}", ())
            yield from _resource_changes(scenario, kept, row, were.get(str(row[WAS])), names, gone)
    yield from _references(scenario, kept, names)


def _placed(row: Row, sites: Mapping[str, str]) -> Row:
    """Return a row of an application in which sites have the names that they have now."""
    return {**row, **{key: sites.get(str(row[key]), row[key]) for key in _PLACES}}


def _names(scenario: Scenario, kept: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str | None]:
    """Return what resources are called now, `app.resource`, by what they were called; None for those that are gone."""
    now = {str(row[WAS]): f"{row['application']}.{row['resource']}" for row in rows if row[WAS] and not is_empty(row)}
    here = set(kept.values())
    return {
        name: current if (current := now.get(name)) is not None and application_of(current) in here else None
        for name in (str(row[WAS]) for row in resource_rows(scenario))
    }


def _application_changes(row: Row, before: Row | None, kept: Mapping[str, str]) -> Iterator[Change]:
    loc = ("applications", str(row["application"]))
    if before is None:
        yield Placement(loc, {"site": row["site"]})
    for key in APPLICATION[1:]:
        value, old = row[key], "" if before is None else before[key]
        if key in LISTS and value == old:
            value = listed(kept.get(name, name) for name in names_in(value))
        if value != old:
            yield cell_change((*loc, "objectives", key) if key in _OBJECTIVES else (*loc, key), key, value)


def _resources_gone(scenario: Scenario, kept: Mapping[str, str], rows: Sequence[Row]) -> Iterator[Change]:
    """Yield what takes away the resources that are gone or moved, and renames those that stay, by application."""
    rows_of_stored = {str(row[WAS]): row for row in rows if row[WAS] and not is_empty(row)}
    stay: dict[str, dict[str, str]] = {}
    for old in resource_rows(scenario):
        app, row = str(old["application"]), rows_of_stored.get(str(old[WAS]))
        if app in kept and (row is None or row["application"] != kept[app]):
            yield Removal(("applications", kept[app], "resources", str(old["resource"])))
        elif app in kept and row is not None:
            stay.setdefault(kept[app], {})[str(old["resource"])] = str(row["resource"])
    for app, names in stay.items():
        yield from renamed(("applications", app, "resources"), names)


def _resource_changes(
    scenario: Scenario,
    kept: Mapping[str, str],
    row: Row,
    before: Row | None,
    names: Mapping[str, str | None],
    dropped: Sequence[str],
) -> Iterator[Change]:
    loc = ("applications", str(row["application"]), "resources", str(row["resource"]))
    if before is None:
        yield Placement(loc, {"type": row["type"], "size": row["size"]})
    elif kept.get(str(before["application"])) != row["application"]:
        # moved to another application, with all that no table shows and that still holds
        was = _applications(scenario)[str(before["application"])]["resources"][str(before["resource"])]
        yield Placement(loc, {key: value for key, value in was.items() if key not in dropped})
    else:
        yield from (Removal((*loc, key)) for key in dropped)
    for key in RESOURCE[2:]:
        value, old = row[key], before[key] if before is not None else False if key in FLAGS else ""
        if key == "after" and before is not None and value == old:
            value = listed(_sibling(str(before["application"]), name, names) for name in names_in(value))
        if value != old:
            yield cell_change((*loc, key), key, value)


def _sibling(application: str, name: str, names: Mapping[str, str | None]) -> str:
    """Return what a resource of an application is called now; steps are called what they were."""
    now = names.get(f"{application}.{name}")
    return name if now is None else now.split(".", 1)[1]


def _references(scenario: Scenario, kept: Mapping[str, str], names: Mapping[str, str | None]) -> Iterator[Change]:
    """Yield the changes of strategies, disruptions and steps, which name applications and resources."""
    for name, strategy in scenario.strategies.items():
        loc: Loc = ("strategies", name)
        by_name = [selector for selector, _ in strategy.backup if selector != "*"]
        for key, selectors in (("backup", by_name), ("replication", list(strategy.replication))):
            yield from _selected((*loc, key), selectors, kept, names)
        yield from (Removal((*loc, "standby", app)) for app in strategy.standby if app not in kept)
        yield from renamed((*loc, "standby"), {app: kept[app] for app in strategy.standby if app in kept})
    for name, disruption in scenario.disruptions.items():
        now = None if disruption.target is None else _selector(disruption.target, kept, names)
        if now is not None and now != disruption.target:
            yield Placement(("disruptions", name, "target"), now)
    for app, application in scenario.applications.items():
        for step, written in application.steps.items():
            for k, name in enumerate(written.after):
                if app in kept and (now := _sibling(app, name, names)) != name:
                    yield Placement(("applications", kept[app], "steps", step, "after", k), now)


def _selected(
    loc: Loc, selectors: Sequence[str], kept: Mapping[str, str], names: Mapping[str, str | None]
) -> Iterator[Change]:
    now = {selector: _selector(selector, kept, names) for selector in selectors}
    yield from (Removal((*loc, selector)) for selector, current in now.items() if current is None)
    yield from renamed(loc, {selector: current for selector, current in now.items() if current is not None})


def _selector(selector: str, kept: Mapping[str, str], names: Mapping[str, str | None]) -> str | None:
    """Return a selector of what it selected before; None where that is gone."""
    if excludes(selector):
        now = _selector(selector.removeprefix(NOT), kept, names)
        return None if now is None else f"{NOT}{now}"
    if selector == "*" or selector.startswith((TYPE, TAG)):
        return selector
    app, _, rest = selector.partition(".")
    if rest == "*":
        return f"{kept[app]}.*" if app in kept else None
    first, dot, nested = rest.partition(".")
    now = names.get(f"{app}.{first}")
    return None if now is None else f"{now}{dot}{nested}"
