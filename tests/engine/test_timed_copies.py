"""Copies that are to be completed within a time: how long they take, on both clocks, and what they cost."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from drsim.distributions import Constant, Lognormal
from drsim.laws.drain import Theta, log_mgf_of_work
from drsim.laws.jobs import Work
from drsim.laws.longest import Grid, Job, log_shorter
from drsim.scenario import check_text, read_scenario
from drsim.study.costs import steady_costs
from drsim.study.notices import notices
from drsim.units import GIB, HOUR_S, MINUTE_S
from drsim.world import build_world
from tests.engine.test_two_clocks import agree

MIB = 2.0**20

VOLUME = """
start: 2026-01-01
sites: {{home: {{region: us-east-1, account: prod}}, away: {{region: us-west-2, account: prod}}}}
vaults: {{local: {{site: home}}, dr: {{site: away}}, beside: {{site: home}}}}
applications: {{app: {{site: home, resources: {{disk: {{type: EBS, size: {size}, change_rate: {rate}}}}}}}}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        every: 24 h
        lifecycle: {{delete_after: 35 d}}
        copy_actions: [{{destination_vault: {vault}, lifecycle: {{delete_after: {keep}}}{asked}}}]
strategies: {{only: {{backup: daily}}}}
disruptions: {{gone: {{kind: region-loss, site: home}}}}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
overrides:
  '*': {{start_delay: 0 h, backup_duration: 0 h, expiry_delay: 0 h, backup_failure: 0, copy_failure: 0}}
  EBS: {{restore_failure: 0}}
"""


def text_of(
    asked: str = "", *, size: str = "1000 GiB", rate: str = "10 %/day", vault: str = "dr", keep: str = "35 d"
) -> str:
    """A volume, copied every day."""
    return VOLUME.format(asked=asked and f", {asked}", size=size, rate=rate, vault=vault, keep=keep)


def bill(text: str) -> pd.DataFrame:
    """Return what is paid for copies."""
    scenario = read_scenario(text)
    costs = steady_costs(scenario, build_world(scenario, "only"))
    return costs[costs["line"] == "transfer"]


def test_a_paced_job_takes_the_time_asked_for_or_what_its_bytes_need() -> None:
    """225,000 MiB take 15 min where these were asked for, and 900,000 MiB 30 min at 500 MiB/s."""
    work = Work.paced(15 * MINUTE_S, 500 * MIB)
    sizes = np.array([0.0, 225_000 * MIB, 450_000 * MIB, 900_000 * MIB])
    minutes = [15.0, 15.0, 15.0, 30.0]
    assert (work.durations(3, np.arange(4), sizes) / MINUTE_S).tolist() == minutes
    assert work.expected_s(sizes) / MINUTE_S == pytest.approx(minutes)
    for size, lasts in zip(sizes.tolist(), minutes, strict=True):
        assert [work.longest_s(size), work.shortest_s(size)] == pytest.approx([lasts * MINUTE_S] * 2)
        assert work.p_within(lasts * MINUTE_S + 1, size) == 1
        assert work.p_within(lasts * MINUTE_S - 1, size) == 0


def test_a_least_duration_bounds_what_is_drawn() -> None:
    """Where a job lasts a least time, no draw is shorter, and the bound on its moments holds."""
    work = Work(None, Lognormal(300.0, 1.1), Constant(500 * MIB), None, (1, 2, 3), 900.0)
    lasted = work.durations(np.arange(4000), 0, 1000 * MIB)
    assert lasted.min() == 900.0
    assert (lasted > 900.0).any()
    theta = Theta.between(1e-4, 1e-3)
    mean = np.log(np.exp(np.outer(theta.values, lasted)).mean(axis=1))
    assert (log_mgf_of_work(work, 1000 * MIB, 0.0, theta) >= mean).all()


def test_the_bounds_know_that_a_paced_job_takes_its_time() -> None:
    """A job of no bytes, 15 min long: its moments are those of 15 min, and no chain of it is shorter."""
    work, theta = Work.paced(900.0, 500 * MIB), Theta(-40, -40)
    assert log_mgf_of_work(work, 0.0, 0.0, theta) == pytest.approx([900 / 1024], rel=1e-6)
    chain = (Job(work, 0.0, 0.0, None, math.inf, 0.0),)
    grid = Grid.holding([chain])
    _, shorter = log_shorter(chain, theta, grid)
    assert np.isneginf(shorter[:, grid.lengths_s < 900 - grid.step_s]).all()


@pytest.mark.parametrize(("limits", "hours"), [("{}", (0.25, 4.0)), ("{copy_jobs: 1}", (4.25, 4.0))])
def test_volumes_that_differ_in_their_time_alone_are_told_apart(limits: str, hours: tuple[float, float]) -> None:
    """Two volumes of one size, one copied within 15 min and one within 4 h: each has its own loss, on both clocks.

    Where one copy runs at once, the one that is named first goes first.
    """
    slow = "{destination_vault: dr, lifecycle: {delete_after: 35 d}, completion_duration: 4 h}"
    plan = f"  slow: {{rules: [{{rule_name: daily, target_vault: local, every: 24 h, copy_actions: [{slow}]}}]}}\n"
    text = text_of("completion_duration: 15 min").replace("strategies:", plan + "strategies:")
    text = text.replace("resources: {", "resources: {other: {type: EBS, size: 1000 GiB, change_rate: 10 %/day}, ")
    text = text.replace("{backup: daily}", "{backup: {app.disk: daily, app.other: slow}}")
    text = text.replace("every: 24 h, copy", "every: 24 h, lifecycle: {delete_after: 35 d}, copy")
    (log,) = agree(build_world(read_scenario(f"{text}\nlimits: {limits}\n"), "only"), ["gone"], 200)
    rows = log[log["level"] == "resource"]
    lost = rows.groupby(rows["subject"].astype(str))["data_loss_s"].agg(["min", "max"]) / HOUR_S
    assert lost["min"].tolist() == pytest.approx(hours, abs=0.6)
    assert lost["max"].tolist() == pytest.approx([24 + h for h in hours], abs=0.6)


@pytest.mark.parametrize(
    ("asked", "limits", "binds"),
    [
        ("completion_duration: 24 h", "{}", False),
        ("completion_duration: 24 h", "{jobs_per_resource: 1}", True),
        ("", "{}", True),
    ],
)
def test_the_quota_of_one_resources_jobs_does_not_bind_copies_of_ec2(asked: str, limits: str, *, binds: bool) -> None:
    """EC2 makes what is to complete within a time: backups of 6 h beside copies of 24 h each day queue for nothing.

    A limit that the scenario writes holds for all jobs, and so does the quota for copies of AWS Backup.
    """
    lasting = "backup_duration: 6 h" if asked else "backup_duration: 6 h, copy_duration: 24 h"
    text = text_of(asked).replace("backup_duration: 0 h", lasting)
    scenario = read_scenario(f"{text}\nlimits: {limits}\n")
    world = build_world(scenario, "only")
    (stream,) = world.streams
    (copy,) = stream.copies
    assert any(world.limits[i].is_of_resource for i in stream.limits)
    assert any(world.limits[i].is_of_resource for i in copy.limits) is binds
    assert any(problem.check == "overloaded-limit" for problem in notices(scenario)) is binds
    agree(world, ["gone"], 100)


@pytest.mark.parametrize(
    ("asked", "size", "hours"),
    [
        ("completion_duration: 1 h", "1000 GiB", 1.0),
        ("completion_duration: 15 min", "1000 GiB", 0.25),
        # 10 % of 9,000 GiB, at 500 MiB/s
        ("completion_duration: 15 min", "9000 GiB", 900 * 1024 / 500 / 3600),
    ],
)
def test_the_loss_of_a_region_counts_from_the_copy_that_is_completed(asked: str, size: str, hours: float) -> None:
    """Copies of every 24 h that take so long: the loss is uniform from that to a day more, on both clocks."""
    (log,) = agree(build_world(read_scenario(text_of(asked, size=size)), "only"), ["gone"], 400)
    lost = log[log["level"] == "resource"]["data_loss_s"].to_numpy() / HOUR_S
    assert hours <= lost.min() <= hours + 0.5
    assert hours + 23.5 <= lost.max() <= hours + 24
    assert lost.mean() == pytest.approx(hours + 12, abs=1)


def test_copies_of_ten_volumes_at_once_agree_on_both_clocks() -> None:
    """Where slots are short, copies that are paced queue on both clocks alike, the law's bounds holding."""
    text = text_of("completion_duration: 45 min").replace("change_rate", "count: 10, change_rate")
    world = build_world(read_scenario(text + "\nlimits: {copy_jobs: 2}\n"), "only")
    (log,) = agree(world, ["gone"], 60)
    lost = log[log["level"] == "resource"]["data_loss_s"].to_numpy() / HOUR_S
    # the last of ten, two at a time, after 3.75 h: the worst member counts
    assert lost.min() >= 3.75
    assert lost.max() <= 24 + 3.75


@pytest.mark.parametrize(
    ("asked", "price"),
    [
        ("15 min", 0.020),
        ("30 min", 0.018),
        ("45 min", 0.018),
        ("60 min", 0.016),
        ("105 min", 0.016),
        ("2 h", 0.014),
        ("225 min", 0.014),
        ("4 h", 0.012),
        ("8 h", 0.010),
        ("16 h", 0.005),
        ("48 h", 0.005),
    ],
)
def test_copies_cost_by_the_time_they_complete_within(asked: str, price: float) -> None:
    """100 GiB a day cost their transfer as ever, and each GiB AWS's fixed rate for the time besides."""
    plain, timed = bill(text_of()), bill(text_of(f"completion_duration: {asked}"))
    moved = 100.0 * 365 / 12
    assert plain["quantity"].tolist() == pytest.approx([moved])
    assert timed["quantity"].tolist() == pytest.approx([moved, moved])
    assert sorted(timed["usd_per_unit"]) == pytest.approx(sorted([0.02, price]))
    of_time = timed[timed["basis"].str.contains("beside their transfer")]
    assert of_time["usd_per_month"].tolist() == pytest.approx([moved * price])


def test_what_does_not_pass_in_time_is_paid_by_the_time_it_took() -> None:
    """900 GiB a day take 30.7 min in place of 15, and cost what half an hour costs."""
    timed = bill(text_of("completion_duration: 15 min", size="9000 GiB"))
    assert timed["usd_per_unit"].tolist() == pytest.approx([0.018, 0.02])


def test_a_full_copy_beside_its_source_costs_its_time_alone() -> None:
    """AWS's example: 3,000 GiB within 8 h in one Region cost 30 USD, and no transfer."""
    text = text_of("completion_duration: 8 h", size="3000 GiB", rate="100 %/day", vault="beside")
    account = text.replace("beside: {site: home}", "beside: {site: other}").replace(
        "sites: {", "sites: {other: {region: us-east-1, account: backup}, "
    )
    timed = bill(account)
    assert timed["usd_per_unit"].tolist() == pytest.approx([0.010])
    assert timed["usd_per_month"].tolist() == pytest.approx([30.0 * 365 / 12])


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ("completion_duration: 10 min", "15 min"),
        ("completion_duration: 49 h", "48 h"),
        ("completion_duration: 50 min", "60 min"),
        ("completion_duration: 61 min", "75 min"),
    ],
)
def test_only_whole_quarters_of_an_hour_are_taken(asked: str, what: str) -> None:
    """A time is 15 min to 48 h in steps of 15 min; the next one is what is advised."""
    _, errors, _ = check_text(text_of(asked, size="10 GiB"))
    right = what if what.endswith("min") and what != "60 min" else {"60 min": "1 h"}.get(what, what)
    assert [(e.check, e.repair) for e in errors] == [("completion-duration", f"write `completion_duration: {right}`")]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (("type: EBS", "type: EFS"), "completion-duration-unsupported"),
        (("dr: {site: away}", "dr: {site: away, lock: air-gapped}"), "completion-duration-unsupported"),
        (("start: 2026-01-01", "start: 2026-01-01\nas_of: 2024-11-25"), "completion-duration-unsupported"),
        (
            ("completion_duration: 1 h", "completion_duration: 1 h, overrides: {copy_rate: 1 GB/s}"),
            "completion-duration",
        ),
    ],
)
def test_what_cannot_be_timed_is_refused_with_a_repair(change: tuple[str, str], check: str) -> None:
    """Other types, air-gapped vaults, days before there were such copies, and laws that say otherwise."""
    _, errors, _ = check_text(text_of("completion_duration: 1 h").replace(*change))
    assert [error.check for error in errors] == [check]
    assert errors[0].repair.startswith("leave `")
    assert errors[0].edits


def test_a_time_in_one_copy_changes_no_other_luck() -> None:
    """Backups and untimed copies of a rule are the same with and without a timed copy beside them."""
    text = text_of(keep="35 d").replace("copy_actions: [", "copy_actions: [{destination_vault: beside}, ")
    plain, timed = (
        build_world(read_scenario(t), "only").streams[0]
        for t in (text, text.replace("{delete_after: 35 d}}]", "{delete_after: 35 d}, completion_duration: 1 h}]"))
    )
    assert plain.copies[0].work == timed.copies[0].work
    assert plain.work == timed.work
    assert timed.copies[1].work == Work.paced(HOUR_S, 500 * MIB)
    assert plain.copies[1].size_bytes.tolist() == timed.copies[1].size_bytes.tolist()
    assert plain.copies[1].size_bytes[-1] == pytest.approx(100 * GIB)
