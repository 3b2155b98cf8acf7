"""The catalogue as tables: nothing is left out, every value says how it is known, curves are where they should be."""

from __future__ import annotations

import json
import math
from datetime import date

import numpy as np
import pytest

from drsim.catalogue import BASES, PARAMETERS, SEED_ERRORS, load_catalogue
from drsim.catalogue.prices import load_prices
from drsim.cli import main
from drsim.distributions import Constant, Distribution, Lognormal, Uniform
from drsim.report import catalogue_tables as tables
from drsim.report.vega.distributions import curve_rows, distribution_chart, mark_rows

TYPES = list(load_catalogue().types)


def test_capabilities_have_marks_and_words() -> None:
    """A cell reads the same without its mark, and without its word."""
    table = tables.capabilities(date(2023, 3, 1), words=True)
    cells = {cell for row in table.rows for cell in row[1:]}
    assert cells <= {"✓ yes", "– no", "? unknown"}
    assert {"✓ yes", "– no"} <= cells
    assert any("AWS's own table of these days is wrong" in note for note in table.notes)
    assert not any("is wrong" in note for note in tables.capabilities(date(2026, 1, 1)).notes)


def test_capabilities_follow_the_day() -> None:
    """A type has a row from the day on which AWS began to support it."""
    before, after = (tables.capabilities(date.fromisoformat(day)) for day in ("2023-01-23", "2026-06-01"))
    names = [{row[0] for row in table.rows} for table in (before, after)]
    assert names[0] < names[1]
    assert "SAP HANA on EC2" in names[1] - names[0]


def test_errors_of_the_old_table_are_all_shown() -> None:
    """Every known error has a row with the evidence."""
    table = tables.errors_table()
    assert len(table.rows) == len(SEED_ERRORS)
    assert all(len(row[-1]) > 20 for row in table.rows)


def test_capabilities_of_a_type_say_since_when_and_who_says_so() -> None:
    """A capability that came has its day and its source."""
    found = load_catalogue().types["RDS"]
    rows = {row[0]: row for row in tables.able_table(found, date(2026, 1, 1)).rows}
    assert rows["single-action-copy"][1:4] == ("✓ yes", "2025-10-23", "documented")
    assert "ab-history" in rows["single-action-copy"][4]
    earlier = {row[0]: row for row in tables.able_table(found, date(2024, 1, 1)).rows}
    assert earlier["single-action-copy"][1:3] == ("– no", "before 2023")


@pytest.mark.parametrize("name", TYPES)
def test_values_of_a_type_are_all_there_by_any_filter(name: str) -> None:
    """The filters by basis share the values of a type out among them."""
    found = load_catalogue().types[name]
    every = tables.type_values(found)
    parts = [len(tables.type_table(found, [basis]).rows) for basis in BASES]
    assert sum(parts) == len(every) == len(tables.type_table(found).rows)
    assert all(value["source"] or (value["basis"] == "estimated" and value["note"]) for value in every)


def test_all_values_are_those_of_the_catalogue() -> None:
    """Every leaf of the catalogue has a row, with its source in words."""
    frame = tables.all_values()
    assert len(frame) == len(list(load_catalogue().leaves()))
    assert set(frame["of"]) == {*TYPES, "all types", "disruptions", "quotas"}
    estimated = tables.all_values(["estimated"])
    assert 0 < len(estimated) < len(frame)
    assert set(estimated["basis"]) == {"estimated"}
    sourced = frame[frame["source"] != ""]
    assert (sourced["where from"].str.len() > 10).all()


def test_sources_are_shown_in_full() -> None:
    """A source has title, publisher and edition."""
    rows = tables.sources_of(["ab-rds", "ab-rds", "ab-history"]).rows
    assert [row[0] for row in rows] == ["ab-history", "ab-rds"]
    assert all(all(cell for cell in row) for row in rows)


def test_disruptions_and_quotas_are_all_there() -> None:
    """Each kind and each quota has its rows; none is lost by the form."""
    kinds = load_catalogue().disruptions
    table = tables.disruptions_table()
    assert len(table.rows) == sum(len(list(kind.leaves())) for kind in kinds.values())
    assert [row[0] for row in table.rows if row[0]] == list(kinds)
    plain = tables.rows_of(table)
    assert {row["kind"] for row in plain} == set(kinds)
    said = [row["value of"] for row in plain if row["kind"] == "region-outage"]
    assert {"rate per region", "rate per region in us-east-1", "launches have to wait for the end"} <= set(said)
    quotas = load_catalogue().quotas
    assert len(tables.quotas_table().rows) == sum(len(each) for each in quotas.values())


def test_prices_are_those_that_studies_use() -> None:
    """Each row is what the price list finds for its item, subject and Region; unknown prices have no number."""
    frame, found = tables.prices(), load_prices()
    single = frame[~frame["Region"].str.contains(">") & (frame["Region"] != "all")]
    assert len(single) > 100
    for row in single.to_dict("records"):
        price = found.find(row["item"], row["for"], row["Region"])
        assert (price.value is None and math.isnan(row["USD"])) or price.value == row["USD"], row
    assert "as EBS" in set(frame.loc[frame["for"] == "EC2", "note"])
    assert set(tables.prices(["unknown"])["basis"]) <= {"unknown"}
    assert any("us-west-2 takes the prices of us-east-1" in line for line in tables.mirrors())


@pytest.mark.parametrize("name", TYPES)
def test_distributions_of_a_type_are_drawn(name: str) -> None:
    """Every uncertain time and throughput of a type has a curve or a mark."""
    found = load_catalogue().types[name]
    drawn = tables.distributions_of(found)
    wanted = {
        p.replace("_", " ")
        for p, leaf in found.parameters.items()
        if PARAMETERS[p] in tables.KINDS and isinstance(leaf.value, Distribution)
    }
    assert wanted <= {label for values in drawn.values() for label in values}
    for kind, values in drawn.items():
        spec = distribution_chart(values, kind).to_dict()
        assert json.dumps(list(values)) in json.dumps(spec, ensure_ascii=False).replace('\\"', '"')


def test_curve_peaks_where_the_density_does() -> None:
    """On a logarithmic axis a lognormal's density is highest at its median, and a constant has none."""
    rows = curve_rows({"a": Lognormal(600.0, 0.8), "b": Constant(60.0)}, "duration")
    assert set(rows["name"]) == {"a"}
    peak = rows.sort_values("y")["value"].iloc[0]
    assert peak == pytest.approx(600.0, rel=0.1)
    flat = curve_rows({"a": Uniform(3600.0, 7200.0)}, "duration")
    # its density over the logarithm grows with the value
    assert np.all(np.diff(flat["y"]) < 1e-12)


def test_marks_are_median_and_the_percentile_that_hurts() -> None:
    """Times are marked at p95, throughputs at p5; a constant has its one value."""
    times = mark_rows({"a": Uniform(0.0, 7200.0), "b": Constant(60.0)}, "duration")
    assert list(times["mark"]) == ["median", "p95", "median"]
    assert list(times["text"]) == ["1 h", "114 min", "1 min"]
    rates = mark_rows({"a": Uniform(0.0, 2e8)}, "rate")
    assert list(rates["text"]) == ["100 MB/s", "10 MB/s"]
    assert list(rates["is_lower"]) == [False, True]


def test_commands_list_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` and `--basis` print the same rows as the tables hold."""
    for what, number in (
        ("values", len(tables.all_values(["estimated"]))),
        ("prices", len(tables.prices(["estimated"]))),
        ("disruptions", len(tables.disruptions_table(["estimated"]).rows)),
        ("quotas", len(tables.quotas_table(["estimated"]).rows)),
    ):
        assert main(["catalogue", "--list", what, "--basis", "estimated", "--format", "json"]) == 0
        assert len(json.loads(capsys.readouterr().out)[what]) == number
    assert main(["catalogue", "EFS", "--basis", "estimated", "--format", "json"]) == 0
    assert {value["basis"] for value in json.loads(capsys.readouterr().out)["values"]} == {"estimated"}
    assert main(["catalogue", "--list", "disruptions"]) == 0
    assert "region-outage" in capsys.readouterr().out


def test_commands_refuse_what_makes_no_sense(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown basis is named with those there are; a list takes no type."""
    assert main(["catalogue", "EFS", "--basis", "guessed"]) == 2
    assert "documented" in capsys.readouterr().err
    assert main(["catalogue", "EFS", "--list", "prices"]) == 2
    assert main(["catalogue", "--basis", "estimated"]) == 2


def test_compact_tables_lose_nothing() -> None:
    """Source and note share a column; every word of both is still there."""
    wide = tables.type_table(load_catalogue().types["RDS"])
    narrow = tables.compact(wide)
    assert [column.title for column in narrow.columns] == ["value of", "value", "basis", "source: note"]
    for before, after in zip(wide.rows, narrow.rows, strict=True):
        assert after[:3] == before[:3]
        assert all(text in after[3] for text in before[3:])
    assert ("cross-Region read replica: lag", "{median: 5 s, p95: 2 min, max: 45 min}") in [r[:2] for r in narrow.rows]
