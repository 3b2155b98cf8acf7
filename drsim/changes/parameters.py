"""The parameters of the laws as uncertain inputs: which value applies to which resources, rules and copies."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from drsim.catalogue import PARAMETERS, WORK_OF, FailureLaw, Leaf, Parameter
from drsim.changes import edits
from drsim.changes.model import Change, Edit, ScenarioChange
from drsim.changes.plans import rules_of
from drsim.changes.reach import Studied
from drsim.changes.rules import COPY_DELAY, COPY_LAW, RULE_LAW
from drsim.changes.uncertain import HIGH, LOW, SCENARIO, End, Input, Label, ends_of, halves, show
from drsim.distributions import Constant, Distribution
from drsim.scenario import Subject, copies
from drsim.scenario.resolve import LAW as PARTS
from drsim.world.model import Resource
from drsim.world.streams import Stream

WORDS = {
    "start_delay": "delay before a backup job starts",
    "backup_fixed": "backup, fixed part",
    "backup_rate": "backup, throughput",
    "backup_object_rate": "backup, objects a second",
    "backup_duration": "backup, whole duration",
    "backup_failure": "failing backups",
    "copy_fixed": "copy, fixed part",
    "copy_rate": "copy, throughput",
    "copy_duration": "copy, whole duration",
    "copy_failure": "failing copies",
    "restore_fixed": "restore, fixed part",
    "restore_rate": "restore, throughput",
    "restore_object_rate": "restore, objects a second",
    "restore_share": "restore, share of the data that is there before use",
    "reads_after": "time until a point can be read where it lies",
    "restore_size_exponent": "restore, growth of the fixed part with size",
    "restore_size_reference": "restore, size from which the fixed part grows",
    "restore_duration": "restore, whole duration",
    "restore_failure": "useless recovery points, untested",
    "restore_failure_tested": "useless recovery points, tested",
    "hydration_rate": "loading after the restore",
    "log_lag": "log lag",
    "log_replay_rate": "replay of logs, throughput",
    "log_replay_speed": "replay of logs, times real time",
    "log_factor": "log written for each byte that changes",
    "log_failure": "gaps in logs",
    "cold_retrieval": "retrieval from cold storage",
    "launch_duration": "launch",
    "failover_duration": "automatic failover",
    "expiry_delay": "delay before deletion",
    "scan_fixed": "malware scan, fixed part",
    "scan_rate": "malware scan, throughput",
    "scan_misses": "malware that scans do not know",
}
"""The parameters in words."""


_IN_WINDOW = 0.95
"""Share of a start window that a delay may take at most: were all jobs later than it, none would run at all."""

Put = Callable[[Parameter], Edit]
"""A value to the edit that puts it in its place."""

LAW = ScenarioChange("law.parameter", "law", "a parameter of the laws, for resources", edits.with_override)

CHANGES: tuple[Change, ...] = (LAW,)


@dataclass
class _Use:
    """One value of a parameter, how it is known, and the resources for which it is the one that applies."""

    value: Parameter
    basis: str
    source: tuple[str, ...]
    resources: list[str] = field(default_factory=list)


Uses = Iterator[tuple[str, str, _Use]]
"""Where a parameter is written, its name, its value."""


def inputs(of: Studied) -> Iterator[Input]:
    """Yield the catalogue's values and the overrides that apply to resources, rules and copy actions."""
    uses: dict[tuple[str, str], _Use] = {}
    for subject in of.subjects.values():
        for where, name, applying in _applying(of, subject):
            uses.setdefault((where, name), applying).resources.append(subject.name)
    for (where, name), use in uses.items():
        label = Label(WORDS[name], where) if where else Label(f"{WORDS[name]}, all types")

        def put(value: Parameter, name: str = name, names: Collection[str] = tuple(use.resources)) -> Edit:
            return LAW.edit(names, name, value)

        in_drills = bool(_touched(of, name, use.resources))
        for varied in _inputs(of, label, name, use, put, LAW):
            yield replace(varied, in_drills=in_drills, parameter=name, resources=tuple(use.resources))
    yield from _of_rules(of)


class _Levels:
    """What applies to a resource, from the nearest level: its own overrides, down to the catalogue's defaults."""

    def __init__(self, of: Studied, subject: Subject) -> None:
        kind = of.catalogue.type_of(subject.resource)
        self._levels: list[tuple[str, Mapping[str, Parameter] | Mapping[str, Leaf[Parameter]]]] = [
            (subject.name, subject.resource.overrides),
            (f"override of {kind.name}", of.scenario.overrides.get(kind.name, {})),
            ("override of all types", of.scenario.overrides.get("*", {})),
            (kind.label, kind.parameters),
            ("", of.catalogue.defaults),
        ]

    def find(self, *names: str) -> Uses:
        """Yield the nearest of several parameters; of one level the one named first."""
        for where, level in self._levels:
            for name in names:
                if name in level:
                    yield where, name, _use(level[name])
                    return

    def law(self, job: str) -> Uses:
        """Yield the parameters by which a kind of job takes its time."""
        parts = [f"{job}_{part}" for part in PARTS]
        nearest = list(self.find(f"{job}_duration", *parts))
        if nearest and nearest[0][1] not in parts:
            yield from nearest
            return
        for part in parts:
            yield from self.find(part)


def _applying(of: Studied, subject: Subject) -> Uses:
    """Yield the parameters that apply to a resource."""
    resource, kind, levels = subject.resource, of.catalogue.type_of(subject.resource), _Levels(of, subject)
    yield from levels.law("backup")
    yield from levels.law("copy")
    names = ["backup_failure", "copy_failure", "start_delay", "expiry_delay"]
    if resource.stateless:
        yield from levels.find("launch_duration", "restore_duration")
    else:
        yield from levels.law("restore")
        yield from levels.find(*(("restore_failure_tested",) if resource.tested else ()), "restore_failure")
        yield from levels.find("log_replay_speed", "log_replay_rate")
        names += ["log_lag", "log_factor", "log_failure", "cold_retrieval", "restore_share", "restore_size_exponent"]
        names += ["reads_after"]
    if any(stream.scan is not None for stream in _streams(of, subject.name)):
        yield from levels.law("scan")
        names.append("scan_misses")
    for name in names:
        yield from levels.find(name)
    failover = kind.failovers.get(resource.deployment or kind.deployment)
    if failover is not None and of.scenario.disruptions[of.disruption].kind in failover.strikes:
        yield from list(levels.find("failover_duration")) or [(kind.name, "failover_duration", _use(failover.duration))]


def _use(value: Parameter | Leaf[Distribution] | Leaf[Parameter]) -> _Use:
    return _Use(value.value, value.basis, value.source) if isinstance(value, Leaf) else _Use(value, SCENARIO, ())


def _touched(of: Studied, name: str, resources: Iterable[str]) -> list[str]:
    """Return the resources for which a parameter can make a difference to the subject."""
    if WORK_OF[name] == "backup":
        wanted = of.moving(resources)
        return [r for r in wanted if _streams(of, r)]
    recovered = {r for r in resources if r in of.reach.struck and r.split(".", 1)[0] in of.reach.applications}
    if WORK_OF[name] == "copy":
        # where a point has to be copied before it is restored, too
        with_data = (r for r in recovered if not of.subjects[r].resource.stateless)
        return [*(r for r in of.moving(resources) if any(s.copies for s in _streams(of, r))), *with_data]
    by_name = {r.name: r for r in of.world.resources}
    return [r for r in recovered if _asks(of, name, by_name[r])]


def _asks(of: Studied, name: str, resource: Resource) -> bool:
    """Return whether a recovery of a resource can ask for a parameter."""
    if name == "cold_retrieval":
        return any(math.isfinite(job.cold_after_s) for stream in _streams(of, resource.name) for job in stream.jobs)
    if WORK_OF[name] == "scan":
        return of.world.is_searched
    if WORK_OF[name] == "log":
        return bool(of.world.members[resource.members[0]].continuous)
    return True


def _streams(of: Studied, resource: str) -> list[Stream]:
    """Return the streams of the first member of a resource."""
    first = next(r.members[0] for r in of.world.resources if r.name == resource)
    return [of.world.streams[s] for s in of.world.members[first].streams]


def _is_billed(of: Studied, name: str, resources: Collection[str]) -> bool:
    """Return whether a parameter can change the steady cost: how long points are kept, or whether there are any.

    Args:
        of: what is studied.
        name: of the parameter.
        resources: for which it applies; all where none is named.
    """
    if name == "expiry_delay":
        return True
    return any(
        _may_miss(of, name, stream, is_full=not of.catalogue.type_of(of.subjects[r].resource).snapshots_incremental)
        for r in resources or of.subjects
        for stream in _streams(of, r)
    )


def _may_miss(of: Studied, name: str, stream: Stream, *, is_full: bool) -> bool:
    """Return whether a parameter can change how often a stream leaves points, or how long they stand."""
    if of.world.vaults[stream.vault].native:
        return False
    if name in ("backup_failure", "start_delay"):
        return is_full or stream.base is not None
    if name == "copy_failure":
        return is_full and bool(stream.copies)
    if WORK_OF[name] == "copy":
        return any(job.goes is not None for job in stream.jobs)
    if WORK_OF[name] != "backup":
        return False
    if stream.base is not None or any(job.goes is not None for job in stream.jobs):
        return True
    # an end of what is varied may be twice as long as it is
    longest = stream.work.longest_s(float(stream.size_bytes.max(initial=0)), float(stream.objects.max(initial=0)))
    return is_full and 2 * longest > stream.completion_window_s


def _of_rules(of: Studied) -> Iterator[Input]:
    """Yield the overrides of rules and of copy actions, and the delays of these."""
    for plan, number, rule in rules_of(of):
        for name, value in rule.overrides.items():

            def on_rule(v: Parameter, at: tuple[str, int] = (plan, number), name: str = name) -> Edit:
                return RULE_LAW.edit(*at, name, v)

            yield from _inputs(of, Label(WORDS[name], f"rule {rule.rule_name}"), name, _use(value), on_rule, RULE_LAW)
        for place, action in copies(rule.copy_actions):
            at = plan, number, place
            of_copy = f"copy of {rule.rule_name} to {action.destination_vault}"
            for name, value in action.overrides.items():

                def on_copy(v: Parameter, at: _Copy = at, name: str = name) -> Edit:
                    return COPY_LAW.edit(*at, name, v)

                yield from _inputs(of, Label(WORDS[name], of_copy), name, _use(value), on_copy, COPY_LAW)
            low, high = ends_of(action.delay, "duration", _delayed(at))
            yield Input("copy", Label("delay", of_copy), low, high, SCENARIO, change=COPY_DELAY)


_Copy = tuple[str, int, tuple[str | int, ...]]
"""A copy action: its plan, the number of its rule, its place below that."""


def _delayed(at: _Copy) -> Callable[[Distribution], Edit]:
    return lambda delay: COPY_DELAY.edit(*at, delay)


def _inputs(of: Studied, label: Label, name: str, use: _Use, put: Put, change: Change) -> Iterator[Input]:
    """Yield the inputs that a parameter makes: its value, and for failures how long their spells last."""
    value, known, in_costs = use.value, (use.basis, use.source), _is_billed(of, name, use.resources)
    if isinstance(value, FailureLaw):
        law = value
        low, high = halves(law.p, lambda p: put(replace(law, p=p)))
        yield Input(_group(name), label, low, high, *known, in_costs=in_costs, change=change)
        if law.lasts is not None:
            low, high = ends_of(law.lasts, "duration", lambda v: put(replace(law, lasts=v)))
            spell = label._replace(what=f"{label.what}, how long a spell lasts")
            yield Input(_group(name), spell, low, high, *known, is_of_spells=True, change=change)
        return
    low, high = ends_of(value, PARAMETERS[name], put)
    if name == "start_delay":
        low, high = (_in_window(of, value, q, end, put) for q, end in ((LOW, low), (HIGH, high)))
    yield Input(_group(name), label, low, high, *known, in_costs=in_costs, change=change)


def _in_window(of: Studied, value: Distribution, q: float, end: End | None, put: Put) -> End | None:
    """Return an end of the start delay that lets jobs start within the shortest window of a rule."""
    latest_s = _IN_WINDOW * min((rule.start_window for _, _, rule in rules_of(of)), default=math.inf)
    if end is None or value.quantile(q) <= latest_s:
        return end
    return End(f"{show(latest_s, 'duration')} (start window)", put(Constant(latest_s)))


_OF_LOGGING = ("log_lag", "log_failure")
"""Parameters of logs as they are written, not as they are replayed."""


def _group(name: str) -> str:
    """Return the group of a parameter: `backup`, `copy` or `restore`, to which all else of a recovery belongs."""
    if name in _OF_LOGGING:
        return "backup"
    return WORK_OF[name] if WORK_OF[name] in ("backup", "copy") else "restore"
