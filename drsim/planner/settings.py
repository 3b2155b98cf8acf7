"""What a plan may choose and has to reach: what a scenario says of planning, and what holds where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drsim.errors import InputError, Problem
from drsim.planner.money import units
from drsim.planner.problem import Wanted, wanted_of
from drsim.planner.space import MODES, Space
from drsim.scenario import Scenario, subjects
from drsim.scenario.planning import INTERVALS_S, RETENTIONS_S, Allowed
from drsim.scenario.plans import Vault
from drsim.scenario.selectors import applying
from drsim.study.numbers import in_range
from drsim.study.settings import choose, with_settings
from drsim.study.statistics import unanimous_drills
from drsim.study.verdicts import STRICT
from drsim.study.work import usual_workers
from drsim.units import MONTH_S

_ASK, _ASK_SO = "a plan is made for objectives", "give an application `objectives: {rpo: 1 h, rto: 4 h}`"

LOCKED = "compliance"
"""The lock of vaults that are proposed for copies which nobody may delete."""


@dataclass(frozen=True)
class Settings:
    """What a search is told.

    Attributes:
        scenario: what is planned for, with the vaults that may be proposed.
        declared: names of the vaults that the scenario itself has.
        space: what may be chosen.
        wanted: what is to be reached.
        baseline: the strategy to compare with.
        keep: resource -> the strategy in which it stays protected as it is.
        drills: by which plans are compared.
        seed: of them.
        confirm_drills, seeds: by which a plan is confirmed.
        plan_price: of each backup plan in people's time, a month [whole units].
        workers: processes that drill; what they find does not depend on it.
    """

    scenario: Scenario
    declared: frozenset[str]
    space: Space
    wanted: Wanted
    baseline: str
    keep: Mapping[str, str]
    drills: int
    seed: int
    confirm_drills: int
    seeds: tuple[int, ...]
    plan_price: int
    workers: int


def settings(
    scenario: Scenario,
    *,
    drills: int | None = None,
    seed: int | None = None,
    baseline: str | None = None,
    workers: int | None = None,
) -> Settings:
    """Return what a search for a plan of a scenario is told.

    Args:
        scenario: a right one.
        drills: by which plans are compared, in place of the scenario's.
        seed: of all draws, in place of the scenario's.
        baseline: strategy to compare with, in place of the scenario's.
        workers: processes to use, as for `drsim.run`.

    Raises:
        InputError: drills or seed out of range; no such strategy; nothing is asked for.
    """
    asked = scenario.planning
    in_range(workers=workers)
    scenario = with_settings(scenario, seed=seed)
    compared = max(drills or asked.drills, 1)
    (against,) = choose(scenario, [baseline or asked.baseline or next(iter(scenario.strategies))], None)["strategy"]
    vaults = {name: vault for name, vault in _vaults(scenario).items() if _may_use(scenario, name, vault)}
    selectable = {name: subject.selectable for name, subject in subjects(scenario).items() if name.count(".") == 1}
    wanted = wanted_of(scenario, asked.disruptions, asked.attainment)
    if not wanted:
        raise InputError((Problem("", 0, "nothing-asked", "no application has an objective", _ASK, _ASK_SO),))
    return Settings(
        scenario=scenario.model_copy(update={"vaults": {**scenario.vaults, **vaults}}),
        declared=frozenset(scenario.vaults),
        space=Space(
            vaults,
            intervals_s=asked.intervals or INTERVALS_S,
            retentions_s=tuple(sorted(asked.retentions or RETENTIONS_S)),
            least_kept_s=asked.minimum_retention,
            continuous=_named(asked.continuous),
            cold=_named(asked.cold),
            features=_named(asked.replication),
            avoid=frozenset(asked.avoid),
            modes=tuple(mode for mode in MODES if is_allowed(asked.standby, mode)),
        ),
        wanted=wanted,
        baseline=against,
        keep={name: against for name, of in selectable.items() if applying(asked.keep, *of)},
        drills=compared if drills else max(compared, _drills_to_show(wanted)),
        seed=scenario.seed,
        confirm_drills=asked.confirm_drills,
        seeds=asked.seeds or (scenario.seed + 1,),
        plan_price=units(asked.plan_price * MONTH_S),
        workers=workers or usual_workers(),
    )


def _drills_to_show(wanted: Wanted) -> int:
    """Return how many drills it takes to show each attainment, with some to spare for drills that miss."""
    attainments = [objectives.attainment or STRICT for under in wanted.values() for objectives in under.values()]
    return 2 * unanimous_drills(min(max(attainments), STRICT))


def is_allowed(allowed: Allowed, name: str) -> bool:
    """Return whether something may be chosen."""
    return allowed is True or (allowed is not False and name in allowed)


def _named(allowed: Allowed) -> frozenset[str] | None:
    """Return the names that are allowed; None for all."""
    if isinstance(allowed, bool):
        return None if allowed else frozenset()
    return frozenset(allowed)


def _may_use(scenario: Scenario, name: str, vault: Vault) -> bool:
    """Return whether points may lie in a vault."""
    asked = scenario.planning
    if asked.vaults is not None and name in scenario.vaults and name not in asked.vaults:
        return False
    if vault.lock != "none" and not is_allowed(asked.locks, vault.lock):
        return False
    if vault.site is None:
        return True
    site = scenario.sites[vault.site]
    return (asked.regions is None or site.region in asked.regions) and (
        asked.accounts is None or site.account in asked.accounts
    )


def _vaults(scenario: Scenario) -> dict[str, Vault]:
    """Return the vaults that are declared, with those that may be proposed."""
    proposed = dict(_proposed(scenario)) if scenario.planning.new_vaults else {}
    return {**scenario.vaults, **proposed}


def _proposed(scenario: Scenario) -> Iterator[tuple[str, Vault]]:
    """Yield vaults that may be proposed: where a site has none, one; and one with a lock where none has one.

    The locked one lies as far away as there are sites: in another account, else in another Region, else at home.
    """
    homes = {application.site for application in scenario.applications.values()}
    sites = {name: site for name, site in scenario.sites.items() if not site.on_premises}
    is_anywhere = any(vault.site is None and vault.lock == "none" for vault in scenario.vaults.values())
    taken = {vault.site for vault in scenario.vaults.values() if vault.lock == "none"}
    for name in sites:
        if name not in taken and not (is_anywhere and name in homes):
            yield _unused(f"planned-{name}", scenario), Vault(site=name)
    if sites and all(vault.lock == "none" for vault in scenario.vaults.values()):
        regions = {scenario.sites[home].region for home in homes}
        accounts = {scenario.sites[home].account for home in homes}
        farthest = max(sites, key=lambda name: (sites[name].account not in accounts, sites[name].region not in regions))
        yield _unused(f"planned-{farthest}-locked", scenario), Vault(site=farthest, lock=LOCKED)


def _unused(name: str, scenario: Scenario) -> str:
    number, found = 1, name
    while found in scenario.vaults:
        number += 1
        found = f"{name}-{number}"
    return found
