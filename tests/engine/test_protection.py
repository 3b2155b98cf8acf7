"""What protects a resource, as AWS obeys it: since when, built on what, in which vault and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drsim.engine import run_drills, run_vectorised
from drsim.engine.luck import ends, first_full, times
from drsim.scenario import Scenario, read_scenario
from drsim.world import World, build_world
from tests.scenarios import (
    DAY,
    EFS,
    EVERYTHING,
    HOUR,
    QUIET,
    REGION,
    copies,
    copy,
    first_difference,
    flow,
    losses_h,
    rule,
    scenario_text,
    struck,
    told,
    world,
)

GIB = 2**30
SECOND = 1 / 3600
EBS = "{type: EBS, size: 100 GiB, change_rate: 1 %/day}"


def sizes_gib(w: World, stream: int = 0, copy_action: int = -1) -> list[float]:
    """Return what the jobs of a stream move, run by run [GiB]."""
    found: list[float] = (w.streams[stream].jobs[1 + copy_action].size_bytes / GIB).tolist()
    return found


def changed(days: float, size: float = 100, rate: float = 0.01) -> float:
    """Return what has changed in a number of days, of 100 GiB of which 1 % change in a day."""
    return size * float(1 - (1 - rate) ** days)


# age


def kept_for_ever(
    *, age: str = "", more: str = "", warm_up: str = "", beside: bool = False, dwell: str = "400 d"
) -> str:
    """Return a scenario with a rule `a` that keeps for ever; `beside`, other rules and strategies keep ten years."""
    a = f"{{rule_name: d, target_vault: main, every: 24 h, {age} {more}}}"
    b = "{rule_name: y, target_vault: main, every: 60 d, lifecycle: {delete_after: 3650 d}}"
    return f"""
start: 2026-01-01
horizon: 100 d
{warm_up}
sites: {{home: {{region: us-east-1, account: prod}}, away: {{region: us-west-2, account: prod}}}}
vaults: {{main: {{site: home}}, off: {{site: away}}}}
applications:
  app: {{site: home, resources: {{volume: {EBS}}}}}
{"  other: {site: home, resources: {more: {type: EBS, size: 1 GiB}}}" if beside else ""}
backup_plans:
  a: {{rules: [{a}]}}
{f"  b: {{rules: [{b}]}}" if beside else ""}
strategies:
  a: {{backup: {{app.volume: a {", other.more: b" if beside else ""}}}}}
{"  b: {backup: b}" if beside else ""}
disruptions:
  old: {{kind: ransomware, site: home, dwell: {dwell}, backups_attacked: 0}}
limits: {{backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited, jobs_per_resource: unlimited}}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
overrides: {{"*": {flow(QUIET)}}}
"""


def rows(text: str, subject: str = "app.volume", drills: int = 400) -> pd.DataFrame:
    """Return the rows of a subject in drills of the strategy `a`, which both clocks agree about."""
    w = build_world(read_scenario(text), "a")
    log = run_vectorised(w, "old", 0, drills)
    assert not first_difference(run_drills(w, "old", 0, min(drills, 40)), log[log["drill"] < min(drills, 40)])
    return log[log["subject"] == subject].reset_index(drop=True)


def test_what_is_kept_for_ever_reaches_back_for_its_age_whatever_stands_beside_it() -> None:
    """Struck within 100 d after damage 400 d old, a year of points survives where the strike is 35 d in: 65 % or so.

    Points of 1 y hold the damage's eve from day 35 of the horizon on: the share lost is 35/100, by the uniform moment.
    """
    alone = rows(kept_for_ever())
    beside = rows(kept_for_ever(beside=True))
    assert not first_difference(alone, beside)
    occurred_d = alone["occurred_s"] / DAY
    assert ((alone["state"] == "unrecoverable") == (occurred_d < 35)).all()
    assert (alone["state"] == "unrecoverable").mean() == pytest.approx(0.35, abs=4 * np.sqrt(0.35 * 0.65 / 400))


@pytest.mark.parametrize(("age", "warm_up", "begins_d"), [
    ("", "", 365), ("age: 3 y,", "", 1095), ("age: 30 d,", "", 30), ("age: 3 y,", "warm_up: 50 d", 50),
    ("age: 30 d,", "warm_up: 50 d", 30),
])  # fmt: skip
def test_age_and_a_written_warm_up(age: str, warm_up: str, begins_d: int) -> None:
    """A rule that keeps for ever begins at its age, a year where none is written; a shorter warm-up caps it."""
    w = build_world(read_scenario(kept_for_ever(age=age, warm_up=warm_up)), "a")
    assert w.streams[0].times_s[0] == -begins_d * DAY
    assert w.streams[0].begin_s == -begins_d * DAY
    assert w.plan_start_s <= w.streams[0].begin_s


def test_copies_kept_for_ever_have_an_age_of_their_own() -> None:
    """Of a rule kept 10 d and copied for ever, the copies of two years are there at the start, the points of 10 d."""
    action = "copy_actions: [{destination_vault: off, lifecycle: {}, age: 2 y}]"
    old = kept_for_ever(more=f"lifecycle: {{delete_after: 10 d}}, {action}", dwell="700 d")
    at = rows(old)
    assert ((at["state"] == "recovered") == (at["occurred_s"] >= -30 * DAY)).all()
    assert set(at["place"]) == {"off"}
    assert (rows(kept_for_ever(more=f"lifecycle: {{delete_after: 10 d}}, {action}", dwell="740 d"))["state"]
            == "unrecoverable").sum() > 0  # fmt: skip


def test_points_older_than_their_age_are_not_there_though_the_copies_reach_back_further() -> None:
    """A rule of age 100 d whose copies are 2 y old: after 300 d of damage only the copies hold good data."""
    action = "copy_actions: [{destination_vault: off, lifecycle: {}, age: 2 y}]"
    assert set(rows(kept_for_ever(age="age: 100 d,", more=action, dwell="300 d"))["place"]) == {"off"}
    assert set(rows(kept_for_ever(age="age: 2 y,", more=action, dwell="300 d"))["place"]) == {"main"}


def test_a_finite_rule_is_the_same_beside_one_that_keeps_ten_years() -> None:
    """Runs, draws and sizes of a rule follow from the rule alone, and so do failures that come in spells."""
    finite = "lifecycle: {delete_after: 35 d}"
    overrides = "overrides: {backup_failure: {p: 0.2, lasts: {exponential: 3 d}}}"
    alone, beside = (kept_for_ever(more=f"{finite}, {overrides}", beside=b, dwell="10 d") for b in (False, True))
    one, other = (build_world(read_scenario(text), "a").streams[0] for text in (alone, beside))
    assert one.times_s.tolist() == other.times_s.tolist()
    assert one.size_bytes.tolist() == other.size_bytes.tolist()
    assert not first_difference(rows(alone), rows(beside))


# increments


def test_an_increment_builds_on_points_that_are_kept_longer() -> None:
    """Daily points kept 12 h beside weekly ones kept 90 d: each moves what changed since the last weekly one."""
    w = world(
        resources=f"{{db: {EBS}}}",
        plans={"one": [rule("24 h", keep="12 h", more="start_window: 1 h")], "two": [rule("7 d", name="week")]},
        strategy="{backup: [one, two]}",
    )
    daily = w.streams[0]
    here = (daily.times_s >= 0) & (daily.times_s < 7 * DAY)
    expected = [changed(days) for days in (7, 1, 2, 3, 4, 5, 6)]
    assert (daily.size_bytes[here] / GIB).tolist() == pytest.approx(expected)
    # the weekly ones build on the newest that is there, which is the last weekly one: the daily are gone by then
    assert sizes_gib(w, 1)[1:4] == pytest.approx([changed(7)] * 3)


def test_a_point_that_is_gone_is_no_base() -> None:
    """Daily points kept for 24 h, or less, are all full; kept a second longer, none but the first."""
    for keep, later in (("24 h", 100.0), ("86401 s", changed(1))):
        w = world(resources=f"{{db: {EBS}}}", rules=[rule(keep=keep)])
        assert sizes_gib(w)[:3] == pytest.approx([100, later, later])


def test_an_air_gapped_vault_shares_no_blocks_with_others() -> None:
    """A weekly copy into an air-gapped vault builds on the copy before it, though daily points lie in the account."""
    vaults = "{local: {site: home}, gap: {site: home, lock: air-gapped}, beside: {site: home}}"
    for vault, last in (("gap", 7), ("beside", 1)):
        w = world(
            vaults=vaults,
            resources=f"{{db: {EBS}}}",
            plans={"one": [rule("24 h", more="start_window: 1 h")],
                   "two": [rule("7 d", name="week", more=copies(copy(vault)))]},
            strategy="{backup: [one, two]}",
        )  # fmt: skip
        assert sizes_gib(w, 1, 0)[2] == pytest.approx(changed(last))


def first_fulls(window: str, *, rate: str = "", failure: str = "0", fixed: str = "0 h") -> str:
    """Return a scenario of daily backups of 100 GiB within a completion window."""
    own = {"backup_fixed": fixed, "backup_rate": rate or "10 MiB/s", "backup_failure": failure}
    quiet = {k: v for k, v in QUIET.items() if k not in (*own, "backup_duration")}
    return scenario_text(
        resources=f"{{db: {EBS}}}",
        rules=[rule(keep="30 d", more=f"start_window: 1 h, completion_window: {window}")],
        overrides={},
        disruption="{kind: accidental-deletion}",
    ).replace(flow({**QUIET}), flow({**quiet, **own}))


def only(text: str) -> World:
    """Return the world of a scenario's strategy."""
    return build_world(read_scenario(text), "only")


def test_a_first_full_that_never_fits_leaves_nothing_behind() -> None:
    """100 GiB at 10 MiB/s take 2.84 h: within 2 h no backup ever completes, though an increment would take 2 min."""
    for window, state in (("2 h", "unrecoverable"), ("3 h", "recovered")):
        w = only(first_fulls(window))
        base = w.streams[0].base
        assert (base is None or not base.never) is (state == "recovered")
        log = run_vectorised(w, "it", 0, 200)
        assert set(log["state"]) == {state}
        assert not first_difference(run_drills(w, "it", 0, 20), log[log["drill"] < 20])


def test_increments_wait_for_the_first_full_that_fits_and_does_not_fail() -> None:
    """With a fixed part that is 1 h or 3 h and failures, the first full is geometric: p = 0.8 x 0.7 a day.

    A full takes 2.84 h more, an increment 2 min: before the base what is drawn long is aborted, and after it nothing.
    """
    text = first_fulls("4 h", fixed="{empirical: [1 h, 1 h, 1 h, 1 h, 3 h]}", failure="0.3")
    w = only(text)
    stream, drills = w.streams[0], np.arange(4000)
    assert stream.base is not None
    moment, _ = first_full(stream.base, drills)
    nth = np.rint((moment - stream.times_s[0]) / DAY)
    p = 0.8 * 0.7
    for k in range(4):
        share = p * (1 - p) ** k
        assert (nth == k).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(drills)))
    positions = np.arange(len(stream.times_s))[None, :30]
    drawn, end = times(stream, drills[:, None], positions), ends(stream, drills[:, None], positions)[0]
    completes = ~end.fails & (drawn.duration_s <= stream.completion_window_s)
    # the first that completes is the base; from then on each that does not fail does
    assert completes.argmax(axis=1).tolist() == nth.tolist()
    after = np.arange(30) > nth[:, None]
    assert (completes == ~end.fails)[after].all()
    assert (drawn.duration_s[after] <= 3.1 * HOUR).all()


def test_the_first_full_is_the_same_in_whatever_order_drills_are_asked_about() -> None:
    """What is known of some drills changes nothing for others."""
    text = first_fulls("4 h", fixed="{empirical: [1 h, 3 h, 3 h]}", failure="0.5")
    one, other = (only(text).streams[0].base for _ in range(2))
    assert one is not None
    assert other is not None
    whole = first_full(one, np.arange(50))
    parts = [first_full(other, np.array(some)) for some in ([40, 3, 3], list(range(50)))]
    assert whole[0].tolist() == parts[1][0].tolist()
    assert parts[0][0].tolist() == whole[0][[40, 3, 3]].tolist()


def test_another_rule_of_the_lineage_makes_the_base() -> None:
    """A weekly rule with time for a full gives the daily one with a window of 2 h something to build on."""
    text = first_fulls("2 h").replace(
        "{rules: [", "{rules: [{rule_name: week, target_vault: local, every: 7 d, lifecycle: {delete_after: 30 d}}, "
    )
    w = only(text)
    assert [s.base is not None and s.base.never for s in w.streams] == [False, False]
    log = run_vectorised(w, "it", 0, 100)
    assert set(log["state"]) == {"recovered"}
    assert log["data_loss_s"].max() < 1.2 * DAY
    assert not first_difference(run_drills(w, "it", 0, 20), log[log["drill"] < 20])


def test_fulls_that_always_fit_have_no_base_to_wait_for() -> None:
    """Where the longest full fits its window the schedule decides alone."""
    assert only(first_fulls("3 h", failure="0.9")).streams[0].base is None


# the archive of EBS


def cold(every: str, *, opt_in: bool, kind: str = EBS) -> World:
    """Return a world with one rule whose points move to cold storage after a day."""
    lifecycle = f"lifecycle: {{cold_storage_after: 1 d, delete_after: 400 d, opt_in_to_archive: {str(opt_in).lower()}}}"
    return world(
        resources=f"{{db: {kind}}}", rules=[f"{{rule_name: r, target_vault: local, {every}, {lifecycle}}}"],
        overrides={"cold_retrieval": "36 h"}, disruption=EVERYTHING,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("every", "opt_in", "hours"),
    [
        ("every: 28 d", True, 36),
        ("every: 28 d", False, 0),
        ("every: 27 d", True, 0),
        ("schedule: cron(0 5 1 * ? *)", True, 36),
        ("schedule: cron(0 5 1 * ? *)", False, 0),
        ("schedule: cron(0 5 ? * * *)", True, 0),
    ],
)
def test_ebs_points_go_to_the_archive_only_with_the_opt_in_and_of_rare_rules(
    every: str,
    opt_in: bool,  # noqa: FBT001  of a table
    hours: int,
) -> None:
    """Otherwise they stay warm, and a restore takes no retrieval."""
    assert told(struck(cold(every, opt_in=opt_in), [240]))[0][2] == hours


def test_other_types_need_no_opt_in() -> None:
    """EFS points go to cold storage, daily ones and without the key."""
    w = cold("every: 24 h", opt_in=False, kind=EFS)
    assert w.streams[0].cold_after_s == DAY


# air-gapped primary targets

GAP = "{local: {site: home}, dr: {site: recovery}, gap: {site: home, lock: air-gapped, max_retention: 90 d}}"
PRIMARY = "target_air_gapped_vault: gap"
ATTACK = "{kind: ransomware, site: home, dwell: 0 min, backups_attacked: 1}"


def primary(kind: str, *, actions: Sequence[str] = (), disruption: str = EVERYTHING, **overrides: str) -> World:
    """Return a world with a daily rule whose primary target is an air-gapped vault."""
    more = ", ".join([PRIMARY, *([copies(*actions)] if actions else [])])
    return world(
        vaults=GAP, resources=f"{{db: {kind}}}", rules=[rule(keep="35 d", more=more)], overrides=overrides,
        disruption=disruption,
    )  # fmt: skip


def places(w: World, hours: Sequence[float]) -> list[str]:
    """Return from where a resource is restored."""
    log = struck(w, hours)
    return [str(place) for place in log[log["subject"] == "app.db"]["place"]]


def test_what_is_managed_fully_is_written_into_the_air_gapped_vault() -> None:
    """EFS leaves one point, in the air-gapped vault and at once; its copies are made from there."""
    w = primary(EFS, actions=[copy("dr")], copy_duration="3 h")
    assert [w.vaults[job.vault].name for job in w.streams[0].jobs] == ["gap", "dr"]
    assert places(w, [241, 250]) == ["gap", "gap"]
    assert told(struck(primary(EFS, disruption=ATTACK), [241])) == [("restore", 1, 0)]


def test_other_types_leave_a_temporary_point_until_the_copy_completes() -> None:
    """An EBS point lies in the ordinary vault for the 3 h of the copy, where attackers find it."""
    w = primary(EBS, copy_duration="3 h")
    assert places(w, [243 - SECOND, 243, 250]) == ["local", "gap", "gap"]
    attacked = primary(EBS, copy_duration="3 h", disruption=ATTACK)
    assert losses_h(struck(attacked, [243 - SECOND, 243])) == pytest.approx([27 - SECOND, 3])


def test_a_temporary_point_stays_where_its_copy_failed() -> None:
    """It is kept for the retention of the rule."""
    w = primary(EBS, copy_failure="1")
    assert places(w, [241]) == ["local"]
    assert losses_h(struck(primary(EBS, copy_failure="1", disruption=ATTACK), [241])) == [-1]


def test_a_temporary_point_waits_for_the_copies_beside_the_move() -> None:
    """A copy of 9 h beside the move of 3 h keeps it; one that fails does not."""
    slow = copy("dr", more="overrides: {copy_duration: 9 h}")
    w = primary(EBS, actions=[slow], copy_duration="3 h")
    goes = w.streams[0].goes
    assert goes is not None
    assert (goes.completed, goes.over) == ((0,), (1,))
    # the vault written first is taken of those that hold the same
    assert places(w, [249 - SECOND, 249]) == ["local", "gap"]
    failing = copy("dr", more="overrides: {copy_duration: 9 h, copy_failure: 1}")
    assert places(primary(EBS, actions=[failing], copy_duration="3 h"), [244]) == ["gap"]


def test_types_that_the_vault_does_not_take_stay_in_the_ordinary_one() -> None:
    """RDS has no support: its points stay in the target vault."""
    w = primary("{type: RDS, size: 1 GB}")
    assert [w.vaults[job.vault].name for job in w.streams[0].jobs] == ["local"]
    assert w.streams[0].goes is None


def test_an_air_gapped_vault_as_the_only_target() -> None:
    """Where the rule names no ordinary vault, AWS's default one takes what the air-gapped one does not take at once."""
    for kind, names in ((EFS, ["gap"]), (EBS, ["Default", "gap"]), ("{type: RDS, size: 1 GB}", ["Default"])):
        w = world(vaults=GAP, resources=f"{{db: {kind}}}", rules=[rule(keep="35 d", vault="gap")])
        assert [w.vaults[job.vault].name for job in w.streams[0].jobs] == names


def test_continuous_backups_of_s3_lie_in_the_air_gapped_vault() -> None:
    """AWS backs a bucket up continuously straight into it."""
    more = f"{PRIMARY}, enable_continuous_backup: true"
    w = world(vaults=GAP, resources="{db: {type: S3, size: 1 GB}}", rules=[rule(keep="35 d", more=more)])
    assert [w.vaults[c.vault].name for c in w.members[0].continuous] == ["gap"]


# points that go with their copies

AFTER_COPY = "lifecycle: {delete_after: 30 d, delete_after_event: copy}"


def going(*actions: str) -> World:
    """Return a world whose points go when their copies are made."""
    return world(rules=[f"{{rule_name: r, target_vault: local, every: 24 h, {AFTER_COPY}, {copies(*actions)}}}"])


def test_a_point_goes_when_all_its_copies_are_completed() -> None:
    """With copies of 2 h and 5 h it is there for 5 h, to the second; one that fails keeps it for its retention."""
    two, five = copy("dr", more="overrides: {copy_duration: 2 h}"), copy("far", more="overrides: {copy_duration: 5 h}")
    w = going(two, five)
    assert places(w, [242, 245 - SECOND, 245]) == ["local", "local", "dr"]
    failing = copy("far", more="overrides: {copy_failure: 1}")
    assert places(going(two, failing), [250]) == ["local"]


def test_what_a_chain_copies_goes_with_the_end_of_the_chain() -> None:
    """The first point goes with its own copy; that copy, having the same lifecycle, goes with the copy of it."""
    then = "then: [{destination_vault: far, lifecycle: {delete_after: 30 d}, delay: 4 h}]"
    w = going(f"{{destination_vault: dr, {AFTER_COPY}, {then}}}")
    assert places(w, [240, 244 - SECOND, 244]) == ["dr", "dr", "far"]


def test_a_point_without_copies_of_its_type_stays() -> None:
    """AWS copies no Redshift, so that nothing ends the point but its age."""
    w = world(
        resources="{db: {type: Redshift, size: 1 GB}}",
        rules=[f"{{rule_name: r, target_vault: local, every: 24 h, {AFTER_COPY}, {copies(copy())}}}"],
    )
    assert told(struck(w, [250])) == [("restore", 10, 0)]


# snapshots of RDS beside a continuous rule

CONTINUOUS = rule("24 h", name="cont", keep="35 d", more="start_window: 1 h, enable_continuous_backup: true")
HOURLY = "start_window: 1 h, " + copies(copy("dr", keep="7 d"))


def hourly(kind: str, *, continuous: bool = True, zone: str = "UTC") -> World:
    """Return a world with hourly snapshots that are copied to another Region, beside a continuous rule."""
    more = f"schedule: cron(0 * * * ? *), schedule_timezone: {zone}, {HOURLY}"
    snapshots = f"{{rule_name: hourly, target_vault: local, lifecycle: {{delete_after: 7 d}}, {more}}}"
    plans = {"hourly": [snapshots], "cont": [CONTINUOUS]}
    return world(
        resources=f"{{db: {kind}}}",
        plans=plans,
        strategy="{backup: [cont, hourly]}" if continuous else "{backup: hourly}",
        disruption=REGION,
    )


def test_rds_makes_one_snapshot_a_day_beside_a_continuous_rule() -> None:
    """The first of each calendar day of the rule's time zone, whatever its frequency."""
    assert losses_h(struck(hourly("{type: RDS, size: 1 GB}"), [241, 263.5, 264])) == [1, 23.5, 0]
    # midnight in Berlin is 23:00 UTC in winter
    assert losses_h(struck(hourly("{type: RDS, size: 1 GB}", zone="Europe/Berlin"), [241, 263.5])) == [2, 0.5]


def test_without_a_continuous_rule_and_for_other_types_every_snapshot_is_made() -> None:
    """Hourly snapshots then lose at most an hour."""
    assert losses_h(struck(hourly("{type: RDS, size: 1 GB}", continuous=False), [263.5])) == [0.5]
    assert losses_h(struck(hourly("{type: Aurora, size: 1 GB}"), [263.5])) == [0.5]


def test_the_copy_of_a_daily_snapshot_is_half_a_day_old_at_the_median() -> None:
    """Uniform over the day, its age has the median 12 h and is below 3 h in an eighth of the drills."""
    w = hourly("{type: RDS, size: 1 GB}")
    log = run_vectorised(w, "it", 0, 2000)
    loss_h = log[log["subject"] == "app.db"]["data_loss_s"] / HOUR
    assert loss_h.median() == pytest.approx(12, abs=4 * 24 * np.sqrt(0.25 / 2000))
    assert loss_h.max() <= 24
    assert (loss_h <= 3).mean() == pytest.approx(1 / 8, abs=4 * np.sqrt(7 / 64 / 2000))


# spells of a whole account

SPELLS = "{p: 0.2, lasts: {exponential: 2 d}, shared: account}"


def two_accounts(law: str, copy_law: str) -> Scenario:
    """Return a scenario with three databases in two accounts, which are copied."""
    return read_scenario(
        scenario_text(
            applications=(
                f"{{app: {{site: home, resources: {{a: {{type: RDS, size: 1 GB}}, b: {EBS}}}}}, "
                "far: {site: neighbour, resources: {c: {type: RDS, size: 1 GB}}}}"
            ),
            rules=[rule(more=copies(copy("dr")))],
            overrides={"backup_failure": law, "copy_failure": copy_law},
        )
    )


def test_spells_of_an_account_strike_all_its_jobs_at_once() -> None:
    """Backups and copies of an account fail in the same spells, those of another do not; a share p of the time."""
    w = build_world(two_accounts(SPELLS, SPELLS), "only")
    drills, positions = np.arange(400)[:, None], np.arange(100)[None, :]
    fails = [[end.fails for end in ends(s, drills, positions)] for s in w.streams]
    (a, a_copy), (b, b_copy), (c, c_copy) = fails
    for other in (a_copy, b, b_copy):
        assert (a == other).all()
    assert (c == c_copy).all()
    assert (a == c).mean() == pytest.approx(0.2**2 + 0.8**2, abs=0.02)
    # 100 days hold some 35 spans of spells and of none: about as many independent looks in each drill
    assert a.mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / (400 * 25)))


def test_spells_that_are_not_shared_are_each_jobs_own() -> None:
    """Without the key two resources of an account agree as often as chance has it."""
    law = SPELLS.replace(", shared: account", "")
    w = build_world(two_accounts(law, law), "only")
    drills, positions = np.arange(400)[:, None], np.arange(100)[None, :]
    a, b = (ends(w.streams[i], drills, positions)[0].fails for i in (0, 1))
    assert (a == b).mean() == pytest.approx(0.2**2 + 0.8**2, abs=0.02)


def test_two_rules_of_one_name_have_luck_of_their_own() -> None:
    """Rules of two plans that bear the same name back up one resource each for itself: in time, length and failure."""
    w = world(
        plans={"one": [rule(name="same")], "other": [rule(name="same", vault="other-account")]},
        strategy="{backup: [one, other]}",
        overrides={
            "start_delay": "{uniform: [0 h, 1 h]}",
            "backup_duration": "{uniform: [1 h, 5 h]}",
            "backup_failure": "0.2",
        },
    )
    drills, positions = np.arange(400)[:, None], np.arange(100)[None, :]
    one, other = (times(stream, drills, positions) for stream in w.streams)
    assert (one.scheduled_s == other.scheduled_s).all()
    assert (one.ready_s != other.ready_s).mean() > 0.99
    assert (one.duration_s != other.duration_s).mean() > 0.99
    fails, other_fails = (ends(stream, drills, positions)[0].fails for stream in w.streams)
    assert (fails & other_fails).mean() == pytest.approx(0.2**2, abs=0.005)


def test_the_rarer_of_two_laws_of_an_account_fails_only_when_the_other_does() -> None:
    """Copies that fail in a tenth of the time fail in spells in which the backups, a fifth of it, fail too."""
    w = build_world(two_accounts(SPELLS, SPELLS.replace("0.2", "0.1")), "only")
    drills, positions = np.arange(400)[:, None], np.arange(100)[None, :]
    backup, copied = (end.fails for end in ends(w.streams[0], drills, positions))
    assert not (copied & ~backup).any()
    assert copied.mean() == pytest.approx(0.1, abs=0.012)


def test_both_clocks_agree_where_spells_are_shared_by_some() -> None:
    """Streams that differ only in whose spells they share are told apart in crowds."""
    text = scenario_text(
        resources="{a: {type: RDS, size: 1 GB}, b: {type: RDS, size: 1 GB, overrides: "
        f"{{backup_failure: {SPELLS}, copy_failure: {SPELLS}}}}}}}",
        rules=[rule(more=copies(copy("dr")))],
        overrides={"backup_failure": SPELLS.replace(", shared: account", ""), "backup_duration": "1 h",
                   "copy_failure": SPELLS.replace(", shared: account", ""), "copy_duration": "1 h"},
        limits="{backup_jobs: 1, copy_jobs: 1, jobs_per_resource: unlimited}",
        disruption=EVERYTHING,
    )  # fmt: skip
    w = build_world(read_scenario(text), "only")
    assert not first_difference(run_drills(w, "it", 0, 60), run_vectorised(w, "it", 0, 60))
    assert replace(w.streams[1].failure, key=0).shared
