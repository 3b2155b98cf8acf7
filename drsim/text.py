"""Text of users and files: what may be printed of it, and what only looks right.

What a file says must not move the cursor, colour or rename a terminal, turn the direction of writing, or make a
message of megabytes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_JOINERS = "\u200c\u200d"
"""Invisible, and part of words in Persian, Hindi and of emoji."""

_ODD = re.compile(r"[^ -~]")
"""Whatever is no plain ASCII."""

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"))
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})

LONGEST = 80
"""Characters of a value that a message shows."""


def is_unprintable(character: str) -> bool:
    """Tell whether a character does something else than to be seen.

    Control characters (escapes of terminals among them), lone surrogates, marks that turn the direction of writing,
    separators of lines and paragraphs, and invisible ones.
    """
    if " " <= character <= "~":
        return False
    return unicodedata.category(character) in ("Cc", "Cs", "Cf", "Zl", "Zp") and character not in _JOINERS


def unprintable(text: str, allowed: str = "") -> str | None:
    """Return an unprintable character of a text, or None; those `allowed` do not count."""
    odd = set(_ODD.findall(text)).difference(allowed)
    return next((c for c in sorted(odd) if is_unprintable(c)), None)


def printable(text: str, allowed: str = "") -> str:
    r"""Return a text with its unprintable characters escaped, `\x1b` for an escape.

    Args:
        text: what somebody wrote.
        allowed: unprintable characters that stay, such as a line's end.
    """
    if unprintable(text, allowed) is None:
        return text
    return "".join(_escape(c) if is_unprintable(c) and c not in allowed else c for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def cut(text: str, most: int = LONGEST) -> str:
    """Return a text, without its end where it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def shown(value: object) -> str:
    """Return a value as a message shows it: as Python writes it, printable, on one line, and short."""
    if isinstance(value, str):
        # what is cut anyway need not be escaped
        value = value[: LONGEST + 1]
    elif isinstance(value, int) and abs(value) >= 10**LONGEST:
        return "a whole number of very many digits"
    return printable(cut(repr(value)))


def named(character: str) -> str:
    """Return a character's number and name: `U+2010 HYPHEN`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


class Lookalikes(NamedTuple):
    """Characters that only look like those of a plain text.

    Attributes:
        found: the first of them, with its name.
        plain: the text with plain ones.
        repair: what to write.
    """

    found: str
    plain: str
    repair: str


def plain(text: str) -> str:
    """Return a text with plain characters for those that only look like them: full-width ones, dashes, blanks."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).translate(_QUOTES)
    return "".join(" " if unicodedata.category(c) == "Zs" else c for c in folded if unicodedata.category(c) != "Cf")


def lookalikes(text: str) -> Lookalikes | None:
    """Return what only looks like plain ASCII in a text that is meant to be; None where nothing does.

    A text that has other characters as well is not meant to be plain.
    """
    if text.isascii():
        return None
    right = plain(text)
    if not right.isascii():
        return None
    odd = next(c for c in text if not c.isascii())
    stands = plain(odd)
    place = f"where {stands!r} belongs" if stands.strip() else "where a plain blank belongs" if stands else "unseen"
    # a number in quotes would be a text
    return Lookalikes(f"{named(odd)} {place}", right, f"write {right if right.isdecimal() else shown(right)}")
