"""What anybody may write into an address, without a browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.visits import opened, shown

GARBAGE = {
    "scenario=mine&file=x.yaml&text=eNqFVF2v0zgQ": "holds no scenario that can be read",
    f"scenario=mine&text={'A' * 300_000}": "holds no scenario that can be read",
    "scenario=nobody&drills=20": "asks for a scenario that is not here",
    "scenario=periodic&drills=abc&disruption=nobody&subject=**bold**&percentile=p1": "where a number is wanted",
    "scenario=periodic&drills=-5&strategy=%F0%9F%8F%AA": "",
}


def answer(page: str, address: str) -> AppTest:
    """Return a page as it opens at an address, which nothing has gone wrong with."""
    app = opened(page, **dict(parse_qsl(address)))
    assert not app.exception
    return app


@pytest.mark.parametrize("address", GARBAGE, ids=lambda address: address[:40])
def test_what_cannot_be_read_in_an_address_is_told(address: str) -> None:
    """What cannot be read in an address is said or left out; the page works all the same."""
    text = shown(answer("", address)).replace("\\", "")
    assert GARBAGE[address] in text
    if "mine" in address:
        assert "Upload a scenario at the left" in text
    else:
        assert re.search("drsim run (web-shop|periodic) --drills ", text)


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("what-if", f"drills=60&strategy={'s' * 9000}&changes={'%5B' * 9000}"),
        ("incident", "drills=60&incident-percentile=1e400&incident-drill=NaN&incident-by=%00"),
        ("sensitivity", f"scenario=periodic&drills=20&sensitivity-order={'s' * 9000}&subject=%00"),
        ("catalogue", "catalogue-type=%00&catalogue-date=9999999-99-99&catalogue-section=**x**"),
    ],
)
def test_an_address_of_any_page_may_hold_anything(page: str, address: str) -> None:
    """Each page opens, whatever its address says."""
    assert any(str(code.value).startswith("drsim ") for code in answer(page, address).code)
