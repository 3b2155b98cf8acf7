"""Messages about plan documents in the documents' own words: `Lifecycle.DeleteAfterDays: 97`, not `delete_after: 97 d`.

Source: the API reference of AWS Backup (BackupRule, CopyAction, Lifecycle).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace

from drsim.errors import DrsimError, Problem
from drsim.units import DAY_S, MINUTE_S, duration_s


def _number_of(unit_s: float) -> Callable[[str], str]:
    def convert(text: str) -> str:
        return str(math.ceil(duration_s(text) / unit_s - 1e-9))

    return convert


def _same(text: str) -> str:
    return text


def _arn(text: str) -> str:
    """Return a vault's ARN as far as its name tells it."""
    return json.dumps(f"arn:aws:backup:<Region>:<account>:backup-vault:{text}")


_DAYS, _MINUTES, _TEXT = _number_of(DAY_S), _number_of(MINUTE_S), json.dumps

_KEYS: dict[str, tuple[str, Callable[[str], str]]] = {
    "rules": ("Rules", _same),
    "rule_name": ("RuleName", _TEXT),
    "target_vault": ("TargetBackupVaultName", _TEXT),
    "target_air_gapped_vault": ("TargetLogicallyAirGappedBackupVaultArn", _arn),
    "schedule": ("ScheduleExpression", _TEXT),
    "schedule_timezone": ("ScheduleExpressionTimezone", _TEXT),
    "start_window": ("StartWindowMinutes", _MINUTES),
    "completion_window": ("CompletionWindowMinutes", _MINUTES),
    "enable_continuous_backup": ("EnableContinuousBackup", _same),
    "lifecycle": ("Lifecycle", _same),
    "cold_storage_after": ("Lifecycle.MoveToColdStorageAfterDays", _DAYS),
    "delete_after": ("Lifecycle.DeleteAfterDays", _DAYS),
    "opt_in_to_archive": ("Lifecycle.OptInToArchiveForSupportedResources", _same),
    "delete_after_event": ("Lifecycle.DeleteAfterEvent", _same),
    "copy_actions": ("CopyActions", _same),
    "scan": ("ScanActions", _same),
    "mode": ("ScanActions.ScanMode", _same),
    "destination_vault": ("DestinationBackupVaultArn", _arn),
}
"""Keys of a scenario's rules to those of documents, and how a value is written there."""

_NOWHERE = frozenset({"every", "then", "age", "delay", "overrides"})
"""Keys of a scenario's rules for which documents have none."""

_QUOTED = re.compile("`([^`]*)`")
_PLACE = re.compile(r"backup_plans\..*?\.(rules\[\d+\].*)")
_PAIR = re.compile(r"(\w+)(?:: (.*))?")
_WRAPPED = re.compile(r"lifecycle: \{(\w+: [^,{}]*)\}")


def in_own_words(problem: Problem) -> Problem:
    """Return a problem of a plan document in the document's words."""
    alike = problem.alike
    return _in_numbers(
        replace(
            problem,
            alike=alike and alike._replace(words=in_document_words(alike.words)),
            found=in_document_words(problem.found),
            rule=in_document_words(problem.rule),
            repair=advice_in_document_words(problem.repair),
        )
    )


_COUNTED = {"Days": DAY_S, "Minutes": MINUTE_S}
"""What fields whose names end so count [s]."""


def _in_numbers(problem: Problem) -> Problem:
    """Return a problem whose advice on a range is a number, where it is about a field that counts days or minutes."""
    if problem.check != "out-of-range":
        return problem
    field = re.search(r"((?:Lifecycle\.)?\w+?(Days|Minutes))`", problem.found)
    most = re.fullmatch(r"write (.+) or (less|more)", problem.repair)
    if field is None or most is None:
        return problem
    unit = _COUNTED[field[2]]
    number = duration_s(most[1]) / unit
    written = re.sub(r"'(\S+) (?:d|min)'", r"\1", problem.found)
    return replace(problem, found=written, repair=f"write `{field[1]}: {number:.0f}` or {most[2]}")


def in_document_words(text: str) -> str:
    """Return a message with the keys, places and values of a scenario's rules as plan documents have them."""
    return _QUOTED.sub(lambda match: f"`{_translated(match[1])}`", text)


def advice_in_document_words(text: str) -> str:
    """Return advice as `in_document_words`, without the parts that no document can follow."""
    first, *rest = re.split("(; |, or )", text)
    pairs = [("", first), *zip(rest[::2], rest[1::2], strict=True)]
    kept = [(joint, part) for joint, part in pairs if not _is_nowhere(part)]
    return in_document_words("".join(joint * (k > 0) + part for k, (joint, part) in enumerate(kept)))


def _is_nowhere(text: str) -> bool:
    keys = (_PAIR.fullmatch(quoted) for quoted in _QUOTED.findall(text))
    return any(match is not None and match[1] in _NOWHERE for match in keys)


def _translated(quoted: str) -> str:
    """Return what stands between two quotation marks, if it is a key, a key with its value, or a place."""
    if place := _PLACE.fullmatch(quoted):
        return ".".join(_part(part) for part in place[1].split("."))
    if wrapped := _WRAPPED.fullmatch(quoted):
        quoted = wrapped[1]
    match = _PAIR.fullmatch(quoted)
    if match is None or match[1] not in _KEYS:
        return quoted
    name, convert = _KEYS[match[1]]
    if match[2] is None:
        return name
    try:
        return f"{name}: {convert(match[2])}"
    except DrsimError:
        return f"{name}: {match[2]}"


def _part(part: str) -> str:
    key, bracket, rest = part.partition("[")
    return f"{_KEYS[key][0].rpartition('.')[2]}{bracket}{rest}" if key in _KEYS else part
