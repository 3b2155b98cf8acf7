"""Where the code can be changed by one operator or number, and how: by the operators of Cosmic Ray.

These are mutations of drsim's own code; files of users that were mangled are another matter (`tests/mangled`).
"""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

PACKAGES = ("laws", "world", "engine", "study")
"""Packages of drsim that are mutated: those that make figures."""

SILENT = frozenset(
    (
        "core/RemoveDecorator",  # most freeze a class or keep an answer
        # what is equal is the same object, or not, as Python pleases
        *("core/ReplaceComparisonOperator_Eq_Is", "core/ReplaceComparisonOperator_Is_Eq"),
        *("core/ReplaceComparisonOperator_NotEq_IsNot", "core/ReplaceComparisonOperator_IsNot_NotEq"),
    )
)
"""Kinds of change that seldom change an answer."""

Position = tuple[int, int]
"""Line, from 1, and column, from 0."""


class Mutation(NamedTuple):
    """One change at one place.

    Attributes:
        path: of the module, from the root of the project.
        start, end: of what is changed.
        operator: Cosmic Ray's name of the kind of change.
        occurrence: number of the place among those in the module where this operator can act.
    """

    path: str
    start: Position
    end: Position
    operator: str
    occurrence: int


def _operators() -> dict[str, Operator]:
    """Return the operators that need no further word, by name."""
    classes = {name: get_operator(name) for name in sorted(set(operator_names()) - SILENT)}
    return {name: kind() for name, kind in classes.items() if not kind.arguments()}


def silent(tree: ast.Module) -> list[tuple[Position, Position]]:
    """Return the spans in which no change changes what a program answers.

    They are annotations, which nothing reads here; decorators, such as those that freeze a class or keep an answer; and
    `strict=`, which guards against faults elsewhere.
    """
    nodes: list[ast.AST | None] = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=annotation, decorator_list=decorators):
                nodes += [annotation, *decorators]
            case ast.ClassDef(decorator_list=decorators):
                nodes += decorators
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                nodes.append(annotation)
            case ast.keyword(arg="strict", value=value):
                nodes.append(value)
    return [_span(node) for node in nodes if isinstance(node, ast.expr)]


def _span(node: ast.expr | ast.stmt) -> tuple[Position, Position]:
    """Return where a node begins and ends."""
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def mutations(path: str, text: str) -> Iterator[Mutation]:
    """Yield every mutation of a module that could change an answer.

    Args:
        path: of the module, from the root of the project.
        text: of the module.
    """
    spans = silent(ast.parse(text))
    tree = get_ast(text)
    nodes = list(ast_nodes(tree))
    for name, operator in _operators().items():
        positions = ((start, end) for node in nodes for start, end in operator.mutation_positions(node))
        for occurrence, (start, end) in enumerate(positions):
            if not any(first <= start and end <= last for first, last in spans):
                yield Mutation(path, start, end, name, occurrence)


def drawn(root: Path, number: int, seed: int) -> list[Mutation]:
    """Return mutations at different places, drawn at random: first the places, then what is done there.

    Args:
        root: of the project.
        number: how many.
        seed: of the draw; the same code and seed give the same mutations.
    """
    places: dict[tuple[str, Position], list[Mutation]] = defaultdict(list)
    for package in PACKAGES:
        for module in sorted((root / "drsim" / package).rglob("*.py")):
            path = module.relative_to(root).as_posix()
            for mutation in mutations(path, module.read_text(encoding="utf-8")):
                places[path, mutation.start].append(mutation)
    luck = random.Random(seed)  # noqa: S311  # a draw that can be repeated
    return [luck.choice(places[place]) for place in luck.sample(sorted(places), number)]


def mutated(text: str, mutation: Mutation) -> str:
    """Return the text of a module after a mutation.

    Raises:
        ValueError: there is no such place in this text.
    """
    changed = mutate_code(text, _operators()[mutation.operator], mutation.occurrence)
    if changed is None:
        raise ValueError(f"no {mutation.operator} number {mutation.occurrence} in {mutation.path}")
    return str(changed)


def lines_run(text: str, mutation: Mutation) -> Sequence[int] | None:
    """Return the lines of the statement in which a mutation stands; None where it runs on import.

    Of a statement that holds others, only its head counts.

    Args:
        text: of the module, not mutated.
        mutation: in it.
    """
    line, body, is_in_function = mutation.start[0], list(ast.parse(text).body), False
    while statement := next((s for s in body if s.lineno <= line <= _last(s)), None):
        body = list(_inner(statement))
        first = min((s.lineno for s in body), default=_last(statement) + 1)
        if line < first:
            return range(statement.lineno, first) if is_in_function else None
        is_in_function |= isinstance(statement, ast.FunctionDef)
    return None


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements that stand in another."""
    for part in ast.iter_child_nodes(statement):
        match part:
            case ast.stmt():
                yield part
            case ast.excepthandler() | ast.match_case():
                yield from (inner for inner in ast.iter_child_nodes(part) if isinstance(inner, ast.stmt))


def _last(statement: ast.stmt) -> int:
    """Return the last line of a statement."""
    return statement.end_lineno or statement.lineno
