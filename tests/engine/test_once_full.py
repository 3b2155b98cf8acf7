"""Drills whose increments have their full look back as far as increments need, and see what they saw before."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from drsim.engine import run_drills, run_vectorised
from drsim.engine.luck import first_full
from drsim.engine.vectorised.calendar import Calendar
from drsim.laws.drain import DrainSince, Theta, latest_since
from drsim.scenario import read_scenario
from drsim.world import World, build_world
from drsim.world.drain import Past
from tests.laws.test_drain import work_left
from tests.scenarios import QUIET, copies, copy, first_difference, flow, rule, scenario_text

Floats = NDArray[np.float64]


def heavy_fulls() -> World:
    """Return a world of daily backups of which one full in four fits its window, and is copied for days."""
    own = {
        "backup_fixed": "{empirical: [1 h, 4 h, 4 h, 4 h]}",
        "backup_rate": "30 MiB/s",
        "copy_rate": "{uniform: [4 MiB/s, 8 MiB/s]}",
    }
    sure = {k: v for k, v in QUIET.items() if k not in {"backup_duration", "copy_duration"}}
    text = scenario_text(
        resources="{db: {type: EBS, size: 1000 GiB, change_rate: 2 %/day}}",
        rules=[rule(more=f"start_window: 1 h, completion_window: 12 h, {copies(copy())}")],
        limits="{backup_jobs: unlimited, copy_jobs: unlimited, restore_jobs: unlimited, jobs_per_resource: 1}",
        disruption="{kind: region-loss, site: home}",
        more="warm_up: 2 d\nhorizon: 998 d",
    ).replace(flow(QUIET), flow({**sure, **own}))
    return build_world(read_scenario(text), "only")


def past_of(w: World) -> tuple[Past, DrainSince]:
    """Return the past of the one component whose jobs may wait, and what is known of it once there is a full."""
    (component,) = (c for c in w.components if c.limits)
    assert component.settles
    assert component.past is not None
    known = component.past.once_full
    assert known is not None
    return component.past, known


def test_drills_that_have_their_full_see_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clocks agree, from idle instants and from the plan's start, most drills having looked back for few runs."""
    w = heavy_fulls()
    past, known = past_of(w)
    late = known.moments_s > 0
    back = known.moments_s[late, None] - np.array([past.drain.from_s, known.from_s]).T[late]
    assert back[:, 0].mean() > 20 * back[:, 1].mean()
    looks: list[NDArray[np.bool_]] = []
    look_from_s = Calendar.look_from_s

    def look(self: Calendar, moment_s: Floats, run: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
        from_s, is_near = look_from_s(self, moment_s, run)
        looks.append(is_near)
        return from_s, is_near

    monkeypatch.setattr(Calendar, "look_from_s", look)
    # no window begins earlier than the bound has it, which would hide what is wrong with that
    monkeypatch.setattr("drsim.engine.vectorised.history._RUNS_BEYOND", 0.01)
    log = run_vectorised(w, "it", 0, 3000)
    some = log[log["drill"] < 60]
    assert not first_difference(run_drills(w, "it", 0, 60), some)
    assert not first_difference(run_drills(w, "it", 0, 60, from_start=True), some)
    is_near = np.concatenate(looks)
    # the look that every drill would otherwise have to take finds the same
    monkeypatch.setattr(Past, "once_full", None)
    assert not first_difference(run_vectorised(heavy_fulls(), "it", 0, 3000), log)
    assert 0.5 < is_near.mean() < 1


def test_pools_are_rarely_busy_for_longer_once_there_is_a_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """With margins of one in fifty: of drills with a full in time few are busy for longer, of all of them many."""
    monkeypatch.setattr("drsim.laws.drain._MARGIN", math.log(50))
    w = heavy_fulls()
    past, known = past_of(w)
    base = past.streams[0].base
    assert base is not None
    lives = 2000
    full_s = first_full(base, np.arange(lives))[0]
    is_longer = work_left(past, known.moments_s, lives) > known.done_s
    holds = known.holds(known.moments_s[None, :], full_s[:, None])
    assert holds.any(axis=0).mean() > 0.5
    # three bounds of one in fifty each
    assert (is_longer & holds).mean(axis=0).max() <= 0.06
    assert (is_longer & ~holds).mean(axis=0).max() > 0.2


def test_since_when_jobs_have_to_move_no_more_than_usual() -> None:
    """Runs every 10 s bring 4 s: what is left of earlier ones and what came since has to be done as early as usual."""
    moments = 10.0 * np.arange(6, dtype=np.float64)
    theta = Theta(16, 16)
    work = np.full((6, 1), 4.0) * theta.values
    margin = -math.log(1e-18) / theta.values[0]
    assert 2 < margin < 3
    usually_done = moments + 5
    # by 27 those up to 0 are done, and 4 s of each later moment by 31, 35, 39, 43 and 47, but for the margin
    done = np.array([27.0, 60, 70, 70, 70, 70])
    since = latest_since(moments, done, usually_done, work, theta)
    assert since.tolist() == [-math.inf] * 5 + [0]
    known = DrainSince(moments, usually_done, moments, since)
    holds = known.holds(np.array([-1.0, 40, 50, 55]), np.array([np.inf, 0, 0, 0.1]))
    assert holds.tolist() == [True, False, True, False]
