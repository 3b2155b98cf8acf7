"""The streams of the command line: no character that a terminal cannot show ends it."""

from __future__ import annotations

import codecs
import io
import sys
from encodings import ascii as seven_bits

_SEVEN_BITS = "seven-bits"


def show_anything() -> None:
    """Let standard output and error replace what their encoding does not have, such as `µ` in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name == "ascii":
            # click takes a stream called ASCII for a mistake, and would write UTF-8 to it
            codecs.register(_codec)
            stream.reconfigure(encoding=_SEVEN_BITS, errors="replace")


def _codec(name: str) -> codecs.CodecInfo | None:
    """Return ASCII under another name; None for the name of any other encoding."""
    if name.replace("_", "-") != _SEVEN_BITS:
        return None
    ascii_codec = seven_bits.getregentry()
    return codecs.CodecInfo(
        ascii_codec.encode,
        ascii_codec.decode,
        incrementalencoder=ascii_codec.incrementalencoder,
        incrementaldecoder=ascii_codec.incrementaldecoder,
        name=_SEVEN_BITS,
    )
