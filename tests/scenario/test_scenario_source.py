"""YAML 1.2 without its dangers, and the line of everything."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drsim.scenario.nodes import Plain, Refusal, place, plain
from drsim.scenario.source import decode
from drsim.scenario.yaml_text import read_yaml


def read(text: str) -> Plain:
    """Return the data of a YAML text without problems."""
    node, problems = read_yaml(text, "f")
    assert problems == []
    return plain(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("40e6", 40e6),
        ("0.5", 0.5),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("true", True),
        ("'true'", "true"),
        ("null", None),
        ("", None),
        ("2026-01-01", "2026-01-01"),
        ("4 %/day", "4 %/day"),
        (".inf", math.inf),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_plain_texts_mean_what_yaml_1_2_says(text: str, value: Plain) -> None:
    """Only numbers, true, false and null are more than text, and only unquoted."""
    assert read(f"a: {text}") == {"a": value}


def test_keys_are_always_text() -> None:
    """A key that looks like a number or a truth value is the text that stands there."""
    assert read("1: a\ntrue: b\n") == {"1": "a", "true": "b"}


def test_aliases_and_merges_repeat() -> None:
    """An alias repeats its anchor; a merge brings in what the mapping does not have."""
    assert read("a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}") == {
        "a": {"k": 1, "l": 2},
        "b": {"k": 1, "l": 2},
        "c": {"k": 1, "l": 3},
    }


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("a: *b", "yaml-syntax"),
        ("a: &b [*b]", "yaml-syntax"),
        ("? [a]\n: b", "yaml-syntax"),
        ("a: \x07", "yaml-syntax"),
        ("a: 'open", "yaml-syntax"),
        ("\ta: b", "yaml-syntax"),
        ("a: !!binary abc", "yaml-tag"),
        ("a: !ruby/object:A {}", "yaml-tag"),
        ("--- a\n--- b", "several-documents"),
        ("---", "empty-file"),
        ("text", "not-a-mapping"),
        ("a: " + "[" * 5000, "too-deep"),
    ],
)
def test_what_is_no_plain_mapping_is_refused(text: str, check: str) -> None:
    """Broken YAML, tags, loops and depth end in one problem, never in another exception."""
    with pytest.raises(Refusal) as caught:
        read_yaml(text, "f")
    assert caught.value.problem.check == check
    assert caught.value.problem.line <= text.count("\n") + 1


def test_every_place_has_its_line() -> None:
    """A key, an item and what does not exist are placed where a reader would look."""
    node, _ = read_yaml("a:\n  b:\n    - x\n    - {c: 1,\n       d: 2}\ne: 3\n", "f")
    assert place(node, ("a", "b", 1, "d")) == ("f", 5)
    assert place(node, ("a", "b", 0)) == ("f", 3)
    assert place(node, ("a", "b", 1, "missing")) == ("f", 4)
    assert place(node, ("e",)) == ("f", 6)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever a file holds, it is a mapping or a problem."""
    try:
        node, _ = read_yaml(decode(content, "f"), "f")
    except Refusal as refused:
        assert refused.problem.check  # noqa: PT017  the other outcome is right too
    else:
        assert isinstance(plain(node), dict)
