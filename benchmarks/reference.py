"""Write the reference pages that are made of the catalogue.

    python -m benchmarks.reference

It writes docs/reference/events.md with its picture: what has happened to AWS, and what follows for rates and lengths.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from drsim.catalogue import load_catalogue
from drsim.catalogue.fits import fit
from drsim.report.event_tables import events_table, lengths_table, rates_table
from drsim.report.tables import Table
from drsim.report.vega import style
from drsim.report.vega.events import events_chart

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
PICTURE = ROOT / "docs" / "images" / "events.svg"

_WIDTH = 820
"""Width of the picture [pixels]."""

_EVENTS = """\
# Events of AWS, and how often it fails

How often zones and Regions fail, and for how long, is fitted from this list.
`drsim catalogue --fit events` prints the same; [add events](../how-to/README.md#say-how-often-things-happen).
What hit all that was spread over a Region's zones counts as an outage of the Region, else as one of a zone.
Only headlines are known: short and partial failures are missing, and rates are rather too low than too high.

`python -m benchmarks.reference` writes the page from the catalogue.

![Events by Region, from 2011 to 2026: most in us-east-1, then ap-northeast-1](../images/events.svg)
"""


def main() -> int:
    """Write pages and picture."""
    for name, page in PAGES.items():
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


PAGES: Mapping[str, Callable[[], str]] = {"events.md": events_page}
"""The pages by name of their file."""


if __name__ == "__main__":
    sys.exit(main())
