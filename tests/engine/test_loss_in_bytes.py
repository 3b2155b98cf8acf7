"""The data loss in bytes: what changed within the loss of each struck member, added up."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drsim.engine import run_drills, run_vectorised
from drsim.engine.incidents import lost_bytes
from tests.scenarios import DAY, EVERYTHING, HOUR, first_difference, rule, struck, with_replicas, world

GB = 1e9
CHANGING = "type: RDS, size: 64 GB, change_rate: 75 %/day"
"""After half a day half of it has changed, after one and a half seven eighths: 1 - 0.25^0.5 and 1 - 0.25^1.5."""
LATE = {"backup_duration": "{uniform: [6 h, 18 h]}"}
"""At noon after a backup at midnight some members have it, the others that of the day before."""


def test_what_changed_within_the_loss_is_lost() -> None:
    """Of 64 GB that change by three quarters a day, half a day loses 32 GB, a day 48, no loss nothing."""
    (resource,) = world(resources=f"{{db: {{{CHANGING}}}}}").resources
    losses = np.array([[0, 0.5, 1, 1.5]]) * DAY
    assert lost_bytes(resource, losses, np.zeros(4)).tolist() == [0, 32 * GB, 48 * GB, 56 * GB]


def test_growth_counts_as_for_restores() -> None:
    """What has doubled within a year loses twice as much at its end."""
    (resource,) = world(resources=f"{{db: {{{CHANGING}, growth: 100 %/year}}}}").resources
    losses, moments = np.array([[DAY, DAY]]), np.array([0, 365 * DAY])
    assert lost_bytes(resource, losses, moments).tolist() == [48 * GB, 96 * GB]


def test_every_member_loses_its_own() -> None:
    """Of two members one may lose half a day and the other one and a half: 88 GB, though the loss in time is 36 h."""
    w = world(resources=f"{{db: {{{CHANGING}, count: 2}}}}", disruption=EVERYTHING, overrides=LATE)
    log = struck(w, [24 * day + 12 for day in range(100, 120)])
    db = log[log["subject"] == "app.db"]
    found = set(zip((db["data_loss_s"] / DAY).tolist(), (db["data_loss_bytes"] / GB).tolist(), strict=True))
    assert found == {(0.5, 64), (1.5, 88), (1.5, 112)}


def test_an_application_loses_what_its_struck_resources_lose() -> None:
    """An application's loss in bytes is the sum of its resources', of which one without data loses nothing."""
    resources = f"{{db: {{{CHANGING}}}, files: {{{CHANGING}}}, web: {{type: EC2, size: 8 GB, stateless: true}}}}"
    log = struck(world(resources=resources, disruption=EVERYTHING), [24 * 100 + 12])
    lost = dict(zip(log["subject"].astype(str), (log["data_loss_bytes"] / GB).tolist(), strict=True))
    assert lost == {"app": 64, "app.db": 32, "app.files": 32, "app.web": 0}


def test_only_what_is_struck_counts() -> None:
    """Where one of four members is struck, it alone loses data."""
    log = struck(world(resources=f"{{db: {{{CHANGING}, count: 4}}}}"), [24 * 100 + 12])
    assert (log["data_loss_bytes"] / GB).tolist() == [32, 32]


def test_what_does_not_recover_has_no_figure() -> None:
    """Data that are lost for good have no loss in bytes, as they have none in time."""
    log = struck(world(strategy="{backup: []}"), [24 * 100 + 12])
    assert all(math.isnan(lost) for lost in log["data_loss_bytes"])


@pytest.mark.parametrize("disruption", [EVERYTHING, "{kind: resource-loss}", "{kind: zone-outage}"])
def test_both_clocks_count_the_same_bytes(disruption: str) -> None:
    """Both clocks have the same bytes to the last bit, of members that differ, grow and change at odd rates."""
    resources = (
        "{db: {type: RDS, size: 123.4 GB, change_rate: 3.7 %/day, count: 3, growth: 17 %/year},"
        " files: {type: EFS, size: 7.7 TB, growth: 3 %/year}, web: {type: EC2, size: 8 GB, stateless: true, count: 4}}"
    )
    w = world(resources=resources, disruption=disruption, overrides=LATE, rules=[rule("7 h")])
    one, other = run_drills(w, "it", 0, 40), run_vectorised(w, "it", 0, 40)
    assert not first_difference(one, other)
    assert (one["data_loss_bytes"] > 0).any()


def test_members_that_only_move_along_lose_nothing() -> None:
    """Where a standby takes over, members that were not struck go with the others and count no loss, on both clocks."""
    w = world(
        resources="{db: {type: RDS, size: 100 GB, change_rate: 3 %/day, count: 3}}",
        strategy="{replication: {app.db: {feature: cross-Region read replica, to: recovery}},"
        " standby: {app: {mode: warm-standby, site: recovery}}}",
        disruption="{kind: zone-outage, duration: 30 d}",
    )
    w = with_replicas(w, lag_s=HOUR, promote_s=600.0)
    one, other = run_drills(w, "it", 0, 40), run_vectorised(w, "it", 0, 40)
    assert not first_difference(one, other)
    app = one[one["level"] == "application"]
    assert set(app["recovered_by"]) == {"failover"}
    # one member of three stands in the zone; 100 GB less what is left of them after an hour
    assert set(app["data_loss_bytes"]) == {round(100 * GB * (1 - 0.97 ** (1 / 24)))}
