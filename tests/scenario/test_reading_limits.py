"""Files that are too large, too deep, endless, or no files; and names that cannot be printed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drsim.errors import Problem
from drsim.scenario import check_scenario, check_text
from drsim.scenario.shape import MOST_ALIKE, MOST_UNKNOWN
from drsim.scenario.source import MAX_BYTES
from drsim.scenario.yaml_events import MAX_NODES
from drsim.text import unprintable

SMALL = """
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {app: {site: home, resources: {db: {type: EBS, size: 500 GB}}}}
strategies: {s: {backup: plan}}
disruptions: {lost: {kind: resource-loss}}
"""
PLAN = "backup_plans: {plan: {rules: [{rule_name: daily, target_vault: local, every: 1 d}]}}\n"


def errors_of(text: str | bytes) -> tuple[Problem, ...]:
    """Return the errors of a text."""
    return check_text(text)[1]


def test_very_many_unknown_keys_are_counted_before_all_are_read() -> None:
    """The first twenty are named, with how many there are, even where the file is larger than what is read."""
    errors = errors_of("".join(f"k{i}: 1\n" for i in range(200_000)))
    assert [error.check for error in errors] == ["unknown-key"]
    assert "200,000" in errors[0].found
    assert "`k19`" in errors[0].found
    assert "`k20`" not in errors[0].found
    assert "applications" in errors[0].repair


def test_unknown_keys_of_a_mapping_are_listed_up_to_twenty() -> None:
    """Of 1,000 keys in one mapping twenty are told, in order, and the count; another mapping has its own."""
    keys = ", ".join(f"k{i}: 1" for i in range(1000))
    errors = errors_of(f"{SMALL}{PLAN}response: {{{keys}}}\nlimits: {{kx: 1}}\n")
    assert {error.check for error in errors} == {"unknown-key"}
    assert len(errors) == MOST_UNKNOWN + 2
    assert sum("1,000" in error.found for error in errors) == 1
    assert any("`response.k0`" in error.found for error in errors)
    assert any("`limits.kx`" in error.found for error in errors)


def test_problems_of_one_kind_are_told_up_to_a_number() -> None:
    """Of very many wrong values two hundred are told, and how many more there are."""
    sites = ", ".join(f"s{i}: 5" for i in range(1000))
    errors = errors_of(f"{SMALL}{PLAN}".replace("sites: {", f"sites: {{{sites}, "))
    assert len(errors) == MOST_ALIKE + 1
    assert any("800 more" in error.found for error in errors)


def test_long_values_are_cut_in_every_message() -> None:
    """A value, a key and a name of a megabyte each make short messages."""
    long = "x" * 1_000_000
    text = f"{SMALL}{PLAN}horizon: {long}\n{long[:900]}: 1\nstart: '{long}'\nresponse: {{detect: '{long}'}}\n"
    errors = errors_of(text.replace("site: home, resources", f"site: {long}, resources"))
    assert len(errors) >= 4
    assert all(len(str(error)) < 4500 for error in errors)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("[" * 4_000_000, "too-deep"),
        ("- " * 2_000_000, "too-deep"),
        ("a: [" + "1," * MAX_NODES + "]", "too-many-values"),
        ("a0: &a0 [x,x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1},*a{i - 1}]\n" for i in range(1, 30)), "too-many-values"),
        ("#" * 4_000_000, "empty-file"),
        ("a: !" + "x" * 4_000_000, "yaml-tag"),
        ("x" * (MAX_BYTES + 1), "file-too-large"),
    ],
)
def test_what_would_take_long_is_refused(text: str, check: str) -> None:
    """Depth, numbers, aliases and bytes have ends, and one problem says which."""
    errors = errors_of(text)
    assert [error.check for error in errors] == [check]
    assert len(str(errors[0])) < 1000


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A device, a pipe and a folder are refused at once, as scenario and as plan document."""
    os.mkfifo(pipe := tmp_path / "pipe")
    for path in (Path("/dev/zero"), pipe, tmp_path):
        assert [error.check for error in check_scenario(path)[1]] == ["unreadable-file"]
        scenario = tmp_path / "scenario.yaml"
        scenario.write_text(f"{SMALL}backup_plans: {{plan: {{file: {path}}}}}\n", encoding="utf-8")
        assert [error.check for error in check_scenario(scenario)[1]] == ["plan-file-unreadable"]


@pytest.mark.parametrize(
    ("content", "check"),
    [
        (b'{"Rules": [' + b"[" * 100_000, "plan-file-invalid"),
        (b'{"Rules": [' + b"1," * MAX_NODES + b"1]}", "plan-file-invalid"),
        (b"\x00" * 100, "binary-file"),
        (b'{"Rules": "\xff"}', "not-utf-8"),
        (b" " * (MAX_BYTES + 1), "plan-file-unreadable"),
    ],
)
def test_plan_documents_have_the_same_limits(content: bytes, check: str, tmp_path: Path) -> None:
    """What a scenario may not be a plan document may not either."""
    (tmp_path / "plan.json").write_bytes(content)
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(f"{SMALL}backup_plans: {{plan: {{file: plan.json}}}}\n", encoding="utf-8")
    assert {error.check for error in check_scenario(scenario)[1]} == {check}


def test_halves_of_characters_in_a_plan_document_make_a_whole(tmp_path: Path) -> None:
    """JSON writes characters beyond 65,536 in two halves; a half alone is refused."""
    plan = '{"BackupPlanName": "\\ud83d\\ude00", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "local"}]}'
    (tmp_path / "plan.json").write_text(plan, encoding="utf-8")
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(f"{SMALL}backup_plans: {{plan: {{file: plan.json}}}}\n", encoding="utf-8")
    assert check_scenario(scenario)[1] == ()
    (tmp_path / "plan.json").write_text(plan.replace("\\ude00", ""), encoding="utf-8")
    assert [error.check for error in check_scenario(scenario)[1]] == ["plan-file-invalid"]


def test_line_ends_and_marks_of_order_change_nothing() -> None:
    """A byte order mark and Windows' line ends are read as if they were not there."""
    plain = check_text(SMALL + PLAN)
    assert plain[1] == ()
    assert check_text(b"\xef\xbb\xbf" + (SMALL + PLAN).replace("\n", "\r\n").encode())[0] == plain[0]


@pytest.mark.parametrize("odd", [r"\e[31m", r"\x9b", r"\u202e", r"\u200b", r"\x00", r"\n", r"\u2028", r"\x7f"])
def test_names_and_values_can_be_printed(odd: str) -> None:
    """A name, a key, a reference and the scenario's own name are refused with the character, and the repair works."""
    text = f'{SMALL}{PLAN}name: "n{odd}x"\n'.replace("app:", f'"app{odd}x":').replace("production", f'"p{odd}x"')
    errors = errors_of(text)
    assert [error.check for error in errors] == ["unprintable"] * 3
    assert all("U+" in error.found and unprintable(str(error), "\n") is None for error in errors)
    assert errors_of(text.replace(odd, "-")) == ()


def test_a_half_of_a_character_is_refused_by_its_line() -> None:
    """A lone surrogate, escaped or in the text itself, is no name, and never another exception."""
    escaped = errors_of((SMALL + PLAN).replace("app:", r'"a\ud800":'))
    assert [(error.check, error.line) for error in escaped] == [("yaml-syntax", 4)]
    assert "half" in escaped[0].repair
    assert [error.check for error in errors_of((SMALL + PLAN).replace("app:", "a\ud800:"))] == ["not-utf-8"]


def test_descriptions_may_have_lines() -> None:
    """Lines and tabs stay in a description; escapes of a terminal do not."""
    scenario, errors, _ = check_text(f'{SMALL}{PLAN}description: "one\\n\\ttwo"\n')
    assert errors == ()
    assert scenario is not None
    assert scenario.description == "one\n\ttwo"
    assert [error.check for error in errors_of(f'{SMALL}{PLAN}description: "\\e[2J"\n')] == ["unprintable"]


@pytest.mark.parametrize(
    ("old", "new", "right"),
    [
        ("500 GB", "５００ GB", "500 GB"),
        ("500 GB", "500\u00a0GB", "500 GB"),
        ("500 GB", "500‐GB", "500 GB"),
        ("type: EBS", "type: ＥＢＳ", "EBS"),
        ("kind: resource-loss", "kind: resource–loss", "resource-loss"),
        ("every: 1 d", "every: 1−d", "1 d"),
        ("every: 1 d", "schedule: cron(0 5 ? *\u00a0* *)", "cron(0 5 ? * * *)"),
        ("size:", "ｓize:", "size"),
    ],
)
def test_what_only_looks_right_is_named_with_its_repair(old: str, new: str, right: str) -> None:
    """Wherever a check refuses a value with full-width digits or dashes, it names the character."""
    errors = errors_of((SMALL + PLAN).replace(old, new))
    named = [error for error in errors if "U+" in f"{error.found}{error.rule}"]
    assert len(named) == 1, errors
    assert right in f"{named[0].rule}{named[0].repair}"


@pytest.mark.parametrize("merge", ["<<: [1, 2]", "<<: 5", "<<: text", "<<: [[]]"])
def test_merge_keys_bring_in_mappings(merge: str) -> None:
    """Anything else is named, at the line of the merge key."""
    errors = errors_of(f"{SMALL}{PLAN}{merge}\n")
    assert [(error.check, error.line) for error in errors] == [("merge-key", 8)]


def test_how_much_is_too_much_is_no_contradiction(tmp_path: Path) -> None:
    """One byte too many is seen in both numbers; of what is read from a pipe nobody knows how much there is."""
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    _, (error,), _ = check_scenario(path)
    assert "5,000,001 bytes" in error.found
    assert "at most 5,000,000 bytes" in error.rule
    (error,) = errors_of(b"#" * (MAX_BYTES + 1))
    assert "more than 5,000,000 bytes" in error.found
