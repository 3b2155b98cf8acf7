"""Which inputs move data loss, downtime and cost most: one at a time, all else and all luck the same.

Each uncertain input (`drsim.changes.inputs`) is put to the low and then to the high end of its range, and the drills of
one strategy under one disruption are run again. They have the luck that they had before, so that what differs is the
input's doing. What an input leaves alone is not worked out again.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from drsim.changes import edits
from drsim.changes.inputs import uncertain_inputs
from drsim.changes.reach import reach
from drsim.changes.uncertain import End, Input, Label
from drsim.errors import InputError, Problem
from drsim.scenario import Scenario, subjects
from drsim.scenario.subjects import application_of
from drsim.scenario.suggest import suggestion
from drsim.study import measures
from drsim.study.affected import Floats
from drsim.study.bench import Bench
from drsim.study.costs.amounts import Amount
from drsim.study.costs.events import yearly_loss_usd
from drsim.study.effort import MOST_S, of_drills, of_plans, refuse
from drsim.study.heartbeat import working_on
from drsim.study.losses import losses_of
from drsim.study.numbers import in_range
from drsim.study.settings import Stop, choose, with_settings
from drsim.study.summary import COLUMNS as SUMMARY_COLUMNS
from drsim.study.summary import state_at, summarise

DRILLS = 500
"""Drills of each run where nobody says otherwise: a 95th percentile then rests on the 25 worst."""

RANKED = tuple(measure.column for measure in measures.MEASURES)
"""The measures of incidents: the 95th percentile [s or bytes], or the state of the drill of its rank."""

_OBJECTIVES = tuple(f"p_meets_{objective}" for objective in measures.OBJECTIVES)
_SHARES = (*_OBJECTIVES, "p_unrecoverable")

MEASURES = (*RANKED, *_SHARES, "usd_per_month", "usd_per_year")
"""What is measured: incidents [s or bytes], shares of the drills [0 to 1], the strategy's steady cost per month and the
expected yearly loss of the subject's application under the disruption [USD]. NaN where there is no figure: no
objective, no price."""

_USUAL = {name for m in measures.MEASURES if m.is_always_shown for name in (m.column, f"p_meets_{m.objective}")}
_LAST = tuple(name for name in (*RANKED, *_OBJECTIVES) if name not in _USUAL)
"""Measures whose columns come last: those that are shown only where an objective asks for them."""

PRICE_RANGE = 0.2
"""By how much prices are varied, up and down: list prices are known, and discounts and changes are not."""

COLUMNS = (
    *("group", "input", "low", "high", "basis", "source"),
    *(f"{m}_{end}" for m in MEASURES if m not in _LAST for end in ("low", "base", "high", "swing")),
    *(f"{m}_{end}_state" for m in RANKED if m not in _LAST for end in ("low", "base", "high")),
    *(f"{m}_{end}" for m in _LAST for end in ("low", "base", "high", "swing")),
    *(f"{m}_{end}_state" for m in RANKED if m in _LAST for end in ("low", "base", "high")),
)
"""The columns of the inputs, in order."""

_SUBJECT = SUMMARY_COLUMNS.index("subject")

NOT_VARIED = (
    "Constants are not varied, since nothing says how far they may be off: write a range to see what it does.",
    "Loading after a restore is not varied: it moves the moment of full performance, not the downtime.",
)
"""What a study leaves out, in words."""


@dataclass(frozen=True)
class Sensitivity:
    """How far each input moves what is measured.

    Attributes:
        name: of the scenario.
        strategy, disruption, subject: what was studied.
        drills, seed: of each run.
        inputs: one row per input with `COLUMNS`; the base is the same in all of them.
        base: the measures with every input as it is, by name, and for those of incidents `<name>_state`.
        labels: what the inputs are called, by their names.
        left: inputs that there was no time for, and that are not among these.
    """

    name: str
    strategy: str
    disruption: str
    subject: str
    drills: int
    seed: int
    inputs: pd.DataFrame
    base: Mapping[str, float | str]
    labels: Mapping[str, Label]
    left: int = 0


def sensitivity(
    scenario: Scenario,
    strategy: str,
    disruption: str,
    subject: str | None = None,
    *,
    drills: int | None = None,
    seed: int | None = None,
    part: tuple[int, int] = (0, 1),
    seconds: float = math.inf,
    progress: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
    max_seconds: float = MOST_S,
    force: bool = False,
) -> Sensitivity:
    """Return how far each uncertain input moves the data loss, the downtime and the cost of a subject.

    Args:
        scenario: what to study.
        strategy: name of the strategy.
        disruption: name of the disruption.
        subject: `app` or `app.resource`; the first application if left out.
        drills: of each run; `DRILLS` if left out, fewer where the scenario asks for fewer.
        seed: of all draws, in place of the scenario's.
        part: number of a part and how many there are, to share the inputs among processes; `joined` puts them together.
        seconds: about how long it may take [s]; what there is no time for is left out, all but the first input.
        progress: called with the runs done and the runs to do.
        stop: asked between runs whether to stop.
        max_seconds: what would take one processor longer, about, is refused [s].
        force: begin whatever it takes, memory too.

    Raises:
        InputError: a strategy, disruption or subject that is not in the scenario, fewer than one drill; more work than
            is begun unasked, with what to change.
        CancelledError: `stop` was set.
    """
    in_range(drills=drills, seed=seed, seconds=seconds, max_seconds=max_seconds)
    choose(scenario, (strategy,), (disruption,))
    subject = subject or next(iter(scenario.applications))
    check_subject(scenario, subject)
    studied = with_settings(scenario, drills=drills_of(scenario, DRILLS) if drills is None else drills, seed=seed)
    begun = time.monotonic()
    refuse(of_plans(studied, (strategy,)), max_seconds, force=force)
    trials = Trials(studied, strategy, disruption, subject)
    first, parts = part
    numbered = list(enumerate(uncertain_inputs(studied, trials.world, disruption, subject)))
    inputs = numbered[first::parts]
    runs = 1 + sum(end is not None for _, i in inputs for end in (i.low, i.high))
    effort = of_drills(studied, {strategy: trials.world}, (disruption,), studied.drills)
    refuse(effort.times(runs), max_seconds, force=force)
    base = trials.measure(None, in_costs=True)
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, runs)
        if stop is not None and stop.is_set():
            raise CancelledError("the study was stopped")

    def measured(varied: Input, end: End | None, factor: float) -> dict[str, Any]:
        if end is None:
            return dict(base)
        working_on(varied.name)
        moved: dict[str, Any] = {**base, **trials.measure(end, in_drills=varied.in_drills, in_costs=varied.in_costs)}
        moved["usd_per_year"] *= factor
        advance()
        return moved

    advance()
    rows: dict[int, dict[str, float | str]] = {}
    for number, varied in inputs:
        if rows and time.monotonic() - begun > seconds:
            break
        low, high = measured(varied, varied.low, varied.factors[0]), measured(varied, varied.high, varied.factors[1])
        rows[number] = _row(varied, base, low, high)
    left = len(inputs) - len(rows)
    labels = {varied.name: varied.label for _, varied in inputs}
    if first == 0:
        for number, (price, usd) in enumerate(_prices(trials.bill), start=len(numbered)):
            rows[number], labels[price.name] = _price_row(price, usd, base), price.label
    frame = pd.DataFrame(list(rows.values()), columns=list(COLUMNS), index=list(rows))
    settings = (studied.name, strategy, disruption, subject, studied.drills, studied.seed)
    return Sensitivity(*settings, frame, base, labels, left)


_LARGE = 60
"""Resources, members counted, above which a study is shared out among more parts."""


def drills_of(scenario: Scenario, asked: int) -> int:
    """Return the drills of each run: as many as asked, as the scenario has, or `DRILLS`, whichever is fewest."""
    return min(asked, scenario.drills, DRILLS)


def parts_of(scenario: Scenario) -> int:
    """Return in how many parts a study is best shared out: a large estate's takes minutes."""
    members = sum(subject.resource.count for subject in subjects(scenario).values())
    return 2 if members <= _LARGE else 8


def joined(parts: Sequence[Sensitivity]) -> Sensitivity:
    """Return the parts of one study as a whole."""
    return replace(
        parts[0],
        inputs=pd.concat([part.inputs for part in parts]).sort_index(),
        labels={name: label for part in parts for name, label in part.labels.items()},
        left=sum(part.left for part in parts),
    )


def ranked(study: Sensitivity, measure: str) -> pd.DataFrame:
    """Return the inputs that move a measure, those that move it most first.

    An end at which there is no recovery moves it more than any that has one.

    Args:
        study: of `sensitivity`.
        measure: one of `MEASURES`.
    """
    rows = study.inputs
    states = [rows[f"{measure}_{end}_state"] for end in ("low", "base", "high")] if measure in RANKED else []
    differ = pd.Series(data=False, index=rows.index)
    for state in states:
        differ |= state != states[1]
    swing = rows[f"{measure}_swing"].fillna(0.0)
    order = pd.DataFrame({"differ": differ, "swing": swing})
    order = order[order["differ"] | (order["swing"] > 0)].sort_values(
        ["differ", "swing"], ascending=False, kind="stable"
    )
    return rows.loc[order.index]


def check_subject(scenario: Scenario, subject: str) -> None:
    """Refuse a subject that is not in the scenario.

    Raises:
        InputError: it is not, with the name that was probably meant.
    """
    known = [*scenario.applications, *subjects(scenario)]
    if subject not in known:
        rule = "the scenario has no such application or resource"
        raise InputError((Problem("", 0, "no-such-subject", f"{subject!r}", rule, suggestion(subject, known)),))


class Trials:
    """One strategy under one disruption, again and again, with one thing changed.

    Args:
        scenario: what the user wrote.
        strategy: name of the strategy.
        disruption: name of the disruption.
        subject: what is measured; only applications that can make a difference to it are run.
    """

    def __init__(self, scenario: Scenario, strategy: str, disruption: str, subject: str) -> None:
        self._whole = Bench(scenario, (disruption,))
        self.world = self._whole.world(strategy)
        self.bill: list[Amount] = []
        self._strategy, self._disruption, self._subject = strategy, disruption, subject
        self._app = application_of(subject)
        self._part = self._whole
        if scenario.disruptions[disruption].site is not None:
            # without a site a disruption strikes by its targets, all of which then have to be there
            needed = reach(self.world, disruption, subject)
            names = needed.applications | {application_of(name) for name in needed.resources}
            self._part = Bench(edits.only_applications(scenario, names), (disruption,))

    def measure(self, end: End | None, *, in_drills: bool = True, in_costs: bool = False) -> dict[str, float | str]:
        """Return the measures with one thing changed, those that it cannot touch left out.

        Args:
            end: the change; None for none.
            in_drills: whether it can touch what drills find.
            in_costs: whether it can touch the steady cost.
        """
        measures: dict[str, float | str] = {}
        if in_drills:
            measures |= self._drilled(_changed(self._part, end))
        if in_costs:
            bill = _changed(self._whole, end).steady_bill(self._strategy)
            if end is None:
                self.bill = bill
            measures["usd_per_month"] = math.fsum(amount.usd for amount in bill if not math.isnan(amount.usd))
        return measures

    def _drilled(self, bench: Bench) -> dict[str, float | str]:
        """Return what drills tell of the subject."""
        scenario, names = bench.scenario, [self._subject, self._app]
        affected = bench.affected(self._strategy, self._disruption)
        objectives = scenario.applications[self._app]
        rows, _ = summarise(self._strategy, self._disruption, affected, {self._app: objectives}, scenario.drills)
        cells = rows[rows["subject"].isin(names)].to_numpy(dtype=object)  # quicker than a dictionary of each row
        by_subject: dict[str, dict[Any, Any]] = {
            str(row[_SUBJECT]): dict(zip(rows.columns, row, strict=True)) for row in cells
        }
        row = by_subject[self._subject]
        measures: dict[str, float | str] = {}
        for measure in RANKED:
            state = state_at(row, "p95").replace("recovered", "")
            measures[measure] = math.nan if state else float(row[f"{measure}_p95"])
            measures[f"{measure}_state"] = state
        measures |= {name: float(row[name]) for name in _SHARES}
        written = self._whole.scenario.applications[self._app]
        events = losses_of(affected, Counter()).events(self._app)
        measures["usd_per_year"] = math.fsum(yearly_loss_usd(written, event) for event in events)
        return measures

    def figures(self, end: End | None, measured: Iterable[str]) -> dict[str, Floats]:
        """Return measures of the subject with one thing changed, drill for drill, as `Affected.by_drill` does."""
        bench = _changed(self._part, end)
        affected, drills = bench.affected(self._strategy, self._disruption), bench.scenario.drills
        return {column: affected.by_drill(self._subject, column, drills) for column in measured}

    def log(self) -> pd.DataFrame:
        """Return the incidents with everything as it is."""
        return self._part.incidents(self._strategy, self._disruption)


def _changed(bench: Bench, end: End | None) -> Bench:
    return bench if end is None else bench.changed(end.edit, end.on_world)


def _row(
    varied: Input, base: Mapping[str, Any], low: Mapping[str, Any], high: Mapping[str, Any]
) -> dict[str, float | str]:
    row: dict[str, float | str] = {
        "group": varied.group,
        "input": varied.name,
        "low": varied.low.text if varied.low else "not lower",
        "high": varied.high.text if varied.high else "not higher",
        "basis": varied.basis,
        "source": ", ".join(varied.source),
    }
    for measure in MEASURES:
        values = (low[measure], base[measure], high[measure])
        row |= {f"{measure}_{end}": v for end, v in zip(("low", "base", "high"), values, strict=True)}
        row[f"{measure}_swing"] = abs(high[measure] - low[measure])
    for measure in RANKED:
        for end, measured in (("low", low), ("base", base), ("high", high)):
            row[f"{measure}_{end}_state"] = measured[f"{measure}_state"]
    return row


_LINES = {
    "storage-warm": "warm storage",
    "storage-cold": "cold storage",
    "continuous": "continuous protection",
    "scans": "malware scans",
}
"""Lines of the bill whose names are no words."""


def _prices(bill: Iterable[Amount]) -> Iterator[tuple[Input, float]]:
    """Yield each price on a bill as an input, with what is paid at it [USD/month].

    Args:
        bill: of a month; what costs nothing, or has no price, is left out.
    """
    lines: dict[tuple[str, str], list[Amount]] = {}
    for amount in bill:
        if amount.usd and not math.isnan(amount.usd):
            lines.setdefault((amount.line, amount.type), []).append(amount)
    for (line, kind), amounts in lines.items():
        prices = [amount.price for amount in amounts]
        dates = dict.fromkeys(price.as_of.isoformat() for price in prices if not price.is_of_user)
        price = Input(
            "price",
            Label(f"price of {_LINES.get(line, line)}", kind),
            End(f"-{PRICE_RANGE:.0%}".replace("%", " %")),
            End(f"+{PRICE_RANGE:.0%}".replace("%", " %")),
            ", ".join(dict.fromkeys("the scenario's" if price.is_of_user else price.basis for price in prices)),
            tuple(f"AWS list prices of {date}" for date in dates),
        )
        yield price, float(np.sum([amount.usd for amount in amounts]))


def _price_row(price: Input, usd: float, base: Mapping[str, Any]) -> dict[str, float | str]:
    """Return the row of a price: the steady cost is linear in it, so that nothing has to be run.

    Args:
        price: of `_prices`.
        usd: what is paid at it [USD/month].
        base: the measures as it is.
    """
    ends = [dict(base) | {"usd_per_month": base["usd_per_month"] + by * usd} for by in (-PRICE_RANGE, PRICE_RANGE)]
    return _row(price, base, *ends)
