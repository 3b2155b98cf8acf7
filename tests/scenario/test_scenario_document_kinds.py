"""What is no plan is named for what it is, with the way to the plan; a plan from elsewhere offers the right home."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from drsim.errors import Problem
from drsim.scenario import Scenario, check_text, dump_scenario, read_scenario
from drsim.scenario.document_kinds import kind_of_text
from drsim.scenario.nodes import Plain
from drsim.scenario.starter import text_from_plan

ESTATE = """
sites:
  home: HOME
  recovery: {region: us-west-2, account: production}
vaults: VAULTS
applications:
  app: {site: home, resources: {files: {type: EFS, size: 1 TB, change_rate: 2 %/day}}}
backup_plans: {plan: {file: plan.json}}
strategies: {only: {backup: plan}}
disruptions: {lost: {kind: resource-loss}}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
"""
HERE = "{region: us-east-1, account: production}"
RULE: dict[str, Plain] = {"RuleName": "r", "TargetBackupVaultName": "Default"}
GET = "aws backup get-backup-plan --backup-plan-id"


def checked(
    tmp_path: Path, document: Plain | str, home: str = HERE, vaults: str = "{}"
) -> tuple[Scenario | None, tuple[Problem, ...], tuple[Problem, ...]]:
    """Return the estate with a document, given as data or as text, its errors and its warnings."""
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    (tmp_path / "plan.json").write_text(text)
    return check_text(ESTATE.replace("HOME", home).replace("VAULTS", vaults), "s.yaml", tmp_path)


POLICY: Plain = {
    "plans": {
        "gold": {
            "regions": {"@@assign": ["us-east-1"]},
            "rules": {"daily": {"target_backup_vault_name": {"@@assign": "main"}}},
        }
    }
}
EFFECTIVE: Plain = {"plans": {"gold": {"regions": ["us-east-1"], "rules": {"daily": {}}}}}
STATE: Plain = {
    "version": 4,
    "terraform_version": "1.9.5",
    "serial": 3,
    "lineage": "x",
    "resources": [
        {"type": "aws_backup_vault", "instances": [{"attributes": {"id": "main"}}]},
        {"type": "aws_backup_plan", "instances": [{"attributes": {"id": "0e0a-1", "rule": []}}]},
    ],
}
SHOWN: Plain = {
    "format_version": "1.0",
    "terraform_version": "1.9.5",
    "values": {"root_module": {"resources": [{"type": "aws_backup_plan", "values": {"id": "0e0a-1"}}]}},
}
TEMPLATE: Plain = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        "Vault": {"Type": "AWS::Backup::BackupVault"},
        "NightlyPlan": {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": {}}},
    },
}
JOB: Plain = {"BackupJobId": "j", "State": "COMPLETED", "CreatedBy": {"BackupPlanId": "0e0a-1"}}
VAULT_ARN = "arn:aws:backup:us-east-1:111122223333:backup-vault:main"

KINDS: list[tuple[Plain | str, str, str]] = [
    (POLICY, "an Organizations backup policy", "list-backup-plans"),
    ({"Content": {"plans": {"gold": {"rules": {}}}}}, "an Organizations backup policy", GET),
    ({"BackupPlanName": "p", "BackupPlanRule": [{"RuleName": "r"}]}, "a plan as CloudFormation writes it", GET),
    ({"BackupPlan": {"BackupPlanName": "p", "BackupPlanRule": []}}, "a plan as CloudFormation writes it", GET),
    ({"Rules": [{"ID": "x", "Status": "Enabled", "Expiration": {"Days": 3}}]}, "a lifecycle configuration of S3", GET),
    ({"Rules": [{"Name": "x", "State": "ENABLED"}]}, "rules of EventBridge", GET),
    ("", "an empty file", GET),
    ("{'BackupPlan': {'Rules': []}}", "a dictionary as Python prints it", "json.dumps"),
    ("5", "a single value", GET),
    (EFFECTIVE, "an Organizations backup policy", GET),
    ({"Policy": {"PolicySummary": {"Type": "BACKUP_POLICY"}, "Content": "{}"}}, "an Organizations backup policy", GET),
    (TEMPLATE, "a CloudFormation template", "`NightlyPlan`"),
    ({"Resources": {"P": {"Type": "AWS::Backup::BackupPlan"}}}, "a CloudFormation template", "`P`"),
    ({"TemplateBody": "…"}, "a CloudFormation template", GET),
    ({"Type": "AWS::Backup::BackupPlan", "Properties": {}}, "a resource of a CloudFormation template", GET),
    (STATE, "a Terraform state", f"{GET} 0e0a-1"),
    (SHOWN, "a Terraform state", f"{GET} 0e0a-1"),
    ({"format_version": "1.2", "planned_values": {}, "terraform_version": "1.9"}, "a Terraform plan", "apply it"),
    ({"resource": {"aws_backup_plan": {"p": {}}}}, "a Terraform configuration", "apply it"),
    ({"BackupPlansList": [{"BackupPlanId": "0e0a-1"}, {"BackupPlanId": "b"}]}, "list-backup-plans", f"{GET} 0e0a-1"),
    ({"BackupPlansList": []}, "list-backup-plans", f"{GET} ID"),
    ({"BackupSelection": {"SelectionName": "s"}, "BackupPlanId": "0e0a-1"}, "get-backup-selection", f"{GET} 0e0a-1"),
    ({"BackupSelectionsList": [{"BackupPlanId": "0e0a-1"}]}, "list-backup-selections", f"{GET} 0e0a-1"),
    ({"BackupPlanTemplateJson": "{}"}, "export-backup-plan-template", GET),
    ({"BackupJobs": [JOB]}, "a list of backup jobs", f"{GET} 0e0a-1"),
    (JOB, "a backup job", f"{GET} 0e0a-1"),
    ({"CopyJobs": []}, "a list of copy jobs", GET),
    ({"RestoreJobs": []}, "a list of restore jobs", GET),
    ({"RecoveryPoints": []}, "a list of recovery points", GET),
    ({"BackupVaultList": []}, "a list of vaults", GET),
    ({"BackupVaultName": "main", "BackupVaultArn": VAULT_ARN}, "a vault", GET),
    ({"BackupPlanId": "0e0a-1", "BackupPlanArn": "arn:x", "VersionId": "v"}, "create-backup-plan", f"{GET} 0e0a-1"),
    ({"RestoreTestingPlan": {}}, "a restore testing plan", GET),
    ({"applications": {}, "strategies": {}}, "a drsim scenario", "drsim run"),
    ({"rules": [{"rule_name": "r", "target_vault": "v"}]}, "a plan in the words of a scenario", "backup_plans"),
    ({"rule": [{"rule_name": "r", "target_vault_name": "v"}]}, "a plan in the words of Terraform", GET),
    ({"backupPlan": {"rules": [{"ruleName": "r"}]}}, "keys are spelt otherwise", "`Rules`"),
    (RULE, "a single rule of a plan", '{"Rules": [ … ]}'),
    ({"Version": "2012-10-17", "Statement": []}, "policy", GET),
    ({"BackupPlanName": "p"}, "a plan without rules", GET),
    ([{"BackupPlanId": "x"}], "a list, not the object of one plan", GET),
    ("AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  V:\n    N: !Ref x\n", "a CloudFormation template", GET),
    ("Resources:\n  Nightly:\n    Type: AWS::Backup::BackupPlan\n", "a CloudFormation template", "`Nightly`"),
    ('resource "aws_backup_plan" "p" {\n  name = "p"\n}\n', "a Terraform configuration", "apply it"),
    ("name: x\napplications:\n  a: {site: home}\n", "a drsim scenario", "drsim run"),
    ("rules:\n  - rule_name: r\n", "a plan in the words of a scenario", "backup_plans"),
    ("BackupPlan:\n  BackupPlanName: p\n", "a plan in another form than JSON", "--output json"),
    ("------\n|  GetBackupPlan |\n", "a plan in another form than JSON", "--output json"),
    ("<html></html>", "a page or XML", GET),
    ("\nAn error occurred (AccessDenied) when calling GetBackupPlan", "an error message", GET),
]  # fmt: skip


@pytest.mark.parametrize(("document", "what", "repair"), KINDS, ids=[what for _, what, _ in KINDS])
def test_what_is_no_plan_is_named(document: Plain | str, what: str, repair: str, tmp_path: Path) -> None:
    """A document of another kind is refused once, as what it is, with the way to the plan."""
    _, errors, _ = checked(tmp_path, document)
    (error,) = errors
    assert (error.check, error.file) == ("plan-file-invalid", "plan.json")
    assert what in error.found
    assert repair in error.repair
    assert "get-backup-plan" in error.rule


KNOWN = [each for each in KINDS if each[0] not in ("", "5") and each[1] != "a drsim scenario"]


@pytest.mark.parametrize(("document", "what", "repair"), KNOWN, ids=[what for _, what, _ in KNOWN])
def test_what_is_no_scenario_is_named(document: Plain | str, what: str, repair: str) -> None:
    """A document of another kind given as a scenario is refused once, as what it is, with the way to a scenario."""
    what = "a list of plans" if isinstance(document, list) else what
    written = [document] if isinstance(document, str) else [json.dumps(document, indent=i) for i in (None, 1, "\t")]
    for text in written:
        _, (error,), _ = check_text(text, "main.tf")
        assert error.check == "no-scenario"
        assert what in error.found
        assert "`drsim new NAME`" in error.repair
        assert "> main.tf" not in error.repair
        if what == "a plan in the words of a scenario":
            assert "under `backup_plans`" in error.repair
        else:
            assert repair in error.repair
            assert "file: aws-plan.json" in error.repair


def test_a_template_with_tags_is_named() -> None:
    """Short forms of CloudFormation's functions are no tags of a scenario that should go."""
    text = "Resources:\n  Nightly:\n    Type: AWS::Backup::BackupPlan\n    Properties:\n      Name: !Sub '${A}-x'\n"
    _, (error,), _ = check_text(text, "template.yaml")
    assert "a CloudFormation template" in error.found
    assert "`Nightly`" in error.repair


@pytest.mark.parametrize(
    "text", ["Name: x\n", "x: 1\nsits: {}\n", "description: resource\n", "sites: {\n", "{", "[]", "5"]
)
def test_what_may_be_meant_as_a_scenario_is_told_its_faults(text: str) -> None:
    """What has keys of a scenario, or of nothing known, is checked as one."""
    assert "no-scenario" not in {error.check for error in check_text(text, "s.yaml")[1]}


@pytest.mark.parametrize("file", ["plan.json", "my plan.json", "<stdin>", "folder/plan.json"])
def test_a_plan_is_no_scenario(file: str, tmp_path: Path) -> None:
    """A plan document given as a scenario is named in one, as the advice says."""
    document: Plain = {"BackupPlan": {"BackupPlanName": "p", "Rules": [RULE]}}
    _, (error,), _ = check_text(json.dumps(document), file)
    assert "a plan of AWS Backup" in error.found
    named = error.repair.split("{file: ")[1].split("}")[0]
    assert (f"save it as {named}" in error.repair) is (named != "plan.json")
    (tmp_path / named).write_text(json.dumps(document))
    text = ESTATE.replace("HOME", HERE).replace("VAULTS", "{}").replace("plan.json", named)
    assert check_text(text, "s.yaml", tmp_path)[1] == ()


@pytest.mark.parametrize("document", [TEMPLATE, STATE, POLICY, 'resource "aws_backup_plan" "p" {\n}\n'])
def test_advice_overwrites_nothing_that_is_worth_keeping(document: Plain | str, tmp_path: Path) -> None:
    """A plan is printed into a file of its own, not over the template or state that `file` names."""
    _, (error,), _ = checked(tmp_path, document)
    assert "> aws-plan.json" in error.repair


@pytest.mark.parametrize(
    "document",
    [
        {"BackupPlan": {"BackupPlanName": "p", "Rules": [RULE]}},
        {"BackupPlanDocument": {"BackupPlanName": "p", "Rules": [RULE]}},
        {"BackupPlanName": "p", "Rules": [RULE]},
        {"Rules": [RULE], "BackupPlanId": "0e0a-1"},
        {"BackupPlanName": "AWSTemplateFormatVersion", "Rules": [{**RULE, "RuleName": "applications"}]},
    ],
)
def test_a_plan_is_a_plan(document: Plain, tmp_path: Path) -> None:
    """Whatever it is called and whatever stands around it, what has rules is read."""
    assert checked(tmp_path, document)[1] == ()


@pytest.mark.parametrize("document", [{}, {"x": 1}, {"BackupPlan": {}}, {"Rules": []}, {"Rules": {}}])
def test_what_nothing_tells_has_no_rules(document: Plain, tmp_path: Path) -> None:
    """Where nothing tells what a document is, it is said to have no rules."""
    (error,) = checked(tmp_path, document)[1]
    assert "`Rules`" in error.found
    assert '"Rules": [{' in error.repair


@pytest.mark.parametrize("name", ["aws/efs/automatic-backup-vault", "Default", "a_b-C9", "ab", "x" * 50])
def test_vault_names_that_aws_takes(name: str, tmp_path: Path) -> None:
    """A name of AWS's own and all of the documented pattern load from JSON and from YAML, and survive a dump."""
    plan: Plain = {
        "BackupPlanName": "aws/efs/automatic-backup-plan",
        "Rules": [{**RULE, "TargetBackupVaultName": name}],
    }
    for vaults in ("{}", f"{{{name}: {{site: home}}}}"):
        scenario, errors, _ = checked(tmp_path, {"BackupPlan": plan}, vaults=vaults)
        assert errors == ()
        assert scenario is not None
        assert read_scenario(dump_scenario(scenario)) == scenario
    text = ESTATE.replace("HOME", HERE).replace("VAULTS", f"{{{name}: {{site: home}}}}")
    rule = f"{{rule_name: r, target_vault: {name}, every: 1 d}}"
    text = text.replace("{plan: {file: plan.json}}", f"{{aws/efs/automatic-backup-plan: {{rules: [{rule}]}}}}")
    assert check_text(text.replace("backup: plan", "backup: aws/efs/automatic-backup-plan"))[1] == ()


@pytest.mark.parametrize(
    "name", ["aws/efs/other", "aws/rds/automatic-backup-vault", "a/b", "a", "x" * 51, "a b", "ä-vault", "a.b", ""]
)
def test_vault_names_that_aws_refuses(name: str, tmp_path: Path) -> None:
    """No other name with a slash, no short or long one and no other sign is taken."""
    assert checked(tmp_path, {"Rules": [{**RULE, "TargetBackupVaultName": name}]})[1] != ()


def test_a_copy_of_the_automatic_vault_s_name(tmp_path: Path) -> None:
    """The vault's name in an ARN is the vault's, in every Region."""
    arns = [
        f"arn:aws:backup:{r}:111122223333:backup-vault:aws/efs/automatic-backup-vault"
        for r in ("eu-west-1", "eu-west-2")
    ]
    rule: Plain = {**RULE, "CopyActions": [{"DestinationBackupVaultArn": arn} for arn in arns]}
    scenario, errors, _ = checked(tmp_path, {"Rules": [rule]})
    assert errors == ()
    assert scenario is not None
    assert len(scenario.vaults) == 3


def arn_of(region: str, account: str = "111122223333", partition: str = "aws") -> str:
    """Return the ARN of a plan."""
    return f"arn:{partition}:backup:{region}:{account}:backup-plan:0e0a-1"


@pytest.mark.parametrize(
    ("region", "account", "home", "offered"),
    [
        ("us-east-1", "111122223333", HERE, None),
        ("us-east-1", "111122223333", "{region: us-east-1, account: p, account_id: 111122223333}", None),
        ("us-east-1", "111122223333", "{region: us-east-1, account: 111122223333}", None),
        ("ap-northeast-1", "111122223333", HERE, "account: production, account_id: 111122223333"),
        ("us-east-1", "444455556666", "{region: us-east-1, account: p, account_id: 111122223333}", "444455556666"),
        ("us-east-1", "444455556666", "{region: us-east-1, account: 111122223333}", "account_id: 444455556666"),
        ("eu-west-1", "444455556666", "{region: us-east-1, account: p, account_id: 111122223333}", "eu-west-1"),
    ],
)
def test_a_plan_from_elsewhere(region: str, account: str, home: str, offered: str | None, tmp_path: Path) -> None:
    """A plan of another Region or account than the estate's is warned of with the home that it fits, which works."""
    document: Plain = {"BackupPlanArn": arn_of(region, account), "BackupPlan": {"Rules": [RULE]}}
    _, errors, warnings = checked(tmp_path, document, home)
    assert errors == ()
    found = [problem for problem in warnings if problem.check == "plan-from-elsewhere"]
    assert len(found) == (offered is not None)
    for problem in found:
        assert (problem.file, problem.line) == ("plan.json", 2)
        assert region in problem.found
        assert str(offered) in problem.repair
        right = problem.repair.split("`home: ")[1].split("`")[0]
        _, errors, warnings = checked(tmp_path, document, right)
        assert errors == ()
        assert "plan-from-elsewhere" not in {p.check for p in warnings}


def test_an_account_may_be_called_by_its_number(tmp_path: Path) -> None:
    """A copy into the account whose number is a site's name goes there, and no other site is made."""
    arn = "arn:aws:backup:us-east-1:111122223333:backup-vault:dr"
    rule: Plain = {**RULE, "CopyActions": [{"DestinationBackupVaultArn": arn}]}
    scenario, errors, _ = checked(tmp_path, {"Rules": [rule]}, "{region: us-east-1, account: 111122223333}")
    assert errors == ()
    assert scenario is not None
    assert scenario.vaults["dr"].site == "home"


def test_an_air_gapped_target_tells_the_plan_s_home(tmp_path: Path) -> None:
    """Without an ARN of its own a plan is where its air-gapped primary target is."""
    arn = "arn:aws:backup:ap-northeast-1:111122223333:backup-vault:gap"
    rule: Plain = {**RULE, "TargetLogicallyAirGappedBackupVaultArn": arn}
    for home, warned in ((HERE, True), ("{region: ap-northeast-1, account: production}", False)):
        warnings = checked(tmp_path, {"Rules": [rule]}, home)[2]
        assert ("plan-from-elsewhere" in {problem.check for problem in warnings}) is warned


def test_one_home_that_fits_is_enough(tmp_path: Path) -> None:
    """A plan that is from where one of the applications runs is from here."""
    document: Plain = {"BackupPlanArn": arn_of("us-west-2"), "BackupPlan": {"Rules": [RULE]}}
    (tmp_path / "plan.json").write_text(json.dumps(document))
    text = ESTATE.replace("HOME", HERE).replace("VAULTS", "{}")
    text = text.replace("applications:\n", "applications:\n  second: {site: recovery}\n")
    assert "plan-from-elsewhere" not in {p.check for p in check_text(text, "s.yaml", tmp_path)[2]}


@pytest.mark.parametrize(
    ("arn", "right"),
    [
        (arn_of("us-esat-1"), "did you mean `us-east-1`"),
        (arn_of("cn-north-1"), "`arn:aws-cn:backup:cn-north-1:"),
        (arn_of("us-gov-west-1", partition="aws-us-gov"), ""),
        (arn_of("us-east-1", partition="aws-us-gov"), "`arn:aws:backup:us-east-1:"),
    ],
)
def test_regions_of_arns(arn: str, right: str, tmp_path: Path) -> None:
    """The Region of an ARN is one of AWS's, in the partition that the ARN names; the line is the ARN's."""
    _, errors, _ = checked(tmp_path, {"BackupPlanArn": arn, "BackupPlan": {"Rules": [RULE]}})
    assert [(error.check, error.line) for error in errors] == [("unknown-region", 2)] * bool(right)
    assert all(right in error.repair for error in errors)
    copy: Plain = {"DestinationBackupVaultArn": arn.replace("backup-plan:0e0a-1", "backup-vault:dr")}
    _, errors, _ = checked(tmp_path, {"Rules": [{**RULE, "CopyActions": [copy]}]})
    assert {error.check for error in errors} <= {"unknown-region", "partitions-apart"}
    assert any(error.check == "unknown-region" and right in error.repair for error in errors) is bool(right)


def test_a_region_that_the_scenario_admits_is_one_of_arns(tmp_path: Path) -> None:
    """An ARN may name a Region newer than the catalogue where a site says what it is like."""
    document: Plain = {"BackupPlanArn": arn_of("us-new-1"), "BackupPlan": {"Rules": [RULE]}}
    home = "{region: us-new-1, region_like: us-east-1, account: production}"
    assert checked(tmp_path, document, home)[1] == ()
    assert checked(tmp_path, document)[1] != ()


@pytest.mark.parametrize(
    ("change", "check", "repair"),
    [
        ({"RuleName": None}, "missing-key", '"RuleName": "daily"'),
        ({"TargetBackupVaultName": None}, "missing-key", '"TargetBackupVaultName": "Default"'),
        ({"StartWindowMinutes": "60"}, "wrong-quantity", '"StartWindowMinutes": 60'),
        ({"StartWindowMinutes": "1 h"}, "wrong-quantity", '"StartWindowMinutes": 480'),
        ({"CompletionWindowMinutes": -5}, "wrong-quantity", '"CompletionWindowMinutes": 10080'),
        ({"Lifecycle": {"DeleteAfterDays": "35"}}, "wrong-quantity", '"DeleteAfterDays": 35'),
        ({"Lifecycle": {"DeleteAfterDays": -2}}, "wrong-quantity", '"DeleteAfterDays": 35'),
        ({"Lifecycle": {"MoveToColdStorageAfterDays": True}}, "wrong-quantity", '"MoveToColdStorageAfterDays": 30'),
        ({"Lifecycle": {"DeleteAfterEvent": "NEVER"}}, "wrong-choice", '"DeleteAfterEvent": "DELETE_AFTER_COPY"'),
        ({"Lifecycle": "35 days"}, "wrong-kind", '"Lifecycle": {'),
        ({"EnableContinuousBackup": "true"}, "wrong-kind", '"EnableContinuousBackup": true'),
        ({"ScheduleExpression": 5}, "wrong-kind", '"ScheduleExpression": "cron('),
        ({"CopyActions": {"DestinationBackupVaultArn": "x"}}, "wrong-kind", '"CopyActions": [{'),
        ({"CopyActions": [{}]}, "missing-key", '"DestinationBackupVaultArn": "arn:'),
        ({"CopyActions": [{"DestinationBackupVaultArn": "dr"}]}, "plan-file-invalid", '"DestinationBackupVaultArn"'),
    ],
)
def test_what_is_wrong_with_a_field_is_told_in_its_words(
    change: dict[str, Plain], check: str, repair: str, tmp_path: Path
) -> None:
    """A wrong or missing field is told once, with its own key and a value of its form, never with a scenario's key."""
    (error,) = checked(tmp_path, {"Rules": [{**RULE, **change}]})[1]
    assert error.check == check
    assert repair in error.repair
    assert "_" not in error.found.replace("DELETE_AFTER", "")


@pytest.mark.parametrize(
    "change",
    [{"StartWindowMinutes": 60}, {"Lifecycle": {"DeleteAfterDays": -1}}, {"Lifecycle": None}, {"CopyActions": None}],
)
def test_fields_that_are_right(change: dict[str, Plain], tmp_path: Path) -> None:
    """Numbers without quotes, for ever as AWS prints it, and nothing are taken."""
    assert checked(tmp_path, {"Rules": [{**RULE, **change}]})[1] == ()


@pytest.mark.parametrize(
    ("arn", "home", "recovery"),
    [
        (arn_of("ap-northeast-1"), ("ap-northeast-1", "111122223333"), "us-west-2"),
        (arn_of("us-west-2"), ("us-west-2", "111122223333"), "us-east-1"),
        (arn_of("us-gov-west-1", partition="aws-us-gov"), ("us-gov-west-1", "111122223333"), "us-gov-east-1"),
        (None, ("us-east-1", None), "us-west-2"),
    ],
)
def test_a_plan_starts_an_estate_where_it_is_from(arn: str | None, home: tuple[str, str | None], recovery: str) -> None:
    """An estate that is made around a plan stands in the plan's Region and account, and recovers in another Region."""
    document = {"BackupPlan": {"Rules": [RULE]}} | ({"BackupPlanArn": arn} if arn else {})
    text, errors = text_from_plan(json.dumps(document).encode(), "tokyo.json")
    assert errors == ()
    scenario = read_scenario(str(text))
    assert (scenario.sites["home"].region, scenario.sites["home"].account_id) == home
    assert scenario.sites["recovery"].region == recovery
    assert "plan-from-elsewhere" not in {problem.check for problem in scenario.warnings}


@pytest.mark.parametrize("document", [b"[]", b"\xff", b"{", b'{"Rules": {}}', b'{"BackupPlanArn": 5}', b""])
def test_an_estate_is_not_made_around_what_is_no_plan(document: bytes) -> None:
    """Whatever is no plan is refused as before, in whatever bytes it comes."""
    text, errors = text_from_plan(document, "plan.json")
    assert text is None
    assert errors != ()


@pytest.mark.parametrize("start", ["x", "Resources:\n  a:\n    Type: x\n  b:"])
def test_a_text_of_empty_lines_is_soon_looked_at(start: str) -> None:
    """What a text is that is no JSON is told in time in proportion to its length."""
    begun = time.process_time()
    kind_of_text(start + "\n" * 200_000, "plan.json")
    assert time.process_time() - begun < 2


def test_the_way_to_a_plan_can_be_pasted() -> None:
    """The command that gets a plan names its file as a shell has it."""
    kind = kind_of_text("", "my plan.json")
    assert kind is not None
    assert "> 'my plan.json'`" in kind.repair
