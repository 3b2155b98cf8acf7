"""How members, steps and applications fared: what a recovery leaves for the log."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from drsim.engine.process.options import Option


class Doing(NamedTuple):
    """What went on with one member, step or application from a moment on, until the next of its doings.

    Attributes:
        what: in words.
        since_s: moment [s since start].
        attempt: how many attempts had failed before.
    """

    what: str
    since_s: float
    attempt: int


@dataclass(slots=True)
class Recovered:
    """How one member, step or application fared; moments in seconds since start, nan where there is none.

    `lost_s` is the moment at which nothing was left to try; nan for what is lost only with what it comes after.
    `waited_for` is the node, or below -1 the application, that was waited for last; -1 for none. `rebuild_of` is the
    application whose rebuild was; -1 for none.
    """

    state: str = "unrecoverable"
    by: str = ""
    place: str = ""
    captured_s: float = math.nan
    begun_s: float = math.nan
    usable_s: float = math.nan
    lost_s: float = math.nan
    full_s: float = math.nan
    automatic: bool = False
    waited_for: int = -1
    rebuild_of: int = -1
    parts: dict[str, float] = field(default_factory=dict)
    option: Option | None = None
    failed: list[Option] = field(default_factory=list)
    queued_for: set[int] = field(default_factory=set)
    doing: str = "waiting for people to detect and declare"
    doing_since_s: float = math.nan
    pursued: Option | None = None
    trail: list[Doing] = field(default_factory=list)

    def does(self, what: str, moment_s: float) -> None:
        """Note what is going on from a moment on [s since start]."""
        self.doing, self.doing_since_s = what, moment_s
        self.trail.append(Doing(what, moment_s, len(self.failed)))

    def is_usable(self, by: str, place: str, captured_s: float, now_s: float, full_after_s: float = 0.0) -> None:
        """Note that it is back.

        Args:
            by: how.
            place: where.
            captured_s: the moment whose data are back; nan where there are none [s since start].
            now_s: the moment [s since start].
            full_after_s: how long it takes from then until it is at full performance [s].
        """
        self.state, self.by, self.place, self.captured_s = "recovered", by, place, captured_s
        self.usable_s, self.full_s = now_s, now_s + full_after_s

    def spend(self, part: str, seconds: float) -> None:
        """Add to a part of the downtime."""
        if seconds:
            self.parts[part] = self.parts.get(part, 0.0) + seconds
