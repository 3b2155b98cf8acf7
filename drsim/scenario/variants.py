"""Variants of a scenario for what-if questions: what of a strategy and its world can be changed, and how.

A knob is one thing that can be changed: its present value, and those it may take, as text that reads well. Changes are
knobs' new values by the knobs' keys. A strategy is changed on plans and vaults of its own, so that the other strategies
stay as they are; rules keep their names, which name their luck. Only copies into a vault whose lock changes have luck
of their own, since they go into another vault.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from drsim.catalogue import Catalogue
from drsim.cron import CronError, occurrences, parse_cron
from drsim.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Scaled,
    Triangular,
    Uniform,
    Weibull,
)
from drsim.scenario.dump import scenario_data
from drsim.scenario.edit import Change, Placement, Removal, changed, edited, free_name, quick_text
from drsim.scenario.model import Limits, Scenario
from drsim.scenario.nodes import Plain
from drsim.scenario.plans import Rule, Strategy, copies
from drsim.scenario.selectors import RESOURCE_SPECIFICITY, nearest, specificity
from drsim.scenario.subjects import Subject, subjects
from drsim.scenario.writing import write_distribution, write_quantity
from drsim.units import DAY_S, HOUR_S, MINUTE_S, YEAR_S, duration_s

Group = Literal["rule", "vault", "standby", "replication", "response", "limits", "disruption"]
"""What a knob is about."""

WORLD: tuple[Group, ...] = ("response", "limits", "disruption")
"""Groups whose changes hold for every strategy."""

NEVER, FOR_EVER, NONE, QUOTA, UNLIMITED = "never", "for ever", "none", "AWS quota", "unlimited"
OFF, ON = "off", "on"
AS_RULE, NO_COPY = "as the rule", "no copy"
_TO = " → "

_EVERY_S = (
    *(k * HOUR_S for k in (1, 2, 4, 6, 8, 12)),
    *(k * DAY_S for k in (1, 2, 7, 30)),
)
_WINDOWS_S = tuple(k * HOUR_S for k in (1, 2, 4, 8, 12, 24))
_KEPT_S = tuple(k * DAY_S for k in (1, 2, 7, 14, 30, 35, 60, 90, 120, 180, 365, 730, 2555))
_COLD_S = tuple(k * DAY_S for k in (1, 7, 14, 30, 60, 90, 180))
_HUMAN_S = (
    *(k * MINUTE_S for k in (0, 1, 5, 10, 15, 20, 30)),
    *(k * HOUR_S for k in (1, 2, 4, 8, 12)),
    *(k * DAY_S for k in (1, 2, 3)),
)
_DWELL_S = (*(k * HOUR_S for k in (0, 1, 6, 12)), *(k * DAY_S for k in (1, 2, 5, 7, 14, 30, 60, 90, 180)))
_OUTAGE_S = (*(k * HOUR_S for k in (1, 2, 4, 8, 12)), *(k * DAY_S for k in (1, 2, 3, 7, 14)))
_SLOTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_CAPACITIES = (0.1, 0.25, 0.5, 0.75, 1.0)
_LOCKS = ("none", "governance", "compliance", "air-gapped")
_MODES = ("pilot-light", "warm-standby", "multi-site")
_LONGEST_VAULT = 50


@dataclass(frozen=True)
class Knob:
    """One thing that can be changed.

    Attributes:
        key: names it among the changes.
        group: what it is about.
        owner: whose it is: (plan, rule), or a vault, an application, a resource, a disruption.
        label: what it is called.
        present: its value in the scenario.
        options: the values it may take, the present one among them.
        ordered: whether the options lie on a scale.
        about: what to know about it.
    """

    key: str
    group: Group
    owner: tuple[str, ...]
    label: str
    present: str
    options: tuple[str, ...]
    ordered: bool = True
    about: str = ""


def knobs(scenario: Scenario, strategy: str, disruption: str) -> tuple[Knob, ...]:
    """Return all that can be changed.

    Args:
        scenario: a right one.
        strategy: the name of the one to change.
        disruption: the name of the one whose length and dwell can be changed.
    """
    catalogue = scenario.catalogue
    own = scenario.strategies[strategy]
    found = [
        knob
        for plan in _plans_of(own)
        for number, rule in enumerate(scenario.backup_plans[plan].rules)
        for knob in _rule_knobs(scenario, plan, number, rule)
    ]
    found += _vault_knobs(scenario, own)
    found += _standby_knobs(scenario, own)
    found += _replication_knobs(scenario, own, catalogue)
    found += _world_knobs(scenario, disruption, catalogue)
    return tuple(found)


def legal(found: Iterable[Knob], changes: Mapping[str, object]) -> dict[str, str]:
    """Return those changes that are of these knobs, of values that they may take, and change something."""
    return {
        knob.key: knob.present if value is None else str(value)
        for knob in found
        if (value := changes.get(knob.key)) in knob.options and value != knob.present
    }


def applied(scenario: Scenario, strategy: str, disruption: str, changes: Mapping[str, str]) -> str:
    """Return the text of the scenario with a strategy changed; quick to make and to read, for programs only.

    Args:
        scenario: a right one, as it is.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        changes: new values by the keys of knobs.
    """
    data = _data(scenario)
    return quick_text(changed(data, _changes(scenario, data, strategy, disruption, changes, strategy)))


def with_changes(text: str, scenario: Scenario, strategy: str, disruption: str, changes: Mapping[str, str]) -> str:
    """Return the text of the scenario with a strategy changed, its comments kept.

    Args:
        text: of the scenario; it names no files.
        scenario: what it says.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        changes: new values by the keys of knobs.
    """
    return edited(text, _changes(scenario, _data(scenario), strategy, disruption, changes, strategy))


def kept(text: str, scenario: Scenario, strategy: str, disruption: str, changes: Mapping[str, str], name: str) -> str:
    """Return the text of the scenario with the changed strategy as a new one beside the others, its comments kept.

    Changes of the world hold for all strategies.

    Args:
        text: of the scenario; it names no files.
        scenario: what it says.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        changes: new values by the keys of knobs.
        name: of the new strategy.

    Raises:
        ValueError: a strategy has this name, or it is empty.
    """
    if not name.strip() or name in scenario.strategies:
        raise ValueError(f"{name!r} cannot be the name of a new strategy")
    return edited(text, _changes(scenario, _data(scenario), strategy, disruption, changes, name))


def _data(scenario: Scenario) -> dict[str, Plain]:
    """Return the plain data of a scenario, as the user wrote it."""
    return scenario.written if scenario.written is not None else scenario_data(scenario)


def _spelt(seconds: float) -> str:
    return str(write_quantity("duration", seconds, duration_s))


def _scale(present_s: float, choices: Sequence[float], endless: str = "") -> tuple[str, tuple[str, ...]]:
    """Return a present duration and all options as text, in order; infinity as the word given for it."""
    values = sorted({*choices, present_s, *([math.inf] if endless else [])})
    words = {value: endless if math.isinf(value) else _spelt(value) for value in values}
    return words[present_s], tuple(words.values())


def _plans_of(strategy: Strategy) -> tuple[str, ...]:
    """Return the plans of a strategy, each once, in the order written."""
    return tuple(dict.fromkeys(plan for _, plans in strategy.backup for plan in plans))


def _rule_knobs(scenario: Scenario, plan: str, number: int, rule: Rule) -> Iterator[Knob]:
    owner, key = (plan, rule.rule_name), f"rule/{plan}/{number}"

    def knob(what: str, label: str, values: tuple[str, tuple[str, ...]], about: str = "") -> Knob:
        return Knob(f"{key}/{what}", "rule", owner, label, *values, about=about)

    every = "An interval instead of the schedule; AWS takes no shorter ones than 1 h."
    if rule.schedule is not None:
        every += f" The schedule's times are {rule.schedule_timezone}."
    yield knob("every", "Schedule", _intervals(scenario, rule), every)
    yield knob(
        "start_window", "Start window", _scale(rule.start_window, _WINDOWS_S), "A job not started by then expires."
    )
    life = rule.lifecycle
    yield knob("delete_after", "Kept for", _scale(_never(life.delete_after), _KEPT_S, FOR_EVER))
    cold = _scale(_never(life.cold_storage_after), _COLD_S, NEVER)
    yield knob("cold_storage_after", "To cold storage after", cold, "Cold points stay cold for 90 d at least.")
    about = "For types that can; others get snapshots at the schedule. Kept for 35 d at most."
    yield knob("continuous", "Continuous", (ON if rule.enable_continuous_backup else OFF, (OFF, ON)), about)
    for vault in scenario.vaults:
        if vault not in (rule.target_vault, rule.target_air_gapped_vault):
            yield knob(
                f"copy/{vault}", f"Copies to {vault}", _copy_values(rule, vault), "How long the copies are kept."
            )


def _never(value: float | None) -> float:
    return math.inf if value is None else value


def _intervals(scenario: Scenario, rule: Rule) -> tuple[str, tuple[str, ...]]:
    """Return how often a rule runs, and how often it might; a schedule stands among intervals of about its own."""
    if rule.every is not None:
        return _scale(rule.every, _EVERY_S)
    text = rule.schedule or ""
    try:
        start = int(scenario.start.timestamp())
        runs = len(occurrences(parse_cron(text), rule.schedule_timezone, start, start + int(YEAR_S)))
    except CronError:
        runs = 0
    mean = YEAR_S / runs if runs else math.inf
    # a schedule of about a day stands before the interval of a day
    before = [s for s in _EVERY_S if s < 0.999 * mean]
    return text, (*map(_spelt, before), text, *(_spelt(s) for s in _EVERY_S[len(before) :]))


def _copy_values(rule: Rule, vault: str) -> tuple[str, tuple[str, ...]]:
    action = next((a for _, a in copies(rule.copy_actions) if a.destination_vault == vault), None)
    if action is None:
        return NO_COPY, (NO_COPY, *map(_spelt, _KEPT_S), FOR_EVER)
    if action.lifecycle is None:
        return AS_RULE, (NO_COPY, AS_RULE, *map(_spelt, _KEPT_S), FOR_EVER)
    present, options = _scale(_never(action.lifecycle.delete_after), _KEPT_S, FOR_EVER)
    return present, (NO_COPY, *options)


def _vault_knobs(scenario: Scenario, strategy: Strategy) -> Iterator[Knob]:
    used = {
        vault
        for plan in _plans_of(strategy)
        for rule in scenario.backup_plans[plan].rules
        for vault in (rule.target_vault, *(a.destination_vault for _, a in copies(rule.copy_actions)))
    }
    # an air-gapped primary target is nothing else
    gapped = {r.target_air_gapped_vault for plan in _plans_of(strategy) for r in scenario.backup_plans[plan].rules}
    for name, vault in scenario.vaults.items():
        if name in used - gapped:
            about = "Copies into a vault of another lock have luck of their own."
            yield Knob(
                f"vault/{name}/lock",
                "vault",
                (name,),
                f"Lock of {name}",
                vault.lock,
                _LOCKS,
                ordered=False,
                about=about,
            )


def _standby_knobs(scenario: Scenario, strategy: Strategy) -> Iterator[Knob]:
    for name, application in scenario.applications.items():
        own = strategy.standby.get(name)
        sites = tuple(site for site in scenario.sites if site != application.site)
        if not sites:
            continue
        modes = (NONE, *_MODES) if own is None or own.mode in _MODES else (NONE, own.mode, *_MODES)
        key, mode = f"standby/{name}", NONE if own is None else own.mode
        about = (
            "Pilot light: data stores run. Warm standby: a part of the servers runs. Multi-site: all run. Data get "
            "there by replication; what has none is restored there from backups."
        )
        yield Knob(f"{key}/mode", "standby", (name,), "Standby", mode, modes, ordered=False, about=about)
        site = sites[0] if own is None else own.site
        yield Knob(
            f"{key}/site", "standby", (name,), "Standby at", site, tuple(dict.fromkeys((site, *sites))), ordered=False
        )
        capacity = 0.25 if own is None else own.capacity
        shares = tuple(f"{100 * share:g} %" for share in sorted({*_CAPACITIES, capacity}))
        yield Knob(
            f"{key}/capacity",
            "standby",
            (name,),
            "Servers running",
            f"{100 * capacity:g} %",
            shares,
            about="Of a warm standby.",
        )


def _replication_knobs(scenario: Scenario, strategy: Strategy, catalogue: Catalogue) -> Iterator[Knob]:
    for name, subject in subjects(scenario).items():
        kind = catalogue.find_type(subject.resource.type)
        if kind is None or subject.resource.stateless or not kind.replication:
            continue
        home = scenario.applications[subject.application].site
        others = [site for site in scenario.sites if site != home]
        options = [NONE]
        for feature in kind.replication.values():
            options += [feature.name] if feature.scope != "other-site" else []
            options += [f"{feature.name}{_TO}{site}" for site in others if feature.scope != "same-site"]
        present = _replication_of(strategy, subject)
        options += [present] if present not in options else []
        yield Knob(f"replication/{name}", "replication", (name,), "Replication", present, tuple(options), ordered=False)


def _replication_of(strategy: Strategy, subject: Subject) -> str:
    selector = nearest(strategy.replication, *subject.selectable)
    if selector is None:
        return NONE
    found = strategy.features[selector]
    return found.feature if found.to is None else f"{found.feature}{_TO}{found.to}"


_RESPONSE = {"detect": "detect", "declare": "declare", "validate": "validation", "redirect": "redirection"}
_RESPONSE_LABELS = {
    "detect": "Detect, median",
    "declare": "Declare, median",
    "validate": "Validate, median",
    "redirect": "Redirect users, median",
}
_LIMIT_LABELS = {
    "backup_jobs": "Backup jobs at the same time",
    "copy_jobs": "Copy jobs at the same time",
    "restore_jobs": "Restore jobs at the same time",
    "jobs_per_resource": "Jobs of one resource at the same time",
}


def _world_knobs(scenario: Scenario, disruption: str, catalogue: Catalogue) -> Iterator[Knob]:
    about = "The spread goes with it."
    for key, field in _RESPONSE.items():
        median = getattr(scenario.response, field).quantile(0.5)
        yield Knob(f"response/{key}", "response", (), _RESPONSE_LABELS[key], *_scale(median, _HUMAN_S), about=about)
    for key, label in _LIMIT_LABELS.items():
        present, options = _slots(scenario.limits, key)
        note = "One limit for all types and sites, in place of AWS's quotas."
        # what AWS allows has no place among numbers: it differs by type and site
        yield Knob(f"limits/{key}", "limits", (), label, present, options, ordered=False, about=note)
    for key, label, choices in (
        ("dwell", "Dwell, median", _DWELL_S),
        ("duration", "Length of the outage, median", _OUTAGE_S),
    ):
        given = _of_disruption(scenario, disruption, key, catalogue)
        if given is not None:
            values = _scale(given.quantile(0.5), choices)
            yield Knob(f"disruption/{disruption}/{key}", "disruption", (disruption,), label, *values, about=about)


def _slots(limits: Limits, key: str) -> tuple[str, tuple[str, ...]]:
    written = getattr(limits, key)
    numbers = set(_SLOTS)
    if written is None:
        present = QUOTA
    elif (slots := written.get("*")) is None:
        present = UNLIMITED
    else:
        numbers.add(slots)
        present = str(slots)
    ends = (QUOTA,) if written is None else ()
    return present, (*ends, *map(str, sorted(numbers)), UNLIMITED)


def _of_disruption(scenario: Scenario, name: str, key: str, catalogue: Catalogue) -> Distribution | None:
    """Return the dwell or the length of a disruption where it has one: as written, else the catalogue's."""
    written, kind = scenario.disruptions[name], catalogue.disruptions[scenario.disruptions[name].kind]
    if key == "dwell":
        found = kind.dwell.value if written.dwell is None else written.dwell
        return found if found.quantile(0.5) > 0 or kind.dwell.value.quantile(0.5) > 0 else None
    if not kind.ends or kind.duration is None:
        return None
    return kind.duration.value if written.duration is None else written.duration


# changes of the scenario


def _changes(
    scenario: Scenario,
    data: Mapping[str, Plain],
    strategy: str,
    disruption: str,
    changes: Mapping[str, str],
    name: str,
) -> list[Change]:
    """Return the changes of the data that changes of knobs mean.

    Args:
        scenario: as it is.
        data: its plain data.
        strategy: the one to change.
        disruption: as for `knobs`.
        changes: new values by the keys of knobs; those of other knobs, and values that they do not take, are left out.
        name: of the strategy that gets the changes.
    """
    catalogue = scenario.catalogue
    found = knobs(scenario, strategy, disruption)
    wanted = legal(found, changes)
    if not wanted and name == strategy:
        return []
    return _Writer(scenario, data, strategy, name, catalogue).written(found, wanted)


class _Writer:
    """Collects the changes of one variant."""

    def __init__(
        self, scenario: Scenario, data: Mapping[str, Plain], strategy: str, name: str, catalogue: Catalogue
    ) -> None:
        self._scenario, self._catalogue = scenario, catalogue
        self._own = scenario.strategies[strategy]
        self._old, self._name = strategy, name
        # any: plain data, whose form the scenario has checked
        self._data: Any = data
        self._plans: dict[str, Any] = {}
        self._made: list[Change] = []

    def written(self, found: Sequence[Knob], wanted: Mapping[str, str]) -> list[Change]:
        """Return the changes: first of plans and vaults, then of the strategy that uses them, last of the world."""
        by_group: dict[Group, list[tuple[Knob, str]]] = {}
        for knob in found:
            if knob.key in wanted:
                by_group.setdefault(knob.group, []).append((knob, wanted[knob.key]))
        for knob, value in by_group.get("rule", []):
            self._rule(knob, value)
        vaults = {knob.owner[0]: value for knob, value in by_group.get("vault", [])}
        if vaults:
            self._lock(vaults)
        self._strategy()
        self._standbys({knob.key: value for knob, value in by_group.get("standby", [])})
        self._replication({knob.owner[0]: value for knob, value in by_group.get("replication", [])})
        for group in WORLD:
            for knob, value in by_group.get(group, []):
                self._world(knob, value)
        return self._made

    def _plan(self, plan: str) -> Any:  # noqa: ANN401  # plain data
        """Return the plan of its own that the variant has instead of one of the strategy's."""
        if plan not in self._plans:
            self._plans[plan] = deepcopy(self._data["backup_plans"][plan])
            self._plans[plan].pop("file", None)
        return self._plans[plan]

    def _rule(self, knob: Knob, value: str) -> None:
        _, rest = knob.key.split("/", 1)
        plan = knob.owner[0]
        number, what = rest.removeprefix(f"{plan}/").split("/", 1)
        rule = self._plan(plan)["rules"][int(number)]
        if what == "every":
            rule.pop("schedule", None)
            rule["every"] = value
        elif what == "start_window":
            rule["start_window"] = value
        elif what == "continuous":
            rule["enable_continuous_backup"] = value == ON
        elif what.startswith("copy/"):
            _copy(rule, what.removeprefix("copy/"), value)
        else:
            _set_lifecycle(rule, what, value)

    def _lock(self, locks: Mapping[str, str]) -> None:
        """Give the variant vaults of its own, and have its plans use them."""
        taken = dict(self._data.get("vaults") or {})
        names: dict[str, str] = {}
        for vault, lock in locks.items():
            made = {**(taken.get(vault) or {}), "lock": lock}
            if lock == NONE:
                # only a lock refuses retentions
                made = {key: value for key, value in made.items() if key not in ("min_retention", "max_retention")}
            wanted = f"{vault}-{lock if lock != NONE else 'unlocked'}"
            same = taken.get(wanted[:_LONGEST_VAULT]) == made
            name = wanted[:_LONGEST_VAULT] if same else free_name(wanted, taken, _LONGEST_VAULT)
            names[vault], taken[name] = name, made
            if not same:
                self._made.append(Placement(("vaults", name), made))
        for plan in _plans_of(self._own):
            if _uses(self._plans.get(plan, self._data["backup_plans"][plan])["rules"], names):
                _exchange(self._plan(plan)["rules"], names)

    def _strategy(self) -> None:
        """Have the strategy use its own plans, on a copy where it is a new one."""
        taken = list(self._data.get("backup_plans") or {})
        names: dict[str, str] = {}
        for plan, rules in self._plans.items():
            wanted = f"{plan} (changed)" if self._name == self._old else self._name
            wanted = wanted if len(self._plans) == 1 or self._name == self._old else f"{self._name}-{plan}"
            names[plan] = free_name(wanted, taken, 200)
            taken.append(names[plan])
            self._made.append(Placement(("backup_plans", names[plan]), rules))
        own = self._data["strategies"][self._old] or {}
        if self._name != self._old:
            self._made.append(Placement(("strategies", self._name), own))
        if names:
            self._made.append(Placement(("strategies", self._name, "backup"), _renamed(own.get("backup"), names)))

    def _standbys(self, wanted: Mapping[str, str]) -> None:
        for name in dict.fromkeys(key.split("/")[1] for key in wanted):
            loc = ("strategies", self._name, "standby", name)
            own = self._own.standby.get(name)
            mode = wanted.get(f"standby/{name}/mode", NONE if own is None else own.mode)
            if mode == NONE:
                if own is not None:
                    self._made.append(Removal(loc))
                continue
            if own is None:
                home = self._scenario.applications[name].site
                site = next(site for site in self._scenario.sites if site != home)
                self._made.append(Placement(loc, {"mode": mode, "site": wanted.get(f"standby/{name}/site", site)}))
            for key in ("mode", "site", "capacity"):
                if f"standby/{name}/{key}" in wanted:
                    self._made.append(Placement((*loc, key), wanted[f"standby/{name}/{key}"]))

    def _replication(self, wanted: Mapping[str, str]) -> None:
        if not wanted:
            return
        known = subjects(self._scenario)
        loc = ("strategies", self._name, "replication")
        written = (self._data["strategies"][self._old] or {}).get("replication") or {}
        broad = [s for s in self._own.features if specificity(s) < RESOURCE_SPECIFICITY]
        excluding = len(self._own.features) < len(self._own.replication)
        if (broad and NONE in wanted.values()) or excluding:
            # what is excluded gets nothing from any selector: each resource that stays replicated gets its own entry
            entries = {}
            for name, subject in known.items():
                selector = nearest(self._own.replication, *subject.selectable)
                if selector is not None and not subject.resource.stateless:
                    entries[name] = deepcopy(written.get(selector) or self._replication_data(selector))
            self._made.append(Placement(loc, entries))
        for name, value in wanted.items():
            if value == NONE:
                self._made.append(Removal((*loc, name)))
            else:
                feature, _, to = value.partition(_TO)
                self._made.append(
                    Placement((*loc, name), {"feature": feature, "to": to} if to else {"feature": feature})
                )

    def _replication_data(self, selector: str) -> dict[str, Plain]:
        return self._own.features[selector].model_dump(mode="json", exclude_unset=True, exclude_none=True)

    def _world(self, knob: Knob, value: str) -> None:
        if knob.group == "limits":
            key = knob.key.removeprefix("limits/")
            slots: Plain = UNLIMITED if value == UNLIMITED else int(value)
            mapped = isinstance((self._data.get("limits") or {}).get(key), dict)
            self._made.append(Placement(("limits", key, "*") if mapped else ("limits", key), slots))
        elif knob.group == "response":
            key = knob.key.removeprefix("response/")
            present = getattr(self._scenario.response, _RESPONSE[key])
            self._made.append(Placement(("response", key), _with_median(present, value)))
        else:
            name, key = knob.owner[0], knob.key.rsplit("/", 1)[1]
            given = _of_disruption(self._scenario, name, key, self._catalogue)
            if given is not None:
                self._made.append(Placement(("disruptions", name, key), _with_median(given, value)))


def _copy(rule: Any, vault: str, value: str) -> None:  # noqa: ANN401  # plain data
    """Change the first copy of a rule into a vault."""
    found = _place(rule.get("copy_actions") or [], vault)
    if found is None:
        life = {} if value == FOR_EVER else {"delete_after": value}
        rule["copy_actions"] = [*(rule.get("copy_actions") or []), {"destination_vault": vault, "lifecycle": life}]
        return
    actions, k = found
    if value == NO_COPY:
        del actions[k]
    elif value == AS_RULE:
        actions[k].pop("lifecycle", None)
    else:
        _set_lifecycle(actions[k], "delete_after", value)


def _place(actions: list[Any], vault: str) -> tuple[list[Any], int] | None:
    """Return the list with the first copy into a vault, and its place there; in the order of `copies`."""
    for k, action in enumerate(actions):
        if action["destination_vault"] == vault:
            return actions, k
        below = _place(action.get("then") or [], vault)
        if below is not None:
            return below
    return None


def _set_lifecycle(owner: Any, key: str, value: str) -> None:  # noqa: ANN401  # plain data
    life = dict(owner.get("lifecycle") or {})
    life.pop(key, None)
    if value not in (NEVER, FOR_EVER):
        life[key] = value
    owner["lifecycle"] = life


def _uses(rules: Iterable[Any], vaults: Mapping[str, str]) -> bool:
    return any(
        rule.get("target_vault") in vaults
        or rule.get("target_air_gapped_vault") in vaults
        or _copied_into(rule.get("copy_actions") or (), vaults)
        for rule in rules
    )


def _copied_into(actions: Iterable[Any], vaults: Mapping[str, str]) -> bool:
    return any(a["destination_vault"] in vaults or _copied_into(a.get("then") or (), vaults) for a in actions)


def _exchange(rules: Iterable[Any], names: Mapping[str, str]) -> None:
    """Exchange the names of vaults in rules or copy actions, in place."""
    for each in rules:
        for key in ("target_vault", "target_air_gapped_vault", "destination_vault"):
            if key in each:
                each[key] = names.get(each[key], each[key])
        for key in ("copy_actions", "then"):
            _exchange(each.get(key) or (), names)


def _renamed(backup: Plain, names: Mapping[str, str]) -> Plain:
    """Return a strategy's backup, in any form that may be written, with plans exchanged."""
    if isinstance(backup, str):
        return names.get(backup, backup)
    if isinstance(backup, list):
        return [_renamed(plan, names) for plan in backup]
    if isinstance(backup, dict):
        return {selector: _renamed(plans, names) for selector, plans in backup.items()}
    return backup


def _with_median(given: Distribution, median: str) -> Plain:
    """Return a distribution as a scenario holds it, stretched to another median; what is nothing becomes constant."""
    present, wanted = given.quantile(0.5), duration_s(median)
    if present == 0 or wanted == 0:
        return median
    found: Any = write_distribution("duration", _stretched(given, wanted / present), duration_s)
    if isinstance(found, dict) and "median" in found:
        found["median"] = median
    result: Plain = found
    return result


def _stretched(given: Distribution, factor: float) -> Distribution:
    found: Distribution = Constant(given.quantile(0.5) * factor)
    match given:
        case Lognormal():
            found = Lognormal(given.median * factor, given.sigma, given.cap * factor, given.floor * factor)
        case Uniform():
            found = Uniform(given.low * factor, given.high * factor)
        case Exponential():
            found = Exponential(given.scale * factor)
        case Triangular():
            found = Triangular(given.low * factor, given.mode * factor, given.high * factor)
        case Weibull():
            found = Weibull(given.scale * factor, given.shape)
        case Empirical():
            found = Empirical(tuple(value * factor for value in given.values))
        case Scaled():
            found = _stretched(given.base, factor * given.factor)
    return found
