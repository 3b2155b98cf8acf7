"""Plan documents: the JSON that `aws backup get-backup-plan` prints, read as if the scenario held its rules.

The rules keep the document's lines.
A vault that the scenario does not declare is taken as an unlocked one, and a note says so: a vault's name alone as
one at the site of each resource, an ARN as one in its Region and account. The air-gapped primary target of a rule is
taken as air-gapped.
Every field is read, or known to change nothing here, or named in a note.
What is wrong with a document is told in its own keys, not in those of a scenario.
Source: the API reference of AWS Backup (GetBackupPlan, BackupPlan, BackupRule, CopyAction, Lifecycle).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path

from drsim.catalogue import Catalogue, load_catalogue
from drsim.errors import Problem
from drsim.scenario.document_fields import (
    BODIES,
    FOR_EVER,
    KNOWN,
    converted,
    is_null,
    missing,
    value_shown,
    written,
    wrong_kind,
)
from drsim.scenario.document_kinds import Kind, how_to_get, kind_of, kind_of_rules, kind_of_text
from drsim.scenario.edit import free_name
from drsim.scenario.names import LONGEST_NAME, NOT_IN_NAMES
from drsim.scenario.nodes import Loc, Node, Refused
from drsim.scenario.regions import unknown_words
from drsim.scenario.source import decode, read_bytes
from drsim.scenario.yaml_text import read_yaml
from drsim.text import cut

_ARN = re.compile(r"arn:(aws[a-z-]*):backup:([a-z0-9-]+):([0-9]{12}):(backup-vault|backup-plan):(.+)\Z")
_LONGEST_PATH = 300
"""Characters of a path that a message shows."""

_KINDS = {"none": "an unlocked vault", "air-gapped": "an air-gapped vault"}
"""Vaults that a document may mean, by lock, in words."""

Entries = dict[str, tuple[int, Node]]


@dataclass
class Documents:
    """Puts plan documents into the nodes of a scenario.

    Attributes:
        root: nodes of the scenario.
        base: folder that paths start from; None where no file may be read.
        catalogue: with the Regions.
        problems: what is wrong with the documents.
        notes: what was assumed.
        unread: places of the scenario of which nothing more has to be said.
    """

    root: Node
    base: Path | None
    catalogue: Catalogue = field(default_factory=load_catalogue)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    unread: list[Loc] = field(default_factory=list)
    _sites: Entries = field(default_factory=dict)
    _vaults: Entries = field(default_factory=dict)
    _own_region: str = ""

    def put_in_place(self) -> tuple[Node, list[Loc]]:
        """Return the scenario's nodes with the rules of its plan documents, and places that could not be read."""
        plans = self.root.get("backup_plans")
        if plans is None or not plans.entries:
            return self.root, []
        self._sites = dict((self.root.get("sites") or self.root).entries or {}) if self.root.get("sites") else {}
        self._vaults = dict((self.root.get("vaults") or self.root).entries or {}) if self.root.get("vaults") else {}
        read: Entries = {}
        for name, (line, plan) in plans.entries.items():
            read[name] = (line, plan)
            if plan.get("file") is not None:
                try:
                    read[name] = (line, self._plan(plan, ("backup_plans", name)))
                except Refused as refused:
                    self.problems.append(refused.problem)
                    self.unread.append(("backup_plans", name))
                    read[name] = (line, replace(plan, entries={}))
        top = dict(self.root.entries or {})
        top["backup_plans"] = (top["backup_plans"][0], replace(plans, entries=read))
        for key, entries in (("sites", self._sites), ("vaults", self._vaults)):
            if entries:
                line, node = top.get(key, (self.root.line, replace(self.root, entries={})))
                top[key] = (line, replace(node, entries=entries, scalar=None))
        return replace(self.root, entries=top), self.unread

    def _plan(self, plan: Node, loc: Loc) -> Node:
        line, named = (plan.entries or {})["file"]
        if plan.get("rules") is not None:
            found, rule = "the plan has both `file` and `rules`", "a plan is written here or read from a file"
            raise Refused(Problem(plan.file, line, "plan-file-and-rules", found, rule, "remove one of them"))
        if not isinstance(named.scalar, str):
            raise Refused(
                _unreadable(plan.file, line, f"`file` is {value_shown(named)}", "`file` is the path of a document")
            )
        if self.base is None:
            found, rule = (
                f"`file: {cut(named.scalar)}` names a file",
                "a scenario that comes without a folder has no files",
            )
            raise Refused(_unreadable(plan.file, line, found, rule, "write the plan's `rules` here"))
        file = str(Path(plan.file).parent / cut(named.scalar, _LONGEST_PATH))
        try:
            content = read_bytes(self.base / named.scalar, file)
        except Refused as refused:
            raise Refused(
                _unreadable(plan.file, line, f"{file}: {refused.problem.found}", refused.problem.rule)
            ) from None
        document = read_json(decode(content, file), file)
        body = _body(document)
        rules = body.get("Rules")
        if rules is None or not rules.items:
            raise Refused(_no_rules(file, document, body))
        if (kind := kind_of_rules(rules.items, file)) is not None:
            raise Refused(_is_no_plan(file, rules.line, kind))
        self._name_unread(document, "document" if body is not document else "plan", *KNOWN["document"])
        if body is not document:
            self._name_unread(body, "plan")
        own_account = self._home(document, rules.items)
        own = document.get("BackupPlanArn")
        self._own_region = "" if own is None else (_arn_parts(own) or ("", "", ""))[0]
        items = [self._rule(rule, own_account, (*loc, "rules", i)) for i, rule in enumerate(rules.items)]
        inner = Node(file, rules.line, items=items)
        return Node(file, body.line, entries={"rules": (rules.line, inner), "file": (line, named)})

    def _rule(self, rule: Node, own_account: str | None, loc: Loc) -> Node:
        entries: Entries = {}
        for key, name in (("RuleName", "rule_name"), ("TargetBackupVaultName", "target_vault")):
            if is_null(rule.get(key)):
                self.problems.append(missing(rule, key, "rule"))
                self.unread.append((*loc, name))
        self._take(rule, "RuleName", entries, "rule_name", loc)
        self._take(rule, "ScheduleExpression", entries, "schedule", loc)
        self._take(rule, "ScheduleExpressionTimezone", entries, "schedule_timezone", loc)
        self._take(rule, "StartWindowMinutes", entries, "start_window", loc)
        self._take(rule, "CompletionWindowMinutes", entries, "completion_window", loc)
        self._take(rule, "EnableContinuousBackup", entries, "enable_continuous_backup", loc)
        self._take(rule, "TargetBackupVaultName", entries, "target_vault", loc)
        if "target_vault" in entries and isinstance(entries["target_vault"][1].scalar, str):
            self._assume_vault(entries["target_vault"][1])
        self._name_unread(rule, "rule")
        gapped = rule.get("TargetLogicallyAirGappedBackupVaultArn")
        if gapped is not None and not is_null(gapped) and gapped.scalar != "":
            vault = self._gapped_vault(gapped, own_account)
            if vault is not None:
                entries["target_air_gapped_vault"] = (gapped.line, vault)
        if lifecycle := self._lifecycle(rule, None, loc):
            entries["lifecycle"] = lifecycle
        copies: list[Node] = []
        actions = rule.get("CopyActions")
        if actions is not None and actions.items is None and not is_null(actions):
            self.problems.append(wrong_kind("CopyActions", actions, "a list of objects belongs here"))
        for action in (actions.items if actions else None) or []:
            copy = self._copy(action, rule, own_account, (*loc, "copy_actions", len(copies)))
            copies += [copy] if copy is not None else []
        if copies:
            line = rule.entries["CopyActions"][0] if rule.get("CopyActions") and rule.entries else rule.line
            entries["copy_actions"] = (line, Node(rule.file, line, items=copies))
        return Node(rule.file, rule.line, entries=entries)

    def _copy(self, action: Node, rule: Node, own_account: str | None, loc: Loc) -> Node | None:
        """Return a copy action, or None where its vault cannot be told."""
        entries: Entries = {}
        arn = action.get("DestinationBackupVaultArn")
        if arn is None or is_null(arn):
            self.problems.append(missing(action, "DestinationBackupVaultArn", "copy action"))
            return None
        into_own = _arn_parts(arn) == (self._own_region, own_account, _text(rule, "TargetBackupVaultName"))
        vault = rule.get("TargetBackupVaultName") if into_own else self._vault_of(arn, own_account)
        if vault is None:
            return None
        entries["destination_vault"] = (arn.line, replace(vault, line=arn.line))
        self._name_unread(action, "copy action")
        if lifecycle := self._lifecycle(action, rule, loc):
            entries["lifecycle"] = lifecycle
        return Node(action.file, action.line, entries=entries)

    def _lifecycle(self, node: Node, source: Node | None, loc: Loc) -> tuple[int, Node] | None:
        """Return line and value of the lifecycle of a rule, or of a copy action of the rule `source`.

        A copy whose document names no end, or says for ever, expires with its source.
        """
        lifecycle = node.get("Lifecycle")
        if lifecycle is None or is_null(lifecycle):
            return None
        if lifecycle.entries is None:
            self.problems.append(wrong_kind("Lifecycle", lifecycle, "an object belongs here"))
            return None
        self._name_unread(lifecycle, "lifecycle")
        entries: Entries = {}
        at = (*loc, "lifecycle")
        self._take(lifecycle, "MoveToColdStorageAfterDays", entries, "cold_storage_after", at)
        for holder in (lifecycle, source.get("Lifecycle") if source else None):
            if holder is not None and "delete_after" not in entries:
                self._take(holder, "DeleteAfterDays", entries, "delete_after", at)
        self._take(lifecycle, "OptInToArchiveForSupportedResources", entries, "opt_in_to_archive", at)
        self._take(lifecycle, "DeleteAfterEvent", entries, "delete_after_event", at)
        return lifecycle.line, Node(lifecycle.file, lifecycle.line, entries=entries)

    def _name_unread(self, node: Node, what: str, *more: str) -> None:
        """Note the fields of a part of a document that say something and that nothing here reads.

        Args:
            node: the part.
            what: a key of `KNOWN`.
            more: fields that are known there besides.
        """
        for name, (line, value) in (node.entries or {}).items():
            if name not in KNOWN[what] and name not in more and _says_something(value):
                found = f"the {what} has `{name}`"
                self.notes.append(Problem(node.file, line, "plan-field-ignored", found, "nothing here reads it"))

    def _take(self, node: Node, key: str, entries: Entries, name: str, loc: Loc) -> None:
        """Put the value of a document's key, if it has one, under the scenario's name for it.

        What is for ever is left out.
        """
        value = node.get(key)
        if value is None or is_null(value) or (key == "DeleteAfterDays" and value.scalar == FOR_EVER):
            return
        read = converted(key, value)
        if isinstance(read, Problem):
            self.problems.append(read)
            self.unread.append((*loc, name))
        else:
            entries[name] = (value.line, read)

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
        region, account = match[2], match[3]
        here = self._may_be_home(region, account)
        elsewhere = (region, account) != (self._own_region, own_account) if self._own_region else not here
        told = any(_text(site, "account_id") == account for _, site in self._sites.values())
        if elsewhere or (here and (told or self._own_account_name(account))):
            return self._vault_of(arn, own_account, lock="air-gapped")
        # nothing says which of the estate's accounts has that number
        name = replace(arn, scalar=match[5])
        self._assume_vault(name, lock="air-gapped")
        return name

    def _vault_of(self, arn: Node, own_account: str | None, lock: str = "none") -> Node | None:
        """Return the name of the vault that an ARN means, declared if the scenario does not; None if it is no ARN."""
        match = _ARN.match(str(arn.scalar))
        if not match or match[4] != "backup-vault":
            problem = _invalid(arn.file, arn.line, f"{value_shown(arn)} is no ARN of a backup vault")
            rule = "copy actions and air-gapped targets name their vault by ARN"
            repair = f"write `{written('DestinationBackupVaultArn')}`, for instance"
            self.problems.append(replace(problem, rule=rule, repair=repair))
            return None
        if not self._is_region(arn, match):
            return None
        region, account, name = match[2], match[3], match[5]
        longer = f"{name}-{region}-{account}".replace("/", "-")[-50:]
        keys = chain((name, longer), (f"{longer[:44]}-{k}" for k in count(2)))
        fits = (key for key in keys if key not in self._vaults or self._lies_in(key, region, account, own_account))
        key = next(fits)
        if key not in self._vaults:
            site = self._site_of(arn, region, account, own_account)
            entries = {"site": replace(arn, scalar=site), "lock": replace(arn, scalar=lock)}
            self._vaults[key] = (arn.line, _mapping(arn, **entries))
            self._note(arn, key, f"{_KINDS[lock]} at the site `{site}` ({region}, account {account})")
        return replace(arn, scalar=key)

    def _is_region(self, arn: Node, match: re.Match[str]) -> bool:
        """Return whether an ARN names a Region that exists, in its partition; say so if it does not."""
        partition, region = match[1], match[2]
        known = self.catalogue.regions.get(region)
        if known is None:
            admitted = {_text(site, "region") for _, site in self._sites.values() if _text(site, "region_like")}
            if region not in admitted:
                found, rule, repair = unknown_words(self.catalogue.regions, region, key="ARN")
                self.problems.append(Problem(arn.file, arn.line, "unknown-region", found, rule, repair))
                return False
        elif known.partition != partition:
            found = f"the ARN names the partition {partition}, and {region} lies in {known.partition}"
            repair = f"write `arn:{known.partition}:{str(arn.scalar).split(':', 2)[-1]}`"
            rule = "an ARN begins with the partition of its Region"
            self.problems.append(Problem(arn.file, arn.line, "unknown-region", found, rule, repair))
            return False
        return True

    def _home(self, document: Node, rules: list[Node]) -> str | None:
        """Return the number of the plan's account, and warn where neither it nor the Region is the estate's.

        The plan's own ARN has both, and so has that of an air-gapped target, which lies beside what is backed up.
        """
        told = _home_arn(document, rules)
        if told is None:
            return None
        arn, match = told
        # that of a vault is checked where the vault is read
        if match[4] == "backup-vault" or self._is_region(arn, match):
            self._compare_home(arn, match[2], match[3])
        return match[3]

    def _compare_home(self, arn: Node, region: str, account: str) -> None:
        """Warn where no application runs in the Region and account that a plan is from."""
        homes = [(name, self._sites[name][1]) for name in self._home_names()]
        numbers = {name: _number(site) for name, site in homes}
        elsewhere = [name for name, site in homes if _text(site, "region") != region]
        others = [name for name, _ in homes if numbers[name] not in ("", account)]
        if not homes or any(name not in elsewhere and name not in others for name, _ in homes):
            return
        name, site = homes[0]
        number = f", account {numbers[name]}" if numbers[name] else ""
        found = f"the plan is from {region}, account {account}, and `{name}` is in {_text(site, 'region')}{number}"
        rule = (
            "a plan backs up what lies in its own Region and account; here it is taken to back up what lies elsewhere"
        )
        # an account that is called by its number is called by the right one then
        called = account if _text(site, "account") == numbers[name] else _text(site, "account")
        right = f"`{name}: {{region: {region}, account: {called}, account_id: {account}}}`"
        repair = f"write {right} under `sites` in the scenario if the applications run there, or use a plan from here"
        self.notes.append(Problem(arn.file, arn.line, "plan-from-elsewhere", found, rule, repair))

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
        number = _number(site[1])
        own_name = self._own_account_name(own_account) if number == "" else ""
        if own_name and (_text(site[1], "account") == own_name) != (account == own_account):
            return False
        return _text(site[1], "region") == region and number in ("", account)

    def _site_of(self, arn: Node, region: str, account: str, own_account: str | None) -> str:
        """Return the site with a Region and an account number, declared if the scenario does not."""
        names = {_text(s, "account") for _, s in self._sites.values() if _number(s) == account}
        own_name = self._own_account_name(own_account) if account == own_account else ""
        name = min(names) if names else own_name or account
        for key, (_, site) in self._sites.items():
            if _text(site, "region") == region and _text(site, "account") == name:
                return key
        # the name of an account may hold what no name of a site does
        key = free_name(re.sub(f"[{NOT_IN_NAMES}]", "-", f"{region}-{name}"), self._sites, LONGEST_NAME)
        values = {"region": region, "account": name, "account_id": account}
        self._sites[key] = (arn.line, _mapping(arn, **{k: replace(arn, scalar=v) for k, v in values.items()}))
        return key

    def _own_account_name(self, own_account: str | None) -> str:
        """Return the account in which all applications run, if it is one and may have the plan's number; else ''."""
        if own_account is None:
            return ""
        sites = self._homes()
        names = {_text(site, "account") for site in sites}
        numbers = {_number(site) for site in sites}
        return min(names) if len(names) == 1 and numbers <= {"", own_account} else ""

    def _may_be_home(self, region: str, account: str) -> bool:
        """Tell whether an application may run in a Region and account; an account without its number may be any."""
        numbers = {_text(site, "account_id") for site in self._homes() if _text(site, "region") == region}
        return bool(numbers & {"", account})

    def _homes(self) -> list[Node]:
        """Return the sites at which applications run."""
        return [self._sites[home][1] for home in self._home_names()]

    def _home_names(self) -> list[str]:
        """Return the names of the sites at which applications run, in the order written."""
        applications = (self.root.get("applications") or self.root).entries or {}
        homes = dict.fromkeys(_text(app, "site") for _, app in applications.values())
        return [home for home in homes if home in self._sites]

    def _note(self, node: Node, vault: str, what: str) -> None:
        found = f"the vault `{vault}` is not declared in `vaults`"
        repair = (
            f"write `{vault}` under `vaults` in the scenario, with its lock, to say otherwise; `account_id` of a site "
            "there tells accounts apart"
        )
        self.notes.append(Problem(node.file, node.line, "plan-vault-assumed", found, f"it is taken as {what}", repair))


def plan_home(document: bytes, file: str) -> tuple[str, str] | None:
    """Return the Region and the account's number that a plan document is from; None where nothing tells them.

    Args:
        document: what `aws backup get-backup-plan` prints.
        file: its name.
    """
    try:
        root = read_json(decode(document, file), file)
    except Refused:
        return None
    rules = (_body(root).get("Rules") or root).items or []
    told = _home_arn(root, rules)
    return None if told is None else (told[1][2], told[1][3])


def _body(document: Node) -> Node:
    """Return the plan within its envelope, or the document if it has none."""
    return next((inner for key in BODIES if (inner := document.get(key)) is not None), document)


def _home_arn(document: Node, rules: list[Node]) -> tuple[Node, re.Match[str]] | None:
    """Return the ARN that tells where a plan is from, with its parts; None where none does."""
    arns = [document.get("BackupPlanArn"), *(rule.get("TargetLogicallyAirGappedBackupVaultArn") for rule in rules)]
    read = ((arn, _ARN.match(str(arn.scalar))) for arn in arns if arn is not None)
    return next(((arn, match) for arn, match in read if match), None)


def read_json(text: str, file: str) -> Node:
    """Return the object that a JSON text holds, with its lines.

    Raises:
        Refused: no JSON, or no object.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        kind = kind_of_text(text, file)
        if kind is not None:
            raise Refused(_is_no_plan(file, 0, kind)) from error
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        found = f"this is no JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else "this is no JSON"
        raise Refused(replace(_invalid(file, line, found), repair=how_to_get(file))) from error
    # valid JSON is YAML but for tabs between tokens, and within a JSON text a tab is always escaped
    try:
        node, problems = read_yaml(_PAIR.sub(_paired, text.replace("\t", " ")), file)
    except Refused as refused:
        problem = refused.problem
        found = "this is a list, not the object of one plan" if text.lstrip().startswith("[") else problem.found
        raise Refused(replace(_invalid(file, problem.line, found), repair=how_to_get(file))) from refused
    if problems:
        raise Refused(_invalid(file, problems[0].line, problems[0].found))
    return node


_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character beyond the first 65,536 as JSON escapes it, in two halves; YAML knows no halves."""


def _paired(found: re.Match[str]) -> str:
    """Return the character of two halves."""
    high, low = int(found[2], 16), int(found[3], 16)
    return found[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _invalid(file: str, line: int, found: str) -> Problem:
    rule = "a plan document is the JSON that `aws backup get-backup-plan` prints"
    return Problem(file, line, "plan-file-invalid", found, rule)


def _unreadable(file: str, line: int, found: str, rule: str, repair: str = "") -> Problem:
    return Problem(
        file, line, "plan-file-unreadable", found, rule, repair or "paths start at the scenario file's folder"
    )


def _no_rules(file: str, document: Node, body: Node) -> Problem:
    """Return what is wrong with a document without rules: what it is instead, where that can be told."""
    kind = kind_of(document, file) if body is document or body.get("BackupPlanRule") is not None else None
    if kind is not None:
        return _is_no_plan(file, document.line, kind)
    rules = body.get("Rules")
    found = "the document has no `Rules`" if rules is None else "`Rules` of the document is no list with rules in it"
    repair = 'a plan has rules: `"Rules": [{"RuleName": …, "TargetBackupVaultName": …}]`'
    return replace(_invalid(file, body.line if rules is None else rules.line, found), repair=repair)


def _is_no_plan(file: str, line: int, kind: Kind) -> Problem:
    return replace(_invalid(file, line, f"this is {kind.what}"), repair=kind.repair)


def _number(site: Node) -> str:
    """Return the number of a site's account, which may be its name; '' where it is not told."""
    name = _text(site, "account")
    return _text(site, "account_id") or (name if len(name) == 12 and name.isdigit() else "")


def _arn_parts(arn: Node) -> tuple[str, str, str] | None:
    """Return Region, account and name of what an ARN means; None if it is none of AWS Backup."""
    match = _ARN.match(str(arn.scalar))
    return (match[2], match[3], match[5]) if match else None


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return "" if value is None or value.scalar is None else str(value.scalar)


def _mapping(where: Node, **values: Node) -> Node:
    return Node(where.file, where.line, entries={key: (where.line, value) for key, value in values.items()})


def _says_something(value: Node) -> bool:
    """Tell whether a field holds anything: no null, no empty text, list or object."""
    return bool(value.entries or value.items or value.scalar not in (None, ""))
