"""What a change is: something that can be chosen otherwise, and how a choice acts on a scenario or on a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, ParamSpec

from drsim.scenario import Scenario
from drsim.world import World

Edit = Callable[[Scenario], Scenario]
"""A choice made: a scenario to the scenario with it.

It is a typed copy that nothing checks again, so that a value may be put where only a study needs it."""

WorldEdit = Callable[[World], World]
"""A choice that no scenario can say, made: a world to the world with it."""

Group = Literal[
    "rule", "vault", "standby", "replication", "response", "limits", "disruption", "estate", "law", "recovery", "plan"
]
"""What a change is about."""

P = ParamSpec("P")


@dataclass(frozen=True)
class Change:
    """Something that can be chosen otherwise.

    Attributes:
        id: names it in the registry: its group and what of it is changed, `rule.schedule`.
        group: what it is about.
        words: what is changed, in words.
    """

    id: str
    group: Group
    words: str


@dataclass(frozen=True)
class ScenarioChange(Change, Generic[P]):
    """A change that a scenario can say.

    Attributes:
        edit: where and what is chosen, to the edit that puts it there.
        values: what is worth choosing, in canonical units, where this is the same everywhere.
    """

    edit: Callable[P, Edit]
    values: tuple[float | str | bool, ...] = ()


@dataclass(frozen=True)
class WorldChange(Change, Generic[P]):
    """A change of what is compiled: of what no scenario can say, or that is tried on one incident.

    Attributes:
        edit: where and what is chosen, to the edit that puts it there.
    """

    edit: Callable[P, WorldEdit]
