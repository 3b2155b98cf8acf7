"""Changes of a scenario's text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from drsim.scenario import check_text
from drsim.scenario.edit import Placement, Removal, Renaming, changed, edited, free_name, quick_text
from drsim.scenario.nodes import Plain, plain
from drsim.scenario.shipped import shipped_scenarios
from drsim.scenario.yaml_text import read_yaml
from tests.examples import examples

SHOP = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")


def said(text: str) -> Plain:
    """Return what a text says."""
    root, problems = read_yaml(text, "scenario")
    assert not problems
    return plain(root)


def test_no_change_leaves_every_character() -> None:
    """A text that already says what is wanted stays as it is, aligned by hand as it may be."""
    assert edited(SHOP, []) == SHOP
    assert edited(SHOP, [Placement(("seed",), 7), Removal(("sites", "moon"))]) == SHOP


def test_comments_order_and_units_stay() -> None:
    """Only the changed value differs; comments, the order of keys and hand-written units are kept."""
    text = edited(SHOP, [Placement(("response", "detect"), "5 min")])
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in SHOP.splitlines() if line.startswith("#")
    ]
    assert "size: 6 TB" in text
    assert "40e6" in text
    differing = [
        (a, b)
        for a, b in zip(SHOP.splitlines(), text.splitlines(), strict=True)
        if "".join(a.split()) != "".join(b.split())
    ]
    assert [b.strip() for _, b in differing] == ["detect: 5 min"]


def test_rename_stays_in_its_place() -> None:
    """A renamed key stands where the old one stood, with its comment."""
    text = "a:\n  one: 1  # first\n  two: 2\n"
    assert edited(text, [Renaming(("a", "one"), "uno")]) == "a:\n  uno: 1  # first\n  two: 2\n"


def test_remove_from_list_and_mapping() -> None:
    """What stands in a list or a mapping goes; a place that does not exist is no error."""
    text = "a: [1, 2, 3]\nb: {c: 1, d: 2}\n"
    found = edited(text, [Removal(("a", 1)), Removal(("b", "c")), Removal(("x", "y"))])
    assert said(found) == {"a": [1, 3], "b": {"d": 2}}


def test_one_place_is_changed_where_an_alias_means_two() -> None:
    """An alias stands for two places, and a change is for one."""
    text = "a: &x {k: 1}\nb: *x\n"
    assert said(edited(text, [Placement(("a", "k"), 2)])) == {"a": {"k": 2}, "b": {"k": 1}}


def test_given_data_stay() -> None:
    """A change makes other data."""
    data: dict[str, Plain] = {"a": {"b": [1]}}
    assert changed(data, [Placement(("a", "b", 1), 2), Placement(("c", "d"), 3)]) == {"a": {"b": [1, 2]}, "c": {"d": 3}}
    assert data == {"a": {"b": [1]}}


@pytest.mark.parametrize("path", shipped_scenarios().values(), ids=lambda path: path.stem)
def test_quick_text_says_the_same(path: Path) -> None:
    """Every shipped scenario reads the same from the quick text."""
    scenario, _, _ = check_text(path.read_bytes(), path.name, path.parent)
    assert scenario is not None
    assert scenario.written is not None
    again, errors, _ = check_text(quick_text(scenario.written), path.name)
    assert not errors
    assert again == scenario


_TEXTS = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_DATA = some.dictionaries(
    _TEXTS, some.one_of(_TEXTS, some.integers(-99, 99), some.booleans(), some.none(), some.lists(_TEXTS, max_size=2))
).filter(bool)


@examples(60)
@given(data=_DATA, key=_TEXTS, value=_TEXTS)
def test_any_text_survives(data: dict[str, Plain], key: str, value: str) -> None:
    """Whatever keys and values hold, a quick text and an edited one say it."""
    text = quick_text(data)
    assert said(text) == data
    assert said(edited(text, [Placement((key,), value)])) == {**data, key: value}


def test_free_name() -> None:
    """A taken name gets a number, within its length."""
    assert free_name("a", ["b"]) == "a"
    assert free_name("a", ["a", "a-2"]) == "a-3"
    assert free_name("x" * 60, ["x" * 50]) == "x" * 48 + "-2"
