"""The fields of plan documents: which there are, what they hold, and what is wrong with a value, in their own words.

Source: the API reference of AWS Backup (BackupPlan, BackupRule, CopyAction, Lifecycle).
"""

from __future__ import annotations

import math
from dataclasses import replace

from drsim.errors import Problem
from drsim.scenario.nodes import Node
from drsim.text import shown

BODIES = ("BackupPlan", "BackupPlanDocument")
"""Keys under which commands print a plan."""

KNOWN = {
    "document": {
        *(*BODIES, "BackupPlanId", "BackupPlanArn", "VersionId", "CreatorRequestId", "CreationDate"),
        *("DeletionDate", "LastExecutionDate", "ScheduledRunsPreview", "ResponseMetadata"),
    },
    "plan": {"BackupPlanName", "Rules", "ScanSettings"},
    "rule": {
        *("RuleName", "RuleId", "TargetBackupVaultName", "TargetLogicallyAirGappedBackupVaultArn", "CopyActions"),
        *("ScheduleExpression", "ScheduleExpressionTimezone", "StartWindowMinutes", "CompletionWindowMinutes"),
        *("EnableContinuousBackup", "Lifecycle", "RecoveryPointTags", "ScanActions"),
    },
    "lifecycle": {
        *("MoveToColdStorageAfterDays", "DeleteAfterDays", "DeleteAfterEvent", "OptInToArchiveForSupportedResources"),
    },
    "copy action": {"DestinationBackupVaultArn", "Lifecycle"},
    "scan action": {"MalwareScanner", "ScanMode"},
}
"""Fields that are read, and names, numbers, dates and tags, which change no recovery, by what they are of."""

FOR_EVER = -1
"""What AWS prints for a retention without end."""

_EVENTS = {"DELETE_AFTER_COPY": "copy"}
"""Events after which points are deleted, by AWS's name."""

_MODES = {"INCREMENTAL_SCAN": "incremental", "FULL_SCAN": "full"}
"""What scans read, by AWS's name."""

_WORDS = {"DeleteAfterEvent": _EVENTS, "ScanMode": _MODES}
"""Fields that take words of AWS, and what a scenario has for each."""

_EXAMPLES = {
    "RuleName": '"daily"',
    "TargetBackupVaultName": '"Default"',
    "ScheduleExpression": '"cron(0 5 ? * * *)"',
    "ScheduleExpressionTimezone": '"Etc/UTC"',
    "StartWindowMinutes": "480",
    "CompletionWindowMinutes": "10080",
    "MoveToColdStorageAfterDays": "30",
    "DeleteAfterDays": "35",
    "EnableContinuousBackup": "true",
    "OptInToArchiveForSupportedResources": "true",
    "DeleteAfterEvent": f'"{next(iter(_EVENTS))}"',
    "ScanMode": f'"{next(iter(_MODES))}"',
    "ScanActions": '[{"MalwareScanner": "GUARDDUTY", "ScanMode": "INCREMENTAL_SCAN"}]',
    "DestinationBackupVaultArn": '"arn:aws:backup:us-west-2:111122223333:backup-vault:dr"',
    "Rules": '[{"RuleName": …, "TargetBackupVaultName": …}]',
    "CopyActions": '[{"DestinationBackupVaultArn": …}]',
    "Lifecycle": '{"DeleteAfterDays": 35}',
}
"""The right form of values."""

_MINUTES = ("StartWindowMinutes", "CompletionWindowMinutes")
_DAYS = ("MoveToColdStorageAfterDays", "DeleteAfterDays")
_FLAGS = ("EnableContinuousBackup", "OptInToArchiveForSupportedResources")


def written(key: str, right: str = "") -> str:
    """Return a key with a value of its right form, as a document has it."""
    return f'"{key}": {right or _EXAMPLES[key]}'


def is_null(value: Node | None) -> bool:
    """Return whether a field is left out, or null."""
    return value is None or (value.entries is None and value.items is None and value.scalar is None)


def missing(node: Node, key: str, what: str) -> Problem:
    """Return that a part of a document lacks a field.

    Args:
        node: the part.
        key: of the field.
        what: the part in words, such as `rule`.
    """
    found, rule = f"a {what} has no `{key}`", f"each {what} has one"
    return Problem(node.file, node.line, "missing-key", found, rule, f"write `{written(key)}`")


def wrong_kind(key: str, value: Node, rule: str) -> Problem:
    """Return that a field holds another kind of value than it should."""
    return Problem(
        value.file, value.line, "wrong-kind", f"`{key}` is {value_shown(value)}", rule, f"write `{written(key)}`"
    )


def converted(key: str, value: Node) -> Node | Problem:
    """Return a field's value as a scenario has it, or what is wrong with it."""
    content = value.scalar
    if key in _MINUTES or key in _DAYS:
        unit, word = ("min", "minutes") if key in _MINUTES else ("d", "days")
        if isinstance(content, int | float) and not isinstance(content, bool) and 0 <= content < math.inf:
            return replace(value, scalar=f"{content} {unit}")
        text = content.strip() if isinstance(content, str) else ""
        repair = f"write `{written(key, text if text.isascii() and text.isdigit() else '')}`"
        rule = f"it is a number of {word}, 0 or more, without quotes"
        return Problem(value.file, value.line, "wrong-quantity", f"`{key}` is {value_shown(value)}", rule, repair)
    if key in _WORDS:
        words = _WORDS[key]
        if content in words:
            return replace(value, scalar=words[str(content)])
        rule, repair = f"it is one of {', '.join(words)}", f"write `{written(key)}`"
        return Problem(value.file, value.line, "wrong-choice", f"`{key}` is {value_shown(value)}", rule, repair)
    if key in _FLAGS:
        right = isinstance(content, bool)
        return value if right else wrong_kind(key, value, "true or false belongs here, without quotes")
    return value if isinstance(content, str) else wrong_kind(key, value, "a text in quotes belongs here")


def value_shown(value: Node) -> str:
    """Return a value as a message shows it: short, on one line."""
    if value.entries is not None or value.items is not None:
        return "an object" if value.entries is not None else "a list"
    return shown(value.scalar)
