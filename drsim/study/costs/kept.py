"""Which recovery points of a resource are kept in ordinary times: by rule, copy action and continuous protection.

Points that expire are taken as they come and go in the first year, the plans having run for long enough. Points that
are kept for ever are those that there are at the start: as many as the rule has made in its `age`.
A job that does not complete leaves nothing:
- Where points build on each other the first of them decides: once a full backup has completed, increments follow, all
  of which are taken to complete. The chain counts with the probability that a first backup completes in a year, or in
  the time for which points are kept, if that is longer.
- Where each point holds everything, each counts with the probability that its job completes.
- What a service makes by itself it makes on its own bases, whose chain counts in the same way.
- A copy has to begin while what it copies is there and warm, and to end while it is itself to be kept.
- Temporary points go with their copies; where one of these is not made they stay until they expire.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drsim.laws.increments import fraction_changed
from drsim.laws.staying import EarlyDeletion, Stream
from drsim.study.costs.courses import Course, courses, early_deletion, in_first_year, lasting_s
from drsim.study.costs.estate import Estate, Floats
from drsim.study.costs.hurdles import ALMOST, Hurdles, hurdles, said_of
from drsim.units import DAY_S, YEAR_S
from drsim.world.lineages import Lineage
from drsim.world.model import Continuous, Resource
from drsim.world.streams import Copy
from drsim.world.streams import Stream as Rule


@dataclass(frozen=True, eq=False)
class Kept:
    """Points of one rule, copy action or continuous protection in one vault, of one member.

    Attributes:
        vault: where they lie.
        times_s: moments whose data they hold, ascending, from before the window to the end of the first year [s].
        lifetime_s: age at which they expire, an expected expiry delay included; infinite for ever [s].
        cold_after_s: age at which they move to cold storage; infinite for never [s].
        free_until_s: age up to which a full point is not billed [s].
        age_s: how far back those that are kept for ever reach at the start [s].
        share: part of them that is there, the others' jobs not having completed.
        notes: what was taken for their jobs.
        from_site: site that they are copied from; None for what is made there.
        arrives_s: age from which on they are there, their copies being written to be made so late [s].
        deletion: how temporary ones go before they expire; None where they do not.
        continuous: the continuous protection that they stand for.
        paced_s: what their copies take on average that are to be completed within a time [s]; None for all others.
    """

    vault: int
    times_s: Floats
    lifetime_s: float
    cold_after_s: float = math.inf
    free_until_s: float = 0.0
    age_s: float = YEAR_S
    share: float = 1.0
    notes: tuple[str, ...] = ()
    from_site: int | None = None
    arrives_s: float = 0.0
    deletion: EarlyDeletion | None = None
    continuous: Continuous | None = None
    paced_s: float | None = None

    @property
    def is_for_ever(self) -> bool:
        """Whether the points are kept for ever."""
        return math.isinf(self.lifetime_s)

    def stored(self, window_s: float, age_s: float | None = None) -> Stream:
        """Return the points that are there in a steady state.

        Args:
            window_s: length of the window from the start over which it is averaged [s].
            age_s: how far back points reach that are kept for ever, in place of their own [s]. The schedule of the
                window is then taken to have been the same ever before.
        """
        if not self.is_for_ever:
            lifetime, times = self.lifetime_s, self.times_s
        elif age_s is None:
            lifetime, times = _standing(self.times_s, self.age_s, window_s)
        else:
            lifetime, times = _standing(_repeated(self.times_s, window_s, age_s), age_s, window_s)
        free = min(self.free_until_s, lifetime)
        # what has gone before the window changes no sum
        return Stream(times[times > -lifetime], lifetime, self.cold_after_s, free, self.arrives_s, self.deletion)

    def moved(self, window_s: float) -> Stream:
        """Return the points of a steady state as copies build on them."""
        times = _repeated(self.times_s, window_s, window_s) if self.is_for_ever else self.times_s
        times = times[times > -self.lifetime_s]
        return Stream(times, self.lifetime_s, arrives_s=self.arrives_s, deletion=self.deletion)


def _standing(times_s: Floats, age_s: float, window_s: float) -> tuple[float, Floats]:
    """Return how long points live of which there are always as many as are kept for ever at the start, and the points.

    Args:
        times_s: moments of capture [s].
        age_s: how far back those reach that there are at the start [s].
        window_s: length of the window from the start over which is averaged [s].
    """
    times = times_s[times_s >= -age_s]
    n, later = np.count_nonzero(times < 0), np.count_nonzero((times >= 0) & (times < window_s))
    if not later:  # none joins them in the window
        return math.inf, times[times < 0]
    return n / later * window_s, times


def _repeated(times_s: Floats, window_s: float, age_s: float) -> Floats:
    """Return the moments within a window from the start, and the same in each such span before, back to an age [s]."""
    period = times_s[(times_s >= 0) & (times_s < window_s)]
    spans = np.arange(-math.ceil(age_s / window_s), 1) * window_s
    times: Floats = (spans[:, None] + period).ravel()
    return times[times >= -age_s]


def kept_points(chances: Chances) -> list[Kept]:
    """Return what is kept of one member of a resource; continuous protection only where snapshots share its days."""
    kept: list[Kept] = []
    if shares_days(chances.estate, chances.resource):
        kept += [_days(source, chances) for source in chances.member.continuous]
    for rule in chances.rules:
        kept += _of_rule(rule, chances)
    return kept


def shares_days(estate: Estate, resource: Resource) -> bool:
    """Return whether snapshots build on the days of continuous protection: where that is billed by what changes."""
    by_changes = estate.prices.billing(resource.type).continuous == "changes"
    return estate.kind(resource).snapshots_incremental and by_changes


def _days(source: Continuous, chances: Chances) -> Kept:
    """Return the days of continuous protection as points: one more than the window, whose oldest change needs it."""
    share, notes = chances.of_continuous(source)
    first = -math.ceil(source.window_s / DAY_S) - 2
    return Kept(
        source.vault,
        np.arange(first, YEAR_S // DAY_S) * DAY_S,
        source.window_s + DAY_S,
        share=share,
        notes=notes,
        from_site=_made_at(source.vault, chances),
        continuous=source,
    )


def _of_rule(rule: Rule, chances: Chances) -> Iterator[Kept]:
    """Yield the points of a rule and of its copy actions."""
    there, part, notes = chances.of_rule(rule)
    of_copies = chances.courses(rule)
    if rule.is_point:
        points = _points(rule, rule, there * part, notes, _made_at(rule.vault, chances), chances)
        made = chances.of_jobs(rule) / there if rule.goes is not None and there else 0.0
        yield _temporary(points, early_deletion(rule, -1, of_copies, made), there)
    for k, (copy, course) in enumerate(zip(rule.copies, of_copies, strict=True)):
        made = part * course.p_there
        if made == 0 and part > 0:
            continue  # the lock of the destination refuses every job, or all come too late
        share = there * chances.of_copies(rule, copy, course, made)
        vault = rule.vault if copy.parent < 0 else rule.copies[copy.parent].vault
        copied = _points(rule, copy, share, notes, chances.estate.world.vaults[vault].site, chances)
        paced_s = lasting_s(rule, copy) if copy.work.least_s else None
        copied = replace(copied, arrives_s=course.delayed_s, paced_s=paced_s)
        yield _temporary(copied, early_deletion(rule, k, of_copies, made), there)


def _temporary(points: Kept, law: EarlyDeletion | None, there: float) -> Kept:
    """Return points that go with their copies.

    Args:
        points: the same as if they stayed.
        law: how they go; None where they do stay.
        there: the probability that the rule has points at all.
    """
    if law is None:
        return points
    if law.p_stays == 0:
        return replace(points, lifetime_s=law.after_s, deletion=law, share=there)
    note = f"{100 * law.p_stays:.3g} % of the points stay until they expire, a copy of theirs not being made"
    return replace(points, deletion=law, share=there, notes=(*points.notes, note))


def _points(
    rule: Rule, kept: Rule | Copy, share: float, notes: tuple[str, ...], from_site: int | None, chances: Chances
) -> Kept:
    return Kept(
        kept.vault,
        rule.times_s[rule.times_s < YEAR_S],
        _lifetime_s(kept),
        kept.cold_after_s,
        _free_until_s(kept.vault, chances),
        min(-kept.since_s, chances.estate.oldest_s),
        share,
        notes if share < ALMOST else (),
        from_site,
    )


def _lifetime_s(kept: Rule | Copy) -> float:
    """Return at which age the points of a rule or copy action expire, on average [s]."""
    return kept.delete_after_s + kept.expiry_delay.mean


def _made_at(vault: int, chances: Chances) -> int | None:
    """Return the site that a service's own points are moved from; None for a vault, where they are made."""
    return chances.resource.site if chances.estate.world.vaults[vault].native else None


def _free_until_s(vault: int, chances: Chances) -> float:
    """Return the age up to which a snapshot is free: the continuous window beside it, where the type's bill says so."""
    estate = chances.estate
    if not estate.prices.billing(chances.resource.type).window_free:
        return 0.0
    here = estate.account(vault)
    beside = (c for c in chances.member.continuous if estate.account(c.vault) == here)
    return max((c.window_s for c in beside if chances.of_continuous(c)[0] > 0), default=0.0)


def is_incremental(estate: Estate, resource: Resource, vault: int) -> bool:
    """Return whether points build on each other; a service's own snapshots always do."""
    return estate.kind(resource).snapshots_incremental or estate.world.vaults[vault].native


class Chances:
    """How probable it is that the jobs of one member of a resource leave points behind.

    Args:
        estate: of a strategy.
        resource: of it.
    """

    def __init__(self, estate: Estate, resource: Resource) -> None:
        self.estate, self.resource = estate, resource
        self.member = estate.world.members[resource.members[0]]
        streams = [(s, estate.world.streams[s]) for s in self.member.streams]
        made = {s: rule for s, rule in streams if rule.failure.p < 1}
        self._made = tuple(made.values())
        """Those whose jobs are not all refused."""
        # the service's own daily snapshots are part of what restores to a moment
        self.rules = tuple(rule for s, rule in made.items() if s not in self.member.own_bases)
        """Those of them whose points are billed by themselves."""
        self._courses: dict[int, list[Course]] = {}
        self._chains: dict[tuple[bool, Lineage], tuple[float, bool]] = {}

    def of_rule(self, rule: Rule) -> tuple[float, float, tuple[str, ...]]:
        """Return with which probability a rule has points at all, what part of them is then there, and what was taken.

        Where points build on each other the chain is there or is not, and all of its increments are.
        """
        if self.builds_on(rule):
            there, notes = self._of_chain(rule)
            return there, 1.0, notes
        part = self._completes(rule, self.estate.size_bytes(self.resource), self.estate.objects(self.resource))
        return 1.0, part, said_of(rule, "backup", part)

    def courses(self, rule: Rule) -> list[Course]:
        """Return what becomes of the copies of a rule's points, by copy action."""
        if rule.order not in self._courses:
            self._courses[rule.order] = courses(rule)
        return self._courses[rule.order]

    def p_stays(self, rule: Rule, copy: Copy | None) -> float:
        """Return the probability that a point stays until it expires; below 1 for those that go with their copies.

        Args:
            rule: that makes the points.
            copy: the copy action whose copies these points are; None for the rule's own.
        """
        nth = next((k for k, action in enumerate(rule.copies) if action is copy), -1)
        law = early_deletion(rule, nth, self.courses(rule), 1.0)
        return 1.0 if law is None else law.p_stays

    def of_copies(self, rule: Rule, copy: Copy, course: Course, made: float) -> float:
        """Return the part of the copies of an action that is there, its source having points.

        Args:
            rule: that makes the points copied.
            copy: the action.
            course: what becomes of its jobs.
            made: the probability that a run leaves a copy.
        """
        builds_on = is_incremental(self.estate, self.resource, copy.vault)
        if not (builds_on and _overlap([(rule.times_s, _lifetime_s(copy) - course.delayed_s)])):
            return made
        # of increments the next copy brings what one that failed did not
        return 1 - float((1 - made) ** _attempts(rule, copy))

    def of_continuous(self, source: Continuous) -> tuple[float, tuple[str, ...]]:
        """Return with which probability continuous protection has anything to build on, and what was taken."""
        rule = self.estate.world.streams[source.bases[0]]
        return self._of_chain(rule) if rule in self._made else (0.0, said_of(rule, "first backup", 0.0))

    def of_jobs(self, rule: Rule) -> float:
        """Return the part of a rule's jobs that complete."""
        there, part, _ = self.of_rule(rule)
        if not self.builds_on(rule):
            return there * part
        changed = float(fraction_changed(self.estate.change_rate(self.resource), YEAR_S / _runs_a_year(rule)))
        size, objects = self.estate.size_bytes(self.resource), self.estate.objects(self.resource)
        return there * self._completes(rule, size * changed, objects * changed)

    def builds_on(self, rule: Rule) -> bool:
        """Return whether the points of a rule build on others."""
        return is_incremental(self.estate, self.resource, rule.vault) and self._chain(rule)[1]

    def _of_chain(self, rule: Rule) -> tuple[float, tuple[str, ...]]:
        share, _ = self._chain(rule)
        return share, said_of(rule, "first backup", share, " in a year or more")

    def _chain(self, rule: Rule) -> tuple[float, bool]:
        """Return the probability that a first backup of a rule's lineage completes, and whether others build on it.

        A rule's backups and those that the service makes by itself each need a first one of their own.
        """
        key = self._lineage(rule.vault)
        if key not in self._chains:
            missed = 1.0
            for beside in self._made:
                if self._lineage(beside.vault) == key:
                    p = self._completes(beside, self.resource.size_bytes, self.resource.objects)
                    missed *= (1 - p) ** _attempts(beside, beside)
            # what goes with its copies is gone before the next is made
            bases = [
                (beside.times_s, _lifetime_s(job) - late)
                for beside in self._made
                for job, late in self._late(beside)
                if self._lineage(job.vault) == key and job.goes is None
            ]
            self._chains[key] = (1 - missed, _overlap(bases))
        return self._chains[key]

    def _late(self, rule: Rule) -> Iterator[tuple[Rule | Copy, float]]:
        """Yield the jobs of a rule that leave anything, with the age at which it is there [s]."""
        yield rule, 0.0
        for copy, course in zip(rule.copies, self.courses(rule), strict=True):
            if course.p_there > 0:
                yield copy, course.delayed_s

    def _lineage(self, vault: int) -> tuple[bool, Lineage]:
        return self.estate.world.vaults[vault].native, self.estate.lineage(self.resource, vault)

    def hurdles(self, rule: Rule) -> Hurdles:
        """Return what a full backup by a rule has to pass in order to leave a point."""
        return hurdles(rule, self.resource.size_bytes, self.resource.objects)

    def _completes(self, rule: Rule, size_bytes: float, objects: float) -> float:
        return math.prod(hurdles(rule, size_bytes, objects))


def _runs_a_year(rule: Rule) -> int:
    return max(1, int(np.count_nonzero(in_first_year(rule))))


def _attempts(rule: Rule, kept: Rule | Copy) -> float:
    """Return in how many runs a first point may come about: those of a year, or of the time that points are kept."""
    kept_s = -kept.since_s if math.isinf(kept.delete_after_s) else kept.delete_after_s
    return _runs_a_year(rule) * max(1.0, kept_s / YEAR_S)


def _overlap(points: Sequence[tuple[Floats, float]]) -> bool:
    """Return whether any point is still there when the next is made.

    Args:
        points: moments of capture, ascending, and how long the points are kept [s].
    """
    if not points:
        return False
    runs = np.unique(np.concatenate([times for times, _ in points]))
    for times, kept_s in points:
        after = np.searchsorted(runs, times, side="right")
        last = after < len(runs)
        if np.any(runs[after[last]] - times[last] < kept_s):
            return True
    return False
