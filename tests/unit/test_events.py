"""Rates and lengths of outages are what the list of events gives, and a line more gives others."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from drsim.catalogue import load_catalogue, read_catalogue
from drsim.catalogue.events import NOTHING
from drsim.catalogue.fits import ALL, OTHERS, Fit, RateFit, exposures, fit, rounded
from drsim.cli import main
from drsim.errors import CatalogueError
from drsim.units import HOUR_S

LINE = (
    '  - {date: 2026-05-01, region: eu-west-2, counts: zone-outage, lasted: 5 h, basis: reported, why: "Ours.", '
    'failed: power, url: "https://example.org/ours"}\n'
)


def rate_of(found: Fit, kind: str, where: str) -> RateFit:
    """Return a rate of a fit."""
    return next(rate for rate in found.rates if (rate.kind, rate.where) == (kind, where))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder with a copy of the catalogue that drsim ships."""
    return Path(shutil.copytree(load_catalogue().root, tmp_path / "catalogue"))


def test_the_catalogue_holds_what_the_events_give() -> None:
    """Every rate of a kind with events is the fit's, to two digits, and so is how long it lasts."""
    catalogue = load_catalogue()
    found = fit(catalogue)
    for name in ("zone-outage", "region-outage", "region-loss"):
        kind = catalogue.disruptions[name]
        assert {rate.where for rate in found.rates if rate.kind == name and rate.held is not None} == set(kind.rates)
        for where, leaf in kind.rates.items():
            assert leaf.value == rate_of(found, name, where).fitted, (name, where)
    assert len(found.lengths) == 2
    for length in found.lengths:
        held = tuple(length.held.quantile(q) / HOUR_S for q in (0.5, 0.95))
        assert held == pytest.approx([rounded(s / HOUR_S) for s in (length.median_s, length.p95_s)])


def test_notes_say_what_the_fit_says() -> None:
    """The note of a rate names its events, its exposure and its interval."""
    catalogue = load_catalogue()
    for rate in fit(catalogue).rates:
        if rate.held is not None:
            note = catalogue.disruptions[rate.kind].rates[rate.where].note
            assert f"{rate.events} event" in note
            assert f"in {rate.exposure:.3g} " in note
            assert f"90 % interval {rate.low:.2g} to {rate.high:.2g}" in note


def test_regions_with_rates_of_their_own_are_those_that_the_list_tells_apart() -> None:
    """A Region has its own rate where chance hardly explains its events, and only there."""
    for rate in fit(load_catalogue()).rates:
        if rate.where not in (ALL, OTHERS):
            assert rate.apart is (rate.held is not None), rate.where


def test_exposure_runs_from_the_day_of_opening() -> None:
    """London opened on 13 December 2016 with three zones; other partitions and unknown openings do not count."""
    catalogue = load_catalogue()
    years = exposures(catalogue, catalogue.events, "region")
    days = (catalogue.events.until - date(2016, 12, 13)).days
    assert years["eu-west-2"] == pytest.approx(days / 365.25)
    assert exposures(catalogue, catalogue.events, "zone")["eu-west-2"] == pytest.approx(3 * days / 365.25)
    assert years["us-east-1"] == pytest.approx(15.5, abs=0.01)
    assert not {"cn-north-1", "us-gov-west-1", "sa-west-1"} & set(years)


def test_london_is_in_the_list_and_every_event_has_its_link() -> None:
    """The zone of 25 August 2020 counts; each event says where to read of it, and why it counts or does not."""
    events = load_catalogue().events.events
    london = [event for event in events if event.region == "eu-west-2"]
    assert [(event.date, event.counts) for event in london] == [(date(2020, 8, 25), "zone-outage")]
    assert all(event.url.startswith("http") and event.why for event in events)
    assert list(events) == sorted(events, key=lambda event: event.date)
    assert any(event.counts == NOTHING for event in events)


def test_a_line_more_changes_the_fit(copied: Path) -> None:
    """An event added to the file by one line counts, and only where it belongs."""
    before = fit(load_catalogue())
    file = copied / "events.yaml"
    file.write_text(file.read_text(encoding="utf-8") + LINE, encoding="utf-8")
    after = fit(read_catalogue(copied))
    old, new = (rate_of(found, "zone-outage", OTHERS) for found in (before, after))
    assert (new.events, new.exposure) == (old.events + 1, old.exposure)
    assert new.rate == pytest.approx(old.rate * new.events / old.events)
    assert new.fitted != old.fitted == new.held
    assert rate_of(after, "region-outage", OTHERS) == rate_of(before, "region-outage", OTHERS)
    assert after.lengths[0].events == before.lengths[0].events + 1


def test_events_of_a_users_own_count_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of more events is fitted together with the catalogue's; a later end adds years."""
    file = tmp_path / "ours.yaml"
    file.write_text(f"until: 2026-12-31\nevents:\n{LINE}", encoding="utf-8")
    assert main(["catalogue", "--fit", "events", "--format", "json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert main(["catalogue", "--fit", "events", "--events", str(file), "--format", "json"]) == 0
    after = json.loads(capsys.readouterr().out)
    assert len(after["events"]) == len(before["events"]) + 1
    known = load_catalogue()
    old, new = (
        rate_of(found, "zone-outage", "eu-west-2")
        for found in (fit(known), fit(known, known.read_events(file, known.events)))
    )
    assert new.events == old.events + 1
    assert new.exposure > old.exposure


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("region: eu-west-2", "region: eu-west-9", "events.0.region: there is no Region 'eu-west-9'"),
        ("counts: zone-outage", "counts: corruption", "events.0.counts: found 'corruption', it is one of"),
        ("date: 2026-05-01", "date: 2027-05-01", "events.0.date: 2027-05-01 is not from"),
        ("lasted: 5 h", "lasted: 0 h", "events.0.lasted: an event takes some time"),
        ("lasted: 5 h", "lasted: 5", "events.0.lasted"),
        ("https://", "see ", "events.0.url: found"),
        ("basis: reported", "basis: rumoured", "events.0.basis"),
    ],
)
def test_what_is_no_event_is_refused(
    was: str, now: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that breaks the grammar is refused with its place, by the catalogue and by the command."""
    file = tmp_path / "ours.yaml"
    assert was in LINE
    file.write_text(f"events:\n{LINE.replace(was, now)}", encoding="utf-8")
    known = load_catalogue()
    with pytest.raises(CatalogueError, match=re.escape(said)):
        known.read_events(file, known.events)
    assert main(["catalogue", "--fit", "events", "--events", str(file)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_events_are_listed_and_fitted_by_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """One command lists the events with their links, another what they say and what is held; neither takes the rest."""
    assert main(["catalogue", "--list", "events", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)["events"]
    assert len(listed) == len(load_catalogue().events.events) >= 30
    assert all(row["link"].startswith("http") for row in listed)
    assert main(["catalogue", "--fit", "events"]) == 0
    printed = capsys.readouterr().out
    for words in ("Region-years", "90 % interval", "95 % below", "all Regions"):
        assert words in printed
    for wrong in (
        ["--fit", "events", "EBS"],
        ["--fit", "events", "--list", "values"],
        ["--events", __file__],
        ["--fit", "events", "--events", "no-such.yaml"],
    ):
        assert main(["catalogue", *wrong]) == 2


def test_a_catalogue_needs_no_events() -> None:
    """A catalogue without a list has no events and no fit."""
    harbour = read_catalogue(Path(__file__).parent.parent / "data" / "catalogue")
    assert harbour.events.events == ()
    assert fit(harbour).rates == ()


FAULTS = """until: 2026-12-31
events:
  - {date: 2026-13-03, region: eu-west-9, counts: zone-outag, lasted: 5, basis: guessed, failed: power, why: "Ours."}
  - [1]
  - {date: 2026-11-03, region: eu-west-2, counts: nothing, basis: reported, failed: power, why: "Ours.", url: no, a: 1}
"""


def refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of what the command refuses of a file of events, without the folder."""
    file = tmp_path / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    assert main(["catalogue", "--fit", "events", "--events", str(file)]) == 2
    return capsys.readouterr().err.replace(f"{tmp_path}/", "").splitlines()


def test_all_faults_of_events_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault is told with its file, its line and what to write, and none hides another."""
    lines = refused(FAULTS, tmp_path, capsys)
    heads = [line for line in lines if line.startswith("ours.yaml:")]
    places = {re.match(r"ours\.yaml:(\d): ([a-z0-9.]+): ", head).groups() for head in heads}  # type: ignore[union-attr]
    keys = {f"events.0.{key}" for key in ("date", "region", "counts", "lasted", "basis", "url")}
    assert places == {*(("3", key) for key in keys), ("4", "events.1"), ("5", "events.2.url"), ("5", "events.2")}
    assert len(heads) == 9
    assert all(lines[lines.index(head) + 1].startswith("    ") for head in heads)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("until: 2026-02-30", "until: found '2026-02-30', a date"),
        ("until: 2010-02-20", "until: 2010-02-20 lies before 2011-01-01"),
        ("until: 2020-02-20", "until: 2020-02-20 lies before 2026-06-30"),
        ("from: 2020-02-20", "from: 2020-02-20 lies after 2011-01-01"),
        ("until: [", "while parsing a flow"),
    ],
)
def test_a_span_that_cannot_be_is_refused(
    head: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day that does not exist, or a span that would be dropped beside the catalogue's own, is refused at its line."""
    lines = refused(f"{head}\nevents: []\n", tmp_path, capsys)
    assert re.match(rf"ours\.yaml:[123]: {re.escape(said)}", lines[0])
    assert lines[1].startswith("    ")
