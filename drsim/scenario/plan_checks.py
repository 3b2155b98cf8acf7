"""Checks of backup plans: what AWS refuses.

Sources: the API reference of AWS Backup (BackupRuleInput, Lifecycle), its developer guide (plan options, quotas).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import available_timezones

import numpy as np
from numpy.typing import NDArray

from drsim.cron import EXAMPLE, CronError, CronFields, check_backup_cron, parse_cron, time_zone
from drsim.errors import Edit
from drsim.laws.schedule import cron_runs, every_runs
from drsim.scenario.edit import free_name
from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Loc
from drsim.scenario.plans import USUAL_RETENTION_S, Lifecycle, Rule
from drsim.scenario.registry import Case, Finding, Repair, check
from drsim.units import DAY_S, MINUTE_S, YEAR_S, format_duration


def cron_of(rule: Rule) -> CronFields | None:
    """Return the schedule of a rule, or None where it has none that can be read."""
    try:
        return parse_cron(rule.schedule) if rule.schedule is not None else None
    except CronError:
        return None


def runs_in_first_year(rule: Rule, scenario: Scenario) -> NDArray[np.float64]:
    """Return the runs of a rule in the year from `start` on [s since 1970-01-01 UTC], ascending."""
    return runs_within(rule, scenario.start.timestamp(), YEAR_S)


def runs_within(rule: Rule, begin: float, span_s: float) -> NDArray[np.float64]:
    """Return the runs of a rule from `begin` on, for a span [s since 1970-01-01 UTC], ascending.

    There are none where its schedule cannot be read.
    """
    return _runs(rule.schedule, rule.every, rule.schedule_timezone, int(begin), int(span_s))


@lru_cache(maxsize=512)
def _runs(schedule: str | None, every: float | None, tz: str, lo: int, span: int) -> NDArray[np.float64]:
    if every is not None:
        times, _ = every_runs(every, 0.0, span)
    else:
        try:
            times, _ = cron_runs(parse_cron(schedule or ""), tz, lo, 0.0, span)
        except CronError:
            times = np.array([])
    moments: NDArray[np.float64] = lo + times
    moments.flags.writeable = False
    return moments


def whole_days(seconds: float) -> str:
    """Return a time in days, rounded up, as a scenario has it."""
    return f"{math.ceil(seconds / DAY_S - 1e-9)} d"


def _lifecycles(case: Case) -> Iterator[tuple[Loc, Lifecycle, Rule, bool]]:
    """Yield place, lifecycle, rule, and whether it is that of continuous backups."""
    for placed in case.rules:
        continuous = placed.rule.enable_continuous_backup
        yield (*placed.loc, "lifecycle"), placed.rule.lifecycle, placed.rule, continuous
    for copy in case.copies:
        if copy.action.lifecycle is not None:
            yield (*copy.loc, "lifecycle"), copy.action.lifecycle, copy.placed.rule, False


@check("lifecycle-too-short")
def lifecycle_too_short(case: Case) -> Iterator[Finding]:
    """A point that moves to cold storage stays there for 90 days."""
    cold_s = case.catalogue.rules.cold_minimum.value
    for loc, lifecycle, _, continuous in _lifecycles(case):
        cold, delete = lifecycle.cold_storage_after, lifecycle.delete_after
        # a continuous backup never moves there, however long it is kept
        if cold is not None and delete is not None and delete < cold + cold_s and not continuous:
            found = f"points move to cold after {format_duration(cold)} and expire after {format_duration(delete)}"
            least = whole_days(cold + cold_s)
            rule = f"AWS keeps what is cold for at least {whole_days(cold_s)}"
            longer, warm = Edit((*loc, "delete_after"), least), Edit((*loc, "cold_storage_after"))
            repair = f"write `delete_after: {least}` or more, or leave `cold_storage_after` out"
            instead = Repair("leave `cold_storage_after` out", (warm,))
            yield Finding((*loc, "delete_after"), found, rule, repair, (longer,), (instead,))


@check("continuous-with-cold")
def continuous_with_cold(case: Case) -> Iterator[Finding]:
    """A continuous rule has no move to cold storage."""
    for placed in case.rules:
        cold = placed.rule.lifecycle.cold_storage_after
        if placed.rule.enable_continuous_backup and cold is not None:
            loc = (*placed.loc, "lifecycle", "cold_storage_after")
            found = f"the continuous rule `{placed.rule.rule_name}` moves to cold storage after {format_duration(cold)}"
            repair = "leave `cold_storage_after` out; a snapshot rule of its own may have it"
            yield Finding(loc, found, "AWS takes no move to cold storage in a continuous rule", repair, (Edit(loc),))


@check("retention-out-of-range")
def retention_out_of_range(case: Case) -> Iterator[Finding]:
    """A rule that AWS is to run keeps its points for 1 to 36,500 days."""
    rules = case.catalogue.rules
    least_s, most_s = rules.retention_minimum.value, rules.retention_maximum.value
    longest = {False: whole_days(most_s), True: whole_days(rules.continuous_maximum.value)}
    for loc, lifecycle, rule, continuous in _lifecycles(case):
        delete = lifecycle.delete_after
        if delete is not None and rule.schedule is not None and not least_s <= delete <= most_s:
            found = f"points expire after {format_duration(delete)}"
            nearest = whole_days(least_s) if delete < least_s else longest[continuous]
            repair = f"write `delete_after: {nearest}`; with `every` instead of `schedule` anything goes"
            place = (*loc, "delete_after")
            rule_text = f"AWS keeps points for {whole_days(least_s)} to {longest[False]}"
            warm = (Edit(place, nearest), Edit((*loc, "cold_storage_after")))
            instead = Repair(f"write `delete_after: {nearest}`, and leave `cold_storage_after` out", warm)
            # the least may be less than the time between two runs
            words = Repair("write a longer `delete_after`" if delete < least_s else "write a shorter `delete_after`")
            yield Finding(place, found, rule_text, repair, (Edit(place, nearest),), (instead, words))


@check("continuous-retention")
def continuous_retention(case: Case) -> Iterator[Finding]:
    """A continuous rule keeps at most 35 days."""
    most_s = case.catalogue.rules.continuous_maximum.value
    most = whole_days(most_s)
    for placed in case.rules:
        delete = placed.rule.lifecycle.delete_after
        if placed.rule.enable_continuous_backup and (delete is None or delete > most_s):
            kept = "for ever" if delete is None else format_duration(delete)
            found = f"the continuous rule `{placed.rule.rule_name}` keeps {kept}"
            repair = f"write `lifecycle: {{delete_after: {most}}}` or less; keep longer with a rule of its own"
            loc = (*placed.loc, "lifecycle", "delete_after")
            flag = (*placed.loc, "enable_continuous_backup")
            snapshots = Repair("leave `enable_continuous_backup` out, for snapshots", (Edit(flag),))
            rule = f"AWS keeps continuous backups for at most {most}"
            yield Finding(loc, found, rule, repair, (Edit(loc, most),), (snapshots,))


@check("schedule-and-every")
def schedule_and_every(case: Case) -> Iterator[Finding]:
    """A rule runs by a schedule or by an interval."""
    for placed in case.rules:
        if placed.rule.schedule is not None and placed.rule.every is not None:
            found = f"the rule `{placed.rule.rule_name}` has both `schedule` and `every`"
            every, schedule = (*placed.loc, "every"), (*placed.loc, "schedule")
            instead = Repair("remove `schedule`", (Edit(schedule),))
            rule = "a rule runs by one of them"
            yield Finding(every, found, rule, "remove `every`, or `schedule`", (Edit(every),), (instead,))


@check("too-often")
def too_often(case: Case) -> Iterator[Finding]:
    """A rule runs at most once an hour, or once a minute if it is a what-if."""
    for placed in case.rules:
        fields = cron_of(placed.rule)
        refused = check_backup_cron(fields) if fields else None
        if fields and refused:
            loc, hourly = (*placed.loc, "schedule"), _hourly(fields)
            repair = f"write `schedule: {hourly}`; with `every` instead of `schedule`, shorter intervals can be tried"
            yield Finding(loc, refused, "AWS runs a rule at most once an hour", repair, (Edit(loc, hourly),))
        every = placed.rule.every
        if every is not None and every < MINUTE_S:
            found, loc = f"`every` is {format_duration(every)}", (*placed.loc, "every")
            edits = (Edit(loc, "1 min"),)
            yield Finding(loc, found, "an interval is at least 1 min", "write `every: 1 min` or more", edits)


def _hourly(fields: CronFields) -> str:
    """Return a schedule at the first of its minutes alone."""
    minutes, _, rest = fields.text.removeprefix("cron(").strip().partition(" ")
    return fields.text.replace(minutes, str(fields.minutes[0]), 1) if rest else fields.text


@check("bad-cron")
def bad_cron(case: Case) -> Iterator[Finding]:
    """A schedule is a cron expression of AWS."""
    for placed in case.rules:
        if placed.rule.schedule is not None:
            try:
                parse_cron(placed.rule.schedule)
            except CronError as error:
                rule, loc = "a schedule is an AWS cron expression of six fields", (*placed.loc, "schedule")
                yield Finding(loc, str(error), rule, f"for instance `schedule: {EXAMPLE}`", (Edit(loc, EXAMPLE),))


_ABBREVIATIONS = {
    "CEST": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "WEST": "Europe/Lisbon",
    "EEST": "Europe/Athens",
    "BST": "Europe/London",
    "MSK": "Europe/Moscow",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "CDT": "America/Chicago",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PT": "America/Los_Angeles",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "SGT": "Asia/Singapore",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
}
"""What abbreviations of time zones usually mean: in so few letters a wrong one makes another zone."""
_ABBREVIATED = 4
"""Letters of an abbreviation, at most."""


def _zone_meant(name: str) -> str:
    """Return the IANA name that was probably meant; empty where none is near."""
    if len(name) <= _ABBREVIATED:
        return _ABBREVIATIONS.get(name.upper(), "")
    return next(iter(get_close_matches(name, available_timezones(), n=1)), "")


@check("bad-time-zone")
def bad_time_zone(case: Case) -> Iterator[Finding]:
    """A time zone is one of the IANA names."""
    for placed in case.rules:
        try:
            time_zone(placed.rule.schedule_timezone)
        except CronError as error:
            rule, loc = "a time zone is an IANA name", (*placed.loc, "schedule_timezone")
            zone = _zone_meant(placed.rule.schedule_timezone)
            repair = (
                f"did you mean `{zone}`?" if zone else "write the zone of a city: `Europe/Berlin`, `America/New_York`"
            )
            yield Finding(loc, str(error), rule, repair, (Edit(loc, zone),) if zone else ())


@check("short-start-window")
def short_start_window(case: Case) -> Iterator[Finding]:
    """The start window of a rule that AWS is to run is no shorter than AWS takes."""
    least_s = case.catalogue.rules.start_window_minimum.value
    least = f"{least_s / MINUTE_S:g} min"
    for placed in case.rules:
        window = placed.rule.start_window
        if placed.rule.schedule is not None and window < least_s:
            found = f"the start window of `{placed.rule.rule_name}` is {format_duration(window)}"
            repair = f"write `start_window: {least}` or more; with `every` instead of `schedule` anything goes"
            loc = (*placed.loc, "start_window")
            yield Finding(loc, found, f"AWS takes {least} or more", repair, (Edit(loc, least),))


@check("too-many-rules")
def too_many_rules(case: Case) -> Iterator[Finding]:
    """A plan has no more rules than AWS takes."""
    most = case.catalogue.rules.rules_maximum.value
    for name, plan in case.scenario.backup_plans.items():
        if len(plan.rules) > most:
            found = f"the plan `{name}` has {len(plan.rules)} rules"
            loc = ("backup_plans", name, "rules", most)
            yield Finding(loc, found, f"AWS takes at most {most}", "make two plans; a strategy may use both")


@check("too-many-copy-actions")
def too_many_copy_actions(case: Case) -> Iterator[Finding]:
    """A rule has no more copy actions than AWS takes."""
    most = case.catalogue.rules.copy_actions_maximum.value
    for placed in case.rules:
        number = len(placed.rule.copy_actions)
        if number > most:
            found = f"the rule `{placed.rule.rule_name}` has {number} copy actions"
            loc = (*placed.loc, "copy_actions", most)
            instead = Repair("make a second plan for the others")
            repair = "chain some of them with `then`, or make a second plan for the others"
            yield Finding(loc, found, f"AWS takes at most {most}", repair, instead=(instead,))


@check("duplicate-rule-name")
def duplicate_rule_name(case: Case) -> Iterator[Finding]:
    """The names of a plan's rules differ."""
    seen: set[tuple[str, str]] = set()
    for placed in case.rules:
        name, key = placed.rule.rule_name, (placed.plan_name, placed.rule.rule_name)
        if key in seen:
            found = f"two rules of the plan `{placed.plan_name}` are called `{name}`"
            loc = (*placed.loc, "rule_name")
            taken = [rule.rule_name for rule in placed.plan.rules] + [other for _, other in seen]
            other = free_name(name, taken)
            seen.add((placed.plan_name, other))
            repair = f"rename one, for instance `rule_name: {other}`"
            yield Finding(loc, found, "the names of a plan's rules differ", repair, (Edit(loc, other),))
        seen.add(key)


@check("delete-after-event")
def delete_after_event(case: Case) -> Iterator[Finding]:
    """What goes once it is copied has copies."""
    for placed in case.rules:
        if placed.rule.lifecycle.delete_after_event is not None and not placed.rule.copy_actions:
            found = f"`{placed.rule.rule_name}` has no copy actions"
            of = (*placed.loc, "copy_actions")
            yield _without_copies(case, (*placed.loc, "lifecycle"), placed.rule.lifecycle, found, of)
    for copy in case.copies:
        written = copy.action.lifecycle
        if written is not None and written.delete_after_event is not None and not copy.action.then:
            found = f"the copy into `{copy.action.destination_vault}` is not copied on"
            yield _without_copies(case, (*copy.loc, "lifecycle"), written, found, (*copy.loc, "then"))


def _without_copies(case: Case, loc: Loc, lifecycle: Lifecycle, found: str, copied: Loc) -> Finding:
    rule = "a point goes when all its copies are completed; without copies it never would, or at once"
    place, end = (*loc, "delete_after_event"), (*loc, "delete_after")
    if lifecycle.delete_after is not None:
        repair = "leave `delete_after_event` out, or write a copy action: points go by `delete_after`, then"
        return Finding(place, found, rule, repair, (Edit(place),), rests_on=(copied,))
    rules = case.catalogue.rules
    usual_s = min(max(USUAL_RETENTION_S, rules.retention_minimum.value), rules.retention_maximum.value)
    least = whole_days(
        usual_s if lifecycle.cold_storage_after is None else lifecycle.cold_storage_after + rules.cold_minimum.value
    )
    repair = f"write `delete_after: {least}`, or another time, instead of `delete_after_event`, or write a copy action"
    return Finding(place, found, rule, repair, (Edit(place), Edit(end, least)), rests_on=(copied,))
