"""From YAML's events to nodes: YAML 1.2's core schema without its dangers.

No tags that build objects, no duplicate keys, one document, a limit on nesting and what aliases expand to. Dates stay
text: the schema reads them.
The events come from libyaml, which is fifteen times as quick as a parser in Python; what they mean is told here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import yaml
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
from drsim.scenario.nodes import Node, Refusal, Scalar
from drsim.text import cut, shown

MAX_NODES = 150_000
"""Keys and values, after aliases are expanded: some ten thousand resources, and a second or two to read."""
MAX_DEPTH = 40
"""Levels of lists and mappings in each other."""


def too_deep(file: str, line: int) -> Problem:
    """Return that a line of a file begins one level too many."""
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
class Builder:
    """Builds nodes from YAML events.

    Attributes:
        file: name of the file, for messages.
        problems: what is wrong but does not stop the reading.
    """

    file: str
    problems: list[Problem] = field(default_factory=list)
    _anchors: dict[str, Node] = field(default_factory=dict)
    _total: int = 0

    def document(self, text: str) -> Node | None:
        """Return the nodes of the one document of a text; None where it has none.

        Raises:
            Refusal: what may not stand in a scenario at all.
            YAMLError: no YAML.
        """
        node: Node | None = None
        events: Iterator[Event] = iter(yaml.parse(text, Loader=_LOADER))
        documents = count()
        for event in events:
            if isinstance(event, DocumentStartEvent):
                if next(documents):
                    rule, repair = "a scenario is one document", "remove the line `---`, or make two files"
                    raise self._refused(event, "several-documents", "a second document starts here", rule, repair)
            elif isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent):
                node = self._node(event, events, 1)
        return node

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                rule = "an alias repeats an anchor that stands before it and is complete"
                raise self._refused(
                    event, "yaml-syntax", f"the alias *{shown(event.anchor)[1:-1]} has no such anchor", rule
                )
            node = self._anchors[event.anchor]
            self._grow(event, node.size)
            return node
        self._grow(event, 1)
        if depth > MAX_DEPTH:
            raise Refusal(too_deep(self.file, _line_of(event)))
        if not isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            raise self._refused(event, "yaml-syntax", "a value is missing", "a key has a value")
        self._refuse_tag(event, event.tag)
        line = _line_of(event)
        if isinstance(event, MappingStartEvent):
            entries = self._entries(events, depth)
            size = 1 + sum(1 + value.size for _, value in entries.values())
            node = Node(self.file, line, entries=entries, size=size)
        elif isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(inner := next(events), SequenceEndEvent):
                items.append(self._node(inner, events, depth + 1))
            node = Node(self.file, line, items=items, size=1 + sum(item.size for item in items))
        else:
            unquoted = not event.style and event.tag is None
            node = Node(self.file, line, scalar=_resolved(event.value) if unquoted else event.value)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _entries(self, events: Iterator[Event], depth: int) -> dict[str, tuple[int, Node]]:
        entries: dict[str, tuple[int, Node]] = {}
        merged: list[Node] = []
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                rule = "a key is a plain text"
                raise self._refused(event, "yaml-syntax", "a key is a list, a mapping or an alias", rule)
            self._grow(event, 1)
            self._refuse_tag(event, event.tag)
            key, line = str(event.value), _line_of(event)
            value = self._node(next(events), events, depth + 1)
            if key == "<<" and not event.style:
                merged += self._mappings(line, value)
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

    def _mappings(self, line: int, value: Node) -> list[Node]:
        """Return the mappings that a merge key brings in."""
        values = value.items if value.items is not None else [value]
        mappings = [node for node in values if node.entries is not None]
        if len(mappings) < len(values):
            odd = next(node for node in values if node.entries is None)
            what = "a list" if odd.items is not None else shown(odd.scalar)
            rule, repair = "a merge key brings in mappings", "write `<<: *anchor` of a mapping, or remove the line"
            self.problems.append(Problem(self.file, line, "merge-key", f"`<<` stands before {what}", rule, repair))
        return mappings

    def _grow(self, event: Event, size: int) -> None:
        self._total += size
        if self._total > MAX_NODES:
            found = f"here begin more than {MAX_NODES:,} keys and values, what aliases repeat counted in"
            rule = f"at most {MAX_NODES:,} are read"
            raise self._refused(event, "too-many-values", found, rule, "write fewer aliases, or make two scenarios")

    def _refuse_tag(self, event: Event, tag: str | None) -> None:
        # a lone ! would turn a selector that excludes into its opposite
        if tag not in (None, "tag:yaml.org,2002:str"):
            rule = "a scenario is plain data without tags"
            raise self._refused(event, "yaml-tag", f"the tag {shown(tag)[1:-1]} stands here", rule, "remove the tag")

    def _refused(self, event: Event, check: str, found: str, rule: str, repair: str = "") -> Refusal:
        return Refusal(Problem(self.file, _line_of(event), check, found, rule, repair))
