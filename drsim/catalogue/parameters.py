"""The parameters of the laws: their names, kinds and readers, for the catalogue and a scenario's `overrides`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drsim import ranges
from drsim.distributions import Distribution, parse
from drsim.errors import UnitError
from drsim.text import shown
from drsim.units import READERS, duration_s, fraction

PARAMETERS: Mapping[str, str] = {
    "start_delay": "duration",
    "backup_fixed": "duration",
    "backup_rate": "rate",
    "backup_object_rate": "object-rate",
    "backup_duration": "duration",
    "backup_failure": "failure",
    "copy_fixed": "duration",
    "copy_rate": "rate",
    "copy_duration": "duration",
    "copy_failure": "failure",
    "restore_fixed": "duration",
    "restore_rate": "rate",
    "restore_object_rate": "object-rate",
    "restore_share": "fraction",
    "reads_after": "duration",
    "restore_size_exponent": "count",
    "restore_size_reference": "size",
    "restore_duration": "duration",
    "restore_failure": "probability",
    "restore_failure_tested": "probability",
    "hydration_rate": "rate",
    "log_lag": "duration",
    "log_replay_rate": "rate",
    "log_replay_speed": "count",
    "log_factor": "count",
    "log_failure": "failure",
    "cold_retrieval": "duration",
    "launch_duration": "duration",
    "failover_duration": "duration",
    "expiry_delay": "duration",
    "scan_fixed": "duration",
    "scan_rate": "rate",
    "scan_misses": "probability",
}
"""Kind of each parameter: one of `units.READERS`, `failure` (may come in spells) or `probability` (may not)."""

WORK: Mapping[str, tuple[str, ...]] = {
    "backup": (
        *("start_delay", "backup_fixed", "backup_rate", "backup_object_rate", "backup_duration", "backup_failure"),
        "expiry_delay",
    ),
    "copy": ("copy_fixed", "copy_rate", "copy_duration", "copy_failure"),
    "restore": (
        *("restore_fixed", "restore_rate", "restore_object_rate", "restore_size_exponent", "restore_size_reference"),
        *("restore_share", "reads_after", "restore_duration", "restore_failure", "restore_failure_tested"),
    ),
    "hydration": ("hydration_rate",),
    "log": ("log_lag", "log_replay_rate", "log_replay_speed", "log_factor", "log_failure"),
    "retrieval": ("cold_retrieval",),
    "launch": ("launch_duration",),
    "failover": ("failover_duration",),
    "scan": ("scan_fixed", "scan_rate", "scan_misses"),
}
"""The parameters of each kind of work: of the jobs of rules, and of what is done in a recovery."""

WORK_OF: Mapping[str, str] = {name: work for work, names in WORK.items() for name in names}
"""The kind of work that each parameter is of."""

OVERRIDE_ONLY = frozenset(
    {"backup_duration", "copy_duration", "restore_duration", "failover_duration", "log_replay_speed"}
)
"""Parameters that replace a law as a whole: a scenario writes them, the catalogue never does."""


@dataclass(frozen=True)
class FailureLaw:
    """How often something fails, and whether failures come in spells.

    Attributes:
        p: fraction of the runs that fail, spells counted in, 0 to 1.
        lasts: how long a spell of failures lasts [s]; None where each run fails by itself.
        shared: `account` where one spell strikes all jobs of an account at once; None where each job has its own.
    """

    p: float
    lasts: Distribution | None = None
    shared: str | None = None


Parameter = Distribution | FailureLaw
"""What a parameter's value is read into."""


def read_parameter(name: str, written: object) -> Parameter:
    """Return the value of a parameter, in the canonical unit of its kind.

    Args:
        name: a key of `PARAMETERS`.
        written: as in a file: a plain value, a distribution, or a failure law such as `7 %` or
            `{p: 1 %, lasts: {exponential: 2 d}}`.

    Raises:
        UnitError: no such parameter, or a value that is not of its kind.
    """
    if name not in PARAMETERS:
        raise UnitError(f"{shown(name)} is no parameter: it is one of {', '.join(PARAMETERS)}")
    kind = PARAMETERS[name]
    if kind in ("failure", "probability"):
        return _read_failure(name, written, spells=kind == "failure")
    return parse(written, READERS[kind], ranges.PARAMETERS.get(name, ranges.QUANTITIES[kind]))


def _read_failure(name: str, written: object, *, spells: bool) -> FailureLaw:
    if isinstance(written, FailureLaw):
        return written
    if not isinstance(written, Mapping):
        return FailureLaw(fraction(written))
    if "p" not in written or set(written) - {"p", "lasts", "shared"}:
        raise UnitError(
            f"{shown(dict(written))} is no {name}: write a probability such as '1 %', "
            "or {p: 1 %, lasts: {exponential: 2 d}}, with `shared: account` where one spell strikes the whole account"
        )
    p = fraction(written["p"])
    shared = written.get("shared")
    if shared not in (None, "account"):
        raise UnitError(f"{name}: spells are shared by an `account`, not by {shown(shared)}")
    if "lasts" not in written:
        if shared:
            raise UnitError(f"{name}: what is shared is a spell; write how long one lasts, such as `lasts: 2 d`")
        return FailureLaw(p)
    if not spells:
        raise UnitError(f"{name} takes no `lasts`: it is drawn once for each restore")
    lasts = parse(written["lasts"], duration_s, ranges.QUANTITIES["duration"])
    if lasts.mean <= 0:
        raise UnitError(f"{name}: a spell that lasts {shown(written['lasts'])} is none; leave `lasts` out")
    return FailureLaw(p, lasts, shared)
