"""The JSON of plan documents, read into nodes, and what is wrong with what is no plan."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from drsim.errors import Problem
from drsim.scenario.document_fields import BODIES
from drsim.scenario.document_kinds import Kind, how_to_get, kind_of, kind_of_text
from drsim.scenario.nodes import Node, Refusal
from drsim.scenario.yaml_text import read_yaml


def plan_body(document: Node) -> Node:
    """Return the plan within its envelope, or the document if it has none."""
    return next((inner for key in BODIES if (inner := document.get(key)) is not None), document)


def read_json(text: str, file: str) -> Node:
    """Return the object that a JSON text holds, with its lines.

    Raises:
        Refusal: no JSON, or no object.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        kind = kind_of_text(text, file)
        if kind is not None:
            raise Refusal(is_no_plan(file, 0, kind)) from error
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        found = f"this is no JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else "this is no JSON"
        raise Refusal(replace(invalid(file, line, found), repair=how_to_get(file))) from error
    # valid JSON is YAML but for tabs between tokens, and within a JSON text a tab is always escaped
    try:
        node, problems = read_yaml(_PAIR.sub(_paired, text.replace("\t", " ")), file)
    except Refusal as refused:
        problem = refused.problem
        found = "this is a list, not the object of one plan" if text.lstrip().startswith("[") else problem.found
        raise Refusal(replace(invalid(file, problem.line, found), repair=how_to_get(file))) from refused
    if problems:
        raise Refusal(invalid(file, problems[0].line, problems[0].found))
    return node


_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character beyond the first 65,536 as JSON escapes it, in two halves; YAML knows no halves."""


def _paired(match: re.Match[str]) -> str:
    """Return the character of two halves."""
    high, low = int(match[2], 16), int(match[3], 16)
    return match[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def invalid(file: str, line: int, found: str) -> Problem:
    """Return that a document is no plan, for what stands in a line of it."""
    rule = "a plan document is the JSON that `aws backup get-backup-plan` prints"
    return Problem(file, line, "plan-file-invalid", found, rule)


def unreadable(file: str, line: int, found: str, rule: str, repair: str = "") -> Problem:
    """Return that a line of a scenario names a document that cannot be read."""
    return Problem(
        file, line, "plan-file-unreadable", found, rule, repair or "paths start at the scenario file's folder"
    )


def no_rules(file: str, document: Node, body: Node) -> Problem:
    """Return what is wrong with a document without rules: what it is instead, where that can be told."""
    kind = kind_of(document, file) if body is document or body.get("BackupPlanRule") is not None else None
    if kind is not None:
        return is_no_plan(file, document.line, kind)
    rules = body.get("Rules")
    found = "the document has no `Rules`" if rules is None else "`Rules` of the document is no list with rules in it"
    repair = 'a plan has rules: `"Rules": [{"RuleName": …, "TargetBackupVaultName": …}]`'
    return replace(invalid(file, body.line if rules is None else rules.line, found), repair=repair)


def is_no_plan(file: str, line: int, kind: Kind) -> Problem:
    """Return that a document is of another kind, with how to get a plan."""
    return replace(invalid(file, line, f"this is {kind.what}"), repair=kind.repair)
