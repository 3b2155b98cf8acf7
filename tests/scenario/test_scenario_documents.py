"""AWS plan documents say in a scenario what they say to AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drsim.errors import Problem
from drsim.scenario import Lifecycle, Rule, Scenario, check_text, dump_scenario, read_scenario
from drsim.scenario.nodes import Plain
from drsim.units import DAY_S, HOUR_S, MINUTE_S

PLANS = Path(__file__).parents[1] / "data" / "plans"

ESTATE = """
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
applications:
  app:
    site: home
    resources: {files: {type: EFS, size: 1 TB, change_rate: 2 %/day}}
backup_plans: {plan: {file: PLAN}}
strategies: {only: {backup: plan}}
disruptions: {lost: {kind: resource-loss}}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
"""


def with_plan(name: str, more: str = "", sites: str = "") -> Scenario:
    """Return the estate with a plan document, more keys and more sites."""
    text = ESTATE.replace("PLAN", name).replace("applications:", f"{sites}\napplications:") + more
    return read_scenario(text, "scenario.yaml", PLANS)


def written(tmp_path: Path, document: Plain) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """Return scenario and errors of the estate with a document of one's own."""
    (tmp_path / "plan.json").write_text(json.dumps(document, indent="\t"))
    scenario, errors, _ = check_text(ESTATE.replace("PLAN", "plan.json"), "s.yaml", tmp_path)
    return scenario, errors


def rules_of(scenario: Scenario | None) -> tuple[Rule, ...]:
    """Return the rules of the estate's plan."""
    assert scenario is not None
    return scenario.backup_plans["plan"].rules


def test_minutes_and_days_become_seconds() -> None:
    """Windows are minutes in a document, lifecycles days."""
    (rule,) = rules_of(with_plan("efs-daily.json"))
    assert (rule.rule_name, rule.target_vault, rule.schedule) == ("DailyBackup", "Default", "cron(0 5 ? * * *)")
    assert (rule.start_window, rule.completion_window) == (HOUR_S, 180 * MINUTE_S)
    assert (rule.lifecycle.cold_storage_after, rule.lifecycle.delete_after) == (30 * DAY_S, 365 * DAY_S)
    assert rule.enable_continuous_backup is False


def test_a_vault_known_by_name_lies_with_each_resource() -> None:
    """A target vault that is not declared is unlocked and at the resource's site, and a note says so with its line."""
    scenario = with_plan("efs-daily.json")
    assert (scenario.vaults["Default"].site, scenario.vaults["Default"].lock) == (None, "none")
    (note,) = (w for w in scenario.warnings if w.check == "plan-vault-assumed")
    assert (Path(note.file).name, note.line) == ("efs-daily.json", 7)


def test_a_declared_vault_is_used() -> None:
    """A vault of that name in the scenario is the document's, and nothing is assumed."""
    scenario = with_plan("efs-daily.json", "vaults: {Default: {site: home, lock: governance}}")
    assert scenario.vaults["Default"].lock == "governance"
    assert not [w for w in scenario.warnings if w.check == "plan-vault-assumed"]


def test_the_plan_s_own_account_is_the_applications_one() -> None:
    """A copy within the plan's account goes to the site with its Region in the account where the applications run."""
    scenario = with_plan("cross-region-protection.json")
    assert scenario.vaults["production-dr"].site == "recovery"
    assert set(scenario.sites) == {"home", "recovery"}


def test_another_account_is_a_site_of_its_own() -> None:
    """A copy into an account that no site has makes a site with the ARN's Region and account."""
    scenario = with_plan("backup-production.json")
    site = scenario.sites[str(scenario.vaults["cross-account-vault"].site)]
    assert (site.region, site.account, site.account_id) == ("us-east-1", "444455556666", "444455556666")


def test_account_id_joins_a_site_with_an_arn() -> None:
    """A copy goes to the site with the ARN's Region and account number where there is one."""
    sites = "  bunker: {region: us-east-1, account: backup, account_id: 444455556666}"
    assert with_plan("backup-production.json", sites=sites).vaults["cross-account-vault"].site == "bunker"
    other_region = sites.replace("us-east-1", "eu-west-1")
    scenario = with_plan("backup-production.json", sites=other_region)
    site = scenario.sites[str(scenario.vaults["cross-account-vault"].site)]
    assert (site.region, site.account) == ("us-east-1", "backup")


@pytest.mark.parametrize(
    ("vault_site", "used"),
    [("{region: us-west-2, account: production}", True), ("{region: eu-west-1, account: production}", False)],
)
def test_a_declared_vault_in_another_region_is_another_vault(vault_site: str, *, used: bool) -> None:
    """A vault of the ARN's name counts as the ARN's only where Region and account fit."""
    more = "vaults: {production-dr: {site: place, lock: compliance}}"
    scenario = with_plan("cross-region-protection.json", more, f"  place: {vault_site}")
    destination = rules_of(scenario)[0].copy_actions[0].destination_vault
    assert (destination == "production-dr") is used
    assert (scenario.vaults[destination].lock == "compliance") is used


def test_an_air_gapped_primary_target_is_the_rule_s_target() -> None:
    """A rule keeps its air-gapped primary target, in the plan's account, and no copy action stands for it."""
    scenario = with_plan("air-gapped.json")
    (rule,) = rules_of(scenario)
    assert (rule.target_vault, rule.target_air_gapped_vault, rule.copy_actions) == ("Default", "gapped", ())
    assert (scenario.vaults["gapped"].lock, scenario.vaults["gapped"].site) == ("air-gapped", "home")
    assert read_scenario(dump_scenario(scenario)) == scenario


@pytest.mark.parametrize(
    ("home", "site"),
    [
        ("production, account_id: 111122223333", "home"),
        ("production", "home"),
    ],
)
def test_an_air_gapped_target_lies_beside_the_resources(home: str, site: str, tmp_path: Path) -> None:
    """The vault is that of the plan's own account, which is that of the resources unless something says otherwise."""
    arn = "arn:aws:backup:us-east-1:111122223333:backup-vault:gap"
    rule: Plain = {"RuleName": "r", "TargetBackupVaultName": "main", "TargetLogicallyAirGappedBackupVaultArn": arn}
    (tmp_path / "plan.json").write_text(json.dumps({"Rules": [rule]}))
    text = ESTATE.replace("account: production}", f"account: {home}}}", 1).replace("PLAN", "plan.json")
    scenario, errors, notes = check_text(text, "s.yaml", tmp_path)
    assert errors == ()
    assert scenario is not None
    assert rules_of(scenario)[0].target_air_gapped_vault == "gap"
    assert (scenario.vaults["gap"].site, scenario.vaults["gap"].lock) == (site, "air-gapped")
    assert "air-gapped vault" in next(n.rule for n in notes if "`gap`" in n.found)


def test_a_declared_target_without_the_lock_is_refused(tmp_path: Path) -> None:
    """A vault that the scenario declares without the lock cannot be the air-gapped target of its document."""
    arn = "arn:aws:backup:us-east-1:111122223333:backup-vault:gap"
    rule: Plain = {"RuleName": "r", "TargetBackupVaultName": "main", "TargetLogicallyAirGappedBackupVaultArn": arn}
    (tmp_path / "plan.json").write_text(json.dumps({"Rules": [rule]}))
    _, errors, _ = check_text(ESTATE.replace("PLAN", "plan.json") + "vaults: {gap: {site: home}}", "s.yaml", tmp_path)
    assert [error.check for error in errors] == ["air-gapped-target"]


def test_lifecycles_are_read_whole() -> None:
    """Opt-in to the archive and deletion after copies have their keys, in rules and in copy actions."""
    (rule,) = rules_of(with_plan("unread-fields.json"))
    assert (rule.lifecycle.opt_in_to_archive, rule.lifecycle.delete_after_event) == (True, "copy")
    assert (rule.lifecycle.cold_storage_after, rule.lifecycle.delete_after) == (30 * DAY_S, 365 * DAY_S)
    (copy,) = rule.copy_actions
    assert copy.lifecycle is not None
    assert copy.lifecycle == Lifecycle.model_validate({"delete_after": "90 d", "opt_in_to_archive": False})


def test_fields_that_nothing_reads_are_named() -> None:
    """A field that says something and changes nothing here has a note at its line; ids, names and tags have none."""
    notes = [w for w in with_plan("unread-fields.json").warnings if w.check == "plan-field-ignored"]
    assert [(note.line, note.found) for note in notes] == [
        (16, "the lifecycle has `DeleteAfterMoons`"),
        (23, "the copy action has `Compression`"),
        (26, "the rule has `IndexActions`"),
        (30, "the plan has `AdvancedBackupSettings`"),
        (37, "the document has `Approval`"),
    ]


def test_an_event_that_drsim_does_not_know_is_refused(tmp_path: Path) -> None:
    """An event after which points go changes what there is: an unknown one is no matter for a note."""
    rule: Plain = {"RuleName": "r", "TargetBackupVaultName": "main", "Lifecycle": {"DeleteAfterEvent": "FULL_MOON"}}
    _, errors = written(tmp_path, {"Rules": [rule]})
    assert [error.check for error in errors] == ["wrong-choice"]


@pytest.mark.parametrize(
    ("region", "account", "same"),
    [("us-east-1", "111122223333", True), ("us-west-2", "111122223333", False), ("us-east-1", "444455556666", False)],
)
def test_a_copy_into_the_rule_s_own_vault_is_refused(region: str, account: str, *, same: bool, tmp_path: Path) -> None:
    """An ARN of the plan's account and the estate's Region means the vault that rules know by its name alone."""
    copy: Plain = {"DestinationBackupVaultArn": f"arn:aws:backup:{region}:{account}:backup-vault:main"}
    rule: Plain = {"RuleName": "r", "TargetBackupVaultName": "main", "CopyActions": [copy]}
    arn = "arn:aws:backup:us-east-1:111122223333:backup-plan:0e0a-1"
    _, errors = written(tmp_path, {"BackupPlanArn": arn, "BackupPlan": {"Rules": [rule]}})
    assert [error.check for error in errors] == ["copy-into-same-vault"] * same


def test_aws_refusals_carry_the_document_s_line() -> None:
    """What AWS refuses in a document is told with the document's name and line."""
    _, errors, _ = check_text(ESTATE.replace("PLAN", "invalid-lifecycle.json"), "s.yaml", PLANS)
    (error,) = errors
    assert (Path(error.file).name, error.line, error.check) == ("invalid-lifecycle.json", 12, "lifecycle-too-short")


def test_a_rule_may_be_called_as_fields_are(tmp_path: Path) -> None:
    """What is wrong with a rule whose name ends as fields that count days do is told as of any other."""
    rule: Plain = {"RuleName": "KeepDays", "TargetBackupVaultName": "main", "StartWindowMinutes": 30}
    _, (error,) = written(tmp_path, {"Rules": [rule]})
    assert "`KeepDays` is 30 min" in error.found
    assert error.repair == "write `StartWindowMinutes: 60` or more"


def test_an_air_gapped_target_is_a_text(tmp_path: Path) -> None:
    """What stands in place of a target's ARN and is none is refused, whatever it is."""
    odd: tuple[Plain, ...] = ({"Arn": "x"}, ["x"], 5)
    for each in odd:
        rule: Plain = {
            "RuleName": "r",
            "TargetBackupVaultName": "main",
            "TargetLogicallyAirGappedBackupVaultArn": each,
        }
        _, (error,) = written(tmp_path, {"Rules": [rule]})
        assert "is no ARN of a backup vault" in error.found
        assert "None" not in error.found


DR_ARN = "arn:aws:backup:us-west-2:222233334444:backup-vault:"


def with_copy(tmp_path: Path, vault: str, estate: str) -> Scenario:
    """Return an estate with a plan from its home that copies into a vault of another account."""
    rule: Plain = {
        "RuleName": "r",
        "TargetBackupVaultName": "Default",
        "CopyActions": [{"DestinationBackupVaultArn": DR_ARN + vault}],
    }
    document = {"BackupPlan": {"Rules": [rule]}, "BackupPlanArn": "arn:aws:backup:us-east-1:111122223333:backup-plan:a"}
    (tmp_path / "plan.json").write_text(json.dumps(document))
    return read_scenario(estate.replace("PLAN", "plan.json"), "s.yaml", tmp_path)


def test_a_site_that_is_declared_stays(tmp_path: Path) -> None:
    """A site that a document makes takes no name that the scenario has given to another one."""
    own = "us-west-2-222233334444: {region: us-west-2, account: own}"
    scenario = with_copy(tmp_path, "dr", ESTATE.replace("recovery: {region: us-west-2, account: production}", own))
    assert scenario.sites["us-west-2-222233334444"].account == "own"
    assert scenario.sites[str(scenario.vaults["dr"].site)].account_id == "222233334444"


def test_a_site_of_an_account_with_any_name(tmp_path: Path) -> None:
    """A site that a document makes has a right name, whatever its account is called."""
    own = "recovery: {region: eu-west-1, account: my backup, account_id: 222233334444}"
    scenario = with_copy(tmp_path, "dr", ESTATE.replace("recovery: {region: us-west-2, account: production}", own))
    assert scenario.vaults["dr"].site == "us-west-2-my-backup"


def test_a_vault_finds_a_name_that_is_free(tmp_path: Path) -> None:
    """However many names are taken, a vault that a document makes finds one, and takes nobody's place."""
    long = f"{'a' * 30}-us-west-2-222233334444"[-50:]
    taken = ["a" * 30, long, f"{long[:48]}-x", f"{long[:44]}-2"]
    vaults = f"vaults: {{{', '.join(f'{each}: {{site: home}}' for each in taken)}}}\n"
    scenario = with_copy(tmp_path, "a" * 30, ESTATE + vaults)
    copied = scenario.backup_plans["plan"].rules[0].copy_actions[0].destination_vault
    assert copied not in taken
    assert all(scenario.vaults[each].site == "home" for each in taken)


def test_a_bare_plan_with_defaults(tmp_path: Path) -> None:
    """A plan without envelope, windows, schedule and lifecycle has the contract's defaults."""
    rule: Plain = {"RuleName": "r", "TargetBackupVaultName": "vault", "Lifecycle": None, "CopyActions": []}
    scenario, _ = written(tmp_path, {"BackupPlanName": "p", "Rules": [rule]})
    (read,) = rules_of(scenario)
    assert (read.schedule, read.start_window, read.completion_window) == ("cron(0 5 ? * * *)", 8 * HOUR_S, 7 * DAY_S)
    assert read.lifecycle.delete_after is None


def test_a_copy_without_an_end_expires_with_its_source(tmp_path: Path) -> None:
    """For ever (-1) is never for a rule; for a copy it is the rule's retention, as is a lifecycle without an end."""
    arn = "arn:aws:backup:us-west-2:111122223333:backup-vault:dr"
    actions: Plain = [
        {"DestinationBackupVaultArn": arn, "Lifecycle": {"DeleteAfterDays": -1}},
        {"DestinationBackupVaultArn": arn + "2", "Lifecycle": {}},
    ]
    rule: dict[str, Plain] = {"RuleName": "r", "TargetBackupVaultName": "vault", "CopyActions": actions}
    for days, kept in ((40, 40 * DAY_S), (-1, None)):
        scenario, _ = written(tmp_path, {"Rules": [rule | {"Lifecycle": {"DeleteAfterDays": days}}]})
        (read,) = rules_of(scenario)
        assert read.lifecycle.delete_after == kept
        assert [a.lifecycle.delete_after for a in read.copy_actions if a.lifecycle] == [kept, kept]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"BackupPlan": {}},
        {"BackupPlan": "prod"},
        {"Rules": {}},
        {
            "Rules": [
                {"RuleName": "r", "TargetBackupVaultName": "vault", "CopyActions": [{"DestinationBackupVaultArn": "x"}]}
            ]
        },
    ],
)
def test_other_json_is_no_plan(document: Plain, tmp_path: Path) -> None:
    """JSON of another shape, or a destination that is no ARN, is refused as a plan document."""
    _, errors = written(tmp_path, document)
    assert {error.check for error in errors} == {"plan-file-invalid"}


@pytest.mark.parametrize(
    "rule",
    [{}, "r", {"RuleName": 5}, {"RuleName": "r", "TargetBackupVaultName": "vault", "StartWindowMinutes": "soon"}],
)
def test_odd_rules_are_told_as_in_a_scenario(rule: Plain, tmp_path: Path) -> None:
    """A rule without its required members, or with odd ones, is refused with the scenario's names for them."""
    _, errors = written(tmp_path, {"Rules": [rule]})
    assert errors
    assert {error.check for error in errors} <= {"missing-key", "wrong-kind", "wrong-quantity"}


def test_what_a_document_declares_is_placed_in_it(tmp_path: Path) -> None:
    """A vault that only the document names, and the document's list of rules, have the document's file and line."""
    rules: list[Plain] = [{"RuleName": f"r{i}", "TargetBackupVaultName": "v"} for i in range(11)]
    _, errors = written(tmp_path, {"Rules": rules})
    assert [(error.check, Path(error.file).name, error.line) for error in errors] == [
        ("wrong-name", "plan.json", 5),
        ("too-many-rules", "plan.json", 43),
    ]
    _, errors = written(tmp_path, {"\n": 0, "Rules": [{}]})
    assert {(Path(error.file).name, error.line) for error in errors} == {("plan.json", 4)}


def test_a_text_without_a_folder_reads_no_files() -> None:
    """A scenario that comes as text alone cannot make anybody read a file."""
    _, errors, _ = check_text(ESTATE.replace("PLAN", str(PLANS / "efs-daily.json")))
    assert [error.check for error in errors] == ["plan-file-unreadable"]


def _scanned(actions: Plain) -> Plain:
    """Return a document whose rule has scan actions."""
    return {
        "BackupPlanName": "p",
        "Rules": [{"RuleName": "r", "TargetBackupVaultName": "main", "ScanActions": actions}],
    }


@pytest.mark.parametrize(
    ("actions", "mode"),
    [
        ([{"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}], "full"),
        ([{"MalwareScanner": "GUARDDUTY", "ScanMode": "INCREMENTAL_SCAN"}], "incremental"),
        ([], None),
        (None, None),
    ],
)
def test_scan_actions_are_scans(tmp_path: Path, actions: Plain, mode: str | None) -> None:
    """A rule with a scan action scans its points in that mode, one without any does not."""
    scenario, errors = written(tmp_path, _scanned(actions))
    assert errors == ()
    (rule,) = rules_of(scenario)
    assert (rule.scan and rule.scan.mode) == mode


@pytest.mark.parametrize(
    ("actions", "check", "repair"),
    [
        ([{"ScanMode": "QUICK"}], "wrong-choice", '"ScanMode": "INCREMENTAL_SCAN"'),
        ({"ScanMode": "FULL_SCAN"}, "wrong-kind", '"ScanActions": ['),
    ],
)
def test_scan_actions_of_another_form_are_refused(tmp_path: Path, actions: Plain, check: str, repair: str) -> None:
    """A mode that AWS does not know, and an object in place of a list, are errors with the right form."""
    _, (problem,) = written(tmp_path, _scanned(actions))
    assert problem.check == check
    assert repair in problem.repair
