"""Lineages: the recovery points on which an increment may build."""

from __future__ import annotations

from drsim.catalogue import ResourceType
from drsim.world.model import Site, Vault

Lineage = tuple[str, str]
"""What points have to share to build on each other: a Region and an account, or `vault` and its index."""


def lineage_of(kind: ResourceType, index: int, vault: Vault, site: Site) -> Lineage:
    """Return the lineage of the points of a type in a vault.

    It is the vault for what AWS Backup manages fully, else Region and account. An air-gapped vault lies in an account
    of its own, which is AWS's. What a service keeps by itself of a type whose backups have no increments is apart.

    Args:
        kind: type of the resource.
        index: of the vault.
        vault: the vault.
        site: where it is.
    """
    is_apart = vault.native and not kind.snapshots_incremental
    if kind.lineage == "vault" or vault.lock == "air-gapped" or is_apart:
        return "vault", str(index)
    return site.region, site.account
