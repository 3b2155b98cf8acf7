"""The page of what changed in the facts says what the catalogue says."""

from __future__ import annotations

import pytest

from benchmarks import facts
from drsim.catalogue import BASES

FACTS = facts.read_facts()
VALUES = facts.values_by_place()


def test_the_page_is_that_of_its_data() -> None:
    """The page is written from the rows and the catalogue as they are; `python -m benchmarks.facts` writes it anew."""
    assert facts.PAGE.read_text(encoding="utf-8") == facts.page()


def test_rows_are_numbered_without_a_gap() -> None:
    """There are forty rows, each once."""
    assert [fact.row for fact in FACTS] == list(range(1, 41))


@pytest.mark.parametrize("fact", FACTS, ids=[str(fact.row) for fact in FACTS])
def test_a_row_says_what_the_catalogue_says(fact: facts.Fact) -> None:
    """Each place is one of the catalogue; value, basis and sources of what is settled are the catalogue's own."""
    assert fact.outcome in facts.OUTCOMES
    assert set(fact.sources) <= set(facts.sources_by_key())
    for place, written in fact.values.items():
        assert place in VALUES
        if written is not None:
            assert written == VALUES[place].written
            assert fact.basis == VALUES[place].basis
            assert set(fact.sources) <= set(VALUES[place].source)


@pytest.mark.parametrize("fact", FACTS, ids=[str(fact.row) for fact in FACTS])
def test_a_settled_row_is_whole(fact: facts.Fact) -> None:
    """What is taken has a basis, and a source or the reasoning; what is taken otherwise, or not found, says why."""
    if fact.outcome == "taken":
        assert fact.basis in BASES or not any(fact.values.values())
        assert fact.sources or fact.note
    if fact.outcome in ("otherwise", "not-found"):
        assert fact.note
