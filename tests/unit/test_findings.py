"""What a study found out, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from drsim.report.findings import (
    estate_finding,
    findings,
    judged_application,
    telling_disruption,
    worst_verdicts,
    year_finding,
)
from drsim.scenario import Objectives, ObjectiveSet, load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.drills import run
from drsim.study.incidents import NotKept
from drsim.study.results import Result

ASKED = {"shop": Objectives(rpo="1 h", rto="4 h")}
"""What is asked of applications."""


def result(verdicts: dict[str, tuple[str, str]], usd: dict[str, float | None]) -> Result:
    """Return a result of strategies against fire and flood, with these verdicts and costs."""
    rows = [
        {"strategy": name, "disruption": d, "level": "application", "subject": "shop", "verdict": verdict}
        for name, both in verdicts.items()
        for d, verdict in zip(("fire", "flood"), both, strict=True)
    ]
    costs = pd.DataFrame(
        [{"strategy": name, "line": "total", "usd_per_month": cost, "basis": ""} for name, cost in usd.items()]
    )
    run = {"strategies": list(verdicts), "disruptions": ["fire", "flood"]}
    return Result(NotKept(), pd.DataFrame(rows), pd.DataFrame(), costs, pd.DataFrame(), (), run)


def test_cheapest_of_those_that_meet_all_is_named() -> None:
    """Not the cheapest of all, and not the first."""
    found = result(
        {"a": ("met", "breached"), "b": ("met", "met"), "c": ("met", "no-objective")}, {"a": 1.0, "b": 30.0, "c": 20.0}
    )
    (sentence,) = findings(found, ASKED)
    assert "c is the cheapest strategy that meets its objectives (RPO 1 h, RTO 4 h in 95 % of drills) " in sentence
    assert " under all 2 disruptions, for 20 USD/month" in sentence
    assert sentence.endswith("; b does so, too.")


def test_nearest_is_named_with_what_it_misses() -> None:
    """Where none meets all, the one that misses least, and what it misses with the verdict."""
    found = result({"a": ("breached", "unrecoverable"), "b": ("met", "undecided")}, {"a": 1.0, "b": 2000.0})
    sentence = findings(found, ASKED)[0]
    assert "its objectives (RPO 1 h, RTO 4 h in 95 % of drills) under all 2 disruptions" in sentence
    assert sentence.startswith("shop: no strategy surely meets its objectives")
    assert "b comes nearest with 1 of 2, for 2,000 USD/month: more drills decide flood." in sentence
    one = findings(result({"a": ("breached", "undecided")}, {"a": 1.0}), ASKED)[0]
    assert "it misses fire (breached); more drills decide flood." in one


def test_objectives_of_single_disruptions_are_named() -> None:
    """Most come first; what differs is named with its disruption."""
    found = result({"a": ("met", "met")}, {"a": 1.0})
    one = Objectives(rto="4 h", attainment=0.9, **{"for": {"flood": ObjectiveSet(rto="8 h")}})
    assert "(RTO 4 h in 90 % of drills; others under flood)" in findings(found, {"shop": one})[0]
    none = Objectives(**{"for": {"flood": ObjectiveSet(rpo="8 h")}})
    assert "(none; others under flood)" in findings(found, {"shop": none})[0]


def test_many_applications_are_counted() -> None:
    """One sentence for all: of how many applications a strategy meets everything, and of how many perhaps."""
    found = result({"a": ("met", "breached"), "b": ("met", "met")}, {"a": 1.0, "b": 30.0})
    other = result({"a": ("met", "undecided"), "b": ("met", "unrecoverable")}, {"a": 1.0, "b": 30.0})
    both = pd.concat([found.summary, other.summary.assign(subject="crm")], ignore_index=True)
    sentence = estate_finding(replace(found, summary=both))
    assert sentence == (
        "Objectives of 2 applications, each under all disruptions: a (1 USD/month) meets those of none, and more "
        "drills decide 1; b (30 USD/month) meets those of 1."
    )


def test_applications_without_objectives_meet_nothing() -> None:
    """They are counted apart; where none has objectives the sentence says so."""
    none = result({"a": ("no-objective", "no-objective")}, {"a": 1.0})
    assert "nothing is judged" in estate_finding(none)
    some = result({"a": ("met", "met")}, {"a": 1.0})
    both = pd.concat([none.summary, some.summary.assign(subject="crm")], ignore_index=True)
    found = replace(none, summary=both)
    assert estate_finding(found).startswith(
        "Objectives of 1 applications, each under all disruptions; 1 more have none: a"
    )
    assert estate_finding(found).endswith("meets those of 1.")
    assert judged_application(found) == "crm"
    assert judged_application(none) == "shop"


def test_the_telling_disruption_sets_strategies_apart() -> None:
    """The one with the most verdicts, and the first of several."""
    found = result({"a": ("met", "breached"), "b": ("met", "met"), "c": ("met", "unrecoverable")}, {})
    assert telling_disruption(found) == "flood"
    assert telling_disruption(result({"a": ("met", "breached")}, {})) == "fire"


def test_cheapest_year_is_bill_and_losses_together() -> None:
    """The sentence adds up bill and losses, and says nothing where a price is missing for some strategies only."""
    scenario = load_scenario(shipped_scenarios()["web-shop"])
    found = run(scenario, drills=40, workers=1, keep_incidents=False)
    sentence = year_finding(found)
    years = {}
    for name in found.run["strategies"]:
        costs, events = (frame[frame["strategy"] == name] for frame in (found.costs, found.events))
        bill = 12 * costs.loc[costs["line"] == "total", "usd_per_month"].item()
        totals = events[(events["line"] == "total") & (events["application"] == "shop")]
        years[name] = bill + totals["expected_yearly_loss_usd"].sum()
    best = min(years, key=years.__getitem__)
    assert f"lowest with {best}: " in sentence
    assert "leaving out analytics, whose losses have no price" in sentence
    alone = replace(found, run=found.run | {"strategies": ["copies"]})
    assert year_finding(alone) == ""
    unknown = found.costs.assign(usd_per_month=found.costs["usd_per_month"].where(found.costs["strategy"] != "copies"))
    assert year_finding(replace(found, costs=unknown)) == ""


def test_the_worst_verdict_counts() -> None:
    """Over all disruptions; where nothing is wanted, nothing is missed."""
    verdicts = [("a", "met"), ("a", "no-objective"), ("b", "unrecoverable"), ("b", "unprotected"), ("c", "undecided")]
    rows = [{"strategy": name, "subject": "shop", "verdict": verdict} for name, verdict in verdicts]
    found = {name: verdict for (name, _), verdict in worst_verdicts(rows).items()}
    assert found == {"a": "met", "b": "unprotected", "c": "undecided"}


def test_unknown_prices_come_last() -> None:
    """A strategy without a price is not the cheapest, and its cost is called unknown."""
    found = result({"a": ("met", "met"), "b": ("met", "met")}, {"a": None, "b": 9.0})
    assert "b is the cheapest" in findings(found, ASKED)[0]
    assert "unknown" in findings(result({"a": ("met", "met")}, {"a": None}), ASKED)[0]


def test_without_objectives_nothing_is_judged() -> None:
    """The sentence says so rather than calling it met."""
    found = result({"a": ("no-objective", "no-objective")}, {"a": 1.0})
    assert findings(found, ASKED) == ("shop: no objectives are set, so that nothing is judged.",)
