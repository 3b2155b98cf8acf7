"""Answers that were worked out by hand: from AWS's published prices and documentation, or from a closed form.

Each scenario of `tests/data/by_hand` is a question as people have it, and one kind of answer that is easily wrong.
Bills are to half a per cent of the hand's figure: what the hand leaves out is that points expire some hours late.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from drsim.errors import ScenarioError
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.study.drills import run
from drsim.study.results import Result

BY_HAND = Path(__file__).parent.parent / "data" / "by_hand"
HOUR = 3600.0


def asked(name: str) -> Scenario:
    """Return the scenario of a name."""
    return load_scenario(BY_HAND / f"{name}.yaml")


def answered(name: str) -> Result:
    """Return what the drills of a scenario say."""
    return run(asked(name), workers=1)


def incidents(result: Result, subject: str, **where: str) -> pd.DataFrame:
    """Return the incidents of a subject that hold given words, such as `strategy="a"`."""
    log = result.incidents
    for column, word in {"subject": subject, **where}.items():
        log = log[log[column] == word]
    assert len(log)
    return log


def usd_per_month(result: Result, strategy: str) -> float:
    """Return the total of the bill of a strategy."""
    costs = result.costs
    total: float = costs.loc[(costs["strategy"] == strategy) & (costs["line"] == "total"), "usd_per_month"].item()
    return total


# bills


@pytest.mark.parametrize(
    ("name", "strategy", "by_hand"),
    [
        # without the opt-in points of EBS stay warm: 500 x (1 + 119 x 2 %) GiB at 0.05
        pytest.param("ebs-cold-without-opt-in", "s", 84.50, id="no opt-in"),
        # what a warm point refers to stays warm: 400 + 29 x 4 GiB at 0.05, and 90 x 4 at 0.01
        pytest.param("efs-cold-billing", "s", 516 * 0.05 + 360 * 0.01, id="cold EFS"),
        # an object below 128 KiB counts as 128 KiB: 1e7 of them at 0.05
        pytest.param("s3-small-objects", "s", 1e7 * 128 / 2**20 * 0.05, id="small objects"),
        # the first full never fits its window, so that nothing is ever stored
        pytest.param("first-full-never-completes", "short", 0.0, id="never completes"),
        # the points of one year, which is the age of what is kept for ever: 200 x (1 + 364 x 0.5 %) GiB at 0.05
        pytest.param("kept-for-ever", "ever", 200 * (1 + 364 * 0.005) * 0.05, id="kept for ever"),
    ],
)
def test_bills_are_those_of_a_calculation_by_hand(name: str, strategy: str, by_hand: float) -> None:
    """The total of a strategy's bill is within half a per cent of the hand's, and zero where that is."""
    assert usd_per_month(run(asked(name), drills=1, workers=1), strategy) == pytest.approx(by_hand, rel=5e-3)


def test_a_bill_is_the_same_whatever_stands_beside_it() -> None:
    """What keeps for ever costs the same with and without a strategy that keeps seven years in the scenario."""
    beside = asked("kept-for-ever")
    alone = beside.model_copy(
        update={
            "strategies": {"ever": beside.strategies["ever"]},
            "backup_plans": {"ever": beside.backup_plans["ever"]},
        }
    )
    both, one = (usd_per_month(run(s, strategies=["ever"], drills=1, workers=1), "ever") for s in (beside, alone))
    assert both == one


def test_an_air_gapped_primary_holds_one_copy() -> None:
    """EFS writes into the air-gapped vault alone; a point of EBS stays in the other until its copy is there."""
    costs = run(asked("air-gapped-primary"), drills=1, workers=1).costs
    usd = costs[costs["line"] == "storage-warm"].groupby(["type", "place"])["usd_per_month"].sum()
    one_copy = 300 * (1 + 19 * 0.02) * 0.0575  # an air-gapped vault costs 15 % more
    assert usd["EFS", "ledger-gap"] == pytest.approx(one_copy, rel=5e-3)
    assert usd["EBS", "ledger-gap"] == pytest.approx(one_copy, rel=5e-3)
    assert ("EFS", "ledger-main") not in usd.index
    assert 0 < usd["EBS", "ledger-main"] < 0.1 * one_copy


def test_a_copy_into_the_own_vault_is_refused() -> None:
    """The address of a copy's vault is that of the rule's own, though the rule gives its name only."""
    with pytest.raises(ScenarioError) as refused:
        asked("copy-into-own-vault")
    assert "copy-into-same-vault" in str(refused.value)


# what is there to recover from


def test_what_never_completes_recovers_nothing() -> None:
    """Where no full backup fits its window, all is lost in every drill; where the window is long enough, nothing is."""
    result = answered("first-full-never-completes")
    states = {s: set(incidents(result, "logs.trail", strategy=s)["state"]) for s in ("short", "long")}
    assert states == {"short": {"unrecoverable"}, "long": {"recovered"}}


def test_a_continuous_rule_without_a_base_restores_nothing() -> None:
    """Log is replayed onto a backup that completed; where none ever does, all is lost."""
    assert set(incidents(answered("continuous-without-any-base"), "app.db")["state"]) == {"unrecoverable"}


def test_snapshots_beside_a_continuous_rule_are_taken_once_a_day() -> None:
    """Of a two-hourly rule one snapshot a day is made and copied: losses are half a day and the copy's time."""
    lost_h = incidents(answered("rds-snapshots-beside-continuous"), "orders.db")["data_loss_s"] / HOUR
    assert 11 < lost_h.median() < 16
    assert (lost_h <= 4).mean() < 4 / 24 + 4 * (4 / 24 * 20 / 24 / len(lost_h)) ** 0.5


def test_after_useless_restores_come_daily_snapshots() -> None:
    """Three in five drills lose minutes; the others lose hours, at most what two or three snapshots are apart."""
    found = incidents(answered("restore-to-a-moment-fails"), "crm.db")
    at_once = (found["data_loss_s"] < HOUR / 2).mean()
    assert at_once == pytest.approx(0.6, abs=4 * (0.6 * 0.4 / len(found)) ** 0.5)
    assert (found["state"] == "recovered").mean() > 0.99  # of eight attempts one is useful with 1 - 0.4 ** 8
    later = found.loc[(found["state"] == "recovered") & (found["data_loss_s"] >= HOUR / 2), "data_loss_s"] / HOUR
    assert 6 < later.median() < 30


def test_a_deleted_instance_takes_its_own_backups_along() -> None:
    """By default its automated backups go with it; where they are retained, or the instance only fails, they do not."""
    result = answered("instance-deleted")
    states = {
        (s, d): set(incidents(result, "lessons.db", strategy=s, disruption=d)["state"])
        for s in ("native", "retained")
        for d in ("deleted", "lost")
    }
    assert states.pop(("native", "deleted")) == {"unrecoverable"}
    assert set.union(*states.values()) == {"recovered"}


def test_replay_goes_by_the_amount_of_log() -> None:
    """A database that writes 4 MB a day has nearly no log to apply: both restores take about as long."""
    result = answered("replay-of-an-idle-database")
    cont, snap = (incidents(result, "app.db", strategy=s) for s in ("cont", "snap"))
    assert cont["downtime_s"].median() < 1.2 * snap["downtime_s"].median()
    assert cont["replay_s"].max() < 60


# a recovery as a whole


def test_what_comes_after_something_lost_waits_for_its_rebuild() -> None:
    """`portal` is restored in 5 h, six days after what it comes after was found lost."""
    found = incidents(answered("after-an-application-that-is-lost"), "portal")
    assert set(found["state"]) == {"recovered"}
    assert (found["downtime_s"] / HOUR).to_numpy() == pytest.approx(6 * 24 + 5)


def test_a_standby_takes_over_as_a_whole() -> None:
    """Database and servers run in one Region after the outage of a zone, whichever."""
    result = answered("multi-site-in-a-zone-outage")
    regions = [incidents(result, f"app.{r}")["place"].to_numpy() for r in ("db", "web")]
    assert (regions[0] == regions[1]).all()


def test_a_fleet_that_misses_nobody_stays_up() -> None:
    """Of nine servers in three zones six are left: enough, if six are; else the seventh is launched in 65 + 15 min."""
    result = answered("fleet-over-three-zones")
    enough, short = incidents(result, "enough"), incidents(result, "short")
    assert set(enough["state"]) == {"recovered"}
    assert set(enough["recovered_by"]) == {"redundancy"}
    assert set(enough["downtime_s"]) == {0.0}
    assert (short["downtime_s"] / 60).to_numpy() == pytest.approx(80.0)


def test_seconds_of_loss_are_cheaper_than_a_day_of_downtime() -> None:
    """A replica that lags by seconds is promoted before a restore of 20 h without loss is begun."""
    found = incidents(answered("replica-or-a-long-restore"), "app.db")
    replica = found["data_loss_s"] > 0
    assert replica.mean() > 0.95  # the others lag by more than the five minutes that are tolerated
    assert found.loc[replica, "data_loss_s"].max() <= 300
    assert found.loc[replica, "downtime_s"].max() < 2 * HOUR


# verdicts and rates


def test_verdicts_are_of_the_drills_that_strike() -> None:
    """Thirty applications that miss their objective whenever they are struck are breached, each of them."""
    summary = answered("thirty-that-miss").summary
    applications = summary[summary["subject"].str.fullmatch(r"a\d+")]
    assert len(applications) == 30
    assert set(applications["verdict"]) == {"breached"}


@pytest.mark.long
def test_losing_all_is_not_diluted_by_neighbours() -> None:
    """Thirty applications of which no restore succeeds are unrecoverable, each of them."""
    summary = answered("thirty-that-are-lost").summary
    applications = summary[summary["subject"].str.fullmatch(r"a\d+")]
    assert len(applications) == 30
    assert set(applications["verdict"]) == {"unrecoverable"}


def test_one_resource_without_protection_decides() -> None:
    """An application is as good as its worst resource, though twenty of its twenty-one are restored in time."""
    summary = answered("one-of-twenty-one").summary
    app = summary[summary["subject"] == "app"].iloc[0]
    assert app["verdict"] == "unprotected"
    assert app["verdict_of"] == "app.bare"


@pytest.mark.parametrize(
    ("site", "share"),
    [
        pytest.param("prod, zone: us-east-1b}", {"some-zone": 1, "its-zone": 1, "other-zone": 0}, id="in a zone"),
        # each of three zones is hit so often, and a third of what stands anywhere is in the one that is named
        pytest.param("prod}", {"some-zone": 1, "its-zone": 1 / 3, "other-zone": 1 / 3}, id="in any zone"),
    ],
)
def test_a_zone_is_struck_at_its_own_rate_whatever_is_named(site: str, share: dict[str, float]) -> None:
    """4 h at 500 USD, 0.06 times a year, are 120 USD where its zone is hit; the name of the database plays no part."""
    text = (BY_HAND / "zone-outage-rate.yaml").read_text(encoding="utf-8").replace("prod, zone: us-east-1b}", site)
    for name in ("web", "db", "orders"):
        events = run(read_scenario(text.replace("web:", f"{name}:")), workers=1).events
        totals = events[(events["line"] == "total") & (events["application"] == "app")].set_index("disruption")
        usd = {d: totals["expected_yearly_loss_usd"].get(d, 0.0) for d in share}
        assert usd == pytest.approx({d: 4 * 500 * 0.06 * of for d, of in share.items()})
