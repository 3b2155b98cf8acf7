"""Checks that warn of malware scans: of types that cannot be scanned, and where nobody would look for a clean point.

Source: the user guide of GuardDuty (Malware Protection for AWS Backup).
"""

from __future__ import annotations

from collections.abc import Iterator

from drsim.errors import Edit, Weight
from drsim.scenario.registry import Case, Finding, Repair, by_type, check, listed

_INSPECT = "2 h"
"""What is offered where nobody says how long it takes to see that a point is infected."""


@check("scan-ignored", warning=Weight.TIDINESS)
def scan_ignored(case: Case) -> Iterator[Finding]:
    """Points of few types can be scanned for malware; what a rule says of the others does nothing."""
    on = case.scenario.as_of
    known = [name for name, kind in case.catalogue.types.items() if kind.scans_malware(on)]
    for placed in case.rules:
        types = by_type(case, case.subjects_of[placed.plan_name])
        left_out = [name for kind, subjects in types if not kind.scans_malware(on) for name in subjects]
        if placed.rule.scan is None or not left_out:
            continue
        loc, name = (*placed.loc, "scan"), placed.rule.rule_name
        only = f"recovery points of {', '.join(known)} alone can be scanned" if known else "nothing can be scanned"
        if any(kind.scans_malware(on) for kind, _ in types):
            found = f"`scan` of `{name}` does nothing for {listed(left_out)}"
            yield Finding(loc, found, only, "select them by a plan whose rules have no `scan`, to say so")
            continue
        found, leave = f"`scan` of `{name}` changes nothing", (Edit(loc),)
        yield Finding(loc, found, f"{only}, and no such resource is selected", "leave it out", leave)


@check("scan-without-search", warning=Weight.MISLEADS)
def scan_without_search(case: Case) -> Iterator[Finding]:
    """Scans spare people inspections, which take no time unless the response says how much."""
    scenario, on = case.scenario, case.scenario.as_of
    if scenario.response.inspection.sup > 0:
        return
    hidden = [name for name, written in scenario.disruptions.items() if _lies_hidden(case, written.kind, name)]
    for placed in case.rules:
        types = by_type(case, case.subjects_of[placed.plan_name])
        if not hidden or placed.rule.scan is None or not any(kind.scans_malware(on) for kind, _ in types):
            continue
        found = f"`{placed.rule.rule_name}` scans its points, and `response` has no `inspect`"
        rule = f"people then know which point is clean under {listed(hidden)}, and scans cost money and save no time"
        place, repair = ("response", "inspect"), f"write how long one inspection takes, such as `inspect: {_INSPECT}`"
        without = Repair("leave `scan` out", (Edit((*placed.loc, "scan")),))
        yield Finding((*placed.loc, "scan"), found, rule, repair, (Edit(place, _INSPECT),), (without,))


def _lies_hidden(case: Case, kind: str, name: str) -> bool:
    """Return whether time passes between contamination and the stop of service under a disruption."""
    written, known = case.scenario.disruptions[name].dwell, case.catalogue.disruptions.get(kind)
    dwell = written if written is not None else known.dwell.value if known is not None else None
    return dwell is not None and dwell.sup > 0
