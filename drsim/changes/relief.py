"""A relief: a change to the best that it could be, tried on one incident to see what it would have saved."""

from __future__ import annotations

from dataclasses import dataclass

from drsim.changes.model import Change, WorldEdit
from drsim.distributions import Constant

NOTHING = Constant(0.0)
"""A time of nothing."""


@dataclass(frozen=True)
class Relief:
    """A change to the best that it could be.

    Attributes:
        change: what it changes.
        words: what would have been, in words.
        edit: makes it so.
    """

    change: Change
    words: str
    edit: WorldEdit
