"""Results as tables of text."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from drsim.report.comparison import comparison, dependency_table
from drsim.report.summary_words import percentile, plain_verdict, share, verdict_words
from drsim.report.tables import Cell, frame_table, to_json, verdict_of
from drsim.study.incidents import NotKept
from drsim.study.results import Result


def counts(recovered: int, unrecoverable: int = 0, unprotected: int = 0, unaffected: int = 0) -> dict[str, Any]:
    """Return a row of a summary with these counts and a downtime of two hours at p95."""
    drills = recovered + unrecoverable + unprotected + unaffected
    return {
        "drills": drills,
        "recovered": recovered,
        "unrecoverable": unrecoverable,
        "unprotected": unprotected,
        "unaffected": unaffected,
        "affected": drills - unaffected,
        "downtime_s_p95": 10_800.0,
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (counts(100), "3 h"),
        (counts(96, 4), "3 h"),  # rank 94.05 lies between the 95th and the 96th drill
        (counts(95, 5), "unrecoverable"),  # the 96th is lost already
        (counts(95, 0, 5), "unprotected"),
        (counts(90, 6, 4), "unrecoverable"),
        (counts(90, 5, 5), "unprotected"),
        (counts(0, 0, 0, 7) | {"verdict": "unaffected"}, "unaffected"),
        (counts(0, 0, 0, 7) | {"verdict": "undecided"}, "–"),  # it can be reached, and no drill did
        (counts(96, 4, 0, 900), "3 h"),
        (counts(20, 1), "3 h"),  # rank 19 of 21, exactly the 20th drill
        (counts(20) | {"downtime_s_p95": None}, "–"),  # such as the loss of what has no data
    ],
)
def test_percentile_is_the_word_at_its_rank(row: dict[str, Any], expected: str) -> None:
    """A percentile whose rank falls among drills without recovery is their state, else the time."""
    assert percentile(row, "downtime_s", "p95") == expected


@pytest.mark.parametrize(
    ("p", "low", "high", "expected"),
    [
        (0.0, 0.0, 0.00059, "below 0.059 %"),
        (1.0, 0.9994, 1.0, "above 99.940 %"),
        (0.982, 0.978, 0.986, "98.2 % (97.8–98.6)"),
        (None, None, None, "–"),
    ],
)
def test_what_was_never_seen_is_a_bound(p: float | None, low: float | None, high: float | None, expected: str) -> None:
    """A probability of zero hits is printed as a bound, never as 0 %."""
    assert share({"p_meets_rpo": p, "p_meets_rpo_lo": low, "p_meets_rpo_hi": high}, "p_meets_rpo") == expected


def judged(verdict: str, of: str = "shop", **cells: object) -> dict[str, Any]:
    """Return the cells that say what a verdict on the shop rests on."""
    row = {"subject": "shop", "verdict": verdict, "verdict_of": of, "drills_to_decide": 240.0, "attainment": 0.95}
    return row | {"breaches_per_year": 0.25} | cells


def test_verdicts_say_what_they_rest_on() -> None:
    """In how many drills all meet, how many it takes to decide, and whose verdict it is; a cell tells its verdict."""
    rows = {
        "met": judged("met"),
        "met in all 3,700 drills": judged("met", attainment=1.0, affected=3_700),
        "undecided (takes 240)": judged("undecided"),
        "undecided (takes over 1,000,000)": judged("undecided", drills_to_decide=None),
        "unprotected (shop.cache)": judged("unprotected", "shop.cache"),
        "unaffected": judged("unaffected"),
    }
    for words, row in rows.items():
        assert verdict_words(row) == words
        assert verdict_of(verdict_words(row)) == verdict_of(plain_verdict(row)) == row["verdict"]
    assert plain_verdict(judged("no-objective")) == "no objective"


def test_only_a_cell_tells_a_verdict() -> None:
    """A name that reads like a verdict tells none; a cell keeps its own in a copy."""
    assert verdict_of("met") == ""
    cell = copy.deepcopy(Cell("breached → met", "met"))
    assert (cell, verdict_of(cell)) == ("breached → met", "met")


def result(verdicts: tuple[str, str] = ("met", "breached")) -> Result:
    """Return a result of two strategies against one disruption."""
    nothing = dict.fromkeys(("p_meets_rpo", "p_meets_rto"), math.nan)
    chance = {"p_unrecoverable": 0.0, "p_unrecoverable_lo": 0.0, "p_unrecoverable_hi": 0.03}
    times = {f"{name}_s_{p}": 7_200.0 for name in ("data_loss", "downtime") for p in ("p50", "p95")}
    keys = {"disruption": "fire", "level": "application", "subject": "shop"}
    rows = [
        {"strategy": name, **keys, **counts(100), **times, **nothing, **chance, **judged(verdict)}
        for name, verdict in zip(("one", "two"), verdicts, strict=True)
    ]
    line = {"subject": "shop.db", "place": "main", "unit": "GiB-month", "quantity": 1.0, "basis": ""}
    costs = pd.DataFrame(
        [
            line | {"strategy": "one", "line": "storage-warm", "usd_per_month": 1234.5},
            {"strategy": "one", "line": "total", "usd_per_month": 1234.5, "basis": ""},
            line | {"strategy": "two", "line": "storage-warm", "usd_per_month": 10.0},
            line | {"strategy": "two", "line": "replication", "usd_per_month": math.nan},
            {"strategy": "two", "line": "total", "usd_per_month": 10.0, "basis": "without: replication"},
        ]
    )
    run = {"name": "Shop", "drills": 100, "seed": 7}
    return Result(NotKept(), pd.DataFrame(rows), pd.DataFrame(), costs, pd.DataFrame(), (), run)


def test_comparison_puts_strategies_side_by_side() -> None:
    """Each disruption and application is named once, with a row for every strategy and its cost."""
    table = comparison(result(), "my shop.yaml")
    assert [row[:3] for row in table.rows] == [("fire", "shop", "one"), ("", "", "two")]
    assert [row[-1] for row in table.rows] == ["1,234", "from 10 (1 of 2 lines priced)"]
    assert "100 drills" in table.title
    assert "seed 7" in table.title


def test_comparison_says_what_to_do_next() -> None:
    """The notes name unknown prices and the command that explains the worst verdict, ready to paste."""
    notes = comparison(result(), "my shop.yaml").notes
    assert "two: prices are unknown, without: replication" in notes
    lacks = "one lacks none more; two lacks that of replication of shop.db in main"
    assert f"Bills that lack the prices of different lines cannot be ranked: {lacks}." in notes
    assert any(note.endswith("drsim explain 'my shop.yaml' --strategy two --disruption fire") for note in notes)
    more = comparison(result(("undecided", "met")), "shop.yaml").notes[-1]
    assert more.endswith("drsim run shop.yaml --drills 240")


def test_drills_that_decide_count_those_that_reach_nothing() -> None:
    """Where a third of the drills reaches an application, three times as many are proposed."""
    found = result(("undecided", "met"))
    third = found.summary.assign(drills=300, unaffected=200)
    note = comparison(replace(found, summary=third), "shop.yaml").notes[-1]
    assert note.endswith("drsim run shop.yaml --drills 720")
    never = found.summary.assign(drills_to_decide=math.nan)
    note = comparison(replace(found, summary=never), "shop.yaml").notes[-1]
    assert note.endswith("drsim run shop.yaml --drills 1000")


def test_dependents_have_a_table_of_their_own() -> None:
    """It names what was struck; where nothing goes down with others there is none."""
    found = result()
    assert dependency_table(found) is None
    rows = found.summary.assign(struck="crm.db")
    table = dependency_table(replace(found, dependencies=rows))
    assert table is not None
    assert [column.title for column in table.columns[:4]] == ["disruption", "application", "struck", "strategy"]
    # strategies side by side, as in the comparison
    assert [row[:4] for row in table.rows] == [("fire", "shop", "crm.db", "one"), ("", "", "", "two")]
    assert dependency_table(replace(found, dependencies=rows), ["crm"]) is None


def test_json_has_null_where_there_is_no_value() -> None:
    """What has no value is null in JSON, which knows no NaN."""
    text = to_json(result())
    assert "NaN" not in text
    assert json.loads(text)["dependencies"] == []
    assert json.loads(text)["summary"][0]["p_meets_rpo"] is None


def test_frame_table_shows_times_in_the_unit_that_reads_best() -> None:
    """A column of seconds is shown in hours where they are many, and a missing value as a dash."""
    table = frame_table(pd.DataFrame({"strategy": ["a"], "downtime_s_mean": [10_800.0], "usd": [math.nan]}), "t")
    assert table.rows == (("a", "3 h", "–"),)
    assert [column.title for column in table.columns] == ["strategy", "downtime mean", "usd"]
