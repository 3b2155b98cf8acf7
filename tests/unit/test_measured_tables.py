"""Published measurements as tables, pictures and records: each stands where it was measured, over its own law."""

from __future__ import annotations

import json

import pytest

from drsim.catalogue import load_catalogue
from drsim.cli import main
from drsim.report import measurements
from drsim.report.vega.distributions import measured_chart, measured_rows
from drsim.study.bands import Band, bands

MEASURED = load_catalogue().measurements
ALL = bands(MEASURED.all)
KINDS = sorted({(band.measurement.of, band.measurement.kind) for band in ALL})


def of(name: str, kind: str) -> list[Band]:
    """Return the measurements of a type of one kind."""
    return [band for band in measurements.measured(name) if band.measurement.kind == kind]


@pytest.mark.parametrize("band", ALL, ids=lambda band: band.measurement.key)
def test_a_picture_marks_the_measured_value_once(band: Band) -> None:
    """The line has the width asked for, and one mark: filled inside the band, empty outside."""
    line = measurements.picture(band, 30)
    assert len(line) == 30
    mark, other = (measurements.INSIDE, measurements.OUTSIDE)[:: 1 if band.is_inside else -1]
    assert line.count(mark) == 1
    assert other not in line


@pytest.mark.parametrize(("name", "kind"), KINDS, ids=lambda part: part)
def test_what_shares_a_curve_shares_its_law(name: str, kind: str) -> None:
    """Measurements drawn over one curve are held against the very same distribution."""
    for what, rows in measurements.by_what(of(name, kind)).items():
        assert {band.law.quantile(0.3) for band in rows} == {rows[0].law.quantile(0.3)}, what


@pytest.mark.parametrize(("name", "kind"), KINDS, ids=lambda part: part)
def test_charts_have_a_mark_for_each_measurement(name: str, kind: str) -> None:
    """Each measurement is a mark in the row of its curve, at its value, with what was measured and by whom."""
    rows = of(name, kind)
    groups = measurements.by_what(rows)
    frame = measured_rows({what: bands[0].law for what, bands in groups.items()}, groups)
    assert sorted(frame["value"]) == sorted(band.measurement.middle for band in rows)
    assert set(frame["name"]) == set(groups)
    assert (frame["mark"] == "outside").sum() == sum(not band.is_inside for band in rows)
    assert all(frame["conditions"].str.len() > 10)
    assert all(band.measurement.publication.title in json.dumps(measured_chart(rows).to_dict()) for band in rows[:1])


def test_values_are_written_as_they_were_measured() -> None:
    """One value, two ends or a bound."""
    words = {measurements.value(band.measurement).split()[0] for band in ALL if band.measurement.is_bound}
    assert words <= {"above", "below"}
    ranges = [b for b in ALL if not b.measurement.is_bound and b.measurement.low < b.measurement.high]
    assert ranges
    assert all(" to " in measurements.value(band.measurement) for band in ranges)


def test_a_type_prints_its_measurements(capsys: pytest.CaptureFixture[str]) -> None:
    """`drsim catalogue TYPE` shows them as a table and, in JSON, as data with the link."""
    assert main(["catalogue", "EBS"]) == 0
    text = capsys.readouterr().out
    rows = measurements.measured("EBS")
    assert "EBS: published measurements" in text
    assert f"of {sum(not band.measurement.is_bound for band in rows)} measured values lie inside" in text
    assert main(["catalogue", "EBS", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)["measurements"]
    assert [record["key"] for record in data] == [band.measurement.key for band in rows]
    assert all(record["source"]["url"].startswith("https://") for record in data)
    assert all((record["p5"] <= record["p95"]) for record in data)


def test_a_type_that_nobody_measured_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing was measured there is no empty table."""
    name = next(name for name in load_catalogue().types if not MEASURED.of(name))
    assert main(["catalogue", name]) == 0
    assert "published measurements" not in capsys.readouterr().out


def test_all_measurements_are_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list measurements` has every one, in text and as data; a basis is of values, not of these."""
    assert main(["catalogue", "--list", "measurements"]) == 0
    # lines break where the terminal is narrow
    assert measurements.summary(ALL).partition(";")[0] in " ".join(capsys.readouterr().out.split())
    assert main(["catalogue", "--list", "measurements", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["measurements"] if isinstance(data, dict) else data) == len(ALL)
    assert main(["catalogue", "--list", "measurements", "--basis", "estimated"]) == 2
    assert "--basis" in capsys.readouterr().err
