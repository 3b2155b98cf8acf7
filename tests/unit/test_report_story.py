"""The story of an incident: does it say what happened, what was waited for, and what adds up to the whole?"""

from __future__ import annotations

import re

import pytest

from drsim.engine import run_drills
from drsim.engine.exposure import exposure
from drsim.report.incident_words import PART_NAMES
from drsim.report.story import tell
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped
from drsim.study.bench import Bench
from drsim.study.dealing import Rows, dealt
from drsim.study.explain import investigate


@pytest.fixture(scope="module")
def copies() -> Bench:
    """Return the web shop under nightly backups with copies."""
    return Bench(load_scenario(shipped("scenarios/web-shop.yaml")), strategies=["copies"])


def test_a_recovery_is_told(copies: Bench) -> None:
    """The story of a lost Region names points, fates, waits with their cause, the critical path and what helps."""
    text = tell(copies, "region-loss", 7)
    for phrase in ("in flight, lost", "used", "lost or out of reach with its vault", "Critical path", "less  restores"):
        assert phrase in text
    assert re.search(r"the copy waited .*: one job at a time for shop\.orders", text)
    assert "Application analytics: unrecoverable, because of analytics.warehouse" in text


def test_a_ride_out_tells_the_recovery_that_it_overtook(copies: Bench) -> None:
    """Where an outage ended first, the story says how far the recovery was and what it waited for."""
    log = run_drills(copies.world("copies"), "region-outage", 0, 30)
    shop = log[(log["subject"] == "shop") & (log["recovered_by"] == "ride-out")]
    text = tell(copies, "region-outage", int(shop["drill"].iloc[0]))
    assert "rode the outage out" in text
    assert "Critical path of the recovery that the end overtook" in text
    assert "chosen, then abandoned" in text or "waiting for people" in text


@pytest.mark.parametrize("disruption", ["region-loss", "region-outage", "deletion", "ransomware"])
def test_parts_are_those_of_the_log(copies: Bench, disruption: str) -> None:
    """What is told is what the log says, and its parts add up to the whole."""
    log = run_drills(copies.world("copies"), disruption, 0, 6)
    log = log[dealt(Rows.of(log), exposure(copies.world("copies"), disruption, 6))]
    log = log[(log["level"] == "application") & (log["state"] == "recovered")]
    assert len(log)
    for drill, subject, downtime in zip(log["drill"], log["subject"], log["downtime_s"], strict=True):
        incident = investigate(copies, disruption, int(drill), str(subject), drills=6)
        a = [app.name for app in incident.world.applications].index(str(subject))
        parts = incident.parts(a)
        assert sum(parts.values()) == pytest.approx(downtime, abs=1e-6)
        assert set(parts) <= set(PART_NAMES)


def test_each_change_saves_something(copies: Bench) -> None:
    """What is said to shorten a downtime does, by no more than all of it, the most helpful change first."""
    incident = investigate(copies, "region-loss", 7)
    changes = incident.shortenings(0)
    whole = incident.recovery.applications[0].usable_s - incident.recovery.occurred_s
    assert [c.saved_s for c in changes] == sorted((c.saved_s for c in changes), reverse=True)
    assert all(0 < c.saved_s <= whole for c in changes)
