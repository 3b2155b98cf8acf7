"""Files: their bytes, no more than a scenario may have, and their text."""

from __future__ import annotations

from pathlib import Path

from drsim.errors import Problem
from drsim.scenario.nodes import Refusal

MAX_BYTES = 5_000_000


def read_bytes(path: Path, file: str) -> bytes:
    """Return the bytes of a file that is not too large.

    Raises:
        Refusal: no such file, not a file, not readable, too large.
    """
    try:
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            what, repair = "is no regular file", "a pipe is read with `-` in place of the file"
            if path.is_dir() or not path.exists():
                what, repair = "is a folder" if path.is_dir() else "does not exist", "check the path"
            raise Refusal(Problem(file, 0, "unreadable-file", f"the file {what}", "a file is named", repair))
        if size > MAX_BYTES:
            raise Refusal(_too_large(file, size))
        with path.open("rb") as opened:  # what grows meanwhile, or tells no size, is not read to its end either
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        problem = Problem(file, 0, "unreadable-file", f"the file cannot be read ({reason})", "a readable file is named")
        raise Refusal(problem) from error


def decode(content: bytes, file: str) -> str:
    """Return the text of a file.

    Raises:
        Refusal: too large, binary, or another encoding than UTF-8.
    """
    if len(content) > MAX_BYTES:
        # there may be more than what was read
        raise Refusal(_too_large(file))
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise Refusal(Problem(file, line, "binary-file", "the file holds a zero byte", "a scenario is a text file"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} is no UTF-8"
        raise Refusal(
            Problem(file, line, "not-utf-8", found, "a scenario is written in UTF-8", "save the file as UTF-8")
        ) from error


def _too_large(file: str, size: int | None = None) -> Problem:
    """Return that a file is too large, with its size where it is known [bytes]."""
    found = f"the file has {'more than ' if size is None else ''}{MAX_BYTES if size is None else size:,} bytes"
    rule = f"at most {MAX_BYTES:,} bytes are read ({MAX_BYTES / 1e6:.0f} MB)"
    return Problem(file, 0, "file-too-large", found, rule, "make two scenarios of it, or take comments out")
