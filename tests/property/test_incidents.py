"""Whatever a scenario says: no impossible point, parts that add up, and luck that depends on nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from drsim.engine import DOWNTIME_PARTS, LOSS_PARTS, begin, run_drills, simulate_recovery
from drsim.engine.continuous import is_gone
from drsim.engine.options import last_resorts, places_of, route
from drsim.engine.process.history import History
from drsim.engine.strike import Strikes
from drsim.scenario import read_scenario
from drsim.world import World, build_world
from tests.property.strategies import STRATEGY, Data, as_text, scenarios
from tests.scenarios import first_difference

DRILLS = 3

modest = settings(
    max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def built(data: Data) -> World:
    """Return the world, with its scenario noted for the report of a failure."""
    text = as_text(data)
    note(text)
    return build_world(read_scenario(text), STRATEGY)


def logs(w: World) -> Iterator[pd.DataFrame]:
    """Yield the log of some drills of each disruption."""
    for name in w.disruptions:
        yield run_drills(w, name, 0, DRILLS)


@modest
@given(scenarios())
def test_looking_back_equals_running_from_the_start(data: Data) -> None:
    """Simulating only what an incident can see gives what running every job since the plans began does."""
    w = built(data)
    for name in w.disruptions:
        whole = run_drills(w, name, 0, DRILLS, from_start=True)
        assert not first_difference(run_drills(w, name, 0, DRILLS), whole)


@modest
@given(scenarios(premises=True))
def test_looking_back_equals_running_from_the_start_on_premises(data: Data) -> None:
    """The same where jobs share an uplink: what ran before an incident's horizon takes nothing of the line."""
    w = built(data)
    for name in w.disruptions:
        whole = run_drills(w, name, 0, DRILLS, from_start=True)
        assert not first_difference(run_drills(w, name, 0, DRILLS), whole)


Place = tuple[int, int, int]
"""A recovery point: stream, run of the stream, copy action or -1."""


def usable_points(
    w: World, strikes: Strikes, e: int, history: History, m: int, where: int | None
) -> dict[Place, float]:
    """Return the captured moments of all points of a member that an incident leaves usable, by the definition.

    Those only that can be restored at a site: there, or after a copy, which a cold point does not allow.
    """
    occurred, contaminated = float(strikes.occurred_s[e]), float(strikes.contaminated_s[e])
    usable: dict[Place, float] = {}
    for s in w.members[m].streams:
        stream = w.streams[s]
        if s in last_resorts(w, w.members[m], where) or is_gone(strikes, stream):
            continue
        ways = [(p, route(w, w.members[m].restoration, p.vault, where)) for p in places_of(stream)]
        for p in range(int(np.searchsorted(stream.times_s, occurred, side="right"))):
            outcome = history.outcome(e, (s, p))
            captured = outcome.captured_s
            for place, way in ways:
                i, keep = place.copy, place.delete_after_s
                expires = min(captured + keep + outcome.expiry_s[1 + i], outcome.gone_s[1 + i])
                alive = outcome.available_s[1 + i] <= occurred < expires and stream.times_s[p] >= place.since_s
                stuck = way is None or (way.moves and occurred >= captured + place.cold_after_s)
                if alive and captured <= contaminated and strikes.vault_ok[e, place.vault] and not stuck:
                    usable[s, p, i] = captured
    return usable


@modest
@given(scenarios(sound=True))
def test_only_usable_points_are_used_and_hardly_newer_ones_are_left(data: Data) -> None:
    """A point used was available, not expired, captured before the damage, in a vault that survived, and as new as any.

    As new as any that can get to where they are needed, within the tolerance: others may lie where AWS makes no copy
    from.
    """
    w = built(data)
    for name in w.disruptions:
        strikes, history = begin(w, name, np.arange(DRILLS), from_start=True)
        for e in range(DRILLS):
            recovery = simulate_recovery(w, strikes, e, history)
            for m, result in recovery.members.items():
                option = result.option
                if option is None or result.by == "ride-out" or result.automatic:
                    continue
                assert option.captured_s <= strikes.contaminated_s[e] <= strikes.occurred_s[e]
                assert option.vault < 0 or strikes.vault_ok[e, option.vault]
                if option.run is not None:
                    a = w.resources[w.members[m].resource].app
                    usable = usable_points(w, strikes, e, history, m, recovery.courses[a].where)
                    assert usable[(*option.run, option.copy)] == option.captured_s
                    newest, tolerance = max(usable.values()), w.applications[a].loss_tolerance_s
                    assert option.captured_s >= newest - tolerance
                    within = strikes.occurred_s[e] - w.applications[a].rpo_s[name]
                    assert option.captured_s >= within or newest < within


def sums(rows: pd.DataFrame, parts: tuple[str, ...]) -> list[float]:
    """Return the sum of the parts of each row."""
    return [math.fsum(values) for values in rows[list(parts)].to_numpy()]


@modest
@given(scenarios())
def test_parts_add_up_to_the_whole(data: Data) -> None:
    """The parts of downtime and of loss are none of them negative and add up, for applications and resources."""
    for log in logs(built(data)):
        rows = log[log["state"] == "recovered"]
        assert sums(rows, DOWNTIME_PARTS) == pytest.approx(list(rows["downtime_s"]), abs=1e-5)
        assert sums(rows, LOSS_PARTS) == pytest.approx(list(rows["data_loss_s"]), abs=1e-5)
        assert (rows[[*DOWNTIME_PARTS, *LOSS_PARTS]].to_numpy() >= 0).all()


@modest
@given(scenarios())
def test_figures_are_never_absurd(data: Data) -> None:
    """Only the recovered have figures; none is negative, full performance follows use, the worst resource rules."""
    figures = ["data_loss_s", "downtime_s", "full_performance_s"]
    order = ["unaffected", "recovered", "unrecoverable", "unprotected"]
    for log in logs(built(data)):
        recovered = log["state"] == "recovered"
        assert log.loc[~recovered, figures].isna().to_numpy().all()
        assert (log.loc[recovered, figures].to_numpy() >= 0).all()
        assert (log.loc[recovered, "full_performance_s"] >= log.loc[recovered, "downtime_s"]).all()
        for _, drill in log.groupby(["drill", "struck"], observed=True):
            for _, app in drill[drill["level"] == "application"].iterrows():
                own = drill[drill["subject"].astype(str).str.startswith(f"{app['subject']}.")]
                # what it requires may be worse than anything of its own
                assert order.index(app["state"]) >= max((order.index(s) for s in own["state"].astype(str)), default=0)
                if app["state"] == "recovered" and len(own):
                    assert app["data_loss_s"] == own["data_loss_s"].max()
                    assert app["downtime_s"] >= own["downtime_s"].max()


@modest
@given(scenarios(), st.integers(1, DRILLS - 1))
def test_a_drill_has_luck_of_its_own(data: Data, split: int) -> None:
    """A drill is the same whichever others are run with it, in whatever pieces, and whenever."""
    w, again = built(data), built(data)
    for name, whole in zip(w.disruptions, logs(w), strict=True):
        assert not first_difference(whole[whole["drill"] < split], run_drills(again, name, 0, split))
        assert not first_difference(whole[whole["drill"] >= split], run_drills(again, name, split, DRILLS))


@modest
@given(scenarios(limited=False))
def test_a_new_application_changes_nobody_elses_luck(data: Data) -> None:
    """Without limits everybody's rows stay as they are when an application joins, written first or last."""
    apps = data["applications"]
    for disruption in data["disruptions"].values():
        if not {"site", "target"} & set(disruption):
            disruption["target"] = "a.*"
        if str(disruption.get("target", "")).startswith("type:"):
            disruption["target"] = "a.*"
    extra = {"z": {"type": "EFS", "size": "1 GB"}, "y": {"type": "RDS", "size": "1 GB"}}
    new = {"new": {"site": apps["a"]["site"], "resources": extra}}
    alone = list(logs(built(data)))
    for joined in (new | apps, apps | new):
        for before, after in zip(alone, logs(built(data | {"applications": joined})), strict=True):
            others = ~after["subject"].astype(str).str.startswith("new")
            assert not first_difference(before, after[others])
