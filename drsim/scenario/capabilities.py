"""What AWS does with a copy action or a move to cold storage, by the resource's type, places and the date.

Source: the developer guide of AWS Backup, "Feature availability", with its footnotes.
"""

from __future__ import annotations

from datetime import date, datetime

from drsim.catalogue import ResourceType
from drsim.scenario.cron import is_monthly_or_rarer, parse_cron
from drsim.scenario.model import Site
from drsim.scenario.plans import Lifecycle, Rule


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
    return False if False in answers else None if None in answers else True


def needs_opt_in(kind: ResourceType) -> bool:
    """Return whether points of a type go to the archive of EBS, which asks for an opt-in and for rare rules."""
    return kind.name == "EBS"


def moves_to_cold(
    kind: ResourceType, rule: Rule, lifecycle: Lifecycle, start: datetime, on: date | None = None
) -> bool:
    """Tell whether AWS moves a type's points to cold storage, as a lifecycle of a rule or of its copies says.

    Args:
        kind: type of the resource.
        rule: the rule that makes the points.
        lifecycle: its own, or that of a copy.
        start: the scenario's start.
        on: the day; the newest knowledge where left out.
    """
    if lifecycle.cold_storage_after is None or kind.can("cold-storage", on) is not True:
        return False
    if not needs_opt_in(kind):
        return True
    if not lifecycle.opt_in_to_archive:
        return False
    fields = None if rule.every is not None else parse_cron(rule.schedule or "")
    return is_monthly_or_rarer(rule.every, fields, rule.schedule_timezone, round(start.timestamp()))
