"""The floor under the vectorised clock: the time that its draws take alone, made in big blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from unittest.mock import patch

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.measure import best_s
from drsim import draws

Floats = NDArray[np.float64]

_BLOCK = 1_000_000
"""Draws made together: large enough that no call shows."""


@dataclass
class Count:
    """What was drawn.

    Attributes:
        quantiles: how many quantiles were handed out.
        blocks: number of words taken from a block of the generator -> how many such blocks were made.
    """

    quantiles: int = 0
    blocks: Counter[int] = field(default_factory=Counter)


@contextmanager
def counted() -> Iterator[Count]:
    """Count what is drawn meanwhile."""
    count = Count()
    words, uniforms = draws.words, draws.uniforms
    inside = False

    def count_words(
        key64: ArrayLike, run: ArrayLike, index: ArrayLike, sub: ArrayLike, which: Sequence[int]
    ) -> list[Floats]:
        drawn = words(key64, run, index, sub, which)
        count.blocks[len(drawn)] += drawn[0].size if drawn else 0
        if not inside:
            count.quantiles += sum(f.size for f in drawn)
        return drawn

    def count_uniforms(keys: Sequence[int], run: ArrayLike, index: ArrayLike, sub: ArrayLike = 0) -> list[Floats]:
        nonlocal inside
        inside = True
        try:
            drawn = uniforms(keys, run, index, sub)
        finally:
            inside = False
        # a block has more words than are asked for: only what was asked for is a draw
        count.quantiles += sum(f.size for f in drawn)
        return drawn

    with patch.object(draws, "words", count_words), patch.object(draws, "uniforms", count_uniforms):
        yield count


def one_by_one_s(quantiles: int, repeats: int = 2) -> float:
    """Return how long as many calls' worth of `drsim.draws.uniform` take, in big blocks [s]."""
    run = np.arange(min(_BLOCK, max(quantiles, 1)))
    return best_s(lambda: draws.uniform(1, run, 0), repeats) * quantiles / len(run)


def by_blocks_s(count: Count, repeats: int = 2) -> float:
    """Return how long it takes to make the same blocks, as many words of each, in big blocks [s]."""
    total = 0.0
    for many, blocks in count.blocks.items():
        if many and blocks:
            run = np.arange(min(_BLOCK, blocks))
            total += best_s(partial(draws.words, 1, run, 0, 0, range(many)), repeats) * blocks / len(run)
    return total
