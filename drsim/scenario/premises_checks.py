"""Checks of sites on premises: what they are, what stands there, what lies in a Region all the same, and their uplinks.

Source: the developer guide of AWS Backup, working with gateways.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from drsim.errors import Edit, Weight
from drsim.ranges import PARAMETERS
from drsim.scenario.model import ON_PREMISES
from drsim.scenario.nodes import Loc
from drsim.scenario.registry import Case, Finding, Repair, check, listed
from drsim.units import HOUR_S, format_number

_LEAST = PARAMETERS["backup_rate"]


@check("on-premises")
def on_premises(case: Case) -> Iterator[Finding]:
    """A site on premises has an uplink and lies in no Region; only such a site has an uplink."""
    for name, site in case.scenario.sites.items():
        loc = ("sites", name)
        if not site.on_premises:
            if site.uplink is not None:
                found, rule = (
                    f"`{name}` lies in {site.region} and has an uplink",
                    "an uplink leads from premises to AWS",
                )
                moved = (Edit((*loc, "on-premises"), value=True), Edit((*loc, "region")))
                instead = Repair("write `on-premises: true` in place of the Region", moved)
                yield Finding(
                    (*loc, "uplink"), found, rule, "leave `uplink` out", (Edit((*loc, "uplink")),), (instead,)
                )
            continue
        if site.uplink is None:
            found, rule = f"`{name}` is on premises and has no uplink", "all its backups and restores go over one"
            repair = "write what its line carries, such as `uplink: 500 Mbit/s`"
            yield Finding(loc, found, rule, repair, (Edit((*loc, "uplink"), "500 Mbit/s"),))
        elif site.uplink not in _LEAST:
            found, rule = f"the uplink of `{name}` carries {format_number(site.uplink)} B/s", f"it is {_LEAST.words}"
            yield Finding((*loc, "uplink"), found, rule, f"write {_LEAST.low} or more")
        keys = {"region": site.region != ON_PREMISES, "zone": site.zone, "region_like": site.region_like}
        for key in (key for key, is_written in keys.items() if is_written):
            found, rule = f"`{name}` is on premises and has a `{key}`", "premises lie in no Region of AWS"
            yield Finding((*loc, key), found, rule, f"leave `{key}` out", (Edit((*loc, key)),))


@check("type-on-premises")
def type_on_premises(case: Case) -> Iterator[Finding]:
    """On premises stand virtual machines and Storage Gateway; what AWS runs stands in a Region."""
    known = [kind.name for kind in case.catalogue.types.values() if kind.on_premises]
    for name, kind in case.types.items():
        home = case.scenario.sites.get(case.home_of(name))
        if home is not None and home.on_premises and not kind.on_premises:
            subject = case.subjects[name]
            loc = ("applications", subject.application, "site")
            regions = [site for site, where in case.scenario.sites.items() if not where.on_premises]
            edits = tuple(Edit(loc, site) for site in regions[:1])
            repair = f"let `{subject.application}` stand in a Region" + f", such as `site: {regions[0]}`" * bool(
                regions
            )
            found = f"{name} ({kind.name}) stands on premises"
            yield Finding(loc, found, f"on premises stand {listed(known)}", repair, edits)


@check("place-on-premises")
def place_on_premises(case: Case) -> Iterator[Finding]:
    """Recovery points, replicas and standbys lie in a Region, and premises take back only what may stand there."""
    for loc, site, what in _in_regions(case):
        where = case.scenario.sites.get(site or "")
        if where is not None and where.on_premises:
            regions = [name for name, other in case.scenario.sites.items() if not other.on_premises]
            key = str(loc[-1])
            repair = f"write `{key}: {regions[0]}`" if regions else f"name a site in a Region as `{key}`"
            edits = tuple(Edit(loc, name) for name in regions[:1])
            yield Finding(loc, f"{what} lies on premises, at `{site}`", "AWS keeps it in a Region", repair, edits)


def _in_regions(case: Case) -> Iterator[tuple[Loc, str | None, str]]:
    """Yield what has to lie in a Region: where that is written, the site, and what it is."""
    scenario = case.scenario
    yield from _vaults(case)
    for name, strategy in scenario.strategies.items():
        for selector, use in strategy.features.items():
            yield ("strategies", name, "replication", selector, "to"), use.to, f"the replica of `{selector}`"
        for app, standby in strategy.standby.items():
            yield ("strategies", name, "standby", app, "site"), standby.site, f"the standby of `{app}`"
    for app, application in scenario.applications.items():
        kinds = [case.types[name] for name in case.types if case.subjects[name].application == app]
        if not all(kind.on_premises for kind in kinds):
            yield ("applications", app, "recover_at"), application.recover_at, f"what recovers `{app}`"


def _vaults(case: Case) -> Iterator[tuple[Loc, str | None, str]]:
    """Yield the vaults: those that name a site, and those that a rule names and that are beside each resource."""
    scenario = case.scenario
    for name, vault in scenario.vaults.items():
        yield ("vaults", name, "site"), vault.site, f"the vault `{name}`"
    for placed in case.rules:
        for key in ("target_vault", "target_air_gapped_vault"):
            name = getattr(placed.rule, key)
            if name is not None and (name not in scenario.vaults or scenario.vaults[name].site is None):
                homes = {case.home_of(subject) for subject in case.subjects_of[placed.plan_name]}
                for home in sorted(homes):
                    loc: Loc = ("vaults", name, "site") if name in scenario.vaults else (*placed.loc, key)
                    yield loc, home, f"the vault `{name}`"


@check("wrong-place")
def wrong_place(case: Case) -> Iterator[Finding]:
    """What strikes premises strikes a site on premises, and what strikes a zone, a Region or a service one in AWS."""
    kinds, sites = case.catalogue.disruptions, case.scenario.sites
    for name, disruption in case.scenario.disruptions.items():
        kind, site = kinds.get(disruption.kind), sites.get(disruption.site or "")
        if kind is None or site is None or kind.strikes not in ("premises", "zone", "region", "service"):
            continue
        if (kind.strikes == "premises") is site.on_premises:
            continue
        loc, meant = ("disruptions", name), "premises" if site.on_premises else "region"
        # it ends, or it does not: only what it strikes is another
        same = next((k for k, other in kinds.items() if other.strikes == meant and other.ends is kind.ends), None)
        right = next((other for other, where in sites.items() if where.on_premises is not site.on_premises), None)
        repairs = [Repair(f"`kind: {same}`", (Edit((*loc, "kind"), same),))] if same else []
        repairs += [Repair(f"`site: {right}`", (Edit((*loc, "site"), right),))] if right else []
        lies = "lies on premises" if site.on_premises else f"lies in {site.region}"
        found = f"`{name}` is a {kind.name} at `{disruption.site}`, which {lies}"
        strikes = {"premises": "a site on premises", "region": "a Region", "zone": "a zone of a Region"}
        rule = f"a {kind.name} strikes {strikes.get(kind.strikes, 'a service of a Region')}, and nothing there"
        if not repairs:
            repairs = [Repair("the name of another site")]
        text = f"write {' or '.join(repair.text for repair in repairs)}"
        instead = tuple(Repair(f"write {text}", edits) for text, edits in repairs[1:])
        yield Finding((*loc, "site"), found, rule, text, repairs[0].edits, instead)


@check("deployment-on-premises", warning=Weight.MISLEADS)
def deployment_on_premises(case: Case) -> Iterator[Finding]:
    """Zones are a Region's: what stands on premises is spread over none."""
    for subject in case.subjects.values():
        home = case.scenario.sites.get(case.home_of(subject.name))
        written = subject.resource.deployment
        if home is not None and home.on_premises and written is not None:
            loc = (*subject.loc, "deployment")
            found = f"{subject.name} is `{written}` and stands on premises"
            yield Finding(loc, found, "premises have no zones, and it changes nothing", "remove it", (Edit(loc),))


@check("first-backups-over-uplink", warning=Weight.LOSES_MORE)
def first_backups_over_uplink(case: Case) -> Iterator[Finding]:
    """The first, full backups of what stands on premises pass over its uplink before their start windows end."""
    for placed in case.rules:
        homes: dict[str, list[str]] = {}
        for name in case.subjects_of[placed.plan_name]:
            if not case.subjects[name].resource.stateless:
                homes.setdefault(case.home_of(name), []).append(name)
        for home, names in homes.items():
            site = case.scenario.sites.get(home)
            if site is None or not site.on_premises or not site.uplink:
                continue
            resources = [case.subjects[name].resource for name in names]
            in_all = sum(r.size * r.count for r in resources)
            hours, window = in_all / site.uplink / HOUR_S, placed.rule.start_window / HOUR_S
            # the last to start waits for all others
            waits_s = (in_all - min(r.size for r in resources)) / site.uplink
            if waits_s > placed.rule.start_window:
                found = (
                    f"the first backups of {listed(names)} take {format_number(hours)} h over the uplink of `{home}`, "
                    f"one after another, and those not started after {format_number(window)} h expire"
                )
                rule = "what expires has no recovery point until a later run gets its turn"
                loc = (*placed.loc, "start_window") if "start_window" in placed.rule.model_fields_set else placed.loc
                right = f"{math.ceil(waits_s / HOUR_S)} h"
                edits = (Edit((*placed.loc, "start_window"), right),)
                yield Finding(loc, found, rule, f"write `start_window: {right}`, or seed them over a wider line", edits)
