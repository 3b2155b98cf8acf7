"""The KMS keys without which resources cannot be read."""

from __future__ import annotations

from drsim.scenario.model import Scenario
from drsim.scenario.subjects import Subject


def keys_of(scenario: Scenario, subject: Subject) -> tuple[str, ...]:
    """Return the keys without which a resource cannot be read: its own, else those of all vaults beside it."""
    if subject.resource.key is not None:
        return (subject.resource.key,)
    home = scenario.sites[scenario.applications[subject.application].site]
    keys = set()
    for vault in scenario.vaults.values():
        site = home if vault.site is None else scenario.sites[vault.site]
        if vault.key is not None and (site.region, site.account) == (home.region, home.account):
            keys.add(vault.key)
    return tuple(sorted(keys))
