"""Words that mean something else to YAML than to a selector, unless they stand in quotes."""

from __future__ import annotations

import re

from drsim.errors import Problem
from drsim.text import cut

_TOKEN = re.compile(r"""(?:^|[{\[,]|[:-]\s|\?\s)\s*(!(?!!)\s*[^\s,}\]'"#]*|\*(?=[:.\s}]|$)[^\s,}\]'"#]*)""")
"""A word that begins with ! or * where a key or value begins."""


def unquoted(text: str, lines: range, file: str) -> Problem | None:
    """Return what is wrong if one of some lines holds a selector without its quotes; None if none does.

    Args:
        text: of the file.
        lines: to look at, from 1, the likeliest first.
        file: its name in messages.
    """
    all_lines = text.splitlines()
    for line in lines:
        if not 1 <= line <= len(all_lines):
            continue
        match = _TOKEN.search(all_lines[line - 1])
        if match is None:
            continue
        written = match[1].rstrip(":")
        word = written.replace(" ", "")
        written, shown = cut(written), cut(word)
        found = f"{written} stands here without quotes"
        if word.startswith("!"):
            rule = "to YAML what begins with ! is a tag, and a scenario is plain data without tags"
            repair = f'write "{shown}" in quotes if it is a selector that excludes; else remove it'
            return Problem(file, line, "yaml-tag", found, rule, repair)
        rule = "to YAML what begins with * is an alias"
        return Problem(file, line, "yaml-syntax", found, rule, f'write "{shown}" in quotes')
    return None
