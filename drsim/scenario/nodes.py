"""What a file holds: values that know their file and line."""

from __future__ import annotations

from dataclasses import dataclass

from drsim.errors import Problem

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


class Refusal(Exception):  # noqa: N818  it ends the reading of one file, and never leaves this package
    """The file cannot be read any further."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem)
        self.problem = problem
