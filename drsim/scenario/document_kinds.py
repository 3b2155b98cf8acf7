"""What a document is that is no backup plan, and how to get the plan that is wanted in its place.

Sources: the service model of AWS Backup (outputs of its commands), the user guide of AWS Organizations (syntax of
backup policies), the guides of CloudFormation (template anatomy) and Terraform (JSON output format).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import NamedTuple

from drsim.scenario.nodes import Node

AWS_FILE = "aws-plan.json"
"""Where advice puts a plan beside a file that is worth keeping, such as a template or a state."""


class Kind(NamedTuple):
    """What a document is.

    Attributes:
        what: in words, such as `a CloudFormation template`.
        repair: what to do to get the plan.
    """

    what: str
    repair: str


def kind_of(document: Node, file: str) -> Kind | None:
    """Return what a JSON object is that holds no rules of a plan; None where nothing tells.

    Args:
        document: the object.
        file: its name, for the repair.
    """
    return next((kind for test in _TESTS if (kind := test(document, file)) is not None), None)


def kind_of_text(text: str, file: str) -> Kind | None:
    """Return what a text is that is no JSON; None where nothing tells.

    Args:
        text: of the file.
        file: its name, for the repair.
    """
    if not text.strip():
        return Kind("an empty file", how_to_get(file))
    if re.match(r"\s*\{\s*u?'", text):
        return Kind("a dictionary as Python prints it", f"write it with `json.dumps`, or {how_to_get(file)}")
    if "An error occurred" in text[:2000]:
        return Kind("an error message of the AWS command line", f"mend that, then {how_to_get(file)}")
    keys = set(_TOP_KEY.findall(text))
    if _HCL.search(text):
        return Kind("a Terraform configuration", f"apply it, then {_beside(file)}; its ID is the plan's `id`")
    if "AWSTemplateFormatVersion" in keys or ("Resources" in keys and "Type:" in text):
        return _template(file, _PLAN.findall(text))
    if keys & {"applications", "strategies", "disruptions"}:
        return _scenario(file)
    if "rules" in keys or "backup_plans" in keys:
        return _fragment()
    if "BackupPlan" in keys or "GetBackupPlan" in text or re.match(r"BACKUPPLAN\b|RULES\b", text):
        return Kind("a plan in another form than JSON", f"add `--output json`: {how_to_get(file)} so")
    if re.match(r"\s*(<!DOCTYPE|<html|<\?xml)", text, re.IGNORECASE):
        return Kind("a page or XML", how_to_get(file))
    return None


_TOP_KEY = re.compile(r"^['\"]?([A-Za-z_]\w*)['\"]?\s*:", re.MULTILINE)
# blanks within a line only: what runs over lines looks at those that are empty again from each of them
_HCL = re.compile(
    r"^[ \t]*(resource|data|variable|provider|module|terraform|locals)[ \t]+(\"[^\"\n]+\"[ \t]*)*\{", re.MULTILINE
)
_PLAN = re.compile(r"^  (\w+):[ \t\r]*\n(?:[ \t\r]*\n)*[ \t]+Type:[ \t]*['\"]?AWS::Backup::BackupPlan\b", re.MULTILINE)
"""A plan in a template that is written in YAML."""


def how_to_get(file: str, plan_id: str = "") -> str:
    """Return how a plan comes into a file.

    Args:
        file: its name.
        plan_id: of the plan, where it is known.
    """
    command = f"aws backup get-backup-plan --backup-plan-id {shlex.quote(plan_id or 'ID')} > {shlex.quote(file)}"
    return f"`{command}` prints it"


def _beside(file: str, plan_id: str = "") -> str:
    """Return how a plan comes into a file other than the one that is worth keeping."""
    return how_to_get(AWS_FILE, plan_id) + ("" if file == AWS_FILE else ", and `file` names that")


def _scenario(file: str) -> Kind:
    command = f"drsim run {shlex.quote(file)}"
    repair = f"`{command}` takes a scenario as it is; a plan in it is written under `backup_plans`, with `rules`"
    return Kind("a drsim scenario", repair)


def _fragment() -> Kind:
    repair = "write its `rules` under `backup_plans` in the scenario, in place of `file`"
    return Kind("a plan in the words of a scenario", repair)


def _template(file: str, plans: list[str]) -> Kind:
    named = f"the physical ID of {', '.join(f'`{plan}`' for plan in plans[:3])}" if plans else "its physical ID"
    return Kind("a CloudFormation template", f"deploy it, then {_beside(file)}; the ID is {named} in the stack")


def _has(node: Node, *keys: str) -> bool:
    return node.entries is not None and all(key in node.entries for key in keys)


def _text(node: Node | None) -> str:
    return "" if node is None or node.scalar is None else str(node.scalar)


def _policy(document: Node, file: str) -> Kind | None:
    envelopes = ("Policy", "EffectivePolicy", "Content", "content", "PolicyContent")
    inner = next((node for key in envelopes if (node := document.get(key)) is not None), document)
    is_policy = _has(document, "EffectivePolicy") or "plans" in _text(inner) or inner.get("Content") is not None
    plans = inner.get("plans")
    if not is_policy and (plans is None or plans.entries is None) and not _mentions(document, "@@"):
        return None
    made = "in an account that it reaches, `aws backup list-backup-plans` names the plans that it made"
    return Kind("an Organizations backup policy", f"{made}, and {_beside(file)}")


def _mentions(node: Node, start: str, depth: int = 6) -> bool:
    """Return whether a key that begins so stands in a document, down to some depth."""
    if depth == 0:
        return False
    for key, (_, value) in (node.entries or {}).items():
        if key.startswith(start) or _mentions(value, start, depth - 1):
            return True
    return any(_mentions(item, start, depth - 1) for item in node.items or [])


def _cloudformation(document: Node, file: str) -> Kind | None:
    resources = document.get("Resources")
    types = {name: _text(node.get("Type")) for name, (_, node) in ((resources and resources.entries) or {}).items()}
    if _has(document, "AWSTemplateFormatVersion") or any("::" in text for text in types.values()):
        return _template(file, [name for name, text in types.items() if text == "AWS::Backup::BackupPlan"])
    if _text(document.get("Type")).startswith("AWS::"):
        return Kind("a resource of a CloudFormation template", _template(file, []).repair)
    if _has(document.get("BackupPlan") or document, "BackupPlanRule") or _has(document, "Properties"):
        return Kind("a plan as CloudFormation writes it", _template(file, []).repair)
    if _has(document, "TemplateBody"):
        return _template(file, [])
    if _has(document, "version", "artifacts"):
        return Kind("a manifest of the AWS CDK", _template(file, []).repair)
    if _has(document, "StackResources") or _has(document, "StackResourceSummaries") or _has(document, "Stacks"):
        return Kind("a description of CloudFormation stacks", _template(file, []).repair)
    return None


def _terraform(document: Node, file: str) -> Kind | None:
    if _has(document, "planned_values") or _has(document, "resource_changes"):
        return Kind("a Terraform plan", f"apply it, then {_beside(file)}; its ID is the plan's `id` in the state")
    stated = _has(document, "terraform_version") and (_has(document, "resources") or _has(document, "values"))
    if stated or _has(document, "lineage", "serial") or _has(document, "format_version", "values"):
        ids = list(_plan_ids(document))
        return Kind("a Terraform state", _beside(file, ids[0] if ids else ""))
    if any(_has(document, key) and (document.get(key) or document).entries for key in ("resource", "terraform")):
        return Kind("a Terraform configuration", f"apply it, then {_beside(file)}; its ID is the plan's `id`")
    return None


def _plan_ids(node: Node, depth: int = 8) -> Iterator[str]:
    """Yield the IDs of the backup plans of a Terraform state."""
    if depth == 0:
        return
    if _text(node.get("type")) == "aws_backup_plan":
        for instance in (node.get("instances") or node).items or []:
            yield from filter(None, [_text(instance.get("attributes", "id"))])
        yield from filter(None, [_text(node.get("values", "id"))])
        return
    for _, value in (node.entries or {}).values():
        yield from _plan_ids(value, depth - 1)
    for item in node.items or []:
        yield from _plan_ids(item, depth - 1)


_OUTPUTS = {
    "BackupPlansList": "a list of plans, of `aws backup list-backup-plans`",
    "BackupPlanVersionsList": "a list of a plan's versions, of `aws backup list-backup-plan-versions`",
    "BackupPlanTemplatesList": "a list of templates, of `aws backup list-backup-plan-templates`",
    "BackupPlanTemplateJson": "a plan as one text, of `aws backup export-backup-plan-template`",
    "BackupSelectionsList": "a list of selections, of `aws backup list-backup-selections`",
    "BackupSelection": "a selection of resources, of `aws backup get-backup-selection`",
    "BackupJobs": "a list of backup jobs, of `aws backup list-backup-jobs`",
    "CopyJobs": "a list of copy jobs, of `aws backup list-copy-jobs`",
    "RestoreJobs": "a list of restore jobs, of `aws backup list-restore-jobs`",
    "BackupJobId": "a backup job, of `aws backup describe-backup-job`",
    "CopyJob": "a copy job, of `aws backup describe-copy-job`",
    "RestoreJobId": "a restore job, of `aws backup describe-restore-job`",
    "RecoveryPoints": "a list of recovery points, of `aws backup list-recovery-points-by-backup-vault`",
    "BackupVaultList": "a list of vaults, of `aws backup list-backup-vaults`",
    "RestoreTestingPlan": "a restore testing plan, of `aws backup get-restore-testing-plan`",
    "RestoreTestingPlans": "a list of restore testing plans, of `aws backup list-restore-testing-plans`",
    "Frameworks": "a list of audit frameworks, of `aws backup list-frameworks`",
    "ReportPlans": "a list of report plans, of `aws backup list-report-plans`",
    "LegalHolds": "a list of legal holds, of `aws backup list-legal-holds`",
    "Results": "a list of protected resources, of `aws backup list-protected-resources`",
    "BackupVaultArn": "a vault, of `aws backup describe-backup-vault`",
    "BackupPlanArn": "what `aws backup create-backup-plan` or `update-backup-plan` answers",
}
"""Keys that tell outputs of AWS Backup's commands apart, the most telling first."""


def _output(document: Node, file: str) -> Kind | None:
    key = next((name for name in _OUTPUTS if _has(document, name)), None)
    if key is None:
        return None
    listed = document.get(key)
    first = listed.items[0] if listed is not None and listed.items else document
    plan = _text(first.get("BackupPlanId")) or _text(first.get("CreatedBy", "BackupPlanId")) or _id_of_arn(first)
    if key == "BackupPlanTemplateJson":
        return Kind(
            _OUTPUTS[key], f"write that text, without its outer quotes, into {file}, or {how_to_get(file, plan)}"
        )
    more = ", or another of them" if plan and listed is not None and len(listed.items or ()) > 1 else ""
    return Kind(_OUTPUTS[key], how_to_get(file, plan) + more)


def _id_of_arn(node: Node) -> str:
    """Return the ID of a plan as its ARN has it; '' where none does."""
    match = re.fullmatch(r"arn:[^:]*:backup:[^:]*:[^:]*:backup-plan:([\w-]{1,100})", _text(node.get("BackupPlanArn")))
    return match[1] if match else ""


def _of_drsim(document: Node, file: str) -> Kind | None:
    if _has(document, "definitions") and _has(document, "scenario"):
        return Kind("a result of drsim", "name the document of the plan")
    if any(_has(document, key) for key in ("applications", "strategies", "disruptions", "sites")):
        return _scenario(file)
    if any(_has(document, key) for key in ("backup_plans", "rule_name", "target_vault")):
        return _fragment()
    return None


def _other_spelling(document: Node, file: str) -> Kind | None:
    """Return what a plan is whose keys are spelt as elsewhere than in AWS's own JSON."""
    inner = document.get("backupPlan") or document.get("backup_plan") or document
    if inner is document and not any(_has(inner, key) for key in ("rules", "rule", "Rule", "RULES", "backupPlanName")):
        return None
    if _mentions(inner, "target_vault_name") or _mentions(inner, "completion_window"):
        return Kind("a plan in the words of Terraform", how_to_get(file))
    if _mentions(inner, "rule_name") or _mentions(inner, "target_vault"):
        return _fragment()
    return Kind(
        "a plan whose keys are spelt otherwise than AWS's",
        f"they are `Rules`, `RuleName` and so on: {how_to_get(file)}",
    )


def _others(document: Node, file: str) -> Kind | None:
    if _has(document, "Statement"):
        return Kind("an IAM or vault policy", how_to_get(file))
    if _has(document, "detail-type") or _has(document, "Records"):
        return Kind("an event or log of AWS", how_to_get(file))
    if _has(document, "RuleName") or _has(document, "TargetBackupVaultName"):
        return Kind("a single rule of a plan", 'write it as `{"Rules": [ … ]}`, or ' + how_to_get(file))
    if _has(document, "BackupPlanName"):
        return Kind("a plan without rules", how_to_get(file))
    return None


def kind_of_rules(rules: list[Node], file: str) -> Kind | None:
    """Return what an object with rules is that are of another service; None where they may be of AWS Backup.

    Args:
        rules: all of them.
        file: its name, for the repair.
    """
    if any(_has(rule, "RuleName") or _has(rule, "TargetBackupVaultName") for rule in rules):
        return None
    for keys, what in (
        (("Expiration", "Transitions", "NoncurrentVersionExpiration"), "a lifecycle configuration of S3"),
        (("EventPattern", "EventBusName", "State"), "a list of rules of EventBridge"),
        (("Conditions", "Actions", "Priority"), "a list of rules of a load balancer or firewall"),
        (("TargetBackupVault",), "a plan as CloudFormation writes it"),
    ):
        if any(_has(rule, key) for rule in rules for key in keys):
            return Kind(what, how_to_get(file))
    return None


_TESTS: tuple[Callable[[Node, str], Kind | None], ...] = (
    _policy,
    _cloudformation,
    _terraform,
    _output,
    _of_drsim,
    _other_spelling,
    _others,
)
