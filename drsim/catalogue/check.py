"""A catalogue held against its own rules, whole: every file is read, and what files say of each other must hold.

The shipped catalogue is held by the tests, and read file by file as it is asked for; one in a folder of its own is
checked when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from drsim.catalogue.measurements import JOBS, Measurement
from drsim.catalogue.store import DATA, Catalogue, load_catalogue, stamp_of, stored_catalogue
from drsim.errors import CatalogueError, Flaw

DEFAULTS = (
    *("start_delay", "expiry_delay", "backup_failure", "copy_failure", "restore_failure", "restore_failure_tested"),
    *("log_failure", "log_factor", "launch_duration"),
)
"""Parameters that every catalogue has a default of."""


def read_catalogue(root: Path) -> Catalogue:
    """Return the catalogue whose files lie below `root`: read anew where one of them has changed, and checked whole.

    Args:
        root: a folder like `drsim/catalogue/data/aws`.

    Raises:
        CatalogueError: with every flaw found, each with its file and, where the file has the place, its line.
    """
    root = root.resolve()
    if root == DATA.resolve():
        return load_catalogue()
    try:
        catalogue = stored_catalogue(root, stamp_of(root))
    except CatalogueError as error:
        raise CatalogueError(*(located(flaw, root / "catalogue.yaml") for flaw in error.flaws)) from None
    check_catalogue(catalogue)
    return catalogue


def check_catalogue(catalogue: Catalogue) -> None:
    """Read all of a catalogue, and hold what its files say against each other.

    Raises:
        CatalogueError: with every flaw found.
    """
    flaws = [flaw for path, read in _readers(catalogue) for flaw in _flaws(path, read)]
    # what files say of each other can only be asked once each is right
    flaws = flaws or list(_contradictions(catalogue))
    if flaws:
        raise CatalogueError(*dict.fromkeys(flaws))


def _readers(catalogue: Catalogue) -> Iterator[tuple[Path, Callable[[], object]]]:
    """Yield each file of a catalogue with what reads it."""
    root = catalogue.root
    for name in catalogue.types:
        yield catalogue.types_file(name), partial(catalogue.types.__getitem__, name)
    for name in ("defaults", "disruptions", "quotas", "rules", "regions", "others", "measurements", "sources"):
        yield root / f"{name}.yaml", partial(getattr, catalogue, name)
    prices = root / "prices" / f"{catalogue.default_prices}.yaml"
    yield (prices, catalogue.prices) if prices.is_file() else (root / "catalogue.yaml", partial(_refuse_prices, prices))
    yield root / "events.yaml", partial(getattr, catalogue, "events")


def _refuse_prices(path: Path) -> None:
    """Refuse a catalogue that names a price list of which there is no file.

    Raises:
        CatalogueError: always.
    """
    raise CatalogueError(Flaw("catalogue.yaml", "prices", f"there is no price list prices/{path.name}"))


def _flaws(path: Path, read: Callable[[], object]) -> Iterator[Flaw]:
    """Yield what is wrong with a file."""
    try:
        read()
    except CatalogueError as error:
        yield from (located(flaw, path) for flaw in error.flaws)


def _contradictions(catalogue: Catalogue) -> Iterator[Flaw]:
    """Yield where files do not fit each other."""
    for place, leaf in catalogue.leaves():
        for key in leaf.source:
            if key not in catalogue.sources:
                yield _at(catalogue, place, f"no such source: {key}")
    for name in DEFAULTS:
        if name not in catalogue.defaults:
            yield Flaw("defaults.yaml", name, "missing")
    for name, kind in catalogue.types.items():
        for deployment, failover in kind.failovers.items():
            for strike in failover.strikes:
                if strike not in catalogue.disruptions:
                    text = f"no such kind of disruption: {strike}"
                    yield located(
                        Flaw(catalogue.types_file(name).name, f"failovers.{deployment}.strikes", text),
                        catalogue.types_file(name),
                    )
    path = catalogue.root / "measurements.yaml"
    yield from (located(Flaw(path.name, *flaw), path) for flaw in _measured(catalogue))


def _at(catalogue: Catalogue, place: str, text: str) -> Flaw:
    """Return a flaw of a value, by its place in the catalogue."""
    group, _, rest = place.partition(".")
    if group != "types":
        path = catalogue.root / f"{group}.yaml"
        return located(Flaw(path.name, f"kinds.{rest}" if group == "disruptions" else rest, text), path)
    name = max((name for name in catalogue.types if rest.startswith(f"{name}.")), key=len)
    path = catalogue.types_file(name)
    return located(Flaw(path.name, rest.removeprefix(f"{name}."), text), path)


def _measured(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield place and flaw of measurements of what the catalogue does not know."""
    for measured in catalogue.measurements.all:
        place = f"measurements.{measured.key}"
        known = catalogue.disruptions if measured.is_of_disruption else catalogue.types
        if measured.of not in known:
            yield place, f"no such type or kind of disruption: {measured.of}"
        elif measured.measures not in _measurable(catalogue, measured):
            yield f"{place}.measures", f"{measured.of} has no {measured.measures}"
        if measured.region and measured.region not in catalogue.regions:
            yield f"{place}.region", f"no such Region: {measured.region}"
    for moved in catalogue.measurements.moved:
        for name in moved.types:
            if name not in catalogue.types or moved.parameter not in dict(catalogue.types[name].leaves()):
                yield "moved", f"{name} has no {moved.parameter}"


def _measurable(catalogue: Catalogue, measured: Measurement) -> set[str]:
    """Return what can be measured of what a measurement is of."""
    if measured.is_of_disruption:
        return {place for place, _ in catalogue.disruptions[measured.of].leaves()}
    return {*JOBS, *catalogue.defaults, *(place for place, _ in catalogue.types[measured.of].leaves())}


def located(flaw: Flaw, path: Path) -> Flaw:
    """Return a flaw with its line, where the file has its place or one above it."""
    from ruamel.yaml import YAML  # a slow import, needed only once something is wrong
    from ruamel.yaml.error import YAMLError

    file = path.with_name(flaw.file) if flaw.file else path
    if flaw.line or not flaw.place or not file.is_file():
        return flaw
    try:
        node = YAML(typ="safe", pure=True).compose(file.read_text(encoding="utf-8"))
    except (OSError, YAMLError):
        return flaw
    return flaw._replace(line=_line(node, flaw.place))


def _line(node: Any, place: str) -> int:  # noqa: ANN401  # a node of YAML, whose library has no types
    """Return the line of a place below a node, or of the nearest one above it that is there; 0 where none is."""
    line = 0
    while place:
        items = node.value if isinstance(node.value, list) else ()
        if node.id == "sequence":
            below = {str(k): (item, item) for k, item in enumerate(items)}
        elif node.id == "mapping":
            below = {str(key.value): (key, value) for key, value in items}
        else:
            return line
        # keys may have points in them: the longest one that fits
        key = max((key for key in below if place == key or place.startswith(f"{key}.")), key=len, default=None)
        if key is None:
            return line
        mark, node = below[key]
        line, place = mark.start_mark.line + 1, place[len(key) + 1 :]
    return line
