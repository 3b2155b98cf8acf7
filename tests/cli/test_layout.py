"""Tables and notes at any width: no word is broken, nothing is left out without a word."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from drsim.cli import main, show
from drsim.cli.layout import Layout, drawn, laid_out, note_lines, wrapped
from drsim.errors import Problem
from drsim.report.tables import Cell, Column, Table
from drsim.scenario.shipped import shipped_scenarios

HOSTILE = Path(__file__).parent.parent / "data" / "scenarios" / "hostile-names.yaml"

TABLE = Table(
    "figures",
    (
        Column("disruption"),
        Column("strategy"),
        Column("loss p95", numeric=True),
        Column("meets RPO", numeric=True, rank=2),
        Column("verdict"),
        Column("USD/month", numeric=True, rank=1),
    ),
    (
        ("region-loss", "nightly", "unrecoverable", "below 3.6 %", "unrecoverable", "4,367"),
        ("", "warm-standby", "13.8 min", "above 96.4 %", "undecided (takes over 1,000,000)", "13,862"),
        ("ransomware", "nightly", "unrecoverable", "5.4 % (4.8–6.0)", "breached", "4,367"),
    ),
    grouped=1,
)


def text(layout: Layout, width: int) -> list[str]:
    """Return the lines of a table."""
    return ["".join(piece for piece, _ in line) for line in drawn(layout, width)]


def words(lines: list[str]) -> set[str]:
    """Return the words of some lines."""
    return {word for line in lines for word in line.split()}


def test_a_verdict_is_coloured_and_a_name_like_one_is_not() -> None:
    """Flat or as a list, a cell has the colour of its verdict; a strategy called `breached` has none."""
    cell = Cell("undecided (takes 240)", "undecided")
    table = Table("t", (Column("strategy"), Column("verdict")), (("breached", cell),))
    for width in (80, 12):
        pieces = {piece.strip(): style for line in drawn(laid_out(table, width), width) for piece, style in line}
        assert pieces["breached"] == ""
        assert {style for piece, style in pieces.items() if "240" in piece} == {"yellow"}


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 200])
def test_no_width_breaks_a_word_or_drops_a_column_without_a_word(width: int) -> None:
    """Every cell of every column that is not named as left out stands there in whole words."""
    layout = laid_out(TABLE, width)
    lines = text(layout, width)
    shown = words(lines)
    for k, column in enumerate(TABLE.columns):
        cells = [row[k] for row in TABLE.rows if row[k]]
        if column.title in layout.left_out:
            assert column.rank > 0
            continue
        for cell in cells:
            assert set(cell.split()) <= shown, (column.title, cell)
    if layout.form != "listed":
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("width", "form"), [(120, "flat"), (62, "grouped"), (41, "listed")])
def test_a_table_takes_another_form_where_what_matters_does_not_fit(width: int, form: str) -> None:
    """What rows are about goes into lines of its own first; only then does every cell have one."""
    layout = laid_out(TABLE, width)
    assert layout.form == form
    if form != "flat":
        assert [heading for heading in layout.headings if heading] == ["region-loss", "ransomware"]


def test_a_narrower_table_never_shows_more() -> None:
    """The fewer characters there are, the more columns are left out, those of the highest rank first."""
    left_out = [set(laid_out(TABLE, width).left_out) for width in range(120, 20, -1)]
    flat = [found for found, width in zip(left_out, range(120, 20, -1), strict=True) if width >= 80]
    assert all(before <= after for before, after in pairwise(flat))
    assert {"meets RPO"} in left_out


def test_the_width_that_is_named_shows_all() -> None:
    """At the width that the note names nothing is left out, and one character less does not do."""
    whole = laid_out(TABLE, 40).whole_width
    assert laid_out(TABLE, whole).left_out == ()
    assert laid_out(TABLE, whole - 1).left_out != ()


def test_lines_break_at_blanks_only() -> None:
    """A word that is longer than the line stays whole, and a number stays with its unit."""
    assert wrapped("one extraordinarily long", 8) == ["one", "extraordinarily", "long"]
    assert wrapped("takes 95 % of 18.9 h or so", 10) == ["takes 95 %", "of 18.9 h", "or so"]
    assert wrapped("  as it stood", 8) == ["  as it", "  stood"]
    assert wrapped("", 8) == [""]


@pytest.mark.parametrize("width", range(12, 90))
def test_code_stays_whole_where_a_line_has_room_for_it(width: int) -> None:
    """What stands between backticks is on one line if one can hold it, with the marks that touch it."""
    code = "`schedule: cron(0 5 ? * * *)`"
    for text in (f"write a schedule that recurs, such as {code}", f"    see ({code}), or `every: 1 d` it's `x"):
        lines = wrapped(text, width)
        indent = len(text) - len(text.lstrip())
        assert " ".join(line.strip() for line in lines) == text.strip()
        touching = next(word for word in (f"({code}),", code) if word in text)
        assert any(touching in line for line in lines) is (len(touching) + indent <= width)
        for line in lines:
            assert len(line) <= width or " " not in line.strip()


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_command_can_be_pasted_from_any_width(width: int) -> None:
    """The lines of a command are one command for a shell, words with blanks and quotes in them too."""
    command = ("drsim", "explain", "my shop.yaml", "--strategy", "it's <img src=x>", "--disruption", "region-loss")
    lines = note_lines(f"See why shop is breached:  {shlex.join(command)}", width)
    start = next(k for k, line in enumerate(lines) if line.lstrip().startswith("drsim"))
    assert all(line.endswith(" \\") for line in lines[start:-1])
    # a shell reads a backslash at the end of a line as nothing
    assert shlex.split("\n".join(lines[start:]).replace("\\\n", "")) == list(command)


@pytest.mark.parametrize("columns", ["40", "60", "80", "120", "200"])
def test_a_run_says_what_it_left_out_at_any_width(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At every width hostile names stand there in whole words, and the columns that have no room are named."""
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["run", str(HOSTILE), "--workers", "1"]) == 0
    shown = capsys.readouterr().out
    assert {"<svg><script>alert(1)<∕script>=1+1", "onerror=alert(1)>", "breached"} <= set(shown.split())
    assert "Left out for want of room: " in shown
    assert "misses/year" in " ".join(shown.split())
    assert "\x1b" not in shown


def test_without_a_terminal_the_width_is_that_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """`COLUMNS` says how wide to print; what is no number does not count, and nothing is narrower than 20."""
    monkeypatch.setenv("COLUMNS", "77")
    assert show.width() == 77
    monkeypatch.setenv("COLUMNS", "3")
    assert show.width() == 20
    monkeypatch.setenv("COLUMNS", "wide")
    monkeypatch.setattr(os, "get_terminal_size", lambda _: (_ for _ in ()).throw(OSError()))
    assert show.width() == 200


def test_the_first_warnings_stand_beside_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """Three warnings follow the table, numbered and with their lines; the others are counted, and where they are."""
    words = ["run", "web-shop", "--drills", "2", "--strategy", "nightly", "--disruption", "deletion", "--workers", "1"]
    assert main(words) == 0
    shown = capsys.readouterr()
    after = shown.out.partition("Warnings, the first 3 of ")[2].splitlines()
    place = str(shipped_scenarios()["web-shop"])
    numbered = [line for line in after if line[:3] in {"1. ", "2. ", "3. ", "4. "}]
    assert [line[:3] for line in numbered] == ["1. ", "2. ", "3. "]
    assert all(f"{place}:" in line for line in numbered)
    assert after[-1] == f"{int(after[0].rstrip(':')) - 3} more:  drsim check web-shop"
    assert place not in shown.err


@pytest.mark.parametrize("width", range(20, 121))
def test_warnings_keep_within_the_width(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line of a warning, its indent counted, is longer than the line only where it is one long word."""
    repair = "write a schedule that recurs, such as `schedule: cron(0 5 ? * * *)`"
    found = "app.a, app.d: a backup by `late` completes with a probability of 3.3e-09: it takes 4.82 d on average"
    problems = [
        Problem("folder/mess.yaml", 1000 + k, "backup-never-completes", found[k:], "it leaves no point", repair)
        for k in range(5)
    ]
    monkeypatch.setenv("COLUMNS", str(width))
    show.show_warnings(problems, "folder/mess.yaml", beside=True)
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith(("1. ", "2. ", "3. ")) for line in lines) == 3
    for line in lines:
        words = line.removeprefix("1. ").removeprefix("2. ").removeprefix("3. ").rstrip("\\").split()
        assert len(line) <= width or len(words) == 1, line


def test_other_forms_hold_data_only(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--format csv` warnings go to standard error, and standard output is the table."""
    words = ["run", "web-shop", "--drills", "2", "--strategy", "nightly", "--disruption", "deletion", "--workers", "1"]
    assert main([*words, "--format", "csv"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("strategy,disruption,")
    assert "Warnings, the first 3 of " in shown.err


def test_a_terminal_without_lines_gets_hyphens() -> None:
    """Where the encoding of the output has no lines, hyphens stand below the titles."""
    words = [sys.executable, "-m", "drsim", "list"]
    done = subprocess.run(words, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert b"-----" in done.stdout
    assert b"web-shop" in done.stdout
