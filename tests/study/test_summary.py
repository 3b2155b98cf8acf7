"""From incidents to the summary and its verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drsim.engine.exposure import Exposure
from drsim.engine.incidents import AFFECTED_STATES
from drsim.errors import InputError
from drsim.scenario import Application, read_scenario
from drsim.study.affected import Affected
from drsim.study.dealing import Rows, dealt, dependent
from drsim.study.statistics import probability_interval
from drsim.study.summary import COLUMNS, DEPENDENCY_COLUMNS, QUANTILES, drill_at, state_at, summarise
from drsim.study.verdicts import FAIL_ON, UNMET, VERDICTS, drills_to_decide, verdict
from tests.examples import examples

HOUR = 3600.0
OBJECTIVES = "{rpo: 24 h, rto: 4 h}"
DRILLS = 200


def applications(objectives: str = OBJECTIVES, *resources: str) -> dict[str, Application]:
    """Return applications `shop` and `crm`, the first with these objectives and resources."""
    listed = ", ".join(f"{name}: {{type: RDS, size: 1 GB}}" for name in resources or ("db",))
    text = f"""
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home}}}}
applications:
  shop: {{site: home, objectives: {objectives}, resources: {{{listed}}}}}
  crm: {{site: home, objectives: {OBJECTIVES}, resources: {{db: {{type: RDS, size: 1 GB}}}}}}
backup_plans: {{daily: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h}}]}}}}
strategies: {{daily: {{backup: daily}}}}
disruptions: {{lost: {{kind: resource-loss}}, attack: {{kind: ransomware}}}}
"""
    return dict(read_scenario(text).applications)


def incidents(
    loss_s: Sequence[float] = (),
    downtime_s: Sequence[float] | None = None,
    *,
    loss_bytes: Sequence[float] | None = None,
    full_s: Sequence[float] | None = None,
    subject: str = "shop",
    struck: str = "",
    first: int = 0,
    **states: int,
) -> pd.DataFrame:
    """Return one drill per loss that recovered, then as many of other states as are named."""
    n = len(loss_s)
    more = [state for state, number in states.items() for _ in range(number)]
    none = [math.nan] * len(more)
    rows = n + len(more)
    return pd.DataFrame(
        {
            "drill": np.arange(first, first + rows),
            "level": "resource" if "." in subject else "application",
            "subject": subject,
            "struck": struck,
            "state": ["recovered"] * n + more,
            "data_loss_s": [*loss_s, *none],
            "downtime_s": [*(downtime_s or [HOUR] * n), *none],
            "full_performance_s": [*(full_s or downtime_s or [HOUR] * n), *none],
            "data_loss_bytes": [*(loss_bytes or [0.0] * n), *none],
            "skew_s": [*([0.0] * n), *none],
        }
    )


def together(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return a log of several subjects, its texts as the engine has them."""
    texts = dict.fromkeys(("level", "subject", "struck", "state"), "category")
    return pd.concat(frames, ignore_index=True).astype(texts)


def all_at_once(**per_year: float) -> Exposure:
    """Return an exposure to a kind that strikes all at once: `shop` and its database, or those that are named."""
    rates = per_year or {"shop": 0.1, "shop.db": 0.1}
    units = {name: {"": rate} for name, rate in rates.items() if "." not in name}
    return Exposure(by_resource=False, units=units, struck_per_year=rates, dealt={}, dependents={})


def one_by_one(
    per_year: Mapping[str, float],
    drills: int,
    dealt_to: Mapping[str, int],
    dependents: Mapping[tuple[str, str], float] | None = None,
) -> Exposure:
    """Return an exposure of `shop` to a kind that strikes one resource.

    Args:
        per_year: how often each resource is struck.
        drills: of each resource.
        dealt_to: how many of the application's drills each resource has, in order.
        dependents: as in `Exposure`.
    """
    edges = [0, *np.cumsum(list(dealt_to.values())).tolist()]
    assert edges[-1] == drills
    ranges = tuple(zip(dealt_to, edges[:-1], edges[1:], strict=True))
    rates = {"shop": math.fsum(per_year.values()), **per_year}
    units = {"shop": per_year}
    return Exposure(
        by_resource=True, units=units, struck_per_year=rates, dealt={"shop": ranges}, dependents=dependents or {}
    )


def row(
    frame: pd.DataFrame, objectives: str = OBJECTIVES, disruption: str = "lost", *, subject: str = "shop"
) -> pd.Series:
    """Return the row of a subject under a disruption that strikes all at once."""
    summary, _ = summarise("daily", disruption, Affected.of(frame, all_at_once()), applications(objectives), DRILLS)
    return summary[summary["subject"] == subject].iloc[0]


def word_at(cells: pd.Series, quantile: str) -> str:
    """Return the state at a percentile of a row."""
    return state_at({str(name): value for name, value in cells.items()}, quantile)


def test_percentiles_are_of_all_affected_drills_and_means_of_recoveries() -> None:
    """Those without recovery rank last: a percentile among them has no figure; mean and maximum are of recoveries."""
    losses = [float(k) for k in range(101)]
    losses = losses[60:] + losses[:60]
    cells = row(incidents(losses, unrecoverable=20, unprotected=15))
    assert cells["drills"] == DRILLS
    counts = [cells[s] for s in ("recovered", "unrecoverable", "unprotected", "unaffected", "affected")]
    assert counts == [101, 20, 15, 64, 136]
    assert [cells[f"data_loss_s_{s}"] for s in ("mean", "p50", "max")] == [50, 67.5, 100]
    assert cells[[f"data_loss_s_{s}" for s in ("p90", "p95", "p99")]].isna().all()
    assert [word_at(cells, q) for q in QUANTILES] == [
        "recovered",
        "unprotected",
        "unprotected",
        "unprotected",
    ]


def test_mixture_of_recovered_and_unrecoverable() -> None:
    """11 % lost, the rest evenly from 1 to 10 h: p50 is the 56.2nd percentile of the recovered, p95 the word."""
    hours = np.linspace(1, 10, 178)
    cells = row(incidents((hours * HOUR).tolist(), unrecoverable=22))
    assert cells["data_loss_s_p50"] == pytest.approx(np.quantile(hours, 0.562) * HOUR, rel=2e-3)
    assert cells["data_loss_s_p50"] == pytest.approx(np.quantile(hours, 99.5 / 177) * HOUR, rel=1e-9)
    assert math.isnan(cells["data_loss_s_p95"])
    assert word_at(cells, "p95") == "unrecoverable"
    assert cells["data_loss_s_mean"] == pytest.approx(5.5 * HOUR)
    assert cells["data_loss_s_p50_lo"] < cells["data_loss_s_p50"] < cells["data_loss_s_p50_hi"]
    # the upper end of p90 has a rank among those that were lost
    assert cells["data_loss_s_p90_lo"] < 10 * HOUR
    assert math.isnan(cells["data_loss_s_p90_hi"])


@examples(100)
@given(recovered=st.integers(0, 60), unrecoverable=st.integers(0, 60), unprotected=st.integers(0, 60))
def test_cells_and_words_say_the_same(recovered: int, unrecoverable: int, unprotected: int) -> None:
    """A percentile has a figure where its word is `recovered`, and nowhere else; the order is that of the states."""
    losses = [float(k) for k in range(recovered)]
    cells = row(incidents(losses, unrecoverable=unrecoverable, unprotected=unprotected))
    words = ["recovered"] * recovered + ["unrecoverable"] * unrecoverable + ["unprotected"] * unprotected
    for name, q in QUANTILES.items():
        word = word_at(cells, name)
        assert math.isnan(cells[f"data_loss_s_{name}"]) == (word != "recovered")
        assert word == (words[math.ceil(q * (len(words) - 1) - 1e-9)] if words else "unaffected")
        assert word in (*AFFECTED_STATES, "unaffected")


def test_percentiles_interpolate_linearly() -> None:
    """A percentile between two drills is interpolated as NumPy does."""
    assert row(incidents([0.0, 10.0]))["data_loss_s_p95"] == pytest.approx(9.5)


def test_no_recovered_drill_leaves_statistics_empty() -> None:
    """Without a recovered drill every statistic is empty, and none is a large number."""
    cells = row(incidents([], unrecoverable=10))
    assert cells.filter(regex=r"^(data_loss|downtime|full_performance|skew)_s_").isna().all()


def test_what_had_nothing_to_lose_lost_nothing() -> None:
    """A recovered drill without a loss counts as 0 beside others and meets the RPO; where all do, cells are empty."""
    partly = row(incidents([*[math.nan] * 6, *[HOUR] * 4]))
    assert [partly[f"data_loss_s_{s}"] for s in ("mean", "p50", "p90", "max")] == [0.4 * HOUR, 0, HOUR, HOUR]
    none = row(incidents([math.nan] * 4))
    assert none["p_meets_rpo"] == 1
    assert none.filter(regex="^data_loss_s_").isna().all()
    assert not none.filter(regex="^downtime_s_(mean|p|max)").drop(["downtime_s_p99_hi"]).isna().all()


def test_shares_are_of_affected_drills() -> None:
    """Unrecoverable and unprotected drills miss every objective, an exact tie meets; drills beside it do not count."""
    cells = row(incidents([24 * HOUR, 24 * HOUR + 1, 1.0], [HOUR, HOUR, 5 * HOUR], unrecoverable=1, unprotected=1))
    assert cells["affected"] == 5
    assert [cells[f"p_meets{end}"] for end in ("_rpo", "_rto", "")] == pytest.approx([2 / 5, 2 / 5, 1 / 5])
    assert cells["p_unrecoverable"] == pytest.approx(2 / 5)  # unprotected ones included
    for name, hits in (("p_meets_rpo", 2), ("p_meets", 1), ("p_unrecoverable", 2)):
        low, high = probability_interval(hits, 5)
        assert [cells[f"{name}_lo"], cells[f"{name}_hi"]] == pytest.approx([float(low), float(high)], abs=1e-9)


def test_neighbours_change_nothing() -> None:
    """However many drills leave a subject alone, whatever befalls others, its shares and percentiles are the same."""
    shop = incidents([HOUR] * 3 + [30 * HOUR] * 2, subject="shop", unrecoverable=1)
    other = incidents([1.0] * 50, subject="crm")
    exposure = all_at_once(**{"shop": 0.1, "shop.db": 0.1, "crm": 0.2, "crm.db": 0.2})
    alone, beside = (
        summarise("daily", "lost", Affected.of(frame, exposure), applications(), drills)[0].iloc[0]
        for frame, drills in ((shop, 6), (together(other, shop), 500))
    )
    same = [name for name in COLUMNS if name not in ("drills", "unaffected")]
    pd.testing.assert_series_equal(alone[same], beside[same])


def test_verdict_is_not_diluted_by_drills_that_strike_others() -> None:
    """An application that misses its RTO in every drill that reaches it is breached, however few reach it."""
    cells = row(incidents([1.0] * 100, [10 * HOUR] * 100))
    assert (cells["unaffected"], cells["verdict"]) == (100, "breached")
    assert row(incidents(unrecoverable=100))["verdict"] == "unrecoverable"
    assert row(incidents(unprotected=100))["verdict"] == "unprotected"


def test_what_is_nested_in_a_stack_has_rows_too() -> None:
    """Resources of a stack stand after it, each with a row of its own, and the application is judged by them."""
    text = """
sites: {home: {region: us-east-1, account: production}}
applications:
  shop:
    site: home
    objectives: {rpo: 24 h}
    resources: {stack: {type: CloudFormation, size: 1 MB, nested: {db: {type: RDS, size: 1 GB}}}}
strategies: {none: {}}
disruptions: {it: {kind: ransomware}}
"""
    frame, dependents = summarise(
        "none",
        "it",
        Affected.of(
            together(incidents(unprotected=DRILLS, subject="shop.stack.db")),
            all_at_once(**{"shop": 0.1, "shop.stack": 0.1, "shop.stack.db": 0.1}),
        ),
        read_scenario(text).applications,
        DRILLS,
    )
    assert frame["subject"].tolist() == ["shop", "shop.stack", "shop.stack.db"]
    assert frame["unprotected"].tolist() == [0, 0, DRILLS]
    assert dependents.empty


def test_nearest_objectives_win_field_by_field() -> None:
    """Under a disruption of its own objectives only the fields named there differ."""
    objectives = "{rpo: 1 h, rto: 4 h, attainment: 80 %, for: {attack: {rpo: 100 h}}}"
    frame = incidents([50 * HOUR] * 85, [HOUR] * 85, unrecoverable=15)
    assert row(frame, objectives)["p_meets_rpo"] == 0
    attacked = row(frame, objectives, "attack")
    assert attacked["p_meets_rpo"] == pytest.approx(0.85)
    assert [attacked[name] for name in ("rpo_s", "rto_s", "attainment")] == [100 * HOUR, 4 * HOUR, 0.8]
    assert attacked["verdict"] == "undecided"  # 15 of 100 lost is within what 80 % allows


def test_resource_is_judged_by_its_application() -> None:
    """A resource has the objectives of the application in its name."""
    assert row(incidents([25 * HOUR] * 5, subject="shop.db"), subject="shop.db")["p_meets_rpo"] == 0


def test_columns_are_in_their_order() -> None:
    """The columns that users rely on come first and last, in the published order."""
    text = (
        "strategy, disruption, level, subject, drills, recovered, unrecoverable, unprotected, unaffected, "
        "data_loss_s_mean, data_loss_s_p50, data_loss_s_p90, data_loss_s_p95, data_loss_s_p99, data_loss_s_max, "
        "downtime_s_mean, downtime_s_p50, downtime_s_p90, downtime_s_p95, downtime_s_p99, downtime_s_max, "
        "p_meets_rpo, p_meets_rpo_lo, p_meets_rpo_hi, p_meets_rto, p_meets_rto_lo, p_meets_rto_hi, "
        "p_unrecoverable, p_unrecoverable_lo, p_unrecoverable_hi, verdict, full_performance_s_mean"
    )
    last = (
        "affected, p_meets, p_meets_lo, p_meets_hi, rpo_s, rto_s, attainment, struck_per_year, breaches_per_year, "
        "verdict_of"
    )
    published, end = text.split(", "), last.split(", ")
    assert list(COLUMNS[: len(published)]) == published
    here = COLUMNS.index("verdict_of") + 1
    assert list(COLUMNS[here - len(end) : here]) == end
    newer = [name for name in COLUMNS[here:] if not name.endswith(("_lo", "_hi"))]
    statistics = [f"data_loss_bytes_{statistic}" for statistic in ("mean", "p50", "p90", "p95", "p99", "max")]
    assert newer == [*statistics, "rpo_bytes", "p_meets_rto_full", "rto_full_s", "verdict_rto_full"]
    assert list(DEPENDENCY_COLUMNS[:6]) == ["strategy", "disruption", "level", "subject", "struck", "drills"]
    summary, dependents = summarise("daily", "lost", Affected.of(incidents([1.0]), all_at_once()), applications(), 1)
    assert tuple(summary.columns) == COLUMNS
    assert tuple(dependents.columns) == DEPENDENCY_COLUMNS


def test_an_rpo_of_time_and_size_needs_both() -> None:
    """Of four drills one is late, one loses too many bytes, one both: the RPO is met in the fourth alone."""
    frame = incidents([HOUR, 3 * HOUR, HOUR, 3 * HOUR], loss_bytes=[1e9, 1e9, 3e9, 3e9])
    shares = {
        "{rpo: {time: 2 h, size: 2 GB}}": 0.25,
        "{rpo: {time: 2 h}}": 0.5,
        "{rpo: {size: 2 GB}}": 0.5,
        "{rpo: {size: 3 GB}}": 1,
        "{rpo: 2 h, for: {lost: {rpo: {time: 2 h, size: 2 GB}}}}": 0.25,
        "{rpo: {time: 2 h, size: 2 GB}, for: {lost: {rpo: 2 h}}}": 0.5,
    }
    for objectives, share in shares.items():
        cells = row(frame, objectives)
        assert (cells["p_meets_rpo"], cells["p_meets"]) == (share, share), objectives
    cells = row(frame, "{rpo: {time: 2 h, size: 2 GB}}")
    assert (cells["rpo_s"], cells["rpo_bytes"]) == (2 * HOUR, 2e9)
    assert (cells["data_loss_bytes_mean"], cells["data_loss_bytes_max"], cells["data_loss_bytes_p50"]) == (
        2e9,
        3e9,
        2e9,
    )
    assert np.isnan(row(frame, "{rpo: 2 h}")["rpo_bytes"])


def test_full_performance_has_an_objective_of_its_own() -> None:
    """A drill that is up in time and slow for too long meets the RTO, not that of full performance, nor all at once."""
    frame = incidents([HOUR] * 4, [HOUR, HOUR, HOUR, 9 * HOUR], full_s=[HOUR, 5 * HOUR, 6 * HOUR, 9 * HOUR])
    cells = row(frame, "{rto: 4 h, rto_full: 5 h}")
    assert (cells["p_meets_rto"], cells["p_meets_rto_full"], cells["p_meets"]) == (0.75, 0.5, 0.5)
    assert (cells["rto_full_s"], cells["verdict_rto_full"]) == (5 * HOUR, "breached")
    assert np.isnan(cells["rpo_s"])
    alone = row(frame, "{rto: 4 h, for: {lost: {rto_full: 9 h}}}")
    assert (alone["p_meets_rto_full"], alone["p_meets"]) == (1, 0.75)
    none = row(frame, "{rto: 4 h}")
    assert np.isnan(none["p_meets_rto_full"])
    assert none["verdict_rto_full"] == "no-objective"


def test_every_subject_has_a_row() -> None:
    """All applications and resources stand in the scenario's order, those that nothing reaches as unaffected."""
    summary, _ = summarise(
        "daily", "lost", Affected.of(incidents([1.0]), all_at_once()), applications(OBJECTIVES, "z", "a"), DRILLS
    )
    assert list(summary["subject"]) == ["shop", "shop.z", "shop.a", "crm", "crm.db"]
    assert list(summary["level"]) == ["application", "resource", "resource", "application", "resource"]
    assert list(summary["verdict"]) == ["undecided", *["unaffected"] * 4]
    last = summary.iloc[-1]
    assert (last["unaffected"], last["affected"], last["struck_per_year"]) == (DRILLS, 0, 0)
    assert last["breaches_per_year"] == 0
    assert last.filter(regex="^(p_|data_loss|downtime)").isna().all()


def test_no_drill_that_reaches_it_leaves_it_undecided() -> None:
    """What could be reached but was not has no shares, no percentiles, and needs as many drills as others."""
    cells = row(incidents([1.0], subject="crm"))
    assert (cells["verdict"], cells["affected"], cells["drills_to_decide"]) == ("undecided", 0, 72)
    assert cells.filter(regex="^(p_|data_loss|downtime|breaches)").isna().all()
    assert cells["struck_per_year"] == 0.1


def test_without_objectives_nothing_is_judged() -> None:
    """There is no share that meets and no breach, even where everything is lost; how often that is stays known."""
    cells = row(incidents(unrecoverable=5), "{}")
    assert (cells["verdict"], cells["p_unrecoverable"]) == ("no-objective", 1)
    assert cells.filter(regex="^(p_meets|breaches|attainment|rpo_s|rto_s|drills_to_decide)").isna().all()
    # one of two: the other is not asked for
    one = row(incidents([1.0] * 80, [9 * HOUR] * 80), "{rpo: 1 h}")
    assert (one["p_meets"], one["verdict"], one["verdict_rto"]) == (1, "met", "no-objective")
    assert math.isnan(one["p_meets_rto"])


def test_breaches_are_rates_times_shares() -> None:
    """What is struck 0.1 times a year and misses in 3 of 4 drills breaches 0.075 times a year."""
    assert row(incidents([HOUR, *[25 * HOUR] * 3]))["breaches_per_year"] == pytest.approx(0.075)


def one_resource_bad(drills: int = 100) -> tuple[pd.DataFrame, Exposure]:
    """Return drills of three resources of which `bad` is unprotected, and the shop is dealt 60, 30 and 10 of them."""
    names = {"shop.a": 60, "shop.b": 30, "shop.bad": 10}
    frames = []
    for name in names:
        lost = drills if name == "shop.bad" else 0
        times = [HOUR] * (drills - lost)
        frames += [incidents(times, subject=subject, struck=name, unprotected=lost) for subject in ("shop", name)]
    return together(*frames), one_by_one({"shop.a": 0.6, "shop.b": 0.3, "shop.bad": 0.1}, drills, names)


def test_application_has_dealt_drills_and_the_worst_verdict() -> None:
    """Its row has each resource's share of drills, its verdict is that of its worst resource, which it names."""
    frame, exposure = one_resource_bad()
    summary, _ = summarise(
        "daily", "lost", Affected.of(frame, exposure), applications(OBJECTIVES, "a", "b", "bad"), 100
    )
    shop, a, _, bad = (summary.iloc[k] for k in range(4))
    assert [shop[name] for name in ("affected", "recovered", "unprotected", "unaffected")] == [100, 90, 10, 0]
    assert (shop["verdict"], shop["verdict_of"], shop["verdict_rto"]) == ("unprotected", "shop.bad", "unprotected")
    assert (bad["affected"], bad["verdict"], bad["verdict_of"]) == (100, "unprotected", "shop.bad")
    assert (a["verdict"], a["verdict_of"]) == ("met", "shop.a")
    reversed_, _ = summarise(
        "daily", "lost", Affected.of(frame, exposure), applications(OBJECTIVES, "bad", "b", "a"), 100
    )
    assert reversed_.iloc[0].drop("subject").astype(str).tolist() == shop.drop("subject").astype(str).tolist()
    assert shop["struck_per_year"] == pytest.approx(1.0)
    assert shop["breaches_per_year"] == pytest.approx(0.1)


def test_breaches_use_all_drills_of_each_resource() -> None:
    """The share that is missed counts over all drills of a resource, and as the application fares in them."""
    # while a is down, which meets, the shop misses in 70 of 100 drills; only the 50 first of them are dealt
    frame = together(
        incidents([HOUR] * 100, subject="shop.a", struck="shop.a"),
        incidents([1.0] * 100, [HOUR] * 30 + [9 * HOUR] * 70, subject="shop", struck="shop.a"),
        *(incidents([HOUR] * 100, subject=subject, struck="shop.b") for subject in ("shop", "shop.b")),
    )
    exposure = one_by_one({"shop.a": 2.0, "shop.b": 2.0}, 100, {"shop.a": 50, "shop.b": 50})
    summary, _ = summarise("daily", "lost", Affected.of(frame, exposure), applications(OBJECTIVES, "a", "b"), 100)
    shop = summary.iloc[0]
    assert shop["p_meets"] == pytest.approx(0.8)
    assert shop["breaches_per_year"] == pytest.approx(2 * 0.7 + 2 * 0)
    assert summary.iloc[1]["breaches_per_year"] == 0
    assert (shop["verdict"], shop["verdict_of"]) == ("breached", "shop")


def test_undecided_resource_says_what_it_takes() -> None:
    """Where a resource leaves the application undecided, the number of drills is the resource's."""
    frame = together(
        *(incidents([HOUR] * 100, subject=subject, struck="shop.a") for subject in ("shop", "shop.a")),
        incidents([HOUR] * 100, subject="shop", struck="shop.b"),
        incidents([HOUR] * 100, [HOUR] * 94 + [9 * HOUR] * 6, subject="shop.b", struck="shop.b"),
    )
    exposure = one_by_one({"shop.a": 9.0, "shop.b": 1.0}, 100, {"shop.a": 90, "shop.b": 10})
    summary, _ = summarise("daily", "lost", Affected.of(frame, exposure), applications(OBJECTIVES, "a", "b"), 100)
    shop = summary.iloc[0]
    assert (shop["verdict"], shop["verdict_of"]) == ("undecided", "shop.b")
    assert shop["drills_to_decide"] == summary.iloc[2]["drills_to_decide"] > 100


def test_dependents_stand_apart() -> None:
    """What goes down with what it requires has rows of its own by what was struck, and counts in no other."""
    frame, _ = one_resource_bad()
    names = {"shop.a": 60, "shop.b": 30, "shop.bad": 10}
    rates = {"shop.a": 0.6, "shop.b": 0.3, "shop.bad": 0.1}
    dependents = {("crm", name): rate for name, rate in rates.items()}
    exposure = one_by_one(rates, 100, names, dependents)
    more = [incidents([0.0] * 100, subject="crm", struck=name) for name in ("shop.a", "shop.b")]
    gone = incidents(subject="crm", struck="shop.bad", unrecoverable=40)
    log = together(frame, *more, gone)
    apart, beside = summarise(
        "daily", "lost", Affected.of(log, exposure), applications(OBJECTIVES, "a", "b", "bad"), 100
    )
    assert list(beside["subject"]) == ["crm"] * 3
    assert list(beside["struck"]) == ["shop.a", "shop.b", "shop.bad"]
    assert beside["struck_per_year"].tolist() == [0.6, 0.3, 0.1]
    assert beside["verdict"].tolist() == ["met", "met", "unrecoverable"]
    assert beside["affected"].tolist() == [100, 100, 40]
    assert beside["breaches_per_year"].tolist() == pytest.approx([0, 0, 0.1])
    crm = apart[apart["subject"] == "crm"].iloc[0]
    assert (crm["verdict"], crm["affected"]) == ("unaffected", 0)
    counted = log[dealt(Rows.of(log), exposure)]
    assert len(counted) == 100 + 3 * 100
    assert not counted.duplicated(["drill", "subject"]).any()
    assert log[dependent(Rows.of(log), exposure)]["subject"].tolist() == ["crm"] * 240


def test_dependents_of_other_units() -> None:
    """Under kinds that strike all at once they are the rows that name a unit."""
    exposure = Exposure(
        by_resource=False,
        units={"shop": {"": 0.1}},
        struck_per_year={"shop": 0.1, "shop.db": 0.1},
        dealt={},
        dependents={("crm", "production"): 0.1},
    )
    log = together(
        incidents([1.0] * 80),
        incidents([1.0] * 80, subject="shop.db"),
        incidents([2.0] * 80, subject="crm", struck="production"),
    )
    summary, beside = summarise("daily", "attack", Affected.of(log, exposure), applications(), 80)
    assert summary.set_index("subject").loc[["shop", "crm"], "affected"].tolist() == [80, 0]
    assert beside[["subject", "struck", "affected"]].to_numpy().tolist() == [["crm", "production", 80]]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"affected": 100, "unprotected": 100, "lost": 100, "hits": None}, "no-objective"),
        ({"affected": 0, "unprotected": 0, "lost": 0, "hits": 0}, "undecided"),
        ({"affected": 1, "unprotected": 1, "lost": 1, "hits": 0}, "unprotected"),
        ({"affected": 100, "unprotected": 99, "lost": 99, "hits": 1}, "unrecoverable"),
        ({"affected": 100, "unprotected": 0, "lost": 11, "hits": 80}, "unrecoverable"),
        ({"affected": 100, "unprotected": 0, "lost": 10, "hits": 80}, "breached"),  # perhaps no more than 5 % are lost
        ({"affected": 100, "unprotected": 0, "lost": 0, "hits": 89}, "breached"),
        ({"affected": 100, "unprotected": 0, "lost": 0, "hits": 90}, "undecided"),
        ({"affected": 100, "unprotected": 0, "lost": 0, "hits": 99}, "undecided"),
        ({"affected": 72, "unprotected": 0, "lost": 0, "hits": 72}, "met"),
        ({"affected": 71, "unprotected": 0, "lost": 0, "hits": 71}, "undecided"),
    ],
)
def test_verdicts_are_tested_in_order(counts: dict[str, int], expected: str) -> None:
    """The first test that applies decides, with an attainment of 95 %."""
    assert verdict(0.95, **counts) == expected


@pytest.mark.parametrize("attainment", [0.9995, 1.0])
def test_very_high_attainments_are_met_by_all_of_many(attainment: float) -> None:
    """Above 99.9 % every affected drill has to meet, and there have to be 3,688; one miss of 100 % is a breach."""

    def judged(affected: int, missed: int) -> str:
        return verdict(attainment, affected=affected, unprotected=0, lost=0, hits=affected - missed)

    assert [judged(n, 0) for n in (3_687, 3_688, 50_000)] == ["undecided", "met", "met"]
    assert judged(4_000, 1) == ("breached" if attainment == 1 else "undecided")
    assert judged(4_000, 40) == "breached"


def test_verdicts_that_fail_a_run() -> None:
    """`breach` fires on what is shown to miss, `undecided` on all that is not shown to meet."""
    assert set(FAIL_ON["breach"]) == {"breached", "unrecoverable", "unprotected"}
    assert set(FAIL_ON["undecided"]) == {*FAIL_ON["breach"], "undecided"} == set(UNMET)
    assert set(VERDICTS) == {*UNMET, "met", "no-objective", "unaffected"}


@pytest.mark.parametrize(
    ("attainment", "affected", "hits", "expected"),
    [(0.95, 0, 0, 72), (0.95, 71, 71, 72), (0.99, 100, 100, 368), (0.99, 100, 98, 368), (1.0, 500, 500, 3_688)],
)
def test_fewest_drills_that_decide(attainment: float, affected: int, hits: int, expected: int) -> None:
    """Below the number that could show the attainment, it is that number."""
    assert drills_to_decide(attainment, affected, hits) == expected


@pytest.mark.parametrize(("hits", "affected"), [(97, 100), (940, 1000), (955, 1000), (9490, 10_000)])
def test_drills_that_decide_at_the_same_share(hits: int, affected: int) -> None:
    """Where that many left it open, with the number given the same share decides, and with a tenth less it does not."""
    needed = drills_to_decide(0.95, affected, hits)
    assert needed is not None
    assert needed > affected

    def decided(number: int) -> bool:
        share = verdict(0.95, affected=number, unprotected=0, lost=0, hits=round(number * hits / affected))
        return share != "undecided"

    assert decided(needed)
    assert not decided(round(0.85 * needed))


def test_a_share_that_equals_the_attainment_is_never_decided() -> None:
    """No number of drills tells which side it is on."""
    assert drills_to_decide(0.95, 1000, 950) is None


def test_an_attainment_of_all_needs_no_more_than_a_few_drills() -> None:
    """An attainment of 0 is met by any drill, and none is needed to say so."""
    assert verdict(0.0, affected=1, unprotected=0, lost=0, hits=0) == "met"
    assert drills_to_decide(0.0, 0, 0) == 1


def test_drill_at_a_quantile_ranks_misses_last() -> None:
    """The drill of the highest rank is one without recovery."""
    frame = incidents([1.0, 1.0, 1.0], [30.0, 10.0, 20.0], unrecoverable=1, unprotected=1)
    exposure = all_at_once()
    assert [drill_at(frame, exposure, q, subject="shop") for q in (0, 0.25, 0.5, 0.75, 1)] == [1, 2, 0, 3, 4]


def test_drill_at_a_quantile_is_of_what_reaches_the_subject() -> None:
    """Drills of others, and those in which only what it requires was struck, have no rank."""
    log = together(
        incidents([1.0] * 3, [10.0, 20.0, 30.0], struck="shop.a"),
        incidents([1.0] * 3, [40.0, 50.0, 60.0], struck="crm.db", first=3),
        incidents([1.0] * 3, [70.0, 80.0, 90.0], subject="crm", struck="crm.db", first=3),
    )
    exposure = one_by_one({"shop.a": 0.1}, 3, {"shop.a": 3}, {("shop", "crm.db"): 0.1})
    assert [drill_at(log, exposure, q, subject="shop") for q in (0, 0.5, 1)] == [0, 1, 2]
    assert drill_at(log, exposure, 1) == 5
    with pytest.raises(InputError, match="no drill reaches it"):
        drill_at(log, exposure, 0.5, subject="crm.db")
