"""The scenarios that come with drsim, with what each is for and how large it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from drsim.report.tables import Column, Table
from drsim.scenario import load_scenario, subjects
from drsim.scenario.shipped import shipped_scenarios

_PURPOSE = re.compile(r"^# For: (.*?)(?=^#\s*$)", re.MULTILINE | re.DOTALL)
"""What a scenario is for, in the comment at its beginning."""


def shipped_records() -> list[dict[str, Any]]:
    """Return what there is to know of each shipped scenario.

    `name`, `title`, `shows` (what for), `applications`, `resources`, `members` (resources counted by `count`),
    `strategies`, `disruptions`, `drills` (per strategy and disruption) and `all_drills` (those of a run of all).
    """
    return [_record(name, path) for name, path in shipped_scenarios().items()]


def _record(name: str, path: Path) -> dict[str, Any]:
    scenario = load_scenario(path)
    resources = subjects(scenario)
    pairs = len(scenario.strategies) * len(scenario.disruptions)
    return {
        "name": name,
        "title": scenario.name,
        "shows": _purpose(path) or scenario.description,
        "applications": len(scenario.applications),
        "resources": len(resources),
        "members": sum(subject.resource.count for subject in resources.values()),
        "strategies": len(scenario.strategies),
        "disruptions": len(scenario.disruptions),
        "drills": scenario.drills,
        "all_drills": pairs * scenario.drills,
    }


def _purpose(path: Path) -> str:
    """Return the first sentence of what a scenario's own header says that it is for; empty where it says nothing."""
    header = _PURPOSE.search(path.read_text(encoding="utf-8"))
    text = " ".join(line.lstrip("# ") for line in header[1].splitlines()) if header else ""
    return text.partition(". ")[0].rstrip(".")


def shipped_table() -> Table:
    """Return the shipped scenarios as a table."""
    columns = (
        Column("scenario"),
        Column("shows"),
        Column("applications", numeric=True, rank=2),
        Column("resources", numeric=True, rank=1),
        Column("strategies", numeric=True, rank=2),
        Column("disruptions", numeric=True, rank=2),
        Column("drills of a run", numeric=True),
    )
    rows = tuple(
        (
            record["name"],
            record["shows"],
            f"{record['applications']:,}",
            f"{record['members']:,}",
            f"{record['strategies']:,}",
            f"{record['disruptions']:,}",
            f"{record['all_drills']:,}",
        )
        for record in shipped_records()
    )
    notes = (
        "Drills of a run: of all strategies under all disruptions. What a drill takes grows with the resources.",
        "--drills 100 answers sooner, and less surely.",
        "Run one:  drsim run web-shop",
    )
    return Table("Scenarios that come with drsim", columns, rows, notes)
