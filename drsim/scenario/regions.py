"""Checks of Regions and zones: what a scenario names is what AWS has, or said to be like what AWS has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from drsim.catalogue import Region, nearest_region
from drsim.catalogue.own_prices import LIKE
from drsim.errors import Edit, Weight
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Case, Finding, Repair, check, listed

_ZONE = re.compile(r"([a-z]{2,}(?:-[a-z]+)+-\d+)([a-z])\Z")
"""The name of a zone: a Region's and a letter. Source: `aws ec2 describe-availability-zones`."""


def _named(case: Case) -> Iterator[tuple[Loc, str]]:
    """Yield every Region that is named and has to be one of AWS's."""
    for name, site in case.scenario.sites.items():
        if site.region_like is None and not site.on_premises:
            yield ("sites", name, "region"), site.region
        elif site.region_like is not None:
            yield ("sites", name, "region_like"), site.region_like
    if case.scenario.prices.like is not None:
        yield ("prices", LIKE), case.scenario.prices.like
    for place, items in case.scenario.prices.regions.items():
        for region in place.split(">"):
            if region != "*" and region not in case.scenario.region_likes:
                yield ("prices", "regions", place), region
        if isinstance(items.get(LIKE), str):
            yield ("prices", "regions", place, LIKE), str(items[LIKE])


@check("unknown-region")
def unknown_region(case: Case) -> Iterator[Finding]:
    """A Region that is named is one of AWS's, or a site says which one it is like."""
    for loc, region in _named(case):
        if region not in case.catalogue.regions:
            yield _unknown(case, loc, region)


def _unknown(case: Case, loc: Loc, region: str) -> Finding:
    """Return what to write for a Region that does not exist, as changes where it is told which one is meant."""
    key, known = str(loc[-1]), case.catalogue.regions
    found, rule, repair = unknown_words(known, region, key=key)
    near, likely = nearest_region(region, known)
    fact = Repair(f"the nearest is `{near.name}` ({near.where})")
    like = case.scenario.region_likes.get(region)
    if key == "region" and like is not None:
        admitted = Edit((*loc[:-1], "region_like"), like)
        return Finding(loc, found, rule, f"write `region_like: {like}` here, too", (admitted,), (fact,))
    zone = _ZONE.match(region)
    if zone and zone[1] in known:
        beside = (Edit((*loc[:-1], "zone"), region),) if key == "region" else ()
        return Finding(loc, found, rule, repair, (*_named_anew(case, loc, region, zone[1]), *beside), (fact,))
    if not likely:
        return Finding(loc, found, rule, repair)
    edits = _named_anew(case, loc, region, near.name)
    zones = dict.fromkeys(str(edit.value) for edit in edits if edit.loc[-1] == "zone")
    repair += "".join(f"; write `zone: {zone}`, too" for zone in zones)
    without = (Repair("leave `region_like` out", (Edit(loc),)),) if key == "region_like" else ()
    return Finding(loc, found, rule, repair, edits, (*without, fact))


def _named_anew(case: Case, loc: Loc, wrong: str, right: str) -> tuple[Edit, ...]:
    """Return what writes the right name of a Region for a wrong one, in the zones that begin with it too."""
    scenario = case.scenario
    if loc[:2] == ("prices", "regions") and len(loc) == 3:
        place, known = str(loc[2]), case.catalogue.regions
        new = ">".join(right if part == wrong else _meant(known, part) for part in place.split(">"))
        return (
            () if new in scenario.prices.regions else (Edit((*loc[:2], new), scenario.prices.regions[place]), Edit(loc))
        )
    edits = [Edit(loc, right)]
    if loc[-1] == "region":
        zones: list[tuple[Loc, str | None]] = [((*loc[:-1], "zone"), scenario.sites[str(loc[1])].zone)]
        zones += [(("disruptions", name, "zone"), disruption.zone) for name, disruption in scenario.disruptions.items()]
        edits += [Edit(at, right + zone[-1].lower()) for at, zone in zones if zone and zone[:-1] == wrong]
    return tuple(edits)


def _meant(known: Mapping[str, Region], name: str) -> str:
    """Return the Region that is likely meant, or the name as it stands."""
    if name == "*" or name in known:
        return name
    near, likely = nearest_region(name, known)
    return near.name if likely else name


def unknown_words(known: Mapping[str, Region], region: str, *, key: str = "region") -> tuple[str, str, str]:
    """Return what is wrong about the name of a Region, the rule, and the repair.

    Args:
        known: the Regions by name.
        region: the name that none of them has.
        key: under which it stands; `region` alone can be helped by `region_like`.
    """
    found = f"there is no Region `{region}`"
    rule = "a Region is one of AWS's, which `drsim catalogue --list regions` shows"
    zone = _ZONE.match(region)
    if zone and zone[1] in known:
        found = f"`{region}` is a zone, not a Region"
        beside = f", and `zone: {region}` beside it" if key == "region" else ""
        return found, rule, f"write `{zone[1]}`{beside}"
    near, likely = nearest_region(region, known)
    repair = f"did you mean `{near.name}` ({near.where})?" if likely else f"the nearest is `{near.name}` ({near.where})"
    if key == "region":
        repair += f"{'' if likely else ';'} `region_like: us-east-1` beside it admits a Region newer than the catalogue"
    return found, rule, repair


@check("region-like")
def region_like(case: Case) -> Iterator[Finding]:
    """What a Region is like is another Region, and the same at all sites of it."""
    likes: dict[str, tuple[str, str]] = {}
    for name, site in case.scenario.sites.items():
        if site.region_like is None:
            continue
        loc = ("sites", name, "region_like")
        if site.region_like == site.region and site.region in case.catalogue.regions:
            found = f"the Region `{site.region}` of `{name}` is said to be like itself"
            yield Finding(loc, found, "`region_like` names another Region", "remove `region_like`", (Edit(loc),))
            continue
        other, like = likes.setdefault(site.region, (name, site.region_like))
        if like != site.region_like:
            found = f"`{name}` says that {site.region} is like {site.region_like}, `{other}` that it is like {like}"
            repair = f"write `region_like: {like}` here, too"
            yield Finding(loc, found, "a Region is like one other", repair, (Edit(loc, like),))


@check("region-taken-as", warning=Weight.MISLEADS)
def region_taken_as(case: Case) -> Iterator[Finding]:
    """Prices and rates of a Region that is like another one are estimates."""
    seen = set()
    for name, site in case.scenario.sites.items():
        if site.region_like is None or site.region in seen:
            continue
        seen.add(site.region)
        known = site.region in case.catalogue.regions
        found = f"{site.region} is taken to be like {site.region_like}" + (
            "" if known else ", and no Region known here"
        )
        what = "prices and rates that the catalogue has for the latter alone"
        rule = (
            f"{what} hold for the former, as estimates"
            if known
            else "all its prices and rates are that one's, estimates"
        )
        repair = f"`prices: {{regions: {{{site.region}: …}}}}` says what it costs"
        yield Finding(("sites", name, "region_like"), found, rule, repair)


def _zones(case: Case) -> Iterator[tuple[Loc, str, set[str], str]]:
    """Yield every zone that is named, the Regions in which it may lie, and what names them."""
    scenario = case.scenario
    for name, site in scenario.sites.items():
        if site.zone is not None:
            yield ("sites", name, "zone"), site.zone, {site.region}, f"the site `{name}`"
    for name, disruption in scenario.disruptions.items():
        if disruption.zone is None:
            continue
        if disruption.site is not None:
            at = scenario.sites.get(disruption.site)
            regions, of = {at.region} if at else set(), f"the site `{disruption.site}`"
        else:
            homes = (app.site for app in scenario.applications.values())
            regions = {scenario.sites[home].region for home in homes if home in scenario.sites}
            of = "the applications' sites"
        if regions:
            yield ("disruptions", name, "zone"), disruption.zone, regions, of


@check("unknown-zone")
def unknown_zone(case: Case) -> Iterator[Finding]:
    """A zone lies in the Region of what names it, and is one that the Region has, as far as the catalogue knows."""
    out = "leave `zone` out"
    for loc, zone, regions, of in _zones(case):
        if not zone.strip():
            found, rule = f"`{zone}` is no name of a zone", "a zone is a Region's name and a letter"
            yield Finding(loc, found, rule, out, (Edit(loc),))
        if not zone.strip() or not any(region in case.catalogue.regions for region in regions):
            continue
        match, known = _ZONE.match(zone.lower()), sorted(regions)
        letters = _letters(case, known[:1])
        if match is None:
            letter = zone.lower() if len(zone) == 1 else ""
            found, rule = f"`{zone}` is no name of a zone", "a zone is a Region's name and a letter"
        elif match[1] not in regions:
            letter = match[2]
            found = f"the zone `{zone}` lies in {match[1]}, and {of} in {listed(known)}"
            rule = "a zone lies in the Region of what names it"
        elif match[2] not in _letters(case, [match[1]]):
            known, letters, letter = [match[1]], _letters(case, [match[1]]), ""
            found, rule = f"{match[1]} has no zone `{zone}`", f"its zones are {match[1]}{', '.join(letters)}"
        else:
            continue
        right = known[0] + (letter if letter and letter in letters else letters[0])
        repair, edits = f"write `zone: {right}`, or leave it out", (Edit(loc, right),)
        yield Finding(loc, found, rule, repair, edits, (Repair(out, (Edit(loc),)),))


def _letters(case: Case, regions: list[str]) -> str:
    """Return the letters that zones of Regions have; all where the catalogue does not know those of one."""
    zones = [case.catalogue.regions[name].zones if name in case.catalogue.regions else None for name in regions]
    return "".join(
        sorted({letter for leaf in zones for letter in (leaf.value if leaf else "abcdefghijklmnopqrstuvwxyz")})
    )


def _partition(case: Case, site: str | None) -> str | None:
    """Return the partition of AWS in which a site lies; None where nothing tells it."""
    at = case.scenario.sites.get(site or "")
    region = at and (case.catalogue.regions.get(at.region) or case.catalogue.regions.get(at.region_like or ""))
    return region.partition if region else None


def _apart(case: Case, one: str | None, other: str | None) -> bool:
    """Tell whether two sites are known to lie in different partitions."""
    partitions = {_partition(case, one), _partition(case, other)}
    return len(partitions) == 2 and None not in partitions


_APART = "nothing is copied or replicated from one partition of AWS into another"


@check("partitions-apart")
def partitions_apart(case: Case) -> Iterator[Finding]:
    """Copies and replication stay in one partition of AWS."""
    scenario = case.scenario
    home = {name: scenario.applications[subject.application].site for name, subject in case.subjects.items()}
    for copy in case.copies:
        source, target = (scenario.vaults.get(v) for v in (copy.source_vault, copy.action.destination_vault))
        here = {source.site} if source and source.site else {home[s] for s in case.subjects_of[copy.placed.plan_name]}
        site = next((site for site in sorted(here) if target and _apart(case, site, target.site)), None)
        if site and target:
            there, partition = _partition(case, target.site), _partition(case, site)
            found = (
                f"the vault `{copy.action.destination_vault}` lies in the partition {there}, `{site}` in {partition}"
            )
            loc = (*copy.loc, "destination_vault")
            others = {name: vault.site for name, vault in scenario.vaults.items() if name != copy.source_vault}
            words = f"name a vault in {partition}"
            if len({_partition(case, home_site) for home_site in here} - {None}) > 1:
                others, words = {}, "make a plan for the resources of each partition, with vaults there"
            yield _brought_together(case, loc, found, site, others, words)
    for name, strategy in scenario.strategies.items():
        for selector, use in strategy.features.items():
            replicated = (subject for subject in home if case.feature_of(name, subject) == selector)
            subject = next((name for name in replicated if _apart(case, home[name], use.to)), None)
            if subject:
                partition, there = _partition(case, home[subject]), _partition(case, use.to)
                found = f"`{use.to}` lies in the partition {there}, {subject} in {partition}"
                loc = ("strategies", name, "replication", selector, "to")
                others = {name: name for name in scenario.sites if name != home[subject]}
                yield _brought_together(case, loc, found, home[subject], others, f"name a site in {partition}")


_MOST_OFFERED = 3
"""Places that are tried in place of one in another partition."""


def _brought_together(
    case: Case, loc: Loc, found: str, site: str, others: Mapping[str, str | None], words: str
) -> Finding:
    """Return what to write for a place in another partition: one that lies in the same, elsewhere if there is such.

    Args:
        case: under check.
        loc: where the name of the place stands.
        found: what is wrong.
        site: where that lies which is copied or replicated.
        others: names that may stand there, with their sites.
        words: what to do where none of them helps.
    """
    partition = _partition(case, site)
    fitting = [name for name, at in others.items() if partition is not None and _partition(case, at) == partition]
    fitting.sort(key=lambda name: others[name] == site)
    offered = [Repair(f"write `{loc[-1]}: {name}`", (Edit(loc, name),)) for name in fitting[:_MOST_OFFERED]]
    first, *rest = [*offered, Repair(words)]
    return Finding(loc, found, _APART, first.text, first.edits, tuple(rest))
