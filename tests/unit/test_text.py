"""What may be printed of a text, and what only looks right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drsim.errors import Problem
from drsim.text import LONGEST, lookalikes, printable, shown, unprintable


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("größer, 名前, \U0001f600", "größer, 名前, \U0001f600"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\r\x00\x7f\x9b", r"a\nb\tc\r\x00\x7f\x9b"),
        ("\ud800", r"\ud800"),
        ("\u202eabc\u2066\u200b\ufeff\u2028", r"\u202eabc\u2066\u200b\ufeff\u2028"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, escaped: str) -> None:
    """Escapes, lone surrogates, marks of direction and what is invisible; letters of all writings stay."""
    assert printable(text) == escaped
    assert (unprintable(text) is None) == (text == escaped)


@given(st.text(st.characters(), max_size=200))
def test_whatever_is_shown_is_printable_and_short(text: str) -> None:
    """A shown value has no unprintable characters, can be encoded, and is not long even where all is escaped."""
    found = shown(text)
    assert unprintable(found) is None
    assert len(found.encode()) <= 4 * LONGEST
    assert len(found) <= LONGEST


def test_values_of_any_kind_are_shown_short() -> None:
    """Numbers of many digits, long lists and long texts are cut."""
    assert all(
        len(shown(value)) <= LONGEST for value in (10**5000, list(range(10**5)), "x" * 10**6, {"a": "b" * 10**6})
    )
    assert shown("35 d") == "'35 d'"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("３５ d", "35 d"),
        ("35\u00a0d", "35 d"),
        ("35\u202fd", "35 d"),
        ("us‐east‐1", "us-east-1"),
        ("us–east−1", "us-east-1"),
        ("“daily”", '"daily"'),
        ("ＲＤＳ", "RDS"),
        ("３", "3"),
    ],
)
def test_what_only_looks_plain_is_named(text: str, right: str) -> None:
    """The character is named, and the repair is the plain text."""
    found = lookalikes(text)
    assert found is not None
    assert found.plain == right
    assert found.found.startswith("U+")
    assert right in found.repair or repr(right) in found.repair


@pytest.mark.parametrize("text", ["35 d", "größe-1", "名前", "Größe — täglich", ""])
def test_other_writings_look_like_nothing_else(text: str) -> None:
    """A text with letters of its own is no misspelt plain one."""
    assert lookalikes(text) is None


def test_a_problem_can_be_printed_whatever_it_quotes() -> None:
    """Places, names and repairs of a problem are escaped and cut; the repair keeps its lines."""
    text = str(Problem("a\x1b[2J.yaml", 3, "check", "b\x1b[31m" + "x" * 10**6, "rule\u202e", "one\ntwo\x07"))
    assert unprintable(text, "\n") is None
    assert len(text) < 3000
    assert text.startswith(r"a\x1b[2J.yaml:3: b\x1b[31mxxx")
    assert text.endswith("one\ntwo\\x07")
