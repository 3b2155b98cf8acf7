"""What AWS does with some types alone is data of the type: another type that says the same is treated alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drsim.catalogue import Catalogue, read_catalogue
from drsim.scenario import check_text, read_scenario
from drsim.units import DAY_S
from drsim.world import build_world

HARBOUR = Path(__file__).parent.parent / "data" / "catalogue"

ESTATE = """\
start: 2026-01-01
sites: {home: {region: north-1, account: a}}
vaults: {local: {site: home}, other: {site: home}}
applications: {desk: {site: home, resources: {data: {type: Ledger, size: 10 GB}}}}
backup_plans:
  plan:
    rules:
      - {rule_name: logs, target_vault: local, enable_continuous_backup: true, lifecycle: {delete_after: 9 d}}
      - {rule_name: often, target_vault: other, every: 6 h, start_window: 1 h, lifecycle: {delete_after: 9 d}}
strategies: {only: {backup: plan}}
disruptions: {gone: {kind: flood}}
"""
LAG = "  log_lag: {value: 5 min, basis: estimated, note: Invented.}\n"
COLDER = "  cold_retrieval: {value: 4 h, basis: estimated, note: Invented.}\n"
CONTINUOUS = (
    ("yes: [", "yes: [continuous, "),
    ("audit, continuous", "audit"),
    ("parameters:\n", f"parameters:\n{LAG}"),
)
COLD = (
    ("yes: [", "yes: [cold-storage, "),
    ("continuous, cold-storage", "continuous"),
    ("parameters:\n", f"parameters:\n{COLDER}"),
)
WEEKLY = ("lifecycle: {delete_after: 9 d}", "lifecycle: {cold_storage_after: 8 d, delete_after: 120 d}")


def catalogue(folder: Path, facts: str, *changes: tuple[str, str]) -> Catalogue:
    """Return the invented cloud, whose Ledger says something more of itself, with some of its words replaced."""
    root = Path(shutil.copytree(HARBOUR, folder / "harbour"))
    ledger = root / "types" / "ledger.yaml"
    text = ledger.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    ledger.write_text(f"{facts}\n{text}", encoding="utf-8")
    return read_catalogue(root)


def fact(name: str, value: str) -> str:
    """Return a fact of a type as its file writes it."""
    return f"{name}: {{value: {value}, basis: estimated, note: Invented.}}"


def told(text: str, known: Catalogue) -> dict[str, str]:
    """Return what the check says of a scenario, by the check's id."""
    _, errors, warnings = check_text(text, "f.yaml", catalogue=known)
    return {problem.check: f"{problem.found}: {problem.rule}" for problem in (*errors, *warnings)}


@pytest.mark.parametrize("is_said", [False, True])
def test_snapshots_are_daily_where_the_type_says_so(tmp_path: Path, is_said: bool) -> None:  # noqa: FBT001
    """Several snapshots a day become one beside a continuous rule, and the check names the type."""
    known = catalogue(tmp_path, fact("daily_snapshots", "yes") if is_said else "", *CONTINUOUS)
    world = build_world(read_scenario(ESTATE, catalogue=known), "only")
    (often,) = (stream for stream in world.streams if stream.rule == "often")
    runs = sum(0 <= moment < 100 * DAY_S for moment in often.times_s)
    assert bool(runs <= 101) is is_said
    words = told(ESTATE, known).get("daily-snapshots", "")
    assert ("one a day of Ledger" in words) is is_said


@pytest.mark.parametrize("is_said", [False, True])
def test_backups_belong_in_one_vault_where_the_type_says_so(tmp_path: Path, is_said: bool) -> None:  # noqa: FBT001
    """Snapshots in another vault than the continuous backup's are told of such a type only."""
    known = catalogue(tmp_path, fact("one_vault", "yes") if is_said else "", *CONTINUOUS)
    assert ("snapshots-in-another-vault" in told(ESTATE, known)) is is_said


@pytest.mark.parametrize(("least", "is_told"), [("", False), ("5 h", True), ("7 h", True)])
def test_the_archive_takes_rare_points_where_the_type_says_so(tmp_path: Path, least: str, is_told: bool) -> None:  # noqa: FBT001
    """Of a type with an archive cold points move with an opt-in, and as rarely as its data say; else at their age."""
    known = catalogue(tmp_path, fact("archive", least) if least else "", *COLD)
    text = ESTATE.replace("enable_continuous_backup: true, ", "").replace(*WEEKLY)
    for opted in (False, True):
        written = text.replace("{cold", "{opt_in_to_archive: true, cold") if opted else text
        colds = {s.rule: s.cold_after_s for s in build_world(read_scenario(written, catalogue=known), "only").streams}
        moves = not least or (opted and least == "5 h")
        assert (colds["often"] == 8 * DAY_S) is moves
        assert ("archive-ignored" in told(written, known)) is (is_told and not (opted and least == "5 h"))


@pytest.mark.parametrize("is_said", [False, True])
def test_resources_are_nested_where_the_type_says_so(tmp_path: Path, is_said: bool) -> None:  # noqa: FBT001
    """A type has parts by what its data say; what says it and has none is told."""
    known = catalogue(tmp_path, fact("nests", "yes") if is_said else "")
    text = ESTATE.replace("enable_continuous_backup: true, ", "")
    assert ("cloudformation" in told(text, known)) is is_said
    nested = text.replace("size: 10 GB", "size: 10 GB, nested: {part: {type: Disk, size: 1 GB}}")
    assert ("nested-resources" in told(nested, known)) is not is_said
