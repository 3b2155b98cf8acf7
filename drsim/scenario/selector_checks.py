"""Checks of selectors: each selects something, and none contradicts those beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from drsim.catalogue import misspelt
from drsim.errors import Edit, Weight
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Case, Finding, Repair, check, listed
from drsim.scenario.selectors import NOT, TAG, TYPE, applying, excludes, matches, specificity
from drsim.scenario.shape import one_of, right_word
from drsim.scenario.subjects import Subject


def _mappings(case: Case) -> Iterator[tuple[Loc, list[str]]]:
    """Yield the place and the selectors of every mapping in which selectors are keys."""
    for name, strategy in case.scenario.strategies.items():
        yield ("strategies", name, "backup"), [selector for selector, _ in strategy.backup]
        yield ("strategies", name, "replication"), list(strategy.replication)


def selectors_named(case: Case) -> Iterator[tuple[Loc, str]]:
    """Yield every selector with its place."""
    for loc, selectors in _mappings(case):
        yield from (((*loc, selector), selector) for selector in selectors)
    for name, disruption in case.scenario.disruptions.items():
        if disruption.target is not None:
            yield ("disruptions", name, "target"), disruption.target
    yield from ((("planning", "keep", i), selector) for i, selector in enumerate(case.scenario.planning.keep))


def _is_of_refused_name(case: Case, selector: str) -> bool:
    """Return whether a selector may be of an application whose name is refused for the `!` before it.

    With another name it is another selector: there is nothing to say of it until then.
    """
    refused = {app.lstrip(NOT) for app in case.scenario.applications if excludes(app)}
    return bool(refused) and selector.lstrip(NOT).partition(".")[0] in refused


@check("unmatched-selector")
def unmatched_selector(case: Case) -> Iterator[Finding]:
    """A selector selects something, and one that excludes has something to exclude."""
    everything = list(case.subjects.values())
    for loc, selector in selectors_named(case):
        bare = selector.removeprefix(NOT)
        if _is_of_refused_name(case, selector):
            continue
        if excludes(bare):
            found, rule = f"`{selector}` begins with two `{NOT}`", f"one `{NOT}` before a selector excludes"
            yield Finding(loc, found, rule, f'write `{bare.lstrip(NOT)}`, or `"{NOT}{bare.lstrip(NOT)}"`')
        elif bare.startswith(TYPE) and case.catalogue.find_type(bare.removeprefix(TYPE)) is None:
            continue  # told as an unknown type
        # `*` over applications without resources is the only way to select nothing and still mean it
        elif bare != "*" and not any(matches(bare, *s.selectable) for s in everything):
            rule = "a selector selects a resource"
            repair = _repair(case, bare, everything, selector.removesuffix(bare))
            yield Finding(loc, f"the selector `{selector}` selects nothing", rule, repair)
        elif loc[0] == "disruptions" and everything and not any(matches(selector, *s.selectable) for s in everything):
            found, rule = f"the target `{selector}` leaves nothing to strike", "a selector selects a resource"
            yield Finding(loc, found, rule, f"write what it strikes, such as `{everything[0].name}`")


def _repair(case: Case, bare: str, everything: Sequence[Subject], before: str = "") -> str:
    """Return what to write for a selector that selects nothing: the nearest of its kind that does.

    Args:
        case: the scenario.
        bare: the selector.
        everything: all that there is to select.
        before: what stands before the selector and has to stay: `!` where it excludes.
    """
    if bare.startswith(TAG):
        return _tag_repair(bare, everything, before)
    if bare.startswith(TYPE):
        types = sorted({f"{TYPE}{s.resource.type}" for s in everything})
        return (
            one_of([_marked(type_name, before) for type_name in types])
            or "write resources of the type, or remove the selector"
        )
    names = _names(case)
    if f"{bare}.*" in names:
        return f"did you mean `{_marked(f'{bare}.*', before)}`?"
    if (app := bare.removesuffix(".*")) in case.scenario.applications:
        return f"write the `resources` of {app}, or remove the selector"
    if meant := misspelt(bare, names):
        return f"did you mean `{_marked(meant, before)}`?"
    return right_word(bare, [_marked(name, before) for name in names])


def _marked(selector: str, before: str) -> str:
    """Return a selector with what stands before it, in the quotes that YAML needs then."""
    return f'"{before}{selector}"' if before else selector


def _names(case: Case) -> list[str]:
    """Return all selectors by name that select something."""
    everything = case.subjects.values()
    apps = [app for app in case.scenario.applications if any(s.application == app for s in everything)]
    return [name for name in (*case.subjects, *(f"{app}.*" for app in apps)) if not excludes(name)]


_LONGEST_SHOWN = 100
"""Characters of a selector by a tag that a repair repeats."""


def _tag_repair(bare: str, everything: Sequence[Subject], before: str) -> str:
    """Return what to write for a selector by a tag that nothing has."""
    pairs = sorted({(key, value) for s in everything for key, value in s.tags.items()})
    key, _, value = bare.removeprefix(TAG).partition("=")
    if not pairs:
        # what is too long for a tag is no example of one
        key, value = (key or "team", value or "payments") if len(bare) <= _LONGEST_SHOWN else ("team", "payments")
        tag = f"{key}: {value}"
        return f"nothing has tags: write `tags: {{{tag}}}` at the resources that are meant, or at their application"
    right = [f"{k}={v}" for k, v in pairs if k == key] or [f"{k}={v}" for k, v in pairs]
    # the word before the colon is alike in all and says nothing about what is meant
    close = get_close_matches(bare.removeprefix(TAG), right, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{_marked(TAG + close[0], before)}`?"
    return one_of([_marked(TAG + tag, before) for tag in right])


@check("excluded-selector")
def excluded_selector(case: Case) -> Iterator[Finding]:
    """A selector gives something to somebody: not all that it selects is excluded beside it."""
    for loc, written in _mappings(case):
        selectors = [other for other in written if not _is_of_refused_name(case, other)]
        for selector in (selector for selector in selectors if not excludes(selector)):
            fitting = [s for s in case.subjects.values() if matches(selector, *s.selectable)]
            if fitting and not any(selector in applying(selectors, *s.selectable) for s in fitting):
                excluding = [other for other in selectors if excludes(other)]
                by = [other for other in excluding if not all(matches(other, *s.selectable) for s in fitting)]
                found = f"all that `{selector}` selects is excluded by {listed([f'`{other}`' for other in by])}"
                rule = "what is excluded gets nothing from the other selectors, however near they are"
                repair = f"remove `{selector}`, which changes nothing, or `{by[0]}`"
                # a selector may be written in other words than it is read: then there is nothing to remove by its name
                instead = (Repair(f"remove one of them: `{selector}` or `{by[0]}`"),)
                yield Finding((*loc, selector), found, rule, repair, (Edit((*loc, selector)),), instead)


@check("exclusion-with-value")
def exclusion_with_value(case: Case) -> Iterator[Finding]:
    """A selector that excludes gives nothing, and every other one says what it gives."""
    for name, strategy in case.scenario.strategies.items():
        loc = ("strategies", name, "backup")
        for selector, plans in strategy.backup:
            if excludes(selector) and plans and not _is_of_refused_name(case, selector):
                found, rule = f"`{selector}` excludes, and names {listed(plans)}", "what is excluded gets no plan"
                yield _emptied(case, (*loc, selector), selector, found, rule, "plan")
        loc = ("strategies", name, "replication")
        for selector, use in strategy.replication.items():
            if _is_of_refused_name(case, selector):
                continue
            if excludes(selector) and use is not None:
                found = f"`{selector}` excludes, and names the feature {use.feature}"
                yield _emptied(case, (*loc, selector), selector, found, "what is excluded is not replicated", "feature")
            elif use is None and not excludes(selector):
                found, rule = f"`{selector}` names no feature", "a selector says how what it selects is replicated"
                if not _selects(case, selector):
                    meant = misspelt(selector, _names(case))
                    yield Finding((*loc, selector), found, rule, _of_misspelt(meant and f"`{meant}` a feature"))
                    continue
                repair = f'write `{{feature: …}}`, or `"{NOT}{selector}": []` to leave it out'
                gone = Edit((*loc, selector))
                edits = (Edit((*loc, NOT + selector), []), gone)
                without = (Repair(f"write `{{feature: …}}`, or remove `{selector}`", (gone,)), Repair(repair))
                yield Finding((*loc, selector), found, rule, repair, edits, without)


def _selects(case: Case, selector: str) -> bool:
    """Return whether a selector selects a resource, or one that excludes has one to exclude."""
    bare = selector.lstrip(NOT)
    return bare == "*" or any(matches(bare, *s.selectable) for s in case.subjects.values())


def _of_misspelt(right: str | None) -> str:
    """Return what to do with a selector that selects nothing, whatever else is wrong with it."""
    return f"give {right}, or remove it, which selects nothing" if right else "remove it, which selects nothing"


def _emptied(case: Case, loc: Loc, selector: str, found: str, rule: str, what: str) -> Finding:
    """Return a finding about a selector that excludes and gives something: it gives nothing, then."""
    meant = selector.removeprefix(NOT)
    if not _selects(case, selector):
        # the selector next to it in spelling, or none: the one that is written selects nothing with a value or without
        near = misspelt(selector.lstrip(NOT), _names(case))
        if near is None:
            return Finding(loc, found, rule, _of_misspelt(None))
        repair = f'write `"{NOT}{near}": []`, or `{near}` to give it the {what}'
        return Finding(loc, found, rule, repair)
    repair = f'write `"{selector}": []`, or `{meant}` to give it the {what}'
    return Finding(loc, found, rule, repair, (Edit(loc, []),), (Repair(repair),))


@check("none-overruled", warning=Weight.MISLEADS)
def none_overruled(case: Case) -> Iterator[Finding]:
    """An empty list of plans adds none, and takes none away that a broader selector gives."""
    for name, strategy in case.scenario.strategies.items():
        plans = dict(strategy.backup)
        for selector in (selector for selector, given in strategy.backup if not given and not excludes(selector)):
            for subject in case.subjects.values():
                chosen = applying(plans, *subject.selectable)
                giving = [other for other in chosen if plans[other]]
                others = [other for other in giving if specificity(other) <= specificity(selector)]
                if selector in chosen and others:
                    given = listed([f"`{plan}`" for other in others for plan in plans[other]])
                    found = f"`{selector}` names no plan, and {subject.name} has {given} by `{others[0]}`"
                    rule = "all selectors that match apply: an empty list takes nothing away"
                    loc = ("strategies", name, "backup", selector)
                    # to exclude it leaves it without backups: that is for the user to decide
                    repair = f'remove it, which changes nothing, or write `"{NOT}{selector}": []` to exclude it'
                    instead = (Repair(f'write `"{NOT}{selector}": []` to exclude it'),)
                    yield Finding(loc, found, rule, repair, (Edit(loc),), instead)
                    break
