"""Repairs, tried before they are told: each is made, and what is found then is held against what was found before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from drsim.errors import Edit, Weight
from drsim.scenario.registry import ERRORS, WARNINGS, WEIGHTS, Finding, Repair
from drsim.scenario.source import Loc

MOST_TRIALS = 60
"""Times that a scenario is checked anew at most: repairs beyond them stay untold, being untried."""

NAMELESS = Repair("")
"""Where nothing is told."""


@dataclass(frozen=True)
class State:
    """What the checks find in a scenario.

    Attributes:
        errors: how often each check of errors finds something.
        warnings: the same of warnings, which are only looked for where there are no errors.
        heavy: places of warnings of what loses more than thought, or all.
    """

    errors: Counter[str]
    warnings: Counter[str]
    heavy: frozenset[Loc]


Trial = Callable[[Sequence[Edit]], State | None]
"""What edits lead to; None where nothing can be read any more."""


class Repairs:
    """Chooses a repair for each finding: the first of its own that helps and does no harm.

    Args:
        findings: with the identifiers of their checks, all errors or all warnings.
        before: asked, once there is something to try, for what the checks find as it stands.
        trial: makes edits and checks again.
    """

    def __init__(self, findings: Sequence[tuple[str, Finding]], before: Callable[[], State], trial: Trial) -> None:
        self._findings, self._before, self._trial = findings, cache(before), trial
        self._trials = 0
        self._chosen = [next(iter(finding.repairs), NAMELESS) for _, finding in findings]

    def chosen(self) -> list[Repair]:
        """Return a repair for each finding; an empty one where none is known that helps."""
        self._settle([i for i, repair in enumerate(self._chosen) if repair.edits])
        return self._chosen

    def _settle(self, some: list[int]) -> None:
        """Try repairs together, and apart where they do not help together."""
        if not some or self._helps(some, [self._chosen[i] for i in some]):
            return
        if len(some) > 1:
            self._settle(some[: len(some) // 2])
            self._settle(some[len(some) // 2 :])
            return
        rest = self._findings[some[0]][1].repairs[1:]
        self._chosen[some[0]] = next((r for r in rest if not r.edits or self._helps(some, [r])), NAMELESS)

    def _helps(self, some: Iterable[int], repairs: Iterable[Repair]) -> bool:
        """Return whether repairs rid the scenario of their findings and bring nothing new that is as bad."""
        if self._trials >= MOST_TRIALS:
            return False
        self._trials += 1
        before = self._before()
        edits = [edit for repair in repairs for edit in repair.edits]
        after = self._trial(edits)
        if after is None:
            return False
        names = [self._findings[i][0] for i in some]
        # what is found elsewhere than by the scenario's own checks is not looked for again
        own = Counter(name for name in names if name in ERRORS or name in WARNINGS)
        if before.errors:
            fewer = all(after.errors[c] <= before.errors[c] - own[c] for c in after.errors | own)
            return fewer and not any(edit.loc in after.heavy for edit in edits)
        least = min(Weight.LOSES_MORE, *(WEIGHTS[name] for name in names))
        watched = {check for check in after.warnings if WEIGHTS[check] >= least} | own.keys()
        return not after.errors and all(after.warnings[c] <= before.warnings[c] - own[c] for c in watched)
