"""What went on after the service stopped: lanes of people, steps and resources, and their phases."""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.engine import Recovered
from drsim.engine.process.options import Option
from drsim.report.incident_words import PART_NAMES, enough, limit_words
from drsim.report.timeline.about import About, or_else
from drsim.report.timeline.model import AFTER, DISRUPTION, OUTAGE, PEOPLE, WAIT, WORK, Lane, Phase
from drsim.study.explain import deciding_member
from drsim.units import format_duration

_WAITS = {
    "waiting for what comes first": PART_NAMES["dependency_s"],
    "queueing for a slot": PART_NAMES["queue_s"],
    "waiting for launches or capacity, which are impaired until the outage ends": "wait for launches or capacity",
    "waiting for copies, which are impaired until the outage ends": "wait for impaired copies",
}
_WORKS = {
    "under way": PART_NAMES["step_s"],
    "failing over": PART_NAMES["failover_s"],
    "launching": PART_NAMES["launch_s"],
    "copying to the place of recovery": PART_NAMES["copy_s"],
    "looking for a clean point": PART_NAMES["search_s"],
    "restoring": PART_NAMES["restore_s"],
}
_RESTORING = ("retrieve_s", "restore_s", "replay_s")
"""What goes on one after the other while a job restores."""


class Lanes(About):
    """What went on, lane by lane."""

    def lanes(self) -> tuple[tuple[Lane, ...], tuple[Phase, ...]]:
        """Return the lanes from top to bottom, and the phases by lane and moment."""
        if self.result is None:
            return self._taken_down()
        told_lanes: list[tuple[Lane, list[Phase]]] = []
        ends = self.recovery.ends_s - self.occurred
        if math.isfinite(ends):
            is_critical = self.result.by == "ride-out"
            words = PART_NAMES["outage_s"] if is_critical else "the outage"
            phase = Phase(DISRUPTION, words, OUTAGE, 0.0, ends, is_critical)
            told_lanes.append((Lane(DISRUPTION, f"ends after {format_duration(ends)}", is_critical), [phase]))
        nodes = sorted(self._nodes(), key=lambda x: or_else(x[1].begun_s, math.inf))
        lanes = [(self._lane(name, node, r), self._phases(name, node, r)) for name, node, r in nodes]
        people = self._people()
        if people:
            is_critical = any(p.is_critical for p in people)
            told_lanes.append((Lane(PEOPLE, "", is_critical), people))
        told_lanes += lanes
        # a lane without a phase stays: what could not be recovered, and why, is the point
        return tuple(lane for lane, _ in told_lanes), tuple(phase for _, phases in told_lanes for phase in phases)

    def _taken_down(self) -> tuple[tuple[Lane, ...], tuple[Phase, ...]]:
        """Return the one lane of an application that is down because of others only; none where nothing reached it."""
        if self.dependent is None:
            return (), ()
        apps, dependent = self.world.applications, self.dependent
        if dependent.state != "recovered":
            return (Lane(self.app.name, dependent.state, is_critical=False),), ()
        rebuilt = [apps[b].name for b in dependent.rebuilt]
        words = f"wait for the rebuild of {', '.join(rebuilt)}" if rebuilt else PART_NAMES["dependency_s"]
        note = f"requires {', '.join(apps[b].name for b in dependent.waits_for)}"
        phase = Phase(self.app.name, words, WAIT, 0.0, self.down_s, is_critical=True, note=note)
        done = f"done after {format_duration(self.down_s)}"
        return (Lane(self.app.name, done, is_critical=True, is_done=True),), (phase,)

    def _nodes(self) -> Iterator[tuple[str, Recovered, int | None]]:
        """Yield name, fate and resource of all that had to be done, and what the critical path has of others."""
        world, recovery = self.world, self.recovery
        for s in self.app.steps:
            if s in recovery.steps:
                yield world.steps[s].name, recovery.steps[s], None
        shown = []
        for r in self.app.resources:
            if not recovery.going(r):
                continue
            m = self._shown_member(r)
            node = recovery.abandoned.get(m, recovery.of(m))
            shown.append(node)
            yield world.resources[r].name, node, r
        of_application = [*shown, *(recovery.steps[s] for s in self.app.steps if s in recovery.steps), self.result]
        for name, node in self.path:
            if all(node is not other for other in of_application):
                yield self._other(name, node), node, None
        if self.result is not None and self.result.by != "ride-out":
            yield self.app.name, self.result, None

    def _other(self, name: str, node: Recovered) -> str:
        """Return the name of what the critical path has of another application."""
        owner = next(a for a in self.recovery.applications if any(node is x for x in self.recovery.everything_of(a)))
        app = self.world.applications[owner].name
        return name if name == app or name.startswith(f"{app}.") else f"{app}: {name}"

    def _is_critical(self, node: Recovered) -> bool:
        return any(node is other for _, other in self.path)

    def _lane(self, name: str, node: Recovered, r: int | None) -> Lane:
        if r is not None and len(self.world.resources[r].members) > 1:
            result = self._ended(node)
            if len(self.recovery.going(r)) > 1 and node.by != "redundancy":
                result = f"{result}; one of {len(self.recovery.going(r))}"
            if members := enough(self.incident, r):
                result = f"{result}; {members}"
        else:
            result = self._ended(node)
        return Lane(name, result, self._is_critical(node), self._is_done(node))

    def _ended(self, node: Recovered) -> str:
        """Return how a node ended."""
        if node is self.result and node.state != "recovered":
            return node.state
        if node.by == "redundancy":
            return "never down" if node is self.result else "struck, and not missed"
        if self._is_broken_off(node):
            if self._is_done(node):
                return "done when the outage ended"
            if self._is_overtaken(node):
                return "overtaken by the outage's end"
            tried = f" after {len(node.failed)} useless attempts" if node.failed else ""
            return f"{node.state}: nothing protects it" if node.state == "unprotected" else f"{node.state}{tried}"
        return f"done after {format_duration(node.usable_s - self.occurred)}"

    def _is_done(self, node: Recovered) -> bool:
        """Return whether a node came to its end, be it when the outage ended."""
        if node.by == "redundancy" or (node is self.result and node.state != "recovered"):
            return False
        return node.state == "recovered" or not self._is_broken_off(node)

    def _is_broken_off(self, node: Recovered) -> bool:
        """Return whether a node was abandoned when the outage ended, or never became usable."""
        return any(node is other for other in self.recovery.abandoned.values()) or math.isnan(node.usable_s)

    def _is_overtaken(self, node: Recovered) -> bool:
        steps = any(node is other for other in self.recovery.steps.values())
        return steps or any(node is other for other in self.recovery.abandoned.values())

    def _people(self) -> list[Phase]:
        """Return what people did first, for the application or for the one that its critical path begins with."""
        recovery, first = self.recovery, self.a
        if self.path:
            root = self.path[0][1]
            critical = not root.automatic
            if critical:
                owners = (b for b in recovery.applications if any(x is root for x in recovery.everything_of(b)))
                first = next(owners, self.a)
        else:
            critical = False
        e, strikes, phases, moment = recovery.e, recovery.strikes, [], 0.0
        lengths = (recovery.courses[first].waits_s, float(strikes.detect_s[e]), float(strikes.declare_s[e]))
        stop = recovery.ends_s - self.occurred if self._rode() else math.inf
        for part, seconds in zip(("wait_s", "detect_s", "declare_s"), lengths, strict=True):
            ends = min(moment + seconds, stop)
            if ends > moment:
                kind = WAIT if part == "wait_s" else WORK
                phases.append(Phase(PEOPLE, PART_NAMES[part], kind, moment, ends, critical))
            moment += seconds
        return phases

    def _rode(self) -> bool:
        return self.result is not None and self.result.by == "ride-out"

    def _phases(self, lane: str, node: Recovered, r: int | None) -> list[Phase]:
        critical = self._is_critical(node)
        if any(node is other for other in self.recovery.applications.values()):
            return list(self._closing(lane, node, critical=critical))
        if node.automatic:
            words, note = f"automatic {PART_NAMES['failover_s']}", f"to {node.place}"
            phases = [Phase(lane, words, WORK, 0.0, node.usable_s - self.occurred, critical, note)]
        else:
            phases = [
                Phase(lane, words, kind, begins - self.occurred, ends - self.occurred, critical and is_own, note)
                for words, kind, begins, ends, is_own, note in self._trail(node)
                if ends > begins
            ]
        if node.full_s > node.usable_s:
            stateless = r is not None and self.world.resources[r].stateless
            words = "scaling to full size" if stateless else "loading the rest of the data"
            ends = node.full_s - self.occurred
            phases.append(Phase(lane, words, AFTER, node.usable_s - self.occurred, ends, is_critical=False))
        return phases

    def _closing(self, lane: str, node: Recovered, *, critical: bool) -> Iterator[Phase]:
        """Yield the steps that close the recovery of an application."""
        moment = node.begun_s - self.occurred
        owner = next(a for a, other in self.recovery.applications.items() if other is node)
        since = self.recovery.courses[owner].starts_s - self.occurred if owner in self.recovery.down else 0.0
        if node.waited_for == -1 and node.state == "recovered" and moment > since:
            words = PART_NAMES["dependency_s"] if node.rebuild_of < 0 else self._rebuild(node)
            yield Phase(lane, words, WAIT, since, moment, critical)
        for part in ("validate_s", "redirect_s"):
            seconds = node.parts.get(part, 0.0)
            if seconds:
                yield Phase(lane, PART_NAMES[part], WORK, moment, moment + seconds, critical)
            moment += seconds

    def _rebuild(self, node: Recovered) -> str:
        return f"wait for the rebuild of {self.world.applications[node.rebuild_of].name}"

    def _trail(self, node: Recovered) -> Iterator[tuple[str, str, float, float, bool, str]]:
        """Yield words, kind, begin, end [s since start], whether it counts for the critical path, and a note."""
        doings = [d for d in node.trail if d.what in _WAITS or d.what in _WORKS]
        if not doings:  # nobody had begun, or nothing was to be done
            return
        ends = [d.since_s for d in doings[1:]] + [self._stopped(node)]
        for doing, end in zip(doings, ends, strict=True):
            # what waited for nothing that is there now has waited for what was lost
            is_own = doing.what != "waiting for what comes first" or node.waited_for == -1
            option = self._option(node, doing.attempt)
            useless = doing.attempt < len(node.failed)
            note = self._note(node, doing.what, option)
            if useless:
                note = f"{note}; the attempt turned out useless" if note else "the attempt turned out useless"
            if doing.what == "waiting for what comes first" and node.rebuild_of >= 0:
                yield self._rebuild(node), WAIT, doing.since_s, end, is_own, note
            elif doing.what in _WAITS:
                yield _WAITS[doing.what], WAIT, doing.since_s, end, is_own, note
            elif doing.what == "restoring" and node.state == "recovered" and not useless:
                begins = doing.since_s
                for part in _RESTORING:
                    seconds = node.parts.get(part, 0.0)
                    yield PART_NAMES[part], WORK, begins, begins + seconds, is_own, note
                    begins += seconds
            else:
                words = _WORKS[doing.what]
                yield f"{words} (useless)" if useless else words, WORK, doing.since_s, end, is_own, note

    def _stopped(self, node: Recovered) -> float:
        """Return when the last doing of a node ended [s since start]."""
        if not math.isnan(node.usable_s):
            return node.usable_s
        if self._is_overtaken(node):
            return self.recovery.ends_s
        # all that time went into attempts
        return node.begun_s + node.parts.get("failed_s", 0.0)

    @staticmethod
    def _option(node: Recovered, attempt: int) -> Option | None:
        if attempt < len(node.failed):
            return node.failed[attempt]
        return node.option or node.pursued

    def _note(self, node: Recovered, what: str, option: Option | None) -> str:
        if what == "queueing for a slot" and node.queued_for:
            return ", ".join(limit_words(self.world, i) for i in sorted(node.queued_for))
        if option is None or what in _WAITS:
            return ""
        by = f"{option.by} " if what == "restoring" and option.by != "restore" else ""
        return f"{by}from {option.place}"

    def _shown_member(self, r: int) -> int:
        """Return which of a resource's members stands for it: the critical one, else the one that took longest."""
        for m in self.recovery.going(r):
            if any(node is self.recovery.of(m) for _, node in self.path):
                return m
        abandoned = [m for m in self.recovery.going(r) if m in self.recovery.abandoned]
        if abandoned:
            behind = self.recovery.abandoned
            return max(abandoned, key=lambda m: (behind[m].state != "recovered", or_else(behind[m].begun_s, math.inf)))
        if r in self.recovery.resources:
            return deciding_member(self.recovery, r)[0]
        return max(self.recovery.going(r), key=lambda m: self.recovery.of(m).usable_s)
