"""The catalogue as a whole: its files, read when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from drsim.catalogue import spelling
from drsim.catalogue.events import NO_EVENTS, Events, read_events
from drsim.catalogue.leaf import Leaf
from drsim.catalogue.loader import (
    build_disruption,
    build_others,
    build_parameters,
    build_quotas,
    build_rules,
    build_sources,
    build_type,
    duration,
)
from drsim.catalogue.measurements import Measurements, build_measurements
from drsim.catalogue.model import DisruptionKind, Other, ResourceType, Rules, Source
from drsim.catalogue.parameters import Parameter
from drsim.catalogue.prices import PriceList, read_prices
from drsim.catalogue.reading import Entry, each_of, read_yaml
from drsim.catalogue.regions import Region, build_regions
from drsim.distributions import Distribution
from drsim.units import count

DATA = Path(__file__).parent / "data" / "aws"
"""The catalogue that drsim ships; a folder like it, elsewhere, is a catalogue of its own."""


class Typed(Protocol):
    """What says of which type a resource is."""

    @property
    def type(self) -> str:
        """Name of its type."""

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options chosen for it."""

    @property
    def objects(self) -> float | None:
        """Number of objects of one member, where it is given."""


class Types(Mapping[str, ResourceType]):
    """The resource types by name, in AWS's order; a type's file is read when the type is first asked for."""

    def __init__(self, root: Path, index: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
        """Hold file name and aliases by type name."""
        self._root = root
        self._index = index
        self._read: dict[str, ResourceType] = {}

    def __getitem__(self, name: str) -> ResourceType:
        if name not in self._read:
            slug, aliases = self._index[name]
            self._read[name] = build_type(name, aliases, read_yaml(self._root / "types" / f"{slug}.yaml"))
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


class Catalogue:
    """Resource types, timings, disruptions, quotas and their sources, as one dated edition.

    Attributes:
        version: date of the edition.
        cloud: how the cloud is called.
        service: how the service of the cloud is called that makes its backups.
        default_prices: name of the price list of scenarios that name none.
        types: resource types by name.
    """

    def __init__(self, root: Path = DATA, stamp: Stamp = ()) -> None:
        """Read the index below `root`; the other files follow when first asked for.

        Args:
            root: the folder.
            stamp: of its files; none of the shipped ones, which nobody edits while drsim runs.
        """
        self.root = root
        self._stamp = stamp
        self._price_lists: dict[str, PriceList] = {}
        top = read_yaml(root / "catalogue.yaml")
        self.version = str(top.take("version"))
        self.cloud, self.service = top.text("cloud"), top.text("service")
        self.default_prices = top.text("prices")
        index = {name: _index_entry(entry) for name, entry in top.entry("types").entries().items()}
        top.close()
        self._index = index
        self.types: Mapping[str, ResourceType] = Types(root, index)
        self._names = _spellings(index, top)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the files: another process reads only what it needs."""
        return stored_catalogue, (self.root, self._stamp)

    @cached_property
    def defaults(self) -> Mapping[str, Leaf[Parameter]]:
        """Parameters that hold for every type that has none of its own."""
        return build_parameters(read_yaml(self.root / "defaults.yaml"))

    @cached_property
    def _disruptions(self) -> tuple[Leaf[float], Mapping[str, DisruptionKind], Leaf[Distribution]]:
        top = read_yaml(self.root / "disruptions.yaml")
        zones, rebuild = top.leaf("zones_per_region", count), top.leaf("rebuild", duration)
        entries = top.entry("kinds").entries()
        kinds = each_of({name: partial(build_disruption, name, entry) for name, entry in entries.items()})
        top.close()
        return zones, kinds, rebuild

    @property
    def disruptions(self) -> Mapping[str, DisruptionKind]:
        """Kinds of disruption by name."""
        return self._disruptions[1]

    @property
    def zones_per_region(self) -> Leaf[float]:
        """Availability Zones of a Region among which a zone outage picks."""
        return self._disruptions[0]

    @property
    def rebuild(self) -> Leaf[Distribution]:
        """How long a business is down that has lost the data of an application for good [s]: for money alone."""
        return self._disruptions[2]

    @cached_property
    def quotas(self) -> Mapping[str, Mapping[str, Leaf[int | None]]]:
        """Concurrent jobs by queue and by type or `*`; None is unlimited."""
        return build_quotas(read_yaml(self.root / "quotas.yaml"))

    @cached_property
    def rules(self) -> Rules:
        """What plans are held to, whatever the type."""
        return build_rules(read_yaml(self.root / "rules.yaml"))

    @cached_property
    def regions(self) -> Mapping[str, Region]:
        """Regions by name, those of the usual partition first."""
        return build_regions(read_yaml(self.root / "regions.yaml"))

    @cached_property
    def events(self) -> Events:
        """What has happened, from which rates and lengths of outages are fitted; a catalogue may have none."""
        path = self.root / "events.yaml"
        return self.read_events(path) if path.exists() else NO_EVENTS

    def read_events(self, path: Path, within: Events | None = None) -> Events:
        """Return the events of a file, of this catalogue's Regions and kinds of disruption.

        Args:
            path: of the file.
            within: the events whose span holds where the file says none; None for a file that has to say it.

        Raises:
            CatalogueError: the file is missing or breaks its grammar.
        """
        kinds = {name: str(kind.strikes) for name, kind in self.disruptions.items()}
        return read_events(path, self.regions, kinds, within)

    @cached_property
    def others(self) -> Mapping[str, Other]:
        """What people call types and the catalogue has no type for, by kind."""
        return build_others(read_yaml(self.root / "others.yaml"))

    @cached_property
    def measurements(self) -> Measurements:
        """What has been measured of the distributions; nothing where there is no such file."""
        path = self.root / "measurements.yaml"
        return build_measurements(read_yaml(path)) if path.exists() else Measurements()

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Sources by key."""
        return build_sources(read_yaml(self.root / "sources.yaml"))

    def prices(self, name: str | None = None) -> PriceList:
        """Return a price list of the catalogue; the same object each time.

        Raises:
            CatalogueError: there is no such list, or its file breaks the grammar.
        """
        name = self.default_prices if name is None else name
        if name not in self._price_lists:
            self._price_lists[name] = read_prices(self.root / "prices", name)
        return self._price_lists[name]

    def types_file(self, name: str) -> Path:
        """Return the path of the file of a type."""
        return self.root / "types" / f"{self._index[name][0]}.yaml"

    def type_of(self, resource: Typed) -> ResourceType:
        """Return the type of a resource as it is for that one: with the options that are in force."""
        return self.types[resource.type].used(resource.options, resource.objects or 0.0)

    def find_type(self, text: str) -> ResourceType | None:
        """Return the type of this name or alias, capitals and spaces aside; None where there is none."""
        name = self._names.get(_plain(text))
        return None if name is None else self.types[name]

    def find_other(self, text: str) -> Other | None:
        """Return what is known of a name that is no type's, spelt as for `find_type`; None where nothing is."""
        wanted = _plain(text)
        return next((other for other in self.others.values() if wanted in map(_plain, other.names.value)), None)

    def nearest_type(self, text: str) -> str | None:
        """Return the type, or what the catalogue has no type for, that a name is a misspelling of; None if of none."""
        names = dict(self._names)
        for other in self.others.values():
            names |= {_plain(name): name for name in other.names.value if _plain(name) not in names}
        meant = spelling.misspelt(_plain(text), names)
        return None if meant is None else names[meant]

    def leaves(self) -> Iterator[tuple[str, Leaf[Any]]]:
        """Yield every value of the catalogue with its place, prices aside."""
        yield "disruptions.zones_per_region", self.zones_per_region
        yield "disruptions.rebuild", self.rebuild
        yield from ((f"rules.{k}", leaf) for k, leaf in self.rules.leaves())
        yield from ((f"defaults.{k}", leaf) for k, leaf in self.defaults.items())
        yield from ((f"others.{kind}", other.names) for kind, other in self.others.items())
        for queue, quotas in self.quotas.items():
            yield from ((f"quotas.{queue}.{k}", leaf) for k, leaf in quotas.items())
        groups: Mapping[str, Mapping[str, ResourceType | DisruptionKind | Region]] = {
            "types": self.types,
            "disruptions": self.disruptions,
            "regions": self.regions,
        }
        for group, members in groups.items():
            for name, member in members.items():
                yield from ((f"{group}.{name}.{place}", leaf) for place, leaf in member.leaves())


Stamp = tuple[tuple[str, int, int], ...]
"""Names of the files of a folder, with the moment of their last change [ns] and their size [bytes]."""


def stamp_of(root: Path) -> Stamp:
    """Return what tells the files of a folder from those that lay there before an edit."""
    files = sorted(path for path in root.rglob("*.yaml"))
    return tuple((str(path.relative_to(root)), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


@cache
def stored_catalogue(root: Path, stamp: Stamp = ()) -> Catalogue:
    """Return the catalogue below `root`, unchecked; the same object as long as its files have the same stamp."""
    return Catalogue(root, stamp)


def load_catalogue() -> Catalogue:
    """Return the catalogue that drsim ships, read once in a process."""
    return stored_catalogue(DATA)


def _index_entry(entry: Entry) -> tuple[str, tuple[str, ...]]:
    file_and_aliases = entry.text("file"), tuple(str(a) for a in entry.take("aliases", ()))
    entry.close()
    return file_and_aliases


def _plain(text: str) -> str:
    """Return a spelling without what does not count: capitals, the signs between words, whose it is."""
    bare = spelling.plain(text)
    for owner in ("amazon ", "aws "):
        bare = bare.removeprefix(owner)
    return bare


def _spellings(index: Mapping[str, tuple[str, tuple[str, ...]]], top: Entry) -> dict[str, str]:
    """Return type names by every spelling, and refuse a spelling that means two types."""
    names: dict[str, str] = {}
    for name, (_, aliases) in index.items():
        for spelt in (name, *aliases):
            if names.setdefault(_plain(spelt), name) != name:
                raise top.error("types", f"{spelt!r} is both {names[_plain(spelt)]} and {name}")
    return names
