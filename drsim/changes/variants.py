"""Variants of a scenario: a strategy with other choices, as a scenario and as its text.

A strategy is changed on plans and vaults of its own, so that the other strategies stay as they are; rules keep their
names, which name their luck. Only copies into a vault whose lock changes have luck of their own, since they go into
another vault. Choices are values of knobs by the knobs' keys; those of other knobs, and values that a knob does not
take, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from drsim.changes import edits
from drsim.changes.knob import Knob, Target, plans_of
from drsim.changes.knobs import knobs, legal
from drsim.changes.vaults import LOCK, uses
from drsim.changes.writing import differences, written_data
from drsim.scenario import Scenario
from drsim.scenario.edit import Change, changed, edited, free_name, quick_text
from drsim.scenario.nodes import Loc

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Variant:
    """A scenario with a strategy changed.

    Attributes:
        scenario: it, unchecked: what AWS refuses is found when its text is read.
        origins: places of plans and strategies that began as copies, with the places of what they are made from.
    """

    scenario: Scenario
    origins: Mapping[Loc, Loc] = field(default_factory=dict)


def varied(
    scenario: Scenario, strategy: str, disruption: str, choices: Mapping[str, str], name: str | None = None
) -> Variant:
    """Return a scenario with a strategy changed.

    Args:
        scenario: a right one.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        choices: values by the keys of knobs.
        name: of the strategy that gets the choices; the same where left out, else a new one beside the others.
    """
    name = strategy if name is None else name
    known = knobs(scenario, strategy, disruption)
    wanted = legal(known, choices)
    if not wanted and name == strategy:
        return Variant(scenario)
    chosen = [knob for knob in known if knob.key in wanted]
    plans = _names(scenario, strategy, name, list(_plans_touched(scenario, strategy, chosen)))
    steps = [edits.with_plans_apart(strategy, name, plans)]
    steps += [knob.edit(Target(name, plans.get(knob.plan, "")), wanted[knob.key]) for knob in chosen]
    origins: dict[Loc, Loc] = {("backup_plans", new): ("backup_plans", old) for old, new in plans.items()}
    if name != strategy:
        origins[("strategies", name)] = ("strategies", strategy)
    return Variant(edits.together(steps)(scenario), origins)


def _plans_touched(scenario: Scenario, strategy: str, chosen: Iterable[Knob]) -> dict[str, None]:
    """Return the plans that choices change: of the rules themselves, and of the vaults that they write into."""
    touched = dict.fromkeys(knob.plan for knob in chosen if knob.plan)
    vaults = [knob.owner[0] for knob in chosen if knob.change is LOCK]
    for plan in plans_of(scenario.strategies[strategy]):
        if any(uses(scenario.backup_plans[plan].rules, vault) for vault in vaults):
            touched.setdefault(plan)
    return touched


def _names(scenario: Scenario, strategy: str, name: str, plans: list[str]) -> dict[str, str]:
    """Return names for plans of a strategy's own, by those that they are made from."""
    taken, names = list(scenario.backup_plans), dict[str, str]()
    for plan in plans:
        wanted = f"{plan} (changed)"
        if name != strategy:
            wanted = name if len(plans) == 1 else f"{name}-{plan}"
        names[plan] = free_name(wanted, taken, _LONGEST_NAME)
        taken.append(names[plan])
    return names


def applied(scenario: Scenario, strategy: str, disruption: str, choices: Mapping[str, str]) -> str:
    """Return the text of a scenario with a strategy changed; quick to make and to read, for programs only.

    Args:
        scenario: a right one, as it is.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        choices: values by the keys of knobs.
    """
    variant = varied(scenario, strategy, disruption, choices)
    return quick_text(changed(written_data(scenario), _changes(scenario, variant)))


def with_changes(text: str, scenario: Scenario, strategy: str, disruption: str, choices: Mapping[str, str]) -> str:
    """Return the text of a scenario with a strategy changed, its comments kept.

    Args:
        text: of the scenario; it names no files.
        scenario: what it says.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        choices: values by the keys of knobs.
    """
    return edited(text, _changes(scenario, varied(scenario, strategy, disruption, choices)))


def kept(text: str, scenario: Scenario, strategy: str, disruption: str, choices: Mapping[str, str], name: str) -> str:
    """Return the text of a scenario with the changed strategy as a new one beside the others, its comments kept.

    Choices of the world hold for all strategies.

    Args:
        text: of the scenario; it names no files.
        scenario: what it says.
        strategy: the name of the one to change.
        disruption: as for `knobs`.
        choices: values by the keys of knobs.
        name: of the new strategy.

    Raises:
        ValueError: a strategy has this name, or it is empty.
    """
    if not name.strip() or name in scenario.strategies:
        raise ValueError(f"{name!r} cannot be the name of a new strategy")
    return edited(text, _changes(scenario, varied(scenario, strategy, disruption, choices, name)))


def _changes(scenario: Scenario, variant: Variant) -> list[Change]:
    return differences(scenario, variant.scenario, variant.origins)
