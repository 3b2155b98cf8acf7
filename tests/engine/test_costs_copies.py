"""The bill of copies that come late or never, and of points that go with their copies, by hand and by simulation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from drsim.scenario import read_scenario
from drsim.study.costs import kept_for_ever, steady_costs
from drsim.study.notices import notices
from drsim.world import build_world

DAYS_PER_MONTH = 365 / 12

TEXT = """
start: '2026-01-01'
sites:
  home: {{region: us-east-1, account: production}}
  recovery: {{region: us-west-2, account: production}}
vaults:
  local: {{site: home}}
  second: {{site: home}}
  gap: {{site: home, lock: air-gapped, min_retention: 7 d, max_retention: 60 d}}
  dr: {{site: recovery}}
  far: {{site: recovery}}
applications:
  app: {{site: home, resources: {{it: {{type: {kind}, size: 1000 GiB, change_rate: 1 %/day}}}}}}
backup_plans:
  plan: {{rules: [{rules}]}}
strategies:
  only: {{backup: plan}}
disruptions:
  lost: {{kind: resource-loss}}
overrides:
  '*': {{expiry_delay: 0 h, start_delay: 0 h, backup_duration: 0 h, copy_duration: 6 h, {laws}}}
"""


def rule(life: str, copies: str = "", more: str = "", *, name: str = "daily", every: str = "1 d") -> str:
    """A rule of a plan."""
    actions = f", copy_actions: [{copies}]" if copies else ""
    return f"{{rule_name: {name}, target_vault: local, every: {every}, lifecycle: {{{life}}}{actions}{more}}}"


def copy(life: str, vault: str = "dr", more: str = "") -> str:
    """A copy action."""
    return f"{{destination_vault: {vault}, lifecycle: {{{life}}}{more}}}"


def text_of(rules: str, kind: str = "EFS", laws: str = "backup_failure: 0, copy_failure: 0") -> str:
    """A scenario of one resource of 1000 GiB, of which 1 % changes in a day."""
    return TEXT.format(rules=rules, kind=kind, laws=laws)


def bill(*args: str, **more: str) -> pd.DataFrame:
    """Return its bill."""
    scenario = read_scenario(text_of(*args, **more))
    return steady_costs(scenario, build_world(scenario, "only"))


def gib(costs: pd.DataFrame, place: str, line: str = "storage-warm") -> float:
    """Return what a vault holds in a month, or what is moved into it [GiB]."""
    return float(costs.loc[(costs["place"] == place) & (costs["line"] == line), "quantity"].sum())


# copies that come late or never


@pytest.mark.parametrize(
    ("life", "kept", "delay"),
    [
        ("delete_after: 35 d", "delete_after: 100 d", "40 d"),
        ("delete_after: 35 d", "delete_after: 100 d", "35 d"),
        ("cold_storage_after: 8 d, delete_after: 100 d", "delete_after: 100 d", "9 d"),
        ("delete_after: 100 d", "delete_after: 30 d", "40 d"),
        ("delete_after: 100 d", "delete_after: 30 d", "29.9 d"),
    ],
)
@pytest.mark.parametrize("kind", ["EFS", "DocumentDB"])
def test_a_copy_that_comes_too_late_costs_nothing(kind: str, life: str, kept: str, delay: str) -> None:
    """What is copied is gone or cold before, or the copy is to be gone before it is made: nothing is stored or moved.

    Nor is anything of what is chained to it.
    """
    if "cold" in life and kind != "EFS":
        return  # which has no cold storage
    then = f", delay: {delay}, then: [{copy('delete_after: 200 d', 'far')}]"
    costs = bill(rule(life, copy(kept, more=then)), kind=kind)
    alone = bill(rule(life), kind=kind)
    for place in ("dr", "far"):
        assert [gib(costs, place, line) for line in ("storage-warm", "storage-cold", "transfer")] == [0, 0, 0]
    assert costs["usd_per_month"].iloc[-1] == pytest.approx(alone["usd_per_month"].iloc[-1])
    # a day less, and it is made
    days = {"40 d": "34 d", "35 d": "34 d", "9 d": "7 d", "29.9 d": "29 d"}[delay]
    sooner = then.replace(delay, days if kept != "delete_after: 30 d" else "29 d")
    assert gib(bill(rule(life, copy(kept, more=sooner)), kind=kind), "dr") > 0


def test_a_late_copy_is_billed_from_when_it_is_made() -> None:
    """Copies that are made after 40 d and kept until 100 d are 60: 1000 GiB and 59 days' changes, 79.50 USD."""
    life = "delete_after: 100 d"
    costs = bill(rule(life, copy(life, more=", delay: 40 d")))
    assert gib(costs, "dr") == pytest.approx(1590)
    assert gib(costs, "local") == pytest.approx(1990)
    assert gib(costs, "dr", "transfer") == pytest.approx(10 * DAYS_PER_MONTH)
    full = bill(rule(life, copy(life, more=", delay: 40 d")), kind="DocumentDB")
    assert gib(full, "dr") == pytest.approx(60 * 1000)


def test_late_copies_of_copies_are_billed_from_when_they_are_made() -> None:
    """The copy of a copy waits for both: it is 50 d old, and 50 of them are there."""
    life = "delete_after: 100 d"
    then = f", delay: 40 d, then: [{copy(life, 'far', ', delay: 10 d')}]"
    costs = bill(rule(life, copy(life, more=then)))
    assert gib(costs, "far") == pytest.approx(1000 + 49 * 10)


def test_late_copies_may_be_cold_at_once() -> None:
    """Copies that would have turned cold before they are made are cold: 80 days of them."""
    costs = bill(
        rule("delete_after: 100 d", copy("cold_storage_after: 8 d, delete_after: 100 d", more=", delay: 20 d"))
    )
    assert gib(costs, "dr") == 0
    assert gib(costs, "dr", "storage-cold") == pytest.approx(1000 + 79 * 10)


def test_copies_that_are_gone_before_the_next_are_full() -> None:
    """Copies that are there for half a day alone are full, and hold as much as they are there."""
    life = "delete_after: 100 d"
    costs = bill(rule(life, copy("delete_after: 40.5 d", more=", delay: 40 d, overrides: {copy_duration: 0 h}")))
    assert gib(costs, "dr") == pytest.approx(500)
    assert gib(costs, "dr", "transfer") == pytest.approx(1000 * DAYS_PER_MONTH)


def test_of_copies_with_an_uncertain_delay_those_count_that_are_made() -> None:
    """Of copies 20 to 50 d late of points kept 35 d half are made, 27.5 d late on average, and kept until 100 d."""
    late = ", delay: {uniform: [20 d, 50 d]}"
    costs = bill(rule("delete_after: 35 d", copy("delete_after: 100 d", more=late)), kind="DocumentDB")
    assert gib(costs, "dr") == pytest.approx(0.5 * 72.5 * 1000, rel=5e-3)
    assert gib(costs, "dr", "transfer") == pytest.approx(0.5 * 1000 * DAYS_PER_MONTH, rel=5e-3)


def test_copies_that_take_too_long_count_as_often_as_they_last() -> None:
    """Copies that take 10 to 60 d, evenly, and are to be kept 35 d leave something in half of the runs."""
    law = ", overrides: {copy_duration: {uniform: [10 d, 60 d]}}"
    costs = bill(rule("delete_after: 100 d", copy("delete_after: 35 d", more=law)), kind="DocumentDB")
    assert gib(costs, "dr") == pytest.approx(0.5 * 35 * 1000, rel=5e-3)


def test_late_copies_that_are_kept_for_ever() -> None:
    """Of the copies of a year those are there that are 40 d old: 325 of them."""
    late = copy("", more=", delay: 40 d")
    scenario = read_scenario(text_of(rule("delete_after: 100 d", late)))
    world = build_world(scenario, "only")
    assert gib(steady_costs(scenario, world), "dr") == pytest.approx(1000 + 324 * 10)
    (found,) = kept_for_ever(scenario, world)
    assert found.gib == pytest.approx({years: 1000 + (365 * years - 41) * 10 for years in (1, 3, 7)})
    never = read_scenario(text_of(rule("delete_after: 35 d", late)))
    assert kept_for_ever(never, build_world(never, "only")) == []


# points that go with their copies

Draw = Callable[[np.random.Generator, float], list[tuple[float, float, int]]]
"""Makes the points of one run, captured at an age [d]: from and to which age each is there [d], and in which vault."""


def simulated(runs: Sequence[tuple[float, Draw]], vaults: int, *, histories: int = 1200) -> tuple[list[float], float]:
    """Return what vaults hold on average [GiB], each a lineage of its own, and the largest standard error.

    Args:
        runs: intervals of rules [d], and what each of their runs leaves behind.
        vaults: how many.
        histories: how often it is looked.
    """
    rng = np.random.default_rng(5)
    held = np.zeros((histories, vaults))
    for h in range(histories):
        shift, there = rng.uniform(0, 28), []
        for every, draw in runs:
            for age in np.arange(shift % every, 110, every):
                there += [(age, v) for begin, end, v in draw(rng, float(age)) if begin <= age < end]
        for v in range(vaults):
            ages = sorted({age for age, vault in there if vault == v}, reverse=True)
            held[h, v] = sum(1000 * (1 - 0.99**gap) for gap in -np.diff(ages)) + 1000 * bool(ages)
    return list(held.mean(axis=0)), float(held.std(axis=0).max() / math.sqrt(histories))


GOES = "delete_after: 35 d, delete_after_event: copy"


def agrees(costs: pd.DataFrame, places: dict[str, float], error: float) -> None:
    """Check what vaults hold within four standard errors [GiB]."""
    for place, expected in places.items():
        assert abs(gib(costs, place) - expected) <= 4 * error, place


@pytest.mark.parametrize(("p", "held"), [("0", 250.0), ("1 %", 488.7), ("2 %", 666.6), ("30 %", 1293.1), ("1", 1340)])
def test_a_point_whose_copy_fails_stays(p: str, held: float) -> None:
    """Gone after 6 h, or, where its copy fails, after 35 d: the closed form of the law, of 1000 GiB, and 35 points."""
    laws = f"backup_failure: 0, copy_failure: {p}"
    costs = bill(rule(GOES, copy("delete_after: 35 d")), laws=laws)
    assert gib(costs, "local") == pytest.approx(held, abs=0.06)
    isolated = bill(rule("delete_after: 35 d", more=", target_air_gapped_vault: gap"), kind="EBS", laws=laws)
    assert gib(isolated, "local") == pytest.approx(held, abs=0.06)
    stays = float(p.rstrip(" %")) / (100 if "%" in p else 1)
    full = bill(rule(GOES, copy("delete_after: 35 d")), kind="DocumentDB", laws=laws)
    assert gib(full, "local") == pytest.approx(1000 * ((1 - stays) / 4 + stays * 35))
    said = f"{100 * stays:g} % of the points stay until they expire, a copy of theirs not being made"
    assert costs["basis"].str.contains(said).any() is np.bool_(0 < stays < 1)


def test_a_point_waits_for_all_of_its_copies() -> None:
    """Of two copies, of which one fails in 10 % and the other in 20 %, either keeps the point; the later decides."""
    slow = ", overrides: {copy_failure: 20 %, copy_duration: 30 h}"
    two = f"{copy('delete_after: 35 d')}, {copy('delete_after: 35 d', 'far', slow)}"
    costs = bill(rule(GOES, two), laws="backup_failure: 0, copy_failure: 10 %")

    def draw(rng: np.random.Generator, _: float) -> list[tuple[float, float, int]]:
        made = rng.random() > 0.1 and rng.random() > 0.2
        return [(0, 1.25 if made else 35, 0)]

    (local,), error = simulated([(1, draw)], 1)
    agrees(costs, {"local": local}, error)


def test_copies_that_go_with_their_own_copies() -> None:
    """A copy whose own copy fails stays, too, and one that was not made has no place in its chain."""
    chained = copy(GOES, "dr", f", then: [{copy('delete_after: 35 d', 'far')}]")
    costs = bill(rule(GOES, chained), laws="backup_failure: 0, copy_failure: 30 %")

    def draw(rng: np.random.Generator, _: float) -> list[tuple[float, float, int]]:
        first, second = rng.random() > 0.3, rng.random() > 0.3
        own = [(0.0, 0.25 if first else 35.0, 0)]
        return [*own, (0.0, 0.5 if second else 35.0, 1)] if first else own

    (local, dr), error = simulated([(1, draw)], 2)
    agrees(costs, {"local": local, "dr": dr}, error)


def test_temporary_points_beside_others_of_their_lineage() -> None:
    """Daily points that go with their copies, and weekly ones that stay, hold one chain between them."""
    rules = f"{rule(GOES, copy('delete_after: 35 d'))}, {rule('delete_after: 91 d', name='weekly', every='7 d')}"
    costs = bill(rules, laws="backup_failure: 0, copy_failure: 0.2")

    def daily(rng: np.random.Generator, _: float) -> list[tuple[float, float, int]]:
        return [(0, 0.25 if rng.random() > 0.2 else 35, 0)]

    def weekly(_: np.random.Generator, __: float) -> list[tuple[float, float, int]]:
        return [(0, 91, 0)]

    (local,), error = simulated([(1, daily), (7, weekly)], 1)
    agrees(costs, {"local": local}, error)


def test_temporary_points_of_backups_that_fail() -> None:
    """A backup that fails leaves no point, whatever becomes of copies."""
    costs = bill(rule(GOES, copy("delete_after: 35 d")), laws="backup_failure: 40 %, copy_failure: 30 %")

    def draw(rng: np.random.Generator, _: float) -> list[tuple[float, float, int]]:
        return [(0, 0.25 if rng.random() > 0.3 else 35, 0)] if rng.random() > 0.4 else []

    (local,), error = simulated([(1, draw)], 1)
    agrees(costs, {"local": local}, error)


def test_copies_that_fail_with_their_backups_keep_no_point() -> None:
    """In spells that strike all jobs of an account nothing is backed up, so that no copy of it fails either."""
    spell = "{p: 30 %, lasts: {exponential: 3 d}, shared: account}"
    laws = f"backup_failure: {spell}, copy_failure: {spell}"
    costs = bill(rule(GOES, copy("delete_after: 35 d")), kind="DocumentDB", laws=laws)
    assert gib(costs, "local") == pytest.approx(0.7 * 1000 / 4)
    assert gib(costs, "dr") == pytest.approx(0.7 * 35 * 1000)


def test_spells_keep_fewer_points_than_failures_one_by_one() -> None:
    """Of one copy in ten that fails more points are alone of their time if failures are scattered."""
    scattered = bill(rule(GOES, copy("delete_after: 35 d")), laws="backup_failure: 0, copy_failure: 10 %")
    spell = "backup_failure: 0, copy_failure: {p: 10 %, lasts: {exponential: 5 d}}"
    clustered = bill(rule(GOES, copy("delete_after: 35 d")), laws=spell)
    assert 250 < gib(clustered, "local") < gib(scattered, "local") < 1340


def test_points_whose_copies_come_too_late_stay() -> None:
    """Copies that can never be made keep the points of every run until they expire."""
    costs = bill(rule(GOES, copy("delete_after: 100 d", more=", delay: 40 d")))
    assert gib(costs, "local") == pytest.approx(1340)
    assert gib(costs, "dr") == 0


def test_temporary_points_that_stay_may_turn_cold() -> None:
    """Of full points whose copies fail all are counted; of increments none is cold that a warm one needs."""
    life = "cold_storage_after: 8 d, delete_after: 100 d, delete_after_event: copy"
    costs = bill(rule(life, copy("delete_after: 100 d")), laws="backup_failure: 0, copy_failure: 30 %")

    def draw(days: float) -> Draw:
        return lambda rng, _: [(0, 0.25 if rng.random() > 0.3 else days, 0)]

    (whole,), error = simulated([(1, draw(100))], 1)
    (warm,), _ = simulated([(1, draw(8))], 1)
    agrees(costs, {"local": warm}, error)
    assert abs(gib(costs, "local") + gib(costs, "local", "storage-cold") - whole) <= 4 * error


def test_temporary_points_kept_for_ever_if_their_copies_fail() -> None:
    """Without `delete_after` the points of failed copies pile up; where none fails nothing is kept for ever."""
    ever = rule("delete_after_event: copy", copy("delete_after: 35 d"))
    for p, grows in (("0", False), ("20 %", True)):
        scenario = read_scenario(text_of(ever, kind="DocumentDB", laws=f"backup_failure: 0, copy_failure: {p}"))
        world = build_world(scenario, "only")
        found = {each.place: each for each in kept_for_ever(scenario, world)}
        assert set(found) == ({"local"} if grows else set())
        told = [each.found for each in notices(scenario) if each.check == "kept-for-ever"]
        assert [found.partition(" kept for ever")[0] for found in told] == [
            "app.it: points of `daily`, where a copy is not made, in local are"
        ] * grows
        held = gib(steady_costs(scenario, world), "local")
        assert held == pytest.approx(1000 * (0.8 / 4 + 0.2 * 365) if grows else 250)
        if grows:
            years = {n: 1000 * (0.8 / 4 + 0.2 * 365 * n) for n in (1, 3, 7)}
            assert found["local"].gib == pytest.approx(years)


def test_what_is_moved_into_a_vault_of_temporary_copies() -> None:
    """A copy builds on the newest one there whose own copy failed, and is full where there is none."""
    chained = copy(GOES, "dr", f", then: [{copy('delete_after: 35 d', 'far', ', overrides: {copy_failure: 30 %}')}]")
    costs = bill(rule("delete_after: 35 d", chained))
    stayed = [(0.3 * 0.7 ** (n - 1), 1 - 0.99**n) for n in range(1, 35)]
    part = sum(p * changed for p, changed in stayed) + 0.7**34
    assert gib(costs, "dr", "transfer") == pytest.approx(1000 * part * DAYS_PER_MONTH)
