"""Plans as people have them: what is refused, what is warned of, and what the advice says, of every spelling."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drsim.errors import Problem, Weight, by_weight
from drsim.scenario import check_text
from drsim.scenario.edit import as_changes, edited
from drsim.study.notices import notices

ARN = "arn:aws:backup:us-east-1:111122223333:backup-plan:0e0a-1"

ESTATE = """
name: field
drills: 100
start: 2026-01-01
horizon: 60 d
sites:
  home: {region: us-east-1, account: prod HOME}
  west: {region: us-west-2, account: prod}
  other: {region: us-east-1, account: backup}
vaults: {first: {site: home}, second: {site: home}, far: {site: west}, gap: {site: GAP, lock: air-gapped}}
applications: {app: {site: home, resources: {data: {type: TYPE, size: 100 GB, change_rate: 1 %/day MORE}}}}
backup_plans: {p: PLAN, q: {rules: [{rule_name: other, target_vault: first, every: 1 d}]}}
strategies: {s: {backup: BACKUP}}
disruptions: {x: DISRUPTION}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
"""


def text_of(
    *rules: str,
    kind: str = "EFS",
    gap: str = "home",
    more: str = "",
    home: str = "",
    backup: str = "p",
    disruption: str = "{kind: accidental-deletion}",
    plan: str = "",
) -> str:
    """Return a scenario with one plan of rules, each without its braces."""
    listed = ", ".join(f"{{rule_name: r{k}, {rule}}}" for k, rule in enumerate(rules))
    values = {"TYPE": kind, "GAP": gap, "MORE": more, "HOME": home, "BACKUP": backup, "DISRUPTION": disruption}
    text = ESTATE.replace("PLAN", plan or f"{{rules: [{listed}]}}")
    for key, value in values.items():
        text = text.replace(key, value)
    return text


def found(text: str, base: Path | None = None) -> tuple[Problem, ...]:
    """Return all errors of a scenario, or all warnings."""
    scenario, errors, warnings = check_text(text, "field.yaml", base)
    return errors if scenario is None else by_weight((*warnings, *notices(scenario)))


def ids(problems: tuple[Problem, ...]) -> list[str]:
    """Return the checks that found something."""
    return [problem.check for problem in problems]


def of_document(tmp_path: Path, *, arn: object = ARN, **rule: object) -> str:
    """Return a scenario whose plan is a document with one rule."""
    body: dict[str, object] = {"Rules": [{"RuleName": "r", "TargetBackupVaultName": "main"} | rule]}
    document: dict[str, object] = {"BackupPlan": body} | ({"BackupPlanArn": arn} if arn else {})
    (tmp_path / "plan.json").write_text(json.dumps(document, indent=1))
    return text_of(plan="{file: plan.json}")


@pytest.mark.parametrize("kind", ["RDS", "Aurora", "S3", "SAP HANA on EC2", "EFS"])
@pytest.mark.parametrize("when", ["schedule: cron(0 1 * * ? *), start_window: 60 min", "every: 1 d"])
@pytest.mark.parametrize("kept", ["cold_storage_after: 7 d, delete_after: 35 d", "cold_storage_after: 1 w"])
def test_continuous_with_cold(kind: str, when: str, kept: str) -> None:
    """A continuous rule has no move to cold storage, and nobody is told to keep its points for 97 days."""
    text = text_of(f"target_vault: first, {when}, enable_continuous_backup: true, lifecycle: {{{kept}}}", kind=kind)
    problems = found(text)
    assert "continuous-with-cold" in ids(problems)
    assert set(ids(problems)) <= {"continuous-with-cold", "continuous-retention"}
    assert not any("97" in problem.repair for problem in problems)
    after = found(edited(text, as_changes(edit for problem in problems for edit in problem.edits)))
    assert not {*ids(after)} & {"continuous-with-cold", "continuous-retention", "lifecycle-too-short"}


def test_continuous_with_cold_in_a_document(tmp_path: Path) -> None:
    """Of a document it is said in the document's words, at its line."""
    life = {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 35}
    (problem,) = found(of_document(tmp_path, EnableContinuousBackup=True, Lifecycle=life), tmp_path)
    assert (problem.check, Path(problem.file).name) == ("continuous-with-cold", "plan.json")
    assert problem.repair.startswith("leave `Lifecycle.MoveToColdStorageAfterDays` out")


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        ({"Lifecycle": {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 35}}, "`Lifecycle.DeleteAfterDays: 97`"),
        ({"StartWindowMinutes": 30}, "write `StartWindowMinutes: 60` or more"),
        ({"Lifecycle": {"DeleteAfterDays": 40000}}, "write `Lifecycle.DeleteAfterDays: 36500`"),
        ({"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 60}}, "`Lifecycle.DeleteAfterDays: 35`"),
        ({"ScheduleExpression": "cron(0/15 5 ? * * *)"}, 'write `ScheduleExpression: "cron(0 5 ? * * *)"`'),
        ({"ScheduleExpression": "cron(0 5 31 9 ? *)"}, '`ScheduleExpression: "cron(0 5 L 9 ? *)"`'),
        ({"Lifecycle": {"DeleteAfterEvent": "DELETE_AFTER_COPY"}}, "instead of `Lifecycle.DeleteAfterEvent`"),
    ],
)
def test_advice_on_a_document_speaks_its_keys(rule: dict[str, object], advice: str, tmp_path: Path) -> None:
    """Numbers of days and minutes, keys as AWS spells them, and nothing that a document cannot hold."""
    problem = next(each for each in found(of_document(tmp_path, **rule), tmp_path) if each.file.endswith(".json"))
    assert advice in problem.repair
    assert not any(f"`{key}" in problem.repair for key in ("delete_after", "every", "schedule", "start_window"))


@pytest.mark.parametrize(
    ("copies", "refused"),
    [
        ("[{destination_vault: first}]", True),
        ("[{destination_vault: second}]", False),
        ("[{destination_vault: second, then: [{destination_vault: second}]}]", True),
        ("[{destination_vault: far, then: [{destination_vault: first}]}]", True),
        ("[{destination_vault: far, then: [{destination_vault: second}]}]", False),
    ],
)
def test_copies_into_the_own_vault(copies: str, refused: bool) -> None:  # noqa: FBT001  of a table
    """A copy goes neither into the vault that it comes from nor back into the rule's."""
    assert (
        ids(found(text_of(f"target_vault: first, every: 1 d, copy_actions: {copies}"))) == ["copy-into-same-vault"]
    ) is refused


@pytest.mark.parametrize(
    ("region", "account", "name", "refused"),
    [
        ("us-east-1", "111122223333", "main", True),
        ("us-east-1", "111122223333", "Main", False),
        ("us-west-2", "111122223333", "main", False),
        ("us-east-1", "444455556666", "main", False),
    ],
)
@pytest.mark.parametrize("arn", [ARN, None])
def test_copies_into_the_own_vault_by_arn(
    region: str,
    account: str,
    name: str,
    refused: bool,  # noqa: FBT001  of a table
    arn: str | None,
    tmp_path: Path,
) -> None:
    """The vault that an ARN names is the rule's own where Region, account and name are."""
    vault = f"arn:aws:backup:{region}:{account}:backup-vault:{name}"
    text = of_document(tmp_path, arn=arn, CopyActions=[{"DestinationBackupVaultArn": vault}])
    if arn is None:
        text = text.replace("account: prod ", "account: prod, account_id: '111122223333' ")
    assert ("copy-into-same-vault" in ids(found(text, tmp_path))) is refused


@pytest.mark.parametrize(("site", "refused"), [("home", False), ("west", True), ("other", True)])
@pytest.mark.parametrize("key", ["target_vault: first, target_air_gapped_vault: gap", "target_vault: gap"])
def test_air_gapped_targets(site: str, refused: bool, key: str) -> None:  # noqa: FBT001  of a table
    """A primary target that is air-gapped lies in the account and Region of what is backed up, under either key."""
    problems = found(text_of(f"{key}, every: 1 d, lifecycle: {{delete_after: 35 d}}", gap=site))
    assert ("air-gapped-target" in ids(problems)) is refused


@pytest.mark.parametrize(
    ("region", "account", "refused"),
    [
        ("us-east-1", "111122223333", False),
        ("us-west-2", "111122223333", True),
        ("us-east-1", "444455556666", True),
    ],
)
@pytest.mark.parametrize("arn", [ARN, None])
def test_air_gapped_targets_by_arn(
    region: str,
    account: str,
    refused: bool,  # noqa: FBT001  of a table
    arn: str | None,
    tmp_path: Path,
) -> None:
    """An ARN of another Region or account than the plan's, or where that is not told the resources', is refused."""
    vault = f"arn:aws:backup:{region}:{account}:backup-vault:gap2"
    text = of_document(
        tmp_path, arn=arn, TargetLogicallyAirGappedBackupVaultArn=vault, Lifecycle={"DeleteAfterDays": 9}
    )
    if arn is None:
        text = text.replace("account: prod ", "account: prod, account_id: '111122223333' ")
    assert ("air-gapped-target" in ids(found(text, tmp_path))) is refused


@pytest.mark.parametrize("gap", ["home", "west"])
def test_an_air_gapped_target_stands_beside_an_ordinary_one(gap: str) -> None:
    """One vault under both keys is refused with what helps, wherever the vault lies."""
    (problem,) = found(text_of("target_vault: gap, target_air_gapped_vault: gap, every: 1 d", gap=gap))
    assert problem.check == "air-gapped-target"
    assert "name an ordinary vault as `target_vault`" in problem.repair


def test_a_plan_with_its_own_air_gapped_vault_is_consistent(tmp_path: Path) -> None:
    """A document's target in the document's own Region and account is not what is wrong where the home is another."""
    vault = "arn:aws:backup:ap-northeast-1:111122223333:backup-vault:gap2"
    arn = ARN.replace("us-east-1", "ap-northeast-1")
    text = of_document(
        tmp_path, arn=arn, TargetLogicallyAirGappedBackupVaultArn=vault, Lifecycle={"DeleteAfterDays": 9}
    )
    assert "air-gapped-target" not in ids(found(text, tmp_path))


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ("lifecycle: {delete_after_event: copy, delete_after: 9 d}", True),
        ("lifecycle: {delete_after_event: copy}", True),
        (
            "lifecycle: {delete_after_event: copy, delete_after: 9 d}, copy_actions: [{destination_vault: second}]",
            False,
        ),
        ("copy_actions: [{destination_vault: second, lifecycle: {delete_after_event: copy}}]", True),
        (
            (
                "copy_actions: [{destination_vault: second, lifecycle: {delete_after_event: copy}, "
                "then: [{destination_vault: far, lifecycle: {delete_after: 9 d}}]}]"
            ),
            False,
        ),
    ],
)
def test_what_goes_with_its_copies_has_copies(rule: str, refused: bool) -> None:  # noqa: FBT001  of a table
    """`delete_after_event` without copies is refused, and the advice ends it."""
    text = text_of(f"target_vault: first, every: 1 d, {rule}")
    problems = found(text)
    assert ("delete-after-event" in ids(problems)) is refused
    for problem in problems if refused else ():
        after = found(edited(text, as_changes(problem.edits)))
        assert all(each.line and each.weight for each in after)
        assert "delete-after-event" not in ids(after)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("cron(0 5 31 2 ? *)", "never runs"),
        ("cron(0 5 30 FEB ? *)", "never runs"),
        ("cron(0 5 31 4,6,9,11 ? *)", "never runs"),
        ("cron(0 5 * * ? 2020)", "no longer runs: its last run was on 2020-12-31"),
        ("cron(0 5 ? * MON 1999-2025)", "no longer runs: its last run was on 2025-12-29"),
        ("cron(0 5 * * ? 2031)", "does not run before 2031-01-01"),
        ("cron(0 5 * 1 ? 2026)", "no longer runs after 2026-01-31"),
        ("cron(0 5 29 2 ? *)", ""),
        ("cron(0 5 * * ? 2026)", ""),
        ("cron(0 5 L * ? *)", ""),
        ("cron(0 5 ? * 2#5 *)", ""),
    ],
)
def test_rules_that_never_run(schedule: str, words: str) -> None:
    """Days that no month has, years that are over or to come; leap days and fifth Mondays do come."""
    rule = f"target_vault: first, schedule: '{schedule}', start_window: 60 min, lifecycle: {{delete_after: 3650 d}}"
    problems = [each for each in found(text_of(rule)) if each.check == "never-runs"]
    assert bool(problems) is bool(words)
    for problem in problems:
        assert words in problem.found
        assert problem.line == 12
        after = found(edited(text_of(rule), as_changes(problem.edits)))
        assert "never-runs" not in ids(after)


@pytest.mark.parametrize(
    ("kind", "rules", "warned"),
    [
        ("S3", ("target_vault: first, enable_continuous_backup: true", "target_vault: second"), True),
        ("S3", ("target_vault: second", "target_vault: first, enable_continuous_backup: true"), True),
        ("S3", ("target_vault: first, enable_continuous_backup: true", "target_vault: first"), False),
        ("S3", ("target_vault: first", "target_vault: second"), False),
        ("RDS", ("target_vault: first, enable_continuous_backup: true", "target_vault: second"), False),
    ],
)
def test_all_backups_of_a_bucket_lie_in_one_vault(kind: str, rules: tuple[str, ...], warned: bool) -> None:  # noqa: FBT001
    """Snapshots of a bucket belong in the vault of its continuous backup, in whatever order and plan they stand."""
    first, second = (f"{rule}, lifecycle: {{delete_after: 14 d}}" for rule in rules)
    together = text_of(f"{first}, every: 1 d, start_window: 1 h", f"{second}, every: 7 d, start_window: 1 h", kind=kind)
    apart = text_of(f"{first}, every: 1 d", kind=kind, backup="{'type:S3': [p, q], 'app.data': [p, q]}").replace(
        "{rule_name: other, target_vault: first, every: 1 d", f"{{rule_name: other, {second}, every: 7 d"
    )
    for text in (together, apart):
        assert ("snapshots-in-another-vault" in ids(found(text))) is warned


@pytest.mark.parametrize(
    ("kind", "loser", "winner", "words"),
    [
        ("RDS", "", "enable_continuous_backup: true,", "the continuous backup of `r1`, which makes no snapshots"),
        ("EFS", "", "enable_continuous_backup: true,", "only the snapshot by `r1` is made"),
        ("RDS", "enable_continuous_backup: true,", "", "the continuous backup of app.data goes on"),
        ("RDS", "", "", "only the snapshot by `r1` is made"),
    ],
)
def test_overlaps_say_what_is_left(kind: str, loser: str, winner: str, words: str) -> None:
    """Of two rules at one hour it is said what AWS then makes of a type, and the advice lets both run."""
    time = "schedule: cron(0 3 * * ? *), start_window: 60 min"
    rules = f"target_vault: first, {loser} {time}, lifecycle: {{delete_after: 7 d}}"
    text = text_of(rules, f"target_vault: first, {winner} {time}, lifecycle: {{delete_after: 35 d}}", kind=kind)
    (problem,) = (each for each in found(text) if each.check == "overlapping-rules")
    assert words in problem.rule
    assert "none a year are left" in problem.rule
    assert "overlapping-rules" not in ids(found(edited(text, as_changes(problem.edits))))


HOURLY, HALF = "schedule: cron(0 * * * ? *)", "schedule: cron(30 * * * ? *)"


@pytest.mark.parametrize(
    ("loser", "winner", "advice", "words"),
    [
        (f"{HOURLY}, start_window: 60 min", f"{HOURLY}, start_window: 60 min", "out", "run `r1` more rarely"),
        (f"{HALF}, start_window: 60 min", f"{HOURLY}, start_window: 60 min", "out", "run `r1` more rarely"),
        (f"{HOURLY}, start_window: 8 h", f"{HOURLY}, start_window: 60 min", "out", "run `r1` more rarely"),
        ("every: 1 h, start_window: 60 min", "every: 1 h, start_window: 60 min", "out", "run `r1` more rarely"),
        (
            f"{HALF}, start_window: 90 min",
            "schedule: cron(0 */2 * * ? *), start_window: 60 min",
            "",
            "at other times with",
        ),
        ("every: 1 d, start_window: 8 h", "every: 2 d, start_window: 8 h", "", "run `r0` at other times"),
        ("every: 1 h, start_window: 60 min", "every: 2 h, start_window: 2 h", "out", "run `r1` more rarely"),
        (
            f"{HOURLY}, start_window: 60 min",
            "schedule: cron(0 5 * * ? *), start_window: 8 h",
            "cron(0 0,1,2,3,4,13",
            "",
        ),
    ],
)
def test_overlaps_offer_what_works(loser: str, winner: str, advice: str, words: str) -> None:
    """Nobody is told to shorten windows that are at their least, or to look for a time where none is free."""
    rules = [
        f"target_vault: first, {when}, lifecycle: {{delete_after: {kept}}}"
        for when, kept in ((loser, "7 d"), (winner, "35 d"))
    ]
    text = text_of(*rules)
    (problem,) = (each for each in found(text) if each.check == "overlapping-rules")
    assert "shorter start windows" not in problem.repair
    assert advice in problem.repair
    assert words in problem.repair
    if problem.edits:
        assert "overlapping-rules" not in ids(found(edited(text, as_changes(problem.edits))))


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        ("lock: compliance, max_retention: 40 d", "keep points for 91 d or more in another vault: the lock of `first`"),
        ("lock: compliance, max_retention: 100 d", "write `delete_after: 91 d` or more, up to 100 d"),
        ("lock: none", "write `delete_after: 91 d` or more"),
    ],
)
@pytest.mark.parametrize("flag", ["", ", enable_continuous_backup: true"])
def test_a_lock_that_takes_no_longer_retention_is_known(lock: str, says: str, flag: str) -> None:
    """Points that outlast a dwell are kept where a lock lets them be kept."""
    text = text_of(
        f"target_vault: first, every: 1 d, lifecycle: {{delete_after: 35 d}}{flag}",
        kind="RDS",
        disruption="{kind: ransomware, dwell: 90 d}",
    ).replace("first: {site: home}", f"first: {{site: home, {lock}}}")
    text = text.replace("rule_name: other, target_vault: first", "rule_name: other, target_vault: second")
    (problem,) = (each for each in found(text) if each.check == "retention-below-dwell")
    if flag and "another" not in says:
        says = "add a snapshot rule that keeps points for 91 d or more"
    assert says in problem.repair
    if problem.edits:
        assert {"retention-below-dwell", "lock-retention"}.isdisjoint(
            ids(found(edited(text, as_changes(problem.edits))))
        )


@pytest.mark.parametrize(
    ("timing", "kept", "apart"),
    [
        ("every: 7 d", "3 d", "7 d"),
        ("every: 12 h", "6 h", "12 h"),
        ("every: 12 h", "12 h", ""),
        ("schedule: cron(0 5 1 * ? *), start_window: 1 h", "30 d", "31 d"),
        ("schedule: cron(0 5 1 * ? *), start_window: 1 h", "31 d", ""),
        ("schedule: cron(0 5 1 1 ? *), start_window: 1 h", "360 d", "366 d"),
        ("schedule: cron(0 5 1 1-3 ? *), start_window: 1 h", "40 d", "306 d"),
        ("schedule: cron(0 8-18 ? * MON-FRI *), start_window: 1 h", "2 d", "62 h"),
    ],
)
def test_points_that_are_gone_before_the_next(timing: str, kept: str, apart: str) -> None:
    """The longest time between two runs counts, of rules and of their copies."""
    rule = f"target_vault: first, {timing}, lifecycle: {{delete_after: {kept}}}"
    copied = (
        f"target_vault: first, {timing}, lifecycle: {{delete_after: 900 d}}, "
        f"copy_actions: [{{destination_vault: second, lifecycle: {{delete_after: {kept}}}}}]"
    )
    for text in (text_of(rule), text_of(copied)):
        said = [each for each in found(text) if each.check == "retention-below-interval"]
        assert [f"up to {apart if apart != '62 h' else '2.58 d'} apart" in each.found for each in said] == [
            True
        ] * bool(apart)


@pytest.mark.parametrize(
    ("disruption", "kept", "warned"),
    [
        ("{kind: corruption, dwell: 40 d}", "35 d", True),
        ("{kind: corruption, dwell: 40 d}", "41 d", False),
        ("{kind: ransomware}", "186 d", True),
        ("{kind: ransomware}", "190 d", False),
        ("{kind: ransomware, dwell: {median: 5 d, p95: 20 d}}", "19 d", True),
        ("{kind: ransomware, dwell: {median: 5 d, p95: 20 d}}", "21 d", False),
        ("{kind: ransomware, site: other, dwell: 90 d}", "35 d", False),
        ("{kind: corruption, dwell: 40 d, target: 'type:RDS'}", "35 d", False),
        ("{kind: resource-loss}", "1 d", False),
    ],
)
def test_points_that_are_gone_before_contamination_is_seen(disruption: str, kept: str, warned: bool) -> None:  # noqa: FBT001
    """The dwell is compared at the quantile that the objectives want met, as written or of the catalogue."""
    copies = "copy_actions: [{destination_vault: second, lifecycle: {delete_after: 7 d}}]"
    text = text_of(
        f"target_vault: first, every: 1 d, lifecycle: {{delete_after: {kept}}}, {copies}", disruption=disruption
    )
    text = text.replace("'type:RDS'}", "app.other}").replace(
        "resources: {", "resources: {other: {type: RDS, size: 1 GB, stateless: true}, "
    )
    assert ("retention-below-dwell" in ids(found(text))) is warned


def test_a_copy_of_what_is_not_copied_keeps_nothing() -> None:
    """What is chained to a copy that AWS does not make of a type is not made either."""
    chained = "then: [{destination_vault: second, lifecycle: {delete_after: 900 d}}]"
    rule = (
        "target_vault: first, every: 1 d, lifecycle: {delete_after: 20 d}, "
        f"copy_actions: [{{destination_vault: gap, lifecycle: {{delete_after: 900 d}}, {chained}}}]"
    )
    for kind, warned in (("EFS", False), ("RDS", True)):
        text = text_of(rule, kind=kind, disruption="{kind: corruption, dwell: 30 d}")
        assert ("retention-below-dwell" in ids(found(text))) is warned


def test_a_retention_out_of_range_is_advised_on_whatever_the_rule_s_interval() -> None:
    """A day is the least that AWS takes, and too little for a rule that runs monthly."""
    rule = "target_vault: first, schedule: cron(0 5 {} * ? *), start_window: 60 min, lifecycle: {{delete_after: 7 h}}"
    for days, advice in (("*", "write `delete_after: 1 d`"), ("L", "write a longer `delete_after`")):
        (problem,) = found(text_of(rule.format(days)))
        assert problem.check == "retention-out-of-range"
        assert problem.repair.startswith(advice)


@pytest.mark.parametrize(("kind", "warned"), [("EFS", True), ("Redshift", False)])
def test_points_that_go_with_their_copies_keep_nothing(kind: str, warned: bool) -> None:  # noqa: FBT001  of a table
    """What a rule keeps until it is copied does not count beside its copies, where these are made."""
    copied = "copy_actions: [{destination_vault: second, lifecycle: {delete_after: 7 d}}]"
    life = "lifecycle: {delete_after: 90 d, delete_after_event: copy}"
    text = text_of(
        f"target_vault: first, every: 1 d, {life}, {copied}", disruption="{kind: corruption, dwell: 30 d}", kind=kind
    )
    assert ("retention-below-dwell" in ids(found(text))) is warned


@pytest.mark.parametrize(
    ("kind", "cold", "warned"),
    [("EFS", "7 d", True), ("EFS", "8 d", False), ("EFS", "1 d", True), ("EFS", "1 w", True), ("RDS", "7 d", False)],
)
def test_cold_within_a_week(kind: str, cold: str, warned: bool) -> None:  # noqa: FBT001
    """Of types with cold storage points stay warm for eight days, copies too."""
    life = f"lifecycle: {{cold_storage_after: {cold}, delete_after: 200 d}}"
    rule = f"target_vault: first, every: 1 d, {life}"
    copied = (
        "target_vault: first, every: 1 d, lifecycle: {delete_after: 9 d}, "
        f"copy_actions: [{{destination_vault: second, {life}}}]"
    )
    for text in (text_of(rule, kind=kind), text_of(copied, kind=kind)):
        assert ("cold-too-soon" in ids(found(text))) is warned


def test_warnings_come_by_what_they_lose() -> None:
    """What loses for good comes first, then what loses more, then money, dearest first, then the rest, each by line."""
    rules = (
        (
            "target_vault: first, age: 3 y, every: 1 d, start_window: 1 h, lifecycle: {delete_after: 9 d}, "
            "copy_actions: [{destination_vault: second}, {destination_vault: far, lifecycle: {}}]"
        ),
        "target_vault: first, schedule: cron(0 5 31 2 ? *), start_window: 1 h, lifecycle: {delete_after: 400 d}",
    )
    text = text_of(*rules, "target_vault: second, every: 7 d, lifecycle: {delete_after: 3 d}")
    problems = found(text)
    assert [each.weight for each in problems] == sorted((each.weight for each in problems), reverse=True)
    assert ids(problems)[0] == "never-runs"
    assert ids(problems)[-1] == "age-ignored"
    assert {each.weight for each in problems} >= {
        Weight.NEVER_HAPPENS,
        Weight.LOSES_MORE,
        Weight.COSTS,
        Weight.TIDINESS,
    }
    assert found(text) == problems


RAN = "{kind: ransomware, dwell: 90 d, backups_attacked: 0}"


@pytest.mark.parametrize(
    ("schedule", "keeps"),
    [
        ("cron(0 5 31 2 ? *)", False),  # never
        ("cron(0 5 1 1 ? 2030)", False),  # long after the horizon
        ("cron(0 5 1 1 ? 2024)", False),  # all of its points are gone
        ("cron(0 5 30 12 ? 2025)", True),  # its last points are there when the horizon begins
        ("cron(0 5 1 * ? *)", True),
    ],
)
def test_a_rule_that_never_runs_keeps_nothing(schedule: str, keeps: bool) -> None:  # noqa: FBT001  of a table
    """What keeps points too briefly, or moves them too soon, is told of rules that have points, and of no others."""
    rule = f"target_vault: first, schedule: {schedule}, start_window: 60 min"
    text = text_of(
        f"{rule}, lifecycle: {{cold_storage_after: 1 d, delete_after: 100 d}}", disruption=RAN.replace("90 d", "200 d")
    )
    problems = found(text)
    assert ("retention-below-dwell" in ids(problems)) is keeps
    assert ("cold-too-soon" in ids(problems)) is keeps
    assert ("never-runs" in ids(problems)) is (schedule != "cron(0 5 1 * ? *)")


def test_what_begins_to_run_may_have_lighter_faults() -> None:
    """A rule that never runs is told to, though points are then kept too briefly; that is told once it runs."""
    rule = "target_vault: first, schedule: cron(0 5 31 2 ? *), start_window: 60 min, lifecycle: {delete_after: 14 d}"
    text = text_of(rule, disruption=RAN)
    problem = next(each for each in found(text) if each.check == "never-runs")
    assert "`schedule: cron(0 5 ? * * *)`" in problem.repair
    assert problem.edits
    after = found(edited(text, as_changes(problem.edits)))
    assert "never-runs" not in ids(after)
    assert "retention-below-dwell" in ids(after)


@pytest.mark.parametrize("kind", ["S3", "RDS"])
@pytest.mark.parametrize("vault", ["first", "second"])
@pytest.mark.parametrize("when", ["every: 1 d", "every: 7 d, start_window: 1 h"])
def test_a_second_continuous_rule_has_a_repair(kind: str, vault: str, when: str) -> None:
    """In whatever vault a second continuous rule lies, it is said what to do, and that works."""
    rule = "enable_continuous_backup: true, lifecycle: {delete_after: 14 d}"
    text = text_of(
        f"target_vault: first, every: 1 d, start_window: 1 h, {rule}",
        f"target_vault: {vault}, {when}, {rule}",
        kind=kind,
    )
    (problem,) = (each for each in found(text) if each.check == "two-continuous-rules")
    assert problem.repair
    assert problem.edits
    after = ids(found(edited(text, as_changes(problem.edits))))
    assert "two-continuous-rules" not in after
    assert "snapshots-in-another-vault" not in after


def test_one_retention_below_many_dwells_is_told_once() -> None:
    """Three disruptions stand for all, the longest dwell first, and the advice is enough for every one."""
    dwells = ", ".join(f"x{k}: {{kind: ransomware, dwell: {40 + k} d}}" for k in range(30))
    text = text_of("target_vault: first, every: 1 d, lifecycle: {delete_after: 35 d}")
    text = text.replace("disruptions: {x:", f"disruptions: {{{dwells}, x:")
    (problem,) = (each for each in found(text) if each.check == "retention-below-dwell")
    assert "under `x29`, `x28`, `x27` and 27 more every dwell is up to 69 d" in problem.found
    assert problem.repair == "write `delete_after: 70 d` or more"
    assert "retention-below-dwell" not in ids(found(edited(text, as_changes(problem.edits))))


@pytest.mark.parametrize(
    ("scan", "repairs"),
    [
        ("{mode: ful}", ["did you mean `full`?"]),
        ("full", ["write `true` or `{mode: full}`"]),
        ("incremntal", ["write `true` or `{mode: incremental}`"]),
        ("yes", ["write true, without quotes"]),
        ("[EBS]", ["write `true`, `{mode: incremental}` or `{mode: full}`"]),
    ],
)
def test_what_is_no_scan_has_one_problem_and_says_what_is(scan: str, repairs: list[str]) -> None:
    """A scan in a wrong form is one problem, with the form to write; none is about a word that nobody wrote."""
    problems = found(text_of(f"target_vault: first, every: 1 d, scan: {scan}", kind="EBS"))
    assert [problem.repair for problem in problems] == repairs
    assert all("true, or a mapping" in p.rule for p in problems if p.check == "wrong-kind")


def test_a_mapping_that_is_missing_has_its_keys_told() -> None:
    """Where a single value stands for a mapping, the keys that may stand in it are told."""
    (problem,) = found(text_of("target_vault: first, every: 1 d, lifecycle: 35 d"))
    assert problem.repair.startswith("keys that may stand in it: ")
    assert "delete_after" in problem.repair


@pytest.mark.parametrize(
    ("disruption", "repair"),
    [
        ("{kind: site-loss, site: west}", "write `kind: region-loss` or `site: clinic`"),
        ("{kind: site-outage, site: west}", "write `kind: region-outage` or `site: clinic`"),
        ("{kind: region-loss, site: clinic}", "write `kind: site-loss` or `site: home`"),
        ("{kind: region-outage, site: clinic}", "write `kind: site-outage` or `site: home`"),
        ("{kind: zone-outage, site: clinic}", "write `kind: site-outage` or `site: home`"),
        ("{kind: service-outage, site: clinic}", "write `kind: site-outage` or `site: home`"),
        ("{kind: ransomware, site: clinic}", None),
        ("{kind: site-loss, site: clinic}", None),
        ("{kind: zone-outage, site: home}", None),
    ],
)
def test_a_disruption_strikes_a_site_of_its_sort(disruption: str, repair: str | None) -> None:
    """Kinds that strike premises are refused at a Region, those that strike parts of AWS on premises; no others."""
    text = text_of("target_vault: first, every: 1 d, lifecycle: {delete_after: 35 d}", disruption=disruption)
    clinic = "clinic: {on-premises: true, account: prod, uplink: 1 Gbit/s}"
    problems = found(text.replace("  other: {region", f"  {clinic}\n  other: {{region"))
    wrong = [problem.repair for problem in problems if problem.check == "wrong-place"]
    assert wrong == ([] if repair is None else [repair])


def test_a_rate_beyond_the_quota_is_answered_by_one_that_fits() -> None:
    """17 volumes at 300 MiB/s ask for 5,100 of 5,000 MiB/s: the figures suppose a raised quota, and 294 MiB/s fit."""
    text = (Path(__file__).parent.parent / "data" / "warned" / "initialization-quota.yaml").read_text(encoding="utf-8")
    warnings = [problem for problem in check_text(text)[2] if problem.check == "initialization-quota"]
    (problem,) = warnings
    assert "the figures suppose a raised quota" in problem.rule
    assert "`overrides: {hydration_rate: 294 MiB/s}` of orders.disks, orders.more" in problem.repair
    assert len(problem.edits) == 2
