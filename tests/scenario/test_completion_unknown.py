"""Copies that are to complete within a time lead between vaults and sites that there are, or others say so."""

from __future__ import annotations

import pytest

from drsim.errors import InputError
from drsim.scenario import read_scenario

TEXT = """
sites: {SITES}
vaults: {local: {site: home}, dr: {site: recovery}}
applications: {app: {site: home, resources: {disk: {type: EBS, size: 1 TB}}}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        lifecycle: {delete_after: 35 d}
        copy_actions: [{destination_vault: VAULT, completion_duration: 1 h, lifecycle: {delete_after: 35 d}}]
strategies: {daily: {backup: daily}}
disruptions: {lost: {kind: resource-loss}}
"""
HOME, RECOVERY = "home: {region: us-east-1, account: a}", "recovery: {region: us-west-2, account: a}"


@pytest.mark.parametrize(
    ("sites", "vault", "check"),
    [(HOME, "dr", "unknown-site"), (RECOVERY, "dr", "unknown-site"), (f"{HOME}, {RECOVERY}", "gone", "unknown-vault")],
)
def test_what_is_unknown_is_said_and_nothing_else(sites: str, vault: str, check: str) -> None:
    """A site or a vault that is not declared is the problem, not the time of the copy."""
    with pytest.raises(InputError) as caught:
        read_scenario(TEXT.replace("SITES", sites).replace("VAULT", vault))
    assert {problem.check for problem in caught.value.problems} == {check}
