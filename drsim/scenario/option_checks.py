"""Checks of options: what a resource may be otherwise than its type."""

from __future__ import annotations

from collections.abc import Iterator

from drsim.catalogue import misspelt
from drsim.errors import Edit
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Case, Finding, Repair, check
from drsim.scenario.shape import one_of, right_word


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
