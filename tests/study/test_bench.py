"""The bench: drills in changed worlds, told as arrays, are those of a study of the changed scenario."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from drsim.distributions import Constant
from drsim.engine.incidents import AFFECTED_STATES
from drsim.errors import InputError
from drsim.scenario import Scenario, load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.bench import Bench
from drsim.study.drills import run
from drsim.study.pieces import Piece
from drsim.units import DAY_S, HOUR_S
from drsim.world import World

DRILLS = 40


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Return the bench of the web shop, drilled once."""
    shop = Bench(load_scenario(shipped_scenarios()["web-shop"]), drills=DRILLS)
    shop.affected("copies", "ransomware")
    return shop


def kept_longer(scenario: Scenario) -> Scenario:
    """Return the scenario whose plans keep each first rule's points three days more."""
    plans = {}
    for name, plan in scenario.backup_plans.items():
        first, *others = plan.rules
        kept_s = (first.lifecycle.delete_after or 0.0) + 3 * DAY_S
        life = first.lifecycle.model_copy(update={"delete_after": kept_s})
        plans[name] = plan.model_copy(update={"rules": (first.model_copy(update={"lifecycle": life}), *others)})
    return scenario.model_copy(update={"backup_plans": plans})


def at_once(world: World) -> World:
    """Return the world in which nobody needs time to find out and decide."""
    return replace(world, detect=Constant(0.0), declare=Constant(0.0))


def counts(bench: Bench, disruption: str, subject: str) -> dict[str, float]:
    """Return what the summary has of a subject, from arrays."""
    incidents = bench.affected("copies", disruption).of_subject(subject)
    places = [AFFECTED_STATES.index(state) for state in AFFECTED_STATES]
    told = {state: int((incidents.state == place).sum()) for state, place in zip(AFFECTED_STATES, places, strict=True)}
    recovered = incidents.figures["downtime_s"][incidents.state == 0]
    return told | {"affected": len(incidents.state), "downtime_s_max": float(recovered.max())}


def check(bench: Bench) -> None:
    """Check a bench against a study of its scenario."""
    study = run(bench.scenario, strategies=["copies"], workers=1)
    rows = {(row["disruption"], row["subject"]): row for row in study.summary.to_dict("records")}
    for disruption in bench.disruptions:
        for subject in ("shop", "shop.orders", "analytics"):
            row = rows[disruption, subject]
            if row["affected"] and row["recovered"]:
                for name, value in counts(bench, disruption, subject).items():
                    assert value == pytest.approx(row[name], abs=1e-6), (disruption, subject, name)
    pd.testing.assert_frame_equal(bench.steady_costs("copies"), study.costs)
    yearly = study.events[(study.events["line"] == "total") & (study.events["application"] == "shop")]
    for row in yearly.to_dict("records"):
        event = bench.losses("copies", str(row["disruption"])).events("shop")[0]
        assert event.p_lost == 1 or event.downtime_s / HOUR_S == pytest.approx(row["mean_recovery_h"])


def test_a_bench_tells_what_a_study_tells(bench: Bench) -> None:
    """States, downtimes, money and losses are those of `run`."""
    check(bench)


def test_a_changed_scenario_is_told_as_if_it_were_studied_alone(bench: Bench) -> None:
    """What it shares with the former bench shows in nothing that it tells."""
    check(bench.changed(kept_longer))


def test_changes_of_the_world_add_up(bench: Bench) -> None:
    """A change of a changed bench is one more; no scenario need be able to say it."""
    quick = bench.changed(on_world=at_once)
    both = quick.changed(kept_longer)
    assert both.world("copies").detect == Constant(0.0)
    assert both.world("copies").streams[0].delete_after_s == bench.world("copies").streams[0].delete_after_s + 3 * DAY_S
    slow, soon = (b.affected("copies", "deletion").of_subject("shop").figures["downtime_s"] for b in (bench, quick))
    assert (soon <= slow).all()
    assert (soon < slow).any()
    # what a change leaves as it was is the same object
    assert quick.world("copies").streams is bench.world("copies").streams


def test_what_changes_in_the_world_alone_builds_nothing_anew(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change is made in the world that there is; a drill that is played again has the jobs of before."""
    before = bench.replay("copies", "region-loss", 7, 0)

    def refused(*_: object, **__: object) -> World:
        raise AssertionError("a world is built")

    monkeypatch.setattr("drsim.study.bench.build_world", refused)
    quick = bench.changed(on_world=at_once)
    after = quick.part(disruptions=["region-loss"]).replay("copies", "region-loss", 7, 0, before)
    assert after.world.detect == Constant(0.0)
    assert after.history is before.history
    assert after.recovery.applications[0].usable_s < before.recovery.applications[0].usable_s
    with pytest.raises(AssertionError, match="a world is built"):
        bench.changed(kept_longer).world("copies")


def test_a_part_has_the_worlds_of_the_whole(bench: Bench) -> None:
    """Some strategies and disruptions, or other drills, are no other worlds, and nothing else is drilled."""
    part = bench.part(disruptions=["ransomware", "deletion"], drills=7)
    assert part.pairs == tuple((s, d) for s in bench.strategies for d in ("deletion", "ransomware"))
    assert part.world("copies") is bench.world("copies")
    assert part.part(["copies"]).pairs == (("copies", "deletion"), ("copies", "ransomware"))
    (piece,) = part.logs([Piece("copies", part.disruptions, 0, 7, is_vectorised=True)], 1, whole=True)
    for disruption, log in zip(part.disruptions, piece, strict=True):
        incidents = bench.incidents("copies", disruption)
        pd.testing.assert_frame_equal(log.incidents, incidents[incidents["drill"] < 7], check_categorical=False)
    with pytest.raises(InputError, match="no-such-disruption"):
        bench.part(disruptions=["lightning"])


def test_both_clocks_are_told_alike(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drills that the vectorised clock does not take are the process clock's, and read the same."""
    here = counts(bench, "zone-outage", "shop")
    monkeypatch.setattr("drsim.study.bench.why_not_vectorised", lambda *_: "it is asked not to")
    there = Bench(bench.scenario, ("zone-outage",), drills=DRILLS)
    assert there.vectorised("copies") == ()
    assert counts(there, "zone-outage", "shop") == here
