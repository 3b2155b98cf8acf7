"""The reference pages that are made of the catalogue say what it says."""

from __future__ import annotations

import re

import pytest

from benchmarks import reference
from drsim.catalogue import load_catalogue
from drsim.study.estimates import MOST_SAID


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_a_page_is_that_of_the_catalogue(name: str) -> None:
    """A page is what the catalogue makes of it; `python -m benchmarks.reference` writes it anew."""
    assert (reference.FOLDER / name).read_text(encoding="utf-8") == reference.PAGES[name]()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(reference.SLOW_PAGES))
def test_a_page_of_drills_is_that_of_the_scenarios(name: str) -> None:
    """A page of which scenarios are drilled is what they and the catalogue make of it."""
    assert (reference.FOLDER / name).read_text(encoding="utf-8") == reference.SLOW_PAGES[name]()


def test_every_shipped_scenario_has_its_estimates_that_matter() -> None:
    """The page of what moves results has a part for each scenario, with five estimates at most."""
    page = (reference.FOLDER / "what-moves-results.md").read_text(encoding="utf-8")
    names = [path.stem for path in sorted((reference.ROOT / "scenarios").glob("*.yaml"))]
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == names
    for part in page.split("\n## ")[1:]:
        assert len(re.findall(r"^\| ", part, re.MULTILINE)) <= 2 + MOST_SAID


def test_the_page_of_events_has_every_link() -> None:
    """Each event has a row with its link, and the picture has a lane for each Region."""
    page, picture = reference.events_page(), reference.PICTURE.read_text(encoding="utf-8")
    for event in load_catalogue().events.events:
        assert f"]({event.url})" in page
        assert event.region in picture
