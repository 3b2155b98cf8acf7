"""What `drsim check` found, in forms for people, programs and pipelines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from drsim.errors import Problem

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class CheckedFile:
    """A scenario that was checked.

    Attributes:
        source: as the user names it.
        name: of the scenario; the source again where it has errors.
        errors: all that AWS or drsim refuses.
        warnings: all that AWS ignores or suppresses and what else to know, in their order.
    """

    source: str
    name: str
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    def findings(self) -> Iterator[tuple[Severity, Problem]]:
        """Yield errors, then warnings."""
        for problem in self.errors:
            yield "error", problem
        for problem in self.warnings:
            yield "warning", problem


def number_words(number: int, what: str) -> str:
    """Return how many there are: `no errors`, `1 error`, `2 errors`."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def count_line(files: Sequence[CheckedFile]) -> str:
    """Return how many errors and warnings files have together."""
    errors, warnings = (sum(len(of_file) for of_file in problems) for problems in _counted(files))
    return f"{number_words(errors, 'error')}, {number_words(warnings, 'warning')}"


def _counted(files: Sequence[CheckedFile]) -> tuple[list[tuple[Problem, ...]], list[tuple[Problem, ...]]]:
    return [file.errors for file in files], [file.warnings for file in files]


MOST_SHOWN = 100
"""Warnings of a file that are shown to be read."""

MOST_ALIKE = 3
"""Warnings that say the same of several things which are shown to be read; of more there is a count."""

_ALL = "--format json prints all"


def check_text(files: Sequence[CheckedFile]) -> str:
    """Return the findings to be read, file by file, with how many there are.

    Of warnings that say the same of many things the first are shown, and of very many warnings; it is said how many
    more there are.
    """
    lines = []
    for file in files:
        lines += [f"error: {problem}" for problem in file.errors]
        lines += _warning_lines(file.warnings)
        lines.append(f"{file.name}: {count_line([file])}")
    if len(files) > 1:
        lines.append(f"{len(files)} files: {count_line(files)}")
    return "\n".join(lines)


def _warning_lines(warnings: Sequence[Problem]) -> Iterator[str]:
    """Yield warnings to be read: of those alike the first, and of all the first."""
    alike = Counter(_sense(problem) for problem in warnings)
    counts = Counter[tuple[str, ...]]()
    remaining = len(warnings)
    for shown, problem in enumerate(warning for warning in warnings if _is_told(warning, counts)):
        sense = _sense(problem)
        if shown == MOST_SHOWN:
            yield f"warning: {remaining:,} more warnings, of less weight: {_ALL}"
            return
        yield f"warning: {problem}"
        remaining -= 1
        more = alike[sense] - MOST_ALIKE
        if counts[sense] == MOST_ALIKE and more > 0:
            remaining -= more
            yield f"    and {more:,} more [{problem.check}] that say the same of others: {_ALL}"


def _sense(problem: Problem) -> tuple[str, ...]:
    """Return what warnings have in common that say the same of different things."""
    return problem.file, problem.check, problem.rule, problem.repair


def _is_told(problem: Problem, counts: Counter[tuple[str, ...]]) -> bool:
    """Return whether a warning is among the first that say the same, and count it."""
    counts[_sense(problem)] += 1
    return counts[_sense(problem)] <= MOST_ALIKE


def check_json(files: Sequence[CheckedFile]) -> str:
    """Return the findings as JSON.

    `findings` holds for each `source` (the scenario as it was named), `file` (where it is written: the scenario or a
    plan document), `line` (null where it has none), `check`, `severity` (`error` or `warning`), `found`, `rule` and
    `repair` (empty where none is known). `files` holds how many of both each scenario has.
    """
    findings = [
        {
            "source": file.source,
            "file": problem.file or file.source,
            "line": problem.line or None,
            "check": problem.check,
            "severity": severity,
            "found": problem.found,
            "rule": problem.rule,
            "repair": problem.repair,
        }
        for file in files
        for severity, problem in file.findings()
    ]
    counts = [
        {"source": file.source, "name": file.name, "errors": len(file.errors), "warnings": len(file.warnings)}
        for file in files
    ]
    return json.dumps({"files": counts, "findings": findings}, indent=1, ensure_ascii=False)


def check_github(files: Sequence[CheckedFile]) -> str:
    """Return the findings as workflow commands of GitHub Actions, which puts them beside the lines of the files."""
    lines = []
    for file in files:
        for severity, problem in file.findings():
            place = {"file": problem.file or file.source}
            place |= {"line": str(problem.line)} if problem.line else {}
            properties = ",".join(f"{key}={_property(text)}" for key, text in {**place, "title": problem.check}.items())
            message = "\n".join(part for part in (f"{problem.found}: {problem.rule}", problem.repair) if part)
            lines.append(f"::{severity} {properties}::{_message(message)}")
    return "\n".join(lines)


def _message(text: str) -> str:
    """Return a text as the message of a workflow command: nothing in it ends the line or begins another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return a text as the value of a workflow command's property: nothing in it ends the value."""
    return _message(text).replace(":", "%3A").replace(",", "%2C")
