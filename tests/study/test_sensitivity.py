"""Sensitivities: closed forms, what is varied and what is left out, and that nothing shared between runs shows."""

from __future__ import annotations

import math
from concurrent.futures import CancelledError
from functools import cache

import pandas as pd
import pytest

from drsim.catalogue import load_catalogue
from drsim.changes.inputs import uncertain_inputs
from drsim.changes.uncertain import End, Input
from drsim.errors import InputError
from drsim.scenario import Scenario, load_scenario, read_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.costs import steady_costs
from drsim.study.costs.amounts import Amount
from drsim.study.drills import run
from drsim.study.sensitivity import COLUMNS, MEASURES, RANKED, Sensitivity, joined, ranked, sensitivity
from drsim.world import build_world
from tests.scenarios import Parts, copies, copy, flow, rule, scenario, scenario_text

HOUR = 3600.0
DRILLS = 40


def found(drills: int = 200, **parts: object) -> Sensitivity:
    """Return the sensitivities of the scenario of `tests.scenarios`, whose strategy is `only` and disruption `it`."""
    return sensitivity(scenario(**parts), "only", "it", drills=drills)  # type: ignore[arg-type]


def of(result: Sensitivity, name: str) -> dict[str, object]:
    """Return the row of an input."""
    rows = result.inputs[result.inputs["input"] == name]
    assert len(rows) == 1, f"{name!r} is not among {list(result.inputs['input'])}"
    return {str(k): v for k, v in rows.iloc[0].items()}


@cache  # of one process: whoever asks for it runs in the same
def shop() -> Sensitivity:
    """Return the sensitivities of the web shop with copies, when its Region is lost."""
    return sensitivity(shipped("web-shop"), "copies", "region-loss", drills=20)


def shipped(name: str) -> Scenario:
    """Return a shipped scenario."""
    return load_scenario(shipped_scenarios()[name])


def test_downtime_of_detect_and_restore_swings_by_the_spread_of_detect() -> None:
    """Where downtime = detect + 1 h, detect moves it from its p5 + 1 h to its p95 + 1 h, and nothing else does."""
    result = found(
        overrides={"restore_duration": "1 h"},
        response="{detect: {uniform: [10 min, 30 min]}, declare: 0 min, validate: 0 min, redirect: 0 min}",
    )
    row = of(result, "time to detect")
    assert (row["low"], row["high"]) == ("11 min (p5)", "29 min (p95)")
    assert row["downtime_s_low"] == pytest.approx(3600 + 660, abs=1e-5)
    assert row["downtime_s_high"] == pytest.approx(3600 + 1740, abs=1e-5)
    assert row["downtime_s_swing"] == pytest.approx(1080, abs=1e-5)
    assert row["data_loss_s_swing"] == 0
    assert list(ranked(result, "downtime_s")["input"]) == ["time to detect"]


def test_interval_of_a_rule_bounds_the_loss() -> None:
    """Where every backup takes no time, the p95 of the loss is 0.95 of the interval, at half and at double of it."""
    row = of(found(2000), "rule rule: interval")
    assert (row["low"], row["high"]) == ("12 h (half)", "2 d (double)")
    for end, hours in (("low", 12), ("base", 24), ("high", 48)):
        assert row[f"data_loss_s_{end}"] == pytest.approx(0.95 * hours * HOUR, rel=0.03)


def test_double_the_size_doubles_a_transfer() -> None:
    """Where a restore is size ÷ throughput, size moves the downtime in proportion."""
    law = {"restore_fixed": "0 min", "restore_rate": "10 MB/s"}
    text = scenario_text(overrides=law).replace("restore_duration: 0 h, ", "")
    result = sensitivity(read_scenario(text), "only", "it", drills=50)
    row = of(result, "app.db: size")
    assert (row["low"], row["high"]) == ("500 MB (half)", "2 GB (double)")
    times = [row[f"downtime_s_{end}"] for end in ("low", "base", "high")]
    assert times == pytest.approx([50.0, 100.0, 200.0], abs=1e-3)


def test_what_is_waited_for_is_varied_however_far_away() -> None:
    """Rebuilding takes time of the application and of all that it waits for, directly or not, and of no other."""
    keys = "site: home, rebuild: {uniform: [1 d, 9 d]}"
    apps = {
        "front": f"{{{keys}, requires: [middle], resources: {{db: {{type: RDS, size: 1 GB}}}}}}",
        "middle": f"{{{keys}, requires: [base], resources: {{db: {{type: RDS, size: 1 GB}}}}}}",
        "base": f"{{{keys}, resources: {{db: {{type: RDS, size: 1 GB}}}}}}",
        "apart": f"{{{keys}, resources: {{db: {{type: RDS, size: 1 GB}}}}}}",
    }
    base = scenario(applications=flow(apps), disruption="{kind: ransomware, dwell: 0 min, backups_attacked: 0.5}")
    for subject, names in (("front", ["front", "middle", "base"]), ("middle", ["middle", "base"]), ("base", ["base"])):
        varied = uncertain_inputs(base, build_world(base, "only"), "it", subject)
        rebuilt = [i.name.removesuffix(": rebuild") for i in varied if i.name.endswith(": rebuild")]
        assert rebuilt == names


def test_probability_is_halved_and_doubled_and_at_most_certain() -> None:
    """A probability has no distribution: half and double of it, and 1 at most; the state of the p95 follows."""
    parts: Parts = {"disruption": "{kind: ransomware, dwell: 0 min, backups_attacked: 0.04}"}
    row = of(found(400, **parts), "it: backups in reach are destroyed")
    assert (row["low"], row["high"]) == ("2 % (half)", "8 % (double)")
    assert (row["downtime_s_base_state"], row["downtime_s_high_state"]) == ("", "unrecoverable")
    assert math.isnan(float(str(row["downtime_s_high"])))
    assert math.isnan(float(str(row["downtime_s_swing"])))
    assert float(str(row["p_unrecoverable_low"])) < 0.04 < float(str(row["p_unrecoverable_high"]))
    certain: Parts = {"disruption": "{kind: ransomware, dwell: 0 min, backups_attacked: 0.7}"}
    assert of(found(20, **certain), "it: backups in reach are destroyed")["high"] == "100 % (certain)"


def test_an_end_without_recovery_ranks_first() -> None:
    """What takes the recovery away moves more than what makes it longer."""
    parts: Parts = {
        "disruption": "{kind: ransomware, dwell: 0 min, backups_attacked: 0.04}",
        "response": "{detect: {uniform: [1 h, 100 h]}, declare: 0 min, validate: 0 min, redirect: 0 min}",
    }
    names = list(ranked(found(400, **parts), "downtime_s")["input"])
    assert names == ["it: backups in reach are destroyed", "time to detect"]


@pytest.mark.xdist_group("shop")
@pytest.mark.long
def test_only_what_the_estate_can_meet_is_varied() -> None:
    """Values of other types, of continuous backup and of cold storage are not varied where there is none."""
    inputs = shop().inputs
    names = set(inputs.loc[inputs["group"] != "price", "input"])
    assert {"Aurora: copy, throughput", "S3: restore, objects a second", "EC2: launch"} <= names
    assert "delay before a backup job starts, all types" in names
    assert not any("RDS" in name or "log lag" in name or "replay" in name or "cold" in name for name in names)
    assert "EC2: copy, throughput" not in names  # its servers have no data
    # analytics waits for the shop, not the shop for analytics; but its backups do not always fit their window, and cost
    redshift = inputs[inputs["input"].str.startswith("Redshift") & (inputs["group"] != "price")]
    assert set(redshift["input"]) == {"Redshift: backup, fixed part", "Redshift: backup, throughput"}
    assert (redshift["downtime_s_swing"] == 0).all()
    assert (redshift["usd_per_month_swing"] > 0).all()
    assert "analytics.warehouse: size" in names  # it costs


def test_response_and_shares_of_quotas_are_varied() -> None:
    """Half the slots for restores make eight of them take twice as long, double the slots half."""
    parts: Parts = {
        "resources": "{db: {type: RDS, size: 1 GB, count: 8}}",
        "disruption": "{kind: ransomware, dwell: 0 min, backups_attacked: 0}",
        "limits": "{restore_jobs: 2}",
        "overrides": {"restore_duration": "1 h"},
    }
    row = of(found(10, **parts), "restore jobs")
    assert (row["low"], row["high"], row["basis"]) == ("1 (half)", "4 (double)", "scenario")
    times = [row[f"downtime_s_{end}"] for end in ("low", "base", "high")]
    assert times == pytest.approx([8 * HOUR, 4 * HOUR, 2 * HOUR])


@pytest.mark.long
def test_lag_of_a_replica_is_the_loss() -> None:
    """Where a live replica takes over, its lag is what is lost: to the last tick at both ends."""
    result = sensitivity(shipped("web-shop"), "warm-standby", "region-loss", "shop.orders", drills=50)
    lag = load_catalogue().types["Aurora"].replication["Aurora Global Database"].lag
    row = of(result, "Aurora, Aurora Global Database: lag")
    assert row["basis"] == lag.basis
    assert row["data_loss_s_low"] == pytest.approx(lag.value.quantile(0.05), abs=1e-5)
    assert row["data_loss_s_high"] == pytest.approx(lag.value.quantile(0.95), abs=1e-5)


def test_overrides_are_varied_where_they_are_written() -> None:
    """A rule's own value and a copy action's are inputs of their own, and each moves what it should."""
    parts: Parts = {
        "rules": [
            rule(
                more="overrides: {backup_duration: {uniform: [1 h, 3 h]}}, "
                + copies(copy(more="overrides: {copy_duration: {uniform: [2 h, 6 h]}}, delay: {uniform: [0 h, 1 h]}"))
            )
        ],
        "disruption": "{kind: region-loss, site: home}",
        "app": "recover_at: recovery",
    }
    result = found(300, **parts)
    for name, spread_h in (
        ("rule rule: backup, whole duration", 1.8),
        ("copy of rule to dr: copy, whole duration", 3.6),
        ("copy of rule to dr: delay", 0.9),
    ):
        row = of(result, name)
        assert row["basis"] == "scenario"
        # the loss is the age of the newest copy: it grows by as much as the jobs take longer, more or less, since a
        # percentile of 300 drills lies between two of them
        assert float(str(row["data_loss_s_swing"])) == pytest.approx(spread_h * HOUR, rel=0.2)


@pytest.mark.xdist_group("shop")
@pytest.mark.long
def test_all_values_known_by_the_catalogue_say_how() -> None:
    """Basis and source of a value are the catalogue's own."""
    result = shop()
    row = of(result, "Aurora: copy, throughput")
    assert (row["low"], row["high"], row["basis"]) == ("20 MB/s (p5)", "320 MB/s (p95)", "estimated")
    assert row["source"]
    assert of(result, "region-loss: how often it strikes")["basis"] == "derived"


@pytest.mark.parametrize(
    ("name", "strategy", "disruption", "subject"),
    [
        ("periodic", "daily", "region-lost", None),
        pytest.param("web-shop", "copies", "region-loss", "shop", marks=pytest.mark.long),
        pytest.param("web-shop", "warm-standby", "region-outage", "analytics", marks=pytest.mark.long),
        pytest.param("ransomware", "cold-365d", "ransomware", None, marks=pytest.mark.long),
        pytest.param("periodic-vs-continuous", "continuous", "corruption", None, marks=pytest.mark.long),
        pytest.param("every-type", "all-features", "region-lost", None, marks=pytest.mark.slow),
    ],
)
def test_shortcuts_give_what_a_whole_study_gives(
    name: str, strategy: str, disruption: str, subject: str | None
) -> None:
    """What runs share, and what is left out of them, changes no figure: a study of each changed scenario agrees."""
    base = shipped(name).model_copy(update={"drills": DRILLS})
    result = sensitivity(base, strategy, disruption, subject, drills=DRILLS)
    world = build_world(base, strategy)
    inputs = uncertain_inputs(base, world, disruption, result.subject)
    by_scenario = [each for each in inputs if not any(_in_world(end) for end in (each.low, each.high))]
    for each in by_scenario[:: max(1, len(by_scenario) // 4)]:
        for which, end in (("low", each.low), ("high", each.high)):
            if end is None:
                continue
            whole = run(end.edit(base), strategies=[strategy], disruptions=[disruption], workers=1)
            row = whole.summary[whole.summary["subject"] == result.subject].iloc[0]
            told = of(result, each.name)
            for measure in RANKED:
                if not told[f"{measure}_{which}_state"]:
                    assert told[f"{measure}_{which}"] == row[f"{measure}_p95"], (each.name, which)
            assert told[f"p_unrecoverable_{which}"] == row["p_unrecoverable"]
            total = whole.costs.loc[whole.costs["line"] == "total", "usd_per_month"].iloc[0]
            assert told[f"usd_per_month_{which}"] == pytest.approx(total, rel=1e-12), (each.name, which)


def _in_world(end: End | None) -> bool:
    """Whether an end is put into the world, so that no scenario says it."""
    return end is not None and end.on_world is not End("").on_world


def test_what_is_left_out_of_the_drills_leaves_them_alone() -> None:
    """An input that is said to touch the bill alone touches nothing else: another application's size."""
    base = shipped("web-shop").model_copy(update={"drills": DRILLS})
    inputs = uncertain_inputs(base, build_world(base, "copies"), "region-loss", "shop")
    alone = [each for each in inputs if not each.in_drills and each.in_costs]
    assert "analytics.warehouse: size" in [each.name for each in alone]
    before = _row(base)
    for each in alone[:4]:
        assert each.high is not None
        assert _row(each.high.edit(base)) == before, each.name


def _row(changed: Scenario) -> list[object]:
    summary = run(changed, strategies=["copies"], disruptions=["region-loss"], workers=1).summary
    return [str(value) for value in summary[summary["subject"] == "shop"].iloc[0]]


def test_what_is_said_to_cost_nothing_costs_nothing() -> None:
    """Inputs that are not said to touch the bill leave it as it is."""
    base = shipped("web-shop")
    world = build_world(base, "continuous")
    before = _total(steady_costs(base, world))
    inputs = [i for i in uncertain_inputs(base, world, "ransomware", "shop") if not i.in_costs]
    assert len(inputs) > 20
    for each in inputs:
        assert each.high is None or _total(_costs(base, each)) == before, each.name


def _costs(base: Scenario, each: Input) -> pd.DataFrame:
    assert each.high is not None
    changed = each.high.edit(base)
    return steady_costs(changed, each.high.on_world(build_world(changed, "continuous")))


def _total(costs: pd.DataFrame) -> float:
    return float(costs.loc[costs["line"] == "total", "usd_per_month"].iloc[0])


@pytest.mark.xdist_group("shop")
@pytest.mark.long
def test_prices_move_the_bill_in_proportion() -> None:
    """A price up by a fifth adds a fifth of its line, and the swings of all prices are two fifths of the bill."""
    base, result = shipped("web-shop"), shop()
    prices = result.inputs[result.inputs["group"] == "price"]
    costs = steady_costs(base, build_world(base, "copies"))
    assert prices["usd_per_month_swing"].sum() == pytest.approx(0.4 * _total(costs))
    warm = costs[(costs["line"] == "storage-warm") & (costs["type"] == "S3")]["usd_per_month"].sum()
    row = of(result, "S3: price of warm storage")
    assert row["usd_per_month_high"] == pytest.approx(_total(costs) + 0.2 * warm)
    assert (row["low"], row["high"]) == ("-20 %", "+20 %")
    assert (prices["downtime_s_swing"] == 0).all()


def test_prices_are_not_read_out_of_the_words_of_the_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a price is known, and of when it is, do not depend on how the bill says it."""

    def prices() -> pd.DataFrame:
        inputs = sensitivity(shipped("web-shop"), "copies", "region-loss", drills=2).inputs
        return inputs[inputs["group"] == "price"]

    said = prices()
    assert said["source"].str.startswith("AWS list prices of 20").all()
    monkeypatch.setattr(Amount, "basis", property(lambda amount: f"{amount.line}, at a price of old"))
    pd.testing.assert_frame_equal(prices(), said)


@pytest.mark.xdist_group("shop")
@pytest.mark.long
def test_rate_of_the_disruption_moves_the_yearly_loss_alone() -> None:
    """Twice as many disruptions cost twice as much a year."""
    row = of(shop(), "region-loss: how often it strikes")
    base = float(str(row["usd_per_year_base"]))
    assert row["usd_per_year_low"] == pytest.approx(base / 2)
    assert row["usd_per_year_high"] == pytest.approx(2 * base)
    assert row["downtime_s_swing"] == 0


@pytest.mark.xdist_group("shop")
@pytest.mark.long
def test_start_delay_stays_within_the_start_window() -> None:
    """A constant delay as long as the window would let no job run at all, which no AWS does."""
    row = of(shop(), "delay before a backup job starts, all types")
    assert row["high"] == "57 min (start window)"
    assert row["p_unrecoverable_high"] == 0


def test_retention_keeps_to_what_aws_accepts() -> None:
    """Points that turn cold are kept 90 days beyond, a continuous window ends at 35 days, for ever has no double."""
    base = shipped("web-shop")
    inputs = {i.name: i for i in uncertain_inputs(base, build_world(base, "continuous"), "region-loss", "shop")}
    assert inputs["rule continuous: retention"].high is None
    low = inputs["rule monthly: retention"].low
    assert low is not None
    assert low.text == "182 d (half)"
    life = "lifecycle: {cold_storage_after: 10 d, delete_after: 110 d}"
    short = found(5, rules=[f"{{rule_name: r, target_vault: local, every: 24 h, {life}}}"])
    assert of(short, "rule r: retention")["low"] == "100 d (as far as AWS lets)"
    ever = found(5, rules=["{rule_name: r, target_vault: local, every: 24 h}"])
    assert "rule r: retention" not in set(ever.inputs["input"])


def test_columns_base_and_progress() -> None:
    """One row per input with the documented columns, the same base in all; progress ends with all runs done."""
    seen: list[tuple[int, int]] = []
    result = sensitivity(
        shipped("periodic"), "daily", "region-lost", drills=20, progress=lambda d, t: seen.append((d, t))
    )
    assert tuple(result.inputs.columns) == COLUMNS
    for measure in MEASURES:
        base = result.inputs[f"{measure}_base"]
        assert base.isna().all() or (base == base.iloc[0]).all()
    done = [d for d, _ in seen]
    assert done == list(range(1, seen[-1][1] + 1))


def test_same_study_gives_the_same_figures() -> None:
    """A study is repeated to the last bit."""
    one, other = (sensitivity(shipped("periodic"), "daily", "region-lost", drills=30) for _ in range(2))
    pd.testing.assert_frame_equal(one.inputs, other.inputs, check_exact=True)


def test_parts_make_the_whole() -> None:
    """A study shared among processes gives what one gives, in the same order."""
    base = shipped("periodic")
    whole = sensitivity(base, "daily", "region-lost", drills=30)
    parts = [sensitivity(base, "daily", "region-lost", drills=30, part=(k, 3)) for k in range(3)]
    pd.testing.assert_frame_equal(joined(parts).inputs, whole.inputs, check_exact=True)


def test_resource_is_a_subject() -> None:
    """A resource is judged by itself."""
    text = scenario_text(resources="{db: {type: RDS, size: 9 GB}, images: {type: S3, size: 9 GB, objects: 10000}}")
    text = text.replace("restore_duration: 0 h, ", "")
    result = sensitivity(read_scenario(text), "only", "it", "app.images", drills=40)
    names = list(ranked(result, "downtime_s")["input"])
    assert names[0].startswith(("S3: restore", "app.images: size"))
    assert not any(name.startswith("RDS") for name in names)


class _Set:
    def is_set(self) -> bool:
        return True


def test_stop_and_refusals() -> None:
    """It stops when asked to, and names what is not in the scenario."""
    base = shipped("periodic")
    with pytest.raises(CancelledError):
        sensitivity(base, "daily", "region-lost", drills=5, stop=_Set())
    with pytest.raises(InputError, match="no such application or resource"):
        sensitivity(base, "daily", "region-lost", "nobody")
    with pytest.raises(InputError, match="no such strategy"):
        sensitivity(base, "hourly", "region-lost")
