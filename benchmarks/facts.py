"""Write the page of what changed in the facts from its data and the catalogue.

    python -m benchmarks.facts

It writes docs/reference/facts-2026-11.md from the rows beside it: what stood in the catalogue, what stands there now,
how that is known and where it is said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML

from drsim.catalogue import Source, load_catalogue
from drsim.catalogue.price_file import PriceLeaf

ROOT = Path(__file__).parent.parent
DATA = ROOT / "docs" / "reference" / "facts-2026-11.yaml"
PAGE = DATA.with_suffix(".md")

OUTCOMES = {"taken": "taken", "otherwise": "taken otherwise", "not-found": "not found", "open": "open"}
"""What became of a row, and the words of the page for it."""

_HEAD = """\
# What changed in the facts in November 2026

The catalogue's values were held against public sources, and these were found to be wrong, unproved or missing.
A row says what stood in the catalogue before, what stands there now, how well that is known, and where it is said.
*Taken otherwise* means that the source says something else than was expected, *not found* that no source was read.

`python -m benchmarks.facts` writes the page from `facts-2026-11.yaml`; a test holds each row against the catalogue.

| number | fact | values | was | is | basis | source | what was done |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Fact:
    """One row of the page.

    Attributes:
        row: its number.
        fact: what it is about.
        was: what the catalogue said before.
        outcome: one of `OUTCOMES`.
        values: what the catalogue says now, as it writes it, by place; None where only the place is named.
        basis: of these values now.
        sources: keys of their sources.
        note: what to know about it.
    """

    row: int
    fact: str
    was: str
    outcome: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    basis: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Value:
    """What the catalogue says at a place: the value as it writes it, its basis, and the keys of its sources."""

    written: str
    basis: str
    source: tuple[str, ...]


def read_facts() -> tuple[Fact, ...]:
    """Return the rows as the data has them."""
    rows = YAML(typ="safe").load(DATA.read_text(encoding="utf-8"))
    return tuple(Fact(**{**row, "sources": tuple(row.get("sources", ()))}) for row in rows)


def values_by_place() -> dict[str, Value]:
    """Return every value of the catalogue and of its price list by its place."""
    catalogue = load_catalogue()
    places = {place: Value(leaf.written, leaf.basis, leaf.source) for place, leaf in catalogue.leaves()}
    return places | dict(_prices())


def sources_by_key() -> dict[str, Source]:
    """Return the sources of the catalogue and of its price list by key."""
    catalogue = load_catalogue()
    return {**catalogue.prices().sources, **catalogue.sources}


def page() -> str:
    """Return the page."""
    return _HEAD + "".join(f"{_row(fact)}\n" for fact in read_facts())


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


def _prices() -> Iterator[tuple[str, Value]]:
    for item, content in load_catalogue().prices().data.items.items():
        for subject, row in content.rows.items():
            for region, leaf in row.items() if isinstance(row, dict) else ():
                yield f"prices.{item}/{subject} {region}", _price(leaf)


def _price(leaf: PriceLeaf) -> Value:
    written = "unknown" if leaf.value is None else f"{leaf.value:g}"
    return Value(written, leaf.basis or "unknown", leaf.source)


def _row(fact: Fact) -> str:
    places = "<br>".join(f"`{place}`" for place in fact.values)
    written = "<br>".join(dict.fromkeys(value for value in fact.values.values() if value is not None))
    known = sources_by_key()
    sources = "<br>".join(_title(known[key]) for key in fact.sources)
    outcome = OUTCOMES[fact.outcome] + (f": {fact.note}" if fact.note else "")
    cells = (str(fact.row), fact.fact, places, fact.was, written, fact.basis, sources, outcome)
    return "| " + " | ".join(" ".join(cell.split()) for cell in cells) + " |"


def _title(source: Source) -> str:
    title = f"[{source.title}]({source.url})" if source.url else source.title
    return f"{title} ({source.edition})"


if __name__ == "__main__":
    sys.exit(main())
