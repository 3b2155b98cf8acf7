"""Data loss of backups and copies against closed forms, each within five standard errors of its estimator.

`kappa` is sqrt(n) times the standard error of the estimator over n independent drills. Times are hours unless said
otherwise: T the interval, d or D the time from the start of a backup until it is usable, R the retention.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from drsim.distributions import Z95
from tests.closed_forms import drilled, holds, holds_share, losses
from tests.scenarios import EFS, HOUR, REGION, Parts, copies, copy, flow, rule


def test_periodic_points() -> None:
    """C01a: with T = 24 and d = 2 the loss is uniform from d to d + T."""
    sample = losses({"overrides": {"backup_duration": "2 h"}})
    holds(sample, mean=(14, 6.9282), p50=(14, 12), p95=(24.8, 5.2307), p99=(25.76, 2.388), max=(26, 0.2))


def test_random_durations() -> None:
    """C02a: with D ~ U(1, 5) below T = 24 the loss is U(0, T) + D."""
    sample = losses({"overrides": {"backup_duration": "{uniform: [1 h, 5 h]}"}})
    p99 = 24 + 5 - math.sqrt(0.01 * 2 * 24 * 4)
    holds(sample, mean=(15, 7.0238), p50=(15, 12), p95=(25.901613, 6.7528), p99=(p99, 6.8935), max=(29, 3))


def test_failing_backups() -> None:
    """C03a: with p = 0.93 the loss is U(0, T) + d + T G, G geometric, at T = 24 and d = 2."""
    sample = losses({"overrides": {"backup_duration": "2 h", "backup_failure": "0.07"}})
    holds(
        sample,
        mean=(12 + 2 + 24 * 0.07 / 0.93, 9.7272),
        p50=(14.903226, 12.903),
        p95=(33.373272, 80.348),
        p99=(48.119816, 36.682),
        p99_9=(70.539829, 166.46),
    )
    holds_share(sample > 26, 0.07)


def test_start_jitter() -> None:
    """C04: a start anywhere in a window of 8 h adds w^2 / 12T to the mean loss, and w to its bound."""
    sample = losses(
        {
            "rules": [rule(more="start_window: 8 h")],
            "overrides": {"backup_duration": "2 h", "start_delay": "{uniform: [0 h, 8 h]}"},
        }
    )
    mean = 2 + 12 + 64 / (12 * 24)
    holds(sample, mean=(mean, 7.2996), p50=(14, 12), p95=(26.276085, 11.223), p99=(29.483027, 14.981), max=(34, 6))


OVERTAKING: Parts = {
    "rules": [rule("6 h", more=copies(copy()))],
    "overrides": {
        "backup_duration": "0.5 h",
        "copy_duration": f"{{median: 2 h, p95: {2 * math.exp(0.8 * Z95)!r} h}}",
    },
}


def test_copies_that_overtake() -> None:
    """C05: with lognormal copies every 6 h, side by side, a Region's loss costs 6.108734 h on average."""
    log = drilled(OVERTAKING | Parts(disruption=REGION))
    rows = log[log["subject"] == "app.db"]
    holds(
        rows["data_loss_s"].to_numpy() / HOUR,
        mean=(6.108734, 2.6428),
        p50=(5.928957, 3.3556),
        p95=(10.970630, 8.4747),
        p99=(13.463127, 12.373),
    )
    newest = np.floor((rows["occurred_s"].to_numpy() / HOUR - 0.5) / 6) * 6
    holds_share(rows["captured_s"].to_numpy() / HOUR < newest, 0.413862)


def test_copies_do_not_matter_while_the_source_survives() -> None:
    """C05: the same backups lose U(0.5, 6.5) where only the resource is lost."""
    holds(losses(OVERTAKING), mean=(3.5, 1.7321), max=(6.5, 0.1))


HOPS = {"backup_duration": "1 h"}


def hop(vault: str, duration: str, then: str = "") -> str:
    """Return a copy action of a duration of its own, perhaps with one chained to it."""
    return copy(vault, more=f"overrides: {{copy_duration: {duration}}}, {f'then: [{then}]' if then else ''}")


FIRST, SECOND = "{uniform: [30 min, 90 min]}", "{uniform: [1 h, 4 h]}"


def test_chained_copies() -> None:
    """C06: with source and first copy lost the loss is U(0, T) + d + C1 + C2."""
    chain = hop("other-account", FIRST, hop("dr", SECOND))
    sample = losses({"rules": [rule(more=copies(chain))], "overrides": HOPS, "disruption": REGION})
    holds(sample, mean=(16.5, 6.9881), p50=(16.5, 12), p95=(27.331996, 5.9128), p99=(28.835240, 6.1505), max=(30.5, 3))


def test_the_first_hop_of_a_chain() -> None:
    """C06: with the source alone lost the first hop serves: U(0, T) + d + C1."""
    chain = hop("dr", FIRST, hop("far", SECOND))
    sample = losses({"rules": [rule(more=copies(chain))], "overrides": HOPS, "disruption": REGION})
    holds(sample, mean=(14, math.sqrt(24**2 / 12 + 1 / 12)), max=(26.5, 2))


def test_parallel_copies() -> None:
    """C06: of two parallel copies the earlier serves: U(0, T) + d + min(C1, C2)."""
    both = copies(hop("dr", FIRST), hop("far", SECOND))
    sample = losses({"rules": [rule(more=both)], "overrides": HOPS, "disruption": REGION})
    holds(sample, mean=(13.993056, 6.7 * 1.04), max=(26.5, 2))


def test_one_slot_for_forty_copies() -> None:
    """C08c: the copy at place i of forty through one slot is there after 0.3 i: its loss is U(0.3 i, 24 + 0.3 i)."""
    resources = flow({f"r{i:02}": EFS for i in range(1, 41)})
    parts: Parts = {
        "resources": resources,
        "rules": [rule(more=copies(copy()))],
        "overrides": {"copy_duration": "0.3 h"},
        "limits": "{backup_jobs: unlimited, copy_jobs: 1, jobs_per_resource: unlimited}",
        "disruption": REGION,
    }
    log = drilled(parts, 150)
    by_resource = log[log["level"] == "resource"].pivot_table(
        index="drill", columns="subject", values="data_loss_s", observed=True
    )
    sample = by_resource.to_numpy() / HOUR
    for i in range(1, 41):
        holds(sample[:, i - 1], mean=(12 + 0.3 * i, 24 / math.sqrt(12)))
    holds(sample.mean(axis=1), mean=(18.15, 3.67))
    occurred = log.loc[log["level"] == "application", "occurred_s"].to_numpy() / HOUR
    expected = [[(o - 0.3 * i) % 24 + 0.3 * i for i in range(1, 41)] for o in occurred]
    assert sample == pytest.approx(np.array(expected), abs=1e-6)


MINUTES: Parts = {
    "rules": [rule("5 min", keep="1 d", more="start_window: 5 min")],
    "overrides": {"backup_duration": "1 min"},
    "more": "horizon: 20 d\nwarm_up: 3 d",
}


def test_log_shipping() -> None:
    """C11a [min]: segments of 5 min uploaded in 1 min lose U(1, 6)."""
    sample = losses(MINUTES) * 60
    holds(sample, mean=(3.5, 1.4434), p50=(3.5, 2.5), p95=(5.75, 1.0897), p99=(5.95, 0.49749), max=(6, 0.05))


def test_log_shipping_with_deferred_segments() -> None:
    """C11a [min]: where 2 % of the uploads come with the next one the mean loss is 3.5 + 5 x 0.02 / 0.98."""
    sample = losses(MINUTES | Parts(overrides={"backup_duration": "1 min", "backup_failure": "0.02"})) * 60
    holds(sample, mean=(3.602041, 1.6137))


def test_continuous_log_lag() -> None:
    """C11a [min]: continuous protection loses its lag, exponential with mean 0.5, p99 at ln 100 of it, or constant."""
    rules = [rule(keep="35 d", more="enable_continuous_backup: true")]
    sample = losses({"rules": rules, "overrides": {"log_lag": "{exponential: 30 s}"}}) * 60
    holds(sample, mean=(0.5, 0.5), p99=(0.5 * math.log(100), 4.9749))
    assert set(losses({"rules": rules, "overrides": {"log_lag": "7 min"}}, drills=50) * 60) == {7.0}


BASES: Parts = {"rules": [rule(keep="35 d", more="enable_continuous_backup: true")]}
"""Daily bases of a window."""


@pytest.mark.parametrize("failure", ["0.3", "{p: 0.3, lasts: 2 d}", "{p: 0.3, lasts: {exponential: 1 d}}"])
def test_gaps_in_logs(failure: str) -> None:
    """A log that breaks off after 30 % of the daily bases, at a moment U(0, T), loses max(0, U(0, T) - U(0, T))."""
    sample = losses(BASES | Parts(overrides={"log_lag": "0 min", "log_failure": failure}))
    holds(sample, mean=(0.3 * 4, 3.6), max=(24, 6))
    holds_share(sample > 0, 0.3 / 2)


def test_gaps_in_logs_between_bases_that_fail() -> None:
    """With every fourth base failing and every second log broken a gap lasts K ~ Geometric more days.

    K = 0 loses max(0, U - V), mean T / 6; k days more lose U - V + k T, mean k T.
    """
    p, q, t = 0.5, 0.25, 24.0
    failing = {"log_lag": "0 min", "log_failure": str(p), "backup_failure": str(q)}
    mean = p * ((1 - q) * t / 6 + t * q / (1 - q))
    square = p * ((1 - q) * t**2 / 12 + q * t**2 / 6 + t**2 * q * (1 + q) / (1 - q) ** 2)
    sample = losses(BASES | Parts(overrides=failing))
    holds(sample, mean=(mean, math.sqrt(square - mean**2)))
    holds_share(sample > 0, p * ((1 - q) / 2 + q))


def test_bases_that_fail() -> None:
    """Where every third base fails the log since the newest one that completed is U(0, T) + T Geometric(1/3) long."""
    resources = "{db: {type: RDS, size: 100 GB, change_rate: 24 %/day, overrides: {restore_fixed: 0 h}}}"
    q, t = 1 / 3, 24.0
    parts = BASES | Parts(
        resources=resources,
        overrides={"log_lag": "0 min", "backup_failure": str(q), "log_replay_rate": "1 GB/h", "log_factor": "1"},
    )
    sample = losses(parts, column="downtime_s")
    variance = t**2 / 12 + t**2 * q / (1 - q) ** 2
    holds(sample, mean=(t / 2 + t * q / (1 - q), math.sqrt(variance)))


def test_ransomware_against_retention() -> None:
    """C12a [d]: Y ~ Exp(30) before weekly points kept 90 d: nothing clean with P(Z > R), else E[Z | Z <= R]."""
    sample = losses(
        {
            "rules": [rule("7 d", keep="90 d")],
            "disruption": "{kind: ransomware, dwell: {exponential: 30 d}, backups_attacked: 0}",
        }
    )
    m, r, t = 30.0, 90.0, 7.0
    none = m / t * math.exp(-r / m) * math.expm1(t / m)
    assert none == pytest.approx(0.056075, abs=1e-6)
    holds_share(np.isnan(sample), none)
    clean = sample[~np.isnan(sample)] / 24
    holds(clean, mean=((m + t / 2 - (r + m) * none) / (1 - none), 21.1), p95=(71.679922, 62.3), max=(90, 5))


@pytest.mark.parametrize(
    ("every", "failure", "expected"),
    [
        (24, 0, 22 / 24),
        (12, 0, 1),
        (24, 0.07, 0.8525),
        (12, 0.07, 0.98425),
        (6, 0.07, 1 - 0.07**3 * (1 - 0.93 * 4 / 6)),
        (22 / 0.99, 0, 0.99),
    ],
)
def test_meeting_an_objective(every: float, failure: float, expected: float) -> None:
    """C17: P(L <= 24) is 1 - (1-p)^k (1 - p y / T), with k = floor((24 - d) / T) and y the rest; d = 2."""
    sample = losses(
        {
            "rules": [rule(f"{every!r} h", keep="20 d")],
            "overrides": {"backup_duration": "2 h", "backup_failure": str(failure)},
        }
    )
    holds_share(sample <= 24, expected)
