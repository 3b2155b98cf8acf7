"""One value of the catalogue, with its unit and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")

BASES = ("documented", "second-hand", "reported", "measured", "derived", "estimated")
"""How a value is known: read in the owner's document; in somebody's quotation of it; claimed by users;
measured here; computed from the former; estimated, with the reasoning in the note."""


ALWAYS = "always"
"""How files write that something has been so since before the catalogue's reach."""


@dataclass(frozen=True)
class Leaf(Generic[T]):
    """One value of the catalogue and how it is known.

    Attributes:
        value: the value, in the canonical unit of its kind.
        written: the value as the file has it.
        basis: one of `BASES`.
        source: keys of `sources.yaml`; may be empty only for estimates.
        note: what to know about it; for an estimate, the reasoning.
    """

    value: T
    written: str
    basis: str
    source: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Span:
    """A capability from a day on, until the next span: True, False, or None where nobody can tell."""

    since: date
    leaf: Leaf[bool | None]

    @property
    def since_text(self) -> str:
        """The day as files write it: `always` for before the catalogue's reach."""
        return ALWAYS if self.since == date.min else str(self.since)
