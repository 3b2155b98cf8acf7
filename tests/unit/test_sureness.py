"""How sure the facts are is counted from the catalogue itself, every value once."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from drsim.catalogue import load_catalogue, read_catalogue
from drsim.cli import main
from drsim.report.sureness import KINDS, RANGES, kind_of, sureness, sureness_table


def test_every_value_counts_once() -> None:
    """Kinds hold all values and prices, and the values with a range are among them."""
    catalogue, counts = load_catalogue(), sureness()
    rows = [row for item in catalogue.prices().data.items.values() for row in item.rows.values()]
    prices = sum(len(row) for row in rows if isinstance(row, dict))
    assert counts["prices"].total() == prices
    assert sum(counts[kind].total() for kind in KINDS) == prices + len(list(catalogue.leaves()))
    assert all(counts[kind].total() for kind in KINDS)
    assert 0 < counts[RANGES].total() < sum(counts[kind].total() for kind in KINDS)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("types.EBS.cross-region since 2019-01-16", "capabilities"),
        ("types.EBS.notes.0", "notes"),
        ("types.EBS.backup_rate", "timings, rates, change"),
        ("types.RDS.failovers.multi-az", "replication and failover"),
        ("types.RDS.replication.read replica.lag", "replication and failover"),
        ("types.RDS.lineage", "rules"),
        ("rules.cold_minimum", "rules"),
        ("quotas.copy_jobs.EBS", "quotas"),
        ("defaults.copy_failure", "defaults of all types"),
        ("disruptions.zone-outage.rate.default", "disruptions"),
        ("regions.us-east-1.zones", "Regions and names"),
    ],
)
def test_a_value_is_of_one_kind(place: str, kind: str) -> None:
    """The place of a value says of what kind it is."""
    assert kind_of(place) == kind


def test_another_basis_moves_the_count(tmp_path: Path) -> None:
    """The count is made of the files: a value that becomes documented is counted so."""
    root = Path(shutil.copytree(load_catalogue().root, tmp_path / "catalogue"))
    file = root / "disruptions.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        re.sub(r"basis: estimated\n(\s+)source: parametrix", r"basis: documented\n\1source: parametrix", text)
    )
    before, after = (sureness(catalogue)["disruptions"] for catalogue in (load_catalogue(), read_catalogue(root)))
    assert after["documented"] > before["documented"]
    assert after.total() == before.total()


def test_the_table_and_the_command_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A row has the number of values and shares of a hundred; the command prints the rows."""
    for row in sureness_table().rows:
        shares = [int(cell.removesuffix(" %")) for cell in row[2:] if cell]
        assert sum(shares) == pytest.approx(100, abs=3)
    assert main(["catalogue", "--list", "sureness", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)["sureness"]
    assert [row["kind"] for row in printed] == [*KINDS, "all", RANGES]
    assert main(["catalogue", "--list", "sureness", "--basis", "estimated"]) == 2
