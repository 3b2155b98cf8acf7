"""With which strategy and disruption a page opens, where nobody has chosen any: those that say most."""

from __future__ import annotations

from collections import defaultdict

from drsim.report.cost_tables import yearly_losses
from drsim.report.tables import records
from drsim.study.results import Result
from drsim.study.verdicts import UNMET, VERDICTS


def opening(result: Result, strategy: str | None = None, disruption: str | None = None) -> tuple[str, str]:
    """Return the strategy and the disruption that say most, of a study with at least one of each.

    First come those with the worst verdict that a change could mend: the objectives of an application are not met, and
    another strategy fares better, or nothing is lost for good. Of these the ones with most such applications, then with
    the largest expected loss in a year, then in the scenario's order.

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
        rank = VERDICTS.index(row["verdict"])
        # what every strategy loses alike takes more than a change
        if row["verdict"] in UNMET and (
            rank > best[row["disruption"], row["subject"]] or row["verdict"] in ("breached", "undecided")
        ):
            mendable[row["strategy"], row["disruption"]].append(rank)
    usd = {(each.strategy, each.disruption): each.usd for each in yearly_losses(result)}
    pairs = [
        (s, d)
        for s in result.run["strategies"]
        if strategy is None or s == strategy
        for d in result.run["disruptions"]
        if disruption is None or d == disruption
    ]

    def telling(pair: tuple[str, str]) -> tuple[int, int, float]:
        own = mendable[pair]
        worst = max(own, default=-1)
        return worst, own.count(worst), usd.get(pair, 0.0)

    return max(pairs, key=telling)
