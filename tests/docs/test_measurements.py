"""Published measurements: enough of them, most of them usual by the catalogue, and a page that says so."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from benchmarks import measurements as pages
from drsim.catalogue import MovedBand, load_catalogue
from drsim.report import measurements
from drsim.report.measurement_charts import measurement_chart, rows_of
from drsim.study.bands import bands

MEASUREMENTS = load_catalogue().measurements
BANDS = bands(MEASUREMENTS.all)


def test_most_measurements_are_what_is_drawn() -> None:
    """Of at least 60 measured values 85 % and more lie inside their bands, and so do all measurements with bounds."""
    for cells in measurements.table(BANDS, "", of=True).rows:
        print(" | ".join(cells[:7]))  # noqa: T201 - the table is what the test is for
    print(measurements.summary(BANDS))  # noqa: T201
    values = [band for band in BANDS if not band.measurement.is_bound]
    for rows in (values, BANDS):
        n, inside = measurements.counts(rows)
        assert n >= 60
        assert inside >= 0.85 * n, [band.measurement.key for band in rows if not band.is_inside]


def test_no_one_publication_makes_the_share() -> None:
    """Without the measurements of any one publisher 80 % and more lie inside."""
    publishers = {band.measurement.publication.publisher for band in BANDS}
    assert len(publishers) >= 20
    for publisher in publishers:
        n, inside = measurements.counts([b for b in BANDS if b.measurement.publication.publisher != publisher])
        assert inside >= 0.8 * n, publisher


def test_measurements_are_of_many_types() -> None:
    """At least 15 types and both kinds of outages have measurements."""
    assert len({m.of for m in MEASUREMENTS.all if not m.is_of_disruption}) >= 15
    assert {m.of for m in MEASUREMENTS.all if m.is_of_disruption} == {"region-outage", "zone-outage"}


def test_the_page_is_that_of_the_catalogue() -> None:
    """The page is written from the catalogue as it is; `python -m benchmarks.measurements` writes it anew."""
    assert pages.PAGE.read_text(encoding="utf-8") == pages.page()
    assert pages.PICTURE.stat().st_size > 10_000


def test_the_page_shows_every_measurement_with_its_link() -> None:
    """No measurement and no publication is left out."""
    text = pages.page()
    assert sum(line.count("](https://") for line in text.splitlines() if line.startswith("| ")) == len(BANDS)
    assert all(m.publication.url in text for m in MEASUREMENTS.all)


@pytest.mark.parametrize("moved", MEASUREMENTS.moved, ids=lambda moved: f"{moved.types[0]} {moved.parameter}")
def test_a_moved_distribution_is_another_one_now(moved: MovedBand) -> None:
    """It differs from what it was, is one and the same in its types, and measurements of these types moved it."""
    catalogue = load_catalogue()
    now = {dict(catalogue.types[name].leaves())[moved.parameter].written for name in moved.types}
    assert len(now) == 1
    assert now != {moved.before}
    of = {m.key: m.of for m in MEASUREMENTS.all}
    assert {of[key] for key in moved.because} <= set(moved.types)


def test_the_chart_has_a_mark_for_each_measurement() -> None:
    """Each is drawn once, in a row of what it measured, in the colour of inside or outside."""
    chart = measurement_chart(BANDS)
    assert isinstance(chart, Figure)
    marks = [line for axes in chart.axes for line in axes.lines if line.get_marker() in ("o", "d")]
    assert len(marks) == len(BANDS)
    outside = [line for line in marks if line.get_color() == "#D55E00"]
    assert len(outside) == sum(not band.is_inside for band in BANDS)
    names = [label.get_text() for axes in chart.axes for label in axes.get_yticklabels()]
    assert names == list(rows_of(BANDS))
