"""Text of a scenario or plan document, read into nodes that know their file and line.

YAML 1.2's core schema without its dangers: no tags that build objects, no duplicate keys, one document, a limit on
size, nesting and what aliases expand to.
Dates stay text: the schema reads them.
The events come from libyaml, which is fifteen times as quick as a parser in Python; what they mean is told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from drsim.errors import Problem
from drsim.scenario.unquoted import unquoted
from drsim.text import cut, named, shown

MAX_BYTES = 5_000_000
MAX_NODES = 150_000
"""Keys and values, after aliases are expanded: some ten thousand resources, and a second or two to read."""
MAX_DEPTH = 40

Loc = tuple[str | int, ...]
"""Keys and list positions that lead to a value, from the top of the scenario."""

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]
"""Data as YAML and JSON have it."""


@dataclass(frozen=True)
class Node:
    """One value of a file; exactly one of `scalar`, `entries` and `items` is meant.

    Attributes:
        file: path as the user gave it.
        line: line where the value starts, from 1.
        scalar: the value, if it is neither mapping nor list.
        entries: key to (line of the key, value), if it is a mapping.
        items: the values, if it is a list.
        size: number of nodes in it, itself included.
    """

    file: str
    line: int
    scalar: Scalar = None
    entries: dict[str, tuple[int, Node]] | None = None
    items: list[Node] | None = None
    size: int = 1

    def get(self, *path: str) -> Node | None:
        """Return the value below these keys, or None."""
        node = self
        for key in path:
            if not node.entries or key not in node.entries:
                return None
            node = node.entries[key][1]
        return node


def plain(node: Node) -> Plain:
    """Return the node as plain dicts, lists and scalars."""
    if node.entries is not None:
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    if node.items is not None:
        return [plain(item) for item in node.items]
    return node.scalar


def place(root: Node, loc: Loc) -> tuple[str, int]:
    """Return file and line of what `loc` leads to, or of the nearest that exists on the way."""
    node, file, line = root, root.file, root.line
    for part in loc:
        if node.entries is not None and str(part) in node.entries:
            container = node.file
            line, node = node.entries[str(part)]
            if node.file != container:
                # what was read from another file has no key of its own here
                line = node.line
            file = node.file
        elif node.items is not None and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            file, line = node.file, node.line
        else:
            break
    return file, line


def value_at(root: Node, loc: Loc) -> Scalar:
    """Return the value to which `loc` leads; None where it leads to none, or to more than one."""
    node: Node | None = root
    for part in loc:
        if node is None:
            break
        if node.items is not None and isinstance(part, int):
            node = node.items[part] if part < len(node.items) else None
        else:
            node = node.get(str(part))
    return None if node is None else node.scalar


class Refused(Exception):  # noqa: N818  it ends the reading of one file, and never leaves this package
    """The file cannot be read any further."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem)
        self.problem = problem


def read_bytes(path: Path, file: str) -> bytes:
    """Return the bytes of a file that is not too large.

    Raises:
        Refused: no such file, not a file, not readable, too large.
    """
    try:
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            what, repair = "is no regular file", "a pipe is read with `-` in place of the file"
            if path.is_dir() or not path.exists():
                what, repair = "is a folder" if path.is_dir() else "does not exist", "check the path"
            raise Refused(Problem(file, 0, "unreadable-file", f"the file {what}", "a file is named", repair))
        if size > MAX_BYTES:
            raise Refused(_too_large(file, size))
        with path.open("rb") as opened:  # what grows meanwhile, or tells no size, is not read to its end either
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        problem = Problem(file, 0, "unreadable-file", f"the file cannot be read ({reason})", "a readable file is named")
        raise Refused(problem) from error


def decode(content: bytes, file: str) -> str:
    """Return the text of a file.

    Raises:
        Refused: too large, binary, or another encoding than UTF-8.
    """
    if len(content) > MAX_BYTES:
        # there may be more than what was read
        raise Refused(_too_large(file))
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise Refused(Problem(file, line, "binary-file", "the file holds a zero byte", "a scenario is a text file"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x} is no UTF-8"
        raise Refused(
            Problem(file, line, "not-utf-8", found, "a scenario is written in UTF-8", "save the file as UTF-8")
        ) from error


def read_yaml(text: str, file: str) -> tuple[Node, list[Problem]]:
    """Return the mapping that a YAML text holds, and what is wrong but does not stop the reading.

    Raises:
        Refused: no YAML, empty, no mapping, several documents, too deep or too much.
    """
    builder = _Builder(file)
    try:
        node = builder.document(text)
    except Refused as refused:
        line = refused.problem.line
        if refused.problem.check.startswith("yaml-") and (selector := unquoted(text, range(line, line + 1), file)):
            raise Refused(selector) from refused
        raise
    except MarkedYAMLError as error:
        raise Refused(_marked(error, text, file)) from error
    except YAMLError as error:
        position, character = getattr(error, "position", 0), getattr(error, "character", 0)
        line = text.encode()[:position].count(b"\n") + 1
        shown_as = named(chr(character) if isinstance(character, int) else str(character)[:1])
        found = f"the character {shown_as} is not allowed in YAML"
        problem = Problem(file, line, "yaml-syntax", found, "a scenario is a YAML 1.2 file", "remove the character")
        raise Refused(problem) from error
    if node is None or (node.entries is None and node.items is None and node.scalar is None):
        raise Refused(
            Problem(
                file,
                0,
                "empty-file",
                "the file is empty",
                "a scenario is a mapping of keys",
                "`drsim new NAME` writes one to start from",
            )
        )
    if node.entries is None:
        kind = "a list" if node.items is not None else "a single value"
        problem = Problem(file, node.line, "not-a-mapping", f"the file holds {kind}", "a scenario is a mapping of keys")
        raise Refused(problem)
    return node, builder.problems


def _marked(error: MarkedYAMLError, text: str, file: str) -> Problem:
    """Return the problem that an error of the parser means, which has a place."""
    mark = error.problem_mark or error.context_mark
    first = (error.context_mark or mark).line + 1 if mark else 0
    if mark and (selector := unquoted(text, range(first, mark.line + 2), file)):
        return selector
    if mark and (key := _long_key(text, range(first, mark.line + 2), file)):
        return key
    parts = [part for part in (error.context, error.problem) if part]
    if "nesting depth" in str(error.problem):
        return _too_deep(file, mark.line + 1 if mark else 0)
    found = f"this is no YAML ({', '.join(parts)})"
    rule, repair = "a scenario is a YAML 1.2 file", "look at the indentation, quotes and brackets here and above"
    if "invalid Unicode character escape" in str(error.problem):
        repair = "an escape such as \\ud800 is half a character: write the character itself"
    return Problem(file, mark.line + 1 if mark else 0, "yaml-syntax", found, rule, repair)


def _too_large(file: str, size: int | None = None) -> Problem:
    """Return that a file is too large, with its size where it is known [bytes]."""
    found = f"the file has {'more than ' if size is None else ''}{MAX_BYTES if size is None else size:,} bytes"
    rule = f"at most {MAX_BYTES:,} bytes are read ({MAX_BYTES / 1e6:.0f} MB)"
    return Problem(file, 0, "file-too-large", found, rule, "make two scenarios of it, or take comments out")


_LONGEST_KEY = 1024
"""Characters of a key that YAML finds without being told that it is one."""

_WORD = re.compile(r"""("[^"\n]*"|'[^'\n]*'|[^\s{}\[\],"']+)([ \t]*:)?""")


def _long_key(text: str, lines: range, file: str) -> Problem | None:
    """Return what is wrong if one of some lines holds a key that is longer than YAML takes; None if none does.

    Args:
        text: of the file.
        lines: to look at, from 1.
        file: its name in messages.
    """
    all_lines = text.splitlines()
    for line in lines:
        row = all_lines[line - 1].strip() if 1 <= line <= len(all_lines) else ""
        if len(row) < _LONGEST_KEY:
            continue
        words = [match[1] for match in _WORD.finditer(row) if match[2] or match[1].endswith(":")]
        # without quotes and brackets a key may hold blanks
        words += [row.partition(": ")[0]] if row[0] not in "{[\"'#" and ": " in f"{row} " else []
        key = next((word for word in words if len(word) >= _LONGEST_KEY), None)
        if key is not None:
            name = key.rstrip(":").strip("\"'")
            found = f"a key has {len(name):,} characters, {shown(name)}"
            return Problem(file, line, "wrong-name", found, "a name has 1 to 100 characters", "write a shorter one")
    return None


def _too_deep(file: str, line: int) -> Problem:
    rule = f"a scenario nests at most {MAX_DEPTH} levels"
    return Problem(file, line, "too-deep", "lists or mappings nest too deep", rule)


_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,299})\Z")
"""Digits after a leading zero stay text: they are numbers of accounts."""
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


def _resolved(text: str) -> Scalar:
    """Return what an unquoted text means in YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser; the one in Python where PyYAML comes without it."""


def _line_of(event: Event) -> int:
    """Return the line at which an event starts, from 1; 0 where the parser does not say."""
    return event.start_mark.line + 1 if event.start_mark else 0


@dataclass
class _Builder:
    """Builds nodes from YAML events."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    total: int = 0

    def document(self, text: str) -> Node | None:
        node: Node | None = None
        events: Iterator[Event] = iter(yaml.parse(text, Loader=_LOADER))
        documents = count()
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if next(documents):
                    rule, repair = "a scenario is one document", "remove the line `---`, or make two files"
                    raise self.refused(event, "several-documents", "a second document starts here", rule, repair)
            elif isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent):
                node = self.node(event, events, 1)
        return node

    def node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        if isinstance(event, AliasEvent):
            if event.anchor not in self.anchors:
                rule = "an alias repeats an anchor that stands before it and is complete"
                raise self.refused(
                    event, "yaml-syntax", f"the alias *{shown(event.anchor)[1:-1]} has no such anchor", rule
                )
            node = self.anchors[event.anchor]
            self.grow(event, node.size)
            return node
        self.grow(event, 1)
        if depth > MAX_DEPTH:
            raise Refused(_too_deep(self.file, _line_of(event)))
        if not isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            raise self.refused(event, "yaml-syntax", "a value is missing", "a key has a value")
        self.refuse_tag(event, event.tag)
        line = _line_of(event)
        if isinstance(event, MappingStartEvent):
            entries = self.entries(events, depth)
            size = 1 + sum(1 + value.size for _, value in entries.values())
            node = Node(self.file, line, entries=entries, size=size)
        elif isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(inner := next(events), SequenceEndEvent):
                items.append(self.node(inner, events, depth + 1))
            node = Node(self.file, line, items=items, size=1 + sum(item.size for item in items))
        else:
            unquoted = not event.style and event.tag is None
            node = Node(self.file, line, scalar=_resolved(event.value) if unquoted else event.value)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def entries(self, events: Iterator[Event], depth: int) -> dict[str, tuple[int, Node]]:
        entries: dict[str, tuple[int, Node]] = {}
        merged: list[Node] = []
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                rule = "a key is a plain text"
                raise self.refused(event, "yaml-syntax", "a key is a list, a mapping or an alias", rule)
            self.grow(event, 1)
            self.refuse_tag(event, event.tag)
            key, line = str(event.value), _line_of(event)
            value = self.node(next(events), events, depth + 1)
            if key == "<<" and not event.style:
                merged += self.mappings(line, value)
            elif key in entries:
                found = f"the key `{cut(key)}` stands here and in line {entries[key][0]}"
                self.problems.append(
                    Problem(self.file, line, "duplicate-key", found, "a key stands once", "rename or remove one")
                )
            else:
                entries[key] = (line, value)
        for node in merged:
            entries = {**(node.entries or {}), **entries}
        return entries

    def mappings(self, line: int, value: Node) -> list[Node]:
        """Return the mappings that a merge key brings in."""
        each = value.items if value.items is not None else [value]
        found = [node for node in each if node.entries is not None]
        if len(found) < len(each):
            odd = next(node for node in each if node.entries is None)
            what = "a list" if odd.items is not None else shown(odd.scalar)
            rule, repair = "a merge key brings in mappings", "write `<<: *anchor` of a mapping, or remove the line"
            self.problems.append(Problem(self.file, line, "merge-key", f"`<<` stands before {what}", rule, repair))
        return found

    def grow(self, event: Event, size: int) -> None:
        self.total += size
        if self.total > MAX_NODES:
            found = f"here begin more than {MAX_NODES:,} keys and values, what aliases repeat counted in"
            rule = f"at most {MAX_NODES:,} are read"
            raise self.refused(event, "too-many-values", found, rule, "write fewer aliases, or make two scenarios")

    def refuse_tag(self, event: Event, tag: str | None) -> None:
        # a lone ! would turn a selector that excludes into its opposite
        if tag not in (None, "tag:yaml.org,2002:str"):
            rule = "a scenario is plain data without tags"
            raise self.refused(event, "yaml-tag", f"the tag {shown(tag)[1:-1]} stands here", rule, "remove the tag")

    def refused(self, event: Event, check: str, found: str, rule: str, repair: str = "") -> Refused:
        return Refused(Problem(self.file, _line_of(event), check, found, rule, repair))
