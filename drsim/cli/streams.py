"""The streams of the command line: no character that a terminal cannot show ends it."""

from __future__ import annotations

import io
import sys


def show_anything() -> None:
    """Let standard output and error replace what their encoding does not have, such as `µ` in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
