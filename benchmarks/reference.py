"""Write the reference pages that are made of the catalogue and of the schema.

    python -m benchmarks.reference

It writes into docs/reference: events.md with its picture, what has happened to AWS and what follows for rates and
lengths; how-sure.md, which share of the facts is known how; planning.md, the keys of `planning`; what-moves-results.md,
which estimates move the answers of the shipped scenarios most, for which these are drilled: some minutes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import drsim
from benchmarks import keys
from drsim.catalogue import load_catalogue
from drsim.catalogue.fits import fit
from drsim.report.estimates import movers_table
from drsim.report.event_tables import events_table, lengths_table, rates_table
from drsim.report.sureness import sureness_table
from drsim.report.tables import Table
from drsim.report.vega import style
from drsim.report.vega.events import events_chart
from drsim.study import drills

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
PICTURE = ROOT / "docs" / "images" / "events.svg"

_WIDTH = 820
"""Width of the picture [pixels]."""

_DRILLS = 1000
"""Drills of a scenario, at most."""

_EVENTS = """\
# Events of AWS, and how often it fails

How often zones and Regions fail, and for how long, is fitted from this list.
`drsim catalogue --fit events` prints the same; [add events](../how-to/README.md#say-how-often-things-happen).
What hit all that was spread over a Region's zones counts as an outage of the Region, else as one of a zone.
Only headlines are known: short and partial failures are missing, and rates are rather too low than too high.

`python -m benchmarks.reference` writes the page from the catalogue.

![Events by Region, from 2011 to 2026: most in us-east-1, then ap-northeast-1](../images/events.svg)
"""


_HOW_SURE = """\
# How sure are the facts

Every value of the catalogue says how it is known; here they are counted, by kind of value.
Yes and no are mostly documented, how long things take is mostly estimated: nobody publishes it.
So the headline of all values together says little; which estimates matter is another question,
and [what moves results](what-moves-results.md) answers it for the shipped scenarios, as every result does for itself.

`drsim catalogue --list sureness` and the page Catalogue of the app count the same.
`drsim catalogue --list values --basis estimated` lists what is estimated.
`python -m benchmarks.reference` writes the page from the catalogue.

"""

_MOVERS = """\
# What moves results

Of each scenario that comes with drsim the estimates that move its worst answer most: what is missed most often.
Each is put to either end of its range in few drills, all else and all luck the same, and the ends are compared.
What moves it by no more than the luck of these drills, drawn anew again and again, is not listed.
Below every table of `drsim run`, in reports and in the app stands the same of what was run there.
Replace them with measurements of your own, under `overrides`, before any others.

`python -m benchmarks.reference` writes the page from the scenarios and the catalogue.

"""


def main() -> int:
    """Write pages and picture."""
    for name, page in {**PAGES, **SLOW_PAGES}.items():
        path = FOLDER / name
        path.write_text(page(), encoding="utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"written: {PICTURE.relative_to(ROOT)}")
    return 0


def events_page() -> str:
    """Return the page of the events."""
    found = fit(load_catalogue())
    tables = (rates_table(found), lengths_table(found), events_table(found.events.events))
    return "\n".join([_EVENTS, *(markdown(table) for table in tables)])


def sureness_page() -> str:
    """Return the page that counts how values are known."""
    return _HOW_SURE + markdown(sureness_table())


def movers_page() -> str:
    """Return the page of the estimates that move the answers of the shipped scenarios most."""
    return _MOVERS + "\n".join(_moving(path) for path in sorted((ROOT / "scenarios").glob("*.yaml")))


def _moving(path: Path) -> str:
    """Return a scenario's part of the page."""
    scenario = drsim.load_scenario(path)
    record = drills.run(
        scenario, workers=1, drills=min(scenario.drills, _DRILLS), keep_incidents=False, estimates=True
    ).run
    estimates = record["estimates"]
    head = f"## {path.stem}\n\nRests on {estimates['values']} values, {estimates['estimated']} of them estimated.\n"
    if not estimates["movers"]:
        return f"{head}None is said: {estimates['why']}.\n"
    most = estimates["movers"][0]
    whose = f"{most['subject']} under {most['disruption']} with {most['strategy']}"
    return f"{head}\n" + markdown(movers_table(estimates["movers"])).replace("## ", f"Figures of {whose}. ", 1)


def planning_page() -> str:
    """Return the page of the keys of `planning`."""
    return keys.HEAD + markdown(keys.planning_table())


def picture() -> str:
    """Return the time line of the events as SVG."""
    return style.to_svg(events_chart(load_catalogue().events.events), _WIDTH)


def markdown(table: Table) -> str:
    """Return a table in Markdown, under its title, with its notes below; addresses become links."""
    marks = ["---:" if column.numeric else "---" for column in table.columns]
    lines = [[column.title for column in table.columns], marks, *table.rows]
    notes = "".join(f"\n{note}" for note in table.notes)
    rows = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
    return f"## {table.title}\n\n{rows}\n" + (f"{notes}\n" if notes else "")


def _cell(text: str) -> str:
    """Return a cell, in which an address is a link that says whose it is."""
    host = re.match(r"https?://(?:www\.)?([^/]+)", text)
    return f"[{host[1]}]({text})" if host else text.replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {
    "events.md": events_page,
    "how-sure.md": sureness_page,
    "planning.md": planning_page,
}
SLOW_PAGES: Mapping[str, Callable[[], str]] = {"what-moves-results.md": movers_page}
"""The pages by name of their file."""


if __name__ == "__main__":
    sys.exit(main())
