"""Restores from the archive of EBS: five at once of an account, unless the scenario says otherwise."""

from __future__ import annotations

import pytest

from drsim.scenario import read_scenario
from drsim.units import HOUR_S
from drsim.world import build_world
from tests.engine.test_two_clocks import agree

VOLUMES = """
start: 2026-01-01
limits: {limits}
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home, lock: compliance}}}}
applications:
  app: {{site: home, resources: {{disks: {{type: EBS, size: 100 GB, count: 12}}}}}}
backup_plans:
  monthly:
    rules:
      - rule_name: monthly
        target_vault: local
        every: 28 d
        lifecycle: {{opt_in_to_archive: true, cold_storage_after: {cold}, delete_after: 400 d}}
strategies: {{only: {{backup: monthly}}}}
disruptions:
  late: {{kind: ransomware, dwell: 90 d, backups_attacked: 0}}
overrides:
  '*': {{start_delay: 0 h, backup_duration: 0 h, restore_duration: 1 h, backup_failure: 0, restore_failure: 0}}
  EBS: {{cold_retrieval: 24 h}}
"""


@pytest.mark.parametrize(
    ("limits", "cold", "hours"),
    [
        ("{}", "28 d", 3 * 25),  # five, five and two
        ("{archive_restores: {EBS: 6}}", "28 d", 2 * 25),
        ("{archive_restores: unlimited}", "28 d", 25),
        ("{restore_jobs: 4}", "28 d", 3 * 25),  # the tighter of the two
        ("{}", "200 d", 1),  # what is warm waits for nothing
    ],
)
def test_restores_from_the_archive_queue_in_fives(limits: str, cold: str, hours: float) -> None:
    """Twelve volumes, 24 h from the archive and 1 h to restore: three waves, by hand, on both clocks."""
    w = build_world(read_scenario(VOLUMES.format(limits=limits, cold=cold)), "only")
    (log,) = agree(w, ["late"], 20)
    app = log[log["level"] == "application"]
    assert (app["state"] == "recovered").all()
    assert app["downtime_s"].to_numpy() == pytest.approx(hours * HOUR_S, abs=1)
