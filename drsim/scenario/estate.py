"""An estate as tables of text to edit, and the changes of the scenario that edits of them mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from drsim.scenario.dump import scenario_data
from drsim.scenario.edit import Change, Placement, Removal, Renaming, edited
from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Loc, Plain
from drsim.scenario.selectors import NOT, TAG, TYPE, excludes
from drsim.scenario.subjects import application_of

WAS = "was"
"""Column that says which application or resource a row was before edits; none for a new one."""

APPLICATION = (
    *("application", "site", "rpo", "rto", "rto_full", "attainment", "priority", "downtime_cost", "data_loss_cost"),
    *("unrecoverable_cost", "rebuild", "recover_at", "after", "requires", "loss_tolerance"),
)
RESOURCE = (
    *("application", "resource", "type", "size", "change_rate", "count", "needs", "instance", "deployment", "after"),
    *("stateless", "tested", "objects"),
)
"""Columns of the tables, but for `WAS`."""

NEEDED = {"application": ("application", "site"), "resource": ("application", "resource", "type", "size")}
"""Columns that no row of an application or resource leaves empty."""

_OBJECTIVES = ("rpo", "rto", "rto_full", "attainment")
_FLAGS = ("stateless", "tested")
_WHOLE = ("count", "needs", "priority")
_LISTS = ("after", "requires")
_MAPPED = ("rpo", "rebuild")
"""Columns whose cells may hold a mapping, as in a file: `{time: 4 h, size: 10 GB}`, `{median: 5 d, p95: 20 d}`."""

Row = Mapping[str, Any]


def application_rows(scenario: Scenario) -> list[dict[str, str | bool]]:
    """Return a row for each application, cells as written; what is not written is empty."""
    rows = []
    for name, written in _applications(scenario).items():
        values = {**written, **(written.get("objectives") or {})}
        row: dict[str, str | bool] = {WAS: name, "application": name}
        rows.append(row | {key: _text(values.get(key)) for key in APPLICATION[1:]})
    return rows


def resource_rows(scenario: Scenario) -> list[dict[str, str | bool]]:
    """Return a row for each resource, cells as written; resources nested in a stack stay with it."""
    rows = []
    for application, written in _applications(scenario).items():
        for name, resource in (written.get("resources") or {}).items():
            row: dict[str, str | bool] = {WAS: f"{application}.{name}", "application": application, "resource": name}
            for key in RESOURCE[2:]:
                value = resource.get(key)
                row[key] = value is True if key in _FLAGS else _text(value)
            # by the catalogue's name, which is what can be chosen
            row["type"] = scenario.applications[application].resources[name].type
            rows.append(row)
    return rows


def with_estate(text: str, scenario: Scenario, applications: Iterable[Row], resources: Iterable[Row]) -> str:
    """Return the text of a scenario with the estate that edited tables show; whether it is right is for its check.

    Args:
        text: of the scenario; it names no files.
        scenario: what it says.
        applications: rows as of `application_rows`, edited.
        resources: rows as of `resource_rows`, edited.
    """
    apps, rows = [_clean(row) for row in applications], [_clean(row) for row in resources]
    return edited(text, [*_changes(scenario, apps, rows)])


def is_edited(scenario: Scenario, applications: Iterable[Row], resources: Iterable[Row]) -> bool:
    """Return whether tables show anything else than a scenario's rows, be it only a new row without content."""
    shown = [[*map(_clean, rows)] for rows in (applications, resources)]
    return shown != [[*map(_clean, rows)] for rows in (application_rows(scenario), resource_rows(scenario))]


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
    rows = [row for row in map(_clean, resources) if row[WAS] in hidden and not _is_empty(row)]
    return {
        f"{row['application']}.{row['resource']}": hidden[row[WAS]] for row in rows if row["type"] != types[row[WAS]]
    }


def row_problems(applications: Iterable[Row], resources: Iterable[Row], headings: Mapping[str, str]) -> tuple[str, ...]:
    """Return what keeps edited tables from being written at all: rows that are half filled, or two of one name.

    Args:
        applications: rows as of `application_rows`, edited.
        resources: rows as of `resource_rows`, edited.
        headings: of the columns, as they are shown.
    """
    problems: list[str] = []
    names: set[tuple[str, ...]] = set()
    apps = {str(_clean(row)["application"]) for row in applications}
    for what, rows, columns in (
        ("application", applications, ("application",)),
        ("resource", resources, ("application", "resource")),
    ):
        for number, row in enumerate(map(_clean, rows), 1):
            if _is_empty(row):
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


def _text(value: Plain) -> str:
    """Return a value as a cell holds it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _flow(value: Plain) -> str:
    """Return a part of a mapping as a file has it."""
    return f"[{', '.join(map(_text, value))}]" if isinstance(value, list) else _text(value)


def _clean(row: Row) -> dict[str, Any]:
    """Return a row with text where an editor leaves nothing, or numbers, and without blanks around."""
    return {
        key: value is True or str(value) == "True"
        if key in _FLAGS
        else ""
        if value is None or value != value  # noqa: PLR0124  not a number
        else str(value).strip()
        for key, value in row.items()
    }


def _is_empty(row: Row) -> bool:
    return not any(value for key, value in row.items() if key != WAS)


def _changes(scenario: Scenario, apps: Sequence[Row], rows: Sequence[Row]) -> Iterator[Change]:
    """Yield the changes: applications renamed, removed and filled, then their resources, then who names them."""
    before = {str(row[WAS]): row for row in application_rows(scenario)}
    kept = {str(row[WAS]): str(row["application"]) for row in apps if row[WAS] and not _is_empty(row)}
    for name in before:
        if name not in kept:
            yield Removal(("applications", name))
    yield from _renamed(("applications",), kept)
    names = _names(scenario, kept, rows)
    for row in apps:
        if not _is_empty(row):
            yield from _application_changes(row, before.get(str(row[WAS])), kept)
    yield from _resources_gone(scenario, kept, rows)
    were = {str(row[WAS]): row for row in resource_rows(scenario)}
    dropped = dropped_keys(scenario, rows)
    for row in rows:
        if not _is_empty(row):
            gone = dropped.get(f"{row['application']}.{row['resource']}", ())
            yield from _resource_changes(scenario, kept, row, were.get(str(row[WAS])), names, gone)
    yield from _references(scenario, kept, names)


def _names(scenario: Scenario, kept: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str | None]:
    """Return what resources are called now, `app.resource`, by what they were called; None for those that are gone."""
    now = {str(row[WAS]): f"{row['application']}.{row['resource']}" for row in rows if row[WAS] and not _is_empty(row)}
    here = set(kept.values())
    return {
        name: current if (current := now.get(name)) is not None and application_of(current) in here else None
        for name in (str(row[WAS]) for row in resource_rows(scenario))
    }


def _renamed(loc: Loc, names: Mapping[str, str]) -> Iterator[Change]:
    """Yield changes of keys, by way of names that no file has, so that two may exchange theirs."""
    moved = [(old, new) for old, new in names.items() if old != new]
    for k, (old, _) in enumerate(moved):
        yield Renaming((*loc, old), f"\x01{k}")
    for k, (_, new) in enumerate(moved):
        yield Renaming((*loc, f"\x01{k}"), new)


def _application_changes(row: Row, before: Row | None, kept: Mapping[str, str]) -> Iterator[Change]:
    loc = ("applications", str(row["application"]))
    if before is None:
        yield Placement(loc, {"site": row["site"]})
    for key in APPLICATION[1:]:
        value, old = row[key], "" if before is None else before[key]
        if key in _LISTS and value == old:
            value = _listed(kept.get(name, name) for name in _list(value))
        if value != old:
            yield _cell((*loc, "objectives", key) if key in _OBJECTIVES else (*loc, key), key, value)


def _resources_gone(scenario: Scenario, kept: Mapping[str, str], rows: Sequence[Row]) -> Iterator[Change]:
    """Yield what takes away the resources that are gone or moved, and renames those that stay, by application."""
    rows_of_stored = {str(row[WAS]): row for row in rows if row[WAS] and not _is_empty(row)}
    stay: dict[str, dict[str, str]] = {}
    for old in resource_rows(scenario):
        app, row = str(old["application"]), rows_of_stored.get(str(old[WAS]))
        if app in kept and (row is None or row["application"] != kept[app]):
            yield Removal(("applications", kept[app], "resources", str(old["resource"])))
        elif app in kept and row is not None:
            stay.setdefault(kept[app], {})[str(old["resource"])] = str(row["resource"])
    for app, names in stay.items():
        yield from _renamed(("applications", app, "resources"), names)


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
        value, old = row[key], before[key] if before is not None else False if key in _FLAGS else ""
        if key == "after" and before is not None and value == old:
            value = _listed(_sibling(str(before["application"]), name, names) for name in _list(value))
        if value != old:
            yield _cell((*loc, key), key, value)


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
        yield from _renamed((*loc, "standby"), {app: kept[app] for app in strategy.standby if app in kept})
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
    yield from _renamed(loc, {selector: current for selector, current in now.items() if current is not None})


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


def _list(text: object) -> list[str]:
    return [part.strip() for part in str(text).split(",") if part.strip()]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _cell(loc: tuple[str | int, ...], key: str, value: str | bool) -> Change:  # noqa: FBT001  what a cell holds
    """Return the change that a cell means."""
    if value in ("", False):
        return Removal(loc)
    if key in _LISTS:
        return Placement(loc, [*_list(value)])
    if key in _WHOLE and (digits := re.fullmatch(r"([0-9]{1,30})(\.0*)?", str(value))):
        return Placement(loc, int(digits[1]))
    if key in _MAPPED and str(value).startswith("{"):
        return Placement(loc, _mapping(str(value)))
    return Placement(loc, value)


def _mapping(text: str) -> Plain:
    """Return what a cell with a mapping says; its text where that is none, for the check to refuse."""
    try:
        value: Plain = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return text
    return value
