"""Checks of vaults: what AWS refuses to put where, and what belongs together.

Sources: the API reference of AWS Backup (BackupRuleInput, CopyAction), its developer guide (vault lock, logically
air-gapped vaults, Amazon S3 backups).
"""

from __future__ import annotations

from collections.abc import Iterator

from drsim.errors import Edit, Weight
from drsim.scenario.model import Site
from drsim.scenario.plan_checks import whole_days
from drsim.scenario.registry import Case, Finding, PlacedRule, Repair, check, listed
from drsim.units import format_duration


@check("copy-into-same-vault")
def copy_into_same_vault(case: Case) -> Iterator[Finding]:
    """A copy goes into another vault than those that hold its points already."""
    for copy in case.copies:
        vault, rule = copy.action.destination_vault, copy.placed.rule
        if vault == copy.source_vault:
            found, why = f"points of the vault `{vault}` are copied into it", "a copy goes into another vault"
        elif vault == rule.target_vault:
            found = f"points of the vault `{vault}` are copied back into it from `{copy.source_vault}`"
            why = "the rule's points lie there already"
        elif vault == rule.target_air_gapped_vault:
            found = f"points of the air-gapped vault `{vault}` are copied into it"
            why = "the rule's points lie there already"
        else:
            continue
        loc = (*copy.loc, "destination_vault")
        if copy.action.then:
            yield Finding(loc, found, why, "name another vault")
            continue
        repair, instead = "name another vault, or remove the copy action", Repair("name another vault")
        yield Finding(loc, found, why, repair, (Edit(copy.loc),), (instead,))


@check("air-gapped-target")
def air_gapped_target(case: Case) -> Iterator[Finding]:
    """A primary target that is air-gapped lies in the account and Region of the rule's other vault and resources."""
    for placed in case.rules:
        yield from _target(case, placed)
        name = placed.rule.target_air_gapped_vault
        vault = case.scenario.vaults.get(name or "")
        loc = (*placed.loc, "target_air_gapped_vault")
        if name is None or vault is None:
            continue
        if vault.lock != "air-gapped":
            found, rule = f"the vault `{name}` has the lock `{vault.lock}`", "the primary target is an air-gapped vault"
            repair, lock = (
                "write `lock: air-gapped` there, or remove the key",
                Edit(("vaults", name, "lock"), "air-gapped"),
            )
            yield Finding(loc, found, rule, repair, (lock,), (Repair("remove the key", (Edit(loc),)),))
        elif name == placed.rule.target_vault:
            found = f"the vault `{name}` is `target_vault`, too"
            rule = "what cannot be written there at once needs an ordinary vault before"
            repair = "name an ordinary vault as `target_vault`, or remove `target_air_gapped_vault`"
            instead = Repair("name an ordinary vault as `target_vault`")
            yield Finding(loc, found, rule, repair, (Edit(loc),), (instead,))
        elif others := _elsewhere(case, placed, case.scenario.sites.get(vault.site or "")):
            found = f"the vault `{name}` lies in another Region or account than {listed(others)}"
            copied = Edit((*placed.loc, "copy_actions", len(placed.rule.copy_actions)), {"destination_vault": name})
            repair = "copy into that vault with `copy_actions` instead"
            instead = Repair("name an air-gapped vault beside them, or remove the key", (Edit(loc),))
            yield Finding(loc, found, _BESIDE, repair, (Edit(loc), *_added(placed, copied)), (instead,))


_BESIDE = "AWS takes as primary target an air-gapped vault of the same account and Region"


def _added(placed: PlacedRule, copied: Edit) -> tuple[Edit, ...]:
    """Return what adds a copy action to a rule."""
    if placed.rule.copy_actions:
        return (copied,)
    return (Edit((*placed.loc, "copy_actions"), [copied.value]),)


def _target(case: Case, placed: PlacedRule) -> Iterator[Finding]:
    """Yield what is wrong where an air-gapped vault stands as `target_vault`."""
    name = placed.rule.target_vault
    vault = case.scenario.vaults.get(name)
    if vault is None or vault.lock != "air-gapped" or placed.rule.target_air_gapped_vault is not None:
        return
    site = case.scenario.sites.get(vault.site or "")
    others = _elsewhere(case, placed, site)
    if others and site is not None:
        found = f"the air-gapped vault `{name}` lies in another Region or account than {listed(others)}"
        loc = (*placed.loc, "target_vault")
        ordinary = _ordinary(case, placed)
        copied = Edit((*placed.loc, "copy_actions", len(placed.rule.copy_actions)), {"destination_vault": name})
        edits = (Edit(loc, ordinary), *_added(placed, copied)) if ordinary else ()
        first = f"write `target_vault: {ordinary}`" if ordinary else "name an ordinary vault beside them"
        instead = Repair("name an ordinary vault beside them, and copy into that one with `copy_actions`")
        yield Finding(loc, found, _BESIDE, f"{first}, and copy into that one with `copy_actions`", edits, (instead,))


def _ordinary(case: Case, placed: PlacedRule) -> str | None:
    """Return a vault that is not air-gapped and lies beside all resources of a rule's plan."""
    for name, vault in case.scenario.vaults.items():
        site = case.scenario.sites.get(vault.site or "")
        beside = vault.site is None or (site is not None and not _resources_elsewhere(case, placed, site))
        if vault.lock != "air-gapped" and beside:
            return name
    return None


def _elsewhere(case: Case, placed: PlacedRule, site: Site | None) -> list[str]:
    """Return what a rule has in another Region or account than a site: its vault, its resources."""
    if site is None:
        return []  # the vault lies with each resource
    vault = case.scenario.vaults.get(placed.rule.target_vault)
    other = case.scenario.sites.get(vault.site) if vault and vault.site else None
    own_vault = [f"the vault `{placed.rule.target_vault}`"] if other is not None and not _beside(other, site) else []
    return own_vault + _resources_elsewhere(case, placed, site)


def _resources_elsewhere(case: Case, placed: PlacedRule, site: Site) -> list[str]:
    """Return the resources of a rule's plan in another Region or account than a site."""
    homes = {
        name: case.scenario.sites.get(case.scenario.applications[case.subjects[name].application].site)
        for name in case.subjects_of[placed.plan_name]
    }
    return [name for name, home in homes.items() if home is not None and not _beside(home, site)]


def _beside(one: Site, other: Site) -> bool:
    return (one.region, one.account) == (other.region, other.account)


@check("vault-retention")
def vault_retention(case: Case) -> Iterator[Finding]:
    """The retentions that a vault lock accepts are a range, which begins at 7 days where the vault is air-gapped."""
    isolated_s = case.catalogue.rules.air_gapped_minimum.value
    shortest = whole_days(isolated_s)
    for name, vault in case.scenario.vaults.items():
        low, high = vault.min_retention, vault.max_retention
        least, most = ("vaults", name, "min_retention"), ("vaults", name, "max_retention")
        if low is not None and high is not None and low > high:
            found = f"the vault `{name}` accepts {format_duration(low)} to {format_duration(high)}"
            edits = (Edit(least, f"{high:.17g} s"), Edit(most, f"{low:.17g} s"))
            yield Finding(most, found, "the longest retention is not below the shortest", "exchange them", edits)
        if vault.lock == "air-gapped" and low is not None and low < isolated_s:
            found = f"the air-gapped vault `{name}` accepts {format_duration(low)}"
            repair = f"write `min_retention: {shortest}` or more"
            yield Finding(least, found, f"AWS wants at least {shortest} there", repair, (Edit(least, shortest),))
        if vault.lock == "none" and (low is not None or high is not None):
            found = f"the vault `{name}` has no lock and yet a range of retentions"
            repair, lock = "write `lock: governance`, or leave it out", Edit(("vaults", name, "lock"), "governance")
            instead = Repair("leave it out", (Edit(least), Edit(most)))
            yield Finding(
                ("vaults", name), found, "only a locked vault refuses retentions", repair, (lock,), (instead,)
            )


@check("snapshots-in-another-vault", warning=Weight.LOSES_MORE)
def snapshots_in_another_vault(case: Case) -> Iterator[Finding]:
    """Snapshots of what has a continuous backup go into the vault of that one, where AWS wants them in one."""
    asked: dict[tuple[str, str], tuple[PlacedRule, PlacedRule, list[str]]] = {}
    for chosen in case.plans_of.values():
        for subject, plans in chosen.items():
            kind = case.types.get(subject)
            if kind is None or not kind.one_vault or not kind.can("continuous", case.scenario.as_of):
                continue
            rules = [placed for plan in plans for placed in case.rules if placed.plan_name == plan]
            first = next((placed for placed in rules if placed.rule.enable_continuous_backup), None)
            if first is None:
                continue
            for placed in rules:
                other = placed.rule.target_vault != first.rule.target_vault
                if other and not placed.rule.enable_continuous_backup:
                    key = (str(placed.loc), first.rule.target_vault)
                    asked.setdefault(key, (placed, first, []))[2].append(subject)
    for placed, first, subjects in asked.values():
        name, vault = placed.rule.rule_name, first.rule.target_vault
        who = listed(list(dict.fromkeys(subjects)))
        found = (
            f"`{name}` backs {who} up into `{placed.rule.target_vault}`, and the continuous rule "
            f"`{first.rule.rule_name}` into `{vault}`"
        )
        rule = f"AWS wants all backups of {who} in the vault of the continuous one: these snapshots may not be made"
        loc = (*placed.loc, "target_vault")
        repair = f"write `target_vault: {vault}`, and copy from there with `copy_actions`"
        yield Finding(loc, found, rule, repair, (Edit(loc, vault),))
