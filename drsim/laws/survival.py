"""Which sites, vaults and replicas a disruption leaves usable: a truth table of place, lock and kind.

Source: docs/explanation/model.md, "Survival", derived from AWS Backup's vault documentation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

ATTACKS = ("ransomware", "account-compromise")
"""Kinds by which somebody in the account may attack the backups too."""
REGION_KINDS = ("region-outage", "region-loss")
"""Kinds that take every resource and vault of a Region, in any account."""
UNREACHABLE = (*REGION_KINDS, "service-outage")
"""Kinds under which nothing in a Region can be restored from or failed over to, for those struck."""


def in_attackers_reach(kind: str, lock: str) -> bool:
    """Return whether an attacker in the vault's account can destroy what the vault holds.

    Unlocked vaults are in reach of both attacks, governance-locked ones of whoever holds the account;
    compliance-locked and air-gapped ones never.
    """
    return kind in ATTACKS and (lock == "none" or (lock == "governance" and kind == "account-compromise"))


def vault_survives(kind: str, lock: str, *, region_struck: bool, account_struck: bool, attacked: Bools) -> Bools:
    """Return in which drills a vault's points survive, of the shape of `attacked`."""
    if kind in UNREACHABLE:
        return np.full(attacked.shape, not region_struck)
    if account_struck and in_attackers_reach(kind, lock):
        return ~attacked
    return np.ones(attacked.shape, dtype=bool)


def replica_survives(kind: str, *, reaches_replicas: bool, region_struck: bool, account_struck: bool) -> bool:
    """Return whether a live replica at a place survives.

    Damage to data reaches every replica, loss of hardware none.
    """
    if kind in UNREACHABLE:
        return not region_struck
    if kind in ATTACKS:
        return not account_struck
    return not reaches_replicas


def site_usable(kind: str, *, region_struck: bool, account_struck: bool) -> bool:
    """Return whether an application can be recovered at a site: not in a lost Region, not in a taken account."""
    if kind in REGION_KINDS:
        return not region_struck
    return not (kind == "account-compromise" and account_struck)
