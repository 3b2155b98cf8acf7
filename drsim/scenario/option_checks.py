"""Checks of options and namespaces: what a resource may be otherwise than its type."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from drsim.catalogue import misspelt
from drsim.errors import Edit, Weight
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Case, Finding, Repair, check, listed
from drsim.scenario.resolve import parameters
from drsim.scenario.shape import one_of, right_word
from drsim.units import KIB

_SLOWEST = 100
"""The lowest rate at which AWS initialises a volume [MiB/s]; source: the EBS user guide, "Initialize volumes"."""


@check("unknown-option")
def unknown_option(case: Case) -> Iterator[Finding]:
    """An option of a resource is one that the catalogue lists for its type, and none that its size brings by itself."""
    for subject in case.subjects.values():
        kind = case.types.get(subject.name)
        for i, name in enumerate(subject.resource.options if kind else ()):
            if kind is None or name in kind.chosen:
                continue
            loc: Loc = (*subject.loc, "options", i)
            found = f"the option `{name}` is given to {subject.name}, of type {kind.name}"
            if name in kind.options:
                rule = "it is in force by itself where a resource has that many `objects`"
                yield Finding(loc, found, rule, "leave it out, and write `objects`", (Edit(loc),))
                continue
            right = list(kind.chosen)
            meant = misspelt(name, right)
            yield Finding(
                loc,
                found,
                "the catalogue lists no such option for this type",
                right_word(name, right) if right else "this type has none",
                (Edit(loc),) if meant is None else (Edit(loc, meant),),
                (Repair(one_of(right)),) if right else (),
            )


@check("option-too-early")
def option_too_early(case: Case) -> Iterator[Finding]:
    """An option exists on the day as of which AWS's capabilities are taken."""
    on = case.scenario.as_of
    for subject in case.subjects.values():
        kind = case.types.get(subject.name)
        for i, name in enumerate(subject.resource.options if kind and on else ()):
            option = kind.options.get(name) if kind else None
            if option is not None and on is not None and on < option.since:
                found = f"{subject.name} has the option `{name}`, and `as_of` is {on}"
                rule, repair = f"there was no such option before {option.since}", f"write `as_of: {option.since}`"
                place: Loc = (*subject.loc, "options", i)
                yield Finding(place, found, rule, repair, (Edit(("as_of",), str(option.since)),))


@check("no-namespaces")
def no_namespaces(case: Case) -> Iterator[Finding]:
    """Only what is billed by its namespaces has a number of them."""
    by_namespaces = [kind.name for kind in case.catalogue.types.values() if kind.namespaces is not None]
    for subject in case.subjects.values():
        kind = case.types.get(subject.name)
        if kind is not None and kind.namespaces is None and subject.resource.namespaces is not None:
            loc: Loc = (*subject.loc, "namespaces")
            found = f"`namespaces` is given to {subject.name}, of type {kind.name}"
            rule = f"only {listed(by_namespaces)} is billed by its namespaces" if by_namespaces else "no type has any"
            yield Finding(loc, found, rule, "remove it", (Edit(loc),))


@check("initialization-quota", warning=Weight.LOSES_MORE)
def initialization_quota(case: Case) -> Iterator[Finding]:
    """What is restored at a provisioned rate asks a Region for no more, all at once, than it gives to all."""
    asked: dict[tuple[str, str], list[tuple[str, float]]] = {}
    limits: dict[str, float] = {}
    for name, kind in case.types.items():
        resource = case.subjects[name].resource
        for option in (kind.options[key] for key in kind.in_force):
            if option.rate_of_region is None:
                continue
            rate = parameters(case.scenario, case.catalogue, kind, resource).required("hydration_rate").mean
            region = case.scenario.sites[case.home_of(name)].region
            asked.setdefault((region, option.name), []).append((name, resource.count * rate))
            limits[option.name] = option.rate_of_region.value
    for (region, option_name), uses in asked.items():
        total, limit = sum(rate for _, rate in uses), limits[option_name]
        if total <= limit:
            continue
        names = [name for name, _ in uses]
        found = f"`{option_name}` of {listed(names)} asks for {total / KIB / KIB:,.0f} MiB/s in {region}, all at once"
        rule = (
            f"a Region gives {limit / KIB / KIB:,.0f} MiB/s to all together, and refuses what asks for more: the "
            "figures suppose a raised quota, under which all load at their rates"
        )
        loc = (*case.subjects[names[-1]].loc, "options")
        yield Finding(loc, found, rule, *_within(case, uses, option_name, limit))


def _within(
    case: Case, uses: Sequence[tuple[str, float]], option_name: str, limit: float
) -> tuple[str, tuple[Edit, ...], tuple[Repair, ...]]:
    """Return what keeps a Region's rate, best first: a lower rate for all that fits, fewer with the option, more quota.

    Args:
        case: the scenario.
        uses: the resources with the option in the Region, with what each asks for [bytes/s].
        option_name: its name.
        limit: what the Region gives to all together [bytes/s].
    """
    raised = Repair("have AWS raise the quota, and leave it as it is")
    resources = [case.subjects[name] for name, _ in uses]
    fits = math.floor(limit / sum(subject.resource.count for subject in resources) / KIB / KIB)
    last = resources[-1]
    fewer = Repair(
        "leave the option to those that have to be quick",
        (Edit((*last.loc, "options", last.resource.options.index(option_name))),),
    )
    if fits < _SLOWEST:
        return fewer.text, fewer.edits, (raised,)
    rate = f"{fits} MiB/s"
    faster = [
        case.subjects[name] for name, asked in uses if asked > fits * KIB * KIB * case.subjects[name].resource.count
    ]
    of = listed([subject.name for subject in faster])
    words = f"write `overrides: {{hydration_rate: {rate}}}` of {of}, or have AWS raise the quota"
    slower = tuple(Edit((*subject.loc, "overrides", "hydration_rate"), rate) for subject in faster)
    return words, slower, (fewer, raised)
