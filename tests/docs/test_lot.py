"""Values drawn by lot are the same each time, and carry where they can be looked up."""

from __future__ import annotations

import pytest

from benchmarks import facts, lot


def test_the_same_seed_draws_the_same_values() -> None:
    """A lot is of its seed alone, without the same value twice."""
    drawn = lot.draw(60, 14)
    assert drawn == lot.draw(60, 14) != lot.draw(60, 15)
    assert len({place for place, _ in drawn}) == 60


def test_a_lot_says_where_its_values_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    """Each value is printed with its basis and the addresses of its sources."""
    assert lot.main(["5", "3"]) == 0
    printed = capsys.readouterr().out
    for place, value in lot.draw(5, 3):
        assert place in printed
        assert value.basis in printed
        assert all(source.where in printed for key, source in facts.sources_by_key().items() if key in value.source)
