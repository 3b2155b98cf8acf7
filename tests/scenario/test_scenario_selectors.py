"""Selectors: tags, what excludes and what names no plan, wherever selectors are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drsim.catalogue import load_catalogue
from drsim.changes.knobs import knobs
from drsim.changes.variants import applied
from drsim.cli import main
from drsim.errors import Problem
from drsim.scenario import (
    Scenario,
    applying,
    check_text,
    dump_scenario,
    matches,
    nearest,
    read_scenario,
    scenario_schema,
    subjects,
)
from drsim.scenario.edit import as_changes, edited
from drsim.scenario.estate import application_rows, resource_rows, with_estate
from drsim.world import build_world

ESTATE = """
sites: {{home: {{region: us-east-1, account: p}}, far: {{region: us-west-2, account: p}}}}
vaults: {{local: {{site: home}}}}
applications:
  shop:
    site: home
    tags: {{team: payments}}
    resources:
      db: {{type: RDS, size: 500 GB, change_rate: 4 %/day}}
      files: {{type: EFS, size: 1 TB, tags: {{team: media, tier: 1}}}}
  desk:
    site: home
    resources:
      db: {{type: RDS, size: 100 GB}}
      stack: {{type: CloudFormation, size: 1 GB, tags: {{Team: ops}}, nested: {{data: {{type: EBS, size: 10 GB}}}}}}
backup_plans:
  daily: {{rules: [{{rule_name: r, target_vault: local, every: 1 d, lifecycle: {{delete_after: 7 d}}}}]}}
  hourly: {{rules: [{{rule_name: r, target_vault: local, every: 1 h, lifecycle: {{delete_after: 7 d}}}}]}}
strategies: {{s: {{backup: {backup}, replication: {replication}}}}}
disruptions: {{bad: {{kind: corruption{target}}}}}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
"""

ALL = {"shop.db", "shop.files", "desk.db", "desk.stack", "desk.stack.data"}


def checked(
    backup: str = "daily", replication: str = "{}", target: str = ""
) -> tuple[Scenario | None, tuple[Problem, ...], tuple[Problem, ...]]:
    """Return a scenario with these selectors, its errors and its warnings."""
    target = f", target: {target}" if target else ""
    return check_text(ESTATE.format(backup=backup, replication=replication, target=target))


def plans(backup: str) -> dict[str, list[str]]:
    """Return the plans that each resource has; checks, engine and what a dump loads to agree."""
    scenario, errors, _ = checked(backup)
    assert errors == ()
    assert scenario is not None
    strategy = scenario.strategies["s"]
    found = {name: list(strategy.plans_of(*s.selectable)) for name, s in subjects(scenario).items()}
    again = read_scenario(dump_scenario(scenario))
    assert again == scenario
    assert {n: list(again.strategies["s"].plans_of(*s.selectable)) for n, s in subjects(again).items()} == found
    world = build_world(scenario, "s")
    streamed = {world.resources[world.members[stream.member].resource].name for stream in world.streams}
    assert streamed <= {name for name, each in found.items() if each}
    return {name: each for name, each in found.items() if each}


@pytest.mark.parametrize(
    ("backup", "selected"),
    [
        ("{tag:team=payments: daily}", {"shop.db"}),
        ("{tag:team=media: daily}", {"shop.files"}),
        ("{tag:tier=1: daily}", {"shop.files"}),
        ("{tag:Team=ops: daily}", {"desk.stack", "desk.stack.data"}),
        ("{'tag: team = payments': daily}", {"shop.db"}),
        ("{'*': daily, '!shop.db': []}", ALL - {"shop.db"}),
        ("{'*': daily, '!shop.db': null}", ALL - {"shop.db"}),
        ("{'*': daily, '! shop.db': []}", ALL - {"shop.db"}),
        ("{'!shop.db': [], '*': daily}", ALL - {"shop.db"}),
        ("{'*': daily, '!shop.*': []}", ALL - {"shop.db", "shop.files"}),
        ("{'*': daily, '!type:RDS': []}", ALL - {"shop.db", "desk.db"}),
        ("{'*': daily, '!type:Amazon RDS': []}", ALL - {"shop.db", "desk.db"}),
        ("{'*': daily, '!tag:team=media': []}", ALL - {"shop.files"}),
        ("{'*': daily, '!desk.stack': []}", ALL - {"desk.stack", "desk.stack.data"}),
        ("{'*': daily, '!desk.stack.*': []}", ALL - {"desk.stack.data"}),
        # however near the other selector is
        ("{'shop.*': daily, '!type:RDS': []}", {"shop.files"}),
        ("{'type:RDS': daily, '!shop.*': []}", {"desk.db"}),
        ("{'*': daily, '!shop.db': [], '!desk.db': []}", ALL - {"shop.db", "desk.db"}),
        ("{'!shop.db': []}", set()),
        ("{'*': []}", set()),
        ("[]", set()),
        ("{}", set()),
        ("{'*': [], shop.db: daily}", {"shop.db"}),
        ("{'*': daily, shop.db: []}", ALL),
    ],
)
def test_who_is_protected(backup: str, selected: set[str]) -> None:
    """Tags select by key and value, what is excluded gets nothing, an empty list adds nothing."""
    assert set(plans(backup)) == selected


def test_all_that_match_apply_but_for_what_is_excluded() -> None:
    """A resource has the plans of all its selectors, each once, in the order written."""
    found = plans("{'*': daily, tag:team=payments: [hourly, daily], '!desk.*': []}")
    assert found == {"shop.db": ["daily", "hourly"], "shop.files": ["daily"]}


@pytest.mark.parametrize(
    ("backup", "check", "parts"),
    [
        ("{'tag:team=payment': daily}", "unmatched-selector", ("did you mean `tag:team=payments`?",)),
        ("{'tag:Team=payments': daily}", "unmatched-selector", ("tag:Team=ops",)),
        ("{'tag:team': daily}", "unmatched-selector", ("tag:team=media", "tag:team=payments")),
        ("{'tag:taem=media': daily}", "unmatched-selector", ("did you mean `tag:team=media`?",)),
        ("{'type:EC2': daily}", "unmatched-selector", ("type:RDS",)),
        ("{'*': daily, '!shop.dbs': []}", "unmatched-selector", ('did you mean `"!shop.db"`?',)),
        ("{'*': daily, '!shop': []}", "unmatched-selector", ('did you mean `"!shop.*"`?',)),
        ("{'*': daily, '!!shop.db': []}", "unmatched-selector", ('`"!shop.db"`',)),
        ("{'*': daily, '!type:RSD': []}", "unknown-type", ("`RDS`",)),
        ("{'*': daily, '!shop.db': daily}", "exclusion-with-value", ('"!shop.db": []',)),
        ("{shop.db: daily, '!shop.db': []}", "excluded-selector", ("shop.db",)),
        ("{shop.db: daily, '!shop.*': []}", "excluded-selector", ("shop.db",)),
        ("{'*': daily, '!*': []}", "excluded-selector", ("!*",)),
        ("{'*': null}", "wrong-kind", ("`[]`",)),
        ("{'*': daily, shop.db: {}}", "wrong-kind", ("`[]`",)),
        ("{'*': daily, shop.db: [[daily]]}", "wrong-kind", ("`[]`",)),
        ("null", "wrong-kind", ("`[]`",)),
    ],
)
def test_selectors_that_are_refused(backup: str, check: str, parts: tuple[str, ...]) -> None:
    """What selects nothing, excludes all or says two things is refused with what is likely meant."""
    _, errors, _ = checked(backup)
    assert {error.check for error in errors} == {check}
    assert all(part in errors[0].repair for part in parts)


def test_tags_that_nothing_has() -> None:
    """Where nothing has tags the repair says how to write them."""
    text = ESTATE.format(backup="{'tag:env=prod': daily}", replication="{}", target="")
    for tags in ("    tags: {team: payments}\n", ", tags: {team: media, tier: 1}", "tags: {Team: ops}, "):
        text = text.replace(tags, "")
    (error,) = check_text(text)[1]
    assert "write `tags: {env: prod}`" in error.repair


@pytest.mark.parametrize(
    ("selector", "repair"),
    [
        ("web", "write the `resources` of web"),
        ("web.*", "write the `resources` of web"),
        ("type:RDS", "write resources of the type"),
        ("tag:a=b", "nothing has tags"),
    ],
)
def test_where_nothing_can_be_selected(selector: str, repair: str) -> None:
    """Of applications without resources no selector is offered: it would select nothing either."""
    text = (
        "sites: {home: {region: us-east-1, account: a}}\napplications: {web: {site: home}}\n"
        f"backup_plans: {{p: {{rules: [{{rule_name: r, target_vault: local}}]}}}}\nvaults: {{local: {{}}}}\n"
        f'strategies: {{s: {{backup: {{"{selector}": p}}}}}}\ndisruptions: {{d: {{kind: resource-loss}}}}\n'
    )
    (problem,) = check_text(text)[1]
    assert repair in problem.repair


@pytest.mark.parametrize(
    ("replication", "features"),
    [
        ("{'*': {feature: point-in-time recovery}, '!shop.db': []}", {"desk.db"}),
        ("{'type:RDS': {feature: point-in-time recovery}, '!shop.db': null}", {"desk.db"}),
        ("{'tag:team=payments': {feature: point-in-time recovery}}", {"shop.db"}),
        ("{'type:RDS': {feature: point-in-time recovery}, '!tag:team=payments': {}}", {"desk.db"}),
    ],
)
def test_replication_goes_by_the_same_selectors(replication: str, features: set[str]) -> None:
    """What is excluded is not replicated, and what it says survives a dump."""
    feature = next(name for name in load_catalogue().types["RDS"].replication if "snapshots" in name or "auto" in name)
    text = replication.replace("point-in-time recovery", feature).replace("'*'", "'type:RDS'")
    scenario, errors, _ = checked("daily", text)
    assert errors == ()
    assert scenario is not None
    found = {
        name
        for name, s in subjects(scenario).items()
        if nearest(scenario.strategies["s"].replication, *s.selectable) is not None
    }
    assert found == features
    assert read_scenario(dump_scenario(scenario)) == scenario


@pytest.mark.parametrize(
    ("backup", "check"),
    [
        ("{'shop.*': daily, '!shop.db': [], '!shop.files': []}", "excluded-selector"),
        ("{'*': daily, '!*': []}", "excluded-selector"),
        ("{'*': daily, '!shop.db': [daily, hourly]}", "exclusion-with-value"),
        ("{'*': daily, 'tag:team=payments': []}", "none-overruled"),
    ],
)
def test_repairs_of_selectors_work(backup: str, check: str) -> None:
    """What is told of a selector is gone once the repair is made."""
    text = ESTATE.format(backup=backup, replication="{}", target="")
    _, errors, warnings = check_text(text)
    (problem,) = [each for each in (*errors, *warnings) if each.check == check]
    repaired = edited(text, as_changes(problem.edits))
    scenario, errors, warnings = check_text(repaired)
    assert scenario is not None
    assert check not in {each.check for each in (*errors, *warnings)}


def test_all_that_exclude_are_named() -> None:
    """Where several selectors leave nothing of another one only together, each is told."""
    (error,) = checked("{'shop.*': daily, '!shop.db': [], '!shop.files': []}")[1]
    assert "`!shop.db`, `!shop.files`" in error.found


@pytest.mark.parametrize("written", ["' !shop.db'", "'! shop.db'"])
def test_a_selector_written_in_other_words_is_advised_on(written: str) -> None:
    """Where a change cannot be made by the name as it is read, it is told in words."""
    (error,) = checked(f"{{'*': daily, {written}: daily}}")[1]
    assert error.check == "exclusion-with-value"
    assert '"!shop.db": []' in error.repair


@pytest.mark.parametrize("replication", ["{'type:RDS': []}", "{'type:RDS': {}}", "{'*': null}"])
def test_what_names_no_feature_is_left_out(replication: str) -> None:
    """Its repair loads."""
    text = ESTATE.format(backup="daily", replication=replication, target="")
    (error,) = check_text(text)[1]
    assert error.edits
    assert check_text(edited(text, as_changes(error.edits)))[1] == ()


ODD = [
    *("", "=", "a", "a=", "=b", "a=b=c", "日=本", "%s={}", "`a`=`b`", "*=*", "!=!", "tag:a=b", "İ=K", "🙂=🙂"),
    *("\x1b[31m=x", "\u202e=x", "a=\u2028", "x" * 100_000 + "=y", "y" * 100_000),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("form", ["tag:{}", "!tag:{}", "type:{}", "!!tag:{}", "shop.{}"])
def test_odd_selectors_are_refused(form: str, odd: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a selector says, the answer is a message that can be printed, and exit code 2."""
    text = ESTATE.format(backup="{'*': daily, ODD: daily}", replication="{}", target="")
    file = tmp_path / "odd.yaml"
    file.write_text(text.replace("ODD", json.dumps(form.format(odd))), encoding="utf-8")
    assert main(["check", str(file)]) == 2
    said = "".join(capsys.readouterr())
    assert "odd.yaml" in said
    assert len(said) < 20_000
    assert all(character.isprintable() or character == "\n" for character in said)


def test_very_many_exclamation_marks_are_two_too_many() -> None:
    """However many there are, they are told as such."""
    (error,) = checked(target=f"'{'! ' * 5000}shop.db'")[1]
    assert "begins with two `!`" in error.found
    assert matches("!!shop.db", "shop.db", "RDS")
    assert not matches("!!!shop.db", "shop.db", "RDS")


@pytest.mark.parametrize(
    ("replication", "part"),
    [
        ("{'!shop.db': {feature: automated backups}, 'type:RDS': {feature: automated backups}}", '"!shop.db": []'),
        ("{'type:RDS': []}", '"!type:RDS": []'),
    ],
)
def test_what_excludes_from_replication_names_no_feature(replication: str, part: str) -> None:
    """Only a selector that excludes stands without a feature, and it stands so."""
    _, errors, _ = checked("daily", replication)
    assert [error.check for error in errors] == ["exclusion-with-value"]
    assert part in errors[0].repair


@pytest.mark.parametrize(
    ("target", "struck"),
    [
        ("tag:team=payments", {"shop.db"}),
        ('"!shop.db"', ALL - {"shop.db"}),
        ('"!type:RDS"', ALL - {"shop.db", "desk.db"}),
        ('"!desk.*"', {"shop.db", "shop.files"}),
    ],
)
def test_targets_of_disruptions(target: str, struck: set[str]) -> None:
    """A disruption strikes what has the tag, or everything but what is excluded."""
    scenario, errors, _ = checked(target=target)
    assert errors == ()
    assert scenario is not None
    written = str(scenario.disruptions["bad"].target)
    assert {name for name, s in subjects(scenario).items() if matches(written, *s.selectable)} == struck
    units = build_world(scenario, "s").disruptions["bad"].units
    assert {unit.name for unit in units} <= struck


def test_a_target_leaves_something() -> None:
    """A target that excludes everything strikes nothing, and is refused."""
    assert [error.check for error in checked(target='"!*"')[1]] == ["unmatched-selector"]


@pytest.mark.parametrize(
    ("backup", "warned"),
    [
        ("{'*': daily, shop.db: []}", 1),
        ("{'*': [], shop.db: daily}", 0),
        ("{'*': daily, shop.db: [hourly]}", 0),
        ("{shop.db: [], desk.*: daily}", 0),
        ("{'*': daily, '!shop.db': []}", 0),
        ("[]", 0),
    ],
)
def test_an_empty_list_takes_nothing_away(backup: str, warned: int) -> None:
    """`[]` under a broader plan is warned of with what excludes, which works; elsewhere it is silent."""
    _, errors, warnings = checked(backup)
    assert errors == ()
    found = [problem for problem in warnings if problem.check == "none-overruled"]
    assert len(found) == warned
    for problem in found:
        assert '"!shop.db": []' in problem.repair


def test_what_is_excluded_counts_as_unprotected() -> None:
    """No plan is no protection, however clearly it is said."""
    _, _, warnings = checked("{'*': daily, '!shop.db': []}")
    (found,) = [problem.found for problem in warnings if problem.check == "unprotected"]
    assert found.startswith("nothing protects shop.db")


@pytest.mark.parametrize(
    ("tags", "ok"),
    [
        ("{a: b}", True),
        ("{a: 1, c: true, d: 1.5}", True),
        ("{a: ''}", True),
        ("{'k e y': 'v v'}", True),
        ("{'a=b': c}", False),
        ("{a: null}", False),
        ("{a: [b]}", False),
        ("[a]", False),
        (f"{{{'k' * 128}: {'v' * 256}}}", True),
        (f"{{{'k' * 129}: v}}", False),
        (f"{{k: {'v' * 257}}}", False),
    ],
)
def test_tags_as_aws_takes_them(tags: str, ok: bool) -> None:  # noqa: FBT001  a column of the table
    """Keys have up to 128 characters, values up to 256; numbers and yes or no are their text."""
    text = ESTATE.format(backup="daily", replication="{}", target="").replace("{team: payments}", tags)
    assert (check_text(text)[1] == ()) is ok


def test_the_first_that_excludes_is_enough() -> None:
    """Whatever stands before or after it, what excludes leaves nothing."""
    assert applying(["*", "a.*", "!a.db", "a.db"], "a.db", "RDS") == ()
    assert applying(["*", "a.*", "!a.db", "a.db"], "a.web", "EC2") == ("*", "a.*")
    assert nearest(["*", "type:RDS", "tag:k=v", "a.*", "!b.*"], "a.db", "RDS", {"k": "v"}) == "a.*"
    assert nearest(["*", "type:RDS", "tag:k=v"], "a.db", "RDS", {"k": "v"}) == "tag:k=v"
    assert nearest(["*", "!*"], "a.db", "RDS") is None


@pytest.mark.parametrize(
    "line",
    [
        "      !shop.db: []",
        "      ! shop.db: []",
        "      !shop.*: []",
        "      !type:RDS: []",
        "      !tag:team=payments: []",
        "      !shop.db:",
        "      !shop.db :\n        - daily",
    ],
)
def test_what_begins_with_an_exclamation_mark_needs_quotes(line: str) -> None:
    """Without quotes it is a tag to YAML: the message names it, at its line, and its repair loads."""
    text = ESTATE.format(backup="\n      '*': daily\nHERE", replication="{}", target="")
    text = text.replace("{s: {backup: ", "\n  s:\n    backup: ").replace("HERE, replication: {}}}", line)
    (error,) = check_text(text)[1]
    number = text.splitlines().index(line.splitlines()[0]) + 1
    word = (
        line.split(":" if "type:" not in line and "tag:" not in line else ": []", maxsplit=1)[0]
        .strip()
        .replace(" ", "")
    )
    assert (error.check, error.line) == ("yaml-tag", number)
    assert f'write "{word}" in quotes' in error.repair
    right = text.replace(line, f'      "{word}": []')
    assert check_text(right)[1] == ()


@pytest.mark.parametrize(
    ("selectors", "near"),
    [
        ('"*": daily, "!nope.q": daily', None),
        ('"*": daily, "!shp.db": daily', "shop.db"),
        ('"*": daily, "!type:S3": daily', None),
        ('"*": daily, "!tag:team=nobody": daily', None),
        ('"*": daily, "!dsk.*": daily', "desk.*"),
    ],
)
def test_advice_on_what_excludes_nothing_selects_something(selectors: str, near: str | None) -> None:
    """A selector that selects nothing is not offered again without its value, and keeps its mark."""
    _, errors, _ = checked(f"{{{selectors}}}")
    valued, unmatched = sorted(errors, key=lambda each: each.check)
    assert (valued.check, unmatched.check) == ("exclusion-with-value", "unmatched-selector")
    if near is None:
        assert valued.repair == "remove it, which selects nothing"
        assert "did you mean" not in unmatched.repair
    else:
        assert valued.repair == f'write `"!{near}": []`, or `{near}` to give it the plan'
        assert unmatched.repair == f'did you mean `"!{near}"`?'
        assert checked(f'{{"*": daily, "!{near}": []}}')[1] == ()


def test_advice_on_a_feature_that_is_left_out_selects_something() -> None:
    """The same of replications, with a feature and without."""
    for selectors in ('"!nope.q": {feature: pitr}', "nope.q: []"):
        _, errors, _ = checked("daily", f"{{{selectors}}}")
        assert "remove it, which selects nothing" in {error.repair for error in errors}
    _, errors, _ = checked("daily", "{shp.db: []}")
    assert "give `shop.db` a feature, or remove it, which selects nothing" in {error.repair for error in errors}


@pytest.mark.parametrize("line", ["      *: daily", "      *.db: daily", "      {*: daily}"])
def test_a_star_needs_quotes(line: str) -> None:
    """Without quotes it is an alias to YAML."""
    text = ESTATE.format(backup=f"\n{line}\n", replication="{}", target="").replace("{s: {backup: ", "{s: {backup: ")
    text = text.replace("{s: {backup: ", "\n  s:\n    backup: ").replace(", replication: {}}}", "")
    (error,) = check_text(text)[1]
    assert error.check == "yaml-syntax"
    assert "in quotes" in error.repair


def test_the_schema_knows_what_excludes() -> None:
    """By the JSON schema too nothing stands beside a selector that excludes, for plans and for replication."""
    strategy: Any = scenario_schema()["$defs"]["Strategy"]  # type: ignore[index, call-overload]  # plain data
    (mapping,) = [form for form in strategy["properties"]["backup"]["anyOf"] if form.get("type") == "object"]
    for form in (mapping, strategy["properties"]["replication"]):
        assert form["patternProperties"]["^!"]["anyOf"][0] == {"type": "array", "maxItems": 0}
    application: Any = scenario_schema()["$defs"]["Application"]  # type: ignore[index, call-overload]
    assert application["properties"]["tags"]["type"] == "object"


def test_edited_tables_take_selectors_along() -> None:
    """What excludes follows a new name and goes with what it named; tags and types stay as they are."""
    text = ESTATE.format(
        backup="{'*': daily, '!shop.db': [], '!desk.*': [], 'tag:team=media': hourly, '!tag:Team=ops': []}",
        replication="{}",
        target=", target: '!desk.db'",
    )
    scenario = read_scenario(text)
    apps, rows = application_rows(scenario), resource_rows(scenario)
    for row in apps:
        row["application"] = {"shop": "store"}.get(str(row["application"]), row["application"])
    for row in rows:
        row["application"] = {"shop": "store"}.get(str(row["application"]), row["application"])
        row["resource"] = {"db": "base"}.get(str(row["resource"]), row["resource"])
    found = read_scenario(with_estate(text, scenario, apps, rows))
    selectors = [selector for selector, _ in found.strategies["s"].backup]
    assert selectors == ["*", "!store.base", "!desk.*", "tag:team=media", "!tag:Team=ops"]
    assert found.disruptions["bad"].target == "!desk.base"


def test_what_is_excluded_can_be_given_a_feature_in_a_what_if() -> None:
    """A change that replicates a resource excluded until then does so, and leaves the others as they were."""
    feature = next(iter(load_catalogue().types["RDS"].replication))
    kind = load_catalogue().types["RDS"].replication[feature]
    to = ", to: far" if kind.scope == "other-site" else ""
    scenario, errors, _ = checked("daily", f"{{'type:RDS': {{feature: {feature}{to}}}, '!shop.db': []}}")
    assert errors == ()
    assert scenario is not None
    (knob,) = [each for each in knobs(scenario, "s", "bad") if each.key == "replication/shop.db"]
    assert knob.present == "none"
    value = next(option for option in knob.options if option.startswith(feature))
    changed = read_scenario(applied(scenario, "s", "bad", {knob.key: value}))
    assert set(changed.strategies["s"].features) == {"shop.db", "desk.db"}
