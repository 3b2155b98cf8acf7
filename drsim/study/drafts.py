"""Drafts: what is written beside its place and put there whole, and goes with the process that wrote it.

A draft is a hidden folder with a file that is locked as long as its process lives. Where that process was ended before
it could clear up, whoever makes a draft in the same place finds the lock free, and clears up.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import TracebackType
from typing import BinaryIO, Self

from drsim.errors import WriteError

PREFIX = ".drsim-"
"""How the name of a draft begins."""

_LOCK, _PLACE, _OLD = "lock", "place", "old"
"""Files of a draft: what is locked, whose place it was to take; and the folder that stood there, while it is moved."""


class Draft:
    """A folder for what is not yet in its place; leaving the context takes it away.

    Args:
        beside: the folder to make it in, which is there.

    Attributes:
        path: it.
    """

    def __init__(self, beside: Path) -> None:
        clear(beside)
        while True:
            self.path = Path(mkdtemp(prefix=PREFIX, dir=beside))
            try:
                self._lock = (self.path / _LOCK).open("wb")
            except FileNotFoundError:  # somebody who cleared up took it for an old one
                continue
            if _lock(self._lock) and (self.path / _LOCK).exists():
                return
            self._lock.close()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self.close()

    def close(self) -> None:
        """Take it away, with all that is in it."""
        with suppress(OSError):
            _put_back(self.path)
        # first what is in it: until then the lock says that somebody is at it
        for path in self.path.iterdir() if self.path.is_dir() else ():
            if path.name != _LOCK:
                _remove(path)
        self._lock.close()
        rmtree(self.path, ignore_errors=True)

    def put(self, made: Path, place: Path) -> None:
        """Put a folder that was made in the draft into its place, in exchange for the one that may stand there.

        A process that is ended meanwhile leaves the one or the other whole. Where a system cannot exchange folders,
        there is a moment at which neither is there; `clear` mends that.
        """
        for path in (*(p for p in made.rglob("*") if p.is_file()), made):
            _settle(path)
        if not place.exists():
            made.rename(place)
        elif not _exchanged(made, place):
            (self.path / _PLACE).write_text(str(place.absolute()), encoding="utf-8")
            place.rename(self.path / _OLD)
            made.rename(place)
        _settle(place.parent)


def clear(folder: Path) -> None:
    """Take away the drafts in a folder whose processes are no more."""
    for draft in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if draft.is_symlink() or not _is_own(draft):
                continue
            # where there is nothing in it, its process was ended before it locked it
            if not (draft / _LOCK).exists():
                draft.rmdir()
                continue
            with (draft / _LOCK).open("r+b") as lock:
                if not _lock(lock):
                    continue
                _put_back(draft)
                # the lock, too, while it is held: who has hardly made this draft, and waits for it, sees it gone
                for path in sorted(draft.iterdir(), key=lambda path: path.name == _LOCK):
                    _remove(path)
            rmtree(draft, ignore_errors=True)


def is_at_work(folder: Path) -> bool:
    """Whether a process writes a draft in a folder."""
    for lock in folder.glob(f"{PREFIX}*/{_LOCK}"):
        with suppress(OSError), lock.open("r+b") as file:
            if not _lock(file):
                return True
    return False


def _put_back(draft: Path) -> None:
    """Put the folder back that was moved away, where no other has taken its place."""
    # without a name it has been replaced, and was being taken away
    if (draft / _OLD).exists() and (draft / _PLACE).exists():
        place = Path((draft / _PLACE).read_text(encoding="utf-8"))
        if not place.exists():
            (draft / _OLD).rename(place)


def _is_own(path: Path) -> bool:
    """Whether a folder is this user's."""
    return path.is_dir() and (not hasattr(os, "geteuid") or path.stat().st_uid == os.geteuid())


def _remove(path: Path) -> None:
    """Remove a file or a folder, as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _settle(path: Path) -> None:
    """Wait until a file or a folder is on the disk, so that no failure of power takes it away again."""
    if path.is_dir() and os.name == "nt":  # folders cannot be opened there
        return
    number = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(number)
    except OSError as error:
        # some file systems keep no order of folders
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(number)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    here, exchange = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(first, second, exchange) == 0)
        return bool(library.renameat2(here, first, here, second, exchange) == 0)
    except (AttributeError, OSError, TypeError):  # a system without that call, or without such libraries
        return False


if sys.platform == "win32":

    def _lock(file: BinaryIO) -> bool:
        """Lock a file until it is closed; False where another process has."""
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _lock(file: BinaryIO) -> bool:
        """Lock a file until it is closed; False where another process has."""
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class File:
    """A text file that is written beside its place and put there whole; leaving the context without that leaves none.

    Args:
        place: where to; folders on the way are made if they are not there.

    Raises:
        WriteError: it cannot be written there.
    """

    def __init__(self, place: Path) -> None:
        self.place = place

    def __enter__(self) -> Self:
        """Make the draft, so that what is in the way shows before the work."""
        with written_to(self.place):
            # a link stays one: what it leads to is replaced
            self._end = self.place.resolve()
            self._made = make_folders(self._end.parent)
            self._draft = Draft(self._end.parent)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Take away the draft, and folders that stayed empty."""
        self._draft.close()
        remove_empty(self._made)

    def write(self, text: str) -> None:
        """Put a text there."""
        with written_to(self.place):
            path = self._draft.path / "file"
            path.write_text(text, encoding="utf-8")
            _settle(path)
            path.replace(self._end)
            _settle(self._end.parent)


def new_file(place: Path, text: str) -> None:
    """Write a text file where there is none, whole or not at all.

    Raises:
        FileExistsError: there is something.
        WriteError: it cannot be written there.
    """
    with written_to(place, unless=FileExistsError):
        file = place.open("x", encoding="utf-8")
        try:
            with file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            _remove(place)
            raise


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it, and return those that were not there, innermost first.

    Raises:
        NotADirectoryError: something else is in the way; it is named.
    """
    missing = []
    for path in (folder, *folder.parents):
        if path.is_dir():
            break
        if os.path.lexists(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        missing.append(path)
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Remove folders as long as they are empty, innermost first."""
    with suppress(OSError):
        for path in folders:
            path.rmdir()


@contextmanager
def written_to(place: Path, repair: str = "", unless: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Tell of a failure of the system in the words of whoever named the place.

    Args:
        place: what is written.
        repair: what helps.
        unless: failures of this kind have words of their own.

    Raises:
        WriteError: something could not be written.
    """
    try:
        yield
    except unless:
        raise
    except OSError as error:
        # what Arrow raises has a number, and words of its own
        why = os.strerror(error.errno) if error.errno else str(error)
        # another folder than the one that was named can be what stands in the way
        at = f" ({error.filename})" if error.errno == errno.ENOTDIR and error.filename else ""
        raise WriteError(f"{place}: cannot be written: {why}{at}{f'; {repair}' if repair else ''}") from error
