"""The laws of jobs, from the parameters that hold for them: how long one takes, and whether it leaves anything."""

from __future__ import annotations

from dataclasses import replace

from drsim import draws
from drsim.distributions import Constant, Distribution, Scaled
from drsim.laws.failures import Failure
from drsim.laws.jobs import Replay, Work
from drsim.scenario.resolve import Parameters


def work_of(values: Parameters, seed: int, entity: str, job: str, *, law: str | None = None) -> Work:
    """Return how long the jobs of a kind take.

    Args:
        values: the parameters that hold.
        seed: of all draws.
        entity: whose jobs they are, which names their luck.
        job: their kind, likewise.
        law: `backup`, `copy` or `restore`: by whose parameters they go; the kind's own if left out.
    """
    whole, parts = values.law(law or job)
    return Work.drawn(seed, entity, job, whole, parts.get("fixed"), parts.get("rate"), parts.get("object_rate"))


def restore_work_of(values: Parameters, seed: int, entity: str, size: float) -> Work:
    """Return how long a restore takes until the resource can be used: a part of its data may be enough for that.

    What can be read in its recovery point is in use before any of it is restored.

    Args:
        values: the parameters that hold.
        seed: of all draws.
        entity: whose restores they are, which names their luck.
        size: of the resource [bytes].
    """
    reads_after = values.distribution("reads_after")
    if reads_after is not None:
        return Work.drawn(seed, entity, "reads", None, reads_after, None, None)
    work = _whole_restore_of(values, seed, entity, size)
    if work.whole is not None:
        return work
    share = values.distribution("restore_share")
    rate = work.rate if share is None or work.rate is None else Scaled(work.rate, 1 / share.mean)
    return replace(work, rate=rate)


def _whole_restore_of(values: Parameters, seed: int, entity: str, size: float) -> Work:
    """Return how long a restore takes until all of its data are there; arguments as for `restore_work_of`."""
    work = work_of(values, seed, entity, "restore")
    return work if work.whole is not None else replace(work, fixed=_grown(values, work.fixed, size))


def hydration_work_of(values: Parameters, seed: int, entity: str, size: float) -> Work | None:
    """Return how long a resource that is in use loads the rest of its data; None where it has all of it from the first.

    What a restore leaves to be loaded comes at the rate of the restore, unless it has a rate of its own. What is read
    in its recovery point is restored meanwhile.

    Args:
        values: the parameters that hold.
        seed: of all draws.
        entity: whose data they are, which names their luck.
        size: of the resource [bytes].
    """
    if values.distribution("reads_after") is not None:
        return _whole_restore_of(values, seed, entity, size)
    rate, share = values.distribution("hydration_rate"), values.distribution("restore_share")
    if share is not None:
        rest = rate or values.distribution("restore_rate")
        rate = None if rest is None else Scaled(rest, 1 / (1 - share.mean))
    return None if rate is None else Work.drawn(seed, entity, "hydration", None, None, rate, None)


def _grown(values: Parameters, fixed: Distribution, size: float) -> Distribution:
    """Return the fixed part of a restore, longer for large tables where the type's law says so."""
    exponent, reference = values.distribution("restore_size_exponent"), values.distribution("restore_size_reference")
    if exponent is None or reference is None or size <= reference.mean:
        return fixed
    return Scaled(fixed, (size / reference.mean) ** exponent.mean)


def failure_of(
    values: Parameters, seed: int, entity: str, parameter: str, account: str, *, is_refused: bool = False
) -> Failure:
    """Return how jobs fail: by themselves, or in spells that all jobs of an account share where it says so.

    Args:
        values: the parameters that hold.
        seed: of all draws.
        entity: whose jobs they are, which names their luck.
        parameter: the law's name, likewise.
        account: in which spells may be shared.
        is_refused: whether each of them fails, whatever the law says.
    """
    law = values.failure(parameter)
    p = 1.0 if is_refused else law.p
    return Failure.drawn(seed, entity, parameter, p, law.lasts, account if law.shared else None)


def replay_of(values: Parameters, seed: int, entity: str, change_per_day: float) -> Replay:
    """Return how logs are applied: of speed and rate the one that is set nearer counts.

    Args:
        values: the parameters that hold.
        seed: of all draws.
        entity: whose logs they are, which names their luck.
        change_per_day: share of the data that is written in a day.
    """
    nearer = values.find("log_replay_speed", "log_replay_rate")
    return Replay(
        speed=values.distribution("log_replay_speed") if nearer and nearer[0] == "log_replay_speed" else None,
        rate=values.distribution("log_replay_rate"),
        factor=values.distribution("log_factor") or Constant(1.0),
        change_per_day=change_per_day,
        key=draws.key(seed, entity, "log_replay"),
        factor_key=draws.key(seed, entity, "log_factor"),
    )
