"""What laws and prices tell before anything is drilled: what is kept for ever, never completes, or piles up."""

from __future__ import annotations

import re

import pytest

from drsim import run
from drsim.errors import Alike, Edit, Problem, Weight, by_weight
from drsim.scenario import read_scenario
from drsim.study.notices import notices, together

SCENARIO = """
name: notices
start: 2026-01-01
sites: {home: {region: us-east-1, account: prod}}
vaults: {main: {site: home}}
applications:
  app: {site: home, APP resources: {volume: {type: EBS, size: 200 GiB, change_rate: 0.5 %/day}}}
backup_plans:
  a: {rules: [{rule_name: d, target_vault: main, every: 24 h, lifecycle: {LIFE}}]}
strategies: {a: {backup: a}}
disruptions: {del: {kind: accidental-deletion}}
response: {detect: 1 h, declare: 1 h}
overrides: {"*": {restore_duration: 30 h, expiry_delay: 0 h}}
"""


def said(*, life: str = "delete_after: 35 d", app: str = "") -> dict[str, str]:
    """Return the notices, what was found by the rule's identifier."""
    text = SCENARIO.replace("LIFE", life).replace("APP", app)
    return {problem.check: problem.found for problem in notices(read_scenario(text))}


def test_what_is_kept_for_ever_says_what_it_comes_to() -> None:
    """Daily points of n years: 200 (1 + 0.5 % × (365 n − 1)) GiB at 0.05 USD, after 1, 3 and 7 years."""
    words = said(life="")["kept-for-ever"]
    for years in (1, 3, 7):
        usd = 200 * (1 + 0.005 * (365 * years - 1)) * 0.05
        assert f"{usd:,.2f} USD/month after {years} y" in words
    assert "kept-for-ever" not in said()


def test_a_copy_that_does_not_say_how_long_it_is_kept() -> None:
    """It is kept as its source, 30 d; kept for ever it would come to what one that says so comes to."""
    more = ", copy_actions: [{destination_vault: off}]"
    told = field(RESOURCE="type: EBS, size: 1 TB, change_rate: 2 %/day", MORE=more)
    endless = field(
        RESOURCE="type: EBS, size: 1 TB, change_rate: 2 %/day", MORE=more.replace("off", "off, lifecycle: {}")
    )
    problem = told["copy-without-lifecycle"]
    assert "kept as what it is made from, 30 d" in problem.found
    assert "kept-for-ever" not in told
    assert "copy-without-lifecycle" not in endless
    assert problem.rule.partition("for ever: ")[2] == endless["kept-for-ever"].found.partition("for ever: ")[2]
    assert problem.usd_per_month == 0.0


def test_what_two_rules_keep_for_ever_in_one_vault_is_counted_once() -> None:
    """Each says what both come to, and that it is both; the order by cost takes a half of it for each."""
    weekly = "{rule_name: w, target_vault: main, schedule: cron(0 15 ? * 1 *), start_window: 1 h, lifecycle: {}}"
    daily = "schedule: cron(0 5 * * ? *), start_window: 1 h, lifecycle: {}}, WEEKLY"
    text = SCENARIO.replace("APP", "").replace("every: 24 h, lifecycle: {LIFE}}", daily)
    one, other = (p for p in notices(read_scenario(text.replace("WEEKLY", weekly))) if p.check == "kept-for-ever")
    assert one.found.partition("for ever: ")[2].partition(", with")[0] in other.found
    assert {"with those of `d`", "with those of `w`"} == {p.found.rpartition(", ")[2] for p in (one, other)}
    told = float(one.found.partition("for ever: ")[2].partition(" USD/month after 1 y")[0].replace(",", ""))
    assert one.usd_per_month + other.usd_per_month == pytest.approx(told, abs=0.01)
    alone = next(p for p in notices(read_scenario(text.replace(", WEEKLY", ""))) if p.check == "kept-for-ever")
    assert ", with" not in alone.found


@pytest.mark.parametrize(("rebuild", "short"), [("31 h", True), ("33 h", False)])
def test_a_rebuild_that_is_quicker_than_a_restore(rebuild: str, short: bool) -> None:  # noqa: FBT001  of a table
    """People take 2 h and a restore 30 h: a rebuild of 31 h is too short to compare by money."""
    assert ("rebuild-too-short" in said(app=f"rebuild: {rebuild},")) is short


def test_nobody_is_told_of_a_rebuild_that_nobody_wrote() -> None:
    """The catalogue's estimate is for money alone."""
    assert said() == {}


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("30 h", "app.volume: a first backup by `d` never completes: it takes 36 h on average, and has to"),
        ("40 h", ""),
    ],
)
def test_first_backups_that_do_not_fit_their_window(window: str, words: str) -> None:
    """A first full of 200 GiB takes 36 h: ended each night at 30 h it leaves nothing to build on."""
    text = SCENARIO.replace("LIFE}", f"delete_after: 35 d}}, completion_window: {window}").replace("APP", "")
    text = text.replace("volume: {", "volume: {overrides: {backup_failure: 0, backup_duration: 36 h}, ")
    problems = {problem.check: problem for problem in notices(read_scenario(text))}
    assert ("backup-never-completes" in problems) is bool(words)
    if words:
        assert problems["backup-never-completes"].found.startswith(words)
        assert "well above 36 h" in problems["backup-never-completes"].repair


@pytest.mark.parametrize(
    ("more", "why", "repair"),
    [
        ("backup_failure: 60 %", "60 % of its jobs fail", "a lower `backup_failure`"),
        (
            "backup_failure: 0, start_delay: 9 h",
            "it has to start within 8 h, and starts after 9 h on average",
            "above 9 h",
        ),
        ("backup_failure: 10 %, backup_duration: 8 d", "it takes 8 d on average, and has to complete", "above 8 d"),
    ],
)
def test_why_backups_seldom_complete(more: str, why: str, repair: str) -> None:
    """Of what a backup has to pass, which is to start, to complete and not to fail, the narrowest is named."""
    text = SCENARIO.replace("LIFE}", "delete_after: 35 d}").replace("APP", "")
    text = text.replace(
        "volume: {type: EBS", f"volume: {{overrides: {{{more}}}, type: DynamoDB without advanced features"
    )
    problems = {problem.check: problem for problem in notices(read_scenario(text))}
    assert why in problems["backup-never-completes"].found
    assert repair in problems["backup-never-completes"].repair


NATIVE = """
name: native
start: 2026-01-01
drills: 100
sites: {home: {region: us-east-1, account: prod}, far: {region: us-west-2, account: prod}}
vaults: {main: {site: home}, off: {site: far}}
applications:
  app: {site: home, resources: {db: {type: KIND, size: 800 GB, change_rate: 4 %/day}}}
backup_plans:
  p:
    rules:
      - rule_name: n
        target_vault: main
        every: 1 d
        completion_window: 40 h
        lifecycle: {delete_after: 35 d}
        copy_actions: [{destination_vault: off, lifecycle: {delete_after: 35 d}}]
strategies: {s: {backup: BACKUP, replication: {app.db: {feature: FEATURE}}}}
disruptions: {del: {kind: accidental-deletion}}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
overrides: {"*": {LAWS}}
"""


@pytest.mark.parametrize("backup", ["p", "{'*': []}"])
@pytest.mark.parametrize(
    ("kind", "feature"),
    [
        ("RDS", "automated backups"),
        ("RDS", "cross-Region automated backups, to: far"),
        ("Aurora", "automated backups"),
        ("DynamoDB with advanced features", "point-in-time recovery"),
        ("Redshift", "cross-Region snapshot copy, to: far"),
    ],
)
@pytest.mark.parametrize(("p", "told"), [("1 %", False), ("50 %", False), ("100 %", True)])
def test_native_protection_completes_unless_all_of_it_fails(
    kind: str, feature: str, backup: str, p: str, *, told: bool
) -> None:
    """A service makes a base a day: in a year one completes though half of them fail, none where all do."""
    text = NATIVE.replace("KIND", kind).replace("FEATURE", feature).replace("BACKUP", backup)
    texts = [each.found for each in notices(read_scenario(text.replace("LAWS", f"backup_failure: {p}")))]
    name = feature.partition(",")[0]
    assert any(f"backup by `{name}` never completes: 100 %" in each for each in texts) is told
    assert any(f"`{name}`" in each for each in texts) is told


def test_a_services_own_bases_are_no_base_of_a_rule() -> None:
    """Beside automated backups that complete each day a rule whose first backup never fits its window has nothing."""
    text = NATIVE.replace("KIND", "RDS").replace("FEATURE", "automated backups").replace("BACKUP", "p")
    texts = [each.found for each in notices(read_scenario(text.replace("LAWS", "backup_duration: 41 h")))]
    assert any("a first backup by `n` never completes" in each for each in texts)
    assert not any("automated backups" in each for each in texts)


FIELD = """
name: field
start: 2026-01-01
horizon: 60 d
drills: DRILLS
sites: {home: {region: us-east-1, account: prod}, far: {region: us-west-2, account: prod}}
vaults: {keep: {site: home}, off: {site: far}}
applications:
  logs: {site: home, objectives: {OBJECTIVES}, resources: {trail: {RESOURCE}}}
backup_plans:
  short:
    rules:
      - {rule_name: daily, target_vault: keep, TIMING, completion_window: WINDOW, lifecycle: {delete_after: 30 d} MORE}
strategies: {short: {backup: short}}
disruptions: {del: {kind: accidental-deletion}}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
LIMITS
"""

BUCKET = (
    "type: S3, size: 4 TB, change_rate: 0.1 %/day, objects: 4e8, "
    "overrides: {backup_failure: 0, backup_object_rate: RATE}"
)
VOLUME = "type: EBS, size: 1 TB, change_rate: 2 %/day, count: COUNT, overrides: {copy_duration: LASTS}"
COPIED = ", copy_actions: [{destination_vault: off, lifecycle: {delete_after: 30 d}}]"


def field(**parts: str) -> dict[str, Problem]:
    """Return the notices of a scenario with parts filled in, by identifier."""
    text = FIELD
    given = {"DRILLS": "100", "OBJECTIVES": "", "TIMING": "every: 1 d", "WINDOW": "7 d", "MORE": "", "LIMITS": ""}
    for key, value in (given | parts).items():
        text = text.replace(key, value)
    return {problem.check: problem for problem in notices(read_scenario(text))}


@pytest.mark.parametrize("timing", ["every: 1 d", "schedule: cron(30 0 * * ? *), start_window: 60 min"])
@pytest.mark.parametrize(("rate", "window", "never"), [("3000 /s", "360 min", True), ("3000 /s", "10800 min", False)])
def test_a_first_full_that_never_fits(timing: str, rate: str, window: str, never: bool) -> None:  # noqa: FBT001
    """4e8 objects at 3000 a second take 37 h: every run of 6 h is a first one and ended, and 180 h are enough."""
    problems = field(RESOURCE=BUCKET.replace("RATE", rate), TIMING=timing, WINDOW=window)
    assert ("backup-never-completes" in problems) is never
    if never:
        problem = problems["backup-never-completes"]
        assert "never completes: it takes 37." in problem.found
        assert "within 6 h" in problem.found
        assert (problem.weight, problem.line) == (Weight.NEVER_HAPPENS, 13)
        assert problem.edits[0].loc == ("backup_plans", "short", "rules", 0, "completion_window")


@pytest.mark.parametrize(("p", "words"), [("100 %", "never completes"), ("60 %", "probability"), ("40 %", "")])
def test_backups_that_always_fail(p: str, words: str) -> None:
    """What fails by its own setting is told like what does not fit; of fulls each day each counts."""
    resource = f"type: DynamoDB without advanced features, size: 1 GB, overrides: {{backup_failure: {p}}}"
    problems = field(RESOURCE=resource)
    assert words in (problems["backup-never-completes"].found if words else "")
    assert ("backup-never-completes" in problems) is bool(words)


@pytest.mark.parametrize(("window", "ended"), [("4 h", True), ("7 h", False)])
def test_a_typical_first_full_that_does_not_fit(window: str, ended: bool) -> None:  # noqa: FBT001
    """Where every other first backup is ended but one in a few is not, the figure is the median against the window."""
    resource = "type: EBS, size: 1 TB, overrides: {backup_duration: {median: 6 h, p95: 20 h}}"
    problems = field(RESOURCE=resource, WINDOW=window)
    assert ("longer-than-window" in problems) is ended
    assert "backup-never-completes" not in problems
    if ended:
        assert "takes 6 h, and has to complete within 4 h" in problems["longer-than-window"].found


def test_increments_that_do_not_fit_beside_a_first_full_that_does() -> None:
    """A weekly rule leaves the base; of the hourly one it is the increments that do not fit."""
    slow = "overrides: {backup_duration: 3 h}"
    weekly = "every: 7 d, start_window: 1 h, lifecycle: {delete_after: 60 d}"
    more = f", {slow}}}\n      - {{rule_name: weekly, target_vault: keep, {weekly}, overrides: {{backup_duration: 5 h}}"
    problems = field(RESOURCE="type: EBS, size: 1 TB", TIMING="every: 4 h, start_window: 1 h", WINDOW="2 h", MORE=more)
    assert (
        "a typical increment by `daily` takes 3 h, and has to complete within 2 h"
        in problems["longer-than-window"].found
    )


@pytest.mark.parametrize(
    ("lasts", "limits", "words"),
    [
        ("10 h", 'limits: {copy_jobs: {"to:far": 2}}', 'the limit `copy_jobs: {"to:far": 2}` to 83 %'),
        ("9 h", 'limits: {copy_jobs: {"to:far": 2}}', ""),
        ("13 h", "limits: {copy_jobs: 2}", "the limit `copy_jobs: 2` to 108 %"),
        ("13 h", "limits: {copy_jobs: {EBS: 2}}", "the limit `copy_jobs: {EBS: 2}` to 108 %"),
        ("13 h", "limits: {copy_jobs: unlimited}", ""),
    ],
)
def test_copies_that_cannot_keep_up(lasts: str, limits: str, words: str) -> None:
    """Four volumes a day, each copied in so many hours: the load is 4 × hours ÷ 24 ÷ slots, told from 0.8 on."""
    resource = VOLUME.replace("COUNT", "4").replace("LASTS", lasts)
    problems = field(RESOURCE=resource, MORE=COPIED, LIMITS=limits)
    assert ("overloaded-limit" in problems) is bool(words)
    if words:
        assert words in problems["overloaded-limit"].found
        assert problems["overloaded-limit"].line == 17


def test_the_quota_of_aws_that_copies_outgrow_is_named() -> None:
    """Without limits of the scenario it is the quota for the type: 20 copies of EBS to a Region."""
    problems = field(RESOURCE=VOLUME.replace("COUNT", "40").replace("LASTS", "13 h"), MORE=COPIED)
    problem = problems["overloaded-limit"]
    assert (
        "the AWS quota of 20 copy jobs at once of EBS to us-west-2/prod (`copy_jobs: {EBS: 20}`) to 108 %"
        in problem.found
    )
    assert "can never keep up" in problem.rule
    assert "ask AWS for a quota of 28 or more" in problem.repair


def overloaded(timing: str, resource: str, more: str, limits: str) -> dict[str, Problem]:
    """Return what is told of limits that are loaded too much, by what it is about."""
    text = FIELD.replace("RESOURCE", resource).replace("TIMING", timing).replace("MORE", more).replace("LIMITS", limits)
    for key, value in {"DRILLS": "100", "OBJECTIVES": "", "WINDOW": "7 d"}.items():
        text = text.replace(key, value)
    problems = [each for each in notices(read_scenario(text)) if each.check == "overloaded-limit"]
    return {re.sub(r" to [\d,]+ %.*", "", each.found): each for each in problems}


def one_before(interval: str) -> str:
    """Return the interval before one that people would write: whole hours up to a day, then whole days."""
    figure, unit = interval.split()
    number = int(figure)
    return f"{number - 1} {unit}" if number > 1 else "23 h"


@pytest.mark.parametrize("timing", ["every: 1 h", "every: 1 d", "schedule: cron(0 5 ? * MON-FRI *)"])
@pytest.mark.parametrize("change", ["0.5 %/day", "5 %/day", "60 %/day"])
@pytest.mark.parametrize("keep", ["3 d", "30 d"])
@pytest.mark.parametrize("law", ["copy_duration: 20 h", "copy_rate: 300 kB/s", "backup_rate: 1 MB/s"])
@pytest.mark.parametrize("other", ["", "schedule: cron(30 9 * * ? *), start_window: 1 h"])
def test_the_interval_that_is_advised_is_the_least_that_passes(
    timing: str, change: str, keep: str, law: str, other: str
) -> None:
    """Run so often nothing is told of the limit any more; run at the interval before it still is."""
    if other and timing == "every: 1 h":
        return  # whose windows leave no run of the other rule
    resource = f"type: EBS, size: 500 GB, change_rate: {change}, count: 8, overrides: {{{law}}}"
    more = COPIED.replace("30 d", keep)
    if other:
        more += f"}}\n      - {{rule_name: other, target_vault: keep, {other}, lifecycle: {{delete_after: 9 d}}"
    limits = "limits: {copy_jobs: {EBS: 4}}"
    for about, problem in overloaded(f"{timing}, start_window: 1 h", resource, more, limits).items():
        said = re.search(r"run `daily` every (\d+ [hd]) or more rarely", problem.repair)
        if said is None:
            assert other
            continue
        told = [overloaded(f"every: {each}", resource, more, limits) for each in (said[1], one_before(said[1]))]
        assert [about in each for each in told] == [False, True], said[1]


def test_a_rule_that_runs_once_a_year_hides_none_that_comes_after_it() -> None:
    """What a copy moves is what has changed since the newest point, here one of the rule that is written last."""
    resource = "type: EBS, size: 500 GB, change_rate: 30 %/day, count: 8, overrides: {copy_rate: 1 MB/s}"
    yearly, often = (
        f"}}\n      - {{rule_name: {name}, target_vault: keep, {timing}, lifecycle: {{delete_after: 9 d}}"
        for name, timing in (("yearly", "schedule: cron(0 12 1 6 ? *)"), ("often", "every: 2 h, start_window: 1 h"))
    )
    advice = []
    for more in (COPIED + often, COPIED + yearly + often):
        problems = overloaded("every: 4 h, start_window: 1 h", resource, more, "limits: {copy_jobs: {EBS: 4}}")
        advice.append([re.findall(r"run `daily` every \d+ d", problem.repair) for problem in problems.values()])
    assert advice[0] == advice[1]
    assert any(advice[0])


@pytest.mark.parametrize(
    ("attainment", "drills", "needed"),
    [
        ("95 %", 71, 72),
        ("95 %", 72, 0),
        ("99 %", 367, 368),
        ("99 %", 368, 0),
        ("100 %", 3687, 3688),
        ("100 %", 3688, 0),
    ],
)
def test_drills_that_prove_nothing(attainment: str, drills: int, needed: int) -> None:
    """Even where all drills meet the objectives it takes so many to show the attainment."""
    problems = field(
        RESOURCE="type: EBS, size: 1 GB", OBJECTIVES=f"rpo: 1 d, attainment: {attainment}", DRILLS=str(drills)
    )
    assert ("too-few-drills" in problems) is bool(needed)
    if needed:
        assert problems["too-few-drills"].found.endswith(f"cannot show that logs meets the objectives in {attainment}")
        assert problems["too-few-drills"].edits == (Edit(("drills",), needed),)
    assert "too-few-drills" not in field(RESOURCE="type: EBS, size: 1 GB", DRILLS=str(drills))


TWO = """
name: two
start: 2026-01-01
horizon: 60 d
drills: 100
sites: {home: {region: us-east-1, account: prod}, far: {region: us-west-2, account: prod}}
vaults: {keep: {site: home}, off: {site: far}}
applications:
  app:
    site: home
    resources:
      small: {type: DynamoDB without advanced features, size: 1 GB, overrides: {backup_duration: FIRST}}
      large: {type: DynamoDB without advanced features, size: 1 TB, overrides: {backup_duration: 9 h}}
      other: {type: EFS, size: 1 GB, change_rate: 1 %/day}
backup_plans:
  p:
    rules:
      - rule_name: r
        target_vault: keep
        every: 1 d
        completion_window: 2 h
        lifecycle: {}
        copy_actions: [{destination_vault: off, lifecycle: {}}]
strategies: {s: {backup: {app.small: p}}, t: {backup: {app.large: p, app.other: p}}}
disruptions: {del: {kind: accidental-deletion}}
response: {detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}
"""


@pytest.mark.parametrize(
    ("first", "names", "under"),
    [("8 h", "app.large, app.small", ("s", "t")), ("1 h", "app.large", ("t",))],
)
def test_a_rule_is_told_of_once(first: str, names: str, under: tuple[str, ...]) -> None:
    """Whatever strategies a rule fails under, and for which resources, is one notice: the worst, of all of them."""
    scenario = read_scenario(TWO.replace("FIRST", first))
    for problems in (notices(scenario), run(scenario, drills=2, workers=1).warnings):
        [problem] = [each for each in problems if each.check == "backup-never-completes"]
        assert problem.found.startswith(f"{names}: a backup by `r` never completes: it takes 9 h on average")
        assert problem.under == under
        said = " (worst under t; also under s)" if len(under) > 1 else " (under t)"
        assert problem.found.endswith(f"within 2 h{said}")
        assert "`completion_window: 12 h`" in problem.repair


def test_notices_of_single_strategies_are_joined_as_those_of_all() -> None:
    """What was found strategy by strategy is told like what was found of all together."""
    scenario = read_scenario(TWO.replace("FIRST", "8 h"))
    single = [
        problem
        for name in scenario.strategies
        for problem in notices(scenario.model_copy(update={"strategies": {name: scenario.strategies[name]}}))
    ]
    joined = together(single, list(scenario.strategies))
    assert [(each.check, each.found, each.under) for each in joined] == [
        (each.check, each.found, each.under) for each in notices(scenario)
    ]


def test_what_is_told_as_one_does_not_go_by_its_wording() -> None:
    """Whatever the sentences are, what is alike decides: the worst strategies, and the resources of all."""

    def problem(text: str, under: str, names: tuple[str, ...], extent: float, words: str) -> Problem:
        alike = Alike("topic", extent, names, words)
        return Problem("f.yaml", 1, "some-check", text, "rule", under=(under,), alike=alike)

    one = problem("no names before this", "s", ("a", "b"), 2.0, "slow: very")
    same = problem("b: and other words", "t", ("b", "c"), 2.0, "slow: very")
    better = problem("c: no names before this", "u", ("c",), 1.0, "slow")
    (told,) = together([one, same, better], ["s", "t", "u"])
    assert told.found == "a, b, c: slow: very (worst under s, t; also under u)"
    (told,) = together([one, same], ["s", "t"])
    assert told.found == "a, b, c: slow: very"


@pytest.mark.parametrize(("first", "own"), [("8 h", ()), ("1 h", ("app.small",))])
def test_what_is_never_made_is_not_kept_for_ever(first: str, own: tuple[str, ...]) -> None:
    """Points and copies of backups that never complete cost nothing, and what copies load is what is copied."""
    problems = [each for each in notices(read_scenario(TWO.replace("FIRST", first))) if each.check == "kept-for-ever"]
    told = [each.found for each in problems]
    assert len(problems) == (3 if own else 2)
    assert not any("app.large" in each for each in told)
    assert any("app.other: the copy of `r` into `off`" in each for each in told)
    assert all(any(f"{name}: " in each for each in told) for name in own)
    failing = TWO.replace("FIRST", first).replace(
        "lifecycle: {}}]", "lifecycle: {}, overrides: {copy_failure: 100 %}}]"
    )
    failed = [each.found for each in notices(read_scenario(failing)) if each.check == "kept-for-ever"]
    assert failed
    assert not any("the copy of" in each for each in failed)


def test_a_run_carries_what_is_foreseen_heaviest_first() -> None:
    """What can never complete and what is kept for ever stand in the result, of the drills that were asked for."""
    text = FIELD.replace("OBJECTIVES", "rpo: 48 h").replace("RESOURCE", BUCKET.replace("RATE", "3000 /s"))
    for key, value in {"DRILLS": "100", "TIMING": "every: 1 d", "WINDOW": "6 h", "LIMITS": ""}.items():
        text = text.replace(key, value)
    text = text.replace(
        "MORE", "}\n      - {rule_name: yearly, target_vault: off, every: 90 d, completion_window: 90 d"
    )
    scenario = read_scenario(text)
    problems = run(scenario, drills=20, workers=1).warnings
    assert {each.check for each in problems} >= {"kept-for-ever", "too-few-drills", "target-vault-elsewhere"}
    assert list(problems) == list(by_weight(problems))
    assert next(each for each in problems if each.check == "too-few-drills").found.startswith("20 drills")
    assert "too-few-drills" not in {each.check for each in run(scenario, drills=100, workers=1).warnings}
