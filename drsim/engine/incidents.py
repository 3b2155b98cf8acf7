"""The columns of the log that both clocks write, and the words in it."""

from __future__ import annotations

STATES = ("unaffected", "recovered", "unrecoverable", "unprotected")
"""From best to worst."""
DOWNTIME_PARTS = (
    "wait_s", "detect_s", "declare_s", "dependency_s", "step_s", "impaired_s", "copy_s", "queue_s", "retrieve_s",
    "restore_s", "replay_s", "failed_s", "failover_s", "launch_s", "validate_s", "redirect_s", "outage_s",
)  # fmt: skip
LOSS_PARTS = ("loss_dwell_s", "loss_interval_s", "loss_unready_s", "loss_lag_s")
FIGURES = (
    "occurred_s", "contaminated_s", "captured_s", "data_loss_s", "downtime_s", "full_performance_s", "skew_s",
    "lost_after_s", "rebuild_s",
    *DOWNTIME_PARTS, *LOSS_PARTS,
)  # fmt: skip
TEXTS = ("level", "subject", "state", "recovered_by", "place", "struck")
