"""With which strategy and disruption a page opens, where nobody has chosen any: those that say most."""

from __future__ import annotations

from collections import defaultdict

from drsim.report.losses import yearly_losses
from drsim.report.tables import records
from drsim.study.results import Result
from drsim.study.verdicts import LOSING, VERDICTS


def opening(result: Result, strategy: str | None = None, disruption: str | None = None) -> tuple[str, str]:
    """Return the strategy and the disruption that say most, of a study with at least one of each.

    First come those that miss an objective, which a change may mend; then those that lose all, where another strategy
    does not; then what drills have not decided. Of these the ones with the largest expected loss in a year come first,
    then those with most such applications, then the scenario's order.

    Args:
        result: of a study.
        strategy: one that is chosen already; None where none is.
        disruption: likewise.
    """
    rows = records(result.summary[result.summary["level"] == "application"])
    best: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row["disruption"], row["subject"]
        best[key] = min(best.get(key, len(VERDICTS)), VERDICTS.index(row["verdict"]))
    mendable = defaultdict[tuple[str, str], list[int]](list)
    for row in rows:
        if weight := _weight(row["verdict"], best[row["disruption"], row["subject"]]):
            mendable[row["strategy"], row["disruption"]].append(weight)
    usd = {(loss.strategy, loss.disruption): loss.usd for loss in yearly_losses(result)}
    pairs = [
        (s, d)
        for s in result.run["strategies"]
        if strategy is None or s == strategy
        for d in result.run["disruptions"]
        if disruption is None or d == disruption
    ]

    def telling(pair: tuple[str, str]) -> tuple[int, float, int]:
        weights = mendable[pair]
        most = max(weights, default=0)
        return most, usd.get(pair, 0.0), weights.count(most)

    return max(pairs, key=telling)


def _weight(verdict: str, best: int) -> int:
    """Return how much a verdict says: more where a change may mend more; 0 where there is nothing to mend.

    Args:
        verdict: on an application.
        best: position among `VERDICTS` of the best one on it under any strategy.
    """
    if verdict in LOSING:
        # what every strategy loses alike takes more than a change
        return 2 if VERDICTS[best] not in LOSING else 0
    return {"breached": 3, "undecided": 1}.get(verdict, 0)
