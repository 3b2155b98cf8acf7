"""What explains a plan, as tables, as rows and as data: the front around it, and why nothing cheaper does."""

from __future__ import annotations

import csv
import io
import math
import shlex
from typing import Any

from drsim.planner.cheaper import Cheaper
from drsim.planner.front import Ask, Point
from drsim.planner.judge import Outcome
from drsim.planner.money import dollars
from drsim.planner.prices import ShadowPrice
from drsim.planner.reasons import Reasons
from drsim.report.tables import Column, Table
from drsim.study.measures import DOWNTIME, LOSS, MEASURES, OBJECTIVES, Measure, measure_of
from drsim.units import format_duration

ALTERNATIVES_FILE = "alternatives.yaml"
"""Holds the strategies of the front and of what is cheaper."""

FRONT_COLUMNS = {
    "strategy": "its name, in `alternatives.yaml`",
    "asked_attainment": "the share of drills it was to meet, in place of what the scenario asks; empty for as asked",
    "asked_factor": "what every limit was multiplied by; empty for the plan and the scenario's strategies",
    "usd_per_month": "bill of an average month [USD/month]",
    "p_meets": "share of drills that meet what the scenario asks, where it is lowest",
    "application": "where that is: the application",
    "disruption": "and the disruption",
    "data_loss_s": "worst loss of any application in the share of drills that is asked for [s]; empty: not recovered",
    "downtime_s": "worst downtime likewise [s]; empty: not recovered",
    "on_front": "1 where nothing is as good in all four and better in one, else 0",
}
"""Columns of `front.csv`, and what each holds."""


def front_csv(reasons: Reasons) -> str:
    """Return the front as CSV, a row per plan, cheapest first; columns are those of `FRONT_COLUMNS`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(FRONT_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(point) for point in reasons.front)
    return text.getvalue()


def _row(point: Point) -> dict[str, Any]:
    application, disruption, _ = point.worst
    return {
        "strategy": point.name,
        "asked_attainment": point.ask and point.ask.attainment,
        "asked_factor": point.ask and point.ask.factor,
        "usd_per_month": dollars(point.cost),
        "p_meets": point.share,
        "application": application,
        "disruption": disruption,
        "data_loss_s": _finite(point.loss_s),
        "downtime_s": _finite(point.downtime_s),
        "on_front": int(point.is_on_front),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def front_table(reasons: Reasons) -> Table:
    """Return the plan between what costs less and what reaches more."""
    columns = (
        Column("strategy"),
        Column("made for", rank=2),
        Column("USD/month", numeric=True),
        Column("meets", numeric=True),
        Column("worst under", rank=3),
        Column(LOSS.words, numeric=True),
        Column(DOWNTIME.words, numeric=True),
        Column("bettered", rank=1),
    )
    rows = tuple(
        (
            point.name,
            _asked(point.ask),
            f"{dollars(point.cost):,.2f}",
            f"{100 * point.share:.3g} %",
            f"{point.worst[0]} under {point.worst[1]}",
            _duration(point.loss_s),
            _duration(point.downtime_s),
            "" if point.is_on_front else "yes",
        )
        for point in reasons.front
    )
    notes = (
        (
            "meets: share of drills that meet what the scenario asks, where it is lowest. Loss and downtime: the worst "
            "of any application, not exceeded in the share of drills that is asked for. By the drills of the "
            "search, in the whole scenario."
        ),
        (
            "The points of the front are the cheapest of what the search drilled; what it had no reason to drill may "
            "be cheaper still. bettered: something here is as good in all four and better in one."
        ),
    )
    return Table("What less and more would cost", columns, rows, notes)


def _asked(ask: Ask | None) -> str:
    if ask is None:
        return ""
    limits = "limits as asked" if ask.factor == 1 else f"limits × {ask.factor:g}"
    return limits if ask.attainment is None else f"{100 * ask.attainment:g} %, {limits}"


def _duration(value_s: float) -> str:
    return format_duration(value_s) if math.isfinite(value_s) else "not recovered"


def cheaper_table(reasons: Reasons) -> Table | None:
    """Return of each application the nearest cheaper protection and what it misses; None where there is none."""
    if not reasons.cheaper:
        return None
    columns = (
        Column("application"),
        Column("changed"),
        Column("to"),
        Column("USD/month less", numeric=True),
        Column("misses"),
        Column("under"),
        Column("meets", numeric=True),
        Column("asked", numeric=True),
        Column("drill", numeric=True, rank=1),
    )
    rows = tuple(
        (
            other.application,
            other.changed,
            other.after,
            f"{dollars(other.saved):,.2f}",
            missed_words(other.outcome),
            other.outcome.disruption,
            f"{100 * other.outcome.p_meets:.3g} %",
            f"{100 * other.outcome.attainment:.3g} %",
            str(other.drill),
        )
        for other in reasons.cheaper
    )
    note = (
        "Of what was drilled, the cheaper protection that comes nearest. To see it miss, with the files of --out: "
        f"`{explain_command(reasons.cheaper[0], reasons.seed)}`"
    )
    return Table("Why not cheaper", columns, rows, (note,))


def missed_words(outcome: Outcome) -> str:
    """Return which objectives are missed in too many drills."""
    missed = [OBJECTIVES[measure_of(m.column).objective] for m in outcome.margins if m.reached > m.limit]
    if any(math.isinf(margin.reached) for margin in outcome.margins):
        return "recovery"
    return " and ".join(dict.fromkeys(missed)) or "all at once"


def explain_command(other: Cheaper, seed: int, folder: str = "DIR") -> str:
    """Return the command that tells the story of a drill in which something cheaper misses what is asked.

    Args:
        other: the cheaper protection.
        seed: of the drills.
        folder: with the files of the plan.
    """
    words = [
        *("drsim", "explain", f"{folder}/{ALTERNATIVES_FILE}", "--strategy", other.name),
        *("--disruption", other.outcome.disruption, "--subject", other.outcome.subject),
        *("--drill", str(other.drill), "--seed", str(seed)),
    ]
    return shlex.join(words)


def prices_table(reasons: Reasons) -> Table | None:
    """Return what each objective costs, step by step; None where nothing is told."""
    if not reasons.prices:
        return None
    columns = (
        Column("application"),
        Column("objective"),
        Column("asked", numeric=True),
        Column("USD/month", numeric=True),
        Column("next looser", numeric=True),
        Column("saves USD/month", numeric=True),
        Column("steps, USD/month", rank=1),
    )
    rows = tuple(_price_row(price) for price in reasons.prices)
    note = (
        "What the cheapest protection of the application costs, of what was drilled, where this objective alone gives "
        "way; steps: from which value on it costs how much, tightest first."
    )
    return Table("What each objective costs", columns, rows, (note,))


def _price_row(price: ShadowPrice) -> tuple[str, ...]:
    looser = price.looser
    steps = [f"{limit_text(price.limit, s.value)}: {_dollars(s.cost)}" for s in price.steps]
    return (
        price.application,
        "attainment" if price.limit == "attainment" else OBJECTIVES[measure_with(price.limit).objective],
        limit_text(price.limit, price.asked),
        _dollars(price.cost),
        "–" if looser is None else limit_text(price.limit, looser.value),
        "–" if looser is None else _dollars(price.saved),
        ", ".join(steps),
    )


def _dollars(cost: int | None) -> str:
    return "nothing does" if cost is None else f"{dollars(cost):,.2f}"


def limit_text(limit: str, value: float) -> str:
    """Return a value of a limit in words: a share, a time or a size."""
    return f"{100 * value:.3g} %" if limit == "attainment" else measure_with(limit).text(value)


def measure_with(limit: str) -> Measure:
    """Return the measure that a limit is of."""
    (measure,) = (measure for measure in MEASURES if measure.limit == limit)
    return measure


def reasons_data(reasons: Reasons) -> dict[str, Any]:
    """Return what explains a plan as plain data, as `plan.json` holds it."""
    return {
        "front": [{**_row(point), "on_front": point.is_on_front} for point in reasons.front],
        "cheaper": [
            {
                "application": other.application,
                "strategy": other.name,
                "changed": other.changed,
                "before": other.before,
                "after": other.after,
                "usd_per_month_less": dollars(other.saved),
                "misses": missed_words(other.outcome),
                "disruption": other.outcome.disruption,
                "subject": other.outcome.subject,
                "p_meets": other.outcome.p_meets,
                "attainment": other.outcome.attainment,
                "drill": other.drill,
                "seed": reasons.seed,
                "explain": explain_command(other, reasons.seed),
            }
            for other in reasons.cheaper
        ],
        "shadow_prices": [
            {
                "application": price.application,
                "objective": price.limit,
                "asked": price.asked,
                "disruptions": list(price.disruptions),
                "usd_per_month": dollars(price.cost),
                "usd_per_month_saved": dollars(price.saved),
                "steps": [
                    {"from": step.value, "usd_per_month": None if step.cost is None else dollars(step.cost)}
                    for step in price.steps
                ],
            }
            for price in reasons.prices
        ],
    }
