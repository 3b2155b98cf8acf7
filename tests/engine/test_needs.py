"""Doing without some, not without others: the contract's sentences on needs, requires, rebuild, zones and units."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
import pandas as pd
import pytest

import drsim
from drsim.engine import run_drills, run_vectorised
from drsim.engine.exposure import exposure
from drsim.engine.strike import strike
from drsim.scenario import read_scenario
from drsim.world import World
from tests.scenarios import DB, EFS, EVERYTHING, HOUR, Parts, first_difference, rule, scenario_text, told, world

WEB = "type: EC2, size: 1 GB, stateless: true"
RESPONSE = "{detect: 20 min, declare: 10 min, validate: 12 min, redirect: 6 min}"
SITES = """
  home: {region: eu-west-1, account: production}
  named: {region: eu-west-1, account: production, zone: eu-west-1b}
  other: {region: eu-west-1, account: second}
  away: {region: eu-central-1, account: production}
"""
VAULTS = "{local: {site: home}, beside: {site: other}, far: {site: away}}"
ALONE = f"{{site: home, resources: {{db: {DB}}}}}"


def log_of(w: World, drills: int = 40) -> pd.DataFrame:
    """Return the log of the disruption `it`, the same on both clocks."""
    log = run_vectorised(w, "it", 0, drills)
    assert not first_difference(run_drills(w, "it", 0, drills), log)
    return log


def estate(apps: str, **parts: Unpack[Parts]) -> World:
    """Return a world of some applications; a restore takes 4 h, a launch 30 min."""
    own: Parts = {
        "sites": SITES,
        "vaults": VAULTS,
        "applications": apps,
        "overrides": {"restore_duration": "4 h", "launch_duration": "30 min"},
        "response": RESPONSE,
    }
    own.update(parts)
    return world(**own)


def figures(log: pd.DataFrame, subject: str) -> set[tuple[str, float]]:
    """Return how a subject was recovered, or its state, and its downtime [h]; -1 for none."""
    return {(how, round(down, 6)) for how, _, down in told(log, subject)}


# needs


@pytest.mark.parametrize(
    ("count", "needs", "down_h"), [(5, 5, 4.5), (5, 4, 0.0), (5, 1, 0.0), (2, 2, 4.5), (3, 2, 0.0), (1, 1, 4.5)]
)
def test_one_member_is_missed_only_where_all_are_needed(count: int, needs: int, down_h: float) -> None:
    """The loss of one member takes a resource down where it needs all; else nobody detects, declares or validates."""
    w = estate(
        f"{{app: {{site: home, resources: {{db: {{type: RDS, size: 1 GB, count: {count}, needs: {needs}}}}}}}}}",
        disruption="{kind: resource-loss}",
    )
    log = log_of(w)
    app, db = (log[log["subject"] == name] for name in ("app", "app.db"))
    assert set(db["downtime_s"] / HOUR) == {down_h}
    assert list(app["downtime_s"] / HOUR) == pytest.approx([down_h + 0.3 if down_h else 0.0] * 40)
    assert set(app["state"]) == {"recovered"}
    assert set(app["recovered_by"]) == set(db["recovered_by"]) == ({"restore"} if down_h else {"redundancy"})
    parts = app[["detect_s", "declare_s", "validate_s", "redirect_s", "restore_s"]]
    assert (parts.to_numpy() > 0).any() == bool(down_h)
    # data are not redundant: what the member held is of its newest backup
    assert (db["data_loss_s"] > 0).all()
    assert np.array_equal(app["data_loss_s"], db["data_loss_s"])
    assert len(app) == len(db) == 40


def test_needs_never_exceed_what_is_there_by_what_was_not_struck() -> None:
    """Of six servers in three zones two are gone: where five are needed one of them has to come back."""
    launch = {"launch_duration": "{uniform: [1 h, 5 h]}"}
    means = {}
    for needs in (5, 6):
        w = estate(
            f"{{app: {{site: home, resources: {{web: {{{WEB}, count: 6, needs: {needs}}}}}}}}}",
            disruption="{kind: zone-outage, site: home, duration: 60 h, impairs: {launches: 0, capacity: 0}}",
            overrides=launch,
            response="{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}",
        )
        rows = log_of(w, 300)
        means[needs] = rows.loc[rows["subject"] == "app.web", "downtime_s"].mean() / HOUR
    # the smaller and the larger of two uniform times: a third and two thirds of the way
    assert means == pytest.approx({5: 1 + 4 / 3, 6: 1 + 8 / 3}, rel=0.06)


def test_an_application_is_down_by_what_it_misses_only() -> None:
    """A database that is missed takes its application down; the fleet beside it, not missed, adds no time."""
    w = estate(
        f"{{app: {{site: named, resources: {{db: {DB}, web: {{{WEB}, count: 4, needs: 4, after: [db]}}, "
        f"spare: {{{WEB}, count: 3, needs: 1}}}}}}}}",
        disruption="{kind: zone-outage, site: home, zone: eu-west-1b, duration: 90 h, "
        "impairs: {launches: 0, capacity: 0}}",
    )
    # all of a site with a zone lie in it, so that all are struck
    assert figures(log_of(w), "app.spare") == {("launch", 1.0)}
    assert figures(log_of(w), "app") == {("launch", 5.3)}


# zones


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_members_stand_in_zones_in_turn(count: int) -> None:
    """Of members without a zone, each zone of three holds as many as any other, or one more."""
    w = estate(
        f"{{app: {{site: home, resources: {{db: {{type: RDS, size: 1 GB, count: {count}}}}}}}}}",
        disruption="{kind: zone-outage, site: home}",
    )
    hit = strike(w, "it", np.arange(900)).affected.sum(axis=1)
    assert set(hit) <= {count // 3, -(-count // 3)}
    assert hit.mean() == pytest.approx(count / 3, rel=0.1)
    often = exposure(w, "it", 900).struck_per_year["app.db"] / w.disruptions["it"].units[0].rate_per_year
    assert often == pytest.approx(min(count, 3))
    assert (hit > 0).mean() * 3 == pytest.approx(often, rel=0.1)


def test_an_application_begins_in_one_zone_and_others_in_theirs() -> None:
    """The single members of an application stand together; those of two applications only by chance."""
    apps = ", ".join(f"{name}: {{site: home, resources: {{a: {DB}, b: {EFS}, c: {DB}}}}}" for name in ("x", "y"))
    w = estate(f"{{{apps}}}", disruption="{kind: zone-outage, site: home, zone: eu-west-1c}")
    hit = strike(w, "it", np.arange(600)).affected
    assert not hit[:, [1, 4]].any()  # EFS is regional
    assert np.array_equal(hit[:, 0], hit[:, 2])
    assert np.array_equal(hit[:, 3], hit[:, 5])
    assert (hit[:, 0] & hit[:, 3]).mean() == pytest.approx(1 / 9, abs=0.04)


# requires


@pytest.mark.parametrize(("own", "rebuild"), [(True, ""), (False, ""), (True, "rebuild: 5 d"), (False, "rebuild: 5 d")])
def test_requirements_reach_through_others(own: bool, rebuild: str) -> None:  # noqa: FBT001
    """The end of a chain is down with its beginning, whether the middle is struck itself or not.

    The beginning is lost: with a rebuild all wait for it, without one all are lost.
    """
    target = "" if own else ", target: 'type:EFS'"
    w = estate(
        f"{{first: {{site: home, {rebuild}{',' if rebuild else ''} resources: {{db: {{type: EFS, size: 1 GB}}}}}}, "
        f"middle: {{site: home, requires: [first], resources: {{db: {DB}}}}}, "
        f"last: {{site: home, requires: [middle], resources: {{db: {DB}}}}}}}",
        strategy="{backup: {middle.*: plan, last.*: plan}}",
        disruption=EVERYTHING if own else f"{{kind: resource-loss{target}}}",
    )
    log = log_of(w, 10)
    down = 0.5 + 120
    expected: dict[str, set[tuple[str, float]]] = {"first": {("unprotected", -1.0)}}
    for name in ("middle", "last"):
        if not rebuild:
            expected[name] = {("unrecoverable", -1.0)}
        else:
            # struck itself it is restored meanwhile, if it may begin: `requires` implies `after`
            expected[name] = {("restore", down + 4 + 0.3 + 4.3 * (name == "last"))} if own else {("dependency", down)}
    assert {name: figures(log, name) for name in expected} == expected
    lost = log[log["subject"].isin(["middle", "last"]) & (log["state"] != "recovered")]
    assert (lost["lost_after_s"] == 0.5 * HOUR).all()


def test_what_is_up_by_itself_is_down_with_what_it_requires() -> None:
    """Struck, and with as many members as it needs, an application is down for as long as what it requires."""
    w = estate(
        f"{{login: {{site: home, resources: {{db: {DB}}}}}, "
        f"shop: {{site: home, requires: [login], resources: {{web: {{{WEB}, count: 3, needs: 2}}}}}}}}",
        disruption="{kind: zone-outage, site: home, duration: 90 h, impairs: {launches: 0, capacity: 0}}",
    )
    log = log_of(w, 200)
    shop = log[log["subject"] == "shop"].set_index("drill")
    login = log[log["subject"] == "login"].set_index("drill")
    both = shop.index.intersection(login.index)
    assert 0 < len(both) < 200
    assert np.array_equal(shop.loc[both, "downtime_s"], login.loc[both, "downtime_s"])
    assert set(shop.loc[both, "recovered_by"]) == {"dependency"}
    rest = shop.drop(both)
    assert set(rest["recovered_by"]) == {"redundancy"}
    assert (rest["downtime_s"] == 0).all()


def test_a_requirement_that_is_never_down_takes_nobody_down() -> None:
    """What requires something that has as many members as it needs has rows of no downtime."""
    w = estate(
        f"{{login: {{site: home, resources: {{db: {{type: RDS, size: 1 GB, count: 3, needs: 2}}}}}}, "
        f"shop: {{site: home, requires: [login], resources: {{db: {DB}}}}}}}",
        disruption="{kind: resource-loss, target: login.db}",
    )
    assert figures(log_of(w), "shop") == {("redundancy", 0.0)}


@pytest.mark.parametrize("kind", ["resource-loss", "ransomware, dwell: 0 min, backups_attacked: 0"])
def test_dependents_are_reached_from_several_units(kind: str) -> None:
    """What requires two applications of other units is told apart by which of them was struck, with both rates."""
    w = estate(
        f"{{x: {{site: home, resources: {{db: {DB}}}}}, y: {{site: other, resources: {{db: {EFS}}}}}, "
        f"z: {{site: third, requires: [x, y], resources: {{db: {DB}}}}}}}",
        sites=f"{SITES}\n  third: {{region: eu-central-1, account: alone}}",
        strategy="{backup: {'x.*': plan, 'y.*': plan}}",
        disruption=f"{{kind: {kind}}}",
    )
    exposed = exposure(w, "it", 20)
    units = ("x.db", "y.db") if kind == "resource-loss" else ("production", "second")
    rates = {unit.name: unit.rate_per_year for unit in w.disruptions["it"].units}
    assert exposed.dependents == {("z", unit): rates[unit] for unit in units}
    rows = log_of(w, 20)
    outside = rows[(rows["subject"] == "z") & (rows["recovered_by"] == "dependency")]
    assert outside.groupby("struck", observed=True)["drill"].apply(list).to_dict() == {
        unit: list(range(20)) for unit in units
    }
    assert list(outside["downtime_s"] / HOUR) == pytest.approx([4.8] * 40)


# rebuild


def test_a_rebuild_begins_when_the_last_attempt_has_failed() -> None:
    """Two points cost 4 h each in vain; then the rebuild of 30 h begins, and what comes after waits for it."""
    w = estate(
        f"{{x: {{site: home, rebuild: 30 h, resources: {{db: {{type: RDS, size: 1 GB, "
        f"overrides: {{restore_failure: 1}}}}}}}}, app: {{site: home, after: [x], resources: {{db: {DB}}}}}}}",
        rules=["{rule_name: r, target_vault: local, every: 24 h, lifecycle: {delete_after: 2 d}}"],
        disruption=EVERYTHING,
    )
    log = log_of(w)
    lost = log[log["subject"] == "x"]
    assert set(lost["lost_after_s"] / HOUR) == {8.5}
    assert set(lost["rebuild_s"] / HOUR) == {30.0}
    assert figures(log, "app") == {("restore", 8.5 + 30 + 4.3)}


def test_a_rebuild_begins_when_nothing_is_left_of_what_was_not_missed_either() -> None:
    """Of two resources one is lost at once, the other, of two members of which one is needed, has one lost later."""
    w = estate(
        f"{{x: {{site: home, rebuild: 10 h, resources: {{bare: {EFS}, db: {{type: RDS, size: 1 GB, count: 2, needs: 1, "
        "overrides: {restore_failure: 0.5, restore_duration: {uniform: [2 h, 9 h]}}}}}, "
        f"app: {{site: home, after: [x], resources: {{db: {DB}}}}}}}",
        rules=["{rule_name: r, target_vault: local, every: 24 h, lifecycle: {delete_after: 1 d}}"],
        strategy="{backup: {x.db: plan, app.*: plan}}",
        disruption=EVERYTHING,
    )
    log = log_of(w, 200)
    x, db, app = (log[log["subject"] == name].reset_index(drop=True) for name in ("x", "x.db", "app"))
    half = (db["state"] == "unrecoverable") & (db["lost_after_s"] > 0.5 * HOUR)
    assert half.sum() > 20
    assert np.array_equal(x.loc[half, "lost_after_s"], db.loc[half, "lost_after_s"])
    begun = np.maximum(x["lost_after_s"] + x["rebuild_s"], 0)
    # a member that is restored for longer than the rebuild takes is waited for, too
    assert (app["downtime_s"] >= begun + 4.3 * HOUR - 1e-3).all()
    assert np.isclose(app["downtime_s"], begun + 4.3 * HOUR).mean() > 0.9


def test_what_comes_after_a_lost_sibling_is_lost_with_it() -> None:
    """It has the sibling's state and no moment of its own; the application has the sibling's."""
    w = estate(
        f"{{app: {{site: home, rebuild: 9 h, resources: {{db: {EFS}, web: {{{WEB}, after: [db]}}, "
        f"other: {{type: RDS, size: 1 GB, after: [web]}}}}}}}}",
        strategy="{backup: {app.other: plan}}",
        disruption=EVERYTHING,
    )
    log = log_of(w)
    for name in ("app.db", "app.web", "app.other", "app"):
        assert figures(log, name) == {("unprotected", -1.0)}
    moments = {name: set(log.loc[log["subject"] == name, "lost_after_s"]) for name in ("app", "app.db")}
    assert moments == {"app": {0.5 * HOUR}, "app.db": {0.5 * HOUR}}
    assert log.loc[log["subject"].isin(["app.web", "app.other"]), "lost_after_s"].isna().all()


# rates and units


@pytest.mark.parametrize(
    ("kind", "rates"),
    [
        ("resource-loss", {"a.x": 3.0, "a.y": 1.0, "b.x": 4.0}),
        ("accidental-deletion", {"a.x": 3.0, "a.y": 1.0, "b.x": 4.0}),
    ],
)
def test_a_total_rate_is_of_all_units_together(kind: str, rates: dict[str, float]) -> None:
    """Eight a year: by members where each counts, by applications where these do."""
    w = estate(
        "{a: {site: home, resources: {x: {type: RDS, size: 1 GB, count: 3}, y: {type: EBS, size: 1 GB}}}, "
        "b: {site: home, resources: {x: {type: RDS, size: 1 GB, count: 4}}}}",
        disruption=f"{{kind: {kind}, total_rate: 8 /year}}",
    )
    found = exposure(w, "it", 10).struck_per_year
    assert {name: found[name] for name in rates} == pytest.approx(rates)
    assert math.fsum(unit.rate_per_year for unit in w.disruptions["it"].units) == pytest.approx(8)


def test_a_total_rate_of_zones_is_of_all_zones() -> None:
    """Six a year in two Regions of three zones each: one a year in each zone, and twice as much as three a year."""
    apps = f"{{a: {ALONE}, b: {{site: away, resources: {{db: {DB}}}}}}}"
    w = estate(apps, disruption="{kind: zone-outage, total_rate: 6 /year}")
    assert exposure(w, "it", 10).struck_per_year["a"] == pytest.approx(1.0)
    named = estate(apps, disruption="{kind: zone-outage, site: home, zone: eu-west-1a, total_rate: 6 /year}")
    assert exposure(named, "it", 10).struck_per_year["a"] == pytest.approx(2.0)


def test_drills_are_dealt_by_largest_remainder() -> None:
    """Of ten drills and shares of 1, 1 and 4 sixths: 2, 2 and 6, one of the equal rests going to the first name."""
    w = estate(
        "{app: {site: home, resources: {c: {type: RDS, size: 1 GB, count: 4}, b: {type: EBS, size: 1 GB}, "
        "a: {type: EBS, size: 1 GB}}}}",
        disruption="{kind: resource-loss}",
    )
    dealt = exposure(w, "it", 10).dealt["app"]
    assert dealt == (("app.a", 0, 2), ("app.b", 2, 4), ("app.c", 4, 10))
    # of four: 2/3, 2/3 and 2 2/3
    assert exposure(w, "it", 4).dealt["app"] == (("app.a", 0, 1), ("app.b", 1, 2), ("app.c", 2, 4))
    # of two: 1/3, 1/3 and 1 1/3, the rest going to the first name of equals
    assert exposure(w, "it", 2).dealt["app"] == (("app.a", 0, 1), ("app.c", 1, 2))


def test_the_row_of_an_application_is_of_its_own_drills() -> None:
    """An application that is lost with one of two resources of equal rates is lost in half the drills of its row."""
    text = scenario_text(
        sites=SITES,
        vaults=VAULTS,
        applications=f"{{app: {{site: home, objectives: {{rpo: 30 h}}, resources: {{a: {DB}, b: {EFS}}}}}}}",
        strategy="{backup: {app.b: plan}}",
        disruption="{kind: resource-loss, rate: 0.5 /year}",
    )
    summary = drsim.run(read_scenario(text), drills=200).summary.set_index("subject")
    app, a = (dict(summary.loc[name]) for name in ("app", "app.a"))
    assert [app[what] for what in ("drills", "affected", "recovered", "unprotected")] == [200, 200, 100, 100]
    assert [a[what] for what in ("affected", "unprotected")] == [200, 200]
    assert [app[what] for what in ("verdict", "verdict_of")] == ["unprotected", "app.a"]
    assert summary.loc["app", "struck_per_year"] == 1.0
    assert summary.loc["app", "breaches_per_year"] == 0.5


def test_services_are_struck_alone() -> None:
    """Without a service each that an application uses has drills of its own, of which it is dealt its share."""
    w = estate(
        f"{{app: {{site: home, resources: {{a: {DB}, b: {EFS}}}}}, c: {{site: away, resources: {{a: {DB}}}}}}}",
        disruption="{kind: service-outage, rate: 1 /year}",
    )
    names = [unit.name for unit in w.disruptions["it"].units]
    assert names == ["EFS in eu-west-1", "RDS in eu-central-1", "RDS in eu-west-1"]
    exposed = exposure(w, "it", 10)
    assert exposed.dealt["app"] == (("EFS in eu-west-1", 0, 5), ("RDS in eu-west-1", 5, 10))
    assert exposed.struck_per_year == {"app": 2.0, "app.a": 1.0, "app.b": 1.0, "c": 1.0, "c.a": 1.0}
    rows = log_of(w, 10)
    assert {subject: len(own) for subject, own in rows.groupby("subject", observed=True)} == {
        "app": 20,
        "app.a": 10,
        "app.b": 10,
        "c": 10,
        "c.a": 10,
    }


# outages, dependents and standbys together


def test_what_requires_something_that_only_an_outages_end_brings_back_waits_for_it() -> None:
    """Nothing of `base` is left elsewhere: it is back with its Region, and so is what requires it, rebuilt or not."""
    outage = "{kind: region-outage, site: home, duration: 40 h, impairs: {launches: 0, capacity: 0, copies: 0}}"
    for rebuild in ("", "rebuild: 3 h, "):
        log = log_of(
            estate(
                f"{{base: {{site: home, {rebuild}resources: {{fs: {EFS}}}}}, "
                f"top: {{site: home, requires: [base], resources: {{web: {{{WEB}}}}}}}}}",
                disruption=outage,
            )
        )
        assert figures(log, "base") == figures(log, "top") == {("ride-out", 40.0)}


def test_what_requires_several_that_are_lost_is_lost_with_the_last() -> None:
    """One was never protected, the other's restores prove useless for hours, and only that one would be rebuilt."""
    log = log_of(
        estate(
            f"{{bare: {{site: home, resources: {{db: {DB}}}}}, useless: {{site: home, rebuild: 10 d, resources: "
            f"{{db: {{type: RDS, size: 1 GB, overrides: {{restore_failure: 1}}}}}}}}, "
            f"top: {{site: other, requires: [bare, useless], resources: {{web: {{{WEB}}}}}}}}}",
            rules=[rule(keep="3 d")],
            strategy="{backup: {useless.*: plan}}",
            disruption="{kind: ransomware, site: home, dwell: 0 h, backups_attacked: 0}",
        ),
        6,
    )
    last = log[log["subject"] == "useless"].set_index("drill")["lost_after_s"]
    found = log[log["subject"] == "top"].set_index("drill")
    assert set(found["state"]) == {"unrecoverable"}
    assert last.min() > 4 * HOUR
    assert (found["lost_after_s"] == last).all()


def test_full_performance_waits_for_servers_that_moved_along() -> None:
    """A database fails over, and its servers with it: a quarter of them is there, the rest takes 3 h to launch."""
    log = log_of(
        estate(
            f"{{app: {{site: home, resources: {{db: {DB}, web: {{{WEB}, overrides: {{launch_duration: 3 h}}}}}}}}}}",
            strategy="{replication: {app.db: {feature: cross-Region read replica, to: away}}, "
            "standby: {app: {mode: warm-standby, site: away, capacity: 25 %}}}",
            disruption="{kind: resource-loss, target: app.db}",
        )
    )
    app = log[log["subject"] == "app"]
    assert (app["full_performance_s"] == 3.5 * HOUR).all()  # people take 30 min
    assert (app["downtime_s"] < 3.5 * HOUR).all()


@pytest.mark.parametrize("launch", ["1 min", "30 h"])
def test_a_standby_is_not_weighed_against_what_nobody_waits_for(launch: str) -> None:
    """The database is restored where it is in minutes; the one server of three that is not missed says nothing."""
    log = log_of(
        estate(
            f"{{app: {{site: home, loss_tolerance: 3 d, resources: {{db: {{type: RDS, size: 1 GB, overrides: "
            f"{{restore_duration: 10 s}}}}, web: {{{WEB}, count: 3, needs: 2, overrides: {{launch_duration: {launch}}}"
            "}}}}",
            strategy="{backup: {app.db: plan}, replication: {app.db: {feature: cross-Region read replica, to: away}}, "
            "standby: {app: {mode: warm-standby, site: away, capacity: 100 %}}}",
            disruption="{kind: zone-outage, duration: 100 d, impairs: {launches: 0, capacity: 0, copies: 0}}",
        )
    )
    assert {how for how, _, _ in told(log, "app.web")} == {"redundancy"}  # where it would be a failover if it moved


def test_rows_say_the_same_however_drills_are_cut() -> None:
    """Two applications that begin in zones of their own, of which one requires the other: a drill knows no others."""
    single = "{type: RDS, size: 1 GB, deployment: single-az}"
    w = estate(
        f"{{base: {{site: home, resources: {{db: {single}}}}}, "
        f"top: {{site: home, requires: [base], resources: {{db: {single}}}}}}}",
        disruption="{kind: zone-outage}",
    )
    log = log_of(w)
    assert set(log["struck"]) == {""}
    one_by_one = pd.concat([run_vectorised(w, "it", k, k + 1).astype({"drill": "int64"}) for k in range(40)])
    columns = ["drill", "subject", "struck", "downtime_s"]
    assert one_by_one[columns].astype(str).to_numpy().tolist() == log[columns].astype(str).to_numpy().tolist()
