"""What a document is that is given as a scenario and is none, and what to do with it."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from drsim.errors import Problem
from drsim.scenario.document_fields import BODIES
from drsim.scenario.document_json import read_json
from drsim.scenario.document_kinds import AWS_FILE, Kind, how_to_get, kind_of, kind_of_rules, kind_of_text
from drsim.scenario.fields import keys_at
from drsim.scenario.nodes import Node, Refusal

_ANYWHERE = frozenset({"name", "description"})
"""Keys that a document of any kind may have."""

_TOP_KEY = re.compile(r"^['\"]?([A-Za-z_]\w*)['\"]?[ \t]*:", re.MULTILINE)
_PLAIN_NAME = re.compile(r"[\w.@+-]{1,100}", re.ASCII)

_START = "`drsim new NAME` writes a scenario to start from"
_NAMED = "a scenario names it: `backup_plans: {{p: {{file: {}}}}}`"


def no_scenario(text: str, file: str, root: Node | None = None) -> Problem | None:
    """Return that a text is something else than a scenario; None where it is meant to be one, or nothing tells.

    Args:
        text: of the file.
        file: its name.
        root: what the text holds; None where it is no mapping in YAML.
    """
    keys = set(_TOP_KEY.findall(text)) if root is None else set(root.entries or {})
    if not text.strip() or keys & (set(keys_at(())) - _ANYWHERE):
        return None
    document = _document(text, file)
    is_json = document is not None
    kind = None if is_json else _list_of_plans(text) or kind_of_text(text, AWS_FILE)
    document = document or root
    if kind is None and document is not None:
        kind = _plan(document, file) or kind_of(document, AWS_FILE)
    if kind is None:
        return None
    rule = "a scenario is a mapping with `sites`, `applications`, `strategies` and `disruptions`"
    return Problem(file, 0, "no-scenario", f"this is {kind.what}, no scenario", rule, _repair(kind))


def _document(text: str, file: str) -> Node | None:
    """Return the object that a text holds as JSON; None where it holds none."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return read_json(text, file)
    except Refusal:
        return None


def _list_of_plans(text: str) -> Kind | None:
    """Return what a list in JSON is; None where a text is none."""
    if not text.lstrip().startswith("["):
        return None
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    first = items[0] if items and isinstance(items[0], dict) else {}
    number = first.get("BackupPlanId")
    get = how_to_get(AWS_FILE, number if isinstance(number, str) else "")
    if {"BackupPlan", "BackupPlanId", "BackupPlanName", "Rules"} & first.keys():
        return Kind("a list of plans", get)
    return None


def _plan(document: Node, file: str) -> Kind | None:
    """Return that a document is a plan of AWS Backup, or has rules of another service; None where it has none."""
    body = next((inner for key in BODIES if (inner := document.get(key)) is not None), document)
    rules = body.get("Rules")
    if rules is None or rules.items is None:
        return None
    if (other := kind_of_rules(rules.items, AWS_FILE)) is not None:
        return other
    name = PurePath(file).name
    saved = "" if _PLAIN_NAME.fullmatch(name) else f"save it as {AWS_FILE}; "
    named = _NAMED.format(AWS_FILE if saved else name)
    beside = "paths start at the scenario's folder"
    return Kind(
        "a plan of AWS Backup", f"{saved}{named} ({beside}); {_START}, and so does `drsim app` from such a plan"
    )


def _repair(kind: Kind) -> str:
    """Return what to do with a document in place of a scenario."""
    if kind.what == "a plan in the words of a scenario":
        return f"write its `rules` under `backup_plans` in a scenario; {_START}"
    if kind.what == "a result of drsim":
        return "name the scenario that it is a result of"
    if kind.what == "a plan of AWS Backup":
        return kind.repair
    return f"{kind.repair}; {_NAMED.format(AWS_FILE)}; {_START}"
