"""Plain data to a scenario: what the schema refuses becomes problems, each with its line.

Refused values are replaced by harmless ones, so that the checks across fields see the rest of the file in the same
pass, and all problems are told at once.
"""

from __future__ import annotations

from copy import deepcopy

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drsim.catalogue import PARAMETERS, Catalogue, misspelt
from drsim.errors import Problem
from drsim.scenario.fields import keys_at
from drsim.scenario.model import Scenario
from drsim.scenario.source import Loc, Node, Plain, place

_RULE: Plain = {"rule_name": "rule", "target_vault": "vault", "every": "1 d"}

FILLERS: dict[str, Plain] = {
    "region": "us-east-1",
    "account": "account",
    "site": "site",
    "type": "EBS",
    "size": "1 GB",
    "rule_name": "rule",
    "rules": [_RULE],
    "target_vault": "vault",
    "destination_vault": "vault",
    "kind": "resource-loss",
    "feature": "feature",
    "mode": "backup-and-restore",
    "duration": "1 h",
    "sites": {"site": {"region": "us-east-1", "account": "account"}},
    "applications": {"application": {"site": "site"}},
    "strategies": {"strategy": {}},
    "disruptions": {"disruption": {"kind": "resource-loss"}},
}
"""What stands in for a key that is required and missing or refused."""

EXAMPLES = {**FILLERS, "target_vault": "local", "destination_vault": "dr", "site": "home"}

_MEMBERS: dict[str, Plain] = {
    "sites": {"region": "us-east-1", "account": "account"},
    "vaults": {},
    "applications": {"site": "site"},
    "resources": {"type": "EBS", "size": "1 GB"},
    "nested": {"type": "EBS", "size": "1 GB"},
    "steps": {"duration": "1 h"},
    "backup_plans": {"rules": FILLERS["rules"]},
    "strategies": {},
    "disruptions": {"kind": "resource-loss"},
}
"""What stands in for a member of these mappings, so that those who name it still find it."""

MOST_LISTED = 40
"""How many right words a message lists."""

_ROUNDS = 4
"""Replacing a mapping may bring up problems in what it holds; few levels can hide each other."""


def validate(data: Plain, root: Node, catalogue: Catalogue) -> tuple[Scenario | None, list[Problem], list[Loc]]:
    """Return the scenario, what the schema refused, and the places where something harmless was put instead.

    Args:
        data: the plain data of the scenario.
        root: the nodes it comes from, which know the lines.
        catalogue: knows the types and their aliases.

    Returns:
        The scenario, exact if there are no problems; None if even the replaced data is refused.
    """
    problems: list[Problem] = []
    replaced: list[Loc] = []
    # a key that is no name stays, once told, since others may name it
    excused: set[str | int] = set()
    context = {"catalogue": catalogue, "excused": excused}
    for _ in range(_ROUNDS):
        try:
            return Scenario.model_validate(data, context=context), problems, replaced
        except ValidationError as refused:
            errors = {_place_of(e, data): e for e in reversed(refused.errors(include_url=False)) if not _is_echo(e)}
            data = deepcopy(data) if not replaced else data
            for loc, error in errors.items():
                problems.append(_problem(loc, error, root))
                if error["loc"][-1:] == ("[key]",):
                    excused.add(loc[-1])
                else:
                    _replace(data, loc)
                replaced.append(loc)
    return None, problems, replaced


def _place_of(error: ErrorDetails, data: Plain) -> Loc:
    """Return the place of an error without the parts that pydantic adds for keys and alternatives."""
    loc = tuple(part for part in error["loc"] if part != "[key]")
    if _in_backup(loc) and len(loc) > 3:
        # plans are read as pairs of selector and plans, and written as a mapping
        written: Plain = data
        for part in loc[:3]:
            written = written.get(str(part)) if isinstance(written, dict) else None
        if isinstance(written, dict) and isinstance(loc[3], int) and loc[3] < len(written):
            return (*loc[:3], list(written)[loc[3]])
    return loc


def _in_backup(loc: Loc) -> bool:
    """Tell whether a place lies in what a strategy says of plans."""
    return len(loc) > 2 and loc[0] == "strategies" and loc[2] == "backup"


def _is_echo(error: ErrorDetails) -> bool:
    """Tell whether a list or mapping counts as empty only because what it holds is refused."""
    return error["type"] == "too_short" and bool(error["input"])


def _replace(data: Plain, loc: Loc) -> None:
    """Put something harmless at a place, or remove what stands there."""
    *way, last = loc
    for part in way:
        if isinstance(data, dict):
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
    if isinstance(data, dict):
        filler = _MEMBERS.get(str(way[-1])) if way else None
        filler = FILLERS.get(str(last)) if filler is None else filler
        if filler is None:
            data.pop(str(last), None)
        else:
            data[str(last)] = deepcopy(filler)
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        data[last] = deepcopy(_RULE) if way[-1] == "rules" else "?"


def dotted(loc: Loc) -> str:
    """Return a place as people write it: `backup_plans.daily.rules[0].every`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def nearest(word: str, right: list[str]) -> str:
    """Return the repair of a word: the right one that it is a misspelling of, or all of them."""
    meant = misspelt(word, right)
    if meant is not None:
        return f"did you mean `{meant}`?"
    more = f" and {len(right) - MOST_LISTED} more" if len(right) > MOST_LISTED else ""
    return f"write one of: {', '.join(right[:MOST_LISTED])}{more}" if right else ""


def _problem(loc: Loc, error: ErrorDetails, root: Node) -> Problem:
    """Return the problem that a pydantic error means."""
    file, line = place(root, loc)
    kind, key, value = error["type"], str(loc[-1]) if loc else "", error["input"]
    where = f"`{dotted(loc)}`"
    if kind == "extra_forbidden":
        check, found, rule = "unknown-key", f"{where} is no key that is read here", "unknown keys are refused"
        repair = nearest(key, keys_at(loc[:-1]))
    elif kind == "missing":
        check, found, rule = "missing-key", f"{where} is missing", "the key is required"
        repair = f"for instance `{key}: {EXAMPLES[key]}`" if isinstance(EXAMPLES.get(key), str) else ""
    elif kind == "unknown-parameter":
        check, found, rule = kind, f"{where} is no parameter of the catalogue", "overrides replace catalogue values"
        repair = nearest(key, list(PARAMETERS))
    elif kind in _OWN:
        check, found, rule, repair = kind, f"{where} is {_shown(_written(value))}", error["msg"], ""
    elif kind == "literal_error":
        choices = error["ctx"]["expected"]
        check, found, rule = "wrong-choice", f"{where} is {_shown(value)}", f"it is one of {choices}"
        repair = nearest(str(value), [word.strip(" '") for word in choices.replace(" or ", ",").split(",")])
    elif kind in _BOUNDS:
        check, found, repair = "out-of-range", f"{where} is {_shown(value)}", ""
        context = error.get("ctx", {})
        rule = f"it is {_BOUNDS[kind]} {context.get('min_length', next(iter(context.values()), 1))}"
    else:
        check, found, repair = "wrong-kind", f"{where} is {_shown(value)}", ""
        rule = next((text for start, text in _KINDS.items() if kind.startswith(start)), error["msg"])
        if _in_backup(loc):
            rule, repair = "the name of a plan, or a list of names, belongs here", "write `[]` for none"
    return Problem(file, line, check, found, rule, repair)


_OWN = frozenset({"missing-unit", "wrong-quantity", "wrong-distribution", "wrong-name", "wrong-date"})


_BOUNDS = {
    "greater_than_equal": "at least",
    "greater_than": "more than",
    "too_short": "a list or mapping with entries, at least",
}

_KINDS = {
    "model": "a mapping such as `key: value` belongs here",
    "dict": "a mapping such as `key: value` belongs here",
    "tuple": "a list such as [one, two] belongs here",
    "string": "a text belongs here",
    "bool": "true or false belongs here",
    "int": "a whole number belongs here",
}
"""What belongs in a place, by how pydantic's name of the error starts."""


def _written(value: object) -> object:
    """Return the value of an override without the name that reading it puts beside it."""
    return value[1] if isinstance(value, tuple) and len(value) == 2 else value


def _shown(value: object) -> str:
    """Return a value as a message shows it: short, on one line."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
