"""What a study found out, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from drsim.report.findings import estate_finding, findings, headline, year_finding
from drsim.report.judgements import judged_application, telling_disruption, worst_verdicts
from drsim.scenario import Objectives, ObjectiveSet, load_scenario
from drsim.scenario.shipped import shipped_scenarios
from drsim.study.drills import run
from drsim.study.incidents import NotKept
from drsim.study.results import Result

ASKED = {"shop": Objectives(rpo="1 h", rto="4 h")}
"""What is asked of applications."""


def shares(name: str, p: float) -> dict[str, float]:
    """Return a share with some interval."""
    return {name: p, f"{name}_lo": max(0.0, p - 0.05), f"{name}_hi": min(1.0, p + 0.05)}


def judged(verdict: str, **cells: object) -> dict[str, object]:
    """Return the cells of a row with a verdict, and what goes with it."""
    meets = {"met": 0.99, "undecided": 0.95, "breached": 0.4}.get(verdict, 0.0)
    lost = {"unrecoverable": 0.6, "unprotected": 1.0}.get(verdict, 0.0)
    both = {
        name: value for name in ("p_meets", "p_meets_rpo", "p_meets_rto") for name, value in shares(name, meets).items()
    }
    row = {"level": "application", "subject": "shop", "verdict": verdict, "rpo_s": 3600.0, "rto_s": 4 * 3600.0}
    row |= {"verdict_rpo": "met", "verdict_rto": verdict, "verdict_of": "shop", "drills_to_decide": 72.0}
    return row | both | shares("p_unrecoverable", lost) | cells


def result(verdicts: dict[str, tuple[str, str]], usd: dict[str, float | None]) -> Result:
    """Return a result of strategies against fire and flood, with these verdicts and costs."""
    rows = [
        {"strategy": name, "disruption": d, **judged(verdict)}
        for name, both in verdicts.items()
        for d, verdict in zip(("fire", "flood"), both, strict=True)
    ]
    costs = pd.DataFrame(
        [{"strategy": name, "line": "total", "usd_per_month": cost, "basis": ""} for name, cost in usd.items()]
    )
    run = {"strategies": list(verdicts), "disruptions": ["fire", "flood"]}
    return Result(NotKept(), pd.DataFrame(rows), pd.DataFrame(), costs, pd.DataFrame(), (), run)


def with_losses(found: Result, yearly: dict[str, float | None]) -> Result:
    """Return a result with the expected losses of strategies in a year, under fire alone."""
    common = {
        "disruption": "fire",
        "line": "total",
        "rate_per_year": 0.1,
        "mean_recovery_h": 1.0,
        "mean_rebuild_h": 9.0,
    }
    events = [
        {"strategy": name, "application": application, "expected_yearly_loss_usd": usd, **common}
        for name, usd in yearly.items()
        for application in ("shop", "")
    ]
    return replace(found, events=pd.DataFrame(events))


def test_cheapest_of_those_that_meet_all_is_named() -> None:
    """Not the cheapest of all, and not the first; what nothing reaches and where nothing is asked counts as met."""
    found = result(
        {"a": ("met", "breached"), "b": ("met", "met"), "c": ("unaffected", "no-objective")},
        {"a": 1.0, "b": 30.0, "c": 20.0},
    )
    (sentence,) = findings(found, ASKED)
    assert "c is the cheapest strategy that meets its objectives (RPO 1 h, RTO 4 h in 95 % of drills) " in sentence
    assert " under all 2 disruptions, for 20 USD/month" in sentence
    assert sentence.endswith("; b does so, too.")


def test_nearest_is_named_with_what_it_misses() -> None:
    """Where none meets all, what is missing and the one that misses least."""
    found = result({"a": ("breached", "unrecoverable"), "b": ("met", "undecided")}, {"a": 1.0, "b": 2000.0})
    sentence = findings(found, ASKED)[0]
    assert "its objectives (RPO 1 h, RTO 4 h in 95 % of drills) under all 2 disruptions" in sentence
    assert sentence.startswith("shop: no strategy surely meets its objectives")
    assert "What is missing: under flood b may meet them (72 drills that reach shop decide)." in sentence
    assert "b comes nearest with 1 of 2, for 2,000 USD/month: more drills decide flood." in sentence
    one = findings(result({"a": ("breached", "undecided")}, {"a": 1.0}), ASKED)[0]
    assert (
        "under fire shop meets all at once in 40.0 % of drills at best (a, which meets RTO 4 h in 40.0 %); under "
        in one
    )
    assert one.endswith("it misses fire (breached); more drills decide flood.")


def test_nearest_never_loses_everything_where_another_survives() -> None:
    """One that is breached everywhere is nearer than one that is lost once, though it costs more and meets less."""
    for lost in ("unrecoverable", "unprotected"):
        found = result({"gone": ("met", lost), "slow": ("breached", "breached")}, {"gone": 1.0, "slow": 99.0})
        sentence = findings(found, ASKED)[0]
        assert "slow comes nearest with 0 of 2" in sentence
        assert "gone comes" not in sentence
    found = result({"gone": ("met", "unprotected"), "lost": ("unrecoverable", "met")}, {"gone": 1.0, "lost": 9.0})
    sentence = findings(found, ASKED)[0]
    assert "comes nearest" not in sentence
    assert "Each disruption has a strategy that stands it, but no strategy stands all." in sentence
    assert "None comes near, since each loses everything too often: gone under flood; lost under fire." in sentence


def test_nearest_may_lose_what_no_strategy_saves() -> None:
    """Where all lose everything under a disruption, the one that loses nothing else is the nearest."""
    found = result({"a": ("unprotected", "unprotected"), "b": ("unprotected", "breached")}, {"a": 1.0, "b": 9.0})
    sentence = findings(found, ASKED)[0]
    assert sentence.endswith(
        "b comes nearest with 0 of 2, for 9 USD/month: it misses fire (unprotected) and flood (breached)."
    )
    alone = result({"a": ("unprotected", "unprotected")}, {"a": 1.0})
    assert "comes nearest" not in findings(alone, ASKED)[0]


def test_nearest_loses_least_often() -> None:
    """Of two that lose too much the one that loses a tenth is near, not the cheaper one that loses nearly all."""
    found = result(
        {"open": ("unrecoverable", "met"), "locked": ("unrecoverable", "breached")}, {"open": 1.0, "locked": 9.0}
    )
    often = [0.99, 0.0, 0.1, 0.0]
    rows = found.summary.assign(
        p_unrecoverable=often,
        p_unrecoverable_lo=[max(0.0, p - 0.03) for p in often],
        p_unrecoverable_hi=[min(1.0, p + 0.03) for p in often],
    )
    sentence = findings(replace(found, summary=rows), ASKED)[0]
    assert "under fire shop is lost in 10.0 % of drills at best (locked)" in sentence
    assert "locked comes nearest with 0 of 2" in sentence
    # where nobody can tell which of the two loses more, the one that misses less is nearer
    alike = rows.assign(p_unrecoverable_hi=[1.0, 0.0, 0.98, 0.0])
    assert "open comes nearest with 1 of 2" in findings(replace(found, summary=alike), ASKED)[0]


def test_shares_at_best_are_of_what_is_said() -> None:
    """One objective among several is not said to be met at best by the strategy that meets all of them most often."""
    found = result({"quick": ("breached", "met"), "fresh": ("breached", "met")}, {"quick": 1.0, "fresh": 9.0})
    rows = found.summary.assign(p_meets=[0.2, 0.99, 0.7, 0.99], p_meets_rto=[0.995, 0.99, 0.74, 0.99])
    sentence = findings(replace(found, summary=rows), ASKED)[0]
    assert "shop meets all at once in 70.0 % of drills at best (fresh, which meets RTO 4 h in 74.0 %)" in sentence


def test_what_is_missing_where_all_is_lost() -> None:
    """It says what nothing protects, and in how many drills the best strategy loses it."""
    rows = [
        {"strategy": "a", "disruption": "fire", **judged("unprotected", verdict_of="shop.cache")},
        {"strategy": "a", "disruption": "fire", **judged("unprotected", subject="shop.cache", level="resource")},
        {"strategy": "a", "disruption": "flood", **judged("unrecoverable")},
    ]
    found = replace(result({"a": ("met", "met")}, {"a": 1.0}), summary=pd.DataFrame(rows))
    sentence = findings(found, ASKED)[0]
    assert (
        "under fire nothing protects shop.cache; under flood shop is lost in 60.0 % of drills at best (a)." in sentence
    )


def test_losses_where_nothing_is_asked_are_mentioned() -> None:
    """A strategy that is named says what it loses under disruptions without objectives."""
    found = result({"a": ("met", "no-objective")}, {"a": 1.0})
    assert "loses" not in findings(found, ASKED)[0]
    lost = found.summary.assign(p_unrecoverable_lo=[0.0, 0.9], p_unrecoverable=[0.0, 0.97])
    sentence = findings(replace(found, summary=lost), ASKED)[0]
    assert sentence.endswith("; where nothing is asked it loses all in 97.0 % of drills under flood.")


def test_bills_that_leave_out_different_prices_are_not_ranked_without_a_word() -> None:
    """The sentence that names the cheapest says that the order is unsure."""
    found = result({"a": ("met", "met"), "b": ("met", "met")}, {"a": 1.0, "b": 2.0})
    assert "certain" not in findings(found, ASKED)[0]
    unpriced = {"line": "replication", "subject": "shop.db", "place": "dr", "unit": "GiB", "quantity": 1.0}
    unlike = replace(found, costs=pd.concat([found.costs, pd.DataFrame([{"strategy": "a", **unpriced}])]))
    said = findings(unlike, ASKED)[0]
    assert "not certain, since their bills leave out different prices" in said
    assert "for unknown (0 of 1 lines priced); b does so, too" in said
    alike = replace(found, costs=pd.concat([unlike.costs, pd.DataFrame([{"strategy": "b", **unpriced}])]))
    assert "certain" not in findings(alike, ASKED)[0]


def test_money_stands_beside_objectives() -> None:
    """One headline: by objectives first, by money beside it, and why they differ."""
    found = result(
        {"a": ("met", "breached"), "b": ("met", "met"), "c": ("met", "met")}, {"a": 1.0, "b": 30.0, "c": 20.0}
    )
    agree = with_losses(found, {"a": 9_000.0, "b": 500.0, "c": 400.0})
    first, money = headline(agree, ASKED)
    assert "c is the cheapest strategy" in first
    assert money.startswith("By money c is first, too: 640 USD a year, bill and expected losses together.")
    differ = with_losses(found, {"a": 100.0, "b": 500.0, "c": 700.0})
    assert year_finding(differ, ASKED).startswith(
        "By money alone a is first: 112 USD a year, bill and expected losses together. c comes to 940: its bill is 228 "
        "higher, its expected losses are 600 higher. a costs less, but does not surely meet the objectives under flood."
    )
    both = with_losses(found, {"a": 9_000.0, "b": 100.0, "c": 700.0})
    assert (
        "its bill is 120 lower, its expected losses are 600 higher. b costs less, and meets the objectives, too."
        in (year_finding(both, ASKED))
    )
    none = with_losses(
        result({"a": ("met", "breached"), "b": ("breached", "breached")}, {"a": 1.0, "b": 2.0}), {"a": 5.0, "b": 9.0}
    )
    assert "a is first: 17 USD a year" in year_finding(none, ASKED)
    assert "It meets the objectives under 1 of 2 disruptions." in year_finding(none, ASKED)


def test_money_that_cannot_be_compared_says_why() -> None:
    """A bill without a price, and a loss that has one under some strategies only."""
    found = result({"a": ("met", "met"), "b": ("met", "met")}, {"a": 1.0, "b": None})
    assert year_finding(with_losses(found, {"a": 5.0, "b": 9.0}), ASKED) == (
        "By money nothing is said: the bill of b has no price."
    )
    priced = result({"a": ("met", "met"), "b": ("met", "met")}, {"a": 1.0, "b": 2.0})
    assert "what shop would lose has a price under some strategies only" in (
        year_finding(with_losses(priced, {"a": None, "b": 9.0}), ASKED)
    )
    assert year_finding(with_losses(priced, {"a": 0.0, "b": 0.0}), ASKED) == ""


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
        "drills decide 1; b (30 USD/month) meets those of 1; it loses 1 for good too often."
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
    assert "nothing is judged" in estate_finding(result({"a": ("unaffected", "no-objective")}, {"a": 1.0}))
    assert judged_application(none) == "shop"


def test_the_telling_disruption_sets_strategies_apart() -> None:
    """The one with the most verdicts, and the first of several."""
    found = result({"a": ("met", "breached"), "b": ("met", "met"), "c": ("met", "unrecoverable")}, {})
    assert telling_disruption(found) == "flood"
    assert telling_disruption(result({"a": ("met", "breached")}, {})) == "fire"


def test_cheapest_year_is_bill_and_losses_together() -> None:
    """The sentence adds up bill and losses, and leaves out what has no price under any strategy."""
    scenario = load_scenario(shipped_scenarios()["web-shop"])
    asked = {name: own.objectives for name, own in scenario.applications.items()}
    found = run(scenario, drills=40, workers=1, keep_incidents=False)
    sentence = year_finding(found, asked)
    years = {}
    for name in found.run["strategies"]:
        costs, events = (frame[frame["strategy"] == name] for frame in (found.costs, found.events))
        bill = 12 * costs.loc[costs["line"] == "total", "usd_per_month"].item()
        totals = events[(events["line"] == "total") & (events["application"] == "shop")]
        years[name] = bill + totals["expected_yearly_loss_usd"].sum()
    best = min(years, key=years.__getitem__)
    assert f"{best} is first" in sentence
    assert "leaving out analytics, whose losses have no price" in sentence
    alone = replace(found, run=found.run | {"strategies": ["copies"]})
    assert year_finding(alone, asked) == ""


def test_the_worst_verdict_counts() -> None:
    """Over all disruptions; where nothing is wanted, nothing is missed."""
    verdicts = [("a", "met"), ("a", "no-objective"), ("b", "unrecoverable"), ("b", "unprotected"), ("c", "undecided")]
    verdicts += [("c", "unaffected"), ("d", "unaffected")]
    rows = [{"strategy": name, "subject": "shop", "verdict": verdict} for name, verdict in verdicts]
    found = {name: verdict for (name, _), verdict in worst_verdicts(rows).items()}
    assert found == {"a": "met", "b": "unprotected", "c": "undecided", "d": "unaffected"}


def test_unknown_prices_come_last() -> None:
    """A strategy without a price is not the cheapest, and its cost is called unknown."""
    found = result({"a": ("met", "met"), "b": ("met", "met")}, {"a": None, "b": 9.0})
    assert "b is the cheapest" in findings(found, ASKED)[0]
    assert "unknown" in findings(result({"a": ("met", "met")}, {"a": None}), ASKED)[0]


def test_without_objectives_nothing_is_judged() -> None:
    """The sentence says so rather than calling it met."""
    found = result({"a": ("no-objective", "no-objective")}, {"a": 1.0})
    assert findings(found, ASKED) == ("shop: no objectives are set, so that nothing is judged.",)
    apart = result({"a": ("unaffected", "unaffected")}, {"a": 1.0})
    assert findings(apart, ASKED) == ("shop: no disruption can reach it, so that nothing is judged.",)
