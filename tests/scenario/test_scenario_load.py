"""What a scenario file says arrives in the model, and what is wrong with it is told all at once."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from drsim.catalogue import FailureLaw
from drsim.distributions import Constant, Exponential, Uniform
from drsim.errors import ScenarioError
from drsim.scenario import Scenario, check_text, load_scenario, read_scenario, subjects
from drsim.units import DAY_S, GIB, HOUR_S, MINUTE_S, YEAR_S

DATA = Path(__file__).parents[1] / "data"

SMALL = """
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  app:
    site: home
    resources:
      db: {type: RDS, size: 500 GB, change_rate: 4 %/day}
backup_plans:
  daily: {rules: [{rule_name: daily, target_vault: local}]}
strategies:
  daily: {backup: daily}
disruptions:
  lost: {kind: resource-loss}
"""


def small(old: str = "", new: str = "") -> Scenario:
    """Return a small scenario with one text replaced."""
    assert old in SMALL
    return read_scenario(SMALL.replace(old, new, 1) if old else SMALL + new)


def checks_of(text: str) -> set[str]:
    """Return the identifiers of the errors of a text."""
    return {problem.check for problem in check_text(text)[1]}


def test_defaults_are_those_of_the_contract() -> None:
    """What is left out has the documented default."""
    scenario = small()
    rule = scenario.backup_plans["daily"].rules[0]
    assert (rule.schedule, rule.every, rule.schedule_timezone) == ("cron(0 5 ? * * *)", None, "UTC")
    assert (rule.start_window, rule.completion_window) == (8 * HOUR_S, 7 * DAY_S)
    assert rule.lifecycle.delete_after is None
    assert (scenario.horizon, scenario.warm_up, scenario.as_of) == (YEAR_S, None, None)
    assert scenario.limits.copy_jobs is None
    app = scenario.applications["app"]
    assert app.objectives.attainment == 0.95
    assert (app.act_after, app.recover_at) == (0.0, None)
    db = app.resources["db"]
    assert (db.count, db.deployment, db.stateless, db.tested) == (1, None, False, False)


def test_quantities_arrive_in_canonical_units() -> None:
    """Durations are seconds, sizes bytes, change rates a share a day, costs US dollars a second."""
    app = load_scenario(DATA / "scenarios" / "web-shop.yaml").applications["shop"]
    assert app.resources["orders"].size == 800e9
    assert app.resources["images"].objects == 40e6
    assert app.resources["images"].change_rate == pytest.approx(0.005)
    assert app.downtime_cost == pytest.approx(20000 / 3600)
    assert app.unrecoverable_cost == 15e6
    assert app.objectives.rpo == HOUR_S


def test_a_change_rate_may_be_a_size_a_day() -> None:
    """20 GB a day of 500 GB is 4 % a day."""
    resource = small("4 %/day", "20 GB/day").applications["app"].resources["db"]
    assert resource.change_rate == pytest.approx(0.04)
    assert checks_of(SMALL.replace("4 %/day", "600 GB/day")) == {"wrong-quantity"}


def test_the_nearest_objective_wins_key_by_key() -> None:
    """An objective for a disruption replaces the application's, and what it leaves out stays."""
    objectives = load_scenario(DATA / "scenarios" / "web-shop.yaml").applications["shop"].objectives
    own = objectives.under("account-taken")
    assert (own.rpo, own.rto, own.attainment) == (35 * DAY_S, 48 * HOUR_S, 0.95)
    assert objectives.under("deletion").rpo == HOUR_S
    assert objectives.under("ransomware").attainment == pytest.approx(0.8)


def test_limits_are_by_member() -> None:
    """A limit for all is one for `*`; unlimited is None; types go by the catalogue's name."""
    limits = small(
        new="limits: {backup_jobs: unlimited, copy_jobs: {'*': 100, ebs: 20, 'to:home': 5}, restore_jobs: 3}"
    )
    assert limits.limits.backup_jobs == {"*": None}
    assert limits.limits.copy_jobs == {"*": 100, "EBS": 20, "to:home": 5}
    assert limits.limits.restore_jobs == {"*": 3}
    assert limits.limits.jobs_per_resource is None


def test_overrides_are_read_by_their_parameter() -> None:
    """Durations become distributions of seconds, failures failure laws, rates distributions of bytes a second."""
    text = (
        "overrides:\n  '*': {copy_duration: {uniform: [1 h, 4 h]}, backup_failure: 0.07, backup_rate: 100 MB/s}\n"
        "  rds: {copy_failure: {p: 1 %, lasts: {exponential: 2 d}}}"
    )
    overrides = small(new=text).overrides
    assert overrides["*"]["copy_duration"] == Uniform(HOUR_S, 4 * HOUR_S)
    assert overrides["*"]["backup_failure"] == FailureLaw(0.07)
    assert overrides["*"]["backup_rate"] == Constant(100e6)
    assert overrides["RDS"]["copy_failure"] == FailureLaw(0.01, Exponential(2 * DAY_S))


def test_a_strategy_takes_a_plan_or_a_mapping() -> None:
    """One plan is for all; a mapping keeps its order, and one plan is a list of one."""
    assert small().strategies["daily"].backup == (("*", ("daily",)),)
    chosen = small("backup: daily", "backup: {'type:rds': daily, app.db: [daily]}").strategies["daily"].backup
    assert chosen == (("type:RDS", ("daily",)), ("app.db", ("daily",)))


def test_names_of_pydantic_do_not_get_in_the_way() -> None:
    """`validate` and `redirect` of the response are read as validation and redirection."""
    response = small(new="response: {validate: 20 min, redirect: {exponential: 5 min}}").response
    assert response.validation == Constant(20 * MINUTE_S)
    assert response.redirection == Exponential(5 * MINUTE_S)


def test_moments_are_utc() -> None:
    """A date is its midnight in UTC, with or without quotes; an offset is taken into account."""
    assert small(new="start: 2026-02-01").start == datetime(2026, 2, 1, tzinfo=UTC)
    assert small(new="start: '2026-02-01T06:00+02:00'").start == datetime(2026, 2, 1, 4, tzinfo=UTC)
    assert small(new="as_of: 2024-01-01").as_of == date(2024, 1, 1)


def test_numbers_of_accounts_keep_their_zeros() -> None:
    """The number of an account is 12 digits, quoted or not, and may begin with zeros."""
    sites = "{home: {region: us-east-1, account: 123456789012, account_id: 012345678901}}"
    site = small("{home: {region: us-east-1, account: production}}", sites).sites["home"]
    assert (site.account, site.account_id) == ("123456789012", "012345678901")


def test_arguments_replace_drills_and_seed() -> None:
    """Drills and seed given in a call go before those of the file."""
    scenario = load_scenario(DATA / "scenarios" / "periodic.yaml", drills=7, seed=8)
    assert (scenario.drills, scenario.seed, scenario.name) == (7, 8, "One database, one daily backup")


def test_nested_resources_are_listed_after_their_stack() -> None:
    """A resource of a stack is called by its stack and its own name."""
    nested = "{type: CloudFormation, size: 1 MB, nested: {files: {type: EFS, size: 1 GiB}}}"
    scenario = small("{type: RDS, size: 500 GB, change_rate: 4 %/day}", nested)
    assert list(subjects(scenario)) == ["app.db", "app.db.files"]
    assert subjects(scenario)["app.db.files"].resource.size == GIB


def test_all_problems_are_told_at_once() -> None:
    """What the schema refuses hides neither the rest of it nor the checks across fields."""
    text = (
        SMALL.replace("500 GB", "500")
        .replace("target_vault: local", "target_vault: lokal")
        .replace("kind: resource-loss", "kind: resource-loss, target: app.dbb")
        .replace("region: us-east-1", "regoin: us-east-1")
    )
    assert checks_of(text) == {"missing-unit", "unknown-vault", "unmatched-selector", "unknown-key", "missing-key"}


def test_a_refused_member_is_not_missed_elsewhere() -> None:
    """A site, vault or plan that is refused still counts as declared."""
    assert checks_of(SMALL.replace("{home: {region: us-east-1, account: production}}", "{home: us-east-1}")) == {
        "wrong-kind"
    }
    assert checks_of(SMALL.replace("app:", "my app:")) == {"wrong-name"}
    assert checks_of(
        SMALL.replace("vaults: {local:", "vaults: {my.vault:").replace("vault: local", "vault: my.vault")
    ) == {"wrong-name"}
    assert checks_of(SMALL.replace("{rules: [{rule_name: daily, target_vault: local}]}", "nightly")) == {"wrong-kind"}


@pytest.mark.parametrize(
    ("old", "new", "found", "repair"),
    [
        ("{backup: daily}", "null", "`strategies.daily` is None", "write `{}` where nothing is to be said"),
        ("{kind: resource-loss}", "null", "`disruptions.lost` is None", "keys that may stand in it: kind, "),
        ("local: {site: home}", "local: null", "`vaults.local` is None", "write `{}` where nothing is to be said"),
        ("target_vault: local", "target_vault: local, copy_actions: null", "copy_actions` is None", "remove the key"),
        ("target_vault: local", "target_vault: local, lifecycle: null", "lifecycle` is None", "write `{}`"),
        ("target_vault: local", "target_vault: null", "target_vault` is None", ""),
        ("{backup: daily}", "{backup: {'*': [daily, []]}}", "is ['daily', []]", "write `[daily]`, or `[]` for none"),
        ("{backup: daily}", "{backup: {'*': [[daily], [daily]]}}", "is [['daily'], ", "write `[daily]`, or `[]`"),
        ("{backup: daily}", "{backup: {'*': [[]]}}", "is [[]]", "write `[]` for none"),
        ("{backup: daily}", "{backup: {'*': [daily, 3]}}", "is ['daily', 3]", "write `[daily]`, or `[]` for none"),
        ("{backup: daily}", "{backup: [daily, []]}", "is ['daily', []]", "write `[daily]`"),
        ("{backup: daily}", "{backup: [[daily]]}", "is [['daily']]", "write `[daily]`"),
        ("{backup: daily}", "{backup: 3}", "is 3", "write"),
    ],
)
def test_what_is_nothing_or_a_list_of_lists(old: str, new: str, found: str, repair: str) -> None:
    """A value of the wrong kind is shown as it is written, and the advice is another one."""
    assert old in SMALL
    _, (error,), _ = check_text(SMALL.replace(old, new, 1))
    assert error.check == "wrong-kind"
    assert found in error.found
    assert repair in error.repair
    assert bool(repair) == bool(error.repair)


@pytest.mark.parametrize(
    "more",
    [
        "copy_actions: null, lifecycle: {delete_after: 7 d, delete_after_event: copy}",
        "copy_actions: 3, lifecycle: {delete_after_event: copy}",
        "copy_actions: [{destination_vault: local, then: null, lifecycle: {delete_after_event: copy}}]",
    ],
)
def test_nothing_is_told_that_follows_from_what_is_refused(more: str) -> None:
    """Where copies are refused it is not said besides that there are none."""
    _, errors, _ = check_text(SMALL.replace("target_vault: local", f"target_vault: local, {more}", 1))
    assert "delete-after-event" not in {error.check for error in errors}
    assert "wrong-kind" in {error.check for error in errors}
    _, (error,), _ = check_text(SMALL.replace("500 GB,", "500 GB, count: true, needs: 5,"))
    assert error.check == "wrong-kind"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  app:", "  NAME:"),
        ("  app:", '  "NAME":'),
        ("db: {type", "NAME: {type"),
        ("{local:", "{NAME:"),
        ("{local:", "{'NAME':"),
        ("  lost:", "  lost and NAME:"),
        ("disruptions:", "NAME:"),
    ],
)
@pytest.mark.parametrize("number", [1100, 200_000])
def test_a_key_that_is_too_long_is_named(old: str, new: str, number: int) -> None:
    """A key that YAML does not find for its length is said to be too long, at its line."""
    text = SMALL.replace(old, new.replace("NAME", "n" * number), 1)
    _, errors, _ = check_text(text)
    line = next(k for k, each in enumerate(text.split("\n"), 1) if "nnnnn" in each)
    assert [(error.check, error.line) for error in errors] == [("wrong-name", line)]
    assert "1 to 100 characters" in errors[0].rule
    assert len(str(errors[0])) < 500


def test_a_long_value_is_no_long_key() -> None:
    """Where a line is long for its value the message is about what is wrong."""
    for text in (f"description: [{'n' * 3000}\n", f"description: '{'n: ' * 3000}\n"):
        assert [error.check for error in check_text(SMALL + text)[1]] == ["yaml-syntax"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  app:", '  "!app":'),
        ("  app:", "  '!':"),
        ("db: {type", '"!db": {type'),
        (
            "db: {type",
            "st: {type: CloudFormation, size: 1 GB, nested: {'!b': {type: EBS, size: 1 GB}}}\n      db: {type",
        ),
        ("    resources:", '    steps: {"!dns": {duration: 1 h}}\n    resources:'),
        ("sites: {home:", 'sites: {"!x": {region: us-east-1, account: production}, home:'),
    ],
)
def test_a_name_does_not_begin_as_what_excludes(old: str, new: str) -> None:
    """What selectors can name has no `!` before it, which is refused once, with the rule."""
    assert old in SMALL
    _, errors, _ = check_text(SMALL.replace(old, new, 1))
    names = [error for error in errors if error.check == "wrong-name"]
    assert len(names) == 1
    assert "no ! before them" in names[0].rule
    assert {error.check for error in errors} == {"wrong-name"}


@pytest.mark.parametrize("selectors", ['{"*": daily, "!!x.db": []}', '{"!x.*": daily}', '{"*": daily, "!x.db": []}'])
def test_selectors_of_such_a_name_go_in_no_circles(selectors: str) -> None:
    """Beside the name nothing is told of the selectors that leads back to it."""
    text = SMALL.replace("  app:", '  "!x":').replace("{backup: daily}", f"{{backup: {selectors}}}")
    _, errors, _ = check_text(text)
    assert [(error.check, error.repair) for error in errors] == [("wrong-name", "write `x`")]


def test_an_exclamation_mark_elsewhere_is_part_of_a_name() -> None:
    """Only the first sign of a name makes a selector exclude."""
    assert set(small("  app:", "  app!:").applications) == {"app!"}


@pytest.mark.parametrize(
    "value", ["-1 h", ".nan", ".inf", "'1e400 h'", "1 fortnight", "true", "[1 h]", "null and void"]
)
def test_a_horizon_is_a_positive_finite_duration(value: str) -> None:
    """Negative, infinite and unknown durations are refused."""
    assert checks_of(f"{SMALL}horizon: {value}") <= {"wrong-quantity", "missing-unit", "out-of-range"}
    assert checks_of(f"{SMALL}horizon: {value}")


@pytest.mark.parametrize(
    "value", ["{uniform: [1 h]}", "{median: 5 h, p95: 1 h}", "{median: 5 h}", "{exponential: 5}", "{normal: 3 h}", "{}"]
)
def test_distributions_that_contradict_themselves_are_refused(value: str) -> None:
    """A distribution has the parameters of its form, in order and with units."""
    assert checks_of(f"{SMALL}response: {{detect: {value}}}") == {"wrong-distribution"}


@pytest.mark.parametrize("value", ["1.2", "-0.1", "120 %", "{p: 2, lasts: 1 d}"])
def test_probabilities_lie_between_zero_and_one(value: str) -> None:
    """A failure probability outside 0 to 1 is refused."""
    assert checks_of(f"{SMALL}overrides: {{'*': {{backup_failure: {value}}}}}") <= {
        "wrong-quantity",
        "wrong-distribution",
    }
    assert checks_of(f"{SMALL}overrides: {{'*': {{backup_failure: {value}}}}}")


def test_errors_survive_pickling() -> None:
    """A scenario error carries its problems into another process."""
    with pytest.raises(ScenarioError) as caught:
        read_scenario("sites: {}")
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems  # noqa: S301  our own bytes


def test_a_scenario_survives_pickling() -> None:
    """A worker gets the same scenario, with its warnings."""
    scenario = load_scenario(DATA / "scenarios" / "web-shop.yaml")
    other = pickle.loads(pickle.dumps(scenario))  # noqa: S301  our own bytes
    assert other == scenario
    assert other.warnings == scenario.warnings


def test_a_scenario_without_a_name_is_called_as_its_file() -> None:
    """Its name can be printed, whatever the file is called."""
    assert read_scenario(SMALL, "shop.yaml").name == "shop"
    assert read_scenario(SMALL, "sh\x1b[31mop.yaml").name == r"sh\x1b[31mop"


def test_a_list_of_plans_holds_names() -> None:
    """A list in a list of plans is refused where it stands, and in one line."""
    _, errors, _ = check_text(SMALL.replace("backup: daily}", "backup: [daily, [daily]]}"))
    assert [error.found for error in errors] == ["`strategies.daily.backup` is ['daily', ['daily']]"]
