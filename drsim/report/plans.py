"""A plan in words, as tables and as JSON: what to change, what it costs, how far it is from what it must not miss."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from drsim.planner.answer import Change, Plan
from drsim.planner.judge import Margin, Outcome
from drsim.planner.money import dollars
from drsim.planner.plan import Step
from drsim.planner.problem import Wanted
from drsim.planner.reasons import Reasons
from drsim.planner.relax import Relaxation, Unmet
from drsim.planner.strategy import PLANNED
from drsim.report.findings import objectives_in_words
from drsim.report.judgements import enumerated
from drsim.report.plan_reasons import reasons_data
from drsim.report.tables import Cell, Column, Table
from drsim.study.measures import MEASURES, OBJECTIVES, Measure, measure_of

_NOTHING = "nothing"
_NEVER = "not recovered"


def headline(plan: Plan) -> str:
    """Return the answer in a sentence: what the plan costs beside today's strategy, and whether it holds."""
    change = plan.usd_per_month - plan.baseline_usd
    beside = f"{abs(change):,.2f} {'more' if change > 0 else 'less'} than {plan.baseline}"
    if round(change, 2) == 0:
        beside = f"as much as {plan.baseline}"
    return f"The plan costs {plan.usd_per_month:,.2f} USD/month, {beside}, and {_standing(plan)}."


def wanted_lines(wanted: Wanted) -> list[str]:
    """Return what is to be reached in words, a line for each application.

    Args:
        wanted: application -> disruption -> what is to be reached.
    """
    lines = []
    for app, under in wanted.items():
        groups: dict[str, list[str]] = {}
        for disruption, objectives in under.items():
            groups.setdefault(objectives_in_words(objectives), []).append(disruption)
        lines.append(f"{app}: {'; '.join(f'{words} under {enumerated(names)}' for words, names in groups.items())}")
    return lines


def progress_words(work: str, step: Step | None) -> str:
    """Return how far a search is, in words.

    Args:
        work: what it works on.
        step: the last one that was done; None before the first.
    """
    if step is None:
        return f"Now {work}"
    gap = f" (gap {100 * (step.cost - step.bound) / step.bound:.2g} %)" if step.bound else ""
    return (
        f"Now {work}; step {step.done} of {step.total} done. The best so far costs {dollars(step.cost):,.2f} "
        f"USD/month, and no plan less than {dollars(step.bound):,.2f}{gap}"
    )


def _standing(plan: Plan) -> str:
    if not plan.confirmations:
        return "was not confirmed: nobody knows yet what it meets"
    drills = sum(confirmation.drills for confirmation in plan.confirmations)
    seeds = ", ".join(str(confirmation.seed) for confirmation in plan.confirmations)
    seen = f"in {drills:,} drills of each disruption that the search never saw (seed {seeds})"
    if plan.missed:
        names = ", ".join(sorted({f"{o.application} under {o.disruption}" for o in plan.missed}))
        return f"misses {seen}: {names}"
    if plan.unmet:
        return f"meets all that can be met {seen}; {len(plan.unmet)} objectives are out of reach of any plan, below"
    return f"meets every objective {seen}"


def proof(plan: Plan) -> str:
    """Return whether anything is cheaper, and how many protections were weighed, in a sentence."""
    effort = plan.effort
    looked = f"{effort.possible:,} protections of single resources were weighed, {effort.evaluated:,} of them drilled"
    if effort.stopped:
        return f"The search was stopped ({effort.stopped}) before it could tell whether anything is cheaper: {looked}."
    if plan.gap == 0:
        return f"Nothing that was to be chosen from is cheaper and meets as much: {looked}."
    return (
        f"Anything that meets as much costs {plan.bound_usd:,.2f} USD/month at least, a gap of {100 * plan.gap:.2g} %: "
        f"{looked}."
    )


def changes_table(plan: Plan) -> Table:
    """Return what to change, resource by resource, with what each costs and how it fares before and after."""
    columns = (
        Column("resource"),
        Column(f"{plan.baseline} (now)"),
        Column(PLANNED),
        Column("USD/month now", numeric=True),
        Column("planned", numeric=True),
        Column("meets now", numeric=True, rank=2),
        Column("meets planned", numeric=True, rank=1),
        Column("worst under", rank=3),
    )
    rows = []
    for change in plan.changes:
        disruption, before, after = _worst(change)
        rows.append(
            (
                change.resource,
                change.before,
                change.after if change.is_change else "as now",
                f"{dollars(change.before_cost):,.2f}",
                f"{dollars(change.after_cost):,.2f}",
                _percent(before),
                _percent(after),
                disruption,
            )
        )
    standbys = [
        f"{app} is to have a standby: {standby.words}."
        for app, standby in plan.standbys.items()
        if standby is not None and app not in plan.scenario.strategies[plan.baseline].standby
    ]
    notes = (
        *standbys,
        (
            "meets: share of the drills that strike the resource in which it keeps, alone, what is asked of its "
            "application, under the disruption in which it keeps it least."
        ),
        "What has no price is in neither bill.",
        *(
            f"Not chosen from, since it has no price: {name}: {'; '.join(those)}."
            for name, those in plan.unpriced.items()
        ),
    )
    return Table("What to change", columns, tuple(rows), notes)


def _worst(change: Change) -> tuple[str, float, float]:
    """Return the disruption under which a resource did worst, and the shares before and after there."""
    shares = {name: fare.share for name, fare in change.before_fares.items()}
    if not shares:
        return "–", math.nan, math.nan
    name = min(shares, key=lambda d: (shares[d], change.after_fares[d].share))
    return name, shares[name], change.after_fares[name].share


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.3g} %"


def objectives_table(plan: Plan) -> Table:
    """Return how far the plan is from missing each objective, by the drills that confirm it."""
    columns = (
        Column("application"),
        Column("disruption"),
        Column("meets", numeric=True),
        Column("at least", numeric=True, rank=1),
        Column("asked", numeric=True),
        *(Column(f"{OBJECTIVES[m.objective]}: reached / asked", numeric=True) for m in _judged(plan)),
        Column("decided by", rank=2),
    )
    rows = tuple(
        (
            outcome.application,
            outcome.disruption,
            Cell(_percent(outcome.p_meets), outcome.verdict),
            _percent(outcome.p_meets_lo),
            _percent(outcome.attainment),
            *(_margin(outcome, measure) for measure in _judged(plan)),
            outcome.subject,
        )
        for confirmation in plan.confirmations[:1]
        for outcome in confirmation.outcomes
    )
    notes = (
        (
            "reached: what is not exceeded in the share of drills that is asked for. at least: the low end of the 95 % "
            "interval of each share alone; all of them together are less sure."
        ),
    )
    return Table("What the plan reaches, in drills that the search never saw", columns, rows, notes)


def _judged(plan: Plan) -> tuple[Measure, ...]:
    columns = {margin.column for c in plan.confirmations for outcome in c.outcomes for margin in outcome.margins}
    return tuple(measure for measure in MEASURES if measure.column in columns)


def _margin(outcome: Outcome, measure: Measure) -> str:
    margins = [margin for margin in outcome.margins if margin.column == measure.column]
    return " / ".join(_reached(margins[0], measure)) if margins else "–"


def _reached(margin: Margin, measure: Measure) -> tuple[str, str]:
    if math.isinf(margin.reached):
        return _NEVER, measure.text(margin.limit)
    reached, limit = measure.texts([margin.reached, margin.limit])
    return reached, limit


def order_table(plan: Plan) -> Table | None:
    """Return the priorities that restore the dearest applications first; None where the order stays as it is."""
    order = plan.order
    if order is None:
        return None
    columns = (
        Column("application"),
        Column("priority now", numeric=True),
        Column("planned", numeric=True),
        Column("USD/h of downtime", numeric=True),
    )
    rows = tuple(
        (
            name,
            str(order.before[name]),
            str(priority),
            f"{hourly:,.2f}" if (hourly := order.hourly_usd.get(name)) else "–",
        )
        for name, priority in sorted(order.after.items(), key=lambda item: item[1])
    )
    notes = (
        *(
            f"{saving.disruption}: the downtime of an event costs {saving.after_usd:,.0f} USD on average in place of "
            f"{saving.before_usd:,.0f}, {abs(saving.usd):,.0f} {'less' if saving.usd > 0 else 'more'}."
            for saving in order.savings
        ),
        "Restores wait for slots; those of the first application take them first. All that is met stays met.",
    )
    return Table("Restore order", columns, rows, notes)


def relaxations_table(plan: Plan) -> Table | None:
    """Return what no plan meets, and the smallest step of each objective that would; None where all can be met."""
    if not plan.unmet:
        return None
    columns = (
        Column("application"),
        Column("disruption"),
        Column("objective"),
        Column("asked", numeric=True),
        Column("would do", numeric=True),
        Column("USD/month then", numeric=True),
        Column("taken"),
    )
    rows = tuple(row for gap in plan.unmet for row in _steps(gap))
    notes = (
        (
            "would do: the smallest step of this objective alone with which something meets what is asked of the "
            "application under this disruption. USD/month then: of its cheapest protection. The plan takes the least."
        ),
    )
    return Table("What nothing meets, and what would have to give way", columns, rows, notes, grouped=2)


def _steps(gap: Unmet) -> Iterator[tuple[str, ...]]:
    if not gap.relaxations:
        yield gap.application, gap.disruption, "all", "–", _NOTHING, "–", "left out"
    for step in gap.relaxations:
        name, before, after = relaxation_words(step)
        is_taken = "yes" if step == gap.cheapest else ""
        yield gap.application, gap.disruption, name, before, after, f"{dollars(step.cost):,.2f}", is_taken


def relaxation_words(step: Relaxation) -> tuple[str, str, str]:
    """Return what a relaxation is of, with its values before and after, in words."""
    if step.limit == "attainment":
        return "attainment", f"{100 * step.before:.3g} %", f"{100 * step.after:.3g} %"
    (measure,) = (measure for measure in MEASURES if measure.limit == step.limit)
    return OBJECTIVES[measure.objective], measure.text(step.before), measure.text(step.after)


def to_json(plan: Plan, reasons: Reasons | None = None) -> str:
    """Return a plan as JSON, with what explains it.

    No value is NaN: what is not recovered, or not known, is a word or `null`.
    """
    data = plan_data(plan) | (reasons_data(reasons) if reasons is not None else {})
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain data: what `plan.json` holds."""
    effort = plan.effort
    return {
        "state": plan.state,
        "strategy": PLANNED,
        "baseline": plan.baseline,
        "usd_per_month": plan.usd_per_month,
        "baseline_usd_per_month": plan.baseline_usd,
        "bound_usd_per_month": plan.bound_usd,
        "gap": plan.gap,
        "search": {
            "drills": effort.drills,
            "seed": effort.seed,
            "possible": effort.possible,
            "evaluated": effort.evaluated,
            "rounds": effort.rounds,
            "judged": effort.judged,
            "stopped": effort.stopped or None,
        },
        "confirmed": [
            {"seed": c.seed, "drills": c.drills, "holds": c.holds, "objectives": [_outcome_data(o) for o in c.outcomes]}
            for c in plan.confirmations
        ],
        "unmet": [
            {
                "application": gap.application,
                "disruption": gap.disruption,
                "relaxations": [
                    {
                        "objective": step.limit,
                        "asked": step.before,
                        "would_do": step.after,
                        "usd_per_month": dollars(step.cost),
                        "taken": step == gap.cheapest,
                    }
                    for step in gap.relaxations
                ],
            }
            for gap in plan.unmet
        ],
        "changes": [_change_data(change) for change in plan.changes],
        "restore_order": _order_data(plan),
        "unpriced": {name: list(those) for name, those in plan.unpriced.items()},
        "standbys": {app: standby.words for app, standby in plan.standbys.items()},
    }


def _order_data(plan: Plan) -> dict[str, Any] | None:
    order = plan.order
    if order is None:
        return None
    return {
        "before": dict(order.before),
        "after": dict(order.after),
        "savings": [
            {
                "disruption": saving.disruption,
                "per_year": saving.per_year,
                "before_usd_per_event": saving.before_usd,
                "after_usd_per_event": saving.after_usd,
            }
            for saving in order.savings
        ],
    }


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "application": outcome.application,
        "disruption": outcome.disruption,
        "subject": outcome.subject,
        "verdict": outcome.verdict,
        "p_meets": outcome.p_meets,
        "p_meets_lo": outcome.p_meets_lo,
        "attainment": outcome.attainment,
        "affected": outcome.drills,
        "margins": {
            measure_of(margin.column).limit: {"asked": margin.limit, "reached": _known(margin.reached)}
            for margin in outcome.margins
        },
    }


def _change_data(change: Change) -> dict[str, Any]:
    def fares(of: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: {
                "p_meets": _known(fare.share),
                "data_loss_s_p95": _known(fare.loss_p95_s),
                "downtime_s_p95": _known(fare.downtime_p95_s),
            }
            for name, fare in of.items()
        }

    return {
        "resource": change.resource,
        "before": change.before,
        "after": change.after,
        "before_usd_per_month": dollars(change.before_cost),
        "after_usd_per_month": dollars(change.after_cost),
        "before_fares": fares(change.before_fares),
        "after_fares": fares(change.after_fares),
    }


def _known(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return _NEVER if math.isinf(value) else value
