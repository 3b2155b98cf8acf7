"""Misspellings: which right word a wrong one is, if it is one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_PART = 4
"""The fewest letters of a word that stands for a longer one, or the other way round."""


def misspelt(word: str, right: Iterable[str]) -> str | None:
    """Return the right word that a wrong one is a misspelling of; None where it is likely none.

    A slip is a letter too many, too few or wrong, or two that are exchanged; the longer the word, the more of them. In
    a word of up to four letters a wrong letter makes another word: ECS is no EKS. A word that says a part of a longer
    one, or more than a shorter one, is taken for it: `delete_after_days` is `delete_after`. The same words in another
    order are a slip: `storage-warm` is `warm-storage`.

    Args:
        word: the wrong one.
        right: all right ones; among equally near ones the first is taken.
    """
    wrong = plain(word)
    best: tuple[float, str] | None = None
    for candidate in right:
        spelt = plain(candidate)
        apart = abs(len(wrong) - len(spelt))
        short = min(len(wrong), len(spelt))
        # letters that are only exchanged, missing or doubled are a slip even in a short word
        allowed = 1 + (short >= 7) + (short >= 12)
        # only what is nearer than the best is looked for
        most = allowed if best is None else min(allowed, int(best[0]) - 1)
        # each letter too many is a slip: how many there are in what is much longer need not be counted
        slips = distance(wrong, spelt, most) if apart <= allowed else apart
        is_slip = slips <= most and short > 1 and not (short <= 4 and slips and _is_substitution(wrong, spelt))
        is_part = short >= _PART and (_begins(wrong, spelt) or _begins(spelt, wrong))
        is_swapped = wrong != spelt and sorted(wrong.split()) == sorted(spelt.split())
        rank = 1.0 if is_swapped else float(slips) if is_slip else 100.0 + slips if is_part else None
        if rank is not None and (best is None or rank < best[0]):
            best = rank, candidate
    return None if best is None else best[1]


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """Return a word as it is compared: small letters, and one blank for each of the signs that part words."""
    return " ".join("".join(c if c.isalnum() or c in ".*" else " " for c in word.casefold()).split())


def _begins(longer: str, shorter: str) -> bool:
    """Return whether a word begins or ends with another one, whole words of it."""
    return longer.startswith(f"{shorter} ") or longer.endswith(f" {shorter}")


def _is_substitution(wrong: str, right: str) -> bool:
    """Return whether words of one length differ by other letters, not by their order."""
    return len(wrong) == len(right) and sorted(wrong) != sorted(right)


def distance(one: str, other: str, most: int | None = None) -> int:
    """Return how many slips part two words: letters added, left out or replaced, and neighbours exchanged.

    Source: optimal string alignment distance, by the usual table.

    Args:
        one: a word.
        other: another one.
        most: slips beyond which nobody counts: there are more, then, and the answer is one more.
    """
    pairs = enumerate(zip(one, other, strict=False))
    alike = next((k for k, (a, b) in pairs if a != b), min(len(one), len(other)))
    one, other = one[alike:], other[alike:]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        # a row follows from the two before it, because of neighbours that are exchanged
        if most is not None and min(*row, *before) > most:
            return most + 1
    return row[-1]
