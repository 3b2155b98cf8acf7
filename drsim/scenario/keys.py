"""The KMS keys without which resources cannot be read."""

from __future__ import annotations

from datetime import date

from drsim.catalogue import ResourceType
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


def keys_of_backups(subject: Subject, kind: ResourceType, on: date | None = None) -> tuple[str, ...] | None:
    """Return the keys of backups of a resource, whatever their vault; None for those of the vault.

    What AWS Backup does not manage fully lies under the resource's own key, copies apart.

    Args:
        subject: the resource.
        kind: its type.
        on: the day; the newest knowledge where left out.
    """
    key = subject.resource.key
    return None if key is None or kind.can("full-management", on) is True else (key,)
