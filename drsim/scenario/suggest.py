"""What to write instead of a name that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST_NAMED = 12
_CLOSE = 0.6


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant; None where none is like it.

    Capitals do not count, nor does the application before a resource that only one has. A guess may be bolder than one
    at keywords and types (`drsim.catalogue.misspelt`), since what there is stands beside it.
    """
    names = list(known)
    lower = word.lower()
    for alike in (
        [name for name in names if name.lower() == lower],
        [name for name in names if name.lower().rpartition(".")[2] == lower],
    ):
        if len(alike) == 1:
            return alike[0]
    alike = get_close_matches(lower, [name.lower() for name in names], n=1, cutoff=_CLOSE)
    if alike:
        return next(name for name in names if name.lower() == alike[0])
    begun = [name for name in names if lower and name.lower().startswith(lower)]
    return min(begun, key=len, default=None)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the repair of a name that is not there: the one that was probably meant, and what there is."""
    names = list(dict.fromkeys(known))
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    listed = f"{', '.join(names[:_MOST_NAMED])}{more}"
    meant = closest(word, names)
    return f"choose from: {listed}" if meant is None else f"did you mean `{meant}`? There are: {listed}"
