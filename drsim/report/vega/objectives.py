"""Which objectives strategies meet, as cells of a colour, a sign and words: by disruption, and by application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from drsim.report.judgements import worst_verdicts
from drsim.report.summary_words import (
    misses,
    plain_number,
    plain_verdict,
    reach_words,
    share,
    verdict_words,
)
from drsim.report.tables import records
from drsim.report.vega import style
from drsim.report.vega.cells import SIGNS, cell_words, verdict_cells
from drsim.scenario import ObjectiveSet
from drsim.study.costs.totals import totals
from drsim.study.measures import (
    OBJECTIVES,
    limits_in_words,
    objectives_wanted,
)
from drsim.study.results import Result
from drsim.study.verdicts import UNMET

ALL = "all"
"""What the verdict is on: all objectives at once; apart from it each of `drsim.study.measures.OBJECTIVES` is judged."""


def attainment_chart(result: Result, application: str, wanted: dict[str, ObjectiveSet]) -> style.Chart:
    """Return how often strategies meet each objective of an application under each disruption, side by side.

    Args:
        result: of a study.
        application: its name.
        wanted: the objectives in force, by disruption.
    """
    objectives = objectives_wanted(wanted.values())
    return alt.hconcat(*(_objective(result, application, wanted, objective, 300) for objective in objectives))


def objective_chart(result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: str) -> style.Chart:
    """Return how often strategies meet one objective of an application under each disruption.

    A cell has a colour, a sign, a share and a word, so that it can be read without seeing colours. Shares are of the
    drills that reach the application. Under `all` the word is the verdict, with the resource that causes it.

    Args:
        result: of a study.
        application: its name.
        wanted: the objectives in force, by disruption.
        objective: a key of `OBJECTIVES`, or `ALL` for all at once.
    """
    return _objective(result, application, wanted, objective)


def _objective(
    result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: str, width: int | None = None
) -> alt.LayerChart:
    """Return the cells of one objective, of a width [pixels] of their own or of that of the page."""
    rows = attainment_rows(result, application, wanted, objective)
    head = ["disruption", "strategy", "objective", "met in"]
    shares = [_met_in(judged_objective) for judged_objective in objectives_wanted(wanted.values())]
    parts = [*shares, "not recovered", "struck", "misses"] if objective == ALL else []
    tooltip = [*head, *parts, "of", "interval", "judged"]
    judged = "Verdict, and share of affected drills that meet all"
    heading = judged if objective == ALL else f"{OBJECTIVES[objective]} met, share of affected drills"
    title = style.title(heading, letters=90 if objective == ALL else 56)
    limits = {name: _limit(wanted[name], objective) for name in result.run["disruptions"]}
    layers = verdict_cells(_priced(result), "disruption", limits, tooltip, width)
    fit: dict[str, Any] = {"autosize": style.FIT} if width is None else {"width": width, "padding": alt.Undefined}
    return style.layered(*layers, **{"data": rows, "title": title, "height": alt.Step(46), **fit})


def overview_chart(result: Result) -> style.Chart:
    """Return of which applications strategies meet all objectives under all disruptions.

    A cell has a colour, a sign and words: the worst verdict, and how many disruptions have a better one.

    Args:
        result: of a study.
    """
    rows = overview_rows(result)
    tooltip = ["application", "strategy", "verdict", "met under", "not met under"]
    names = dict.fromkeys(rows["application"], "")
    layers = verdict_cells(_priced(result), "application", names, tooltip)
    return style.layered(
        *layers,
        data=rows,
        title=style.title("Objectives met under all disruptions"),
        height=alt.Step(40),
        autosize=style.FIT,
    )


def _limit(wanted: ObjectiveSet, objective: str) -> str:
    """Return what stands below the name of a disruption: the objectives in force."""
    if objective == ALL:
        limits = [_limit(wanted, name) for name in OBJECTIVES if limits_in_words(wanted, name)]
        return ", ".join(limits) or "no objectives"
    limit = limits_in_words(wanted, objective)
    return f"{OBJECTIVES[objective]} {limit}" if limit else f"no {OBJECTIVES[objective]}"


def _met_in(objective: str) -> str:
    """Return what the share of drills that meet an objective is called."""
    return f"{OBJECTIVES[objective]} met in"


def _priced(result: Result) -> dict[str, str]:
    """Return what stands below the names of strategies: what they cost."""
    bills = totals(result.costs)
    return {name: bills[name].said(f"{bills[name].usd:,.0f} USD/month") for name in result.run["strategies"]}


def overview_rows(result: Result) -> pd.DataFrame:
    """Return the cells of `overview_chart`, one row each, as text."""
    summary = records(result.summary[result.summary["level"] == "application"])
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in summary:
        groups.setdefault((row["subject"], row["strategy"]), []).append(row)
    worst = worst_verdicts(summary)
    rows = []
    for (subject, strategy), group in groups.items():
        met = [row["disruption"] for row in group if row["verdict"] not in UNMET]
        unmet = [f"{row['disruption']} ({row['verdict']})" for row in group if row["verdict"] in UNMET]
        verdict = worst[strategy, subject]
        lines = f"{SIGNS[verdict]} {verdict.replace('-', ' ')}"
        if unmet:
            lines += f"\nin {len(unmet)} of {len(group)}"
        rows.append(
            {
                "application": subject,
                "strategy": strategy,
                "verdict": verdict,
                **cell_words(verdict, lines, lines.replace("\n", " ")),
                "met under": ", ".join(met) or "none",
                "not met under": ", ".join(unmet) or "none",
            }
        )
    return pd.DataFrame(rows)


def attainment_rows(result: Result, application: str, wanted: dict[str, ObjectiveSet], objective: str) -> pd.DataFrame:
    """Return the cells of `objective_chart`, one row each, as text."""
    summary = result.summary[(result.summary["subject"] == application)]
    end = "" if objective == ALL else f"_{objective}"
    rows = []
    for row in records(summary):
        objectives = wanted[row["disruption"]]
        name, verdict = f"p_meets{end}", row[f"verdict{end}"]
        shown = "" if row[name] is None else f" {_short_share(row, name)}"
        lines = f"{SIGNS[verdict]}{shown}\n{verdict.replace('-', ' ')}"
        text = lines if end else f"{SIGNS[verdict]}{shown}\n{_said(row)}"
        limit = _limit(objectives, objective)
        is_asked = any(limits_in_words(objectives, name) for name in (OBJECTIVES if objective == ALL else (objective,)))
        rows.append(
            {
                "disruption": row["disruption"],
                "strategy": row["strategy"],
                "verdict": verdict,
                **cell_words(verdict, lines, text, _in_short_lines(text, lines)),
                "met in": share(row, name),
                "interval": "95 % (Clopper–Pearson)",
                "objective": f"{limit} in {100 * (objectives.attainment or 1):g} %" if is_asked else "none",
                **_about(row),
            }
        )
    return pd.DataFrame(rows)


def _said(row: Mapping[str, Any]) -> str:
    """Return the verdict in words, a resource that causes it by its own name."""
    return plain_verdict(row).replace(f"({row['subject']}.", "(")


_SHORT_LINE = 17
"""Letters in a line of a cell that is not wide."""


def _in_short_lines(text: str, lines: str) -> str:
    """Return a cell's words with those in brackets in a line of their own, without them where they are too long."""
    broken = text.replace(" (", "\n(").replace(" in all", "\nin all")
    return broken if max(map(len, broken.split("\n"))) <= _SHORT_LINE else lines


def _about(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what the pointer tells of a row of the summary: what its shares are of, and how often it happens."""
    return {
        **{_met_in(objective): share(row, f"p_meets_{objective}") for objective in OBJECTIVES},
        "not recovered": share(row, "p_unrecoverable"),
        "struck": f"{plain_number(row['struck_per_year'])} a year",
        "misses": "–" if row["breaches_per_year"] is None else f"{misses(row)} a year",
        "of": reach_words(row),
        "judged": verdict_words(row),
    }


def _short_share(row: Mapping[str, Any], name: str) -> str:
    """Return a share in percent that does not claim more than the drills can tell.

    Args:
        row: of the summary.
        name: of the share.
    """
    p = row[name]
    if p in (0, 1):
        bound = row[f"{name}_lo" if p else f"{name}_hi"]
        return f"{'>' if p else '<'} {100 * bound:.1f} %"
    return f"{100 * p:.1f} %"
