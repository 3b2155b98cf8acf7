"""A catalogue in a folder of its own is refused when it is read: with all that is wrong, each with file and line."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from pathlib import Path

import pytest

from drsim.catalogue import Catalogue, load_catalogue, read_catalogue
from drsim.errors import CatalogueError

HARBOUR = Path(__file__).parent.parent / "data" / "catalogue"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder with a copy of the catalogue of a small invented cloud."""
    return Path(shutil.copytree(HARBOUR, tmp_path / "harbour"))


def edit(root: Path, file: str, was: str, now: str) -> None:
    """Change one place of a file."""
    text = (root / file).read_text(encoding="utf-8")
    assert was in text
    (root / file).write_text(text.replace(was, now, 1), encoding="utf-8")


RESTORE_RATE = "  restore_rate: {value: 100 MB/s, basis: estimated, note: Invented.}\n"
LAUNCH = "launch_duration: {value: 10 min, basis: estimated, note: Invented.}\n"


@pytest.mark.parametrize(
    ("file", "was", "now", "said"),
    [
        ("types/ledger.yaml", "yes: [cross-region", "yes: [teleport, cross-region", "ledger.yaml:{line}: capabilities"),
        ("catalogue.yaml", "{file: ledger", "{file: nowhere", "nowhere.yaml: "),
        ("catalogue.yaml", "prices: harbour", "prices: nowhere",
         "catalogue.yaml:{line}: prices: there is no price list prices/nowhere.yaml"),
        ("catalogue.yaml", "cloud: Harbour", "cloud: 3", "catalogue.yaml:{line}: cloud: found 3"),
        ("types/disk.yaml", RESTORE_RATE, "", "disk.yaml:15: parameters.restore_rate: missing"),
        ("defaults.yaml", LAUNCH, "", "defaults.yaml: launch_duration: missing"),
        ("rules.yaml", "retention_minimum: {value: 1 d", "retention_minimum: {value: 5000 d",
         "rules.yaml:{line}: retention_minimum: lies above retention_maximum"),
        ("disruptions.yaml", "vaults: none, replicas: everywhere", "vaults: key, replicas: everywhere",
         "disruptions.yaml:{line}: kinds.spill.takes.vaults: is key for kinds that strike a key"),
        ("disruptions.yaml", "0.5 /year", "0.5 per year", "disruptions.yaml:{line}: kinds.spill.rate.default.value: "),
        ("types/disk.yaml", "title: Harbour Disk", "title: [Harbour Disk", "disk.yaml:2: "),
        ("prices/harbour.yaml", "value: 0.1,", "value: -0.1,", "harbour.yaml:{line}: items.warm-storage.rows.Disk."),
    ],
)  # fmt: skip
def test_a_bad_catalogue_is_refused_when_it_is_read(root: Path, file: str, was: str, now: str, said: str) -> None:
    """Whatever is wrong is refused before a scenario asks for it, by file, line and key."""
    before = (root / file).read_text(encoding="utf-8").split(was)[0]
    edit(root, file, was, now)
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue(root)
    assert said.format(line=before.count("\n") + 1) in str(refusal.value)


def test_all_flaws_are_told_at_once(root: Path) -> None:
    """Flaws of several files, and of one, are told together, and survive the way between processes."""
    edit(root, "types/disk.yaml", "backup_fixed: {value: 30 min", "backup_fixed: {value: 30")
    edit(root, "types/disk.yaml", "copy_rate: {value: 100 MB/s", "copy_rate: {value: 100")
    edit(root, "types/disk.yaml", "value: single-az", "value: lunar")
    edit(root, "disruptions.yaml", "strikes: resource", "strikes: ocean")
    edit(root, "disruptions.yaml", "0.01 /year", "0.01")
    edit(root, "rules.yaml", "1000 d", "1000")
    with pytest.raises(CatalogueError) as refusal:
        read_catalogue(root)
    places = [(flaw.file, flaw.place) for flaw in refusal.value.flaws]
    assert sorted(places) == [
        ("disk.yaml", "deployment.value"),
        ("disk.yaml", "parameters.backup_fixed.value"),
        ("disk.yaml", "parameters.copy_rate.value"),
        ("disruptions.yaml", "kinds.flood.rate.default.value"),
        ("disruptions.yaml", "kinds.spill.strikes"),
        ("rules.yaml", "retention_maximum.value"),
    ]
    assert all(flaw.line for flaw in refusal.value.flaws)
    again: CatalogueError = pickle.loads(pickle.dumps(refusal.value))  # noqa: S301 - our own bytes
    assert again.flaws == refusal.value.flaws


def test_a_catalogue_is_read_anew_where_a_file_has_changed(root: Path) -> None:
    """The same object as long as no file changes; another one, with other values and prices, once one has."""
    first = read_catalogue(root)
    assert read_catalogue(root) is first
    edit(root, "disruptions.yaml", "0.01 /year", "0.02 /year")
    edit(root, "prices/harbour.yaml", "value: 0.1,", "value: 0.3,")
    os.utime(root / "disruptions.yaml", ns=(1, 1))  # whatever the clock says
    second = read_catalogue(root)
    assert second is not first
    assert second.disruptions["flood"].rate().value == 2 * first.disruptions["flood"].rate().value
    prices = [catalogue.prices().find("warm-storage", "Disk", "north-1").value for catalogue in (first, second)]
    assert prices == [0.1, 0.3]
    assert second.prices() is second.prices()


def test_the_way_to_another_process_keeps_a_catalogue(root: Path) -> None:
    """A worker reads the files of the catalogue that it is given, once."""
    first = read_catalogue(root)
    again: Catalogue = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own bytes
    assert again is first
    assert read_catalogue(load_catalogue().root) is load_catalogue()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A folder without a catalogue is refused by the name of the file that is missing."""
    with pytest.raises(CatalogueError, match=re.escape("catalogue.yaml: ")):
        read_catalogue(tmp_path / "nowhere")
