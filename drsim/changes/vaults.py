"""Vaults and their locks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from drsim.changes.knob import NONE, Knob, Target, plans_of
from drsim.changes.model import Change, Edit, ScenarioChange, WorldChange, WorldEdit
from drsim.scenario import CopyAction, Rule, Scenario, Strategy, copies
from drsim.scenario.edit import free_name
from drsim.scenario.plans import Vault
from drsim.world import World
from drsim.world.model import Vault as CompiledVault

LOCKS = ("none", "governance", "compliance", "air-gapped")
"""What keeps a vault's points from deletion, from nothing to all."""

_LONGEST_NAME = 50


def _locked(strategy: str, vault: str, lock: str) -> Edit:
    """Return the edit that gives a strategy's plans a vault of another lock instead of one of the scenario's.

    The plans have to be the strategy's own (`edits.with_plans_apart`).
    """

    def edit(scenario: Scenario) -> Scenario:
        written = scenario.vaults[vault]
        # only a lock refuses retentions
        unlimited = {"min_retention": None, "max_retention": None} if lock == NONE else {}
        made = written.model_copy(update={"lock": lock, **unlimited})
        wanted = f"{vault}-{lock if lock != NONE else 'unlocked'}"
        name = wanted[:_LONGEST_NAME]
        if scenario.vaults.get(name) != made:
            name = free_name(wanted, scenario.vaults, _LONGEST_NAME)
        plans = {
            plan: written_plan.model_copy(
                update={"rules": tuple(_with_vaults(rule, {vault: name}) for rule in written_plan.rules)}
            )
            for plan in plans_of(scenario.strategies[strategy])
            if uses((written_plan := scenario.backup_plans[plan]).rules, vault)
        }
        return scenario.model_copy(
            update={"vaults": {**scenario.vaults, name: made}, "backup_plans": {**scenario.backup_plans, **plans}}
        )

    return edit


def uses(rules: tuple[Rule, ...], vault: str) -> bool:
    """Return whether rules write into a vault, themselves or by copies."""
    return any(
        vault in (rule.target_vault, rule.target_air_gapped_vault)
        or any(action.destination_vault == vault for _, action in copies(rule.copy_actions))
        for rule in rules
    )


def _with_vaults(rule: Rule, names: Mapping[str, str]) -> Rule:
    """Return a rule with other vaults in place of some."""
    targets = {
        key: names[vault]
        for key in ("target_vault", "target_air_gapped_vault")
        if (vault := getattr(rule, key)) in names
    }
    actions = _copied_into(rule.copy_actions, names)
    return rule.model_copy(update=targets | ({} if actions == rule.copy_actions else {"copy_actions": actions}))


def _copied_into(actions: tuple[CopyAction, ...], names: Mapping[str, str]) -> tuple[CopyAction, ...]:
    """Return copy actions with other vaults in place of some, chained ones too."""
    edited = []
    for action in actions:
        vault, chained = action.destination_vault, _copied_into(action.then, names)
        values: dict[str, object] = {"destination_vault": names[vault]} if vault in names else {}
        edited.append(action.model_copy(update=values | ({} if chained == action.then else {"then": chained})))
    return tuple(edited)


def _locked_in(vaults: tuple[int, ...], lock: str) -> WorldEdit:
    """Return the edit of the lock of some vaults of a world, by their indices."""

    def edit(world: World) -> World:
        locked: list[CompiledVault] = [
            replace(vault, lock=lock) if i in vaults else vault for i, vault in enumerate(world.vaults)
        ]
        return replace(world, vaults=tuple(locked))

    return edit


LOCK = ScenarioChange("vault.lock", "vault", "the lock of a vault", _locked, LOCKS)
LOCK_IN_WORLD = WorldChange("vault.lock-in-world", "vault", "the lock of vaults, where they are", _locked_in)

CHANGES: tuple[Change, ...] = (LOCK, LOCK_IN_WORLD)


def knobs(scenario: Scenario, strategy: str) -> Iterator[Knob]:
    """Yield the locks of the vaults that a strategy uses; those that are air-gapped targets are nothing else."""
    for name, vault in _vaults_of(scenario, scenario.strategies[strategy]).items():

        def edit(target: Target, text: str, name: str = name) -> Edit:
            return LOCK.edit(target.strategy, name, text)

        about = "Copies into a vault of another lock have luck of their own."
        key, label = f"vault/{name}/lock", f"Lock of {name}"
        yield Knob(LOCK, key, (name,), label, vault.lock, LOCKS, edit, ordered=False, about=about)


def _vaults_of(scenario: Scenario, strategy: Strategy) -> dict[str, Vault]:
    """Return the vaults whose lock can be chosen, by name, in the order written."""
    rules = tuple(rule for plan in plans_of(strategy) for rule in scenario.backup_plans[plan].rules)
    gapped = {rule.target_air_gapped_vault for rule in rules}
    targets = {rule.target_vault for rule in rules}
    targets |= {action.destination_vault for rule in rules for _, action in copies(rule.copy_actions)}
    return {name: vault for name, vault in scenario.vaults.items() if name in targets - gapped}
