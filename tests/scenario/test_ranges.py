"""Ranges: their ends are read, what lies beyond is refused with the range, and the repair works."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from drsim import ranges
from drsim.distributions import Lognormal, Tailed, parse
from drsim.errors import Problem, RangeError
from drsim.ranges import MOMENT_S, QUANTITIES
from drsim.scenario import check_text, scenario_schema
from drsim.scenario.quantities import READERS
from drsim.units import duration_s

ROOT = Path(__file__).parents[2]

SCENARIO = """
drills: 10
start: 2026-01-01
sites: {{home: {{region: us-east-1, account: production}}}}
vaults: {{local: {{site: home}}}}
applications:
  app:
    site: home
    resources:
      db: {{type: RDS, size: 100 GB, {resource}}}
    {application}
backup_plans: {{plan: {{rules: [{{rule_name: daily, target_vault: local, every: 1 d, {rule}}}]}}}}
strategies: {{s: {{backup: plan}}}}
disruptions: {{lost: {{kind: zone-outage, {disruption}}}}}
{top}
"""


def found_in(**parts: str) -> tuple[Problem, ...]:
    """Return the errors of a small scenario with parts put into it: `resource`, `application`, `rule`, …, `top`."""
    empty = dict.fromkeys(("resource", "application", "rule", "disruption", "top"), "")
    return check_text(SCENARIO.format(**empty | parts))[1]


@pytest.mark.parametrize("kind", sorted(QUANTITIES))
def test_the_ends_of_a_range_are_read_and_what_lies_beyond_is_not(kind: str) -> None:
    """The words of a range are quantities of their kind: the ends themselves."""
    limits, read = QUANTITIES[kind], READERS[kind]
    assert read(limits.low) == limits.least
    assert read(limits.high) == pytest.approx(limits.most, rel=1e-15)
    beyond = re.sub(r"^[0-9.e]+", lambda m: f"{float(m[0]) * 1.001:.6g}", limits.high)
    with pytest.raises(ValueError, match=r"range|fraction"):
        read(beyond)


WHOLE_PLACES = {
    "count": {"resource": "count: %s"},
    "needs": {"resource": "count: 1000000, needs: %s"},
    "priority": {"application": "priority: %s"},
    "drills": {"top": "drills: %s"},
    "seed": {"top": "seed: %s"},
    "jobs": {"top": "limits: {copy_jobs: %s}"},
    "jobs by type": {"top": 'limits: {backup_jobs: {"*": %s}}'},
}


def found_at(place: dict[str, str], value: str) -> tuple[Problem, ...]:
    """Return the errors of a small scenario with a value at a place."""
    text = SCENARIO.format(
        **dict.fromkeys(("resource", "application", "rule", "disruption", "top"), "")
        | {part: line % value for part, line in place.items()}
    )
    # each key once
    return check_text(text.replace("drills: 10\n", "") if "drills" in str(place) else text)[1]


@pytest.mark.parametrize("place", WHOLE_PLACES.values(), ids=WHOLE_PLACES)
def test_whole_numbers_are_one_kind(place: dict[str, str]) -> None:
    """A whole number may be written with an exponent; a boolean, text and parts of a number are none."""
    for right in ("1e3", "10", "10.0"):
        assert found_at(place, right) == ()
    for wrong in ("true", "false", '"2"', "two", "1.5", "1e-300", ".inf", ".nan", "[1]"):
        (error,) = found_at(place, wrong)
        assert error.check == "wrong-kind", wrong
        assert re.search(r"a whole number belongs here: \d+ to [\d,^ -]+$", error.rule), wrong
    assert found_at(place, '"2"')[0].repair == "write 2 without quotes"
    for beyond in ("-1", "-1e3", "1e300", "1" + "0" * 30):
        (error,) = found_at(place, beyond)
        assert error.check == "out-of-range", beyond
        assert found_at(place, re.findall(r"\d+", error.repair)[0]) == ()


FLAG_PLACES = {
    "stateless": {"resource": "stateless: %s"},
    "tested": {"resource": "tested: %s"},
    "enable_continuous_backup": {"rule": "lifecycle: {delete_after: 7 d}, enable_continuous_backup: %s"},
    "opt_in_to_archive": {"rule": "lifecycle: {delete_after: 7 d, opt_in_to_archive: %s}"},
}


@pytest.mark.parametrize("place", FLAG_PLACES.values(), ids=FLAG_PLACES)
def test_booleans_are_booleans_of_yaml(place: dict[str, str]) -> None:
    """What YAML 1.2 does not take for true or false is refused, with the word that is meant."""
    for right in ("true", "false", "True"):
        assert found_at(place, right) == ()
    for wrong, meant in (("yes", "true"), ('"no"', "false"), ("on", "true"), ('"true"', "true"), ("0", "false")):
        (error,) = found_at(place, wrong)
        assert (error.check, error.repair) == ("wrong-kind", f"write {meant}, without quotes")
        assert found_at(place, meant) == ()
    for wrong in ("2", "maybe", "1.0", "[]"):
        (error,) = found_at(place, wrong)
        assert (error.check, error.repair) == ("wrong-kind", "")


def test_objects_are_whole() -> None:
    """Half an object is none, however small or large the number."""
    for right in ("0", "1e3", '"3e7"', "1e15", "2.0"):
        assert found_in(resource=f"objects: {right}") == ()
    for wrong in ("1.5", "1e-300", '"0.1"', "1e-1"):
        (error,) = found_in(resource=f"objects: {wrong}")
        assert "is no number of objects" in error.rule
    assert [error.check for error in found_in(resource="objects: true")] == ["wrong-quantity"]


def test_a_horizon_has_a_range_of_its_own() -> None:
    """An hour is the shortest horizon, a hundred years the longest; the error and the schema say so."""
    for right in ("1 h", "100 y", "60 min", "3600 s"):
        assert found_in(top=f"horizon: {right}") == ()
    for wrong, repair in (("0 d", "1 h"), ("1e-9 s", "1 h"), ("59 min", "1 h"), ("101 y", "100 y")):
        (error,) = found_in(top=f"horizon: {wrong}")
        assert error.check == "out-of-range"
        assert ranges.HORIZON.words in error.rule
        assert repair in error.repair
    described = json.dumps(scenario_schema()["properties"]["horizon"])  # type: ignore[index,call-overload]
    assert ranges.HORIZON.words in described


PLACES = {
    "downtime_cost": ({"application": "downtime_cost: %s"}, "1e308 USD/s", "1e15 USD/h"),
    "unrecoverable_cost": ({"application": "unrecoverable_cost: %s"}, "2e15 USD", "1e15 USD"),
    "rebuild": ({"application": "rebuild: %s"}, "{exponential: 101 y}", "{exponential: 100 y}"),
    "act_after": ({"application": "act_after: %s"}, "1e9 d", "36500 d"),
    "priority": ({"application": "priority: %s"}, "0", "1"),
    "objects": ({"resource": "objects: %s"}, "1e16", "1e15"),
    "count": ({"resource": "count: %s"}, "1000001", "1000000"),
    "growth": ({"resource": "growth: %s"}, "1001 %/year", "1000 %/year"),
    "change_rate": ({"resource": "change_rate: %s"}, "101 %/day", "100 %/day"),
    "write_rate": ({"resource": "write_rate: %s"}, "2 PB/s", "1 PB/s"),
    "restore_rate": ({"resource": "overrides: {restore_rate: %s}"}, "1 B/s", "1 kB/s"),
    "copy_rate": (
        {"resource": "overrides: {copy_rate: %s}"},
        "{uniform: [0 MB/s, 1 MB/s]}",
        "{uniform: [1 kB/s, 1 MB/s]}",
    ),
    "log_replay_speed": ({"resource": "overrides: {log_replay_speed: %s}"}, "0", "0.001"),
    "restore_share": ({"resource": "overrides: {restore_share: %s}"}, "99.95 %", "99 %"),
    "restore_size_exponent": ({"resource": "overrides: {restore_size_exponent: %s}"}, "4", "3"),
    "backup_duration": (
        {"rule": "overrides: {backup_duration: %s}"},
        "{triangular: [1 d, 2 d, 1e300 y]}",
        "{triangular: [1 d, 2 d, 100 y]}",
    ),
    "delete_after": ({"rule": "lifecycle: {delete_after: %s}"}, "36501 d", "36500 d"),
    "rate": ({"disruption": "rate: %s"}, "1 /s", "1e6 /year"),
    "duration": (
        {"disruption": "duration: %s"},
        "{weibull: {scale: 1 h, shape: 0.04}}",
        "{weibull: {scale: 1 h, shape: 0.5}}",
    ),
    "dwell": (
        {"disruption": "dwell: %s"},
        "{median: 1 h, p95: 10 y}",
        "{median: 1 h, p95: 10 y, max: 10 y}",
    ),
    "detect": ({"top": "response: {detect: %s}"}, "{empirical: [1 h, 1e12 y]}", "{empirical: [1 h, 100 y]}"),
    "horizon": ({"top": "horizon: %s"}, "1e6 y", "100 y"),
    "warm_up": ({"top": "warm_up: %s"}, "1e400 h", "100 y"),
    "backup_jobs": ({"top": "limits: {backup_jobs: %s}"}, "1000001", "1000000"),
    "copy_failure": (
        {"top": "overrides: {'*': {copy_failure: {p: 0.1, lasts: %s}}}"},
        "{median: 1 h, p95: 20 y}",
        "{median: 1 h, p95: 20 d}",
    ),
    "as_of": ({"top": "as_of: %s"}, "1969-12-31", "2026-01-01"),
    "per_backup": ({"top": "prices: {per_backup: %s}"}, "1e300 USD", "1 USD"),
}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_value_out_of_range_is_refused_with_the_range(name: str) -> None:
    """One problem, which says the range and what to write; with that in its place the scenario is right."""
    place, wrong, right = PLACES[name]
    (key, form), *_ = place.items()
    errors = found_in(**{key: form % wrong})
    assert [error.check for error in errors] == ["out-of-range"], errors
    assert re.search(r" to |times apart", errors[0].rule)
    assert errors[0].repair
    assert found_in(**{key: form % right}) == ()


@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [
        ("drills", "1000000000000", "10000000"),
        ("drills", "0", "1"),
        ("seed", "-1", "0"),
        ("seed", "9223372036854775808", "9223372036854775807"),
        ("start", "0001-01-01T00:00+14:00", "1970-01-02"),
        ("start", "1970-01-01T00:00+10:00", "1970-01-02"),
        ("start", "2100-01-01", "2099-12-31"),
        ("start", "9999-12-31T23:59-12:00", "2099-12-31T23:59Z"),
    ],
)
def test_whole_numbers_and_dates_have_ranges(key: str, wrong: str, right: str) -> None:
    """They are refused like quantities, and the repair is a number that can be pasted."""
    text = SCENARIO.format(**dict.fromkeys(("resource", "application", "rule", "disruption", "top"), ""))
    without = re.sub(rf"^{key}:.*\n", "", text, flags=re.MULTILINE)
    _, errors, _ = check_text(f"{without}{key}: {wrong}\n")
    assert [error.check for error in errors] == ["out-of-range"]
    if number := re.search(r"write (\d+) or", errors[0].repair):
        assert check_text(f"{without}{key}: {number[1]}\n")[1] == ()
    assert check_text(f"{without}{key}: {right}\n")[1] == ()


def test_the_longest_durations_keep_the_time_grid() -> None:
    """A horizon after a warm-up, both as long as they may be, ends before the grid does; so do two of them in a row."""
    assert 2 * ranges.LONGEST_S < MOMENT_S
    tick = 1 / 2**20
    assert (MOMENT_S - tick) + tick == MOMENT_S
    assert MOMENT_S - tick != MOMENT_S


@pytest.mark.parametrize(
    "written",
    [
        {"median": "5 d", "p95": "187 d"},
        {"exponential": "90 y"},
        {"weibull": {"scale": "1 h", "shape": 0.3}},
        {"median": "1 h", "p5": "1 s"},
    ],
)
def test_tails_are_drawn_from_within_the_range(written: dict[str, object]) -> None:
    """The largest and the smallest quantile lie in the range, where the whole tail goes on."""
    found = parse(written, duration_s, QUANTITIES["duration"])
    assert isinstance(found, Tailed)
    ends = found.ppf(np.array([2.0**-33, 0.5, 1 - 2.0**-33]))
    assert ends[0] >= 0
    assert ends[2] == min(ranges.LONGEST_S, float(found.tail(np.array([1 - 2.0**-33]))[0]))
    # what most draws are is not touched
    assert ends[1] == found.tail(np.array([0.5]))[0]
    assert math.isinf(found.sup)
    assert found == parse(written, duration_s)


def test_a_mean_beyond_the_range_is_refused_though_its_quantiles_are_within() -> None:
    """A lognormal of 1 h and 10 y has a mean of millions of years; a `max` bounds it."""
    written = {"median": "1 h", "p95": "10 y"}
    assert parse(written, duration_s).mean > 1e6 * 365 * 86400
    with pytest.raises(RangeError, match="tail"):
        parse(written, duration_s, QUANTITIES["duration"])
    capped = parse({**written, "max": "10 y"}, duration_s, QUANTITIES["duration"])
    assert isinstance(capped, Lognormal)
    assert capped.mean < 10 * 365 * 86400


def test_the_schema_says_the_ranges() -> None:
    """Each kind of quantity is described with its range, whole numbers have their ends."""
    schema = json.loads(json.dumps(scenario_schema()))
    for kind in ("duration", "size", "uncertain-duration", "money-rate", "fraction"):
        assert QUANTITIES[kind.removeprefix("uncertain-")].words in schema["$defs"][kind]["description"]
    for holder, key in ((schema, "drills"), (schema, "seed"), (schema["$defs"]["Resource"], "count")):
        described = holder["properties"][key]
        assert (described["minimum"], described["maximum"]) == tuple(map(int, ranges.WHOLE[key][:2]))
    assert schema["properties"]["start"]["$comment"] == ranges.DATES


def test_the_documentation_says_the_ranges() -> None:
    """The page on ranges has a row for every one."""
    text = (ROOT / "docs/explanation/ranges.md").read_text(encoding="utf-8")
    every = [*QUANTITIES.values(), *ranges.PARAMETERS.values(), *ranges.WHOLE.values()]
    assert all(f"| {limits.words} |" in text for limits in every)
    assert all(f"`{name}`" in text for name in ranges.PARAMETERS)
    assert ranges.DATES in text
