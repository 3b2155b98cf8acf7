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

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from drsim.catalogue import Catalogue, load_catalogue
from drsim.errors import Problem
from drsim.scenario.document_fields import (
    FOR_EVER,
    KNOWN,
    converted,
    is_null,
    missing,
    value_shown,
    wrong_kind,
)
from drsim.scenario.document_json import is_no_plan, no_rules, plan_body, read_json, unreadable
from drsim.scenario.document_kinds import kind_of_rules
from drsim.scenario.document_vaults import DocumentVaults, Entries
from drsim.scenario.nodes import Loc, Node, Refusal
from drsim.scenario.source import decode, read_bytes
from drsim.text import cut

_LONGEST_PATH = 300
"""Characters of a path that a message shows."""


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

    @cached_property
    def _vaults(self) -> DocumentVaults:
        sites, vaults = (dict(_entries(self.root.get(key))) for key in ("sites", "vaults"))
        return DocumentVaults(self.root, self.catalogue, self.problems, self.notes, sites, vaults)

    def put_in_place(self) -> tuple[Node, list[Loc]]:
        """Return the scenario's nodes with the rules of its plan documents, and places that could not be read."""
        plans = self.root.get("backup_plans")
        if plans is None or not plans.entries:
            return self.root, []
        read: Entries = {}
        for name, (line, plan) in plans.entries.items():
            read[name] = (line, plan)
            if plan.get("file") is not None:
                try:
                    read[name] = (line, self._plan(plan, ("backup_plans", name)))
                except Refusal as refused:
                    self.problems.append(refused.problem)
                    self.unread.append(("backup_plans", name))
                    read[name] = (line, replace(plan, entries={}))
        top = dict(self.root.entries or {})
        top["backup_plans"] = (top["backup_plans"][0], replace(plans, entries=read))
        for key, entries in (("sites", self._vaults.sites), ("vaults", self._vaults.vaults)):
            if entries:
                line, node = top.get(key, (self.root.line, replace(self.root, entries={})))
                top[key] = (line, replace(node, entries=entries, scalar=None))
        return replace(self.root, entries=top), self.unread

    def _plan(self, plan: Node, loc: Loc) -> Node:
        line, named = (plan.entries or {})["file"]
        if plan.get("rules") is not None:
            found, rule = "the plan has both `file` and `rules`", "a plan is written here or read from a file"
            raise Refusal(Problem(plan.file, line, "plan-file-and-rules", found, rule, "remove one of them"))
        if not isinstance(named.scalar, str):
            raise Refusal(
                unreadable(plan.file, line, f"`file` is {value_shown(named)}", "`file` is the path of a document")
            )
        if self.base is None:
            found, rule = (
                f"`file: {cut(named.scalar)}` names a file",
                "a scenario that comes without a folder has no files",
            )
            raise Refusal(unreadable(plan.file, line, found, rule, "write the plan's `rules` here"))
        file = str(Path(plan.file).parent / cut(named.scalar, _LONGEST_PATH))
        try:
            content = read_bytes(self.base / named.scalar, file)
        except Refusal as refused:
            raise Refusal(
                unreadable(plan.file, line, f"{file}: {refused.problem.found}", refused.problem.rule)
            ) from None
        document = read_json(decode(content, file), file)
        body = plan_body(document)
        rules = body.get("Rules")
        if rules is None or not rules.items:
            raise Refusal(no_rules(file, document, body))
        if (kind := kind_of_rules(rules.items, file)) is not None:
            raise Refusal(is_no_plan(file, rules.line, kind))
        self._name_unread(document, "document" if body is not document else "plan", *KNOWN["document"])
        if body is not document:
            self._name_unread(body, "plan")
        self._vaults.enter(document, rules.items)
        items = [self._rule(rule, (*loc, "rules", i)) for i, rule in enumerate(rules.items)]
        inner = Node(file, rules.line, items=items)
        return Node(file, body.line, entries={"rules": (rules.line, inner), "file": (line, named)})

    def _rule(self, rule: Node, loc: Loc) -> Node:
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
            self._vaults.assume(entries["target_vault"][1])
        self._name_unread(rule, "rule")
        gapped = rule.get("TargetLogicallyAirGappedBackupVaultArn")
        if gapped is not None and not is_null(gapped) and gapped.scalar != "":
            vault = self._vaults.air_gapped(gapped)
            if vault is not None:
                entries["target_air_gapped_vault"] = (gapped.line, vault)
        if lifecycle := self._lifecycle(rule, None, loc):
            entries["lifecycle"] = lifecycle
        if scan := self._scan(rule, loc):
            entries["scan"] = scan
        if copies := self._copies(rule, loc):
            entries["copy_actions"] = copies
        return Node(rule.file, rule.line, entries=entries)

    def _copies(self, rule: Node, loc: Loc) -> tuple[int, Node] | None:
        """Return line and value of the copy actions of a rule; None where it has none that can be told."""
        copies: list[Node] = []
        actions = rule.get("CopyActions")
        if actions is not None and actions.items is None and not is_null(actions):
            self.problems.append(wrong_kind("CopyActions", actions, "a list of objects belongs here"))
        for action in (actions.items if actions else None) or []:
            copy = self._copy(action, rule, (*loc, "copy_actions", len(copies)))
            copies += [copy] if copy is not None else []
        if not copies:
            return None
        line = rule.entries["CopyActions"][0] if rule.get("CopyActions") and rule.entries else rule.line
        return line, Node(rule.file, line, items=copies)

    def _scan(self, rule: Node, loc: Loc) -> tuple[int, Node] | None:
        """Return line and value of the scans of a rule: its first scan action, since there is one scanner."""
        actions = rule.get("ScanActions")
        if actions is None or is_null(actions):
            return None
        if actions.items is None:
            self.problems.append(wrong_kind("ScanActions", actions, "a list of objects belongs here"))
            return None
        if not actions.items:
            return None
        entries: Entries = {}
        action = actions.items[0]
        self._name_unread(action, "scan action")
        self._take(action, "ScanMode", entries, "mode", (*loc, "scan"))
        return actions.line, Node(action.file, action.line, entries=entries)

    def _copy(self, action: Node, rule: Node, loc: Loc) -> Node | None:
        """Return a copy action, or None where its vault cannot be told."""
        entries: Entries = {}
        arn = action.get("DestinationBackupVaultArn")
        if arn is None or is_null(arn):
            self.problems.append(missing(action, "DestinationBackupVaultArn", "copy action"))
            return None
        is_target = self._vaults.is_target(arn, rule)
        vault = rule.get("TargetBackupVaultName") if is_target else self._vaults.named_by(arn)
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


def _entries(node: Node | None) -> Entries:
    return {} if node is None else node.entries or {}


def _says_something(value: Node) -> bool:
    """Tell whether a field holds anything: no null, no empty text, list or object."""
    return bool(value.entries or value.items or value.scalar not in (None, ""))
