"""Whatever a scenario says: no impossible point, parts that add up, and luck that depends on nothing else."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from drsim.engine import DOWNTIME_PARTS, LOSS_PARTS, World, begin, build_world, run_drills, simulate_recovery
from drsim.engine.history import History
from drsim.engine.strike import Strikes
from drsim.scenario import read_scenario
from tests.scenarios import UNLIMITED, Parts, copies, copy, flow, rule, scenario_text, world

DRILLS = 5
SHORT = "horizon: 9 d\nwarm_up: 15 d\n"
"""Spans so short that the clock can run through all of them."""

modest = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])

lengths = st.sampled_from(
    ["0 h", "1 h", "7 h", "{uniform: [0 h, 4 h]}", "{exponential: 3 h}", "{median: 2 h, p95: 9 h, max: 30 h}"]
)
brief = st.sampled_from(["0 min", "20 min", "{uniform: [0 min, 3 h]}", "{exponential: 1 h}"])
chances = st.sampled_from(["0", "0.2", "{p: 0.2, lasts: {exponential: 1 d}}", "{p: 0.3, lasts: {uniform: [1 h, 4 d]}}"])
slots = st.sampled_from(["unlimited", "1", "2", "3", "{'*': 3, EFS: 1}", "{'to:recovery': 1, '*': 4}", "{RDS: 1}"])
disruptions = st.sampled_from(
    [
        "{kind: resource-loss}",
        "{kind: accidental-deletion}",
        "{kind: corruption, dwell: {exponential: 2 d}}",
        "{kind: ransomware, dwell: {exponential: 3 d}, backups_attacked: 0.5}",
        "{kind: account-compromise, backups_attacked: 0.5, dwell: 1 h}",
        "{kind: region-loss, site: home}",
        "{kind: region-outage, site: home, duration: {exponential: 8 h}}",
        "{kind: zone-outage, site: home, duration: {exponential: 8 h}}",
    ]
)


@st.composite
def actions(draw: st.DrawFn, depth: int = 0) -> str:
    """Return copy actions of a rule, or those chained to one."""
    vaults = draw(st.lists(st.sampled_from(["dr", "isolated", "far"][depth:]), max_size=2 - depth, unique=True))
    made = []
    for vault in vaults:
        others = draw(actions(depth + 1)).replace("copy_actions", "then") if depth == 0 else ""
        others = others.replace(f"destination_vault: {vault},", "destination_vault: other-account,")
        keep = draw(st.sampled_from(["2 d", "9 d"]))
        made.append(copy(vault, keep=keep, more=f"delay: {draw(brief)}, {others}"))
    return copies(*made)


@st.composite
def rules(draw: st.DrawFn, name: str) -> str:
    """Return a rule, continuous or not."""
    more = [
        f"start_window: {draw(st.sampled_from(['1 h', '3 h', '8 h']))}",
        f"completion_window: {draw(st.sampled_from(['4 h', '7 d']))}",
        f"enable_continuous_backup: {draw(st.sampled_from(['true', 'false']))}",
        draw(actions()),
    ]
    keep = draw(st.sampled_from(["1 d", "5 d", "12 d"]))
    every = draw(st.sampled_from(["8 h", "12 h", "24 h", "36 h"]))
    vault = draw(st.sampled_from(["local", "other-account"]))
    return rule(every, name=name, keep=keep, vault=vault, more=", ".join(more))


@st.composite
def estates(draw: st.DrawFn) -> str:
    """Return two applications that depend on each other, with steps, members and servers."""
    kinds = st.sampled_from(["RDS", "EFS", "EC2", "DynamoDB with advanced features"])
    first, third = draw(kinds), draw(kinds)
    sized = "size: 50 GB, change_rate: 4 %/day"
    multi = ", deployment: multi-az" if third == "RDS" and draw(st.booleans()) else ""
    moves = draw(st.sampled_from(["", "recover_at: recovery, ", "recover_at: bunker, "]))
    waits = draw(st.sampled_from(["0 h", "2 h"]))
    steps = f"steps: {{net: {{duration: {draw(brief)}}}, dns: {{duration: {draw(brief)}, when: always, after: [net]}}}}"
    one = (
        f"a: {{type: {first}, {sized}, count: {draw(st.integers(1, 2))}, after: [net]}}, "
        f"b: {{type: EFS, {sized}, after: [a]}}"
    )
    two = f"c: {{type: {third}, {sized}{multi}}}, web: {{type: EC2, size: 1 GB, stateless: true, after: [c]}}"
    return (
        f"{{one: {{site: home, {moves}act_after: {waits}, {steps}, resources: {{{one}}}}}, "
        f"two: {{site: home, priority: 2, after: [one], resources: {{{two}}}}}}}"
    )


@st.composite
def scenarios(draw: st.DrawFn, *, limited: bool = True) -> Parts:
    """Return a scenario of two applications under two plans, with everything that can make jobs wait or fail."""
    standby = draw(
        st.sampled_from(
            [
                "",
                "standby: {one: {mode: warm-standby, site: recovery}}",
                "standby: {one: {mode: multi-site, site: recovery}, two: {mode: pilot-light, site: recovery}}",
            ]
        )
    )
    replicated = "replication: {'type:EFS': {feature: EFS replication, to: recovery}}"
    queues = {name: draw(slots) for name in ("backup_jobs", "copy_jobs", "restore_jobs")}
    queues["jobs_per_resource"] = draw(st.sampled_from(["1", "2", "unlimited"]))
    overrides = {name: draw(lengths) for name in ("backup_duration", "copy_duration", "restore_duration")}
    overrides |= {name: draw(brief) for name in ("start_delay", "expiry_delay", "launch_duration")}
    overrides |= {name: draw(chances) for name in ("backup_failure", "copy_failure")}
    overrides["restore_failure"] = draw(st.sampled_from(["0", "0.3"]))
    return {
        "applications": draw(estates()),
        "plans": {"p": [draw(rules("r1")), draw(rules("r2"))], "q": [draw(rules("r3"))]},
        "strategy": f"{{backup: {{'*': p, one.b: q}}, {replicated}, {standby}}}",
        "overrides": overrides | {"log_lag": "{uniform: [1 min, 3 h]}", "cold_retrieval": "4 h"},
        "limits": flow(queues) if limited else UNLIMITED,
        "response": flow({step: draw(brief) for step in ("detect", "declare", "validate", "redirect")}),
        "disruption": draw(disruptions),
        "more": SHORT,
    }


def built(parts: Parts) -> World:
    """Return the world, with its scenario noted for the report of a failure."""
    note(scenario_text(**parts))
    return world(**parts)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Check that two logs are equal to the last bit."""
    texts = {name: one[name].astype(str) for name in one.columns if one[name].dtype == "category"}
    pd.testing.assert_frame_equal(
        one.assign(**texts).reset_index(drop=True),
        other.assign(**{name: other[name].astype(str) for name in texts}).reset_index(drop=True),
        check_exact=True,
    )


@modest
@given(scenarios())
def test_looking_back_equals_running_from_the_start(parts: Parts) -> None:
    """Simulating only what an incident can see gives what running every job since the plans began does."""
    w = built(parts)
    same(run_drills(w, "it", 0, DRILLS), run_drills(w, "it", 0, DRILLS, from_start=True))


Place = tuple[int, int, int]
"""A recovery point: stream, run of the stream, copy action or -1."""


def usable_points(w: World, strikes: Strikes, e: int, history: History, m: int) -> dict[Place, float]:
    """Return the captured moments of all points of a member that an incident leaves usable, by the definition."""
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    usable: dict[Place, float] = {}
    for s in w.members[m].streams:
        stream = w.streams[s]
        places = [(-1, stream.vault, stream.delete_after_s)] if stream.is_point else []
        places += [(i, c.vault, c.delete_after_s) for i, c in enumerate(stream.copies)]
        for p in range(int(np.searchsorted(stream.times_s, occurred, side="right"))):
            outcome = history.outcome(e, (s, p))
            captured = outcome.captured_s
            for i, vault, keep in places:
                alive = outcome.available_s[1 + i] <= occurred < captured + keep + outcome.expiry_s[1 + i]
                if alive and captured <= contaminated and strikes.vault_ok[e, vault]:
                    usable[s, p, i] = captured
    return usable


@modest
@given(scenarios())
def test_only_usable_points_are_used_and_no_newer_one_is_left(parts: Parts) -> None:
    """A point used was available, not expired, captured before the damage, in a vault that survived, and the newest."""
    w = built(parts | Parts(overrides={**parts["overrides"], "restore_failure": "0"}))
    strikes, history = begin(w, "it", np.arange(DRILLS), from_start=True)
    for e in range(DRILLS):
        recovery = simulate_recovery(w, strikes, e, history)
        for m, result in recovery.members.items():
            option = result.option
            if option is None or result.by == "ride-out" or result.automatic:
                continue
            assert option.captured_s <= strikes.contaminated_s[e] <= strikes.occurred_s[e]
            assert option.vault < 0 or strikes.vault_ok[e, option.vault]
            if option.run is not None:
                usable = usable_points(w, strikes, e, history, m)
                assert usable[(*option.run, option.copy)] == option.captured_s == max(usable.values())


def sums(rows: pd.DataFrame, parts: tuple[str, ...]) -> list[float]:
    """Return the sum of the parts of each row."""
    return [math.fsum(values) for values in rows[list(parts)].to_numpy()]


@modest
@given(scenarios())
def test_parts_add_up_to_the_whole(parts: Parts) -> None:
    """The parts of downtime and of loss are none of them negative and add up, for applications and resources."""
    log = run_drills(built(parts), "it", 0, DRILLS)
    rows = log[log["state"] == "recovered"]
    assert sums(rows, DOWNTIME_PARTS) == pytest.approx(list(rows["downtime_s"]), abs=1e-5)
    assert sums(rows, LOSS_PARTS) == pytest.approx(list(rows["data_loss_s"]), abs=1e-5)
    assert (rows[[*DOWNTIME_PARTS, *LOSS_PARTS]].to_numpy() >= 0).all()


@modest
@given(scenarios())
def test_figures_are_never_absurd(parts: Parts) -> None:
    """Only the recovered have figures; none is negative, full performance follows use, the worst resource rules."""
    log = run_drills(built(parts), "it", 0, DRILLS)
    figures = ["data_loss_s", "downtime_s", "full_performance_s"]
    recovered = log["state"] == "recovered"
    assert log.loc[~recovered, figures].isna().to_numpy().all()
    assert (log.loc[recovered, figures].to_numpy() >= 0).all()
    assert (log.loc[recovered, "full_performance_s"] >= log.loc[recovered, "downtime_s"]).all()
    order = ["unaffected", "recovered", "unrecoverable", "unprotected"]
    for _, drill in log.groupby("drill"):
        for _, app in drill[drill["level"] == "application"].iterrows():
            own = drill[drill["subject"].astype(str).str.startswith(f"{app['subject']}.")]
            assert app["state"] == max(own["state"].astype(str), key=order.index)
            if app["state"] == "recovered":
                assert app["data_loss_s"] == own["data_loss_s"].max()
                assert app["downtime_s"] >= own["downtime_s"].max()


@modest
@given(scenarios(), st.integers(1, DRILLS - 1))
def test_a_drill_has_luck_of_its_own(parts: Parts, split: int) -> None:
    """A drill is the same whichever others are run with it, in whatever pieces, and whenever."""
    text = scenario_text(**parts)
    note(text)
    w = build_world(read_scenario(text), "only")
    again = build_world(read_scenario(text), "only")
    whole = run_drills(w, "it", 0, DRILLS)
    same(whole[whole["drill"] < split], run_drills(again, "it", 0, split))
    same(whole[whole["drill"] >= split], run_drills(again, "it", split, DRILLS))


@modest
@given(scenarios(limited=False))
def test_a_new_application_changes_nobody_elses_luck(parts: Parts) -> None:
    """Without limits everybody's rows stay as they are when an application joins, written first or last."""
    parts["disruption"] = parts["disruption"].replace("{kind: resource-loss}", "{kind: resource-loss, target: one.*}")
    parts["disruption"] = parts["disruption"].replace("deletion}", "deletion, target: one.*}")
    parts["disruption"] = parts["disruption"].replace("corruption,", "corruption, target: one.*,")
    alone = run_drills(built(parts), "it", 0, DRILLS)
    extra = "three: {site: home, resources: {z: {type: EFS, size: 1 GB}, y: {type: RDS, size: 1 GB}}}"
    inner = parts["applications"][1:-1]
    for apps in (f"{{{extra}, {inner}}}", f"{{{inner}, {extra}}}"):
        joined = run_drills(world(**(parts | Parts(applications=apps))), "it", 0, DRILLS)
        same(alone, joined[~joined["subject"].astype(str).str.startswith("three")])
