"""What the headers of the shipped scenarios promise is what their drills find."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import drsim
from drsim.catalogue import load_catalogue
from drsim.distributions import Distribution
from drsim.engine import run_drills
from drsim.scenario import read_scenario, subjects
from drsim.scenario.shipped import shipped, shipped_scenarios
from drsim.world import build_world

DAY = 86400.0
HOUR = 3600.0
NAMES = list(shipped_scenarios())


@cache
def scenario(name: str, as_of: date | None = None) -> drsim.Scenario:
    """Return a shipped scenario, capabilities as of a day."""
    return drsim.load_scenario(shipped_scenarios()[name]).model_copy(update={"as_of": as_of})


@cache
def log(name: str, strategy: str, disruption: str, drills: int, as_of: date | None = None) -> pd.DataFrame:
    """Return the incidents of a strategy under a disruption."""
    return run_drills(build_world(scenario(name, as_of), strategy), disruption, 0, drills)


def row_of_the_shop(strategy: str, disruption: str, drills: int) -> pd.Series:
    """Return the row of the shop in the summary of a strategy under a disruption."""
    result = drsim.run(scenario("web-shop"), strategies=[strategy], disruptions=[disruption], drills=drills, workers=1)
    summary = result.summary
    return summary[summary["subject"] == "shop"].iloc[0]


def of(frame: pd.DataFrame, subject: str) -> pd.DataFrame:
    """Return the rows of one subject that was struck."""
    return frame[frame["subject"] == subject]


def share(found: pd.Series) -> float:
    """Return the share of rows that are true."""
    return float(np.mean(found.to_numpy(dtype=bool)))


def meets(frame: pd.DataFrame, subject: str, column: str, seconds: float) -> float:
    """Return the share of the drills that struck a subject in which a figure stays within an objective [s]."""
    struck = of(frame, subject)
    return share(struck[column] <= seconds)


@pytest.mark.parametrize("name", NAMES)
def test_a_header_says_what_for_and_what_to_expect(name: str) -> None:
    """A scenario begins with a comment that names it, says what it is for, and what to expect of its run."""
    text = shipped_scenarios()[name].read_text(encoding="utf-8")
    header = "".join(line for line in text.splitlines(keepends=True)[:40] if line.startswith("#"))
    assert header.startswith(f"# {name}: ")
    assert "\n# Expect" in header
    assert text.startswith(header)


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_of_the_scenarios_lists_them(name: str) -> None:
    """The README beside the scenarios has a row for each."""
    readme = (shipped("scenarios") / "README.md").read_text(encoding="utf-8")
    assert f"| [{name}]({name}.yaml) |" in readme


# periodic


def test_a_daily_backup_loses_more_than_a_day_in_one_case_of_twelve() -> None:
    """The loss of a database with a daily backup that takes 2 h is uniform from 2 h to 26 h; its restore takes 3 h."""
    found = of(log("periodic", "daily", "database-lost", 600), "orders.db")
    loss = found["data_loss_s"] / HOUR
    assert (found["downtime_s"] == 3 * HOUR).all()
    assert 2 <= loss.min() < 2.5
    assert 25.5 < loss.max() <= 26
    assert share(loss <= 24) == pytest.approx(22 / 24, abs=4 * np.sqrt(22 / 24 * 2 / 24 / 600))
    assert loss.mean() == pytest.approx(14, abs=4 * 24 / np.sqrt(12 * 600))


def test_a_copy_makes_the_loss_of_a_region_larger_by_its_own_time() -> None:
    """A copy of 1 h to 4 h adds 2.5 h to the mean loss and none to the restore."""
    found = of(log("periodic", "daily", "region-lost", 600), "orders.db")
    assert (found["downtime_s"] == 3 * HOUR).all()
    assert found["data_loss_s"].mean() / HOUR == pytest.approx(16.5, abs=4 * np.sqrt((24**2 + 3**2) / 12 / 600))


# web-shop


def test_the_shop_needs_copies_to_survive_a_region_and_a_standby_to_meet_its_objectives() -> None:
    """Backups in one Region die with it, copies save the shop too late, the warm standby meets both objectives."""
    assert share(of(log("web-shop", "nightly", "region-loss", 60), "shop")["state"] == "unrecoverable") == 1
    for strategy in ("copies", "continuous"):
        found = log("web-shop", strategy, "region-loss", 60)
        assert share(of(found, "shop")["state"] == "recovered") == 1
        assert meets(found, "shop", "data_loss_s", HOUR) < 0.5
    standby = log("web-shop", "warm-standby", "region-loss", 60)
    assert meets(standby, "shop", "data_loss_s", HOUR) > 0.9
    assert meets(standby, "shop", "downtime_s", 4 * HOUR) > 0.9


@pytest.mark.parametrize("strategy", ["nightly", "copies", "continuous", "warm-standby"])
def test_eight_of_twelve_servers_are_enough_for_the_outage_of_a_zone(strategy: str) -> None:
    """In the outage of a zone the shop is hardly ever late, and loses nothing; the servers are never below eight."""
    found = log("web-shop", strategy, "zone-outage", 60)
    assert meets(found, "shop", "data_loss_s", HOUR) == 1
    assert meets(found, "shop", "downtime_s", 4 * HOUR) > 0.9
    servers = of(found, "shop.web")
    assert len(servers) == 60
    assert set(servers["recovered_by"]) == {"redundancy"}


def test_where_all_servers_are_needed_only_the_standby_survives_a_zone_in_time() -> None:
    """Without `needs` the shop is late where launches are impaired, but for the standby, which takes it over whole."""
    text = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
    bare = read_scenario(text.replace("needs: 8, ", ""))
    restored, standby = (run_drills(build_world(bare, s), "zone-outage", 0, 120) for s in ("copies", "warm-standby"))
    assert 0.7 < meets(restored, "shop", "downtime_s", 4 * HOUR) < 0.95
    assert meets(standby, "shop", "downtime_s", 4 * HOUR) > 0.95


def test_three_of_four_deletions_strike_a_server_that_nobody_misses() -> None:
    """Twelve of the shop's sixteen members are servers; eight of them are enough."""
    found = of(log("web-shop", "copies", "deletion", 80), "shop")
    dealt = row_of_the_shop("copies", "deletion", 80)
    assert dealt["affected"] == 80
    assert set(found[found["struck"] == "shop.web"]["recovered_by"]) == {"redundancy"}
    assert dealt["downtime_s_p50"] == 0


@pytest.mark.parametrize("strategy", ["nightly", "copies", "continuous", "warm-standby"])
def test_only_its_own_snapshots_save_the_warehouse(strategy: str) -> None:
    """Redshift has no copies: without its own cross-Region snapshots it dies with its Region."""
    found = of(log("web-shop", strategy, "region-loss", 60), "analytics.warehouse")
    assert set(found["state"]) == {"recovered" if strategy == "warm-standby" else "unrecoverable"}


# every-type

EVERY = "every-type"
STACK = "stack.template"
"""The stack of `every-type`; the names of what is nested in it begin so."""


def capable(as_of: date | None, capability: str) -> set[str]:
    """Return the resources of `every-type` whose type has a capability on a day; unknown counts as no."""
    types = load_catalogue().types
    found = subjects(scenario(EVERY))
    return {name for name, s in found.items() if types[s.resource.type].can(capability, as_of) is True}


def everybody() -> set[str]:
    """Return the names of all resources of `every-type`."""
    return set(subjects(scenario(EVERY)))


def in_state(frame: pd.DataFrame, state: str) -> set[str]:
    """Return the resources that were in a state in some drill."""
    rows = frame[(frame["level"] == "resource") & (frame["state"] == state)]
    return set(rows["subject"])


def test_every_type_and_every_kind_is_there() -> None:
    """There is a resource of each type of the catalogue and a disruption of each kind, but for those of premises."""
    catalogue = load_catalogue()
    kinds = {name for name, kind in catalogue.disruptions.items() if kind.strikes != "premises"}
    assert {s.resource.type for s in subjects(scenario(EVERY)).values()} == set(catalogue.types)
    assert {d.kind for d in scenario(EVERY).disruptions.values()} == kinds
    assert len(everybody()) == 28


@pytest.mark.parametrize("as_of", [None, date(2023, 4, 1)], ids=str)
@pytest.mark.parametrize(
    ("disruption", "capability"), [("region-lost", "cross-region"), ("account-taken", "cross-account")]
)
def test_without_a_copy_there_is_no_way_back(disruption: str, capability: str, as_of: date | None) -> None:
    """Who cannot be copied to another Region dies with it; who cannot be copied to another account, with that.

    What is in a stack comes after its template, and is lost with it.
    """
    found = log(EVERY, "all-features", disruption, 6, as_of)
    saved = capable(as_of, capability)
    if STACK not in saved:
        saved -= {name for name in saved if name.startswith(STACK)}
    assert in_state(found, "recovered") == saved
    assert in_state(found, "unrecoverable") == everybody() - saved


@pytest.mark.parametrize("disruption", ["lost", "deleted", "corrupted"])
def test_what_strikes_one_resource_is_survived_by_all(disruption: str) -> None:
    """Each resource is struck in drills of its own, alone, and a point beside it brings each type back."""
    found = log(EVERY, "all-features", disruption, 6)
    rows = found[found["level"] == "resource"]
    assert (rows["struck"].astype(str) == rows["subject"].astype(str)).all()
    assert rows["subject"].astype(str).value_counts().to_dict() == dict.fromkeys(everybody(), 6)
    assert set(rows["state"]) == {"recovered"}


def test_only_continuous_types_come_back_to_the_moment_of_corruption() -> None:
    """Types with continuous backup, outside stacks, are restored to a moment; the others to their newest point."""
    found = log(EVERY, "all-features", "corrupted", 12)
    struck = found[(found["level"] == "resource") & (found["state"] == "recovered")]
    to_a_moment = struck[struck["recovered_by"] == "point-in-time restore"]
    assert set(to_a_moment["subject"]) == {s for s in capable(None, "continuous") if s.count(".") == 1}
    dwell = to_a_moment["occurred_s"] - to_a_moment["contaminated_s"]
    assert (to_a_moment["data_loss_s"] <= dwell.clip(lower=1 * HOUR)).all()


def test_only_types_with_cold_storage_wait_for_it() -> None:
    """Found 75 days later, cold types are retrieved for hours first, EBS too, and everybody is back."""
    found = log(EVERY, "all-features", "found-late", 6)
    rows = found[found["level"] == "resource"]
    assert set(rows["state"]) == {"recovered"}
    assert set(rows[rows["retrieve_s"] > 0]["subject"]) == capable(None, "cold-storage")


def test_an_outage_ends_well_for_all() -> None:
    """Nobody is lost to an outage; who has no copy elsewhere rides out that of a Region."""
    for disruption in ("zone-outage", "service-outage", "region-outage"):
        found = log(EVERY, "all-features", disruption, 40)
        assert not in_state(found, "unrecoverable") | in_state(found, "unprotected")
    region = log(EVERY, "all-features", "region-outage", 40)
    acted = region[(region["level"] == "resource") & ~region["recovered_by"].isin(["ride-out", ""])]
    assert set(acted["subject"]) <= capable(None, "cross-region")


def test_a_zone_spares_regional_types_and_a_service_all_others() -> None:
    """A zone outage strikes all types but the regional ones, an outage of EFS strikes EFS."""
    types = load_catalogue().types
    regional = {n for n, s in subjects(scenario(EVERY)).items() if types[s.resource.type].deployment == "regional"}
    assert in_state(log(EVERY, "all-features", "zone-outage", 40), "recovered") == everybody() - regional
    assert in_state(log(EVERY, "all-features", "service-outage", 40), "recovered") == {"efs.files"}


# periodic-vs-continuous

RULES = "periodic-vs-continuous"
KINDS = ("rds", "s3", "aurora", "dynamodb", "efs")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_daily_copy_does_not_bound_the_loss_of_a_region_at_a_day(kind: str) -> None:
    """Under either strategy, the loss of a Region costs more than 24 h too often, and hardly ever less than 15 min."""
    for strategy in ("periodic", "continuous"):
        found = log(RULES, strategy, "region-loss", 250)
        assert meets(found, f"{kind}-24h", "data_loss_s", DAY) < 0.95
        assert meets(found, f"{kind}-15min", "data_loss_s", 900) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_continuous_backup_bounds_the_loss_of_a_deletion_and_not_its_downtime(kind: str) -> None:
    """Continuous types lose minutes in most deletions, EFS hours; no type is reliably back within 15 min."""
    found = log(RULES, "continuous", "deletion", 500)
    within = meets(found, f"{kind}-15min", "data_loss_s", 900)
    assert within < 0.1 if kind == "efs" else within > 0.8
    assert meets(found, f"{kind}-15min", "downtime_s", 900) < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_backup_brings_back_what_was_written_after_a_corruption(kind: str) -> None:
    """What counts after a corruption is how late it was noticed: neither strategy keeps its claim."""
    assert meets(log(RULES, "periodic", "corruption", 500), f"{kind}-24h", "data_loss_s", DAY) < 0.9
    assert meets(log(RULES, "continuous", "corruption", 500), f"{kind}-15min", "data_loss_s", 900) < 0.4


def test_a_zone_outage_strikes_the_databases_alone() -> None:
    """A zone outage does not reach S3, DynamoDB and EFS."""
    found = log(RULES, "periodic", "zone-outage", 20)
    struck = found[found["level"] == "application"]["subject"]
    assert set(struck) == {"rds-24h", "rds-15min", "aurora-24h", "aurora-15min"}


# ransomware

ATTACKED = 0.54
KEPT_D = {"unlocked-35d": 35, "compliance-35d": 35, "governance-90d": 90, "air-gapped-90d": 90, "cold-365d": 365}
LOCKED = {"compliance-35d", "governance-90d", "air-gapped-90d", "cold-365d"}


def older_than(dwell: Distribution, days: float) -> float:
    """Return the probability that a dwell is longer than some days, from its quantiles."""
    levels = (np.arange(20_000) + 0.5) / 20_000
    return float(np.mean([dwell.quantile(float(q)) > days * DAY for q in levels[::10]]))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", KEPT_D)
@pytest.mark.parametrize("disruption", ["ransomware", "noticed-in-a-week"])
def test_an_attack_is_survived_unless_it_outlives_the_points_or_reaches_them(strategy: str, disruption: str) -> None:
    """The share of unrecoverable attacks is that of longer dwells, and that of attacked vaults where no lock holds."""
    drills = 150 if strategy == "cold-365d" else 400
    written = scenario("ransomware").disruptions[disruption]
    dwell = written.dwell or load_catalogue().disruptions["ransomware"].dwell.value
    half_a_gap = 15 if strategy == "cold-365d" else 0.5
    outlived = older_than(dwell, KEPT_D[strategy] - half_a_gap)
    expected = outlived if strategy in LOCKED else ATTACKED + (1 - ATTACKED) * outlived
    found = share(of(log("ransomware", strategy, disruption, drills), "erp")["state"] == "unrecoverable")
    assert found == pytest.approx(expected, abs=4 * np.sqrt(max(expected * (1 - expected), 0.01) / drills))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", KEPT_D)
def test_who_holds_the_account_opens_governance_locks(strategy: str) -> None:
    """An account taken over loses what is unlocked or under governance, in 54 % of cases, and nothing else."""
    drills = 150
    found = share(of(log("ransomware", strategy, "account-taken", drills), "erp")["state"] == "unrecoverable")
    expected = ATTACKED if strategy in {"unlocked-35d", "governance-90d"} else 0.0
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / drills))


# region-evacuation


def test_an_estate_of_three_hundred_resources_leaves_a_region() -> None:
    """There are at least 300 resources in 40 applications of three priorities, who depend on each other."""
    estate = scenario("region-evacuation")
    assert len(estate.applications) == 40
    assert len(subjects(estate)) >= 300
    assert {a.priority for a in estate.applications.values()} == {1, 2, 3, 4}
    assert sum(bool(a.after) for a in estate.applications.values()) == 39


@pytest.mark.slow
def test_a_pilot_light_keeps_the_first_tier_within_its_objectives() -> None:
    """With a pilot light the first tier loses minutes and is back sooner; the others are back sooner, too."""
    restored, lit = (log("region-evacuation", s, "region-loss", 8) for s in ("backup-and-restore", "pilot-light"))
    assert meets(lit, "payments", "data_loss_s", HOUR) == 1
    assert meets(restored, "payments", "data_loss_s", HOUR) == 0
    for app in ("payments", "checkout", "orders", "warehouse"):
        assert of(lit, app)["downtime_s"].mean() < of(restored, app)["downtime_s"].mean()


@pytest.mark.slow
def test_an_outage_of_the_region_does_not_hold_up_the_pilot_light() -> None:
    """Launches that are impaired in the Region that is out do not hold up those in the other."""
    lit = log("region-evacuation", "pilot-light", "region-outage", 12)
    for app in ("platform", "payments", "checkout"):
        assert meets(lit, app, "data_loss_s", 4 * HOUR) == 1
        assert meets(lit, app, "downtime_s", 8 * HOUR) == 1


def test_who_is_waited_for_says_how_long_a_rebuild_takes() -> None:
    """Every application that others come after has a `rebuild`, in every shipped scenario."""
    for name in NAMES:
        applications = scenario(name).applications
        waited_for = {other for app in applications.values() for other in app.after}
        assert all(applications[other].rebuild is not None for other in waited_for), name


# the table of claims

CLAIMS = (
    ("periodic", "24h", "rpo", "data_loss_s"),
    ("periodic", "24h", "rto", "downtime_s"),
    ("continuous", "15min", "rpo", "data_loss_s"),
    ("continuous", "15min", "rto", "downtime_s"),
)
"""Strategy, application, objective and figure of each column of the table."""


@pytest.mark.slow
def test_the_table_of_claims_is_what_the_scenario_finds() -> None:
    """Every cell of the table beside the scenarios is what a run with the scenario's own drills and seed finds."""
    summary = drsim.run(scenario(RULES), workers=2).summary
    expected = [
        f"| {type_} | {disruption.replace('-', ' ').replace('region', 'Region')} | " + " | ".join(cells) + " |"
        for type_ in ("RDS", "S3", "Aurora", "DynamoDB", "EFS")
        for disruption in scenario(RULES).disruptions
        if (cells := [_cell(summary, type_.lower(), disruption, claim) for claim in CLAIMS])[0]
    ]
    assert _rows(shipped("scenarios") / "README.md") == expected


def test_the_readme_repeats_the_table_in_short() -> None:
    """What the README says of periodic and continuous backup is in the table beside the scenarios."""
    rows = _rows(shipped("scenarios") / "README.md")
    short = _rows(shipped("README.md"))
    assert len(rows) == 17
    assert short
    assert set(short) <= set(rows)


def _rows(path: Path) -> list[str]:
    """Return the rows of the table of claims in a document."""
    return re.findall(r"^\| (?:RDS|S3|Aurora|DynamoDB|EFS) \|.*$", path.read_text(encoding="utf-8"), re.MULTILINE)


def _cell(summary: pd.DataFrame, type_: str, disruption: str, claim: tuple[str, str, str, str]) -> str:
    """Return whether a claim holds where the disruption strikes, how often, and the figure that 95 % stay within."""
    strategy, app, objective, figure = claim
    wanted = {"strategy": strategy, "disruption": disruption, "subject": f"{type_}-{app}"}
    row = summary[(summary[list(wanted)] == pd.Series(wanted)).all(axis=1)].iloc[0]
    if not row["affected"]:
        return ""
    found, low, high = (row[f"p_meets_{objective}{end}"] for end in ("", "_lo", "_hi"))
    word = "holds" if low >= 0.95 else "fails" if high < 0.95 else "open"
    return f"{word}: {100 * found:.0f} %, {_readable(row[f'{figure}_p95'])}"


def _readable(seconds: float) -> str:
    """Return a duration in minutes, hours or days."""
    if seconds < 2 * HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds / DAY:.1f} d"
