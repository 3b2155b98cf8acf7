"""Checks of what recovers together and of what strikes it: members, applications that need each other, disruptions."""

from __future__ import annotations

from collections.abc import Iterator

from drsim.errors import Edit, Weight
from drsim.scenario.keys import keys_of
from drsim.scenario.model import Disruption, Scenario
from drsim.scenario.references import encryption_keys
from drsim.scenario.registry import Case, Finding, check, listed
from drsim.scenario.selectors import matches
from drsim.scenario.shape import dotted
from drsim.scenario.subjects import Subject


@check("needs-above-count")
def needs_above_count(case: Case) -> Iterator[Finding]:
    """A resource has as many members as it needs."""
    for subject in case.subjects.values():
        needs, count = subject.resource.needs, subject.resource.count
        if needs is not None and needs > count:
            found = f"{subject.name} needs {needs} of its {count} member{'s' * (count != 1)}"
            repair = f"write `needs: {count}` or less, or a larger `count`"
            loc = (*subject.loc, "needs")
            rule, of = "no more are needed than there are", (*subject.loc, "count")
            yield Finding(loc, found, rule, repair, (Edit(loc, count),), rests_on=(of,))


@check("empty-rpo")
def empty_rpo(case: Case) -> Iterator[Finding]:
    """An RPO says how much time or how many bytes of data may be lost."""
    for name, application in case.scenario.applications.items():
        objectives, loc = application.objectives, ("applications", name, "objectives")
        objective_sets = [
            (objectives, loc),
            *((objective_set, (*loc, "for", d)) for d, objective_set in objectives.for_.items()),
        ]
        for objective_set, of in objective_sets:
            if objective_set.rpo is not None and objective_set.rpo_s is None and objective_set.rpo_bytes is None:
                place, rule = (*of, "rpo"), "an RPO is a duration, or gives `time`, `size` or both"
                found = f"`{dotted(place)}` gives neither `time` nor `size`"
                repair = "write `rpo: 4 h` or `rpo: {time: 4 h, size: 10 GB}`, or remove it"
                given = (*place, "time"), (*place, "size")
                yield Finding(place, found, rule, repair, (Edit(place),), rests_on=given)


@check("rate-and-total-rate")
def rate_and_total_rate(case: Case) -> Iterator[Finding]:
    """A disruption has a rate of each unit that its kind counts by, or one of all units together."""
    for name, disruption in case.scenario.disruptions.items():
        if disruption.rate is not None and disruption.total_rate is not None:
            found = f"`{name}` has both `rate` and `total_rate`"
            rule = "`rate` counts the events of each unit, `total_rate` those of all together"
            loc = ("disruptions", name, "total_rate")
            yield Finding(loc, found, rule, "remove one, for instance `total_rate`", (Edit(loc),))


@check("deletes-elsewhere")
def deletes_elsewhere(case: Case) -> Iterator[Finding]:
    """Only an accidental deletion deletes either data or the resource itself."""
    for name, disruption in case.scenario.disruptions.items():
        kind = case.catalogue.disruptions.get(disruption.kind)
        if kind is not None and not kind.may_delete_resource and "deletes" in disruption.model_fields_set:
            found = f"`deletes` is given for `{name}`, of kind {disruption.kind}"
            may = [name for name, other in case.catalogue.disruptions.items() if other.may_delete_resource]
            rule = f"only an {listed(may)} has it"
            loc = ("disruptions", name, "deletes")
            yield Finding(loc, found, rule, "remove it", (Edit(loc),))


@check("key-elsewhere")
def key_elsewhere(case: Case) -> Iterator[Finding]:
    """Only what strikes keys names one."""
    for name, disruption in case.scenario.disruptions.items():
        kind = case.catalogue.disruptions.get(disruption.kind)
        if kind is not None and kind.strikes != "key" and disruption.key is not None:
            found = f"`key` is given for `{name}`, of kind {disruption.kind}"
            keyed = [name for name, other in case.catalogue.disruptions.items() if other.strikes == "key"]
            loc = ("disruptions", name, "key")
            yield Finding(loc, found, f"only a {listed(keyed)} has it", "remove it", (Edit(loc),))


@check("no-key", warning=Weight.MISLEADS)
def no_key(case: Case) -> Iterator[Finding]:
    """What strikes keys reaches nobody who lies under none of them."""
    scenario = case.scenario
    for name, disruption in scenario.disruptions.items():
        kind = case.catalogue.disruptions.get(disruption.kind)
        if kind is None or kind.strikes != "key":
            continue
        targets = [s for s in case.subjects.values() if _may_be_struck(scenario, disruption, s)]
        keys = [disruption.key] if disruption.key else encryption_keys(case)
        if any(key in keys for subject in targets for key in keys_of(scenario, subject)):
            continue
        which = f"the key `{disruption.key}`" if disruption.key else "a key that a vault beside it or it itself names"
        found = f"`{name}` strikes keys, and nothing that it may strike lies under {which}"
        rule = "it reaches nobody, and every application is `unaffected`"
        repair = "write `key: <name>` of the vaults beside the resources, or of resources with a key of their own"
        edits = tuple(Edit((*subject.loc, "key"), keys[0] if keys else "main") for subject in targets[:1])
        yield Finding(("disruptions", name), found, rule, repair, edits)


def _may_be_struck(scenario: Scenario, disruption: Disruption, subject: Subject) -> bool:
    """Return whether a disruption's target and site admit a resource."""
    here = scenario.sites[scenario.applications[subject.application].site]
    there = here if disruption.site is None else scenario.sites.get(disruption.site, here)
    return matches(disruption.target or "*", *subject.selectable) and (here.region, here.account) == (
        there.region,
        there.account,
    )


@check("needs-with-data", warning=Weight.MISLEADS)
def needs_with_data(case: Case) -> Iterator[Finding]:
    """Members stand in for each other where they serve, not where they hold data."""
    for subject in case.subjects.values():
        needs, count = subject.resource.needs, subject.resource.count
        if needs is not None and needs < count and not subject.resource.stateless:
            found = f"{subject.name} needs {needs} of its {count} members, and they hold data"
            rule = (
                "data are not redundant here: where it stays usable, what a struck member loses is lost all the same, "
                "and loss and state are those of the worst member"
            )
            yield Finding((*subject.loc, "needs"), found, rule, "write `stateless: true` if they hold none")


@check("rebuild-left-out", warning=Weight.MISLEADS)
def rebuild_left_out(case: Case) -> Iterator[Finding]:
    """What becomes of applications that wait for one whose data are lost for good is told by the latter's rebuild."""
    applications = case.scenario.applications
    for name, app in applications.items():
        data = any(s.application == name and not s.resource.stateless for s in case.subjects.values())
        requiring = [other for other, application in applications.items() if name in application.requires]
        after = [
            other for other, application in applications.items() if name in application.after and other not in requiring
        ]
        if app.rebuild is None and data and (requiring or after):
            parts = [f"{listed(requiring)} require{'s' * (len(requiring) == 1)} it"] if requiring else []
            parts += [f"{listed(after)} come{'s' * (len(after) == 1)} after it"] if after else []
            follows = ["those that require it count as unrecoverable, too"] if requiring else []
            follows += ["those that come after it are taken to go on without it"] if after else []
            found = f"{name} has no `rebuild`, and {' and '.join(parts)}"
            rule = f"where its data are lost for good, {' and '.join(follows)}"
            repair = "write how long the business is down then, such as `rebuild: 10 d`; they wait for its end"
            edits = (Edit(("applications", name, "rebuild"), "10 d"),)
            yield Finding(("applications", name), found, rule, repair, edits)
