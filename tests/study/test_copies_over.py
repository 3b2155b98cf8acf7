"""When all copies of a point are over, on average: by hand."""

from __future__ import annotations

import pytest

from drsim.study.costs.courses import _last


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ([], 10.0),
        # made in half of the cases, and then it ends ten later
        ([(20.0, 0.5)], 15.0),
        # what ends before those that have to be made never counts
        ([(5.0, 1.0)], 10.0),
        # the later of two wherever it is made, else the other: 0.5 * 40 + 0.5 * 0.5 * 20 + 0.25 * 10
        ([(20.0, 0.5), (40.0, 0.5)], 27.5),
    ],
)
def test_the_last_of_several_copies(over: list[tuple[float, float]], expected: float) -> None:
    """One that fails is over at once."""
    assert _last(10.0, over) == expected
