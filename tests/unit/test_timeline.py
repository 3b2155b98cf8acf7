"""The timeline of an incident: is it the incident's own, does it add up, and does it say why?"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from html import unescape
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from drsim.engine import run_vectorised
from drsim.engine.exposure import exposure
from drsim.report.incident_words import PART_NAMES
from drsim.report.timeline import AFTER, OUTAGE, PEOPLE, WAIT, Timeline, timeline
from drsim.report.timeline.sentences import rescue, which
from drsim.report.timeline.tables import (
    parts_tables,
    phases_frame,
    phases_table,
    points_frame,
    points_table,
    rescues_table,
    shortenings_table,
)
from drsim.report.vega.past import past_chart
from drsim.report.vega.recovery import MOST_LANES, lane_labels, recovery_chart, span_s
from drsim.report.vega.style import to_svg
from drsim.scenario import load_scenario, read_scenario
from drsim.scenario.shipped import shipped
from drsim.study.bench import Bench
from drsim.study.dealing import Rows, dealt
from drsim.study.explain import Rescue, Rescues, investigate
from drsim.units import format_duration
from drsim.world import World
from tests.scenarios import DAY, HOUR

DRILLS = 60


@cache
def bench(strategy: str, name: str = "web-shop") -> Bench:
    """Return the bench of a strategy of a shipped scenario."""
    return Bench(load_scenario(shipped(f"scenarios/{name}.yaml")), strategies=[strategy])


def world(strategy: str) -> World:
    """Return the world of a strategy of the web shop."""
    return bench(strategy).world(strategy)


@cache
def told(strategy: str, disruption: str, drill: int, application: str = "shop", *, changes: bool = False) -> Timeline:
    """Return the timeline of an application's own drill of a number, of sixty of the web shop."""
    incident = investigate(bench(strategy), disruption, drill, application, drills=DRILLS)
    return timeline(incident, application, tries_changes=changes)


@cache
def log(strategy: str, disruption: str) -> pd.DataFrame:
    """Return the log of sixty drills of the web shop, of applications those of their own."""
    found = run_vectorised(world(strategy), disruption, 0, DRILLS)
    return found[dealt(Rows.of(found), exposure(world(strategy), disruption, DRILLS))]


def ended(strategy: str, disruption: str, by: str, application: str = "shop") -> Timeline:
    """Return the timeline of the first drill that ended in a way: a state, or what it was recovered by."""
    rows = log(strategy, disruption)
    own = rows[(rows["subject"] == application) & ((rows["state"] == by) | (rows["recovered_by"] == by))]
    return told(strategy, disruption, int(own["drill"].iloc[0]), application)


@pytest.mark.parametrize("strategy", ["nightly", "copies", "continuous", "warm-standby"])
@pytest.mark.parametrize("disruption", ["deletion", "zone-outage", "region-outage", "region-loss", "ransomware"])
def test_figures_are_those_of_the_log(strategy: str, disruption: str) -> None:
    """State, downtime and data loss are those that the drills report; the parts add up to them."""
    rows = log(strategy, disruption)
    for row in rows[(rows["level"] == "application") & (rows["drill"] < 5)].to_dict("records"):
        found = told(strategy, disruption, int(row["drill"]), str(row["subject"]))
        assert found.state == row["state"]
        assert found.sentences
        if found.state == "recovered":
            assert found.downtime_s == pytest.approx(row["downtime_s"], abs=1e-6)
            assert found.data_loss_s == pytest.approx(row["data_loss_s"], abs=1e-6)
            assert sum(s for _, s in found.downtime_parts) == pytest.approx(found.downtime_s, abs=1e-6)
            assert sum(s for _, s in found.loss_parts) == pytest.approx(found.data_loss_s, abs=1e-6)
        else:
            assert math.isnan(found.downtime_s)
            assert not found.downtime_parts


@pytest.mark.parametrize(
    ("strategy", "disruption", "application"),
    [
        ("copies", "region-loss", "shop"),
        ("copies", "ransomware", "shop"),
        ("warm-standby", "region-loss", "analytics"),
        ("continuous", "deletion", "shop"),
        ("nightly", "zone-outage", "shop"),
    ],
)
def test_critical_phases_follow_each_other_without_a_gap(strategy: str, disruption: str, application: str) -> None:
    """What is marked critical begins with the stop of service, ends with the use, and leaves no moment out."""
    rows = log(strategy, disruption)
    own = rows[(rows["subject"] == application) & (rows["state"] == "recovered") & (rows["recovered_by"] != "ride-out")]
    for drill in own["drill"].head(4):
        found = told(strategy, disruption, int(drill), application)
        critical = sorted((p.begins_s, p.ends_s) for p in found.phases if p.is_critical)
        moments = [0.0, *(end for _, end in critical)]
        assert [begin for begin, _ in critical] == pytest.approx(moments[:-1], abs=1e-5)
        assert moments[-1] == pytest.approx(found.downtime_s, abs=1e-5)


def test_phases_of_a_lane_do_not_overlap() -> None:
    """A resource does one thing at a time."""
    for drill in range(6):
        found = told("copies", "region-loss", drill)
        for lane in found.lanes:
            own = [p for p in found.phases if p.lane == lane.name]
            assert all(a.ends_s <= b.begins_s + 1e-6 for a, b in pairwise(own))
            assert all(p.ends_s > p.begins_s for p in own)


@pytest.mark.parametrize(
    ("name", "strategy", "disruption", "application", "part"),
    [
        ("every-type", "all-features", "found-late", "efs", "retrieve_s"),
        ("ransomware", "cold-365d", "ransomware", "erp", "retrieve_s"),
        ("", "all", "loss", "shop", "replay_s"),
    ],
)
def test_restores_are_told_in_their_parts(
    name: str, strategy: str, disruption: str, application: str, part: str
) -> None:
    """Retrieval, restore and replay follow each other, and the critical ones are as long as the parts of the log."""
    text = """
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {shop: {site: home, resources: {db: {type: RDS, size: 10 GB}}}}
backup_plans:
  p:
    rules:
      - {rule_name: daily, target_vault: local, every: 24 h, enable_continuous_backup: true,
         lifecycle: {delete_after: 5 d}}
strategies: {all: {backup: p}}
disruptions: {loss: {kind: resource-loss}}
overrides: {"*": {log_replay_speed: 20}}
"""
    chosen = bench(strategy, name) if name else Bench(read_scenario(text), strategies=[strategy])
    rows = run_vectorised(chosen.world(strategy), disruption, 0, DRILLS)
    drill = int(rows.loc[(rows["subject"] == application) & (rows[part] > 0), "drill"].iloc[0])
    found = timeline(investigate(chosen, disruption, drill, application), application, tries_changes=False)
    critical = sorted((p for p in found.phases if p.is_critical), key=lambda p: p.begins_s)
    assert PART_NAMES[part] in {p.words for p in critical}
    assert all(a.ends_s == pytest.approx(b.begins_s, abs=1e-5) for a, b in pairwise(critical))
    lengths: dict[str, float] = {}
    for p in critical:
        lengths[p.words] = lengths.get(p.words, 0.0) + p.lasts_s
    assert lengths == pytest.approx(dict(found.downtime_parts), abs=1e-4)


def test_useless_attempts_are_told_one_by_one() -> None:
    """What turned out useless has phases of its own, which take the time that the log gives them."""
    text = """
name: useless
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {shop: {site: home, resources: {db: {type: RDS, size: 10 GB}}}}
backup_plans:
  p: {rules: [{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {delete_after: 5 d}}]}
strategies: {all: {backup: p}}
disruptions: {loss: {kind: resource-loss}}
overrides: {"*": {restore_failure: 0.7}}
"""
    doubtful = Bench(read_scenario(text), strategies=["all"])
    seen = set()
    for drill in range(12):
        found = timeline(investigate(doubtful, "loss", drill), "shop", tries_changes=False)
        useless = [p for p in found.phases if "useless" in p.note]
        seen.add(found.state)
        spent = dict(found.downtime_parts).get("attempts that turned out useless", 0.0)
        if found.state == "recovered":
            assert sum(p.lasts_s for p in useless) == pytest.approx(spent, abs=1e-5)
        tried = [m for m in found.marks if m.fate == "tried, and found useless"]
        assert len(tried) == len([p for p in useless if p.words.startswith("restore")])
    assert seen == {"recovered", "unrecoverable"}


def test_point_used_is_shown_however_many_newer_ones_there_are() -> None:
    """Copies that are late by ten runs leave the one used ten runs back, and the ones between are counted."""
    text = """
name: late
sites: {home: {region: us-east-1, account: production}, recovery: {region: us-west-2, account: production}}
vaults: {local: {site: home}, dr: {site: recovery}}
applications: {shop: {site: home, resources: {db: {type: RDS, size: 1 GB}}}}
backup_plans:
  p:
    rules:
      - {rule_name: hourly, target_vault: local, every: 1 h, lifecycle: {delete_after: 5 d},
         copy_actions: [{destination_vault: dr, delay: 10 h, lifecycle: {delete_after: 5 d}}]}
strategies: {all: {backup: p}}
disruptions: {loss: {kind: region-loss, site: home}}
"""
    found = timeline(
        investigate(Bench(read_scenario(text), strategies=["all"]), "loss", 0), "shop", tries_changes=False
    )
    used = [m for m in found.marks if m.is_used]
    assert [m.place for m in used] == ["dr"]
    assert used[0].captured_s == pytest.approx(-found.data_loss_s)
    assert found.data_loss_s > 10 * HOUR
    assert sum(m.skipped for m in found.marks) >= 5


def test_ride_out_shows_how_far_the_recovery_was() -> None:
    """Where the outage ended first, it is the critical lane, and nothing goes on after its end."""
    found = ended("copies", "region-outage", "ride-out")
    assert found.data_loss_s == 0
    assert "rode the outage out" in found.sentences[0]
    assert [p.kind for p in found.phases if p.is_critical] == [OUTAGE]
    assert all(p.ends_s <= found.ends_s + 1e-6 for p in found.phases)
    assert any("overtaken" in lane.result for lane in found.lanes)


def test_unrecoverable_says_why_each_point_was_no_good() -> None:
    """Nothing is used, each point has a fate that excludes it, and the sentences count them."""
    found = ended("copies", "ransomware", "unrecoverable")
    assert "could not be recovered" in found.sentences[0]
    points = [mark for mark in found.marks if mark.resource == found.decisive]
    assert points
    assert not any(mark.is_used or mark.fate.startswith("usable") for mark in points)
    why = next(text for text in found.sentences if text.startswith(found.decisive))
    assert any(mark.fate in why for mark in points)
    assert not found.shortenings


def test_unprotected_says_what_nothing_protects() -> None:
    """An application without protection has no points, and the sentence names what is bare."""
    text = """
name: bare
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {shop: {site: home, resources: {db: {type: RDS, size: 10 GB}}}}
backup_plans: {}
strategies: {none: {backup: {}}}
disruptions: {loss: {kind: accidental-deletion}}
"""
    bare = Bench(read_scenario(text), strategies=["none"])
    found = timeline(investigate(bare, "loss", 0), "shop")
    assert found.state == "unprotected"
    assert found.sentences[0] == "shop was not recovered: nothing protects shop.db."
    assert found.sentences[1].startswith(
        "One change would have recovered it: a backup plan: daily backups, kept for 35 d, for shop.db ("
    )
    assert found.marks == ()
    assert [lane.result for lane in found.lanes if lane.name == "shop.db"] == ["unprotected: nothing protects it"]
    assert to_svg(recovery_chart(found))


def test_unaffected_has_nothing_to_draw() -> None:
    """A drill that does not reach the application says so, in words and in the chart."""
    incident = investigate(bench("continuous"), "deletion", 0, "analytics", drills=DRILLS)
    found = timeline(incident, "shop", tries_changes=False)
    assert found.sentences == ("The disruption did not reach shop in this drill.",)
    assert not found.lanes
    assert not found.phases
    assert "did not reach shop" in to_svg(recovery_chart(found))


def test_used_point_is_the_one_whose_data_came_back() -> None:
    """The used mark of the decisive resource holds the data of the moment that the loss is measured from."""
    for strategy, disruption in (
        ("copies", "region-loss"),
        ("continuous", "deletion"),
        ("warm-standby", "region-loss"),
    ):
        for drill in range(5):
            found = told(strategy, disruption, drill)
            if found.data_loss_s > 0:
                used = [m for m in found.marks if m.resource == found.decisive and m.is_used]
                moments = [min(m.captured_s, found.contaminated_s) for m in used]
                assert moments == [pytest.approx(-found.data_loss_s, abs=1e-6)]


def test_point_used_after_a_long_dwell_is_shown() -> None:
    """However many runs lie between, the point that was used is among those shown, and the others are counted."""
    rows = log("copies", "ransomware")
    own = rows[(rows["subject"] == "shop") & (rows["data_loss_s"] > 30 * DAY)]
    found = told("copies", "ransomware", int(own["drill"].iloc[0]))
    assert any(m.is_used for m in found.marks if m.resource == found.decisive)
    assert sum(m.skipped for m in found.marks if m.resource == found.decisive) > 10


def test_full_performance_comes_after_use() -> None:
    """Lazy loading is drawn, but not as downtime."""
    found = told("warm-standby", "region-loss", 3, "analytics")
    after = [p for p in found.phases if p.kind == AFTER]
    assert after
    assert not any(p.is_critical for p in after)
    assert max(p.ends_s for p in after) == pytest.approx(found.full_s)


def test_waiting_names_the_limit_that_was_full() -> None:
    """A queue in the recovery says which limit it was for."""
    queued = Bench(load_scenario(shipped("scenarios/region-evacuation.yaml")), strategies=["backup-and-restore"])
    incident = investigate(queued, "region-loss", 1)
    notes = []
    for app in incident.world.applications[:12]:
        found = timeline(incident, app.name, tries_changes=False)
        notes += [p.note for p in found.phases if p.kind == WAIT and p.words == "queue for a slot"]
    assert any(note.startswith("only ") and note.endswith(" at a time") for note in notes)


def test_tables_say_what_the_timeline_says() -> None:
    """Every phase, point and part is in a table; the CSV has seconds."""
    found = told("copies", "region-loss", 7, changes=True)
    assert found.shortenings[0][0] in found.sentences[-1]
    assert len(phases_frame(found)) == len(phases_table(found).rows) == len(found.phases)
    assert len(points_frame(found)) == len(found.marks)
    rows = [row for r in found.resources for row in points_table(found, r).rows]
    assert len(rows) == len(found.marks)
    assert [len(t.rows) for t in parts_tables(found)] == [len(found.downtime_parts), len(found.loss_parts)]
    assert [row[0] for row in shortenings_table(found).rows] == [what for what, _ in found.shortenings]
    assert np.isfinite(phases_frame(found)["ends_s"]).all()


def test_lost_applications_are_told_what_would_have_saved_them() -> None:
    """The last sentence and the table name changes that recover, with what they lose; no other table does."""
    found = told("nightly", "region-loss", 3, changes=True)
    assert found.sentences[0] == "shop could not be recovered: nothing usable was left."
    assert found.rescues
    first = found.rescues.changes[0]
    assert found.sentences[-1].startswith(f"Each of these alone would have recovered it: {first.what[0]} (")
    assert f"{format_duration(first.data_loss_s)} of data lost" in found.sentences[-1]
    rows = rescues_table(found).rows
    assert rows[0] == (first.what[0], format_duration(first.data_loss_s), format_duration(first.downtime_s))
    assert any("a copy of every recovery point in a vault at recovery" in row[0] for row in rows)
    assert told("copies", "region-loss", 3, changes=True).rescues is None


def test_resources_that_fared_alike_share_a_sentence() -> None:
    """What is true of several resources is said once."""
    sentences = told("nightly", "region-loss", 3).sentences
    whys = [text for text in sentences if "of the recovery points shown" in text]
    assert len({text.partition(": ")[2] for text in whys}) == len(whys)
    assert any(", shop." in text.partition(": ")[0] for text in whys)


def test_what_was_tried_in_vain_is_said() -> None:
    """Where nothing helps, the sentence and the table say what was tried, or that there was nothing to try."""
    assert list(rescue(Rescues())) == ["drsim knows no change of the protection to try here."]
    vain = Rescues(tried=("this", "that"))
    sentence = "Nothing that drsim tries would have recovered it, alone or two at a time: this; that."
    assert list(rescue(vain)) == [sentence]
    assert list(rescue(Rescues((), (), ("AWS cannot",))))[-1] == "AWS cannot."
    found = replace(told("nightly", "region-loss", 3, changes=True), rescues=vain)
    assert rescues_table(found).notes == (sentence,)
    both = Rescues((Rescue(("this", "that"), 0.0, HOUR),))
    (sentence,) = rescue(both)
    assert sentence.startswith("No single change that drsim tries would have recovered it, but two together: ")
    assert sentence.endswith("this together with that (no data lost, down for 1 h).")


def test_drill_is_named_by_its_number() -> None:
    """The number of the drill is told, and whether it is among those that are counted."""
    found = told("copies", "region-loss", 7)
    assert which(found, 60).startswith("This is drill 7 of 60")
    assert found.utc(0.0) in which(found, 60)
    assert "not among them" in which(found, 7)


def test_what_took_time_is_never_no_share() -> None:
    """A part too short for a percent is less than one, not none."""
    shares = [
        (row[1], row[2])
        for drill in range(8)
        for table in parts_tables(told("copies", "region-loss", drill))
        for row in table.rows
    ]
    assert "0 %" not in dict(shares).values()
    assert "< 1 %" in dict(shares).values()


def test_charts_hold_names_as_data() -> None:
    """Names with dots, brackets and quotes are drawn as they are."""
    text = """
name: odd
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  "shop[1]":
    site: home
    resources: {'d"b[2]': {type: RDS, size: 10 GB}}
backup_plans:
  p: {rules: [{rule_name: "r.0", target_vault: local, every: 24 h, lifecycle: {delete_after: 35 d}}]}
strategies: {all: {backup: p}}
disruptions: {loss: {kind: accidental-deletion}}
"""
    odd = Bench(read_scenario(text), strategies=["all"])
    found = timeline(investigate(odd, "loss", 0), "shop[1]")
    name = 'shop[1].d"b[2]'
    assert found.resources == (name,)
    assert name in unescape(to_svg(recovery_chart(found, 4 * HOUR)))
    assert name in unescape(to_svg(past_chart(found, name, HOUR)))


def test_charts_have_titles_with_units_and_mark_the_critical_path() -> None:
    """Axes have units; what is critical has a sign in its name and a bold outline; the objective is a line."""
    found = told("copies", "region-loss", 7)
    spec = json.dumps(recovery_chart(found, 4 * HOUR).to_dict())
    assert "time after the service stopped [h]" in spec
    assert "RTO 4 h" in spec
    labels = lane_labels(found)
    assert all(labels[lane.name].startswith("►") == lane.is_critical for lane in found.lanes)
    assert labels[PEOPLE].startswith("►")
    assert span_s(found) >= found.downtime_s
    past = json.dumps(past_chart(found, found.decisive, HOUR).to_dict())
    assert "time before the service stopped [h]" in past
    assert "RPO 1 h" in past


def test_many_lanes_keep_the_critical_ones() -> None:
    """Of more lanes than can be drawn those that decide stay, and the chart says how many it leaves out."""
    resources = ", ".join(f"db{k}: {{type: RDS, size: {10 + k} GB}}" for k in range(60))
    text = f"""
name: many
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home}}}}
applications: {{shop: {{site: home, resources: {{{resources}}}}}}}
backup_plans:
  p: {{rules: [{{rule_name: r, target_vault: local, every: 24 h, lifecycle: {{delete_after: 35 d}}}}]}}
strategies: {{all: {{backup: p}}}}
disruptions: {{loss: {{kind: ransomware, dwell: 0 h, backups_attacked: 0}}}}
"""
    found = timeline(investigate(Bench(read_scenario(text), strategies=["all"]), "loss", 0), "shop")
    labels = lane_labels(found)
    assert len(labels) == MOST_LANES
    assert {lane.name for lane in found.lanes if lane.is_critical} <= set(labels)
    assert f"{len(found.lanes) - MOST_LANES} lanes" in json.dumps(recovery_chart(found).to_dict())
