"""The text of a YAML file, read into nodes, and what is wrong with it."""

from __future__ import annotations

import re

from yaml.error import MarkedYAMLError, YAMLError

from drsim.errors import Problem
from drsim.scenario.nodes import Node, Refusal
from drsim.scenario.unquoted import unquoted
from drsim.scenario.yaml_events import Builder, too_deep
from drsim.text import named, shown


def read_yaml(text: str, file: str) -> tuple[Node, list[Problem]]:
    """Return the mapping that a YAML text holds, and what is wrong but does not stop the reading.

    Raises:
        Refusal: no YAML, empty, no mapping, several documents, too deep or too much.
    """
    builder = Builder(file)
    try:
        node = builder.document(text)
    except Refusal as refused:
        line = refused.problem.line
        if refused.problem.check.startswith("yaml-") and (selector := unquoted(text, range(line, line + 1), file)):
            raise Refusal(selector) from refused
        raise
    except MarkedYAMLError as error:
        raise Refusal(_marked(error, text, file)) from error
    except YAMLError as error:
        position, character = getattr(error, "position", 0), getattr(error, "character", 0)
        line = text.encode()[:position].count(b"\n") + 1
        shown_as = named(chr(character) if isinstance(character, int) else str(character)[:1])
        found = f"the character {shown_as} is not allowed in YAML"
        problem = Problem(file, line, "yaml-syntax", found, "a scenario is a YAML 1.2 file", "remove the character")
        raise Refusal(problem) from error
    if node is None or (node.entries is None and node.items is None and node.scalar is None):
        raise Refusal(
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
        raise Refusal(problem)
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
        return too_deep(file, mark.line + 1 if mark else 0)
    found = f"this is no YAML ({', '.join(parts)})"
    rule, repair = "a scenario is a YAML 1.2 file", "look at the indentation, quotes and brackets here and above"
    if "invalid Unicode character escape" in str(error.problem):
        repair = "an escape such as \\ud800 is half a character: write the character itself"
    return Problem(file, mark.line + 1 if mark else 0, "yaml-syntax", found, rule, repair)


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
