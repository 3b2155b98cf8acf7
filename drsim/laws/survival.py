"""Which sites, vaults and replicas a disruption leaves usable: a truth table of what its kind takes, place and lock.

What a kind takes is data (`takes` in the catalogue); here is what the words of that data mean.

Source: docs/explanation/model.md, "Survival", derived from AWS Backup's vault documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

SITES = ("none", "account", "region")
"""Where nothing can be recovered: nowhere, in the struck account, in the struck Region."""
VAULTS = ("none", "account", "region")
"""Whose points are lost: nobody's; in the struck account those that an attacker gets hold of; all in the struck
Region."""
REPLICAS = ("none", "account", "region", "everywhere")
"""Which live replicas are lost: none, as when hardware fails; those in the struck account or Region; all, as when the
damage is in the data and replicated with it."""
LOCKS = ("none", "governance", "compliance", "air-gapped")
"""Locks of vaults."""


@dataclass(frozen=True)
class Takes:
    """What a kind of disruption leaves unusable.

    Attributes:
        sites: one of `SITES`.
        vaults: one of `VAULTS`.
        replicas: one of `REPLICAS`.
        locks: of the vaults that an attacker can empty, some of `LOCKS`; empty where nobody attacks.
    """

    sites: str
    vaults: str
    replicas: str
    locks: tuple[str, ...] = ()

    @property
    def is_attack(self) -> bool:
        """Whether somebody may go for the backups, too."""
        return self.vaults == "account"

    @property
    def empties_region(self) -> bool:
        """Whether a Region as a whole is of no use: to those whom it strikes and to everybody else."""
        return self.sites == "region"

    @property
    def reaches_places(self) -> bool:
        """Whether points are better off at another place: elsewhere they are as good as here."""
        return self.vaults != "none"


def in_reach(takes: Takes, lock: str) -> bool:
    """Return whether an attacker in the vault's account can destroy what the vault holds."""
    return takes.is_attack and lock in takes.locks


def vault_survives(takes: Takes, lock: str, *, region_struck: bool, account_struck: bool, attacked: Bools) -> Bools:
    """Return in which drills a vault's points survive, of the shape of `attacked`."""
    if takes.vaults == "region":
        return np.full(attacked.shape, not region_struck)
    if account_struck and in_reach(takes, lock):
        return ~attacked
    return np.ones(attacked.shape, dtype=bool)


def replica_survives(takes: Takes, *, region_struck: bool, account_struck: bool) -> bool:
    """Return whether a live replica at a place survives."""
    return _is_left(takes.replicas, region_struck=region_struck, account_struck=account_struck)


def site_usable(takes: Takes, *, region_struck: bool, account_struck: bool) -> bool:
    """Return whether an application can be recovered at a site."""
    return _is_left(takes.sites, region_struck=region_struck, account_struck=account_struck)


def _is_left(taken: str, *, region_struck: bool, account_struck: bool) -> bool:
    """Return whether a place is left where all of an account, of a Region, or everything is taken."""
    return not {"none": False, "account": account_struck, "region": region_struck, "everywhere": True}[taken]
