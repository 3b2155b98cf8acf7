"""What a service replicates by itself, outside AWS Backup's windows and quotas: replicas and snapshots elsewhere."""

from __future__ import annotations

import math

import numpy as np

from drsim import draws
from drsim.catalogue import ReplicationFeature
from drsim.distributions import Constant
from drsim.laws.jobs import Work
from drsim.laws.schedule import every_runs
from drsim.scenario.resolve import Parameters
from drsim.units import DAY_S
from drsim.world.model import Replica
from drsim.world.streams import Stream
from drsim.world.work import failure_of, work_of

_AT_ONCE = Constant(0.0)


def replica(name: str, feature: ReplicationFeature, site: int, seed: int, *, retained: bool = False) -> Replica:
    """Return the replica that a feature keeps at a site.

    Args:
        name: member and feature, which name its luck.
        feature: of kind `replica`.
        site: index of the site.
        seed: of all draws.
        retained: whether it outlives the deletion of its resource.
    """
    promote = feature.detection if feature.automatic and feature.detection else feature.promote
    return Replica(
        name=feature.name,
        site=site,
        lag=feature.lag.value,
        lag_key=draws.key(seed, name, "lag"),
        promote=promote.value if promote else _AT_ONCE,
        promote_key=draws.key(seed, name, "promote"),
        automatic=feature.automatic,
        retained_on_delete=retained,
    )


def is_retained(feature: ReplicationFeature, asked: bool | None) -> bool:  # noqa: FBT001
    """Return whether what a feature keeps outlives the deletion of its resource: as asked, else as the catalogue says.

    Args:
        feature: the feature.
        asked: what the scenario says; None where it says nothing.
    """
    if asked is not None:
        return asked
    return feature.retained_on_delete is not None and feature.retained_on_delete.value


def snapshots(
    name: str,
    feature: ReplicationFeature,
    values: Parameters,
    *,
    member: int,
    order: int,
    vault: int,
    keep_s: float,
    span: tuple[float, float],
    seed: int,
    account: str,
    retained: bool,
) -> Stream:
    """Return the stream of snapshots that a feature makes by itself.

    Those of a feature that restores to a moment are daily and take as long as any backup of the type; those of one
    that makes snapshots alone are usable after the feature's lag.

    Args:
        name: member and feature, which name its luck.
        feature: that makes snapshots, alone or beside its logs.
        values: the parameters that hold for the member.
        member: its index.
        order: how many streams are written before.
        vault: index of the place where they are kept.
        keep_s: for how long [s].
        span: begin of the plans and end of the horizon [s since start].
        seed: of all draws.
        account: of the member, in which spells of failure may be shared.
        retained: whether they outlive the deletion of their resource.
    """
    begin_s, end_s = span
    times, indices = every_runs(feature.interval.value if feature.interval else DAY_S, begin_s, end_s + 1.0)
    if feature.kind == "snapshots":
        work = Work.drawn(seed, name, "backup", feature.lag.value, None, None, None)
    else:
        work = work_of(values, seed, name, "backup")
    return Stream(
        name=name,
        rule=feature.name,
        member=member,
        order=order,
        times_s=times,
        indices=indices,
        all_times_s=times,
        start_window_s=1.0,  # they start at once
        completion_window_s=math.inf,
        start_delay=_AT_ONCE,
        start_key=draws.key(seed, name, "backup", 3),
        work=work,
        failure=failure_of(values, seed, name, "backup_failure", account),
        size_bytes=np.zeros(len(times)),
        objects=np.zeros(len(times)),
        is_point=True,
        vault=vault,
        delete_after_s=keep_s,
        cold_after_s=math.inf,
        expiry_delay=_AT_ONCE,
        expiry_key=draws.key(seed, name, "expiry_delay"),
        limits=(),
        copies=(),
        begin_s=begin_s,
        retained_on_delete=retained,
    )
