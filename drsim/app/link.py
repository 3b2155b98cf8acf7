"""Scenarios in links: a text packed into characters that an address may hold, and back."""

from __future__ import annotations

import base64
import binascii
import zlib

LONGEST = 12_000
"""Characters of a packed text, at most: what browsers, servers and mail programs pass on."""

_LARGEST = 1_000_000
"""Bytes of an unpacked text, at most: a short link could hold very much of the same."""


def packed(text: str) -> str | None:
    """Return a text in letters, digits, `-` and `_`; None where it is too long for a link."""
    characters = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return characters if len(characters) <= LONGEST else None


def unpacked(characters: str) -> str | None:
    """Return the text that was packed; None for what is no packed text, or too large."""
    if len(characters) > LONGEST:
        return None
    try:
        content = base64.b64decode(characters + "=" * (-len(characters) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(content, _LARGEST)
        return text.decode() if unpacker.eof else None
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        return None
