"""What AWS does with a copy action or a move to cold storage, by the resource's type and what is written.

Sources: the developer guide of AWS Backup, "Feature availability" with its footnotes, plan options, continuous backup.
"""

from __future__ import annotations

from datetime import date

from drsim.catalogue import ResourceType
from drsim.cron import CronError, closest_starts_days, parse_cron
from drsim.scenario.model import Site
from drsim.scenario.plans import Lifecycle, Rule
from drsim.units import DAY_S


def copy_needs(source: Site, target: Site, lock: str) -> tuple[str, ...]:
    """Return the capabilities that a copy needs; none within one Region and account.

    Args:
        source: site of the vault that is copied from.
        target: site of the vault that receives the copy.
        lock: lock of that vault.
    """
    region, account = source.region != target.region, source.account != target.account
    needs = {
        "cross-region": region,
        "cross-account": account,
        "single-action-copy": region and account,
        "air-gapped-vault": lock == "air-gapped",
    }
    return tuple(name for name, needed in needs.items() if needed)


def can_copy(kind: ResourceType, source: Site, target: Site, lock: str, on: date | None = None) -> bool | None:
    """Tell whether AWS makes a copy of a type's recovery points; None where that is unknown.

    A type that can be copied neither to another Region nor to another account is never copied, not even beside its
    source.

    Args:
        kind: type of the resource.
        source: site of the vault that is copied from.
        target: site of the vault that receives the copy.
        lock: lock of that vault.
        on: the day; the newest knowledge where left out.
    """
    answers = [kind.can(capability, on) for capability in copy_needs(source, target, lock)]
    if source.region == target.region and source.account == target.account:
        anywhere = {kind.can("cross-region", on), kind.can("cross-account", on)}
        answers.append(True if True in anywhere else None if None in anywhere else False)
    elif lock == "air-gapped" and source.region != target.region:
        answers.append(kind.reaches_air_gap(on))
    return False if False in answers else None if None in answers else True


def has_archive(kind: ResourceType, on: date | None = None) -> bool:
    """Tell whether cold points of a type lie in an archive, which a lifecycle must opt in to.

    The other types with cold storage move there as the lifecycle says.
    """
    return kind.archive_s is not None and kind.can("cold-storage", on) is True


def closest_starts(rule: Rule) -> float:
    """Return the time between the closest two starts of a rule, by the calendar of its time zone [days].

    It is infinite where the rule starts once or never, or its schedule cannot be read.
    """
    if rule.every is not None:
        return rule.every / DAY_S
    try:
        return closest_starts_days(parse_cron(rule.schedule or ""))
    except CronError:
        return float("inf")


def moves_to_cold(kind: ResourceType, rule: Rule, lifecycle: Lifecycle, on: date | None = None) -> bool:
    """Tell whether points move to cold storage at the age that their lifecycle names; AWS ignores it elsewhere.

    Args:
        kind: type of the resource.
        rule: that makes the points, or the points that are copied.
        lifecycle: of the points, or of the copies.
        on: the day; the newest knowledge where left out.
    """
    if lifecycle.cold_storage_after is None or kind.can("cold-storage", on) is not True:
        return False
    if kind.archive_s is None:
        return True
    return lifecycle.opt_in_to_archive and closest_starts(rule) * DAY_S >= kind.archive_s
