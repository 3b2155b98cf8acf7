"""The benchmarks measure what they say, and judge it."""

from __future__ import annotations

import json
import math
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import (
    bank,
    bench,
    browser,
    clocks,
    evacuation,
    floor,
    growth,
    load,
    plain_estate,
    plain_simpy,
    questions,
    then,
    visitors,
    waits,
)
from benchmarks.measure import SCENARIOS, Promise, best_s, figure, peak_bytes, table
from drsim import draws
from drsim.engine import run_all_vectorised
from drsim.errors import by_weight
from drsim.scenario import load_scenario, read_scenario, subjects
from drsim.study.bench import Bench
from drsim.study.notices import notices
from drsim.world import World, build_world

HOUR_S = 3600.0


def _world(scenario: str, strategy: str) -> World:
    return build_world(load_scenario(SCENARIOS / f"{scenario}.yaml"), strategy)


def test_the_clocks_are_timed_at_tiny_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    """The table and a line for each promise are printed; the status says whether all were held."""
    status = bench.main(["--only", "periodic", "--scale", "0.001"])
    printed = capsys.readouterr().out
    for wanted in ("vectorised clock", "process clock", "plain SimPy", "process clock from the start"):
        assert f"\n{wanted}" in printed
    verdicts = [line.split()[0] for line in printed.partition("Promises\n")[2].split("\n") if line]
    assert len(verdicts) == 5
    assert status == int("BROKEN" in verdicts)


@pytest.mark.thorough
def test_the_bank_is_timed_with_few_drills(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole and the longest silence are told and judged."""
    status = bench.main(["--only", "bank", "--scale", "0.002"])
    printed = capsys.readouterr().out
    assert "2 drills, 2 workers" in printed
    verdicts = [line.split()[0] for line in printed.partition("Promises\n")[2].split("\n") if line]
    assert len(verdicts) == 2
    assert status == int("BROKEN" in verdicts)


def test_the_bank_says_first_what_can_never_keep_up() -> None:
    """Copies that pile up for ever matter more than what only some incidents lose."""
    found = notices(load_scenario(bank.SCENARIO))
    warnings = by_weight((*load_scenario(bank.SCENARIO).warnings, *found))
    assert warnings[0].check == "overloaded-limit"
    assert "can never keep up" in warnings[0].rule
    assert {"retention-below-dwell"} < {warning.check for warning in warnings}


def test_growth_is_measured_at_tiny_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row grows tenfold, and drills, resources and the horizon promise something."""
    monkeypatch.setattr(growth, "peak_bytes", lambda _work: 2_000_000)  # counting memory takes as long again
    text, promises = growth.growth(growth.Sizes(drills=1, resources=1, resource_drills=1, horizon_drills=1, repeats=1))
    rows = [line.split("  ")[0] for line in text.split("\n")[2:]]
    assert [rows.count(what) for what in dict.fromkeys(rows)] == [3, 3, 2, 2]
    assert text.count("2.00") >= len(rows)
    assert len(promises) == 3


def test_the_floor_is_measured_at_tiny_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """On `web-shop` the draws are counted and timed."""
    monkeypatch.setattr(plain_estate, "drills", lambda world, _name, n, seed: [[]] * n)  # noqa: ARG005
    text, promises = clocks.clocks("web-shop", clocks.SIZES["web-shop"].scaled(0.0001))
    assert "draws take" in text
    assert [p.what for p in promises if "floor" in p.what] == ["web-shop, times the floor of its draws"]


def test_waits_are_measured() -> None:
    """Each has a figure and a promise, whether it is held here or not."""
    text, promises = waits.waits(repeats=1)
    assert [f"{line.split('  ')[0]} [s]" for line in text.split("\n")[2:]] == [promise.what for promise in promises]
    assert all(0 < promise.measured < math.inf for promise in promises)
    assert len(subjects(read_scenario(waits.large()))) == 300


def test_a_broken_promise_makes_the_status_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit status is 1 if any promise is broken, and 0 if none is."""
    good = Promise("quick", 2.0, 1.0, at_least=True)
    for promises, status in (([good], 0), ([good, replace(good, at_least=False)], 1)):
        monkeypatch.setattr(growth, "growth", lambda _sizes, found=promises: ("", found))
        assert bench.main(["--only", "growth"]) == status


def test_a_broken_promise_of_the_app_makes_the_status_bad(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make load` prints the promises of all parts, and what could not be measured is broken."""
    monkeypatch.setattr(load, "served", nullcontext)
    good = Promise("quick", 2.0, 3.0, at_least=False)
    monkeypatch.setattr(visitors, "visit", lambda _server, _load: ("", [good]))
    assert load.main(["--only", "visitors"]) == 0
    monkeypatch.setattr(browser, "CHROMIUM", None)
    assert load.main([]) == 1
    printed = capsys.readouterr().out
    assert "there is no Chromium" in printed
    assert printed.count("BROKEN") == 4 + len(evacuation.PAGES)
    assert printed.count("held") == 2


@pytest.mark.parametrize(
    ("measured", "at_least", "held"),
    [(10.0, True, True), (9.9, True, False), (10.0, False, True), (10.1, False, False), (math.nan, False, False)],
)
def test_promises_are_bounds(measured: float, at_least: bool, held: bool) -> None:  # noqa: FBT001
    """A promise is held up to its bound and no further; what could not be measured is broken."""
    promise = Promise("x", measured, 10.0, at_least=at_least)
    assert promise.is_held is held
    assert str(promise).startswith("held" if held else "BROKEN")


def test_measuring() -> None:
    """The best of several runs counts, memory is that of the work, and figures have three digits."""
    calls: list[int] = []
    assert best_s(lambda: calls.append(1), 3) >= 0
    assert len(calls) == 3
    assert 8e6 <= peak_bytes(lambda: np.zeros(1_000_000)) < 9e6
    assert [figure(x) for x in (123456.0, 12.345, 0.0012345, 0.0)] == ["123,456", "12.3", "0.00123", "0"]
    assert table(["a", "b"], [["x", "10"]]) == "a   b\n─  ──\nx  10"


def test_plain_simpy_knows_the_closed_forms() -> None:
    """Both plain scripts find the losses of `periodic`: from 2 h to 26 h, and 1 h to 4 h more for the copy."""
    world = _world("periodic", "daily")
    for disruption, least_h, mean_h, most_h in (("database-lost", 2, 14.0, 26), ("region-lost", 3, 16.5, 30)):
        estate = [incident.loss_s for (incident,) in plain_estate.drills(world, disruption, 49)]
        alone = plain_simpy.drills(49, -world.plan_start_s, region=disruption == "region-lost")
        for losses in (estate, [loss for loss, _ in alone]):
            assert len(losses) == 49
            assert least_h * HOUR_S <= min(losses) <= max(losses) <= most_h * HOUR_S
            assert abs(np.mean(losses) / HOUR_S - mean_h) < 4 * 7 / math.sqrt(49)


@pytest.mark.parametrize(("dwell", "recovered"), [("10 d", True), ("20 d", False)])
def test_plain_simpy_takes_only_good_points_that_are_kept(dwell: str, recovered: bool) -> None:  # noqa: FBT001
    """Damage that went unnoticed for ten days costs at least that; for longer than the retention, everything."""
    text = growth.estate(2, shared=False).replace("kind: region-loss", f"kind: corruption, dwell: {dwell}")
    world = build_world(read_scenario(text.replace(", site: home}\nlimits", "}\nlimits")), "daily")
    incidents = [drill[0] for drill in plain_estate.drills(world, "region-loss", 3)]
    assert {i.state for i in incidents} == {"recovered" if recovered else "unrecoverable"}
    assert all(i.loss_s >= 10 * 24 * HOUR_S for i in incidents) or not recovered


def test_plain_simpy_queues_for_slots() -> None:
    """Restores that share one slot come one after another, and the application waits for the last."""
    text = growth.estate(4, shared=True).replace("limits:", "overrides: {'*': {restore_duration: 2 h}}\nlimits:")
    world = build_world(read_scenario(text), "daily")
    shared = [drill[0].downtime_s for drill in plain_estate.drills(world, "region-loss", 5)]
    assert min(shared) >= 8 * HOUR_S


def _small(applications: dict[str, Any], backup: dict[str, str], disruption: dict[str, str], **laws: str) -> World:
    """Return a world in which a backup takes 1 h, a restore and a launch 3 h, people no time, and nothing fails."""
    lasts = {"start_delay": "0 h", "backup_duration": "1 h", "restore_duration": "3 h", "launch_duration": "3 h"}
    rule = {"rule_name": "rule", "target_vault": "local", "every": "24 h", "lifecycle": {"delete_after": "7 d"}}
    scenario = {
        "name": "Small",
        "start": "2026-01-01",
        "horizon": "10 d",
        "sites": {"home": {"region": "us-east-1", "account": "production"}},
        "vaults": {"local": {"site": "home"}},
        "applications": {name: {"site": "home"} | app for name, app in applications.items()},
        "backup_plans": {
            "daily": {"rules": [rule]},
            "continuous": {"rules": [rule | {"enable_continuous_backup": True}]},
        },
        "strategies": {"only": {"backup": backup}},
        "disruptions": {"it": disruption},
        "response": dict.fromkeys(("detect", "declare", "validate", "redirect"), "0 h"),
        "overrides": {"*": lasts | dict.fromkeys(("backup_failure", "restore_failure"), "0 %") | laws},
    }
    return build_world(read_scenario(json.dumps(scenario)), "only")


@pytest.mark.parametrize(
    ("servers", "downtime_h", "loses"),
    [
        ({"stateless": True, "needs": 2}, 0, False),
        ({"stateless": True, "needs": 3}, 3, False),
        ({"change_rate": "1 %/day", "needs": 2}, 0, True),
    ],
)
def test_plain_simpy_misses_only_who_is_needed(servers: dict[str, Any], downtime_h: float, loses: bool) -> None:  # noqa: FBT001
    """Where two of three are enough nothing was down, but what the third held is lost all the same."""
    web = {"type": "EC2", "size": "10 GB", "count": 3} | servers
    world = _small({"shop": {"resources": {"web": web}}}, {"shop.web": "daily"}, {"kind": "resource-loss"})
    for (incident,) in plain_estate.drills(world, "it", 10):
        assert (incident.state, incident.downtime_s) == ("recovered", downtime_h * HOUR_S)
        assert HOUR_S <= incident.loss_s <= 25 * HOUR_S if loses else incident.loss_s == 0


@pytest.mark.parametrize(
    ("after", "rebuild", "downtime_h"), [([], {}, 6), (["lost"], {}, 3), (["lost"], {"rebuild": "10 d"}, 243)]
)
def test_plain_simpy_loses_what_comes_after_something_lost(
    after: list[str], rebuild: dict[str, str], downtime_h: float
) -> None:
    """Nobody restores it, so that another application waits for nothing, or for the rebuild where there is one."""
    disk = {"type": "EBS", "size": "10 GB", "change_rate": "1 %/day"}
    world = _small(
        {
            "shop": {"resources": {"lost": disk, "disk": disk | {"after": after}}} | rebuild,
            "other": {"resources": {"disk": disk}, "after": ["shop"]},
        },
        {"shop.disk": "daily", "other.disk": "daily"},
        {"kind": "ransomware", "backups_attacked": "0 %", "dwell": "0 h"},
    )
    for shop, other in plain_estate.drills(world, "it", 3):
        assert (shop.state, other.state) == ("unprotected", "recovered")
        assert other.downtime_s == pytest.approx(downtime_h * HOUR_S)


@pytest.mark.parametrize(
    ("tolerance_s", "rpo_s", "expected_s"),
    [
        (0.0, math.inf, 100.0),
        (200.0, math.inf, 10.0),
        (500.0, math.inf, 1.0),
        (500.0, 300.0, 10.0),
        (500.0, 0.0, 100.0),
    ],
)
def test_plain_simpy_takes_the_quicker_of_what_loses_as_much(
    tolerance_s: float, rpo_s: float, expected_s: float
) -> None:
    """Losses within the tolerance of the least count as equal, but for one beyond an RPO that another keeps."""
    options = [plain_estate.Option(*o) for o in ((0.0, 100.0), (200.0, 10.0), (400.0, 1.0))]
    assert plain_estate.best(options, tolerance_s, rpo_s).expected_s == expected_s


@pytest.mark.parametrize(
    ("laws", "state", "most_h"),
    [
        ({}, "recovered", 0),
        ({"log_failure": "100 %"}, "recovered", 25),
        ({"backup_failure": "100 %"}, "unrecoverable", 0),
    ],
)
def test_plain_simpy_restores_moments_from_bases(laws: dict[str, str], state: str, most_h: float) -> None:
    """Any moment since the newest base that completed, up to a gap in its log; and none without a base."""
    shop = {"resources": {"db": {"type": "RDS", "size": "10 GB", "change_rate": "1 %/day"}}}
    world = _small({"shop": shop}, {"shop.db": "continuous"}, {"kind": "resource-loss"}, log_lag="0 h", **laws)
    incidents = [incident for (incident,) in plain_estate.drills(world, "it", 20)]
    assert {i.state for i in incidents} == {state}
    if state == "recovered":
        assert all(0 <= i.loss_s <= most_h * HOUR_S for i in incidents)
        assert len({i.loss_s for i in incidents}) > 5 or most_h == 0


def _agree(scenario: str, strategies: list[str], drills: int) -> None:
    written = load_scenario(SCENARIOS / f"{scenario}.yaml")
    names = list(written.disruptions)
    worlds = [build_world(written, s) for s in strategies]
    logs = {(w.strategy, d): log for w in worlds for d, log in run_all_vectorised(w, names, 0, 500).items()}
    played = {(w.strategy, d): plain_estate.drills(w, d, drills) for w in worlds for d in names}
    apart = {what: off for what, _, _, off in clocks.agreement(worlds, names, logs, played)}
    assert max(map(abs, apart.values())) < 4, apart


def test_plain_simpy_agrees_with_drsim() -> None:
    """Plain SimPy and drsim find the same losses, downtimes and states, as far as few drills can tell."""
    _agree("web-shop", ["nightly"], 1)


@pytest.mark.slow
def test_plain_simpy_agrees_with_drsim_closely() -> None:
    """They agree over all strategies, with more drills."""
    _agree("web-shop", ["nightly", "copies", "continuous", "warm-standby"], 4)


def test_disagreement_is_seen() -> None:
    """Plain SimPy's drills under another strategy do not agree."""
    world = _world("web-shop", "nightly")
    logs = {("nightly", "region-loss"): run_all_vectorised(world, ["region-loss"], 0, 200)["region-loss"]}
    recovered = [[plain_estate.Incident(0, 0, a, "recovered", HOUR_S, HOUR_S) for a in range(2)]] * 5
    apart = clocks.agreement([world], ["region-loss"], logs, {("nightly", "region-loss"): recovered})
    assert dict((what, off) for what, _, _, off in apart)["recovered"] == math.inf  # noqa: C402


def test_draws_are_counted_once() -> None:
    """Every quantile handed out is counted once, and the blocks by how many words of each were made."""
    key = draws.key(1, "somebody", "something")
    with floor.counted() as count:
        draws.uniform(key, np.arange(10), 0)
        draws.uniforms([key, key + 1], np.arange(10), 0)
        draws.words(key, np.arange(10), 0, 0, [0, 1, 2])
    draws.uniform(key, np.arange(10), 0)
    assert count.quantiles == 10 + 20 + 30
    assert count.blocks == {1: 10, 2: 10, 3: 10}
    assert floor.one_by_one_s(1000) > 0
    assert floor.by_blocks_s(count) > 0


def test_questions_are_asked_of_both_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old tree is taken from history where it is there; what both answer stands side by side, and is judged."""
    answers = iter(
        [
            {"fixed": 300.0, "retention": 500.0, "protections": 800.0},
            {"fixed": 61.0, "retention": 50.0, "protections": 8.0, "estate": 90_001.0},
        ]
    )
    monkeypatch.setattr(then, "_asked", lambda _: next(answers))
    monkeypatch.setattr(then, "_taken_out", lambda _: True)
    text, promises = then.then()
    assert [line.split()[-3:] for line in text.splitlines()[-4:]] == [
        ["300", "61.0", "4.9"],
        ["500", "50.0", "10.0"],
        ["800", "8.00", "100.0"],
        # the old tree was not asked: it would take hours
        ["not", "asked", "90,001"],
    ]
    assert [promise.is_held for promise in promises] == [False, True, True, False]


def test_questions_are_of_forty_protections() -> None:
    """Each has a schedule, a route and a standby that no other has together."""
    variants = questions.variants_of_shop()
    assert len({str(variant.backup_plans) + str(variant.strategies) for variant in variants}) == len(variants) == 40


def test_a_question_is_asked_again_and_again() -> None:
    """Once for nothing, then five times, with another number each time."""
    turns: list[int] = []
    assert questions.milliseconds(turns.append) >= 0
    assert turns == [0, 1, 2, 3, 4, 5]


def test_an_estate_has_forty_protections_for_each_of_its_resources() -> None:
    """Of the model's one resource: each protection is another, and each fares in all drills."""
    model = questions.protection_of_estate("1 d", questions.ROUTES[0], standby=False)
    (shape,) = questions.estate(Bench(model, drills=3))
    assert shape == (40, 3)
