"""Random draws, each a pure function of (seed, entity, purpose, run, index).

Draw number 3,112 costs what draw number 1 costs and needs none before it, so that a clock may look at any
backup without simulating those before it, and so that adding a resource changes nobody else's luck.
The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11; source
`philox`): the key names who draws and what for, the counter names run and index.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Key = int | NDArray[np.uint64]
"""The key of a stream of draws, or one for each draw."""

GRID = 2.0**20
"""Ticks a second of the time grid: sums of durations on it are exact, and ties are ties on both clocks."""

_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)
_WEYL = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def key(seed: int, entity: str, purpose: str, word: int = 0) -> int:
    """Return the 64-bit key of a stream of draws: the same for the same names, whatever else exists.

    Args:
        seed: the scenario's.
        entity: who draws.
        purpose: what for.
        word: which of the four words of the generator's block, 0 to 3. Words of one block are as independent as those
            of two, and cost one block where they are asked for together.
    """
    text = f"{seed}\x1f{entity}\x1f{purpose}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little") & ~_WORD | word


_WORD = 3
"""The bits of a key that name the word; the others name the block."""


def philox(
    counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key64: ArrayLike
) -> tuple[NDArray[np.uint64], ...]:
    """Return the four 32-bit words of Philox4x32-10, each of the shape to which counters and keys broadcast.

    Args:
        counter: four words below 2^32, arrays that broadcast together.
        key64: the keys; the low half of each is its first key word.
    """
    keys = np.asarray(key64, dtype=np.uint64)
    words = [np.asarray(c, dtype=np.uint64) for c in counter]
    shape = np.broadcast_shapes(keys.shape, *(w.shape for w in words))
    aligned = keys.reshape((1,) * (len(shape) - keys.ndim) + keys.shape)
    multipliers, weyl = (c.reshape(2, *(1 for _ in shape)) for c in (_MULTIPLIERS, _WEYL))
    schedules = _schedules(np.stack([aligned & _LOW, aligned >> _32]), weyl)
    # the words that are multiplied and those that are not, each two at a time and in place: fetching new memory would
    # cost more than the arithmetic, and calling NumPy more than either where there are few
    even, odd, high = (np.empty((2, *shape), dtype=np.uint64) for _ in range(3))
    even[0], odd[0], even[1], odd[1] = words
    for schedule in schedules:
        even *= multipliers
        np.right_shift(even, _32, out=high)
        even &= _LOW
        odd ^= high[::-1]
        odd ^= schedule
        even, odd = odd, even[::-1]
    return even[0], odd[0], even[1], odd[1]


_ROUNDS = 10
_FEW_KEYS = 64


def _schedules(first: NDArray[np.uint64], weyl: NDArray[np.uint64]) -> Iterable[NDArray[np.uint64]]:
    """Return the key words of each round: all at once where there are few keys, which saves calls of NumPy."""
    if first.size <= _FEW_KEYS:
        rounds = np.arange(_ROUNDS, dtype=np.uint64).reshape(-1, *(1 for _ in first.shape))
        return (first + rounds * weyl) & _LOW
    return _one_by_one(first, weyl)


def _one_by_one(schedule: NDArray[np.uint64], weyl: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
    """Yield the key words of each round in place: they are used before the next are made."""
    for _ in range(_ROUNDS):
        yield schedule
        schedule += weyl
        schedule &= _LOW


def uniform(key64: int, run: ArrayLike, index: ArrayLike, sub: ArrayLike = 0) -> Floats:
    """Return quantiles in (0, 1) of a stream, of the shape to which the other arguments broadcast.

    A quantile is one of the 2^32 midpoints of as many equal steps, so that neither 0 nor 1 is ever drawn.

    Args:
        key64: the stream, from `key`.
        run: number of the run or drill, 0 to 2^32 - 1.
        index: number of the job, incident or calendar cell, which may be negative.
        sub: tells several draws of one index apart, 0 to 2^32 - 1.
    """
    return uniforms([key64], run, index, sub)[0]


def uniforms(keys: Sequence[Key], run: ArrayLike, index: ArrayLike, sub: ArrayLike = 0) -> list[Floats]:
    """Return quantiles of several streams at once, which costs little more than one; arguments as for `uniform`.

    In place of one key there may be an array of keys, of the shape to which the other arguments broadcast. They all
    name one word, and wherever two of `keys` share a block in one place, they do in all.
    """
    heads = [int(k.flat[0]) if isinstance(k, np.ndarray) else k for k in keys]
    blocks = {head & ~_WORD: k for head, k in zip(heads, keys, strict=True)}
    dimensions = max(np.ndim(run), np.ndim(index), np.ndim(sub))
    if any(isinstance(k, np.ndarray) for k in keys):
        shape = np.broadcast_shapes(np.shape(run), np.shape(index), np.shape(sub))
        stacked = np.stack([np.broadcast_to(np.asarray(k, dtype=np.uint64), shape) for k in blocks.values()])
    else:
        stacked = np.array(list(blocks), dtype=np.uint64).reshape(-1, *(1 for _ in range(dimensions)))
    wanted = sorted({head & _WORD for head in heads})
    drawn = words(stacked, run, index, sub, wanted)
    place = {name: i for i, name in enumerate(blocks)}
    return [drawn[wanted.index(head & _WORD)][place[head & ~_WORD]] for head in heads]


def words(key64: ArrayLike, run: ArrayLike, index: ArrayLike, sub: ArrayLike, which: Sequence[int]) -> list[Floats]:
    """Return quantiles from some words of blocks, each of the shape to which the other arguments broadcast.

    Args:
        key64: the blocks: keys, the word that they name being left aside.
        run: number of the run or drill.
        index: number of the job, incident or calendar cell.
        sub: tells several draws of one index apart.
        which: numbers of the words, 0 to 3.
    """
    place = np.asarray(index, dtype=np.int64).astype(np.uint64)
    block = np.asarray(key64, dtype=np.uint64) & ~np.uint64(_WORD)
    number = np.asarray(run, dtype=np.int64).astype(np.uint64)
    named = (block, place & _LOW, place >> _32, number, np.asarray(sub, dtype=np.int64).astype(np.uint64))
    shape = np.broadcast_shapes(*(a.shape for a in named))
    words = [np.empty(shape) for _ in which]
    _fill(words, named, which)
    return words


_PIECE = 16384
"""Blocks made at a time: what the generator works on then stays in the processor's cache."""


def _fill(words: list[Floats], named: tuple[NDArray[np.uint64], ...], which: Sequence[int]) -> None:
    """Write the quantiles of blocks, piece by piece, into arrays of the shape to which their names broadcast."""
    shape = words[0].shape
    size = math.prod(shape)
    if size > _PIECE:
        axis = int(np.argmax(shape))
        step = max(1, shape[axis] * _PIECE // size)
        for lo in range(0, shape[axis], step):
            piece = (slice(None),) * axis + (slice(lo, lo + step),)
            _fill([f[piece] for f in words], tuple(_cut(a, axis - len(shape), lo, lo + step) for a in named), which)
        return
    key64, low, high, run, sub = named
    made = philox((low, high, run, sub), key64)
    for f, w in zip(words, which, strict=True):
        np.add(made[w], 0.5, out=f)
        np.multiply(f, 2.0**-32, out=f)


def _cut(names: NDArray[np.uint64], axis: int, lo: int, hi: int) -> NDArray[np.uint64]:
    """Return a slice along an axis, counted from the last one; all where names are broadcast along it."""
    if names.ndim < -axis or names.shape[axis] == 1:
        return names
    return names[(slice(None),) * (names.ndim + axis) + (slice(lo, hi),)]


LARGEST = 1 - 2.0**-33
"""The largest quantile that can be drawn: what bounds an unbounded distribution in practice."""


def on_grid(seconds: ArrayLike) -> Floats:
    """Return durations or moments [s] rounded to the time grid, in the shape given."""
    ticks = np.multiply(seconds, GRID, dtype=np.float64)
    return np.asarray(np.rint(ticks, out=ticks if isinstance(ticks, np.ndarray) else None) * (1 / GRID))
