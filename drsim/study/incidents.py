"""The incidents of a study: in memory while they are few, in a Parquet file where they are many.

Either way they come in blocks of one strategy under one disruption, and text columns have the words that occur as their
categories, in the order of the alphabet: a table does not tell which clock wrote it, nor in what pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import gettempdir
from typing import Any, Protocol
from weakref import finalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drsim.study.drafts import Draft, written_to

INCIDENTS_FILE = "incidents.parquet"

_MOST_KEPT_ROWS = 4_000_000
"""Rows that are kept in memory, at most: 1 GB."""

KEYS = (
    *("strategy", "disruption", "level", "subject", "drill", "occurred_s", "contaminated_s", "captured_s"),
    *("state", "recovered_by", "place", "data_loss_s", "downtime_s"),
)
"""The first columns, in order; others follow."""


class Incidents(Protocol):
    """Where the incidents of a study are."""

    def frame(self) -> pd.DataFrame:
        """Return them, in the order of strategies, disruptions, drills and subjects."""

    def write(self, path: Path) -> None:
        """Write them to a Parquet file."""


class Write(Protocol):
    """What appends a block to a file."""

    def __call__(self, block: pd.DataFrame, /) -> None:
        """Append it."""


@dataclass(frozen=True)
class InMemory:
    """Incidents in memory.

    Attributes:
        blocks: each of one strategy under one disruption.
    """

    blocks: Sequence[pd.DataFrame]

    def frame(self) -> pd.DataFrame:
        """Return the blocks one below the other."""
        return stacked(self.blocks)

    def write(self, path: Path) -> None:
        """Write the blocks to a Parquet file."""
        with writing(path) as write:
            for block in self.blocks:
                write(block)


@dataclass(frozen=True)
class OnDisk:
    """Incidents in a Parquet file, read when they are asked for.

    Attributes:
        path: the file.
    """

    path: Path

    def frame(self) -> pd.DataFrame:
        """Return all that the file holds: about 300 bytes a row."""
        return stacked([pd.read_parquet(self.path)])

    def write(self, path: Path) -> None:
        """Copy the file."""
        copyfile(self.path, path)


@dataclass(frozen=True)
class NotKept:
    """Incidents that nobody wanted to keep."""

    def frame(self) -> pd.DataFrame:
        """Refuse.

        Raises:
            LookupError: always.
        """
        raise LookupError("the incidents were not kept: run with keep_incidents=True or out=DIR")

    def write(self, path: Path) -> None:
        """Refuse, as `frame` does."""
        del path
        self.frame()


@contextmanager
def keeping(rows: int, file: tuple[Path, Path] | None, *, keep: bool) -> Iterator[tuple[Incidents, Write | None]]:
    """Yield where incidents will be, and what puts a block of them there; None where they are not kept.

    Args:
        rows: how many there will be.
        file: the Parquet file to write, and the place that it will be moved to; None for none.
        keep: whether they are wanted though no file is.

    Raises:
        WriteError: they cannot be written there.
    """
    if file is not None:
        draft, place = file
        with _writing_for(place.parent, draft) as write:
            yield OnDisk(place), write
    elif not keep:
        yield NotKept(), None
    elif rows <= _MOST_KEPT_ROWS:
        blocks: list[pd.DataFrame] = []
        yield InMemory(blocks), blocks.append
    else:
        with written_to(Path("the folder for temporary files"), _NO_TEMPORARY):
            folder = Path(gettempdir())
            temporary = Draft(folder)
        log = OnDisk(temporary.path / INCIDENTS_FILE)
        finalize(log, temporary.close)
        try:
            with _writing_for(folder, log.path, _NO_TEMPORARY) as write:
                yield log, write
        except BaseException:
            temporary.close()
            raise


_NO_TEMPORARY = "all incidents are kept there: set TMPDIR to a folder with room, ask for fewer drills, or use --out"
"""What helps where there is no room for temporary files."""


@contextmanager
def _writing_for(place: Path, path: Path, repair: str = "") -> Iterator[Write]:
    """Yield what `writing` does, telling of failures in the words of whoever named the place.

    Raises:
        WriteError: something could not be written.
    """
    with ExitStack() as stack:
        with written_to(place, repair):
            write = stack.enter_context(writing(path))

        def told(block: pd.DataFrame, /) -> None:
            with written_to(place, repair):
                write(block)

        yield told
        with written_to(place, repair):
            stack.close()


def block(strategy: str, disruption: str, incidents: pd.DataFrame) -> pd.DataFrame:
    """Return the log of a clock with the names of strategy and disruption, columns in order."""
    names = {
        name: pd.Categorical.from_codes(np.zeros(len(incidents), dtype=np.int8), pd.Index([text]))
        for name, text in (("strategy", strategy), ("disruption", disruption))
    }
    columns = {**names, **{str(name): incidents[name] for name in incidents.columns}}
    order = (*KEYS, *(name for name in columns if name not in KEYS))
    return pd.DataFrame({name: columns[name] for name in order}, copy=False)


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of the same columns one below the other; categories are the words that occur, sorted."""
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = _categories(parts)
        else:
            values = [part.to_numpy() for part in parts]
            columns[name] = values[0] if len(values) == 1 else np.concatenate(values)
    return pd.DataFrame(columns, copy=False)


def _categories(parts: Sequence[pd.Series]) -> pd.Categorical[Any]:
    """Return text columns as one."""
    words: set[str] = set()
    occurring = []
    for part in parts:
        codes = part.cat.codes.to_numpy()
        known = part.cat.categories
        used = np.flatnonzero(np.bincount(codes, minlength=len(known)))
        occurring.append((codes, known, used))
        words.update(known[used])
    order = sorted(words)
    number = {word: k for k, word in enumerate(order)}
    kind = np.min_scalar_type(-max(len(order), 1))
    columns = []
    for codes, known, used in occurring:
        renumbered = np.zeros(len(known), dtype=kind)
        renumbered[used] = [number[word] for word in known[used]]
        columns.append(renumbered[codes])
    codes = columns[0] if len(columns) == 1 else np.concatenate(columns)
    return pd.Categorical.from_codes(codes, pd.Index(order))


@contextmanager
def writing(path: Path) -> Iterator[Write]:
    """Yield what appends blocks to a new Parquet file, each as a row group; a cell without a value is null."""
    import pyarrow as pa
    from pyarrow import parquet

    writer: parquet.ParquetWriter | None = None

    def write(block: pd.DataFrame) -> None:
        nonlocal writer
        table = _table(block)
        if writer is None:
            texts = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
            # figures hardly repeat: a dictionary of them would be work for nothing
            writer = parquet.ParquetWriter(
                path, table.schema, use_dictionary=texts, compression="zstd", compression_level=1
            )
        writer.write_table(table, row_group_size=max(len(block), 1))

    try:
        yield write
    except BaseException:
        # what went wrong is told, not that there is no end to write either
        with suppress(OSError):
            if writer is not None:
                writer.close()
        raise
    if writer is not None:
        writer.close()


def _table(block: pd.DataFrame) -> Any:  # noqa: ANN401  # pyarrow has no types
    """Return a block as an Arrow table, the same types whatever words occur."""
    import pyarrow as pa

    columns: Mapping[str, Any] = {str(name): _array(block[name]) for name in block.columns}
    return pa.table(columns)


def _array(column: pd.Series) -> Any:  # noqa: ANN401  # pyarrow has no types
    import pyarrow as pa

    if isinstance(column.dtype, pd.CategoricalDtype):
        texts = _categories([column])
        codes: NDArray[np.int32] = texts.codes.astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(texts.categories), type=pa.string()))
    return pa.array(column.to_numpy(), from_pandas=True)
