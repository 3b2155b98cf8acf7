"""What a catalogue says is data: new kinds of disruption, new types and another cloud need no code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from drsim.catalogue import Catalogue, load_catalogue, read_catalogue
from drsim.engine import run_drills, run_vectorised
from drsim.errors import CatalogueError
from drsim.report.bills import bill_table
from drsim.report.estate_tables import capabilities, ignored, places
from drsim.report.html import basis_table, html_report
from drsim.report.tables import Table
from drsim.scenario import Scenario, read_scenario
from drsim.scenario.dump import dump_scenario
from drsim.study.drills import run
from drsim.study.results import Result
from drsim.units import DAY_S, HOUR_S
from drsim.world import build_world

HARBOUR = Path(__file__).parent.parent / "data" / "catalogue"

ESTATE = """\
name: fleet
start: 2026-01-01
drills: 300
sites:
  home: {{region: {home}, account: production}}
  away: {{region: {away}, account: production}}
vaults:
  local: {{site: home, key: mine}}
  far: {{site: away}}
  locked: {{site: home, lock: compliance}}
applications:
  desk:
    site: home
    recover_at: away
    objectives: {{rpo: 27 h, rto: 3 h}}
    resources: {{data: {{type: {type}, size: 360 GB}}}}
backup_plans:
  daily:
    rules:
      - rule_name: daily
        target_vault: local
        every: 24 h
        lifecycle: {{delete_after: 10 d}}
        copy_actions: [{{destination_vault: far}}]
  locked:
    rules: [{{rule_name: locked, target_vault: locked, every: 24 h, lifecycle: {{delete_after: 10 d}}}}]
strategies:
  copied: {{backup: daily}}
  kept: {{backup: locked}}
disruptions:
{disruptions}
response: {{detect: 0 min, declare: 0 min, validate: 0 min, redirect: 0 min}}
"""


def fleet(kind: str, catalogue: Catalogue) -> Scenario:
    """Return a resource of the invented cloud, struck by a kind of its catalogue."""
    text = ESTATE.format(home="north-1", away="south-1", type="volume", disruptions=f"  it: {{kind: {kind}}}")
    return read_scenario(text, catalogue=catalogue)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder with a copy of the catalogue that drsim ships."""
    return Path(shutil.copytree(load_catalogue().root, tmp_path / "catalogue"))


def added(root: Path, like: str, name: str) -> Catalogue:
    """Return the catalogue of a folder with a kind of disruption added that says what another one says."""
    file = root / "disruptions.yaml"
    text = file.read_text(encoding="utf-8")
    part = re.search(rf"^  {like}:\n(    .*\n|\n)+", text, re.MULTILINE)
    assert part is not None
    again = part[0].replace(f"  {like}:", f"  {name}:", 1)
    file.write_text(f"{text.rstrip()}\n{again}", encoding="utf-8")
    return read_catalogue(root)


@pytest.mark.parametrize("like", sorted(load_catalogue().disruptions))
def test_a_kind_that_says_the_same_does_the_same(like: str, copied: Path) -> None:
    """A kind added by data alone takes what its data say: incidents are those of the kind that says the same."""
    catalogue = added(copied, like, "tidal-wave")
    logs = []
    for kind in (like, "tidal-wave"):
        text = ESTATE.format(
            home="us-east-1", away="us-west-2", type="EBS", disruptions=f"  it: {{kind: {kind}, dwell: 30 h}}"
        )
        if catalogue.disruptions[like].strikes == "premises":
            text = text.replace("type: EBS", "type: Virtual machines").replace("    site: home", "    site: clinic")
            text = text.replace("sites:\n", "sites:\n  clinic: {on-premises: true, account: here, uplink: 1 Gbit/s}\n")
        world = build_world(read_scenario(text, catalogue=catalogue), "copied")
        logs += [run_vectorised(world, "it", 0, 60), run_drills(world, "it", 0, 60)]
    first, *others = (
        log.astype(dict.fromkeys(("level", "subject", "state", "recovered_by", "place", "struck"), str)) for log in logs
    )
    for other in others:
        pd.testing.assert_frame_equal(first, other)
    assert len(first)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("sites: region", "sites: planet", "takes.sites: found 'planet', it is one of none, account, region"),
        ("vaults: region", "vaults: cellar", "takes.vaults: found 'cellar', it is one of none, account, region"),
        (
            "replicas: everywhere",
            "replicas: some",
            "takes.replicas: found 'some', it is one of none, account, region, everywhere",
        ),
        ("locks: [none]", "locks: [padlock]", "locks: takes some of none, governance, compliance, air-gapped"),
        ("      locks: [none]\n", "", "takes: has locks where it takes vaults of the account"),
    ],
)
def test_what_no_law_explains_is_refused(was: str, now: str, said: str, copied: Path) -> None:
    """A kind that takes what no law knows is refused when the catalogue is read, with what there is."""
    file = copied / "disruptions.yaml"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(CatalogueError, match=re.escape(said)):
        _ = read_catalogue(copied).disruptions


def test_a_new_type_is_a_file(copied: Path) -> None:
    """A type added by a file and a line of the index is backed up and restored at the figures of its file."""
    text = (copied / "types" / "timestream.yaml").read_text(encoding="utf-8")
    text = text.replace("title: Amazon Timestream for LiveAnalytics table", "title: Tape robot")
    text = re.sub(r"  restore_fixed:\n    value: .*", "  restore_fixed:\n    value: 7 h", text)
    text = re.sub(r"  restore_rate:\n    value: .*", "  restore_rate:\n    value: 100 MB/s", text)
    (copied / "types" / "tape.yaml").write_text(text, encoding="utf-8")
    index = copied / "catalogue.yaml"
    index.write_text(f"{index.read_text(encoding='utf-8').rstrip()}\n  Tape robot: {{file: tape, aliases: [tapes]}}\n")
    it = ESTATE.format(home="us-east-1", away="us-west-2", type="tapes", disruptions="  it: {kind: resource-loss}")
    scenario = read_scenario(it.replace("recover_at: away", "recover_at: home"), catalogue=read_catalogue(copied))
    log = run(scenario, strategies=("copied",), workers=1).log.frame()
    recovered = log[(log["level"] == "resource") & (log["state"] == "recovered")]
    # of 360 GB at 100 MB/s
    assert recovered["restore_s"].unique().tolist() == [7 * HOUR_S + HOUR_S]


def test_another_cloud_runs_from_scenario_to_verdict_and_bill() -> None:
    """A catalogue in a folder of its own is used throughout: names, durations, what survives, verdicts, prices."""
    catalogue = read_catalogue(HARBOUR)
    result = run(fleet("flood", catalogue), workers=1)
    copied, kept = (_row_of_desk(result, strategy) for strategy in ("copied", "kept"))
    # 360 GB at 100 MB/s take an hour: the backup 1.5 h, the copy after it 1 h 20 min, the restore 3 h
    assert copied["downtime_s_p50"] == 3 * HOUR_S
    unready_s = 1.5 * HOUR_S + HOUR_S + HOUR_S / 3
    assert unready_s < copied["data_loss_s_p50"] < DAY_S + unready_s
    # a lock keeps a vault no drier
    assert (copied["verdict"], kept["verdict"]) == ("met", "unrecoverable")
    assert copied["struck_per_year"] == 0.01
    assert result.run["catalogue"] == "2026-01-01"
    assert result.run["prices"] == {"list": "harbour", "as_of": "2026-01-01"}
    costs = result.costs[result.costs["strategy"] == "copied"]
    # 360 GB and nine days' tenths of it at both places, a tenth a day on its way, a fee for each backup
    stored_gib = 360e9 / 2**30 * 1.9
    by_hand = stored_gib * (0.1 + 0.2) + 365 / 12 * (36e9 / 2**30 * 0.02 + 0.01)
    assert costs.loc[costs["line"] == "total", "usd_per_month"].item() == pytest.approx(by_hand)


def test_another_cloud_is_reported_in_its_own_names_and_prices() -> None:
    """The bill, the report and the tables of a study are made of the catalogue that its scenario was read with."""
    scenario = fleet("flood", read_catalogue(HARBOUR))
    result = run(scenario, workers=1)
    bill = bill_table(result, "copied")
    assert {row[3] for row in bill.rows} >= {"Disk"}
    assert bill.notes == (
        (
            "List prices of Harbour in USD before discounts and tax; newest price of 2026-01-01. "
            "GiB is 2^30 bytes, which Harbour calls a GB."
        ),
        f"harbour: {scenario.catalogue.prices().sources['harbour'].cited}",
    )
    page = html_report(result, "fleet.yaml")
    assert "List prices of Harbour" in page
    assert "List prices of AWS" not in page
    assert basis_table(scenario, "2026-01-01").rows[0][0] == "Disk"
    what = capabilities(scenario)
    assert what.title == "What Harbour Vaults can do for each resource (newest knowledge, catalogue of 2026-01-01)"
    where = places(scenario)
    assert [_column(table, 0) for table in (what, where)] == [["desk.data"], ["desk.data"]]
    assert _column(where, 1) == ["north-1"]
    assert ignored(scenario, scenario.warnings).title.startswith("What Harbour ignores")


def _column(table: Table, number: int) -> list[str]:
    return [row[number] for row in table.rows]


def _row_of_desk(result: Result, strategy: str) -> dict[str, Any]:
    rows = result.summary
    row = rows[(rows["strategy"] == strategy) & (rows["subject"] == "desk")].iloc[0]
    return {str(name): value for name, value in row.items()}


def test_locks_hold_as_the_data_say() -> None:
    """Whoever attacks gets the better of those locks that the kind names: here of a compliance lock, too."""
    result = run(fleet("mutiny", read_catalogue(HARBOUR)), workers=1)
    kept = _row_of_desk(result, "kept")
    assert kept["unrecoverable"] == kept["drills"]


def test_a_scenario_keeps_its_catalogue() -> None:
    """Names that are unknown elsewhere are known wherever a scenario goes, and a dump of it reads the same."""
    catalogue = read_catalogue(HARBOUR)
    scenario = fleet("spill", catalogue)
    assert scenario.catalogue is catalogue
    assert scenario.model_copy(update={"drills": 1}).catalogue is catalogue
    assert read_scenario(dump_scenario(scenario), catalogue=catalogue) == scenario
