"""Draw values of the catalogue and its price list by lot, each with where it is said, to look them up.

    python -m benchmarks.lot [NUMBER] [SEED]

The same seed draws the same values of the same edition: 60 by seed 14 unless told otherwise.
"""

from __future__ import annotations

import random
import sys

from benchmarks.facts import Value, sources_by_key, values_by_place

NUMBER, SEED = 60, 14


def draw(number: int, seed: int) -> list[tuple[str, Value]]:
    """Return values with their places, drawn without replacement from all of them in the order of places."""
    places = sorted(values_by_place().items())
    return random.Random(seed).sample(places, number)  # noqa: S311 - a lot, no secret


def main(words: list[str]) -> int:
    """Print the lot: place, value, basis, and the address of each source."""
    number, seed = (int(word) for word in (*words, *map(str, (NUMBER, SEED)[len(words) :])))
    sources = sources_by_key()
    for i, (place, value) in enumerate(draw(number, seed), 1):
        print(f"{i:3}  {place}\n     {value.written}\n     {value.basis}")
        for key in value.source:
            print(f"     {sources[key].cited}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
