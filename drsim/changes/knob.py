"""A knob: one thing that can be chosen of a strategy or its world, as text that reads well."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drsim.changes.model import Change, Edit, Group
from drsim.scenario.plans import Strategy
from drsim.scenario.writing import write_quantity
from drsim.units import duration_s

NEVER, FOR_EVER, NONE = "never", "for ever", "none"
"""Values in place of a time or of a choice."""


@dataclass(frozen=True)
class Target:
    """What a knob acts on: the strategy that is changed, and its plan in place of the knob's own.

    Attributes:
        strategy: its name.
        plan: name of the plan that has the rule; empty for knobs of no rule.
    """

    strategy: str
    plan: str = ""


@dataclass(frozen=True)
class Knob:
    """One thing that can be chosen.

    Attributes:
        change: what it changes.
        key: names it among the choices.
        owner: whose it is: (plan, rule), or a vault, an application, a resource, a disruption.
        label: what it is called.
        present: its value in the scenario.
        options: the values it may take, the present one among them.
        edit: what a value does, by the target and the value.
        ordered: whether the options lie on a scale.
        about: what to know about it.
        plan: whose rule it is of; empty for others.
    """

    change: Change
    key: str
    owner: tuple[str, ...]
    label: str
    present: str
    options: tuple[str, ...]
    edit: Callable[[Target, str], Edit] = field(repr=False, compare=False)
    ordered: bool = True
    about: str = ""
    plan: str = ""

    @property
    def group(self) -> Group:
        """What it is about."""
        return self.change.group


def spelt(seconds: float) -> str:
    """Return a duration as a scenario has it."""
    return str(write_quantity("duration", seconds, duration_s))


def scale(present_s: float, choices: Sequence[float], endless: str = "") -> tuple[str, tuple[str, ...]]:
    """Return a present duration and all options as text, in order; infinity as the word given for it.

    Args:
        present_s: the duration [s].
        choices: durations [s].
        endless: the word for infinity; empty where it is no choice.
    """
    values = sorted({*choices, present_s, *([math.inf] if endless else [])})
    words = {value: endless if math.isinf(value) else spelt(value) for value in values}
    return words[present_s], tuple(words.values())


def seconds(text: str) -> float:
    """Return what an option of a scale stands for [s]; its words for infinity as that."""
    return math.inf if text in (NEVER, FOR_EVER) else duration_s(text)


def plans_of(strategy: Strategy) -> tuple[str, ...]:
    """Return the plans of a strategy, each once, in the order written."""
    return tuple(dict.fromkeys(plan for _, plans in strategy.backup for plan in plans))
