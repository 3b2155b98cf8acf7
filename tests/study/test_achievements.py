"""What an incident tells of bytes and full performance: is it the log's, and held against the right objective?"""

from __future__ import annotations

from pathlib import Path

import pytest

from drsim.cli import main
from drsim.engine import run_vectorised
from drsim.report.achievements import achieved_lines, achieved_table
from drsim.report.story import story, tell
from drsim.report.timeline import timeline
from drsim.report.timeline.tables import rescues_table
from drsim.report.vega.recovery import recovery_chart, span_s
from drsim.report.vega.style import to_svg
from drsim.scenario import read_scenario
from drsim.study import achievements as module
from drsim.study.achievements import Achievement, achievements
from drsim.study.bench import Bench
from drsim.study.explain import Incident, investigate
from drsim.study.measures import DOWNTIME, FULL_PERFORMANCE, LOSS, LOSS_BYTES, MEASURES, Measure, measure_of, wanted

GB = 1e9
HOUR = 3600.0
DRILLS = 20
USUAL = "{rpo: 12 h, rto: 4 h}"
TEXT = """
name: a database and what requires it
start: 2026-01-01
drills: 20
seed: 5
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  web:
    site: home
    requires: [shop]
    objectives: {rto_full: 1 h}
    resources: {server: {type: EC2, size: 1 GB, stateless: true}}
  shop:
    site: home
    objectives: OBJECTIVES
    resources: {db: {type: RDS, size: 100 GB, change_rate: 75 %/day}}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {delete_after: 35 d}}]}
strategies: {daily: {backup: daily}}
disruptions:
  lost: {kind: resource-loss, target: shop.db}
  attack: {kind: ransomware, dwell: 0 min, backups_attacked: 0}
"""
BOTH = "{rpo: {time: 12 h, size: 5 GB}, rto_full: 14 h}"


def bench(objectives: str = BOTH) -> Bench:
    """Return the bench of the scenario with objectives of the shop."""
    return Bench(read_scenario(TEXT.replace("OBJECTIVES", objectives)), strategies=["daily"])


@pytest.mark.parametrize("disruption", ["lost", "attack"])
def test_figures_are_those_of_the_log(disruption: str) -> None:
    """Of what is struck and of what is down because of others: every measure is the other clock's."""
    benched = bench()
    world = benched.world("daily")
    log = run_vectorised(world, disruption, 0, DRILLS)
    rows = log[(log["level"] == "application") & (log["state"] == "recovered")]
    assert set(rows["subject"]) == {"shop", "web"}
    for row in rows.iloc[::7].to_dict("records"):
        incident = investigate(benched, disruption, int(row["drill"]), "shop", drills=DRILLS)
        a = [app.name for app in world.applications].index(str(row["subject"]))
        for measure in MEASURES:
            expected = 0.0 if row[measure.column] != row[measure.column] else row[measure.column]
            assert incident.figures(a)[measure.column] == pytest.approx(expected, rel=1e-9, abs=1e-5)


def test_each_measure_stands_beside_its_own_objective() -> None:
    """A time of the RPO judges the time and a size the bytes; what is equal to its limit meets it."""
    objectives = bench().scenario.applications["shop"].objectives.under("lost")
    figures = {"data_loss_s": 12 * HOUR, "data_loss_bytes": 6 * GB, "downtime_s": HOUR, "full_performance_s": 15 * HOUR}
    achieved = achievements(figures, objectives)
    assert [x.measure for x in achieved] == [LOSS, DOWNTIME, LOSS_BYTES, FULL_PERFORMANCE]
    assert [x.is_met for x in achieved] == [True, None, False, False]
    assert [line.split("  ")[-1].strip() for line in achieved_lines(achieved)][1:] == [
        "met",
        "no objective",
        "missed",
        "missed",
    ]
    table = achieved_table(achieved)
    assert table is not None
    assert table.rows[2] == ("data loss in bytes", "6 GB", "RPO 5 GB", "missed")
    assert achievements({}, objectives) == ()


def test_without_such_objectives_nothing_is_added() -> None:
    """An RPO that is a time and an RTO say no more than the story did; they are not listed."""
    assert achieved_table([Achievement(LOSS, 1.0, 2.0), Achievement(DOWNTIME, 1.0, None)]) is None
    app = bench(USUAL).scenario.applications["shop"]
    assert wanted([app.objectives]) == (LOSS, DOWNTIME)
    text = tell(bench(USUAL), "lost", 3)
    shop = text[text.index("Application shop") : text.index("Application web")]
    assert "Against the objectives" not in shop


def test_the_command_line_tells_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`drsim explain` names bytes and full performance with their objectives, of dependents too."""
    path = tmp_path / "x.yaml"
    path.write_text(TEXT.replace("OBJECTIVES", BOTH), encoding="utf-8")
    assert main(["explain", str(path), "--disruption", "lost", "--drill", "15"]) == 0
    out = capsys.readouterr().out
    for words in (
        r" GB  data loss in bytes",
        "RPO 5 GB",
        "time to full performance  RTO (full) 14 h",
        "RTO (full) 1 h",
    ):
        assert words in out
    assert out.count("Against the objectives") == 2


def test_a_measure_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row for another column of the log is told of an incident without more."""
    row = Measure("skew", "s", "skew_s", "rto", "skew", is_always_shown=False)
    monkeypatch.setattr(module, "wanted", lambda objectives: (*wanted(objectives), row))
    incident: Incident = investigate(bench(), "lost", 15, "shop", drills=DRILLS)
    told = story(incident)
    assert "skew" in told
    assert measure_of("data_loss_s") is LOSS


def test_the_chart_of_a_recovery_has_both_objectives() -> None:
    """The objective for full performance is a line beside that for the downtime; far ones are beyond the chart."""
    told = timeline(investigate(bench(), "lost", 15, "shop", drills=DRILLS), "shop", tries_changes=False)
    assert [x.measure for x in told.achievements] == [LOSS, DOWNTIME, LOSS_BYTES, FULL_PERFORMANCE]
    assert told.achievements[3].value == pytest.approx(told.full_s)
    assert told.achievements[3].value > told.achievements[1].value
    chart = to_svg(recovery_chart(told, 1.5 * HOUR, 2 * HOUR))
    assert "RTO 90 min" in chart
    assert "RTO (full) 2 h" in chart
    assert "RTO (full)" not in to_svg(recovery_chart(told, 1.5 * HOUR))
    assert "RTO (full)" not in to_svg(recovery_chart(told, None, 100 * HOUR))
    assert span_s(told, 2 * HOUR, 100 * HOUR) == pytest.approx(1.06 * 2 * HOUR)


def test_what_would_have_recovered_it_has_the_same_measures() -> None:
    """Where nothing is left, the changes that would have recovered it are told with bytes and full performance too."""
    text = TEXT.replace("OBJECTIVES", BOTH).replace(
        "kind: resource-loss, target: shop.db", "kind: region-loss, site: home"
    )
    benched = Bench(read_scenario(text), strategies=["daily"])
    incident = investigate(benched, "lost", 3, "shop", drills=DRILLS)
    told = timeline(incident, "shop")
    assert told.rescues is not None
    first = told.rescues.changes[0]
    assert [x.measure for x in first.achievements] == [LOSS, DOWNTIME, LOSS_BYTES, FULL_PERFORMANCE]
    assert first.achievements[0].value == pytest.approx(first.data_loss_s)
    assert first.achievements[1].value == pytest.approx(first.downtime_s)
    table = rescues_table(told)
    assert [column.title for column in table.columns[3:]] == ["data loss in bytes", "time to full performance"]
    assert table.rows[0][3] == LOSS_BYTES.text(first.achievements[2].value)
    assert f"data loss in bytes {table.rows[0][3]}" in story(incident)
    assert f"data loss in bytes {table.rows[0][3]}" in told.sentences[-1]
