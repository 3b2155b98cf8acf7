"""How members, steps and applications fared: what a recovery leaves for the log."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from drsim.engine.options import Option

DOWNTIME_PARTS = (
    "wait_s", "detect_s", "declare_s", "dependency_s", "step_s", "impaired_s", "copy_s", "queue_s", "retrieve_s",
    "restore_s", "replay_s", "failed_s", "failover_s", "launch_s", "validate_s", "redirect_s", "outage_s",
)  # fmt: skip
LOSS_PARTS = ("loss_dwell_s", "loss_interval_s", "loss_unready_s", "loss_lag_s")


@dataclass(slots=True)
class Recovered:
    """How one member, step or application fared; moments in seconds since start, nan where there is none."""

    state: str = "unrecoverable"
    by: str = ""
    place: str = ""
    captured_s: float = math.nan
    begun_s: float = math.nan
    usable_s: float = math.nan
    full_s: float = math.nan
    automatic: bool = False
    waited_for: int = -1
    parts: dict[str, float] = field(default_factory=dict)
    option: Option | None = None
    failed: list[Option] = field(default_factory=list)
    queued_for: set[int] = field(default_factory=set)
    doing: str = "waiting for people to detect and declare"
    doing_since_s: float = math.nan
    pursued: Option | None = None

    def does(self, what: str, moment_s: float) -> None:
        """Note what is going on from a moment on [s since start]."""
        self.doing, self.doing_since_s = what, moment_s

    def spend(self, part: str, seconds: float) -> None:
        """Add to a part of the downtime."""
        if seconds:
            self.parts[part] = self.parts.get(part, 0.0) + seconds
