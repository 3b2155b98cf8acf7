"""Checks of names: what one part of a scenario calls another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from drsim.catalogue import Catalogue, misspelt
from drsim.catalogue.own_prices import FACTOR, LIKE, read_like
from drsim.errors import DrsimError, Edit, InputError, Problem
from drsim.scenario.model import Application, Resource, Scenario
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Case, Finding, Repair, check, listed
from drsim.scenario.selector_checks import selectors_named
from drsim.scenario.selectors import NOT, TYPE, matches
from drsim.scenario.shape import dotted, one_of, right_word


def unknown(loc: Loc, name: str, kind: str, known: Iterable[str]) -> Finding:
    """Return what to write for a name of a kind of which there is none."""
    found = f"`{dotted(loc)}` names the {kind} `{name}`"
    right = list(known)
    repair = right_word(name, right) if right else f"declare a {kind}"
    return Finding(loc, found, f"there is no such {kind}", repair, _named(loc, name, right), _or_choose(right))


_NAMING = frozenset(
    {
        *("site", "recover_at", "to", "target_vault", "target_air_gapped_vault", "destination_vault"),
        *("type", "service", "kind", "feature", "key", "baseline"),
    }
)
"""Keys whose value is one name."""


def _named(loc: Loc, name: str, right: list[str]) -> tuple[Edit, ...]:
    """Return what writes the nearest right name in place of another, where a place holds one name and one is near."""
    meant = misspelt(name, right) if loc[-1] in _NAMING or isinstance(loc[-1], int) else None
    return () if meant is None else (Edit(loc, meant),)


def _or_choose(right: list[str]) -> tuple[Repair, ...]:
    """Return what else to do about a wrong name: to choose from all right ones."""
    return (Repair(one_of(right)),) if right else ()


def sites_named(scenario: Scenario) -> Iterator[tuple[Loc, str | None]]:
    """Yield each place that may name a site, and the site that it names; None where it names none.

    The last of a place among limits is the key that names it, such as `to:recovery`.
    """
    for name, vault in scenario.vaults.items():
        yield ("vaults", name, "site"), vault.site
    for name, app in scenario.applications.items():
        yield ("applications", name, "site"), app.site
        yield ("applications", name, "recover_at"), app.recover_at
    for name, strategy in scenario.strategies.items():
        for selector, replication in strategy.features.items():
            yield ("strategies", name, "replication", selector, "to"), replication.to
        for app_name, standby in strategy.standby.items():
            yield ("strategies", name, "standby", app_name, "site"), standby.site
    for name, disruption in scenario.disruptions.items():
        yield ("disruptions", name, "site"), disruption.site
    for key, limit in scenario.limits:
        for member in limit or {}:
            if member.startswith("to:"):
                yield ("limits", key, member), member.removeprefix("to:").strip()


@check("unknown-site")
def unknown_site(case: Case) -> Iterator[Finding]:
    """A site that is named exists."""
    for loc, site in sites_named(case.scenario):
        if site is not None and site not in case.scenario.sites:
            yield unknown(loc, site, "site", case.scenario.sites)


@check("unknown-vault")
def unknown_vault(case: Case) -> Iterator[Finding]:
    """A vault that a rule or a copy action names exists."""
    named = [((*p.loc, "target_vault"), p.rule.target_vault) for p in case.rules]
    named += [
        ((*p.loc, "target_air_gapped_vault"), p.rule.target_air_gapped_vault)
        for p in case.rules
        if p.rule.target_air_gapped_vault is not None
    ]
    named += [((*c.loc, "destination_vault"), c.action.destination_vault) for c in case.copies]
    for loc, vault in named:
        if vault not in case.scenario.vaults:
            yield unknown(loc, vault, "vault", case.scenario.vaults)


@check("unknown-plan")
def unknown_plan(case: Case) -> Iterator[Finding]:
    """A plan that a strategy names exists."""
    for name, strategy in case.scenario.strategies.items():
        for selector, plans in strategy.backup:
            for plan in plans:
                if plan not in case.scenario.backup_plans:
                    loc = ("strategies", name, "backup", selector)
                    yield unknown(loc, plan, "backup plan", case.scenario.backup_plans)


def _types_named(case: Case) -> Iterator[tuple[Loc, str | None]]:
    """Yield the types that are named, with their places; None where all are meant, which no resource can be of."""
    scenario = case.scenario
    for subject in case.subjects.values():
        yield (*subject.loc, "type"), subject.resource.type
    for name in scenario.overrides:
        yield ("overrides", name), None if name == "*" else name
    for key, limit in scenario.limits:
        for name in limit or {}:
            yield ("limits", key, name), None if name == "*" or name.startswith("to:") else name
    for loc, selector in selectors_named(case):
        if (bare := selector.removeprefix(NOT)).startswith(TYPE):
            yield loc, bare.removeprefix(TYPE)
    for name, disruption in scenario.disruptions.items():
        yield ("disruptions", name, "service"), disruption.service


@check("unknown-type")
def unknown_type(case: Case) -> Iterator[Finding]:
    """A resource type that is named is in the catalogue."""
    for loc, name in _types_named(case):
        if name is not None and case.catalogue.find_type(name) is None:
            yield no_type(case.catalogue, loc, name)


def no_type(catalogue: Catalogue, loc: Loc, name: str) -> Finding:
    """Return what to write for a type that the catalogue does not have: a misspelt one, or what stands for it."""
    found, rule = f"`{dotted(loc)}` names the resource type `{name}`", "there is no such resource type"
    other, meant = catalogue.find_other(name), catalogue.nearest_type(name)
    if other is None and meant is not None and (other := catalogue.find_other(meant)) is None:
        return Finding(loc, found, rule, f"did you mean `{meant}`?")
    if other is not None:
        named = f"`{name}`" if catalogue.find_other(name) else f"did you mean `{meant}`? It"
        return Finding(loc, found, rule, f"{named} {other.says}: {other.write}")
    return Finding(loc, found, rule, right_word(name, list(catalogue.types)))


@check("unknown-feature")
def unknown_feature(case: Case) -> Iterator[Finding]:
    """A replication feature is one that the catalogue lists for the type of every resource it is given to."""
    for loc, subject, feature in _features(case):
        kind = case.types.get(subject)
        if kind is not None and feature not in kind.replication:
            found = f"the feature `{feature}` is given to {subject}, of type {kind.name}"
            right = list(kind.replication)
            repair = right_word(feature, right) if right else "this type has none"
            place, rule = (*loc, "feature"), "the catalogue lists no such feature for this type"
            yield Finding(place, found, rule, repair, _named(place, feature, right), _or_choose(right))


def _features(case: Case) -> Iterator[tuple[Loc, str, str]]:
    """Yield place, resource and feature of every replication, by the nearest selector."""
    for name, strategy in case.scenario.strategies.items():
        for subject in case.subjects.values():
            selector = case.feature_of(name, subject.name)
            if selector is not None and not subject.resource.stateless:
                loc = ("strategies", name, "replication", selector)
                yield loc, subject.name, strategy.features[selector].feature


@check("replication-target")
def replication_target(case: Case) -> Iterator[Finding]:
    """A feature that replicates to another site names it, and one that stays at the resource's site names none."""
    for loc, subject, feature in _features(case):
        kind = case.types.get(subject)
        known = kind.replication.get(feature) if kind else None
        if known is None:
            continue
        to = case.scenario.strategies[str(loc[1])].features[str(loc[3])].to
        home = case.scenario.applications[case.subjects[subject].application].site
        if known.scope == "other-site" and to in (None, home):
            found = f"`{feature}` of {subject} goes to {'no site' if to is None else 'the site where it runs'}"
            others = [site for site in case.scenario.sites if site != home]
            edits = tuple(Edit((*loc, "to"), site) for site in others[:1])
            repair = f"write `to: {others[0] if others else '<another site>'}`"
            yield Finding(loc, found, "the feature replicates to another site", repair, edits)
        elif known.scope == "same-site" and to is not None:
            found = f"`{feature}` of {subject} goes to `{to}`"
            place, rule = (*loc, "to"), "the feature stays at the resource's site"
            yield Finding(place, found, rule, "remove `to`", (Edit(place),))


@check("unknown-application")
def unknown_application(case: Case) -> Iterator[Finding]:
    """An application that is named exists."""
    applications = case.scenario.applications
    for name, app in applications.items():
        for key, named in (("after", app.after), ("requires", app.requires)):
            for i, before in enumerate(named):
                if before not in applications:
                    others = [application_name for application_name in applications if application_name != name]
                    yield unknown(("applications", name, key, i), before, "application", others)
    for name, strategy in case.scenario.strategies.items():
        for app_name in strategy.standby:
            if app_name not in applications:
                yield unknown(("strategies", name, "standby", app_name), app_name, "application", applications)


@check("standby-at-home")
def standby_at_home(case: Case) -> Iterator[Finding]:
    """A standby runs at another site than its application."""
    for name, strategy in case.scenario.strategies.items():
        for app_name, standby in strategy.standby.items():
            app = case.scenario.applications.get(app_name)
            if app and app.site == standby.site:
                loc = ("strategies", name, "standby", app_name, "site")
                found = f"the standby of {app_name} is at its own site `{app.site}`"
                others = [site for site in case.scenario.sites if site != app.site]
                repair = f"name another site, such as `{others[0]}`" if others else "name another site"
                edits = tuple(Edit(loc, site) for site in others[:1])
                yield Finding(loc, found, "a standby runs at another site", repair, edits)


@check("unknown-disruption")
def unknown_disruption(case: Case) -> Iterator[Finding]:
    """Objectives of their own are for disruptions that exist."""
    for name, app in case.scenario.applications.items():
        for disruption in app.objectives.for_:
            if disruption not in case.scenario.disruptions:
                loc = ("applications", name, "objectives", "for", disruption)
                yield unknown(loc, disruption, "disruption", case.scenario.disruptions)


@check("unknown-kind")
def unknown_kind(case: Case) -> Iterator[Finding]:
    """A disruption is of a kind that the catalogue knows."""
    for name, disruption in case.scenario.disruptions.items():
        if disruption.kind not in case.catalogue.disruptions:
            loc = ("disruptions", name, "kind")
            yield unknown(loc, disruption.kind, "kind of disruption", case.catalogue.disruptions)


def _regions(case: Case, selector: str) -> set[str]:
    """Return the Regions of the resources that a selector selects."""
    chosen = (s for s in case.subjects.values() if matches(selector, *s.selectable))
    sites = (case.scenario.applications[s.application].site for s in chosen)
    return {case.scenario.sites[site].region for site in sites if site in case.scenario.sites}


@check("disruption-scope")
def disruption_scope(case: Case) -> Iterator[Finding]:
    """A zone that is named lies in one Region: the site's, else that of all targets."""
    for name, disruption in case.scenario.disruptions.items():
        kind = case.catalogue.disruptions.get(disruption.kind)
        several = len(_regions(case, disruption.target or "*")) > 1
        if kind and kind.strikes == "zone" and disruption.zone and disruption.site is None and several:
            found = f"the {kind.name} `{name}` names the zone `{disruption.zone}` and no site"
            rule = "its targets lie in several Regions, and a zone in one"
            sites = [site for site, where in case.scenario.sites.items() if disruption.zone.startswith(where.region)]
            edits = tuple(Edit(("disruptions", name, "site"), site) for site in sites[:1])
            repair = f"write `site: {sites[0] if sites else '<site>'}`"
            yield Finding(("disruptions", name, "zone"), found, rule, repair, edits)


def encryption_keys(case: Case) -> list[str]:
    """Return the keys that vaults and resources name, each once."""
    vaults = (vault.key for vault in case.scenario.vaults.values())
    resources = (subject.resource.key for subject in case.subjects.values())
    return list(dict.fromkeys(key for key in (*vaults, *resources) if key is not None))


@check("unknown-encryption-key")
def unknown_encryption_key(case: Case) -> Iterator[Finding]:
    """A key that a disruption strikes is that of a vault or a resource."""
    known = encryption_keys(case)
    for name, disruption in case.scenario.disruptions.items():
        if disruption.key is not None and disruption.key not in known:
            yield unknown(("disruptions", name, "key"), disruption.key, "key of a vault or resource", known)


@check("nested-resources")
def nested_resources(case: Case) -> Iterator[Finding]:
    """Resources are nested in types that nest only, as CloudFormation stacks do."""
    nesting = [kind.name for kind in case.catalogue.types.values() if kind.nests]
    for subject in case.subjects.values():
        kind = case.types.get(subject.name)
        if subject.resource.nested and kind is not None and not kind.nests:
            found = f"{subject.name}, of type {kind.name}, has `nested`"
            rule = f"only {listed(nesting)} has parts" if nesting else "no type of the catalogue has parts"
            yield Finding((*subject.loc, "nested"), found, rule, "write them among the application's `resources`")


def _dependencies(app: Application) -> Iterator[tuple[Loc, str, tuple[str, ...], set[str]]]:
    """Yield place, name, what comes before, and what may, of every resource and step."""
    top = {*app.resources, *app.steps}
    for name, step in app.steps.items():
        yield ("steps", name, "after"), name, step.after, top

    def below(
        resources: Mapping[str, Resource], loc: Loc, known: set[str]
    ) -> Iterator[tuple[Loc, str, tuple[str, ...], set[str]]]:
        for name, resource in resources.items():
            yield (*loc, name, "after"), name, resource.after, known
            yield from below(resource.nested, (*loc, name, "nested"), top | set(resource.nested))

    yield from below(app.resources, ("resources",), top)


@check("unknown-dependency")
def unknown_dependency(case: Case) -> Iterator[Finding]:
    """What comes before a resource or a step is a resource or a step of the same application."""
    for app_name, app in case.scenario.applications.items():
        for loc, _, before, known in _dependencies(app):
            for i, name in enumerate(before):
                if name not in known:
                    place = ("applications", app_name, *loc, i)
                    yield unknown(place, name, "resource or step of the application", sorted(known))


@check("ambiguous-name")
def ambiguous_name(case: Case) -> Iterator[Finding]:
    """A resource and a step of one application have different names."""
    for app_name, app in case.scenario.applications.items():
        for name in app.steps:
            if name in app.resources:
                found = f"{app_name} has a step and a resource `{name}`"
                loc = ("applications", app_name, "steps", name)
                yield Finding(loc, found, "`after` must tell them apart", "rename one")


@check("dependency-cycle")
def dependency_cycle(case: Case) -> Iterator[Finding]:
    """Nothing waits for itself, on whatever way round."""
    applications = case.scenario.applications
    graphs: list[tuple[Loc, dict[str, tuple[str, ...]]]] = [
        (("applications",), {name: app.waits_for for name, app in applications.items()})
    ]
    for app_name, app in applications.items():
        by_level: dict[Loc, dict[str, tuple[str, ...]]] = {}
        for loc, name, before, _ in _dependencies(app):
            level = loc[:-2] if len(loc) > 3 else ()
            by_level.setdefault(level, {})[name] = before
        graphs += [(("applications", app_name, *level), graph) for level, graph in by_level.items()]
    for loc, graph in graphs:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            # graphlib lists each before what waits for it
            way = list(reversed(error.args[1]))
            keys = [_key(case, loc, *pair) for pair in pairwise(way)]
            found = way[0] + "".join(f" {key} {name}" for key, name in zip(keys, way[1:], strict=True))
            first = next((*loc, *part, way[0], keys[0]) for part in _parts(loc, way[0], case))
            repair = f"remove one {' or '.join(f'`{key}`' for key in dict.fromkeys(keys))}"
            edits = (Edit((*first, _nth(case, first, way[1]))),)
            yield Finding(first, found, "nothing waits for itself", repair, edits, (Repair(repair),))


def _nth(case: Case, loc: Loc, name: str) -> int:
    """Return the position of a name in a list of those that come before."""
    value: Any = case.scenario
    for part in loc:
        value = value[part] if isinstance(value, Mapping) else getattr(value, str(part))
    return list(value).index(name) if name in value else 0


def _key(case: Case, loc: Loc, name: str, before: str) -> str:
    """Return the key by which a node waits for another one."""
    app = case.scenario.applications[name] if len(loc) == 1 else None
    return "requires" if app is not None and before not in app.after else "after"


def _parts(loc: Loc, name: str, case: Case) -> Iterator[Loc]:
    """Yield the mapping, below a level of an application, in which a name stands."""
    if len(loc) == 2:
        app = case.scenario.applications[str(loc[1])]
        yield ("resources",) if name in app.resources else ("steps",)
    yield ()


@check("wrong-price")
def wrong_price(case: Case) -> Iterator[Finding]:
    """A price that is replaced is one of the price list's, in its unit."""
    prices = case.scenario.prices
    of_others = {key: given for key, given in ((LIKE, prices.like), (FACTOR, prices.factor)) if given is not None}
    if of_others and isinstance(wrong := read_like("", of_others), Problem):
        yield Finding(("prices", FACTOR), wrong.found, wrong.rule, wrong.repair)
    if prices.catalogue is None and not prices.regions:
        return
    try:
        listed = case.catalogue.prices(prices.catalogue)
    except DrsimError as error:
        yield Finding(("prices", "catalogue"), f"the price list `{prices.catalogue}` cannot be used", str(error))
        return
    for place, items in prices.regions.items():
        like = {key: written for key, written in items.items() if key in (LIKE, FACTOR)}
        parts = [(item, {item: written}) for item, written in items.items() if item not in like]
        for item, part in [*([(next(iter(like)), like)] if like else []), *parts]:
            try:
                listed.with_overrides({place: part})
            except InputError as error:
                for problem in error.problems:
                    yield Finding(("prices", "regions", place, item), problem.found, problem.rule, problem.repair)
