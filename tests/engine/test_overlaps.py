"""Disruptions that follow each other closely, second by second: what goes on, what begins anew, what is left."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple, Unpack

import numpy as np
import pytest

from drsim.engine.process.arrivals import Arrival, Blow
from drsim.engine.process.history import JobRecord, Outcome
from drsim.engine.process.jobs import simulate_jobs
from drsim.engine.process.life import live
from drsim.engine.process.lived import Closure, LivedHistory, Past, Spell, left_of
from drsim.engine.process.recovered import Recovered
from drsim.engine.strike import strike
from drsim.world import World
from drsim.world.streams import DeletionEvent
from tests.scenarios import DB, EFS, HOUR, Parts, copies, copy, rule, struck, told, world

ONE_RESTORE = "{restore_jobs: 1, backup_jobs: unlimited, copy_jobs: unlimited, jobs_per_resource: unlimited}"
APP = "{{site: home, resources: {{{}}}}}"
THREE = f"{{x: {APP.format(f'a: {DB}')}, y: {APP.format(f'b: {EFS}')}, z: {APP.format(f'c: {DB}')}}}"


class Told(NamedTuple):
    """An incident: whose, when it began, how long it lasted, what it lost [h], how often it was struck again."""

    app: str
    hour: float
    down: float
    loss: float
    restarts: int


def lived(w: World, *hits: tuple[str, str, float]) -> list[Told]:
    """Return the incidents of a life in which disruptions strike units at the given hours.

    Args:
        w: the world.
        hits: name of a disruption, of its unit, and the hour.
    """
    blows = []
    for k, (name, unit, hour) in enumerate(hits):
        u = [x.name for x in w.disruptions[name].units].index(unit)
        moment = np.array([hour * HOUR])
        strikes = strike(w, name, np.array([0]), unit=u, number=np.array([k]), occurred_s=moment)
        asked = (w, strikes.run, strikes.occurred_s, strikes.contaminated_s, simulate_jobs, strikes.affected)
        history = LivedHistory(*asked)
        history.pasts = [Past()]
        blows.append(Blow(Arrival(hour * HOUR, name, u, k), strikes, history, 0))
    incidents = []
    for i in live(w, blows):
        began, is_lost = i.arrival.occurred_s, i.state != "recovered"
        down = (i.lost_s if is_lost else i.ends_s) - began
        loss = -1.0 if is_lost else max(i.losses_s.values(), default=0.0) / HOUR
        incidents.append(Told(w.applications[i.application].name, began / HOUR, down / HOUR, loss, i.restarts))
    return incidents


def apps(**parts: Unpack[Parts]) -> World:
    """Return the world of three applications of a resource each, restored in 10 h through one slot."""
    more: Parts = {
        "applications": THREE,
        "overrides": {"restore_duration": "10 h"},
        "limits": ONE_RESTORE,
        "rules": [rule("6 h")],
    }
    more.update(parts)
    return world(**more)


def test_incidents_that_overlap_share_restore_slots() -> None:
    """The second application, struck 4 h after the first, waits 6 h for the one slot."""
    incidents = lived(apps(), ("it", "x.a", 241), ("it", "y.b", 245))
    assert incidents == [("x", 241, 10, 1, 0), ("y", 245, 16, 5, 0)]


def test_what_is_struck_again_gives_its_slot_back() -> None:
    """Struck again while it is restored, the first queues behind the second, which has its slot at once."""
    incidents = lived(apps(), ("it", "x.a", 241), ("it", "y.b", 245), ("it", "x.a", 247))
    assert incidents == [("x", 241, 6 + 10 + 10, 1, 1), ("y", 245, 2 + 10, 5, 0)]


def test_what_is_struck_again_loses_its_place_in_the_queue() -> None:
    """Struck again while it waits, the second is restored after the third."""
    incidents = lived(apps(), ("it", "x.a", 241), ("it", "y.b", 242), ("it", "z.c", 243), ("it", "y.b", 244))
    assert incidents == [("x", 241, 10, 1, 0), ("y", 242, 29, 2, 1), ("z", 243, 18, 3, 0)]


def test_an_outage_that_ends_gives_the_slots_of_its_recoveries_back() -> None:
    """The outage of the first's zone ends after 8 h; from then on, not from 10 h on, its slot serves the second."""
    w = apps(
        sites="{home: {region: us-east-1, account: production, zone: us-east-1a}}",
        vaults="{local: {site: home}}",
        disruption="{kind: resource-loss}, zone: {kind: zone-outage, site: home, zone: us-east-1a, duration: 8 h}",
    )
    incidents = lived(w, ("zone", "us-east-1", 241), ("it", "y.b", 245))
    assert incidents == [("x", 241, 8, 0, 0), ("z", 241, 8, 0, 0), ("y", 245, 4 + 10, 5, 0)]


def test_what_was_lost_before_an_outage_does_not_come_back_with_its_end() -> None:
    """Deleted data are not there when the outage ends that struck meanwhile: the restore begun anew brings them."""
    w = apps(
        sites="{home: {region: us-east-1, account: production, zone: us-east-1a}}",
        vaults="{local: {site: home}}",
        applications=f"{{x: {APP.format(f'a: {DB}')}}}",
        disruption="{kind: accidental-deletion}, zone: {kind: zone-outage, site: home, zone: us-east-1a, "
        "duration: 3 h}",
    )
    assert lived(w, ("it", "x.a", 241), ("zone", "us-east-1", 245)) == [("x", 241, 4 + 10, 1, 1)]


def test_what_was_lost_before_a_region_failed_is_recovered_at_home_when_it_is_back() -> None:
    """A recovery begun anew in another Region is abandoned with the outage; the lost resource is restored at home."""
    w = world(
        resources=f"{{a: {DB}, b: {EFS}}}",
        app="recover_at: recovery",
        rules=[rule("6 h", more=copies(copy()))],
        overrides={"restore_duration": "10 h", "copy_duration": "1 h"},
        disruption="{kind: accidental-deletion}, gone: {kind: region-outage, site: home, duration: 5 h}",
    )
    assert lived(w, ("it", "app.a", 242), ("gone", "us-east-1", 245)) == [("app", 242, 3 + 5 + 10, 2, 1)]


def test_damage_of_before_is_still_damage_when_something_else_strikes() -> None:
    """Data corrupted 30 h before are not restored because a server breaks while the good ones are being restored."""
    w = world(
        overrides={"restore_duration": "10 h"},
        disruption="{kind: corruption, dwell: 30 h}, broken: {kind: resource-loss}",
    )
    assert lived(w, ("it", "app.db", 241), ("broken", "app.db", 245)) == [("app", 241, 4 + 10, 241 - 192, 1)]


def test_a_copy_in_flight_between_intact_vaults_arrives() -> None:
    """The copy of the point from 240 h arrives though its database broke at 242 h, and outlives the attack at 250 h."""
    w = world(
        rules=[rule(more=copies(copy("isolated")))],
        overrides={"restore_duration": "1 h", "copy_duration": "6 h"},
        disruption="{kind: resource-loss}, attack: {kind: ransomware, dwell: 0 h, backups_attacked: 1}",
    )
    incidents = lived(w, ("it", "app.db", 242), ("attack", "production", 250))
    assert [t.loss for t in incidents] == [2, 250 - 243]


def test_a_copy_that_arrives_while_its_resource_is_down_can_be_used() -> None:
    """Struck again by an attack that destroys the first vault, the resource is restored from what has arrived since."""
    w = world(
        rules=[rule(more=copies(copy("isolated")))],
        overrides={"restore_duration": "20 h", "copy_duration": "6 h"},
        disruption="{kind: resource-loss}, attack: {kind: ransomware, dwell: 0 h, backups_attacked: 1}",
    )
    incidents = lived(w, ("it", "app.db", 242), ("attack", "production", 250))
    assert [(t.loss, t.restarts) for t in incidents] == [(2, 1)]


@pytest.mark.parametrize(("deletes", "is_lost"), [("resource", True), ("data", False)])
def test_what_a_deletion_took_along_is_not_there_later(deletes: str, is_lost: bool) -> None:  # noqa: FBT001  of a table
    """Damage done at 252 h shows at 300 h: the service's own backups of before 260 h went with the instance."""
    w = world(
        strategy="{replication: {app.db: {feature: automated backups, retention: 7 d}}}",
        app="rebuild: 10 h",
        overrides={"restore_duration": "1 h"},
        disruption=f"{{kind: accidental-deletion, deletes: {deletes}}}, corrupt: {{kind: corruption, dwell: 48 h}}",
    )
    first, second = lived(w, ("it", "app.db", 260), ("corrupt", "app.db", 300))
    assert [told.loss == -1 for told in (first, second)] == [is_lost, is_lost]


def test_a_point_whose_copy_was_not_made_is_not_deleted_after_it() -> None:
    """The copy of 240 h was on its way when its destination was emptied: what it was copied from has to stay."""
    w = world(
        rules=[rule(vault="isolated", more=copies(copy("local"))).replace("}", ", delete_after_event: copy}", 1)],
        overrides={"restore_duration": "1 h", "copy_duration": "6 h"},
        disruption="{kind: resource-loss}, attack: {kind: ransomware, dwell: 0 h, backups_attacked: 1}",
    )
    attack, later = lived(w, ("attack", "production", 243), ("it", "app.db", 256))
    assert (attack.down, attack.loss) == (6 + 1, 3)
    assert later.loss == 256 - 250  # since the first recovery; what it had lost is not lost again


REQUIRING = f"{{base: {APP.format(f'a: {DB}')}, top: {{site: home, requires: [base], resources: {{b: {EFS}}}}}}}"


def test_a_dependent_is_down_while_what_it_requires_is() -> None:
    """Its incident ends when the restore begun anew does; its own resource lost nothing."""
    w = apps(applications=REQUIRING)
    incidents = lived(w, ("it", "base.a", 241), ("it", "base.a", 245))
    assert incidents == [("base", 241, 14, 1, 1), ("top", 241, 14, 0, 0)]


def test_a_dependent_that_is_struck_itself_waits_for_both() -> None:
    """Its own restore through the one slot ends after that of what it requires."""
    incidents = lived(apps(applications=REQUIRING), ("it", "base.a", 241), ("it", "top.b", 243))
    assert incidents == [("base", 241, 10, 1, 0), ("top", 241, 20, 3, 1)]


@pytest.mark.parametrize(("rebuild", "down", "loss"), [("", 1, -1), ("rebuild: 5 h, ", 1 + 5, 0)])
def test_what_requires_something_that_is_found_lost_though_nobody_missed_it(
    rebuild: str, down: float, loss: float
) -> None:
    """One of two members is enough to be up, and the data of the other are lost: dependents fare as in a drill."""
    w = world(
        applications=f"{{base: {{site: home, {rebuild}resources: "
        f"{{a: {{type: RDS, size: 1 GB, count: 2, needs: 1}}}}}}, "
        f"top: {{site: home, requires: [base], resources: {{b: {EFS}}}}}}}",
        strategy="{}",
        response="{detect: 0 h, declare: 1 h, validate: 0 h, redirect: 0 h}",
        disruption="{kind: resource-loss, target: base.a}",
    )
    base, top = lived(w, ("it", "base.a", 240))
    assert (base.loss, base.down) == (-1, 1)
    assert (top.loss, top.down) == (loss, down)
    state, _, drilled = told(struck(w, [240.0]), "top")[0]
    assert (state == "unrecoverable", drilled) == (loss == -1, -1 if loss == -1 else down)


def test_what_is_being_rebuilt_is_lost_again() -> None:
    """Struck in its rebuild of 10 h, an unprotected application is declared lost again 1 h later, in one incident."""
    w = world(
        strategy="{backup: {}}",
        app="rebuild: 10 h",
        response="{detect: 0 h, declare: 1 h, validate: 0 h, redirect: 0 h}",
    )
    incidents = lived(w, ("it", "app.db", 240), ("it", "app.db", 245), ("it", "app.db", 255), ("it", "app.db", 267))
    assert incidents == [("app", 240, 16, -1, 2), ("app", 267, 1, -1, 0)]


def test_members_that_are_down_already_are_missed_when_another_is_struck() -> None:
    """Of three of which two are needed, one is being restored when another is struck: down until the first is back."""
    w = world(
        resources="{db: {type: RDS, size: 1 GB, count: 3, needs: 2}}",
        rules=[rule("6 h")],
        overrides={"restore_duration": "10 h"},
    )
    member = [int(strike(w, "it", np.array([0]), number=np.array([k])).affected[0].nonzero()[0][0]) for k in range(20)]
    second = next(k for k in range(20) if member[k] != member[0])
    hits = [("it", "app.db", 241.0)] + [("it", "app.db", 241.0 + k / 1000) for k in range(1, second)]
    incidents = lived(w, *hits, ("it", "app.db", 245))
    assert incidents[0][:3] == ("app", 241, 0)
    assert incidents[-1][0] == "app"
    assert incidents[-1].down == pytest.approx(6, abs=0.02)


# what is left of a run


def left(past: Past, *deletions: DeletionEvent | None) -> Outcome:
    """Return what is left of a run: a backup from 100 to 102 s, its copy from 103 to 110 s, and that one's to 120 s.

    Args:
        past: what the life has left before.
        deletions: with which copies the points of the backup and of the first copy go.
    """
    w = world(rules=[rule(more=copies(copy("dr", more=copies(copy("isolated")).replace("copy_actions", "then"))))])
    of_backup, of_copy = deletions or (None, None)
    first, second = w.streams[0].copies
    chain = (replace(first, vault=1, goes=of_copy), replace(second, vault=2))
    records = (
        JobRecord("backup", 0, -1, 100.0, 100.0, 102.0, "COMPLETED", -1),
        JobRecord("copy", 0, 0, 102.0, 103.0, 110.0, "COMPLETED", -1),
        JobRecord("copy", 0, 1, 110.0, 110.0, 120.0, "COMPLETED", -1),
    )
    outcome = Outcome(100.0, (102.0, 110.0, 120.0), (0.0, 0.0, 0.0), records, (math.inf,) * 3)
    return left_of(outcome, replace(w.streams[0], vault=0, goes=of_backup, copies=chain), past)


@pytest.mark.parametrize(
    ("past", "is_left"),
    [
        (Past(), (True, True, True)),
        (Past(spells={0: [Spell(101.0, Recovered(state="recovered", usable_s=103.0))]}), (False, False, False)),
        (Past(spells={0: [Spell(98.0, Recovered(state="recovered", usable_s=100.5))]}), (False, False, False)),
        (Past(spells={0: [Spell(105.0, Recovered())]}), (True, True, True)),
        (Past(vaults={0: [Closure(105.0, 105.0, emptied=True)]}), (False, False, False)),
        (Past(vaults={0: [Closure(115.0, 115.0, emptied=True)]}), (False, True, True)),
        (Past(vaults={1: [Closure(105.0, 105.0, emptied=True)]}), (True, False, False)),
        (Past(vaults={1: [Closure(115.0, 115.0, emptied=True)]}), (True, False, False)),
        (Past(vaults={1: [Closure(125.0, 125.0, emptied=True)]}), (True, False, True)),
        (Past(vaults={2: [Closure(105.0, 105.0, emptied=True)]}), (True, True, True)),
        (Past(vaults={1: [Closure(99.0, 104.0, emptied=False)]}), (True, False, False)),
        (Past(vaults={1: [Closure(99.0, 103.0, emptied=False)]}), (True, True, True)),
        (Past(vaults={0: [Closure(106.0, 107.0, emptied=False, members=frozenset({0}))]}), (True, False, False)),
        (Past(vaults={0: [Closure(106.0, 107.0, emptied=False, members=frozenset({1}))]}), (True, True, True)),
    ],
)
def test_jobs_need_what_they_read_and_write(past: Past, is_left: tuple[bool, ...]) -> None:
    """A backup needs its member, its copy and the copy of that do not; all need their vaults."""
    assert tuple(moment < math.inf for moment in left(past).available_s) == is_left


@pytest.mark.parametrize(
    ("vaults", "gone_s"),
    [
        ({2: [Closure(130.0, 130.0, emptied=True)]}, (110, 120, math.inf)),
        ({1: [Closure(105.0, 105.0, emptied=True)]}, (math.inf, math.inf, math.inf)),
        ({2: [Closure(115.0, 116.0, emptied=False)]}, (110, math.inf, math.inf)),
        ({1: [Closure(115.0, 115.0, emptied=True)]}, (110, math.inf, math.inf)),
    ],
)
def test_points_go_with_copies_that_were_made(vaults: dict[int, list[Closure]], gone_s: tuple[float, ...]) -> None:
    """A backup goes with its copy and that with its own: once made, whatever becomes of the copy, and not before."""
    assert left(Past(vaults=vaults), DeletionEvent((0,)), DeletionEvent((1,))).gone_s == gone_s
