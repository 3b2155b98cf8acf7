"""Reading catalogue files: mappings that know their place, and leaves that carry their source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from drsim.catalogue.leaf import BASES, Leaf
from drsim.errors import CatalogueError, Flaw, UnitError

T = TypeVar("T")

_MISSING = object()


class Entry:
    """A mapping of a catalogue file: keys are taken out one by one, and what nobody takes is refused."""

    def __init__(self, file: str, place: str, data: object) -> None:
        """Hold the mapping found at `place` of `file`."""
        self.file = file
        self.place = place
        if not isinstance(data, Mapping):
            raise CatalogueError(Flaw(file, place or "the file", f"found {data!r}, a mapping belongs here"))
        self._left: dict[Any, Any] = dict(data)

    def error(self, key: object, text: str) -> CatalogueError:
        """Return an error that names file and key."""
        path = ".".join(str(p) for p in (self.place, key) if p != "")
        return CatalogueError(Flaw(self.file, path, text))

    def take(self, key: str, default: object = _MISSING) -> Any:  # noqa: ANN401 - YAML may hold anything
        """Return a key's raw value and strike it off.

        Raises:
            CatalogueError: the key is missing and has no default.
        """
        value = self._left.pop(key, default)
        if value is _MISSING:
            raise self.error(key, "missing")
        return value

    def text(self, key: str) -> str:
        """Return a key's non-empty text."""
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"found {value!r}, text belongs here")
        return value.strip()

    def choice(self, key: str, choices: tuple[str, ...]) -> Any:  # noqa: ANN401 - the caller's Literal
        """Return a key's value, one of `choices`."""
        value = self.take(key)
        if value not in choices:
            raise self.error(key, f"found {value!r}, it is one of {', '.join(choices)}")
        return value

    def flag(self, key: str, *, default: object = _MISSING) -> bool:
        """Return a key's yes or no."""
        try:
            return read_flag(self.take(key, default))
        except UnitError as error:
            raise self.error(key, str(error)) from None

    def entry(self, key: str, default: object = _MISSING) -> Entry:
        """Return the mapping under a key."""
        return Entry(self.file, f"{self.place}.{key}".lstrip("."), self.take(key, default))

    def entries(self) -> dict[str, Entry]:
        """Return all keys that are left, each with its mapping."""
        return {str(key): self.entry(key) for key in list(self._left)}

    def has(self, key: str) -> bool:
        """Return whether a key is still there."""
        return key in self._left

    def rest(self) -> tuple[str, ...]:
        """Return the keys that are left."""
        return tuple(str(k) for k in self._left)

    def leaf(self, key: str, read: Callable[[object], T]) -> Leaf[T]:
        """Return the leaf under a key."""
        return self.entry(key).as_leaf(read)

    def optional(self, key: str, read: Callable[[object], T]) -> Leaf[T] | None:
        """Return the leaf under a key, or None where there is none."""
        return self.leaf(key, read) if self.has(key) else None

    def as_leaf(self, read: Callable[[object], T]) -> Leaf[T]:
        """Return this mapping as a leaf.

        Args:
            read: reader of the value, for instance `units.duration_s`.

        Raises:
            CatalogueError: no unit, no basis, no source, an estimate without reasoning, or an unknown key.
        """
        written = self.take("value")
        basis, source, note = self.provenance()
        self.close()
        try:
            value = read(written)
        except UnitError as error:
            raise self.error("value", str(error)) from None
        return Leaf(value, as_written(written), basis, source, note)

    def provenance(self) -> tuple[str, tuple[str, ...], str]:
        """Return basis, source keys and note, and refuse values that nothing stands behind."""
        basis = self.choice("basis", BASES)
        named = self.take("source", ())
        source = (named,) if isinstance(named, str) else tuple(named)
        note = str(self.take("note", "")).strip()
        if basis == "estimated" and not note:
            raise self.error("note", "an estimate carries its reasoning")
        if basis != "estimated" and not source:
            raise self.error("source", f"a {basis} value names its source")
        return basis, source, note

    def close(self) -> None:
        """Refuse the keys that nobody has taken.

        Raises:
            CatalogueError: there are some.
        """
        if self._left:
            raise self.error("", f"unknown keys: {', '.join(map(str, self._left))}")


K = TypeVar("K")


def each_of(readers: Mapping[K, Callable[[], T]]) -> dict[K, T]:
    """Return what each reader reads, by key; all of them are tried before anything is refused.

    Raises:
        CatalogueError: with the flaws of all that refuse.
    """
    values, flaws = {}, list[Flaw]()
    for key, read in readers.items():
        try:
            values[key] = read()
        except CatalogueError as error:
            flaws += error.flaws
    if flaws:
        raise CatalogueError(*flaws)
    return values


def read_text(value: object) -> str:
    """Return non-empty text."""
    if not isinstance(value, str) or not value.strip():
        raise UnitError(f"{value!r} is no text")
    return value.strip()


def read_flag(value: object) -> bool:
    """Return True for yes, False for no."""
    if value in ("yes", "no"):
        return value == "yes"
    raise UnitError(f"{value!r} is neither yes nor no")


def read_choice(*choices: str) -> Callable[[object], str]:
    """Return a reader of one of `choices`."""

    def read(value: object) -> str:
        if value not in choices:
            raise UnitError(f"{value!r} is none of {', '.join(choices)}")
        return str(value)

    return read


def as_written(value: object) -> str:
    """Return a value as a file has it, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {as_written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_written(v) for v in value) + "]"
    return str(value)


def read_yaml(path: Path) -> Entry:
    """Return the top mapping of a catalogue file.

    Raises:
        CatalogueError: the file is missing, is not YAML, or is no mapping.
    """
    from ruamel.yaml import YAML  # a slow import, needed only once a file is read
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="safe", pure=True)

    class Dates(yaml.Constructor):  # type: ignore[misc, name-defined]  # a class that the library chooses
        """Leaves a date that does not exist as it is written: who reads it knows its place."""

        def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:  # noqa: ANN401
            try:
                return super().construct_yaml_timestamp(node, values)
            except ValueError:
                return node.value

    Dates.add_constructor("tag:yaml.org,2002:timestamp", Dates.construct_yaml_timestamp)
    yaml.Constructor = Dates
    try:
        data = yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        raise CatalogueError(Flaw(path.name, "", str(error), mark.line + 1 if mark else 0)) from error
    return Entry(path.name, "", data)
