"""What may be otherwise for some resources of a type: chosen by a scenario, or brought by their number of objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drsim.catalogue.leaf import Leaf, Span
from drsim.catalogue.parameters import Parameter


@dataclass(frozen=True)
class Option:
    """What holds for some resources of a type in place of what holds for the type.

    Attributes:
        name: as scenarios write it among the `options` of a resource.
        about: what it is, in a sentence.
        since: the day from which on it can be chosen; `date.min` for before the catalogue's reach.
        from_objects: the number of objects from which on it holds by itself; None where it has to be chosen.
        facts: of the type, replaced.
        capabilities: of the type, replaced.
        parameters: of the laws, replaced or added.
        rate_of_region: what loads a Region gives to all together that choose it [bytes/s]; None where it has no end.
        without: names of parameters of the type that do not hold.
        restore_price: the item of the price list by which each GiB is paid that is restored so; empty for none.
    """

    name: str
    about: Leaf[str]
    since: date
    from_objects: Leaf[float] | None
    facts: Mapping[str, Leaf[Any]]
    capabilities: Mapping[str, tuple[Span, ...]]
    parameters: Mapping[str, Leaf[Parameter]]
    without: tuple[str, ...]
    rate_of_region: Leaf[float] | None = None
    restore_price: str = ""

    def leaves(self) -> Iterator[tuple[str, Leaf[Any]]]:
        """Yield every value of the option with its place."""
        yield "about", self.about
        if self.from_objects is not None:
            yield "from_objects", self.from_objects
        if self.rate_of_region is not None:
            yield "rate_of_region", self.rate_of_region
        yield from self.facts.items()
        yield from self.parameters.items()


def in_force(options: Iterable[Option], chosen: Collection[str], objects: float) -> list[Option]:
    """Return the options that are in force for a resource: the one of its size first, then those chosen for it.

    Args:
        options: of its type.
        chosen: names of those that its scenario chooses.
        objects: number of its objects; 0 where it is not given.
    """
    options = list(options)
    reached = [(o.from_objects.value, o) for o in options if o.from_objects and o.from_objects.value <= objects]
    of_size = [max(reached, key=lambda pair: pair[0])[1]] if reached else []
    return [*of_size, *(o for o in options if o.from_objects is None and o.name in chosen)]
