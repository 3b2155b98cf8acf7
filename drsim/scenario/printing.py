"""Names and values that can be printed: what cannot is refused, and escaped for all that is said afterwards."""

from __future__ import annotations

import re
from dataclasses import replace

from drsim.errors import Problem
from drsim.scenario.nodes import Node
from drsim.text import named, printable, shown, unprintable

_PROSE = "description"
"""The key whose value may have several lines."""

_MOST_ESCAPED = 1000
"""Characters of a text that cannot be printed, of which the rest is dropped."""

_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
"""What terminals take for a command."""

_RULE = "names and values stand on one line, and have no characters that nobody sees"


def cleared(root: Node) -> tuple[Node, list[Problem]]:
    """Return the nodes with what cannot be printed escaped, and one problem for each such text."""
    problems: list[Problem] = []
    # aliases repeat a node, and a file has few
    known: dict[tuple[int, bool], Node] = {}

    def text_of(text: str, node: Node, line: int, allowed: str = "") -> str:
        odd = unprintable(text, allowed)
        if odd is None:
            return text
        text = text[:_MOST_ESCAPED]
        clear = _without(text)
        repair = f"write {shown(clear)}" if clear else "write something that can be seen"
        found = f"{shown(text)} has the character {named(odd)}"
        problems.append(Problem(node.file, line, "unprintable", found, _RULE, repair))
        return printable(text)

    def clear(node: Node, key: str = "") -> Node:
        place = (id(node), key == _PROSE)
        if place not in known:
            known[place] = made(node, key)
        return known[place]

    def made(node: Node, key: str) -> Node:
        if node.entries is not None:
            entries = {
                text_of(name, node, line): (line, clear(value, name)) for name, (line, value) in node.entries.items()
            }
            same = all(
                a is b and x[1] is y[1] for (a, x), (b, y) in zip(entries.items(), node.entries.items(), strict=False)
            )
            return node if same and len(entries) == len(node.entries) else replace(node, entries=entries)
        if node.items is not None:
            items = [clear(item, key) for item in node.items]
            return node if all(a is b for a, b in zip(items, node.items, strict=True)) else replace(node, items=items)
        if not isinstance(node.scalar, str):
            return node
        # YAML's block scalars end with the end of a line
        written = node.scalar if key == _PROSE else node.scalar.rstrip("\n")
        text = text_of(written, node, node.line, "\n\t" if key == _PROSE else "")
        return node if text == node.scalar else replace(node, scalar=text)

    return clear(root), problems


def _without(text: str) -> str:
    """Return a text without what cannot be printed; a blank stands for the end of a line."""
    plain = _TERMINAL.sub("", text)
    return "".join(" " if c in "\n\t" else c for c in plain if c in "\n\t" or unprintable(c) is None).strip()
