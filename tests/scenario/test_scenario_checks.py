"""Selectors, copies and overlaps: the rules that checks share with the rest."""

from __future__ import annotations

import re
from datetime import date

import pytest

from drsim.catalogue import load_catalogue
from drsim.errors import Problem
from drsim.scenario import Lifecycle, Rule, Site, can_copy, check_text, matches, nearest, specificity
from drsim.scenario.capabilities import closest_starts, has_archive, moves_to_cold

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
        ("Aurora", RECOVERY, "air-gapped", date(2026, 2, 11), False),
        ("DocumentDB", RECOVERY, "air-gapped", date(2026, 2, 12), True),
        ("Neptune", RECOVERY, "air-gapped", None, True),
        ("Aurora", NEIGHBOUR, "air-gapped", date(2026, 2, 11), True),
        ("Aurora", RECOVERY, "none", date(2026, 2, 11), True),
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


def test_what_is_left_is_of_the_whole_plan() -> None:
    """Where two rules are in the way of a third one, what is left of it is what neither of them takes."""
    at = "schedule: cron(0 {} ? * * *)"
    rules = (
        rule("A", at.format("0/12"), "1 h", "5 d"),
        rule("B", at.format("0"), "1 h", "10 d"),
        rule("C", at.format("12"), "1 h", "20 d"),
    )
    _, _, warnings = check_text(ESTATE + "".join(rules))
    said = [problem for problem in warnings if problem.check == "overlapping-rules"]
    assert ["365 of 730 a year" in problem.found for problem in said] == [True, True]
    assert all("none a year are left, the plan's other rules counted in" in problem.rule for problem in said)


def test_what_is_not_made_is_in_nobody_s_way() -> None:
    """A rule whose runs are all suppressed suppresses none: neither `B` those of `A`, nor `A` those of `D`."""
    at = "schedule: cron({} 0 ? * * *)"
    rules = (
        rule("A", at.format("0"), "60 min", "5 d"),
        rule("B", at.format("30"), "60 min", "10 d"),
        rule("C", at.format("59"), "60 min", "20 d"),
        rule("D", "schedule: cron(10 23 ? * * *)", "60 min", "3 d"),
    )
    said = overlaps(*rules)
    assert [each.split(" overlap")[0] for each in said] == [
        "start windows of `A` and `C`",
        "start windows of `B` and `C`",
    ]


@pytest.mark.parametrize(
    ("ways", "cycle"),
    [
        ({"a": "requires: [b]", "b": "requires: [a]"}, "a requires b requires a"),
        ({"a": "requires: [b]", "b": "after: [c]", "c": "requires: [a]"}, "a requires b after c requires a"),
        ({"a": "requires: [a]"}, "a requires a"),
        ({"a": "requires: [b], after: [b]"}, ""),
    ],
)
def test_cycles_through_what_applications_require(ways: dict[str, str], cycle: str) -> None:
    """What an application requires comes before it, too: a way round through both keys is refused, at its key."""
    lines = ", ".join(f"{n}: {{site: home, {ways.get(n, 'after: []')}}}" for n in "abc")
    text = ESTATE.replace("applications: {app:", f"applications: {{{lines}, app:")
    _, errors, _ = check_text(text + rule("r", "every: 24 h", "1 h", "7 d"))
    assert [error.check for error in errors] == ["dependency-cycle"] * bool(cycle)
    for error in errors:
        # it may be told from any application on
        names, keys = error.found.split()[::2], error.found.split()[1::2]
        assert sorted(zip(names, keys, names[1:], strict=False)) == sorted(
            zip(cycle.split()[::2], cycle.split()[1::2], cycle.split()[2::2], strict=False)
        )


def test_what_an_application_requires_exists() -> None:
    """An application that nobody declared is told, with the nearest name."""
    text = ESTATE.replace("{app: {site: home, res", "{mail: {site: home}, app: {site: home, requires: [mial], res")
    _, errors, _ = check_text(text + rule("r", "every: 24 h", "1 h", "7 d"))
    assert [(error.check, error.repair) for error in errors] == [("unknown-application", "did you mean `mail`?")]


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


@pytest.mark.parametrize(
    ("timing", "days"),
    [
        ({"schedule": "cron(0 5 ? * * *)"}, 1),
        ({"schedule": "cron(0 0/12 ? * * *)"}, 0.5),
        ({"schedule": "cron(0 1,22 ? * MON *)"}, 21 / 24),
        ({"schedule": "cron(0 5 1 * ? *)"}, 28),
        ({"schedule": "cron(0 5 L * ? *)"}, 28),
        ({"schedule": "cron(0 5 LW * ? *)"}, 28),
        ({"schedule": "cron(0 5 ? * SUN#1 *)", "schedule_timezone": "America/New_York"}, 28),
        ({"schedule": "cron(0 5 1,28 * ? *)"}, 1),
        ({"schedule": "cron(0 5 29 * ? *)"}, 29),
        ({"schedule": "cron(0 5 1 1 ? *)"}, 365),
        ({"schedule": "cron(0 5 31 2 ? *)"}, float("inf")),
        ({"every": "28 d"}, 28),
        ({"every": "671 h"}, 671 / 24),
    ],
)
def test_the_closest_starts_of_a_rule(timing: dict[str, str], days: float) -> None:
    """Starts are as far apart as the calendar of their time zone says, whatever its clocks do, in any year."""
    made = Rule.model_validate({"rule_name": "r", "target_vault": "v", **timing})
    assert closest_starts(made) == pytest.approx(days)


@pytest.mark.parametrize(
    ("kind", "schedule", "opted", "moves"),
    [
        ("EBS", "cron(0 5 1 * ? *)", True, True),
        ("EBS", "cron(0 5 1 * ? *)", False, False),
        ("EBS", "cron(0 5 ? * SUN *)", True, False),
        ("EFS", "cron(0 5 ? * SUN *)", False, True),
        ("RDS", "cron(0 5 1 * ? *)", True, False),
    ],
)
def test_points_that_move_to_cold(kind: str, schedule: str, *, opted: bool, moves: bool) -> None:
    """EBS points move with the opt-in and from rare rules only, those of managed cold storage always, others never."""
    life = Lifecycle.model_validate({"cold_storage_after": "30 d", "opt_in_to_archive": opted})
    made = Rule(rule_name="r", target_vault="v", schedule=schedule)
    assert moves_to_cold(load_catalogue().types[kind], made, life) is moves
    assert not moves_to_cold(load_catalogue().types[kind], made, Lifecycle(opt_in_to_archive=opted))


def test_types_that_move_to_cold_without_asking() -> None:
    """Of the types with cold storage EBS alone asks for an opt-in; before it had any, nothing moved."""
    life = Lifecycle.model_validate({"cold_storage_after": "30 d"})
    made = Rule(rule_name="r", target_vault="v")
    types = load_catalogue().types
    moving = {name for name, kind in types.items() if moves_to_cold(kind, made, life)}
    assert {name for name, kind in types.items() if kind.can("cold-storage")} - moving == {"EBS"}
    assert {name for name, kind in types.items() if has_archive(kind)} == {"EBS"}
    assert not has_archive(types["EBS"], date(2023, 11, 26))


def warned(check: str, text: str, *rules: str) -> list[Problem]:
    """Return what a check warns of in the estate with changes."""
    _, errors, warnings = check_text(text + "".join(rules))
    assert errors == ()
    return [problem for problem in warnings if problem.check == check]


VOLUME = ESTATE.replace("db: {type: RDS, size: 500 GB", "db: {type: EBS, size: 100 GiB")


@pytest.mark.parametrize(
    ("schedule", "life", "said"),
    [
        (
            "cron(0 5 ? * * *)",
            "cold_storage_after: 30 d, delete_after: 120 d",
            ["18.00", "112.50", "24 h apart", "not set"],
        ),
        ("cron(0 5 ? * * *)", "cold_storage_after: 30 d, opt_in_to_archive: true, delete_after: 120 d", ["24 h apart"]),
        ("cron(0 5 1 * ? *)", "cold_storage_after: 30 d", ["not set", "in the archive at 13.77"]),
        ("cron(0 5 1 * ? *)", "cold_storage_after: 30 d, opt_in_to_archive: true", []),
        ("cron(0 5 1 * ? *)", "delete_after: 90 d", []),
    ],
)
def test_moves_to_the_archive_that_aws_ignores(schedule: str, life: str, said: list[str]) -> None:
    """The warning says why, and what the points cost warm and would in the archive, where each is full.

    90 points of 4 GiB at 0.05 USD make 18.00 USD a month, of 100 GiB at 0.0125 USD 112.50; a monthly rule that keeps
    for ever, which counts as a year, has 12 x 335/365 points older than 30 days: 11.01 of 100 GiB at 0.0125 USD.
    """
    line = f"      - {{rule_name: r, target_vault: local, schedule: {schedule}, lifecycle: {{{life}}}}}\n"
    found = warned("archive-ignored", VOLUME, line)
    assert len(found) == bool(said)
    for problem in found:
        assert all(part in f"{problem.found} {problem.rule}" for part in said)
        assert ("not set" in problem.found) is ("not set" in said)
        assert ("apart" in problem.found) is ("24 h apart" in said)


def test_prices_of_ignored_moves_are_estimated_elsewhere() -> None:
    """In a Region whose prices are estimated the amounts are, too: those of us-east-1 times its ratio."""
    life = "cold_storage_after: 30 d, delete_after: 120 d"
    rule_text = f"      - {{rule_name: r, target_vault: local, lifecycle: {{{life}}}}}\n"
    amounts = []
    for region in ("us-east-1", "af-south-1"):
        (found,) = warned("archive-ignored", VOLUME.replace("us-east-1", region), rule_text)
        amounts.append(float(re.findall(r"about ([0-9.]+) USD", found.rule)[0]))
    assert 1.0 < amounts[1] / amounts[0] < 2.2


@pytest.mark.parametrize(
    ("kind", "schedule", "continuous", "said"),
    [
        ("RDS", "cron(0 * ? * * *)", True, "8760 snapshots a year"),
        ("RDS", "cron(0 * ? * * *)", False, ""),
        ("RDS", "cron(0 5 ? * * *)", True, ""),
        ("Aurora", "cron(0 * ? * * *)", True, ""),
    ],
)
def test_snapshots_beside_continuous_protection(kind: str, schedule: str, *, continuous: bool, said: str) -> None:
    """Of RDS one snapshot a day is taken beside a continuous rule, and the warning has both figures."""
    text = ESTATE.replace("type: RDS", f"type: {kind}")
    first = rule("point", "every: 24 h", "1 h", "7 d")
    if continuous:
        first = first.replace("{rule_name", "{enable_continuous_backup: true, rule_name")
    found = warned("daily-snapshots", text, first, rule("snaps", f"schedule: {schedule}", "1 h", "7 d"))
    assert len(found) == bool(said)
    assert all(said in problem.found and "365 a year" in problem.rule for problem in found)


@pytest.mark.parametrize(
    ("disruption", "errors"),
    [
        ("{kind: region-outage}", []),
        ("{kind: service-outage}", []),
        ("{kind: service-outage, service: RDS}", []),
        ("{kind: ransomware}", []),
        ("{kind: zone-outage}", []),
        ("{kind: zone-outage, zone: us-east-1a, site: home}", []),
        ("{kind: zone-outage, zone: us-east-1a}", ["disruption-scope"]),
        ("{kind: zone-outage, zone: us-east-1a, target: app.*}", []),
        ("{kind: accidental-deletion, deletes: resource, total_rate: 2 /year}", []),
        ("{kind: corruption, deletes: data}", ["deletes-elsewhere"]),
        ("{kind: region-loss, rate: 1 /year, total_rate: 2 /year}", ["rate-and-total-rate"]),
    ],
)
def test_disruptions_of_an_estate_in_two_regions(disruption: str, errors: list[str]) -> None:
    """Every account, Region, service or zone that holds targets is struck alone, so none has to be named."""
    text = ESTATE.replace("sites: {", "sites: {far: {region: eu-west-1, account: production}, ").replace(
        "applications: {", "applications: {other: {site: far, resources: {db: {type: RDS, size: 1 GB}}}, "
    )
    text = text.replace("{lost: {kind: resource-loss}}", f"{{lost: {disruption}}}")
    _, found, _ = check_text(text + rule("r", "every: 24 h", "1 h", "7 d"))
    assert [error.check for error in found] == errors


@pytest.mark.parametrize(
    ("vault", "more", "check"),
    [
        ("{site: home, lock: air-gapped}", "", ""),
        ("{lock: air-gapped}", "", ""),
        ("{site: home, lock: compliance}", "", "air-gapped-target"),
        ("{site: far, lock: air-gapped}", "", "air-gapped-target"),
        ("{site: other, lock: air-gapped}", "", "air-gapped-target"),
        ("{site: home, lock: air-gapped}", ", copy_actions: [{destination_vault: gap}]", "copy-into-same-vault"),
    ],
)
def test_air_gapped_primary_targets(vault: str, more: str, check: str) -> None:
    """An air-gapped primary target is air-gapped, beside the resources and the rule's vault, and no copy's goal."""
    sites = "sites: {far: {region: eu-west-1, account: production}, other: {region: us-east-1, account: backup}, "
    text = ESTATE.replace("sites: {", sites).replace("vaults: {", f"vaults: {{gap: {vault}, ")
    one = f"      - {{rule_name: r, target_vault: local, target_air_gapped_vault: gap{more}}}\n"
    _, errors, _ = check_text(text + one)
    assert [error.check for error in errors] == [check] * bool(check)


def test_an_air_gapped_primary_target_is_declared() -> None:
    """A vault that nobody declared is no target, and is told once."""
    one = "      - {rule_name: r, target_vault: local, target_air_gapped_vault: gone}\n"
    _, errors, _ = check_text(ESTATE + one)
    assert [error.check for error in errors] == ["unknown-vault"]


def test_the_days_of_daily_snapshots_are_those_of_the_rule() -> None:
    """Two runs of one day in Los Angeles lie on two days in UTC: one of them is made."""
    first = rule("point", "every: 24 h", "1 h", "7 d").replace(
        "{rule_name", "{enable_continuous_backup: true, rule_name"
    )
    timing = "schedule: 'cron(0 1,20 ? * MON *)', schedule_timezone: America/Los_Angeles"
    (found,) = warned("daily-snapshots", ESTATE, first, rule("snaps", timing, "1 h", "7 d"))
    assert "104 snapshots a year" in found.found
    assert "52 a year" in found.rule


@pytest.mark.parametrize(("kept", "is_refused"), [("6 d", True), ("7 d", False)])
def test_an_air_gapped_vault_keeps_for_a_week_at_least(kept: str, *, is_refused: bool) -> None:
    """Though its scenario says nothing of a shortest retention."""
    text = ESTATE.replace("vaults: {", "vaults: {gap: {site: home, lock: air-gapped}, ")
    text = text.replace("type: RDS", "type: EFS")
    one = rule("r", "every: 24 h", "1 h", kept).replace("{rule_name", "{target_air_gapped_vault: gap, rule_name")
    assert bool(warned("lock-retention", text, one)) is is_refused


def test_types_that_an_air_gapped_primary_target_does_not_take() -> None:
    """What cannot lie in the air-gapped vault stays in the ordinary one, and a lock's range holds there, too."""
    text = ESTATE.replace("vaults: {", "vaults: {gap: {site: home, lock: air-gapped, min_retention: 10 d}, ")
    one = rule("r", "every: 24 h", "1 h", "7 d").replace("{rule_name", "{target_air_gapped_vault: gap, rule_name")
    (found,) = warned("air-gapped-ignored", text, one)
    assert "`gap` does not take RDS (app.db)" in found.found
    assert len(warned("lock-retention", text, one)) == 1
    assert warned("air-gapped-ignored", text.replace("type: RDS", "type: EFS"), one) == []


@pytest.mark.parametrize(
    ("apps", "said"),
    [
        ("a: {site: home, requires: [app]}, b: {site: home, after: [app]}", ["a requires it", "b comes after it"]),
        ("a: {site: home, requires: [app]}, b: {site: home, requires: [app]}", ["a, b require it", "unrecoverable"]),
        ("a: {site: home, after: [app]}", ["a comes after it", "go on without it"]),
        ("a: {site: home, after: [app], requires: [app]}", ["a requires it"]),
        ("a: {site: home}", []),
    ],
)
def test_what_follows_the_loss_of_what_others_need(apps: str, said: list[str]) -> None:
    """Who names an application without a `rebuild` of its own reads what becomes of it; with one there is no word."""
    text = ESTATE.replace("applications: {", f"applications: {{{apps}, ")
    one = rule("r", "every: 24 h", "1 h", "7 d")
    found = warned("rebuild-left-out", text, one)
    assert len(found) == bool(said)
    assert all(part in f"{problem.found} {problem.rule}" for problem in found for part in said)
    assert warned("rebuild-left-out", text.replace("app: {site: home", "app: {rebuild: 10 d, site: home"), one) == []
    assert warned("rebuild-left-out", text.replace("change_rate: 4 %/day", "stateless: true"), one) == []


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


def test_a_resource_is_of_one_type() -> None:
    """All types at once, or a type as selectors write it, are no type of a resource."""
    rule = "      - {rule_name: r, target_vault: local}\n"
    for name in ("'*'", "to:home", "type:RDS"):
        _, errors, _ = check_text(ESTATE.replace("type: RDS", f"type: {name}") + rule)
        assert [error.check for error in errors] == ["unknown-type"]
