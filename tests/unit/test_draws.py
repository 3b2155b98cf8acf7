"""Draws: the published generator, the same however they are asked for, and independent between words."""

from __future__ import annotations

import numpy as np
import pytest

from drsim import draws

ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key64", "words"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 4, ONES << 32 | ONES, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0 << 32 | 0xA4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_answers(
    counter: tuple[int, int, int, int], key64: int, words: tuple[int, ...]
) -> None:
    """The known answers of Random123 for Philox4x32-10."""
    assert tuple(int(w) for w in draws.philox(counter, key64)) == words


def test_a_draw_is_the_same_however_it_is_asked_for() -> None:
    """Alone, among many streams, in pieces, or with one key for each draw: the quantile is a function of its names."""
    keys = [draws.key(1, "db", "backup", w) for w in range(4)] + [draws.key(1, "web", "backup", 2)]
    run, index = np.arange(3000)[:, None], np.arange(-2, 5)
    together = draws.uniforms(keys, run, index)
    for key, quantiles in zip(keys, together, strict=True):
        assert quantiles.shape == (3000, 7)
        assert quantiles[2999, 0] == draws.uniform(key, 2999, -2)
        assert quantiles[17, 6] == draws.uniform(key, np.array([17]), np.array([4]))[0]
    rows = np.arange(200)
    mixed = np.array([keys[0], keys[4] - 2], dtype=np.uint64)[rows % 2]
    (drawn,) = draws.uniforms([mixed], rows, rows * 3)
    assert [float(d) for d in drawn] == [float(draws.uniform(int(mixed[i]), i, 3 * i)) for i in range(200)]


def test_words_of_a_block_are_independent() -> None:
    """Four words of 100,000 blocks are uniform, and uncorrelated with each other: within 5 standard errors."""
    n = 100_000
    drawn = np.array(draws.words(draws.key(3, "db", "copy"), np.arange(n), 0, 0, range(4)))
    assert np.abs(drawn.mean(axis=1) - 0.5).max() < 5 * np.sqrt(1 / 12 / n)
    correlations = np.corrcoef(drawn) - np.eye(4)
    assert np.abs(correlations).max() < 5 / np.sqrt(n)


def test_names_decide() -> None:
    """Another seed, entity, purpose or word is another stream; the same names are the same."""
    named = [(1, "db", "backup", 0), (2, "db", "backup", 0), (1, "d", "bbackup", 0), (1, "db", "copy", 0)]
    named += [(1, "db", "backup", w) for w in (1, 2, 3)]
    assert len({draws.key(*name) for name in named}) == len(named)
    assert draws.key(1, "db", "backup", 0) == draws.key(1, "db", "backup")
