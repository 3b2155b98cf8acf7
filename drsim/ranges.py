"""The range of everything that a user writes as a number or a date, in one place.

Wide enough for any estate, and narrow enough that no product overflows: sizes times prices, counts times rates.
The longest duration is 100 y, AWS's longest retention (36,500 d): the plans have run that long before the horizon at
most, and the horizon is no longer, so that moments stay below 2^33 s, up to which a float holds every tick of the time
grid (`drsim.draws.GRID`).
Ranges are checked where a value is read; results are checked once more by `drsim.study.guard`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

from drsim.errors import RangeError


class Range(NamedTuple):
    """What a number may be, ends included.

    Attributes:
        least, most: in the canonical unit of its kind.
        what: the noun with its article, such as `a duration`.
        low, high: the ends as people write them.
    """

    least: float
    most: float
    what: str
    low: str
    high: str

    def __contains__(self, number: object) -> bool:
        """Whether a number lies in the range; not a number does not."""
        return isinstance(number, int | float) and self.least <= number <= self.most

    @property
    def words(self) -> str:
        """The range in words: `0 s to 100 y`."""
        return f"{self.low} to {self.high}"

    def checked(self, number: float, written: str) -> float:
        """Return a number that lies in the range.

        Args:
            number: in the canonical unit.
            written: what the user wrote, as a message shows it.

        Raises:
            RangeError: it does not.
        """
        if number in self:
            return number
        repair = f"write {self.high} or less" if number > self.most else f"write {self.low} or more"
        raise RangeError(f"{written} is out of range: {self.what} is {self.words}", repair)


LONGEST_S = 100 * 365 * 86400.0
"""The longest duration: 100 y."""

MOMENT_S = 2.0**33
"""Below it a float holds every tick of the time grid: 272 y."""

QUANTITIES: dict[str, Range] = {
    "duration": Range(0, LONGEST_S, "a duration", "0 s", "100 y"),
    "size": Range(0, 1e18, "a size", "0 B", "1000 PB"),
    "rate": Range(0, 1e15, "a rate", "0 B/s", "1 PB/s"),
    "object-rate": Range(0, 1e12, "an object rate", "0 /s", "1e12 /s"),
    "change-rate": Range(0, 1, "a change rate", "0 %/day", "100 %/day"),
    "yearly-rate": Range(0, 1e6, "a yearly rate", "0 /year", "1e6 /year"),
    "growth": Range(0, 10, "a yearly growth", "0 %/year", "1000 %/year"),
    "money": Range(0, 1e15, "an amount of money", "0 USD", "1e15 USD"),
    "money-rate": Range(0, 1e15 / 3600, "a cost per time", "0 USD/h", "1e15 USD/h"),
    "fraction": Range(0, 1, "a fraction", "0 %", "100 %"),
    "count": Range(0, 1e15, "a count", "0", "1e15"),
}
"""Ranges of the kinds of quantities, by the names of `drsim.units.READERS`."""

HORIZON = Range(3600, LONGEST_S, "a horizon", "1 h", "100 y")
"""Of the span in which drills strike."""

_LAW_RATE = Range(1e3, 1e15, "a rate of this kind", "1 kB/s", "1 PB/s")
_LAW_OBJECTS = Range(1e-3, 1e12, "an object rate of this kind", "0.001 /s", "1e12 /s")

PARAMETERS: dict[str, Range] = {
    **dict.fromkeys(("backup_rate", "copy_rate", "restore_rate", "hydration_rate", "log_replay_rate"), _LAW_RATE),
    **dict.fromkeys(("backup_object_rate", "restore_object_rate"), _LAW_OBJECTS),
    "restore_share": Range(1e-4, 0.99, "this share", "0.01 %", "99 %"),
    "restore_size_exponent": Range(0, 3, "this exponent", "0", "3"),
    "restore_size_reference": Range(1, 1e18, "this size", "1 B", "1000 PB"),
    "log_replay_speed": Range(1e-3, 1e6, "this speed", "0.001", "1e6"),
    "log_factor": Range(0, 1e3, "this factor", "0", "1000"),
}
"""Narrower ranges of parameters that divide, or stand in an exponent, by the names of `drsim.catalogue.PARAMETERS`."""

SHAPE = Range(0.05, 100, "the shape of a weibull", "0.05", "100")
"""Of a Weibull distribution."""

SPREAD = 1e12
"""How many times the median a lognormal's 95th percentile is at most, and its 5th at least a part of."""

PRICE = Range(0, 1e9, "a price", "0", "1e9")
"""Of a price, in its unit."""

WHOLE: dict[str, Range] = {
    "drills": Range(1, 10_000_000, "the number of drills", "1", "10,000,000"),
    "drill": Range(0, 9_999_999, "the number of a drill", "0", "9,999,999"),
    "seed": Range(0, 2**63 - 1, "a seed", "0", "2^63 - 1"),
    "count": Range(1, 1_000_000, "a number of members", "1", "1,000,000"),
    "needs": Range(1, 1_000_000, "a number of members", "1", "1,000,000"),
    "priority": Range(1, 1_000_000, "a priority", "1", "1,000,000"),
    "jobs": Range(1, 1_000_000, "a limit of jobs", "1", "1,000,000"),
    "years": Range(1, 100, "the length of a run in years", "1", "100"),
    "runs": Range(1, 1_000_000, "the number of runs", "1", "1,000,000"),
    "workers": Range(1, 256, "the number of processes", "1", "256"),
}
"""Ranges of whole numbers, by key or option."""

REAL: dict[str, Range] = {
    "max_seconds": Range(1e-6, LONGEST_S, "the time that work may take", "0.000001", "3153600000 seconds (100 y)"),
    "quantile": Range(0, 1, "a quantile", "0", "1"),
    "seconds": Range(0, math.inf, "the time that there is", "0 seconds", "as long as it takes (infinite)"),
}
"""Ranges of other numbers, by option or argument; what may take any time says `--force`."""

FIRST_DAY, LAST_DAY = datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
"""The first and the last day of dates: AWS's cron expressions know years from 1970 to 2199, and the horizon that begins
at `start` may last 100 y."""

DATES = f"{FIRST_DAY:%Y-%m-%d} to {LAST_DAY:%Y-%m-%d}"
"""The range of dates in words."""
