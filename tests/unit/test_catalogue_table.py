"""AWS's table of capabilities, as it was and as it is."""

from __future__ import annotations

from datetime import date

import pytest

from drsim.catalogue import SEED_ERRORS, TABLE_COLUMNS, capability_table, load_catalogue

WORDS = {"y": "yes", ".": "no", "?": "unknown"}

# columns: those of TABLE_COLUMNS, from cross-region copies to the restore of single items
SEED = """
EC2                                 y y y y . . . .
S3                                  y y y y y y . y
EBS                                 y y y y . . . .
RDS                                 y y y y y . . .
Aurora                              y y y . . . . .
EFS                                 y y y y . y y y
FSx for Lustre                      y y y y . . . .
FSx for Windows File Server         y y y y . . . .
FSx for ONTAP                       . . y y . . . .
FSx for OpenZFS                     y y y y . . . .
Storage Gateway                     y y y y . . . .
DocumentDB                          y y y . . . . .
Neptune                             y y y . . . . .
Redshift                            . . . . . . . y
Timestream                          y y y y . . y y
Windows VSS                         y y y y . . . .
Virtual machines                    y y y y . y y y
CloudFormation                      y y y y . . y y
DynamoDB without advanced features  . . y . . . . .
DynamoDB with advanced features     y y y . . y y .
"""

TODAY = """
EC2                                 y y y y . . . .
S3                                  y y y y y y . y
EBS                                 y y y y . . y y
RDS                                 y y y y y . . .
Aurora                              y y y y y . . .
EFS                                 y y y y . y y y
FSx for Lustre                      y y y y . . . .
FSx for Windows File Server         y y y y . . . .
FSx for ONTAP                       y y y y . . . .
FSx for OpenZFS                     y y y y . . . .
Storage Gateway                     y y y y . . . .
DocumentDB                          y y . . . . . .
Neptune                             y y . . . . . .
Redshift                            . . . . . . . y
Redshift Serverless                 . . . . . . . y
Timestream                          y y . y . y y .
Windows VSS                         y y y y . . . .
Virtual machines                    y y y y . y y y
CloudFormation                      y ? y y . . y .
DynamoDB without advanced features  . . y . . . . .
DynamoDB with advanced features     y y y . . y y .
Aurora DSQL                         y y . . . y y .
RDS Multi-AZ cluster                . . y y . . . .
SAP HANA on EC2                     y y . y y y y .
EKS                                 y y . . . y . y
"""

RESTORE_TESTING = {
    "EC2", "S3", "EBS", "RDS", "RDS Multi-AZ cluster", "Aurora", "EFS", "FSx for Lustre", "FSx for Windows File Server",
    "FSx for ONTAP", "FSx for OpenZFS", "DocumentDB", "Neptune", "DynamoDB without advanced features",
    "DynamoDB with advanced features",
}  # fmt: skip
NO_AIR_GAP = {
    "RDS", "RDS Multi-AZ cluster", "Redshift", "Redshift Serverless", "CloudFormation",
    "DynamoDB without advanced features", "SAP HANA on EC2",
}  # fmt: skip


def parsed(text: str) -> dict[str, dict[str, str]]:
    """Return rows of a table written as above."""
    rows = {}
    for line in text.strip().splitlines():
        *name, a, b, c, d, e, f, g, h = line.split()
        rows[" ".join(name)] = dict(zip(TABLE_COLUMNS, (WORDS[x] for x in (a, b, c, d, e, f, g, h)), strict=True))
    return rows


def test_the_table_of_march_2023_differs_from_awss_in_the_named_errors_only() -> None:
    """As of 2023-03-01 the 160 cells are those of AWS's table, but for the ones listed as its errors."""
    expected = parsed(SEED)
    assert sum(map(len, expected.values())) == 160
    for error in SEED_ERRORS:
        assert expected[error.type][error.capability] == error.seed != error.right
        expected[error.type][error.capability] = error.right
    found = dict(capability_table(date(2023, 3, 1)))
    assert {name: found[name] for name in expected} == expected


def test_todays_table_is_awss_with_its_contradictions_resolved() -> None:
    """As of the catalogue's edition the table is AWS's of 2026, with the corrections that the sources support."""
    assert dict(capability_table(date(2026, 11, 23))) == parsed(TODAY)


def test_rows_come_in_awss_order() -> None:
    """The table's rows stand in the order in which AWS prints them."""
    assert [name for name, _ in capability_table(date(2026, 11, 23))] == list(parsed(TODAY))


def test_a_type_has_no_row_before_aws_backup_knew_it() -> None:
    """SAP HANA appears on the day of its support, not the day before."""
    assert "SAP HANA on EC2" not in dict(capability_table(date(2023, 4, 16)))
    assert "SAP HANA on EC2" in dict(capability_table(date(2023, 4, 17)))


def test_restore_testing_and_air_gapped_vaults_take_the_listed_types() -> None:
    """The two later columns hold the types that AWS lists."""
    types = load_catalogue().types
    assert {n for n, t in types.items() if t.can("restore-testing")} == RESTORE_TESTING
    assert {n for n, t in types.items() if not t.can("air-gapped-vault")} == NO_AIR_GAP


@pytest.mark.parametrize(
    ("name", "capability", "first"),
    [
        ("Aurora", "continuous", date(2023, 9, 7)),
        ("EBS", "cold-storage", date(2023, 11, 27)),
        ("EBS", "item-level-restore", date(2024, 12, 17)),
        ("SAP HANA on EC2", "cross-region", date(2024, 8, 20)),
        ("RDS", "single-action-copy", date(2025, 10, 23)),
        ("Aurora", "single-action-copy", date(2025, 10, 23)),
        ("DocumentDB", "single-action-copy", date(2025, 10, 23)),
        ("Neptune", "single-action-copy", date(2025, 10, 23)),
        ("FSx for ONTAP", "cross-account", date(2026, 8, 27)),
        ("RDS", "restore-testing", date(2023, 11, 27)),
        ("EKS", "air-gapped-vault", date(2026, 3, 12)),
    ],
)
def test_a_capability_holds_from_its_first_day(name: str, capability: str, first: date) -> None:
    """A capability is absent the day before it came and there on the day itself and ever after."""
    kind = load_catalogue().types[name]
    assert kind.can(capability, first.replace(day=first.day - 1)) is False
    assert kind.can(capability, first) is True
    assert kind.can(capability) is True


def test_a_copy_in_one_action_needs_both_kinds_of_copy() -> None:
    """No type copies across Region and account in one action that cannot do each by itself, on any day."""
    days = [date(2023, 3, 1), date(2024, 1, 1), date(2025, 10, 23), date(2026, 4, 1), date(2026, 11, 23)]
    for kind in load_catalogue().types.values():
        for day in days:
            if kind.can("single-action-copy", day):
                assert kind.can("cross-region", day)
                assert kind.can("cross-account", day)


def test_what_is_unknown_is_none() -> None:
    """Where AWS contradicts itself the answer is None, which is neither yes nor no."""
    stack = load_catalogue().types["CloudFormation"]
    assert stack.can("cross-account") is None
    assert stack.can("cross-account", date(2023, 3, 1)) is True
