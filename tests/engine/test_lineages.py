"""Which backups build on one another, and are billed together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drsim.catalogue import load_catalogue
from drsim.world.lineages import lineage_of
from tests.scenarios import world

HOME = ("us-east-1", "production")


@pytest.mark.parametrize(
    ("kind", "native", "air_gapped", "lineage"),
    [
        ("RDS", False, False, HOME),
        ("RDS", True, False, HOME),
        ("RDS", False, True, ("vault", "3")),
        ("DocumentDB", False, False, HOME),
        ("DocumentDB", True, False, ("vault", "3")),
        ("EFS", False, False, ("vault", "3")),
    ],
)
def test_lineages(kind: str, native: bool, air_gapped: bool, lineage: tuple[str, str]) -> None:  # noqa: FBT001
    """Points of a Region and account share one, but in an air-gapped vault, of full management, and without increments.

    What a service keeps by itself of a type whose backups have no increments stands apart from what AWS Backup keeps.
    """
    w = world()
    lock = "air-gapped" if air_gapped else "none"
    vault = replace(w.vaults[0], native=native, lock=lock)
    assert lineage_of(load_catalogue().types[kind], 3, vault, w.sites[vault.site]) == lineage
