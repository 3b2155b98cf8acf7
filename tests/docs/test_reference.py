"""The reference pages that are made of the catalogue say what it says."""

from __future__ import annotations

import pytest

from benchmarks import reference
from drsim.catalogue import load_catalogue


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_a_page_is_that_of_the_catalogue(name: str) -> None:
    """A page is what the catalogue makes of it; `python -m benchmarks.reference` writes it anew."""
    assert (reference.FOLDER / name).read_text(encoding="utf-8") == reference.PAGES[name]()


def test_the_page_of_events_has_every_link() -> None:
    """Each event has a row with its link, and the picture has a lane for each Region."""
    page, picture = reference.events_page(), reference.PICTURE.read_text(encoding="utf-8")
    for event in load_catalogue().events.events:
        assert f"]({event.url})" in page
        assert event.region in picture
