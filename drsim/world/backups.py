"""From a rule of a backup plan to the stream of its backup jobs, with the copies of their points.

A copy or a move to cold storage that the type does not take is left out, as AWS leaves it out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from drsim import draws
from drsim.catalogue import ResourceType
from drsim.laws.jobs import Work
from drsim.scenario import CopyAction, Lifecycle, Rule, Scenario, Subject
from drsim.scenario import Site as WrittenSite
from drsim.scenario.capabilities import can_copy, moves_to_cold
from drsim.scenario.resolve import Parameters
from drsim.world.plans import Runs, never, rule_begin_s, since_s
from drsim.world.pools import Pools
from drsim.world.premises import in_step, over_uplink
from drsim.world.streams import Copy, DeletionEvent, Scan, Stream
from drsim.world.vaults import Vaults
from drsim.world.work import failure_of, work_of


@dataclass(frozen=True)
class Assignment:
    """A rule as it applies to one member of a resource.

    Attributes:
        name: member and rule, which name the luck of the jobs.
        rule_name: the rule's name; of several of one name told apart by `~2`.
        subject: the resource.
        kind: its type.
        rule: the rule.
        runs: when it runs.
        values: the parameters that hold for its jobs.
        member: index of the member.
        entity: name of the member.
        site: index of the site at which it runs.
    """

    name: str
    rule_name: str
    subject: Subject
    kind: ResourceType
    rule: Rule
    runs: Runs
    values: Parameters
    member: int
    entity: str
    site: int


class Backups:
    """Makes the streams of rules.

    Args:
        scenario: the scenario.
        vaults: numbered as they are asked for.
        pools: the limits on jobs, likewise.
    """

    def __init__(self, scenario: Scenario, vaults: Vaults, pools: Pools) -> None:
        self._scenario, self._vaults, self._pools = scenario, vaults, pools
        self._sites: list[WrittenSite] = list(scenario.sites.values())

    def stream(self, assignment: Assignment, order: int, *, is_point: bool) -> Stream:
        """Return the stream of a rule, none of whose jobs has its size yet.

        Args:
            assignment: the rule and the member.
            order: how many streams are written before.
            is_point: whether its backups are recovery points.
        """
        name, rule, kind, values = assignment.name, assignment.rule, assignment.kind, assignment.values
        seed, runs, warm_up = self._scenario.seed, assignment.runs, self._scenario.warm_up
        target = self._vaults.target(rule, kind, assignment.subject, assignment.site)
        vault = self._vaults[target.vault]
        account = self._sites[assignment.site].account
        delete_after = never(rule.lifecycle.delete_after)
        is_refused = not self._vaults.accepts(vault.name, delete_after)
        work, start_delay = work_of(values, seed, name, "backup"), values.required("start_delay")
        limits = self._pools.backup(kind.name, vault.site, assignment.entity)
        if (lane := self._pools.lane(assignment.site)) is not None:
            # what a job does beside sending bytes passes before it asks for the uplink, which others fill meanwhile
            overhead, work = over_uplink(values, kind, lane, seed, name, "backup", "backup")
            start_delay = in_step(start_delay, overhead)
            limits = self._pools.backup_over(kind.name, assignment.site, vault.site, assignment.entity)
        stream = Stream(
            name=name,
            rule=assignment.rule_name,
            member=assignment.member,
            order=order,
            times_s=runs.times_s,
            indices=runs.indices,
            all_times_s=runs.all_times_s,
            start_window_s=rule.start_window,
            completion_window_s=kind.completion_window_s(rule.completion_window),
            start_delay=start_delay,
            start_key=draws.key(seed, name, "backup", 3),
            work=work,
            failure=failure_of(values, seed, name, "backup_failure", account, is_refused=is_refused),
            size_bytes=np.zeros(len(runs.times_s)),
            objects=np.zeros(len(runs.times_s)),
            is_point=is_point,
            vault=target.vault,
            delete_after_s=delete_after,
            cold_after_s=self._cold_after(assignment, rule.lifecycle),
            expiry_delay=values.required("expiry_delay"),
            expiry_key=draws.key(seed, name, "expiry_delay"),
            limits=limits,
            copies=(),
            begin_s=rule_begin_s(rule, warm_up),
            since_s=since_s(rule.lifecycle, rule.age, warm_up),
            scan=self._scan(assignment) if is_point else None,
        )
        actions = rule.copy_actions
        if target.moves_to is not None:
            actions = (CopyAction(destination_vault=target.moves_to).model_copy(update={"age": rule.age}), *actions)
        copies: list[Copy] = []
        direct = self._copies(
            copies, assignment, stream, actions, _Source(-1, name, vault.site, values, rule.lifecycle)
        )
        goes = _deletion_event(rule.lifecycle, direct)
        if direct and self._vaults[copies[direct[0]].vault].name == target.moves_to:
            # the other copies are made beside the move, and the temporary point waits until they are over
            goes = DeletionEvent(completed=direct[:1], over=direct[1:])
        return replace(stream, copies=tuple(copies), goes=goes)

    def _scan(self, assignment: Assignment) -> Scan | None:
        """Return how the points of a rule are scanned; None where nobody scans them, or nobody can."""
        kind, resource, scan = assignment.kind, assignment.subject.resource, assignment.rule.scan
        if scan is None or not kind.scans_malware(self._scenario.as_of):
            return None
        seed, values = self._scenario.seed, assignment.values
        return Scan(
            in_full=scan.mode == "full",
            work=work_of(values, seed, assignment.name, "scan"),
            # what has got in is the same wherever it is looked for: all scans share one draw
            missed=failure_of(values, seed, "malware", "scan_misses", ""),
            size_bytes=resource.size,
            objects=resource.objects or 0.0,
            growth=resource.growth or 0.0,
        )

    def _copies(
        self,
        copies: list[Copy],
        assignment: Assignment,
        stream: Stream,
        actions: tuple[CopyAction, ...],
        source: _Source,
    ) -> tuple[int, ...]:
        """Add the copies of what stands at a source, chained ones after what they copy.

        Args:
            copies: those of the stream, added to.
            assignment: the rule and the member.
            stream: the stream, without its copies.
            actions: what is to be copied from the source.
            source: from where.

        Returns:
            The positions of the source's own copies.
        """
        seed, kind = self._scenario.seed, assignment.kind
        taken: dict[str, int] = {}
        direct: list[int] = []
        account, warm_up = self._sites[assignment.site].account, self._scenario.warm_up
        for action in actions:
            name = action.destination_vault
            to = self._vaults.site_of(name, assignment.site)
            taken[name] = taken.get(name, 0) + 1
            label = f"{source.name}>{name}" + "~" * (taken[name] - 1)
            vault = self._vaults.index(name, to)
            sites = self._sites[source.site], self._sites[to]
            if can_copy(kind, *sites, self._vaults[vault].lock, self._scenario.as_of) is not True:
                continue  # nothing is copied, so nothing can be chained to it either
            lifecycle = action.lifecycle or source.lifecycle
            delete_after = never(lifecycle.delete_after)
            values = source.values.below(action.overrides)
            is_refused = not self._vaults.accepts(name, delete_after)
            position = len(copies)
            direct.append(position)
            copies.append(
                Copy(
                    parent=source.position,
                    vault=vault,
                    delay=action.delay,
                    delay_key=draws.key(seed, label, "copy", 3),
                    work=_copy_work(kind, action, values, seed, label),
                    failure=failure_of(values, seed, label, "copy_failure", account, is_refused=is_refused),
                    size_bytes=stream.size_bytes,
                    objects=stream.objects,
                    delete_after_s=delete_after,
                    cold_after_s=self._cold_after(assignment, lifecycle),
                    expiry_delay=values.required("expiry_delay"),
                    expiry_key=draws.key(seed, label, "expiry_delay"),
                    limits=self._pools.copy(kind.name, to, assignment.entity, paced=_is_paced(kind, action)),
                    since_s=since_s(lifecycle, action.age, warm_up),
                )
            )
            # the overrides of an action do not reach the copies that are chained to it
            chained = _Source(position, label, to, source.values, lifecycle)
            of_copy = self._copies(copies, assignment, stream, action.then, chained)
            copies[position] = replace(copies[position], goes=_deletion_event(lifecycle, of_copy))
        return tuple(direct)

    def _cold_after(self, assignment: Assignment, lifecycle: Lifecycle) -> float:
        """Return the age at which points move to cold storage [s]; infinite where AWS leaves them warm."""
        moves = moves_to_cold(assignment.kind, assignment.rule, lifecycle, self._scenario.as_of)
        return never(lifecycle.cold_storage_after) if moves else math.inf


def _copy_work(kind: ResourceType, action: CopyAction, values: Parameters, seed: int, entity: str) -> Work:
    """Return how long the jobs of a copy action take: as the type's copies do, or the time that was asked for."""
    if action.completion_duration is None or kind.timed_copies is None:
        return work_of(values, seed, entity, "copy")
    return Work.paced(action.completion_duration, kind.timed_copies.rate.value)


def _is_paced(kind: ResourceType, action: CopyAction) -> bool:
    """Return whether the copies of an action are to complete within a time."""
    return action.completion_duration is not None and kind.timed_copies is not None


@dataclass(frozen=True)
class _Source:
    """From what copies are made.

    Attributes:
        position: of the copy action, -1 for the backup itself.
        name: which names the luck of its jobs.
        site: index of the site at which it lies.
        values: the parameters that hold for copies of it.
        lifecycle: that copies without one of their own have.
    """

    position: int
    name: str
    site: int
    values: Parameters
    lifecycle: Lifecycle


def _deletion_event(lifecycle: Lifecycle, copies: tuple[int, ...]) -> DeletionEvent | None:
    """Return with which copies of it a point goes: with all of them, where its lifecycle says so and there are any."""
    return DeletionEvent(copies) if lifecycle.delete_after_event == "copy" and copies else None
