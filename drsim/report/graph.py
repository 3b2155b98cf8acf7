"""The estate as a graph: who needs whom to recover first, as text in Graphviz's language DOT."""

from __future__ import annotations

from collections.abc import Iterator

from drsim.scenario import Scenario

MOST_NODES = 60
"""A graph of more nodes says nothing any more: it is drawn application by application."""

_LINE = "#888888"
_TEXT = "#111111"
_FILLS = {"data": "#9ecae1", "servers": "#fdd49e", "step": "#d9d9d9", "application": "#a1d99b"}
"""Mid tones, readable with dark text on light and on dark pages; the shape of a node says the same."""


def estate_dot(scenario: Scenario, application: str | None = None) -> str:
    """Return the dependencies of an estate, an arrow from each to what it needs first.

    Args:
        scenario: it.
        application: its name, for its resources and steps; left out, all applications with their resources, or, where
            these are too many, the applications alone.
    """
    resources = sum(len(app.resources) + len(app.steps) for app in scenario.applications.values())
    wanted = list(scenario.applications) if application is None else [application]
    closely = application is not None or resources <= MOST_NODES
    lines = [*(_clusters(scenario, wanted) if closely else _applications(scenario))]
    pairs = [(name, before) for name in wanted for before in scenario.applications[name].waits_for if before in wanted]
    lines += [
        _between(scenario, name, before)
        if closely
        else f"{_quoted(name)} -> {_quoted(before)} [style={_style(scenario, name, before)}];"
        for name, before in pairs
    ]
    head = (
        "digraph estate {",
        'rankdir=LR; bgcolor="transparent"; compound=true; nodesep=0.2; ranksep=0.5;',
        f'node [style=filled, color="{_LINE}", fontcolor="{_TEXT}", fontname="sans-serif", fontsize=11];',
        f'edge [color="{_LINE}", arrowsize=0.7];',
        f'graph [color="{_LINE}", fontcolor="{_LINE}", fontname="sans-serif", fontsize=12];',
    )
    return "\n".join((*head, *lines, "}"))


def _applications(scenario: Scenario) -> Iterator[str]:
    for name, app in scenario.applications.items():
        number = len(app.resources)
        label = f"{name}\n{number} resource{'s' * (number != 1)}"
        yield f'{_quoted(name)} [label={_quoted(label)}, shape=box, fillcolor="{_FILLS["application"]}"];'


def _clusters(scenario: Scenario, wanted: list[str]) -> Iterator[str]:
    for k, name in enumerate(wanted):
        app = scenario.applications[name]
        yield f"subgraph cluster_{k} {{ label={_quoted(name)}; style=rounded;"
        if not app.resources and not app.steps:
            yield f'{_quoted(f"{name}.")} [label="no resources", shape=plaintext, fillcolor="transparent"];'
        for key, resource in app.resources.items():
            enough = resource.count if resource.needs is None else resource.needs
            needed = f", needs {enough}" if enough < resource.count else ""
            members = f"\n{resource.count} alike{needed}" if resource.count > 1 else ""
            kind = "servers" if resource.stateless else "data"
            shape = "component" if resource.stateless else "cylinder"
            label = _quoted(f"{key}\n{resource.type}{members}")
            yield f'{_quoted(f"{name}.{key}")} [label={label}, shape={shape}, fillcolor="{_FILLS[kind]}"];'
        for key in app.steps:
            node = _quoted(f"{name}.{key}")
            label = _quoted(f"{key}\nstep")
            yield f'{node} [label={label}, shape=ellipse, fillcolor="{_FILLS["step"]}"];'
        order = {key: part.after for parts in (app.resources, app.steps) for key, part in parts.items()}
        for key, after in order.items():
            for before in after:
                yield f"{_quoted(f'{name}.{key}')} -> {_quoted(f'{name}.{before}')};"
        yield "}"


def _between(scenario: Scenario, name: str, before: str) -> str:
    """Return the arrow between two clusters."""
    names = list(scenario.applications)
    ends = [_quoted(f"{app}.{_anchor(scenario, app)}") for app in (name, before)]
    clusters = [f"cluster_{names.index(app)}" for app in (name, before)]
    style = _style(scenario, name, before)
    return f"{ends[0]} -> {ends[1]} [ltail={clusters[0]}, lhead={clusters[1]}, style={style}];"


def _style(scenario: Scenario, name: str, before: str) -> str:
    """Return how the arrow between two applications is drawn: solid where one is down while the other is."""
    return "solid" if before in scenario.applications[name].requires else "dashed"


def _anchor(scenario: Scenario, application: str) -> str:
    app = scenario.applications[application]
    return next((key for parts in (app.resources, app.steps) for key in parts), "")


def _quoted(text: str) -> str:
    """Return a name as DOT takes it, whatever it holds; a line break stays one."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
