"""The Regions of AWS: which there are, in which partition, and which zones they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any, TypeVar

from drsim.catalogue.leaf import Leaf
from drsim.catalogue.reading import Entry, as_written, read_text
from drsim.errors import CatalogueError, UnitError

T = TypeVar("T")

_CLOSE = 0.75
"""How alike a name and that of a Region are for the one to be a misspelling of the other."""

_LONGEST = 200
"""Characters of a name that are compared: what is longer is like no Region's."""


@dataclass(frozen=True)
class Region:
    """A Region of AWS.

    Attributes:
        name: as ARNs have it, such as `us-east-1`.
        partition: as ARNs have it: `aws`, `aws-cn`, `aws-us-gov` and so on.
        partition_title: what AWS calls the partition.
        place: what AWS calls the Region.
        zones: the letters of its Availability Zones; None where no source gives them.
        opened: the day on which it opened; None where no source gives it.
        announced: the day on which its opening was announced; None where no source gives it.
    """

    name: str
    partition: str
    partition_title: str
    place: Leaf[str]
    zones: Leaf[str] | None
    opened: Leaf[date] | None
    announced: Leaf[date] | None

    @property
    def since(self) -> date | None:
        """The day on which it opened, else on which that was announced; None where no source gives either."""
        known = self.opened or self.announced
        return None if known is None else known.value

    @property
    def where(self) -> str:
        """The Region's place for a message, with its partition where that is not the usual one."""
        partition = "" if self.partition == "aws" else f", partition {self.partition}"
        return f"{self.place.value}{partition}"

    def leaves(self) -> Iterator[tuple[str, Leaf[Any]]]:
        """Yield every value of the Region with its place."""
        yield "place", self.place
        if self.zones is not None:
            yield "zones", self.zones
        if self.opened is not None:
            yield "opened", self.opened
        if self.announced is not None:
            yield "announced", self.announced


def build_regions(top: Entry) -> dict[str, Region]:
    """Return the Regions that a file describes, by name.

    Raises:
        CatalogueError: the file breaks its grammar, or names a Region twice.
    """
    if not isinstance(top.take("version"), date):
        raise top.error("version", "a date belongs here")
    known = top.entry("known")
    columns = {name: known.entry(name) for name in ("place", "zones", "opened", "announced") if known.has(name)}
    known.close()
    provenance = {name: entry.provenance() for name, entry in columns.items()}
    for entry in columns.values():
        entry.close()

    def leaf(key: str, value: T) -> Leaf[T]:
        if key not in provenance:
            raise top.error(f"known.{key}", "missing")
        return Leaf(value, as_written(value), *provenance[key])

    regions: dict[str, Region] = {}
    for partition, entry in top.entry("partitions").entries().items():
        title = entry.text("title")
        for name, of in entry.entry("regions").entries().items():
            if name in regions:
                raise of.error("", "the Region stands here a second time")
            place = leaf("place", of.text("place"))
            zones = leaf("zones", _letters(of)) if of.has("zones") else None
            opened, announced = (leaf(key, _day(of, key)) if of.has(key) else None for key in ("opened", "announced"))
            of.close()
            regions[name] = Region(name, partition, title, place, zones, opened, announced)
        entry.close()
    top.close()
    return regions


def _letters(entry: Entry) -> str:
    """Return letters in their order, each once."""
    try:
        letters = read_text(entry.take("zones"))
    except UnitError as error:
        raise entry.error("zones", str(error)) from None
    if not letters.isalpha() or not letters.islower() or sorted(set(letters)) != list(letters):
        raise entry.error("zones", f"found {letters!r}, letters such as abc belong here")
    return letters


def _day(entry: Entry, key: str) -> date:
    value = entry.take(key)
    if not isinstance(value, date):
        raise entry.error(key, f"found {value!r}, a date belongs here")
    return value


def nearest_region(text: str, regions: Mapping[str, Region]) -> tuple[Region, bool]:
    """Return the Region that a wrong name is nearest to, and whether it is likely meant.

    A place counts as well as a name: `Tokyo` is ap-northeast-1.

    Args:
        text: the name that no Region has.
        regions: by name.

    Raises:
        CatalogueError: there are none.
    """
    if not regions:
        raise CatalogueError("there are no Regions")
    wrong = _plain(text[:_LONGEST])
    scored = [(_alike(wrong, region), -i, region) for i, region in enumerate(regions.values())]
    likeness, _, region = max(scored, key=lambda candidate: candidate[:2])
    return region, likeness >= _CLOSE


def _plain(text: str) -> str:
    return text.strip().casefold().replace("_", "-")


def _alike(wrong: str, region: Region) -> float:
    """Return how alike a name is to a Region's name or to what its place is called, at most 1."""
    place = _plain(region.place.value)
    inner = place[place.find("(") + 1 :].rstrip(")")
    if wrong == region.name:
        return 1.0
    if wrong and region.name.startswith(f"{wrong}-"):
        return 0.99 if region.partition == "aws" else 0.97
    if wrong and wrong in (place, inner, place.replace("(", "").replace(")", "")):
        return 0.98
    names = (region.name, region.name.replace("-", ""), *((inner,) if len(wrong) > 3 else ()))
    return max(SequenceMatcher(None, wrong, name, autojunk=False).ratio() for name in names)
