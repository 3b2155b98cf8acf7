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
    """Return how long a restore takes until the resource can be used.

    Args:
        values: the parameters that hold.
        seed: of all draws.
        entity: whose restores they are, which names their luck.
        size: of the resource [bytes].
    """
    work = work_of(values, seed, entity, "restore")
    return work if work.whole is not None else replace(work, fixed=_grown(values, work.fixed, size))


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
