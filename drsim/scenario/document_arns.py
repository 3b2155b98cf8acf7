"""ARNs in plan documents: what they name, and from where a plan is."""

from __future__ import annotations

import re

from drsim.scenario.document_json import plan_body, read_json
from drsim.scenario.nodes import Node, Refusal
from drsim.scenario.source import decode

ARN = re.compile(r"arn:(aws[a-z-]*):backup:([a-z0-9-]+):([0-9]{12}):(backup-vault|backup-plan):(.+)\Z")
"""ARN of a vault or a plan of AWS Backup: partition, Region, account, kind, name."""


def arn_parts(arn: Node) -> tuple[str, str, str] | None:
    """Return Region, account and name of what an ARN means; None if it is none of AWS Backup."""
    match = ARN.match(str(arn.scalar))
    return (match[2], match[3], match[5]) if match else None


def home_arn(document: Node, rules: list[Node]) -> tuple[Node, re.Match[str]] | None:
    """Return the ARN that tells where a plan is from, with its parts; None where none does."""
    arns = [document.get("BackupPlanArn"), *(rule.get("TargetLogicallyAirGappedBackupVaultArn") for rule in rules)]
    read = ((arn, ARN.match(str(arn.scalar))) for arn in arns if arn is not None)
    return next(((arn, match) for arn, match in read if match), None)


def plan_home(document: bytes, file: str) -> tuple[str, str] | None:
    """Return the Region and the account's number that a plan document is from; None where nothing tells them.

    Args:
        document: what `aws backup get-backup-plan` prints.
        file: its name.
    """
    try:
        root = read_json(decode(document, file), file)
    except Refusal:
        return None
    rules = (plan_body(root).get("Rules") or root).items or []
    told = home_arn(root, rules)
    return None if told is None else (told[1][2], told[1][3])
