"""Plan documents: the JSON that `aws backup get-backup-plan` prints, read as if the scenario held its rules.

The rules keep the document's lines.
A vault that the scenario does not declare is taken as an unlocked one, and a note says so: a vault's name alone as
one at the site of each resource, an ARN as one in its Region and account. The air-gapped primary target of a rule is
taken as air-gapped.
Every field is read, or known to change nothing here, or named in a note.
Source: the API reference of AWS Backup (GetBackupPlan, BackupPlan, BackupRule, CopyAction, Lifecycle).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from drsim.errors import Problem
from drsim.scenario.source import Loc, Node, Refused, Scalar, decode, read_bytes, read_yaml

_ARN = re.compile(r"arn:aws[a-z-]*:backup:([a-z0-9-]+):(\d{12}):(backup-vault|backup-plan):(.+)\Z")
_FOREVER = -1
"""What AWS prints for a retention without end."""

_KINDS = {"none": "an unlocked vault", "air-gapped": "an air-gapped vault"}
"""Vaults that a document may mean, by lock, in words."""

_EVENTS = {"DELETE_AFTER_COPY": "copy"}
"""Events after which points are deleted, by AWS's name."""

_KNOWN = {
    "document": {
        *("BackupPlan", "BackupPlanId", "BackupPlanArn", "VersionId", "CreatorRequestId", "CreationDate"),
        *("DeletionDate", "LastExecutionDate", "ScheduledRunsPreview", "ResponseMetadata"),
    },
    "plan": {"BackupPlanName", "Rules"},
    "rule": {
        *("RuleName", "RuleId", "TargetBackupVaultName", "TargetLogicallyAirGappedBackupVaultArn", "CopyActions"),
        *("ScheduleExpression", "ScheduleExpressionTimezone", "StartWindowMinutes", "CompletionWindowMinutes"),
        *("EnableContinuousBackup", "Lifecycle", "RecoveryPointTags"),
    },
    "lifecycle": {
        *("MoveToColdStorageAfterDays", "DeleteAfterDays", "DeleteAfterEvent", "OptInToArchiveForSupportedResources"),
    },
    "copy action": {"DestinationBackupVaultArn", "Lifecycle"},
}
"""Fields that are read, and names, numbers, dates and tags, which change no recovery, by what they are of."""

Entries = dict[str, tuple[int, Node]]


@dataclass
class Documents:
    """Puts plan documents into the nodes of a scenario.

    Attributes:
        root: nodes of the scenario.
        base: folder that paths start from; None where no file may be read.
        problems: what is wrong with the documents.
        notes: what was assumed.
    """

    root: Node
    base: Path | None
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    _sites: Entries = field(default_factory=dict)
    _vaults: Entries = field(default_factory=dict)
    _own_region: str = ""

    def put_in_place(self) -> tuple[Node, list[Loc]]:
        """Return the scenario's nodes with the rules of its plan documents, and the plans that could not be read."""
        plans = self.root.get("backup_plans")
        if plans is None or not plans.entries:
            return self.root, []
        self._sites = dict((self.root.get("sites") or self.root).entries or {}) if self.root.get("sites") else {}
        self._vaults = dict((self.root.get("vaults") or self.root).entries or {}) if self.root.get("vaults") else {}
        read: Entries = {}
        unread: list[Loc] = []
        for name, (line, plan) in plans.entries.items():
            read[name] = (line, plan)
            if plan.get("file") is not None:
                try:
                    read[name] = (line, self._plan(plan))
                except Refused as refused:
                    self.problems.append(refused.problem)
                    unread.append(("backup_plans", name))
                    read[name] = (line, replace(plan, entries={}))
        top = dict(self.root.entries or {})
        top["backup_plans"] = (top["backup_plans"][0], replace(plans, entries=read))
        for key, entries in (("sites", self._sites), ("vaults", self._vaults)):
            if entries:
                line, node = top.get(key, (self.root.line, replace(self.root, entries={})))
                top[key] = (line, replace(node, entries=entries, scalar=None))
        return replace(self.root, entries=top), unread

    def _plan(self, plan: Node) -> Node:
        line, named = (plan.entries or {})["file"]
        if plan.get("rules") is not None:
            found, rule = "the plan has both `file` and `rules`", "a plan is written here or read from a file"
            raise Refused(Problem(plan.file, line, "plan-file-and-rules", found, rule, "remove one of them"))
        if not isinstance(named.scalar, str):
            raise Refused(
                _unreadable(plan.file, line, f"`file` is {named.scalar!r}", "`file` is the path of a document")
            )
        if self.base is None:
            found, rule = f"`file: {named.scalar}` names a file", "a scenario that comes without a folder has no files"
            raise Refused(_unreadable(plan.file, line, found, rule, "write the plan's `rules` here"))
        shown = str(Path(plan.file).parent / named.scalar)
        try:
            content = read_bytes(self.base / named.scalar, shown)
        except Refused as refused:
            raise Refused(
                _unreadable(plan.file, line, f"{shown}: {refused.problem.found}", refused.problem.rule)
            ) from None
        document = read_json(decode(content, shown), shown)
        body = document.get("BackupPlan") or document
        rules = body.get("Rules")
        if rules is None or not rules.items:
            raise Refused(_invalid(shown, body.line, "the document has no `Rules`"))
        self._name_unread(document, "document" if body is not document else "plan", *(_KNOWN["document"]))
        if body is not document:
            self._name_unread(body, "plan")
        own_account = _own_account(document, rules.items)
        own = document.get("BackupPlanArn")
        self._own_region = "" if own is None else (_arn_parts(own) or ("", "", ""))[0]
        items = [self._rule(rule, own_account) for rule in rules.items]
        inner = Node(shown, rules.line, items=items)
        return Node(shown, body.line, entries={"rules": (rules.line, inner), "file": (line, named)})

    def _rule(self, rule: Node, own_account: str | None) -> Node:
        entries: Entries = {}
        _take(rule, "RuleName", entries, "rule_name")
        _take(rule, "ScheduleExpression", entries, "schedule")
        _take(rule, "ScheduleExpressionTimezone", entries, "schedule_timezone")
        _take(rule, "StartWindowMinutes", entries, "start_window", _minutes)
        _take(rule, "CompletionWindowMinutes", entries, "completion_window", _minutes)
        _take(rule, "EnableContinuousBackup", entries, "enable_continuous_backup")
        _take(rule, "TargetBackupVaultName", entries, "target_vault")
        if "target_vault" in entries:
            self._assume_vault(entries["target_vault"][1])
        self._name_unread(rule, "rule")
        gapped = rule.get("TargetLogicallyAirGappedBackupVaultArn")
        if gapped is not None and gapped.scalar:
            vault = self._gapped_vault(gapped, own_account)
            if vault is not None:
                entries["target_air_gapped_vault"] = (gapped.line, vault)
        if lifecycle := self._lifecycle(rule, None):
            entries["lifecycle"] = lifecycle
        read = (self._copy(action, rule, own_account) for action in _items(rule, "CopyActions"))
        copies = [copy for copy in read if copy is not None]
        if copies:
            line = rule.entries["CopyActions"][0] if rule.get("CopyActions") and rule.entries else rule.line
            entries["copy_actions"] = (line, Node(rule.file, line, items=copies))
        return Node(rule.file, rule.line, entries=entries)

    def _copy(self, action: Node, rule: Node, own_account: str | None) -> Node | None:
        """Return a copy action, or None where its vault cannot be told."""
        entries: Entries = {}
        arn = action.get("DestinationBackupVaultArn")
        if arn is not None:
            into_own = _arn_parts(arn) == (self._own_region, own_account, _text(rule, "TargetBackupVaultName"))
            vault = rule.get("TargetBackupVaultName") if into_own else self._vault_of(arn, own_account)
            if vault is None:
                return None
            entries["destination_vault"] = (arn.line, replace(vault, line=arn.line))
        self._name_unread(action, "copy action")
        if lifecycle := self._lifecycle(action, rule):
            entries["lifecycle"] = lifecycle
        return Node(action.file, action.line, entries=entries)

    def _lifecycle(self, node: Node, source: Node | None) -> tuple[int, Node] | None:
        """Return line and value of the lifecycle of a rule, or of a copy action of the rule `source`.

        A copy whose document names no end, or says for ever, expires with its source.
        """
        lifecycle = node.get("Lifecycle")
        if lifecycle is None or lifecycle.entries is None:
            return None
        self._name_unread(lifecycle, "lifecycle")
        entries: Entries = {}
        _take_days(lifecycle, "MoveToColdStorageAfterDays", entries, "cold_storage_after")
        for holder in (lifecycle, source.get("Lifecycle") if source else None):
            if holder is not None and "delete_after" not in entries:
                _take_days(holder, "DeleteAfterDays", entries, "delete_after")
        _take(lifecycle, "OptInToArchiveForSupportedResources", entries, "opt_in_to_archive")
        _take(lifecycle, "DeleteAfterEvent", entries, "delete_after_event", _event)
        return lifecycle.line, Node(lifecycle.file, lifecycle.line, entries=entries)

    def _name_unread(self, node: Node, what: str, *more: str) -> None:
        """Note the fields of a part of a document that say something and that nothing here reads.

        Args:
            node: the part.
            what: a key of `_KNOWN`.
            more: fields that are known there besides.
        """
        for name, (line, value) in (node.entries or {}).items():
            if name not in _KNOWN[what] and name not in more and _says_something(value):
                found = f"the {what} has `{name}`"
                self.notes.append(Problem(node.file, line, "plan-field-ignored", found, "nothing here reads it"))

    def _assume_vault(self, name: Node, lock: str = "none") -> None:
        """Declare a vault known by its name alone, unless the scenario does."""
        key = str(name.scalar)
        if key not in self._vaults:
            entries = {} if lock == "none" else {"lock": replace(name, scalar=lock)}
            self._vaults[key] = (name.line, _mapping(name, **entries))
            self._note(name, key, f"{_KINDS[lock]} at the site of each resource")

    def _gapped_vault(self, arn: Node, own_account: str | None) -> Node | None:
        """Return the name of an air-gapped primary target, which has to lie in the account and Region of the resources.

        It does where it is that of the document's own plan, and where nothing tells the accounts apart; a check refuses
        it elsewhere.
        """
        match = _ARN.match(str(arn.scalar))
        if match is None:
            return self._vault_of(arn, own_account, lock="air-gapped")
        region, account = match[1], match[2]
        here = self._may_be_home(region, account)
        elsewhere = (region, account) != (self._own_region, own_account) if self._own_region else not here
        told = any(_text(site, "account_id") == account for _, site in self._sites.values())
        if elsewhere or (here and (told or self._own_account_name(account))):
            return self._vault_of(arn, own_account, lock="air-gapped")
        # nothing says which of the estate's accounts has that number
        name = replace(arn, scalar=match[4])
        self._assume_vault(name, lock="air-gapped")
        return name

    def _vault_of(self, arn: Node, own_account: str | None, lock: str = "none") -> Node | None:
        """Return the name of the vault that an ARN means, declared if the scenario does not; None if it is no ARN."""
        match = _ARN.match(str(arn.scalar))
        if not match or match[3] != "backup-vault":
            problem = _invalid(arn.file, arn.line, f"{arn.scalar!r} is no ARN of a backup vault")
            self.problems.append(replace(problem, rule="copy actions and air-gapped targets name their vault by ARN"))
            return None
        region, account, name = match[1], match[2], match[4]
        key = name
        while key in self._vaults and not self._lies_in(key, region, account, own_account):
            key = f"{name}-{region}-{account}"[-50:] if key == name else f"{key[:48]}-x"
        if key not in self._vaults:
            site = self._site_of(arn, region, account, own_account)
            entries = {"site": replace(arn, scalar=site), "lock": replace(arn, scalar=lock)}
            self._vaults[key] = (arn.line, _mapping(arn, **entries))
            self._note(arn, key, f"{_KINDS[lock]} at the site `{site}` ({region}, account {account})")
        return replace(arn, scalar=key)

    def _lies_in(self, vault: str, region: str, account: str, own_account: str | None) -> bool:
        """Tell whether a declared vault may be the one of an ARN: its Region fits, and its account if that is known."""
        named = _text(self._vaults[vault][1], "site")
        if not named:  # it lies with each resource
            # a document that does not tell its account has that of the resources
            numbers = {own_account} if own_account is not None else {_text(s, "account_id") for s in self._homes()}
            return numbers == {account} and {_text(site, "region") for site in self._homes()} == {region}
        site = self._sites.get(named)
        if site is None:
            return False
        number = _text(site[1], "account_id")
        own_name = self._own_account_name(own_account) if number == "" else ""
        if own_name and (_text(site[1], "account") == own_name) != (account == own_account):
            return False
        return _text(site[1], "region") == region and number in ("", account)

    def _site_of(self, arn: Node, region: str, account: str, own_account: str | None) -> str:
        """Return the site with a Region and an account number, declared if the scenario does not."""
        names = {_text(s, "account") for _, s in self._sites.values() if _text(s, "account_id") == account}
        own_name = self._own_account_name(own_account) if account == own_account else ""
        name = min(names) if names else own_name or account
        for key, (_, site) in self._sites.items():
            if _text(site, "region") == region and _text(site, "account") == name:
                return key
        key = f"{region}-{name}"
        values = {"region": region, "account": name, "account_id": account}
        self._sites[key] = (arn.line, _mapping(arn, **{k: replace(arn, scalar=v) for k, v in values.items()}))
        return key

    def _own_account_name(self, own_account: str | None) -> str:
        """Return the account in which all applications run, if it is one and may have the plan's number; else ''."""
        if own_account is None:
            return ""
        sites = self._homes()
        names = {_text(site, "account") for site in sites}
        numbers = {_text(site, "account_id") for site in sites}
        return min(names) if len(names) == 1 and numbers <= {"", own_account} else ""

    def _may_be_home(self, region: str, account: str) -> bool:
        """Tell whether an application may run in a Region and account; an account without its number may be any."""
        numbers = {_text(site, "account_id") for site in self._homes() if _text(site, "region") == region}
        return bool(numbers & {"", account})

    def _homes(self) -> list[Node]:
        """Return the sites at which applications run."""
        applications = (self.root.get("applications") or self.root).entries or {}
        homes = {_text(app, "site") for _, app in applications.values()}
        return [self._sites[home][1] for home in homes if home in self._sites]

    def _note(self, node: Node, vault: str, what: str) -> None:
        found = f"the vault `{vault}` is not declared in `vaults`"
        repair = "declare it, with its lock, to say otherwise; `account_id` of a site tells accounts apart"
        self.notes.append(Problem(node.file, node.line, "plan-vault-assumed", found, f"it is taken as {what}", repair))


def read_json(text: str, file: str) -> Node:
    """Return the object that a JSON text holds, with its lines.

    Raises:
        Refused: no JSON, or no object.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        found = f"this is no JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else "this is no JSON"
        raise Refused(_invalid(file, line, found)) from error
    # valid JSON is YAML but for tabs between tokens, and within a JSON text a tab is always escaped
    try:
        node, problems = read_yaml(text.replace("\t", " "), file)
    except Refused as refused:
        problem = refused.problem
        raise Refused(_invalid(file, problem.line, problem.found)) from refused
    if problems:
        raise Refused(_invalid(file, problems[0].line, problems[0].found))
    return node


def _invalid(file: str, line: int, found: str) -> Problem:
    rule = "a plan document is the JSON that `aws backup get-backup-plan` prints"
    return Problem(file, line, "plan-file-invalid", found, rule)


def _unreadable(file: str, line: int, found: str, rule: str, repair: str = "") -> Problem:
    return Problem(
        file, line, "plan-file-unreadable", found, rule, repair or "paths start at the scenario file's folder"
    )


def _own_account(document: Node, rules: list[Node]) -> str | None:
    """Return the number of the plan's account: its ARN has it, and so has that of an air-gapped target."""
    arns = [document.get("BackupPlanArn"), *(rule.get("TargetLogicallyAirGappedBackupVaultArn") for rule in rules)]
    matches = (_ARN.match(str(arn.scalar)) for arn in arns if arn is not None)
    return next((match[2] for match in matches if match), None)


def _arn_parts(arn: Node) -> tuple[str, str, str] | None:
    """Return Region, account and name of what an ARN means; None if it is none of AWS Backup."""
    match = _ARN.match(str(arn.scalar))
    return (match[1], match[2], match[4]) if match else None


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return "" if value is None or value.scalar is None else str(value.scalar)


def _items(node: Node, key: str) -> list[Node]:
    value = node.get(key)
    return value.items or [] if value is not None else []


def _mapping(where: Node, **values: Node) -> Node:
    return Node(where.file, where.line, entries={key: (where.line, value) for key, value in values.items()})


def _same(value: Scalar) -> Scalar:
    return value


def _minutes(value: Scalar) -> Scalar:
    return f"{value} min" if isinstance(value, int | float) and not isinstance(value, bool) else value


def _days(value: Scalar) -> Scalar:
    return f"{value} d" if isinstance(value, int | float) and not isinstance(value, bool) else value


def _take(node: Node, key: str, entries: Entries, name: str, convert: Callable[[Scalar], Scalar] = _same) -> None:
    """Put the value of a document's key, if it has one, under the scenario's name for it."""
    value = node.get(key)
    if value is not None and not (value.entries is None and value.items is None and value.scalar is None):
        entries[name] = (value.line, replace(value, scalar=convert(value.scalar)))


def _take_days(node: Node, key: str, entries: Entries, name: str) -> None:
    """Put a number of days under the scenario's name for it; what is for ever is left out."""
    value = node.get(key)
    if value is not None and value.scalar != _FOREVER:
        _take(node, key, entries, name, _days)


def _event(value: Scalar) -> Scalar:
    return _EVENTS.get(str(value), value)


def _says_something(value: Node) -> bool:
    """Tell whether a field holds anything: no null, no empty text, list or object."""
    return bool(value.entries or value.items or value.scalar not in (None, ""))
