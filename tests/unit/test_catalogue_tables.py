"""The catalogue as tables: nothing is left out, every value says how it is known, curves are where they should be."""

from __future__ import annotations

import json
import math
from datetime import date

import numpy as np
import pytest

from drsim.catalogue import BASES, PARAMETERS, SEED_ERRORS, load_catalogue
from drsim.cli import main
from drsim.distributions import Constant, Distribution, Lognormal, Uniform
from drsim.report import capability_tables, price_tables
from drsim.report import catalogue_curves as curves
from drsim.report import catalogue_tables as tables
from drsim.report import catalogue_words as in_words
from drsim.report.vega.distributions import curve_rows, distribution_chart, mark_rows

TYPES = list(load_catalogue().types)


def test_capabilities_have_marks_and_words() -> None:
    """A cell reads the same without its mark, and without its word."""
    table = capability_tables.capabilities(date(2023, 3, 1), words=True)
    cells = {cell for row in table.rows for cell in row[1:]}
    assert cells <= {"✓ yes", "– no", "? unknown"}
    assert {"✓ yes", "– no"} <= cells
    assert any("AWS's own table of these days is wrong" in note for note in table.notes)
    assert not any("is wrong" in note for note in capability_tables.capabilities(date(2026, 1, 1)).notes)


def test_capabilities_follow_the_day() -> None:
    """A type has a row from the day on which AWS began to support it."""
    before, after = (capability_tables.capabilities(date.fromisoformat(day)) for day in ("2023-01-23", "2026-06-01"))
    names = [{row[0] for row in table.rows} for table in (before, after)]
    assert names[0] < names[1]
    assert "SAP HANA on EC2" in names[1] - names[0]


def test_errors_of_the_old_table_are_all_shown() -> None:
    """Every known error has a row with the evidence."""
    table = capability_tables.errors_table()
    assert len(table.rows) == len(SEED_ERRORS)
    assert all(len(row[-1]) > 20 for row in table.rows)


def test_capabilities_of_a_type_say_since_when_and_who_says_so() -> None:
    """A capability that came has its day and its source."""
    found = load_catalogue().types["RDS"]
    rows = {row[0]: row for row in capability_tables.able_table(found, date(2026, 1, 1)).printed().rows}
    once = in_words.CAPABILITIES["single-action-copy"]
    assert rows[once][1:4] == ("✓ yes", "2025-10-23", "documented")
    assert "ab-history" in rows[once][4]
    earlier = {row[0]: row for row in capability_tables.able_table(found, date(2024, 1, 1)).printed().rows}
    assert earlier[once][1:3] == ("– no", "before 2023")


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
    assert set(frame["of"]) == {*TYPES, "all types", "disruptions", "rules", "quotas", "regions", "others"}
    estimated = tables.all_values(["estimated"])
    assert 0 < len(estimated) < len(frame)
    assert set(estimated["basis"]) == {"estimated"}
    sourced = frame[frame["source"] != ""]
    assert (sourced["where from"].str.len() > 10).all()


def test_sources_are_shown_in_full() -> None:
    """A source has title, publisher, edition and address."""
    table = tables.sources_of(["ab-rds", "ab-rds", "ab-history"])
    rows = table.rows
    where = next(i for i, column in enumerate(table.columns) if column.link)
    assert rows[0][where] == "https://docs.aws.amazon.com/aws-backup/latest/devguide/rds-backup.html"
    assert [row[-1] for row in rows] == ["ab-rds", "ab-history"]
    assert rows[0][:2] == ("AWS Backup Developer Guide: Amazon RDS backups", "AWS")
    assert all(all(cell for cell in row) for row in rows)


def test_disruptions_and_quotas_are_all_there() -> None:
    """Each kind and each quota has its rows; none is lost by the form."""
    kinds = load_catalogue().disruptions
    table = tables.disruptions_table().printed()
    assert len(table.rows) == sum(len(list(kind.leaves())) for kind in kinds.values())
    assert [row[0] for row in table.rows if row[0]] == list(kinds)
    plain = tables.rows_of(table)
    assert {row["kind"] for row in plain} == set(kinds)
    said = [row["value of"] for row in plain if row["kind"] == "region-outage"]
    assert {"rate per Region", "rate per Region in us-east-1", "launches have to wait for the end"} <= set(said)
    assert "rate per service of a Region" in [row["value of"] for row in plain if row["kind"] == "service-outage"]
    quotas = load_catalogue().quotas
    assert len(tables.quotas_table().rows) == sum(len(each) for each in quotas.values())


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        ("resource-loss", "resource (each member)"),
        ("corruption", "application"),
        ("ransomware", "account"),
        ("zone-outage", "zone in us-east-1"),
        ("service-outage", "service of a Region"),
        ("region-loss", "Region"),
    ],
)
def test_pages_say_what_a_rate_counts(kind: str, unit: str) -> None:
    """A rate stands with its unit, in the table of disruptions and among all values."""
    rows = tables.rows_of(tables.disruptions_table(words=True).printed())
    assert f"events a year per {unit} (rate)" in [row["value of"] for row in rows if row["kind"] == kind]
    assert f"{kind}: events a year per {unit} (rate)" in list(tables.values_in_words()["what"])


def test_prices_are_those_that_studies_use() -> None:
    """Each row is what the price list finds for its item, subject and Region; unknown prices have no number."""
    frame, found = price_tables.prices(), load_catalogue().prices()
    single = frame[~frame["Region"].str.contains(">") & (frame["Region"] != "all")]
    assert len(single) > 100
    for row in single.to_dict("records"):
        price = found.find(row["item"], row["for"], row["Region"])
        assert (price.value is None and math.isnan(row["USD"])) or price.value == row["USD"], row
    assert "as EBS" in set(frame.loc[frame["for"] == "EC2", "note"])
    assert set(price_tables.prices(["unknown"])["basis"]) <= {"unknown"}
    assert any("us-west-2 takes the prices of us-east-1" in line for line in price_tables.mirrors())
    assert "eu-central-1 1.1" in price_tables.estimates()
    assert price_tables.estimates().startswith("A price that is known in no other way is estimated: that of us-east-1")


@pytest.mark.parametrize("name", TYPES)
def test_distributions_of_a_type_are_drawn(name: str) -> None:
    """Every uncertain time and throughput of a type has a curve or a mark."""
    found = load_catalogue().types[name]
    drawn = curves.distributions_of(found)
    wanted = {
        in_words.parameter(p, key=False)
        for p, leaf in found.parameters.items()
        if PARAMETERS[p] in curves.KINDS and isinstance(leaf.value, Distribution)
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
        ("prices", len(price_tables.prices(["estimated"]))),
        ("disruptions", len(tables.disruptions_table(["estimated"]).rows)),
        ("quotas", len(tables.quotas_table(["estimated"]).rows)),
    ):
        assert main(["catalogue", "--list", what, "--basis", "estimated", "--format", "json"]) == 0
        assert len(json.loads(capsys.readouterr().out)[what]) == number
    assert main(["catalogue", "EFS", "--basis", "estimated", "--format", "json"]) == 0
    assert {value["basis"] for value in json.loads(capsys.readouterr().out)["values"]} == {"estimated"}
    assert main(["catalogue", "EFS"]) == 0
    assert "efs-backup: Amazon EFS User Guide: Using AWS Backup" in (printed := capsys.readouterr().out)
    assert "https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html" in printed
    assert main(["catalogue", "--list", "disruptions"]) == 0
    assert "region-outage" in capsys.readouterr().out


def test_commands_refuse_what_makes_no_sense(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown basis is named with those there are; a list takes no type."""
    assert main(["catalogue", "EFS", "--basis", "guessed"]) == 2
    assert "documented" in capsys.readouterr().err
    assert main(["catalogue", "EFS", "--list", "prices"]) == 2
    assert main(["catalogue", "--basis", "estimated"]) == 2


def test_compact_tables_lose_nothing() -> None:
    """Note and sources share a column, the sources by their titles; every word of the notes is still there."""
    wide = tables.type_table(load_catalogue().types["RDS"])
    narrow = wide.compact()
    assert [column.title for column in narrow.columns] == ["value of", "value", "basis", "note and source"]
    known = load_catalogue().sources
    for before, after in zip(wide.rows, narrow.rows, strict=True):
        assert after[:3] == before.cells
        assert in_words.plain(before.note) in after[3]
        assert all(known[key].title in after[3] for key in before.source)
    assert ("cross-Region read replica: lag", "{median: 5 s, p95: 2 min, max: 45 min}") in [r[:2] for r in narrow.rows]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{median: 5 min, p95: 20 min}", "median 5 min; 95 % below 20 min"),
        (
            "{median: 100 MB/s, p5: 30 MB/s, min: 10 MB/s, max: 524 MB/s}",
            "median 100 MB/s; 95 % above 30 MB/s; never below 10 MB/s; never above 524 MB/s",
        ),
        ("{uniform: [1 h, 5 h]}", "between 1 h and 5 h, all alike"),
        ("{exponential: 6 h}", "6 h on average (exponential)"),
        ("{triangular: [12 h, 30 h, 72 h]}", "between 12 h and 72 h, most likely 30 h"),
        ("{weibull: {scale: 2 h, shape: 1.5}}", "Weibull of scale 2 h and shape 1.5"),
        ("{empirical: [1 h, 2 h]}", "observed: 1 h, 2 h"),
        ("{p: 1 %, lasts: {exponential: 2 d}}", "1 % of all, in spells that last 2 d on average (exponential)"),
        ("5 %", "5 %"),
        ("usable when `available`, near `max`", "usable when “available”, near the largest value"),
    ],
)
def test_values_in_words(written: str, words: str) -> None:
    """Each form of a distribution has its words."""
    assert in_words.value(written) == words


def test_no_form_of_files_is_left_on_pages() -> None:
    """All values, notes and names are in words, with the keys of scenarios in brackets; none is lost."""
    frame = tables.values_in_words()
    assert len(frame) == len(tables.all_values())
    for column in ("what", "value", "note", "source"):
        assert not frame[column].str.contains(r"[`{}]|0001-01-01|\.\*", regex=True).any(), column
    keys = {name for kind in load_catalogue().types.values() for name in (*kind.parameters, "change_rate")}
    text = "\n".join(frame["what"])
    assert all(f"({key})" in text for key in (*keys, "copy_jobs", "dwell", "backups_attacked"))
    for table in (
        tables.disruptions_table(words=True),
        tables.quotas_table(words=True),
        *(tables.type_table(kind, words=True) for kind in load_catalogue().types.values()),
    ):
        cells = [cell for row in table.compact().rows for cell in row]
        assert not [cell for cell in cells if any(mark in cell for mark in "`{}")]


def test_probabilities_of_disruptions_have_one_form() -> None:
    """Files may write a fraction or percent; pages show percent."""
    rows = [row for row in tables.disruptions_table(words=True).printed().rows if "probability" in row[2]]
    assert len(rows) == 8
    assert all(row[3].endswith(" %") for row in rows)
    assert {"0 %", "5 %", "60 %", "54 %"} <= {row[3] for row in rows}


def test_capabilities_say_how_they_are_known() -> None:
    """Every answer of the table has its basis and source: most by one document, the others by type."""
    table = capability_tables.known_table(date(2026, 11, 1))
    assert table.rows[0] == (
        "all but those below",
        "",
        "documented. Source: AWS Backup Developer Guide: Feature availability by resource (AWS).",
    )
    rows = {(row[0], name): row for row in table.rows[1:] for name in row[1].split(", ")}
    assert rows["Redshift", "copies across Regions"][2].startswith("derived. ")
    assert rows["CloudFormation", "copies across accounts"][2].startswith("derived. AWS contradicts itself")
    assert ("EC2", "audit") not in rows


def test_uncertain_times_of_disruptions_are_drawn() -> None:
    """Each uncertain dwell and each uncertain duration, by kind; what is always nothing is left out."""
    found = curves.disruption_times()
    assert set(found) == set(curves.DRAWN)
    assert set(found["dwell"]) == {"corruption", "ransomware"}
    assert set(found["duration"]) == {"zone-outage", "region-outage", "service-outage", "site-outage"}
    assert set(curves.disruption_times(["derived"])["dwell"]) == {"ransomware"}


def test_words_of_a_curve_lie_above_the_next_one() -> None:
    """The texts below a curve's marks end before the next curve begins, at its highest."""
    values = {name: Lognormal(600.0, 0.8) for name in "abc"}
    spec = distribution_chart(values, "duration").to_dict()
    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    distance = (spec["height"] - 124) / (low - high)
    words = next(layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "text")
    rows = curve_rows(values, "duration")
    gap = distance * float((1 - (rows["row"] - rows["y"])).min())
    assert words["dy"] + words["fontSize"] / 2 < gap - 4
