"""Random draws, each a pure function of (seed, entity, purpose, run, index).

Draw number 3,112 costs what draw number 1 costs and needs none before it, so that a clock may look at any
backup without simulating those before it, and so that adding a resource changes nobody else's luck.
The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11; source
`philox`): the key names who draws and what for, the counter names run and index.
"""

from __future__ import annotations

import math
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GRID = 2.0**20
"""Ticks a second of the time grid: sums of durations on it are exact, and ties are ties on both clocks."""

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def key(seed: int, entity: str, purpose: str) -> int:
    """Return the 64-bit key of a stream of draws: the same for the same names, whatever else exists."""
    text = f"{seed}\x1f{entity}\x1f{purpose}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def philox(
    counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key64: ArrayLike
) -> tuple[NDArray[np.uint64], ...]:
    """Return the four 32-bit words of Philox4x32-10, each of the shape to which counters and keys broadcast.

    Args:
        counter: four words below 2^32, arrays that broadcast together.
        key64: the keys; the low half of each is its first key word.
    """
    c0, c1, c2, c3 = (np.asarray(c, dtype=np.uint64) for c in counter)
    keys = np.asarray(key64, dtype=np.uint64)
    k0, k1 = keys & _LOW, keys >> _32
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return c0, c1, c2, c3


def uniform(key64: ArrayLike, run: ArrayLike, index: ArrayLike, sub: ArrayLike = 0) -> Floats:
    """Return quantiles in (0, 1), of the shape to which the arguments broadcast.

    A quantile is one of the 2^32 midpoints of as many equal steps, so that neither 0 nor 1 is ever drawn.

    Args:
        key64: the stream, from `key`, or an array of streams.
        run: number of the run or drill, 0 to 2^32 - 1.
        index: number of the draw in its stream; any integer, negative too.
        sub: tells several draws of one index apart, 0 to 2^32 - 1.
    """
    place = np.asarray(index, dtype=np.int64).astype(np.uint64)
    words = (np.asarray(key64, dtype=np.uint64), np.asarray(run, dtype=np.int64).astype(np.uint64), place)
    return _quantiles(*words, np.asarray(sub, dtype=np.uint64))


_BLOCK = 8192
"""Draws made at a time: what the generator works on then stays in the processor's cache, which is four times faster."""


def _quantiles(*words: NDArray[np.uint64]) -> Floats:
    """Return the quantiles for key, run, index and sub, block by block."""
    shape = np.broadcast_shapes(*(w.shape for w in words))
    size = math.prod(shape)
    if size <= _BLOCK:
        key64, run, index, sub = words
        word = philox((index & _LOW, index >> _32, run, sub), key64)[0]
        return np.asarray((word.astype(np.float64) + 0.5) * 2.0**-32)
    axis = int(np.argmax(shape))
    step = max(1, shape[axis] * _BLOCK // size)
    found = np.empty(shape)
    for lo in range(0, shape[axis], step):
        part = (slice(None),) * axis + (slice(lo, lo + step),)
        found[part] = _quantiles(*(_part(w, axis - len(shape), lo, lo + step) for w in words))
    return found


def _part(words: NDArray[np.uint64], axis: int, lo: int, hi: int) -> NDArray[np.uint64]:
    """Return a slice along an axis, counted from the last one; all where words are broadcast along it."""
    if words.ndim < -axis or words.shape[axis] == 1:
        return words
    return words[(..., slice(lo, hi), *(slice(None),) * (-axis - 1))]


LARGEST = 1 - 2.0**-33
"""The largest quantile that can be drawn: what bounds an unbounded distribution in practice."""


def on_grid(seconds: ArrayLike) -> Floats:
    """Return durations or moments [s] rounded to the time grid, in the shape given."""
    return np.asarray(np.round(np.asarray(seconds, dtype=np.float64) * GRID) / GRID)
