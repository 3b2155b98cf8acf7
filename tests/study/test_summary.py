"""From incidents to the summary and its verdicts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from drsim.scenario import Application, read_scenario
from drsim.study.statistics import probability_interval
from drsim.study.summary import COLUMNS, drill_at, summarise
from drsim.study.verdicts import FIRING, verdict

HOUR = 3600.0


def application(objectives: str = "{rpo: 24 h, rto: 4 h}") -> Application:
    """Return an application with these objectives."""
    text = f"""
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home}}}}
applications:
  shop: {{site: home, objectives: {objectives}, resources: {{db: {{type: RDS, size: 1 GB}}}}}}
backup_plans: {{daily: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h}}]}}}}
strategies: {{daily: {{backup: daily}}}}
disruptions: {{lost: {{kind: resource-loss}}, attack: {{kind: ransomware}}}}
"""
    return read_scenario(text).applications["shop"]


def incidents(
    loss_s: list[float], downtime_s: list[float] | None = None, *, subject: str = "shop", **states: int
) -> pd.DataFrame:
    """Return one drill per loss that recovered, then as many of other states as are named."""
    n = len(loss_s)
    more = [state for state, number in states.items() for _ in range(number)]
    none = [math.nan] * len(more)
    return pd.DataFrame(
        {
            "drill": np.arange(n + len(more)),
            "level": pd.Categorical(["resource" if "." in subject else "application"] * (n + len(more))),
            "subject": pd.Categorical([subject] * (n + len(more))),
            "state": pd.Categorical(["recovered"] * n + more),
            "data_loss_s": [*loss_s, *none],
            "downtime_s": [*(downtime_s or [HOUR] * n), *none],
            "full_performance_s": [*(downtime_s or [HOUR] * n), *none],
            "skew_s": [*([0.0] * n), *none],
        }
    )


def row(frame: pd.DataFrame, objectives: str = "{rpo: 24 h, rto: 4 h}", disruption: str = "lost") -> pd.Series:
    """Return the only row of a summary."""
    found = summarise("daily", disruption, frame, {"shop": application(objectives)})
    assert len(found) == 1
    return found.iloc[0]


def test_statistics_are_over_recovered_drills_only() -> None:
    """Mean, percentiles and maximum are those of the recovered drills, however many others there are."""
    losses = [float(k) for k in range(101)]
    losses = losses[60:] + losses[:60]
    found = row(incidents(losses, unrecoverable=30, unprotected=5, unaffected=64))
    assert found["drills"] == 200
    assert [found[s] for s in ("recovered", "unrecoverable", "unprotected", "unaffected")] == [101, 30, 5, 64]
    assert [found[f"data_loss_s_{s}"] for s in ("mean", "p50", "p90", "p95", "p99", "max")] == [50, 50, 90, 95, 99, 100]


def test_percentiles_interpolate_linearly() -> None:
    """A percentile between two drills is interpolated as NumPy does."""
    assert row(incidents([0.0, 10.0]))["data_loss_s_p95"] == pytest.approx(9.5)


def test_no_recovered_drill_leaves_statistics_empty() -> None:
    """Without a recovered drill every statistic is empty, and none is a large number."""
    found = row(incidents([], unrecoverable=10))
    assert found.filter(regex=r"^(data_loss|downtime|full_performance|skew)_s_").isna().all()


def test_objectives_count_misses_and_unaffected_drills() -> None:
    """Unrecoverable and unprotected drills miss every objective; unaffected ones meet them; an exact tie meets."""
    found = row(incidents([24 * HOUR, 24 * HOUR + 1], [HOUR, HOUR], unrecoverable=1, unprotected=1, unaffected=4))
    assert found["p_meets_rpo"] == pytest.approx(5 / 8)
    assert found["p_meets_rto"] == pytest.approx(6 / 8)
    low, high = probability_interval(5, 8)
    assert [found["p_meets_rpo_lo"], found["p_meets_rpo_hi"]] == pytest.approx([float(low), float(high)], abs=1e-9)


def test_recovery_without_data_to_lose_meets_the_rpo() -> None:
    """A recovered subject that has no loss figure meets its RPO."""
    assert row(incidents([math.nan] * 4))["p_meets_rpo"] == 1


def test_nearest_objectives_win_field_by_field() -> None:
    """Under a disruption of its own objectives only the fields named there differ."""
    objectives = "{rpo: 1 h, rto: 4 h, attainment: 80 %, for: {attack: {rpo: 100 h}}}"
    frame = incidents([50 * HOUR] * 85, [HOUR] * 85, unrecoverable=15)
    assert row(frame, objectives)["p_meets_rpo"] == 0
    attacked = row(frame, objectives, "attack")
    assert attacked["p_meets_rpo"] == pytest.approx(0.85)
    assert attacked["verdict"] == "undecided"  # 15 of 100 lost is within what 80 % allows


def test_resource_is_judged_by_its_application() -> None:
    """A resource has the objectives of the application in its name."""
    assert row(incidents([25 * HOUR] * 5, subject="shop.db"))["p_meets_rpo"] == 0


def test_columns_are_in_their_order() -> None:
    """The columns that users rely on come first, in the published order."""
    text = (
        "strategy, disruption, level, subject, drills, recovered, unrecoverable, unprotected, unaffected, "
        "data_loss_s_mean, data_loss_s_p50, data_loss_s_p90, data_loss_s_p95, data_loss_s_p99, data_loss_s_max, "
        "downtime_s_mean, downtime_s_p50, downtime_s_p90, downtime_s_p95, downtime_s_p99, downtime_s_max, "
        "p_meets_rpo, p_meets_rpo_lo, p_meets_rpo_hi, p_meets_rto, p_meets_rto_lo, p_meets_rto_hi, "
        "p_unrecoverable, p_unrecoverable_lo, p_unrecoverable_hi, verdict, full_performance_s_mean"
    )
    published = text.split(", ")
    assert list(COLUMNS[: len(published)]) == published
    found = summarise("daily", "lost", incidents([1.0]), {"shop": application()})
    assert tuple(found.columns) == COLUMNS


def test_rows_follow_the_order_of_the_incidents() -> None:
    """Subjects stand in the order in which the engine names them, not in that of the alphabet."""
    frame = pd.concat([incidents([1.0], subject=s) for s in ("shop", "shop.z", "shop.a")]).astype(
        {"subject": "category"}
    )
    found = summarise("daily", "lost", frame, {"shop": application()})
    assert list(found["subject"]) == ["shop", "shop.z", "shop.a"]
    assert list(found["level"]) == ["application", "resource", "resource"]


@pytest.mark.parametrize(
    ("counts", "intervals", "expected"),
    [
        ((100, 40, 60, 0), [(1.0, 1.0)], "unprotected"),
        ((100, 40, 59, 1), [(0.0, 0.1)], "breached"),
        ((100, 100, 0, 0), [(0.97, 1.0)], "met"),
        ((100, 0, 0, 6), [(0.99, 1.0)], "unrecoverable"),
        ((100, 0, 0, 5), [(0.99, 1.0)], "met"),
        ((100, 0, 0, 6), [], "unrecoverable"),
        ((100, 0, 0, 0), [], "no-objective"),
        ((100, 0, 0, 0), [(0.95, 1.0), (0.95, 1.0)], "met"),
        ((100, 0, 0, 0), [(0.95, 1.0), (0.94, 1.0)], "undecided"),
        ((100, 0, 0, 0), [(0.99, 1.0), (0.5, 0.94)], "breached"),
        ((100, 0, 0, 0), [(0.5, 0.95)], "undecided"),
    ],
)
def test_verdicts_are_tested_in_order(
    counts: tuple[int, int, int, int], intervals: list[tuple[float, float]], expected: str
) -> None:
    """The first test that applies decides: unprotected, unrecoverable, no objective, met, breached, undecided."""
    drills, unaffected, unprotected, unrecoverable = counts
    found = verdict(
        0.95,
        drills=drills,
        unaffected=unaffected,
        unprotected=unprotected,
        unrecoverable=unrecoverable,
        intervals=intervals,
    )
    assert found == expected
    assert (found in FIRING) == (found not in ("met", "no-objective"))


def test_exact_share_of_unrecoverable_drills_is_allowed() -> None:
    """As many unrecoverable drills as the attainment leaves do not make the verdict, whatever floats round to."""
    for percent in range(1, 100):
        found = verdict(1 - percent / 100, drills=100, unaffected=0, unprotected=0, unrecoverable=percent, intervals=[])
        assert found == "no-objective"


def test_drill_at_a_quantile_ranks_misses_last() -> None:
    """The drill of the highest rank is one without recovery, that of the lowest one that was not affected."""
    frame = incidents([1.0, 1.0, 1.0], [30.0, 10.0, 20.0], unrecoverable=1, unaffected=1)
    assert [drill_at(frame, q) for q in (0, 0.25, 0.5, 0.75, 1)] == [4, 1, 2, 0, 3]
