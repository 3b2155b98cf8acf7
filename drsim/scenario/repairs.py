"""Repairs, tried before they are told: each is made, and what is found then is held against what was found before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from drsim.errors import Edit, Weight
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import ERRORS, WARNINGS, WEIGHTS, Finding, Repair

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

    def _settle(self, indices: list[int]) -> None:
        """Try repairs together, and apart where they do not help together."""
        if not indices or self._helps(indices, [self._chosen[i] for i in indices]):
            return
        if len(indices) > 1:
            self._settle(indices[: len(indices) // 2])
            self._settle(indices[len(indices) // 2 :])
            return
        rest = self._findings[indices[0]][1].repairs[1:]
        better = (r for r in rest if not r.edits or self._helps(indices, [r]))
        self._chosen[indices[0]] = next(better, None) or self._least_harm(indices[0])

    def _least_harm(self, i: int) -> Repair:
        """Return the repair that brings least that is lighter than what never happens; else, and of others, none.

        What begins to happen at all may have faults of its own, of which nothing could be told before.
        """
        name, finding = self._findings[i]
        if WEIGHTS.get(name) != Weight.NEVER_HAPPENS:
            return NAMELESS
        harm = [
            (sum(new.values()), repair)
            for repair in finding.repairs
            if repair.edits
            and (new := self._brought([i], [repair])) is not None
            and not any(WEIGHTS[check] == Weight.NEVER_HAPPENS for check in new)
        ]
        return min(harm, key=lambda option: option[0], default=(0, NAMELESS))[1]

    def _helps(self, indices: Iterable[int], repairs: Iterable[Repair]) -> bool:
        """Return whether repairs rid the scenario of their findings and bring nothing new that is as bad."""
        return self._brought(indices, repairs) == Counter()

    def _brought(self, indices: Iterable[int], repairs: Iterable[Repair]) -> Counter[str] | None:
        """Return what repairs bring that is as bad as what they repair; None where they do not repair it."""
        if self._trials >= MOST_TRIALS:
            return None
        self._trials += 1
        before = self._before()
        edits = [edit for repair in repairs for edit in repair.edits]
        after = self._trial(edits)
        if after is None:
            return None
        names = [self._findings[i][0] for i in indices]
        # what is found elsewhere than by the scenario's own checks is not looked for again
        corrected = Counter(name for name in names if name in ERRORS or name in WARNINGS)
        if before.errors:
            fewer = all(after.errors[c] <= before.errors[c] - corrected[c] for c in after.errors | corrected)
            return Counter() if fewer and not any(edit.loc in after.heavy for edit in edits) else None
        if after.errors or any(after.warnings[c] > before.warnings[c] - corrected[c] for c in corrected):
            return None
        least = min(Weight.LOSES_MORE, *(WEIGHTS[name] for name in names))
        watched = {check for check in after.warnings if WEIGHTS[check] >= least}
        return Counter(
            {c: n for c in watched if (n := after.warnings[c] - before.warnings[c]) > 0 and c not in corrected}
        )
