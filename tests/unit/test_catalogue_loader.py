"""What the loader refuses: each refusal names the file and the key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from drsim.catalogue import Catalogue, check_catalogue
from drsim.errors import CatalogueError

DATA = Path(__file__).parent.parent / "data" / "catalogue"

INDEX = """
version: 2026-01-01
cloud: Attic
service: Attic Boxes
prices: book
types:
  Box: {file: box, aliases: [Crate]}
  Tin: {file: tin, aliases: [Can]}
"""
BOX = """
title: A box
aws_type: BOX
supported: always
deployment: {value: single-az, basis: documented, source: book}
lineage: {value: region, basis: documented, source: book}
snapshots_incremental: {value: yes, basis: documented, source: [book]}
change_rate: {value: 4 %/day, basis: estimated, note: As a crate.}
capabilities:
  - since: always
    basis: documented
    source: book
    yes: [cross-region, cross-account, continuous, cold-storage]
    no: [audit, incremental, full-management, item-level-restore, single-action-copy, restore-testing]
    unknown: [air-gapped-vault]
  - {since: 2024-01-01, basis: documented, source: book, yes: [audit]}
parameters:
  backup_fixed: {value: 5 min, basis: documented, source: book}
  copy_fixed: {value: 6 min, basis: documented, source: book}
  restore_fixed: {value: 7 min, basis: documented, source: book}
  restore_rate: {value: {median: 100 MB/s, p5: 50 MB/s}, basis: documented, source: book}
  log_lag: {value: 5 min, basis: documented, source: book}
  cold_retrieval: {value: 4 h, basis: documented, source: book}
failovers:
  multi-az: {value: 30 s, basis: documented, source: book, strikes: [flood]}
replication:
  twin:
    about: {value: A second box., basis: documented, source: book}
    kind: replica
    scope: other-site
    automatic: no
    lag: {value: 1 s, basis: documented, source: book}
    promote: {value: 1 min, basis: documented, source: book}
notes:
  - {value: Handle with care., basis: documented, source: book}
"""
KEPT = "    retained_on_delete: {value: yes, basis: documented, source: book}\n    promote:"
DISRUPTIONS = """
zones_per_region: {value: 3, basis: documented, source: book}
rebuild: {value: 10 d, basis: documented, source: book}
kinds:
  flood:
    about: {value: Water., basis: documented, source: book}
    strikes: region
    ends: yes
    takes: {sites: region, vaults: region, replicas: region, basis: documented, source: book}
    rate_per: region
    rate: {default: {value: 0.1 /year, basis: documented, source: book}}
    duration: {value: 2 d, basis: documented, source: book}
    dwell: {value: 0 h, basis: documented, source: book}
    impairs: {launches: {value: 0.5, basis: documented, source: book}}
"""
RULES = """
retention_minimum: {value: 1 d, basis: documented, source: book}
retention_maximum: {value: 99 d, basis: documented, source: book}
cold_minimum: {value: 90 d, basis: documented, source: book}
warm_minimum: {value: 8 d, basis: documented, source: book}
continuous_maximum: {value: 35 d, basis: documented, source: book}
air_gapped_minimum: {value: 7 d, basis: documented, source: book}
copy_minimum: {value: 7 d, basis: documented, source: book}
interval_minimum: {value: 1 h, basis: documented, source: book}
start_window_minimum: {value: 1 h, basis: documented, source: book}
rules_maximum: {value: 10, basis: documented, source: book}
copy_actions_maximum: {value: 5, basis: documented, source: book}
"""
QUOTAS = """
jobs_per_resource: {"*": {value: 1, basis: documented, source: book}}
backup_jobs: {"*": {value: unlimited, basis: documented, source: book}}
copy_jobs: {"*": {value: 100, basis: documented, source: book}}
restore_jobs: {}
"""
REGIONS = """
version: 2026-01-01
known:
  place: {basis: documented, source: book}
  zones: {basis: documented, source: book}
  opened: {basis: documented, source: book}
partitions:
  sea:
    title: The sea
    regions:
      sea-1: {place: Atlantis, zones: abc, opened: 2020-02-02}
  land:
    title: The land
    regions: {land-1: {place: Somewhere}}
"""
DEFAULTS = """
expiry_delay: {value: 8 h, basis: documented, source: book}
start_delay: {value: 0 h, basis: documented, source: book}
backup_failure: {value: 0 %, basis: documented, source: book}
copy_failure: {value: 0 %, basis: documented, source: book}
restore_failure: {value: 0 %, basis: documented, source: book}
restore_failure_tested: {value: 0 %, basis: documented, source: book}
log_failure: {value: 0 %, basis: documented, source: book}
log_factor: {value: 1, basis: documented, source: book}
launch_duration: {value: 1 h, basis: documented, source: book}
"""
PRICES = (DATA / "prices" / "harbour.yaml").read_text(encoding="utf-8").replace("harbour", "book")
OTHERS = """
version: 2026-01-01
kinds:
  bag: {names: [Bag, Sack], says: is no type, write: write a box, basis: documented, source: book}
"""
MEASUREMENTS = """
publications:
  log: {title: A log, publisher: Them, date: 2026-01-02, url: "https://example.com/log"}
measurements:
  filled:
    type: Box
    measures: restore
    size: 100 GB
    value: [20 min, 30 min]
    region: sea-1
    conditions: Filled to the brim.
    source: log
  flooded: {disruption: flood, measures: duration, value: {above: 1 d}, conditions: Rain., source: log}
moved:
  - {types: [Box], parameter: restore_rate, before: 9 MB/s, because: [filled], why: It was too slow.}
"""
SOURCES = "book: {title: A book, publisher: Us, edition: first, says: All of it., url: https://example.org/book}"
FILES = {
    "regions.yaml": REGIONS,
    "measurements.yaml": MEASUREMENTS,
    "others.yaml": OTHERS,
    "catalogue.yaml": INDEX,
    "types/box.yaml": BOX,
    "types/tin.yaml": BOX,
    "disruptions.yaml": DISRUPTIONS,
    "rules.yaml": RULES,
    "quotas.yaml": QUOTAS,
    "defaults.yaml": DEFAULTS,
    "prices/book.yaml": PRICES,
    "prices/sources.yaml": SOURCES,
    "sources.yaml": SOURCES,
}


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write the files of a catalogue, by name."""
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def catalogue(root: Path, file: str = "", old: str = "", new: str = "") -> Catalogue:
    """Return a small catalogue below `root`, one place of one file changed, all of it read."""
    assert not file or old in FILES[file]
    write(root, FILES | ({file: FILES[file].replace(old, new, 1)} if file else {}))
    found = Catalogue(root)
    check_catalogue(found)
    return found


def test_the_small_catalogue_itself_is_accepted(tmp_path: Path) -> None:
    """The example that the refusals change is right before they change it."""
    found = catalogue(tmp_path)
    assert found.find_type("can") is found.types["Tin"]
    assert (found.find_other("SACK"), found.nearest_type("Sackk")) == (found.others["bag"], "Sack")
    assert (found.regions["sea-1"].partition, found.regions["land-1"].zones) == ("sea", None)
    assert found.quotas["backup_jobs"]["*"].value is None
    assert found.types["Box"].parameters["restore_rate"].written == "{median: 100 MB/s, p5: 50 MB/s}"


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("types/box.yaml", "value: 5 min", "value: 5", r"box.yaml:\d+: parameters.backup_fixed.value: .*has no unit"),
        ("types/box.yaml", "value: 5 min", "value: 5 MB", r"parameters.backup_fixed.value: .*no unit of a duration"),
        ("types/box.yaml", "{value: 5 min, basis", "{basis", r"parameters.backup_fixed.value: missing"),
        ("types/box.yaml", "5 min, basis: documented, ", "5 min, ", r"parameters.backup_fixed.basis: missing"),
        ("types/box.yaml", "5 min, basis: documented", "5 min, basis: memory", r"backup_fixed.basis: found 'memory'"),
        ("types/box.yaml", "5 min, basis: documented, source: book", "5 min, basis: derived", r"source: a derived"),
        ("types/box.yaml", ", note: As a crate.", "", r"change_rate.note: an estimate carries its reasoning"),
        ("types/box.yaml", "5 min, basis", "5 min, bases: 1, basis", r"backup_fixed: unknown keys: bases"),
        ("types/box.yaml", "title: A box", "titel: A box", r"title: missing"),
        ("types/box.yaml", "notes:", "colour: red\nnotes:", r"box.yaml: unknown keys: colour"),
        ("types/box.yaml", "backup_fixed", "backup_fix", r"parameters.backup_fix: no parameter"),
        ("types/box.yaml", "backup_fixed", "backup_duration", r"parameters.backup_duration: no parameter"),
        ("types/box.yaml", "backup_fixed: {value: 5 min", "log_replay_speed: {value: 5", r"log_replay_speed: no param"),
        ("types/box.yaml", "{median: 100 MB/s, p5: 50 MB/s}", "0 MB/s", r"'0 MB/s' is out of range"),
        ("types/box.yaml", "restore_fixed", "start_delay", r"restore_fixed: missing"),
        ("types/box.yaml", "  log_lag: {value: 5 min, basis: documented, source: book}\n", "", r"log_lag: belongs to"),
        ("types/box.yaml", "yes: [cross-region,", "no: [cross-region,", r"duplicate key"),
        ("types/box.yaml", "continuous, cold-storage]\n    no: [", "continuous]\n    no: [cold-storage, ", r"cold_"),
        ("types/box.yaml", "  copy_fixed: {value: 6 min, basis: documented, source: book}\n", "", r"copy_fixed: "),
        ("types/box.yaml", " log_lag", " hydration_rate: {value: 1 MB/s, basis: estimated, note: So.}\n  log_lag",
         r"hydration_rate: .*not both"),
        ("types/box.yaml", "yes: [audit]", "yes: [auditing]", r"capabilities.1.yes: no capability: 'auditing'"),
        ("types/box.yaml", "unknown: [air-gapped-vault]", "", r"not given from `always` on: air-gapped-vault"),
        ("types/box.yaml", "since: 2024-01-01", "since: always", r"audit is already given"),
        ("types/box.yaml", "since: 2024-01-01", "since: soon", r"capabilities.1.since: found 'soon'"),
        ("types/box.yaml", "value: single-az", "value: two-az", r"deployment.value: 'two-az' is none of"),
        ("types/box.yaml", "multi-az:", "many-az:", r"failovers: no deployment"),
        ("types/box.yaml", "kind: replica", "kind: clone", r"replication.twin.kind: found 'clone'"),
        ("types/box.yaml", "kind: replica", "kind: snapshots", r"replication.twin.promote: has no place in"),
        ("types/box.yaml", "automatic: no", "automatic: yes", r"replication.twin.detection: missing from"),
        ("types/box.yaml", "automatic: no", "automatic: maybe", r"replication.twin.automatic: .*neither yes nor no"),
        ("types/box.yaml", "  - {value: Handle", "  - {text: Handle", r"notes.0.value: missing"),
        ("types/box.yaml", "source: book}\nlineage", "source: film}\nlineage", r"box.yaml:\d+: deployment: .*film"),
        ("types/box.yaml", "title: A box", "title: [", r"box.yaml:4: "),
        ("types/box.yaml", BOX, "- a list", r"box.yaml: the file: found .* a mapping belongs here"),
        ("catalogue.yaml", "file: box", "file: bag", r"bag.yaml"),
        ("catalogue.yaml", "[Can]", "[crate]", r"types: 'crate' is both Box and Tin"),
        ("defaults.yaml", "8 h", "8", r"defaults.yaml:\d+: expiry_delay.value: .*has no unit"),
        ("disruptions.yaml", "0.1 /year", "0.1", r"kinds.flood.rate.default.value: .*has no unit"),
        ("disruptions.yaml", "rate_per: region", "rate_per: town", r"kinds.flood.rate_per: found 'town'"),
        ("disruptions.yaml", "sites: region", "sites: planet", r"kinds.flood.takes.sites: found 'planet'"),
        ("disruptions.yaml", "vaults: region", "vaults: account", r"takes: has locks where it takes vaults of the acc"),
        ("rules.yaml", "99 d", "99", r"retention_maximum.value: .*has no unit"),
        ("rules.yaml", "copy_minimum", "copies_minimum", r"rules.yaml: copy_minimum: missing"),
        ("disruptions.yaml", "rebuild: {value: 10 d", "rebuild: {value: 10", r"rebuild.value: .*has no unit"),
        ("types/box.yaml", "    promote:", KEPT, r"replication.twin.retained_on_delete: has no place in a replica"),
        ("disruptions.yaml", "default:", "us-east-1:", r"kinds.flood.rate: has no default"),
        ("disruptions.yaml", "ends: yes", "ends: no", r"kinds.flood.duration: belongs to kinds that end"),
        ("disruptions.yaml", "launches", "lunches", r"kinds.flood.impairs: takes launches"),
        ("disruptions.yaml", "value: 0.5", "value: 50", r"impairs.launches.value: .*no fraction"),
        ("quotas.yaml", "value: 100", "value: 0", r"copy_jobs.\*.value: 0 is no number of jobs"),
        ("quotas.yaml", "value: 100", "value: many", r"copy_jobs.\*.value: 'many'"),
        ("regions.yaml", "version: 2026-01-01", "version: new", r"regions.yaml:\d+: version: a date"),
        ("regions.yaml", "zones: abc", "zones: acb", r"regions.sea-1.zones: found 'acb'"),
        ("regions.yaml", "zones: abc", "zones: 3", r"regions.sea-1.zones: "),
        ("regions.yaml", "opened: 2020-02-02", "opened: soon", r"regions.sea-1.opened: found 'soon'"),
        ("regions.yaml", "zones: abc", "zone: abc", r"regions.sea-1: unknown keys: zone"),
        ("regions.yaml", "land-1:", "sea-1:", r"regions.sea-1: the Region stands here a second time"),
        ("regions.yaml", "place: {basis: documented, source: book}", "place: {basis: derived}", r"place.source"),
        ("regions.yaml", "title: The sea", "name: The sea", r"partitions.sea.title: missing"),
        ("others.yaml", "version: 2026-01-01", "version: new", r"others.yaml:\d+: version: a date"),
        ("others.yaml", "write: write a box, ", "", r"kinds.bag.write: missing"),
        ("others.yaml", ", source: book", "", r"kinds.bag.source: "),
        ("sources.yaml", ", says: All of it.", "", r"sources.yaml:\d+: book.says: missing"),
        ("sources.yaml", ', url: https://example.org/book', "", r"book.url: a public source has its address here"),
        ("sources.yaml", "url:", "unlinked: It is not public., url:", r"book.url: a public source has its address"),
        ("sources.yaml", "https://example.org/book", "example.org", r"book.url: found 'example.org', an address"),
        ("measurements.yaml", "title: A log", "name: A log", r"publications.log.title: missing"),
        ("measurements.yaml", "https:", "ftp:", r"publications.log.url: found 'ftp://example.com/log', a link"),
        ("measurements.yaml", "source: log}", "source: film}", r"flooded.source: no such publication: film"),
        ("measurements.yaml", "publications:", "publications:\n  idle: {title: I, publisher: I, date: 1, url: https://i}",
         r"publications.idle: no measurement comes from it"),
        ("measurements.yaml", "[20 min, 30 min]", "20", r"measurements.filled.value: .*has no unit"),
        ("measurements.yaml", "[20 min, 30 min]", "[30 min, 20 min]", r"filled.value: .*the smaller one first"),
        ("measurements.yaml", "{above: 1 d}", "{over: 1 d}", r"measurements.flooded.value: "),
        ("measurements.yaml", "size: 100 GB", "size: 100", r"measurements.filled.size: .*has no unit"),
        ("measurements.yaml", "size: 100 GB", "weight: 100 GB", r"measurements.filled: unknown keys: weight"),
        ("measurements.yaml", "type: Box", "type: Bag", r"filled: no such type or kind of disruption: Bag"),
        ("measurements.yaml", "measures: restore", "measures: resting", r"filled.measures: Box has no resting"),
        ("measurements.yaml", "measures: restore", "measures: copy_failure", r"filled.measures: .* no distribution"),
        ("measurements.yaml", "measures: duration", "measures: colour", r"flooded.measures: flood has no colour"),
        ("measurements.yaml", "region: sea-1", "region: moon-1", r"filled.region: no such Region: moon-1"),
        ("measurements.yaml", "because: [filled]", "because: [empty]", r"moved.0.because: no such measurement: empty"),
        ("measurements.yaml", "parameter: restore_rate", "parameter: rate", r"moved: Box has no rate"),
        ("measurements.yaml", "moved:", "removed: 1\nmoved:", r"measurements.yaml: unknown keys: removed"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_by_file_and_key(tmp_path: Path, file: str, old: str, new: str, names: str) -> None:
    """What lacks unit, basis, source or reasoning, an unknown key or a contradiction is an error that says where."""
    with pytest.raises(CatalogueError, match=names):
        catalogue(tmp_path, file, old, new)


def test_an_end_is_no_use_to_what_never_ends(tmp_path: Path) -> None:
    """A kind that never ends impairs nothing, since what waits would wait for ever."""
    text = "    duration: {value: 2 d, basis: documented, source: book}\n"
    broken = FILES | {"disruptions.yaml": DISRUPTIONS.replace(text, "").replace("ends: yes", "ends: no")}
    write(tmp_path, broken)
    with pytest.raises(CatalogueError, match="impairs: belongs to kinds that end"):
        check_catalogue(Catalogue(tmp_path))


def test_all_problems_of_the_measurements_are_named_at_once(tmp_path: Path) -> None:
    """A file of measurements is refused with everything that is wrong with it, a line each."""
    broken = MEASUREMENTS.replace("100 GB", "100").replace("{above: 1 d}", "1").replace("[filled]", "[none]")
    with pytest.raises(CatalogueError) as refusal:
        catalogue(tmp_path, "measurements.yaml", MEASUREMENTS, broken)
    places = [line.split(": ")[1] for line in str(refusal.value).splitlines()]
    assert places == ["measurements.filled.size", "measurements.flooded.value", "moved.0.because"]


def test_a_catalogue_needs_no_measurements(tmp_path: Path) -> None:
    """A catalogue without a file of measurements has none."""
    found = catalogue(tmp_path)
    assert [m.key for m in found.measurements.of("Box")] == ["filled"]
    (tmp_path / "measurements.yaml").unlink()
    assert Catalogue(tmp_path).measurements.all == ()
