"""What is a misspelling and what is another word; what names of resources mean."""

from __future__ import annotations

import pytest

from drsim.catalogue import load_catalogue, misspelt
from drsim.catalogue.spelling import distance
from drsim.scenario import check_text

ESTATE = """
sites: {{home: {{region: us-east-1, account: p}}}}
vaults: {{local: {{site: home}}}}
applications: {{app: {{site: home, resources: {{it: {{type: "{kind}", size: 10 GB}}}}}}}}
backup_plans: {{daily: {{rules: [{{rule_name: r, target_vault: local, every: 1 d}}]}}}}
strategies: {{s: {{backup: daily}}}}
disruptions: {{bad: {{kind: corruption}}}}
"""


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("", "", 0), ("a", "", 1), ("rds", "rds", 0), ("rsd", "rds", 1), ("ecs", "eks", 1), ("kitten", "sitting", 3)],
)
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    """Letters added, left out, replaced or exchanged count one each."""
    assert distance(one, other) == distance(other, one) == slips
    for most in range(4):
        assert distance(one, other, most) == min(slips, most + 1)


@pytest.mark.parametrize(
    ("word", "right", "meant"),
    [
        ("RSD", ["RDS", "EBS"], "RDS"),
        ("EFFS", ["EFS", "EBS"], "EFS"),
        ("ECS", ["EKS", "EC2"], None),
        ("S4", ["S3"], None),
        ("recover", ["recovery", "home"], "recovery"),
        ("retentoin", ["retention"], "retention"),
        ("copy_action", ["copy_actions", "lifecycle"], "copy_actions"),
        ("delete_after_days", ["delete_after", "cold_storage_after"], "delete_after"),
        ("region", ["account", "zone"], None),
        ("home", ["recovery"], None),
        ("", ["a", "b"], None),
        ("database", ["db", "web"], None),
        ("production-db", ["production_db"], "production_db"),
        ("storage-warm", ["cold-storage", "warm-storage"], "warm-storage"),
        ("storage_warm", ["storage-arm", "warm-storage"], "storage-arm"),
        ("warm-disk", ["cold-storage", "warm-storage"], None),
    ],
)
def test_only_a_misspelling_has_a_nearest_word(word: str, right: list[str], meant: str | None) -> None:
    """A slip leads to the right word, another word to none."""
    assert misspelt(word, right) == meant


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Aurora PostgreSQL", "Aurora"),
        ("aurora-mysql", "Aurora"),
        ("Amazon Aurora PostgreSQL-Compatible Edition", "Aurora"),
        ("Aurora Serverless v2", "Aurora"),
        ("Aurora DSQL", "Aurora DSQL"),
        ("RDS for MySQL", "RDS"),
        ("rds_postgres", "RDS"),
        ("Amazon RDS for SQL Server", "RDS"),
        ("AWS::RDS::DBInstance", "RDS"),
        ("aws_db_instance", "RDS"),
        ("DocDB", "DocumentDB"),
        ("Amazon DocumentDB (with MongoDB compatibility)", "DocumentDB"),
        ("Elastic File System", "EFS"),
        ("aws_ebs_volume", "EBS"),
        ("DynamoDB table", "DynamoDB with advanced features"),
        ("Amazon Elastic Kubernetes Service", "EKS"),
        ("FSx for NetApp ONTAP", "FSx for ONTAP"),
        ("AWS::S3::Bucket", "S3"),
    ],
)
def test_what_people_and_aws_call_a_type(kind: str, name: str) -> None:
    """Names of AWS, of CloudFormation and of Terraform mean the type, whatever stands between their words."""
    found = load_catalogue().find_type(kind)
    assert found is not None
    assert found.name == name
    assert check_text(ESTATE.format(kind=kind))[1] == ()


@pytest.mark.parametrize(
    ("kind", "parts", "never"),
    [
        ("ECS", ("`ECS` is no type that AWS Backup protects", "`stateless: true`"), "EKS"),
        ("Amazon ECS", ("AWS Backup", "`stateless: true`"), "EKS"),
        ("AWS::Lambda::Function", ("AWS Backup", "`stateless: true`"), "did you mean"),
        ("Lamda", ("did you mean `Lambda`?", "`stateless: true`"), "type: RDS"),
        ("ElastiCache for Redis", ("AWS Backup", "may be lost"), "did you mean"),
        ("SQS", ("AWS Backup",), "RDS"),
        ("OpenSearch", ("no type of the catalogue",), "did you mean"),
        ("Keyspaces", ("no type of the catalogue",), "did you mean"),
        ("PostgreSQL", ("`type: RDS`", "`type: Aurora`"), "DSQL"),
        ("FSx", ("`FSx for ONTAP`",), "did you mean"),
        ("RDS Multi-AZ", ("`deployment: multi-az`",), "did you mean"),
        ("RSD", ("did you mean `RDS`?",), "ECS"),
        ("Redshif", ("did you mean `Redshift`?",), "write"),
        ("Frobnicator", ("write one of: ", "EKS"), "did you mean"),
    ],
)
def test_what_is_no_type_says_what_to_write(kind: str, parts: tuple[str, ...], never: str) -> None:
    """A misspelling has its right word, what AWS Backup does not protect has what stands for it, the rest the list."""
    errors = [error for error in check_text(ESTATE.format(kind=kind))[1] if error.check == "unknown-type"]
    assert len(errors) == 1
    assert all(part in errors[0].repair for part in parts)
    assert never not in errors[0].repair


def test_what_stands_for_others_loads() -> None:
    """The types that are offered in their place are types, and a stateless one loads."""
    catalogue = load_catalogue()
    for other in catalogue.others.values():
        offered = [part.split("`")[0] for part in other.write.split("`type: ")[1:]]
        assert all(name in catalogue.types for name in offered)
        assert all(catalogue.find_type(name) is None for name in other.names.value)
    text = ESTATE.format(kind="EC2").replace("size: 10 GB", "size: 10 GB, stateless: true")
    assert check_text(text)[1] == ()
