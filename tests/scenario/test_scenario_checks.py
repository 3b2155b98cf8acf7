"""Selectors, copies and overlaps: the rules that checks share with the rest."""

from __future__ import annotations

from datetime import date

import pytest

from drsim.catalogue import load_catalogue
from drsim.scenario import Site, can_copy, check_text, matches, nearest, specificity

HOME = Site(region="us-east-1", account="production")
RECOVERY = Site(region="us-west-2", account="production")
BUNKER = Site(region="us-west-2", account="backup")
NEIGHBOUR = Site(region="us-east-1", account="backup")


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("*", {"a.db", "a.stack", "a.stack.db", "b.db"}),
        ("a.*", {"a.db", "a.stack", "a.stack.db"}),
        ("a.db", {"a.db"}),
        ("a.stack", {"a.stack", "a.stack.db"}),
        ("a.stack.*", {"a.stack.db"}),
        ("a.stack.db", {"a.stack.db"}),
        ("type:RDS", {"a.db", "b.db"}),
        ("type:EFS", {"a.stack.db"}),
        ("a", set()),
        ("a.d", set()),
    ],
)
def test_selectors_select(selector: str, selected: set[str]) -> None:
    """A selector selects exactly the resources that its form says."""
    types = {"a.db": "RDS", "a.stack": "CloudFormation", "a.stack.db": "EFS", "b.db": "RDS"}
    assert {subject for subject, kind in types.items() if matches(selector, subject, kind)} == selected


def test_the_nearest_selector_wins() -> None:
    """All, type, application, resource, nested resource: each is nearer than the one before."""
    chain = ["*", "type:EFS", "a.*", "a.stack", "a.stack.db"]
    assert [specificity(selector) for selector in chain] == sorted({specificity(selector) for selector in chain})
    for length in range(1, len(chain) + 1):
        assert nearest(chain[:length], "a.stack.db", "EFS") == chain[length - 1]
    assert nearest(["b.*", "type:RDS"], "a.db", "EFS") is None


@pytest.mark.parametrize(
    ("kind", "target", "lock", "on", "answer"),
    [
        ("RDS", RECOVERY, "none", None, True),
        ("RDS", BUNKER, "none", None, True),
        ("RDS", BUNKER, "none", date(2025, 10, 22), False),
        ("RDS", BUNKER, "none", date(2025, 10, 23), True),
        ("RDS", NEIGHBOUR, "none", date(2025, 10, 22), True),
        ("EFS", BUNKER, "none", date(2025, 10, 22), True),
        ("Redshift", RECOVERY, "none", None, False),
        ("Redshift", HOME, "none", None, False),
        ("EFS", HOME, "none", None, True),
        ("DynamoDB without advanced features", HOME, "none", None, False),
        ("CloudFormation", NEIGHBOUR, "none", None, None),
        ("RDS", NEIGHBOUR, "air-gapped", None, False),
        ("EFS", NEIGHBOUR, "air-gapped", None, True),
    ],
)
def test_copies_that_aws_makes(kind: str, target: Site, lock: str, on: date | None, answer: bool | None) -> None:  # noqa: FBT001
    """A copy is made where the type has every capability that places, lock and date ask for."""
    assert can_copy(load_catalogue().types[kind], HOME, target, lock, on) is answer


ESTATE = """
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications: {app: {site: home, resources: {db: {type: RDS, size: 500 GB, change_rate: 4 %/day}}}}
strategies: {s: {backup: plan}}
disruptions: {lost: {kind: resource-loss}}
backup_plans:
  plan:
    rules:
"""


def rule(name: str, timing: str, window: str, kept: str) -> str:
    """Return a rule in one line."""
    return (
        f"      - {{rule_name: {name}, target_vault: local, {timing}, start_window: {window}, "
        f"lifecycle: {{delete_after: {kept}}}}}\n"
    )


def overlaps(*rules: str) -> list[str]:
    """Return what is found about overlapping rules."""
    _, errors, warnings = check_text(ESTATE + "".join(rules))
    assert errors == ()
    return [problem.found for problem in warnings if problem.check == "overlapping-rules"]


def test_overlaps_are_counted_as_in_aws_own_example() -> None:
    """Hourly runs kept a day lose 16 of 24 to the 8 h windows of a rule every 12 hours kept a week."""
    hourly = rule("A", "schedule: cron(0 * ? * * *)", "1 h", "1 d")
    twice = rule("B", "schedule: cron(0 0/12 ? * * *)", "8 h", "7 d")
    (found,) = overlaps(hourly, twice)
    assert f"{16 * 365} of {24 * 365} a year" in found


def test_windows_that_touch_do_not_overlap() -> None:
    """A start window ends before its end: the next may begin there."""
    assert (
        overlaps(rule("A", "every: 2 h", "1 h", "1 d"), rule("B", "schedule: cron(0 1/2 ? * * *)", "1 h", "7 d")) == []
    )


def test_equal_retention_keeps_the_rule_written_first() -> None:
    """Of two rules that keep equally long, the second is the one suppressed."""
    (found,) = overlaps(rule("A", "every: 24 h", "1 h", "7 d"), rule("B", "every: 48 h", "1 h", "7 d"))
    assert found.startswith("start windows of `B` and `A` overlap, 183 of 183")


@pytest.mark.parametrize(
    ("after", "cycle"),
    [({"a": "b", "b": "a"}, True), ({"a": "b", "b": "c", "c": "a"}, True), ({"a": "a"}, True), ({"a": "b"}, False)],
)
def test_cycles_among_applications_and_resources(after: dict[str, str], *, cycle: bool) -> None:
    """What waits for itself, directly or round about, is refused, for resources as for applications."""
    lines = {n: f"after: [{after[n]}]" if n in after else "after: []" for n in "abc"}
    resources = ", ".join(f"{n}: {{type: EFS, size: 1 GB, {text}}}" for n, text in lines.items())
    inside = ESTATE.replace("{db: {type: RDS, size: 500 GB, change_rate: 4 %/day}}", f"{{{resources}}}")
    applications = ", ".join(f"{n}: {{site: home, {text}}}" for n, text in lines.items())
    among = ESTATE.replace("applications: {app:", f"applications: {{{applications}, app:")
    for text in (inside, among):
        _, errors, _ = check_text(text + rule("r", "every: 24 h", "1 h", "7 d"))
        assert [error.check for error in errors] == (["dependency-cycle"] if cycle else [])


def test_a_cycle_may_go_through_a_step() -> None:
    """Steps are part of the same graph as resources."""
    text = ESTATE.replace("4 %/day}", "4 %/day, after: [net]}").replace(
        "{site: home, res", "{site: home, steps: {net: {duration: 1 h, after: [db]}}, res"
    )
    _, errors, _ = check_text(text + rule("r", "every: 24 h", "1 h", "7 d"))
    assert [error.check for error in errors] == ["dependency-cycle"]
    assert "net after db after net" in errors[0].found or "db after net after db" in errors[0].found


def test_what_if_intervals_are_not_bound_by_aws() -> None:
    """With `every`, short intervals, windows and retentions go."""
    _, errors, _ = check_text(ESTATE + rule("r", "every: 15 min", "5 min", "6 h"))
    assert errors == ()


def test_a_chained_copy_keeps_its_source_s_lifecycle() -> None:
    """A copy that names no lifecycle has that of the copy it is made from, and its vault's lock is held against it."""
    vaults = (
        "vaults: {local: {site: home}, middle: {site: home}, last: {site: home, lock: compliance, max_retention: 9 d}}"
    )
    chain = (
        "copy_actions: [{destination_vault: middle, lifecycle: {delete_after: 8 d}, then: [{destination_vault: last}]}]"
    )
    text = ESTATE.replace("vaults: {local: {site: home}}", vaults)
    for kept, warned in (("8 d", False), ("10 d", True)):
        actions = chain.replace("8 d", kept)
        one = rule("r", "every: 24 h", "1 h", "30 d").replace("{rule_name", f"{{{actions}, rule_name")
        _, errors, warnings = check_text(text + one)
        assert errors == ()
        assert ("lock-retention" in {problem.check for problem in warnings}) is warned
