"""What one event strikes, how often a year, and what that does to those who do without some, or not without others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from drsim.engine import run_drills, run_vectorised
from drsim.engine.exposure import Exposure, exposure
from drsim.engine.strike import strike
from drsim.engine.zones import zone_chances, zones_reached
from drsim.world import World
from tests.scenarios import DB, HOUR, UNLIMITED, Parts, first_difference, told, world

WEB = "type: EC2, size: 1 GB, stateless: true"
STEADY = "impairs: {launches: 0, capacity: 0, copies: 0}"
ZONE_SITES = """
  home: {region: us-east-1, account: production}
  named: {region: us-east-1, account: production, zone: us-east-1a}
  other: {region: us-east-1, account: second}
  recovery: {region: us-west-2, account: production}
"""
VAULTS = "{local: {site: home}, second: {site: other}, dr: {site: recovery}}"


def log_of(w: World, drills: int = 60) -> pd.DataFrame:
    """Return the log of the disruption `it`, of which both clocks make the first 60 drills."""
    log = run_vectorised(w, "it", 0, drills)
    on_both = min(drills, 60)
    assert not first_difference(run_drills(w, "it", 0, on_both), log[log["drill"] < on_both])
    return log


def exposed(w: World, drills: int = 60) -> Exposure:
    """Return the exposure to the disruption `it`."""
    return exposure(w, "it", drills)


def zoned(resources: str, *, site: str = "home", disruption: str = "", **more: str) -> World:
    """Return an application in a zone outage of 10 h without impairments; servers launch in 10 min."""
    parts: Parts = {
        "sites": ZONE_SITES,
        "vaults": VAULTS,
        "applications": f"{{app: {{site: {site}, resources: {{{resources}}}, {more.get('app', '')}}}}}",
        "disruption": f"{{kind: zone-outage, site: home, duration: 10 h, {STEADY}, {disruption}}}",
        "overrides": {"launch_duration": more.get("launch", "10 min"), "restore_duration": "3 h"},
        "response": "{detect: 10 min, declare: 30 min, validate: 20 min, redirect: 5 min}",
    }
    return world(**parts)


# how often


def test_a_rate_counts_per_member_of_each_resource() -> None:
    """Three members are lost three times as often as one; an application as often as its resources together."""
    w = world(
        resources=f"{{a: {DB}, b: {{type: RDS, size: 1 GB, count: 3}}}}",
        disruption="{kind: resource-loss, rate: 0.1 /year}",
    )
    assert exposed(w).struck_per_year == pytest.approx({"app.a": 0.1, "app.b": 0.3, "app": 0.4})


def test_the_rate_of_an_application_is_shared_among_what_is_aimed_at() -> None:
    """A deletion that is aimed at some of the resources strikes these at the application's rate, by their counts."""
    w = world(
        resources=f"{{a: {DB}, b: {{type: RDS, size: 1 GB, count: 3}}, c: {{type: EFS, size: 1 GB}}}}",
        disruption="{kind: accidental-deletion, target: 'type:RDS', rate: 1 /year}",
    )
    assert exposed(w).struck_per_year == {"app.a": 0.25, "app.b": 0.75, "app": 1.0}


def test_a_total_rate_is_shared_by_the_catalogue() -> None:
    """All units together are struck so often: two applications alike, whatever they hold."""
    apps = f"{{one: {{site: home, resources: {{a: {DB}}}}}, two: {{site: home, resources: {{b: {DB}, c: {DB}}}}}}}"
    w = world(applications=apps, disruption="{kind: corruption, total_rate: 2 /year}")
    rates = exposed(w).struck_per_year
    assert rates == {"one.a": 1.0, "one": 1.0, "two.b": 0.5, "two.c": 0.5, "two": 1.0}


def test_neighbours_change_no_rate() -> None:
    """Ransomware counts per account: nine neighbours in it change nothing."""

    def apps(n: int) -> str:
        return "{" + ", ".join(f"a{k}: {{site: home, resources: {{db: {DB}}}}}" for k in range(n)) + "}"

    for kind in ("ransomware", "accidental-deletion", "corruption", "resource-loss"):
        alone, crowd = (exposed(world(applications=apps(n), disruption=f"{{kind: {kind}}}")) for n in (1, 10))
        assert alone.struck_per_year["a0"] == crowd.struck_per_year["a0"]


@pytest.mark.parametrize(
    ("site", "zone", "often"),
    [
        ("named", "", 1.0),
        ("named", "zone: us-east-1a", 1.0),
        ("named", "zone: us-east-1b", None),
        ("home", "", 1.0),
        ("home", "zone: us-east-1b", 1 / 3),
    ],
)
def test_zones_count_each_for_itself(site: str, zone: str, often: float | None) -> None:
    """A zone that is not named is one of three; a database stands in its site's, or in each with a third."""
    w = zoned(f"web: {DB}", site=site, disruption=f"rate: 1 /year, {zone}")
    assert exposed(w).struck_per_year.get("app.web") == (None if often is None else pytest.approx(often))
    log = log_of(w, 300)
    hit = len(log[log["subject"] == "app.web"]) / 300
    # an outage that names no zone strikes each in turn, another in every drill
    share = 0.0 if often is None else often / 3 if not zone else often
    assert hit == pytest.approx(share, abs=0 if site == "named" else 0.1)


@pytest.mark.parametrize("zone", ["", "zone: us-east-1b"])
@pytest.mark.parametrize(("site", "count"), [("home", 1), ("home", 2), ("home", 5), ("named", 2)])
def test_chances_of_zones_are_the_shares_of_drills(site: str, count: int, zone: str) -> None:
    """Of the drills that strike a zone those strike a resource that its chance to stand there says."""
    w = zoned(f"web: {{{WEB}, count: {count}}}", site=site, disruption=zone)
    struck = strike(w, "it", np.arange(3000))
    assert struck.zone is not None
    d, any_member = w.disruptions["it"], np.asarray(struck.affected.any(axis=1))
    numbers = [1] if zone else [0, 1, 2]
    shares = [any_member[struck.zone == number].mean() for number in numbers]
    np.testing.assert_allclose(shares, zone_chances(w, d, 0), atol=0.05)
    assert zones_reached(w, d, 0) == pytest.approx(sum(zone_chances(w, d, 0)))


def test_no_name_decides_about_a_zone() -> None:
    """Databases of other names stand in the same zones as often."""
    hits = []
    for name in ("db", "web", "x1"):
        log = log_of(zoned(f"{name}: {DB}", disruption="zone: us-east-1a"), 200)
        hits.append(sorted(log.loc[log["level"] == "resource", "drill"]))
    assert hits[0] == hits[1] == hits[2]


def test_an_application_has_its_drills_from_its_resources() -> None:
    """Ranges as long as the resources' shares, by largest remainder, in order of name."""
    w = world(resources=f"{{b: {DB}, a: {{type: RDS, size: 1 GB, count: 2}}}}", disruption="{kind: resource-loss}")
    assert exposed(w, 10).dealt == {"app": (("app.a", 0, 7), ("app.b", 7, 10))}


def test_each_account_is_struck_alone() -> None:
    """Ransomware without a site strikes one account at a time, each with drills of its own."""
    apps = f"{{one: {{site: home, resources: {{db: {DB}}}}}, two: {{site: other, resources: {{db: {DB}}}}}}}"
    w = world(sites=ZONE_SITES, vaults=VAULTS, applications=apps, disruption="{kind: ransomware}")
    log = log_of(w, 20)
    assert [unit.name for unit in w.disruptions["it"].units] == ["production", "second"]
    assert log.groupby("subject", observed=True)["drill"].apply(list).to_dict() == {
        name: list(range(20)) for name in ("one", "one.db", "two", "two.db")
    }


def test_one_member_is_struck_in_a_drill() -> None:
    """Of three members each is lost in about a third of the drills."""
    w = world(resources="{db: {type: RDS, size: 1 GB, count: 3}}", disruption="{kind: resource-loss}")
    affected = strike(w, "it", np.arange(300)).affected
    assert (affected.sum(axis=1) == 1).all()
    assert (np.abs(affected.sum(axis=0) - 100) < 30).all()
    assert len(log_of(w, 30)) == 60


# doing without some


@pytest.mark.parametrize(("needs", "down_min"), [(8, 0.0), (9, 75.0), (12, 75.0)])
def test_a_fleet_does_without_a_zone(needs: int, down_min: float) -> None:
    """Twelve servers in three zones: with eight needed nothing is down, and nobody answers."""
    log = log_of(zoned(f"web: {{{WEB}, count: 12, needs: {needs}}}"), 30)
    assert set(log["downtime_s"] / 60) == ({0.0} if not down_min else {50.0, 75.0})
    app = log[log["subject"] == "app"]
    assert set(app["downtime_s"] / 60) == {down_min}
    assert set(app["recovered_by"]) == ({"launch"} if down_min else {"redundancy"})
    assert set(app["state"]) == {"recovered"}


def test_what_is_needed_decides_when_it_is_back() -> None:
    """Of four members struck together, each 1 to 9 h to restore, two are needed: the second one decides."""
    parts: Parts = {
        "resources": "{db: {type: RDS, size: 1 GB, count: 4, needs: 2}}",
        "disruption": "{kind: ransomware, dwell: 0 min, backups_attacked: 0}",
        "overrides": {"restore_duration": "{uniform: [1 h, 9 h]}"},
    }
    w = world(**parts)
    all_needed = world(**(parts | Parts(resources="{db: {type: RDS, size: 1 GB, count: 4}}")))
    some, every = (log_of(x, 400) for x in (w, all_needed))
    mean = {
        name: log[log["subject"] == "app.db"]["downtime_s"].mean() / HOUR for name, log in (("2", some), ("4", every))
    }
    # of four uniform moments the second is 2/5, the last 4/5 of the way
    assert mean == pytest.approx({"2": 1 + 8 * 2 / 5, "4": 1 + 8 * 4 / 5}, rel=0.05)
    assert some["data_loss_s"].equals(every["data_loss_s"])


def test_data_are_not_redundant() -> None:
    """One of three databases is lost for good: nothing is down, and yet its data are gone."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, count: 3, needs: 2}}",
        overrides={"restore_failure": "1"},
        disruption="{kind: resource-loss}",
    )
    assert {how for how, _, _ in told(log_of(w), "app")} == {"unrecoverable"}


# not without others


def chain(*, requires: str, dwell: str = "", rebuild: str = "", backup: str = "plan") -> World:
    """Return a shop that requires a login; the login's database is restored in 3 h."""
    return world(
        applications=(
            f"{{login: {{site: home, resources: {{db: {DB}}}, {rebuild}}}, "
            f"shop: {{site: home, {requires}, resources: {{files: {{type: EFS, size: 1 GB}}}}}}}}"
        ),
        strategy=f"{{backup: {{login.*: {backup}, shop.*: plan}}}}",
        overrides={"restore_duration": "3 h"},
        disruption=f"{{kind: resource-loss, target: 'login.*', {dwell}}}",
        response="{detect: 0 min, declare: 30 min, validate: 0 min, redirect: 6 min}",
    )


def test_what_requires_another_is_down_with_it() -> None:
    """The shop loses nothing, and is down for as long as the login is."""
    w = chain(requires="requires: [login]")
    log = log_of(w)
    shop = log[log["subject"] == "shop"]
    assert {(how, loss, round(down, 9)) for how, loss, down in told(log, "shop")} == {("dependency", 0, 3.6)}
    assert set(shop["struck"]) == {"login.db"}
    assert exposed(w).dependents == {("shop", "login.db"): w.disruptions["it"].units[0].rate_per_year}
    assert "shop" not in exposed(w).struck_per_year


def test_what_only_comes_after_is_not_taken_down() -> None:
    """`after` orders recoveries and takes nobody down."""
    log = log_of(chain(requires="after: [login]"))
    assert told(log, "shop") == []


@pytest.mark.parametrize(("rebuild", "how"), [("", "unrecoverable"), ("rebuild: 10 d", "dependency")])
def test_what_requires_something_lost(rebuild: str, how: str) -> None:
    """Until the login is rebuilt the shop is down; where nobody says how long that takes, it is lost too."""
    log = log_of(chain(requires="requires: [login]", rebuild=rebuild, backup="[]"))
    found = set(told(log, "shop"))
    assert found == {(how, 0, 240.5) if rebuild else (how, -1, -1)}


@pytest.mark.parametrize(("rebuild", "hours"), [("", 3.0), ("rebuild: 10 d", 243.0)])
def test_what_comes_after_something_lost(rebuild: str, hours: float) -> None:
    """Where the scenario says how long a rebuild takes, what comes after it waits; else it goes on without."""
    w = world(
        applications=(
            f"{{x: {{site: home, resources: {{db: {DB}}}, {rebuild}}}, "
            f"app: {{site: home, after: [x], resources: {{db: {DB}}}}}}}"
        ),
        strategy="{backup: {app.db: plan}}",
        overrides={"restore_duration": "3 h"},
        disruption="{kind: ransomware, dwell: 0 min, backups_attacked: 0}",
    )
    log = log_of(w)
    assert {hour for _, _, hour in told(log, "app")} == {hours}
    lost = log[log["subject"] == "x"]
    assert set(lost["state"]) == {"unprotected"}
    assert (lost["rebuild_s"] > 0).all()


# standbys, as a whole


@pytest.mark.parametrize("mode", ["pilot-light", "warm-standby", "multi-site"])
@pytest.mark.parametrize("replica", [True, False])
def test_a_standby_takes_over_as_a_whole_or_not_at_all(mode: str, replica: bool) -> None:  # noqa: FBT001
    """In a zone outage database and servers are in one Region afterwards; without a replica there they stay home."""
    copied = "replication: {app.db: {feature: cross-Region read replica, to: recovery}}, " if replica else ""
    w = world(
        sites=ZONE_SITES,
        vaults=VAULTS,
        applications=f"{{app: {{site: named, resources: {{db: {DB}, web: {{{WEB}, after: [db]}}}}}}}}",
        strategy=f"{{backup: plan, {copied}standby: {{app: {{mode: {mode}, site: recovery}}}}}}",
        disruption=f"{{kind: zone-outage, site: home, zone: us-east-1a, duration: 50 h, {STEADY}}}",
        overrides={"restore_duration": "3 h", "launch_duration": "10 min"},
        limits=UNLIMITED,
    )
    log = log_of(w)
    assert set(log.loc[log["level"] == "resource", "place"]) == ({"recovery"} if replica else {"local", "named"})


def test_bits_do_not_depend_on_company() -> None:
    """What an application goes through is the same alone and among others, wherever it stands in the file."""
    one = f"{{site: home, resources: {{db: {DB}, web: {{{WEB}, count: 4, needs: 3}}}}}}"
    orders = (["b"], ["a", "b", "c"], ["c", "b", "a"])
    overrides = {"restore_duration": "{uniform: [1 h, 9 h]}", "backup_duration": "{uniform: [1 h, 9 h]}"}
    for kind in ("resource-loss", "ransomware", f"zone-outage, {STEADY}", "region-loss", "corruption"):
        found = []
        for names in orders:
            apps = "{" + ", ".join(f"{name}: {one}" for name in names) + "}"
            w = world(
                sites=ZONE_SITES, vaults=VAULTS, applications=apps, overrides=overrides, disruption=f"{{kind: {kind}}}"
            )
            log = log_of(w, 20)
            own = log[log["subject"].astype(str).isin(["b", "b.db", "b.web"])]
            found.append((own.reset_index(drop=True), exposed(w).struck_per_year["b"]))
        assert not first_difference(found[0][0], found[1][0])
        assert not first_difference(found[0][0], found[2][0])
        assert found[0][1] == found[1][1] == found[2][1]
