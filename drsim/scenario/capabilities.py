"""What AWS does with a copy action, by the resource's type, the two places and the date.

Source: the developer guide of AWS Backup, "Feature availability", with its footnotes.
"""

from __future__ import annotations

from datetime import date

from drsim.catalogue import ResourceType
from drsim.scenario.model import Site


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
