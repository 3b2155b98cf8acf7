"""Tables as HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from drsim.app.show import csv, table_html
from drsim.report.tables import Cell, Column, Table
from tests.app.visits import script


class Reader(HTMLParser):
    """Collects tags and the text of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Note a tag."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.cells.append(data)


def read(table: Table) -> Reader:
    """Return the tags and texts of a table."""
    reader = Reader()
    reader.feed(table_html(table))
    return reader


def test_table_shows_names_as_they_stand() -> None:
    """Whatever stands in a table is text: it adds no tag."""
    nasty = "<img src=x onerror=alert(1)> & ![](http://example.org/x.png)"
    plain = read(Table("title", (Column("a"),), (("name",),), ("note",)))
    found = read(Table(nasty, (Column(nasty),), ((nasty,),), (nasty,)))
    assert found.tags == plain.tags
    assert found.cells == [nasty] * 4


def test_only_addresses_of_a_column_of_links_are_links() -> None:
    """A column of links makes a link of an address, escaped, and of nothing else; other columns make none."""
    page = 'https://example.org/a?b=1&c="d"'
    for columns, cell, links in (
        ((Column("where", link=True),), page, 1),
        ((Column("where", link=True),), "javascript:alert(1)", 0),
        ((Column("where"),), page, 0),
    ):
        table = read(Table("t", columns, ((cell,),)))
        assert table.tags.count("a") == links
        assert cell in table.cells


def test_message_is_no_markdown(tmp_path: Path) -> None:
    """In a message all punctuation stands for itself."""
    found = script(tmp_path, "show.message('no ![x](http://example.org) – *a*')").run().warning[0].value
    assert found == r"no \!\[x\]\(http\:\/\/example\.org\) – \*a\*"


def test_table_has_all_cells_in_order() -> None:
    """Title, headings, rows and notes come in their order; notes keep their lines."""
    table = Table("t", (Column("a"), Column("b", numeric=True)), (("1", "2"), ("3", "4")), ("n", "m"))
    assert read(table).cells == ["t", "a", "b", "1", "2", "3", "4", "n\nm"]


def test_verdicts_keep_their_words() -> None:
    """A verdict is coloured by a background and a text colour together, and stays a word; a name like one is plain."""
    columns = (Column("verdict"), Column("loss p50", numeric=True))
    verdicts = [Cell(word, word) for word in ("met", "breached", "no-objective")]
    losses = ["1 h", Cell("unrecoverable", "unrecoverable"), "2 h"]
    page = table_html(Table("t", columns, (*zip(verdicts, losses, strict=True), ("unprotected", "3 h"))))
    assert page.count("background:") == page.count(";color:") == 2
    assert all(f">{word}<" in page for word in (*verdicts, "unprotected"))


def test_csv_holds_no_formulas() -> None:
    """What a spreadsheet would run is text in it; numbers below zero stay numbers."""
    frame = pd.DataFrame({"name": ["=1+1", "+a", "-b", "@c", "plain", "a=b"], "usd": [-1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    lines = csv(frame).splitlines()
    assert lines[1:] == ["'=1+1,-1", "'+a,2", "'-b,3", "'@c,4", "plain,5", "a=b,6"]
