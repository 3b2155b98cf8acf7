"""Plain data to a scenario: what the schema refuses becomes problems, each with its line.

Refused values are replaced by harmless ones, so that the checks across fields see the rest of the file in the same
pass, and all problems are told at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drsim.catalogue import PARAMETERS, Catalogue, misspelt
from drsim.errors import Problem
from drsim.ranges import WHOLE, Range
from drsim.scenario.fields import is_required, keys_at, needs_keys, takes_flag, words_at
from drsim.scenario.model import Scenario
from drsim.scenario.nodes import Loc, Node, Plain, place, plain, value_at
from drsim.text import cut, lookalikes, shown

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
    "rules": _RULE,
    **dict.fromkeys(("intervals", "retentions"), "30 d"),
    "seeds": 1,
}
"""What stands in for a member of these mappings and lists, so that those who name it still find it."""

MOST_UNKNOWN = 20
"""Unknown keys of one mapping that are told one by one; of more there is a count."""

MOST_ALIKE = 200
"""Problems of one check that are told one by one."""

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
            for loc, problem in _told(errors, root):
                problems.append(problem)
                replaced.append(loc)
            for loc, error in errors.items():
                if error["loc"][-1:] == ("[key]",):
                    excused.add(loc[-1])
                else:
                    _replace(data, loc)
    return None, problems, replaced


def _told(errors: Mapping[Loc, ErrorDetails], root: Node) -> Iterator[tuple[Loc, Problem]]:
    """Yield the problems that errors mean, with their places: of the unknown keys of a mapping the first, and a count.

    Args:
        errors: by place, the last of the file first.
        root: the nodes of the scenario.
    """
    kinds = Counter(error["type"] for error in errors.values())
    told_of_kind = Counter[str]()
    unknown = Counter(loc[:-1] for loc, error in errors.items() if error["type"] == "extra_forbidden")
    told = Counter[Loc]()
    for loc, error in reversed(list(errors.items())):
        above = loc[:-1]
        kind = error["type"]
        if kind == "extra_forbidden":
            told[above] += 1
            if told[above] == MOST_UNKNOWN + 1:
                yield loc, _more_unknown(above, unknown[above], root)
            if told[above] > MOST_UNKNOWN:
                continue
        told_of_kind[kind] += 1
        if told_of_kind[kind] <= MOST_ALIKE:
            yield loc, _problem(loc, error, root)
        elif told_of_kind[kind] == MOST_ALIKE + 1:
            yield loc, more_alike(_problem(loc, error, root), kinds[kind] - MOST_ALIKE)


def more_alike(problem: Problem, more: int | None = None) -> Problem:
    """Return what stands for this problem and those of its kind that follow.

    Args:
        problem: the first that is not told.
        more: how many there are with it; None where nobody knows.
    """
    number = "more" if more is None else f"{more:,} more"
    repair = "mend these and check again"
    return replace(problem, found=f"{number} like the {MOST_ALIKE} that are told, from here on", repair=repair)


def _more_unknown(loc: Loc, number: int, root: Node) -> Problem:
    """Return the problem that counts the unknown keys of a mapping, of which only the first are told."""
    where = f"`{dotted(loc)}`" if loc else "the scenario"
    found = f"{where} has {number:,} keys that are not read here, of which the first {MOST_UNKNOWN} are listed"
    repair = f"keys that may stand here: {', '.join(keys_at(loc))}"
    return Problem(*place(root, loc), "unknown-key", found, "unknown keys are refused", repair)


def _place_of(error: ErrorDetails, data: Plain) -> Loc:
    """Return the place of an error without the parts that pydantic adds for keys and alternatives."""
    loc = tuple(part for part in error["loc"] if part != "[key]")
    if _in_backup(loc) and len(loc) > 3:
        # plans are read as pairs of selector and plans, and written as a mapping
        written: Plain = data
        for part in loc[:3]:
            written = written.get(str(part)) if isinstance(written, dict) else None
        if isinstance(written, list):
            # of a list of plans all is one value
            return loc[:3]
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
    for k, part in enumerate(way):
        below = _held(data, part)
        if not isinstance(below, dict | list):
            # a short form, which is read as the mapping in which the error lies
            way, last = way[:k], part
            break
        data = below
    if isinstance(data, dict):
        filler = _MEMBERS.get(str(way[-1])) if way else None
        # what may be left out is left out: keys of one name hold different things in different places
        filler = FILLERS.get(str(last)) if filler is None and is_required(loc) else filler
        if filler is None:
            data.pop(str(last), None)
        else:
            data[str(last)] = deepcopy(filler)
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        data[last] = deepcopy(_MEMBERS.get(str(way[-1]), "?"))


def _held(data: Plain, part: str | int) -> Plain:
    """Return what a mapping or a list has at a key or a position; None where there is nothing."""
    if isinstance(data, dict):
        return data.get(str(part))
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def dotted(loc: Loc) -> str:
    """Return a place as people write it: `backup_plans.daily.rules[0].every`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{cut(part)}" for part in loc).lstrip(".")


def right_word(word: str, right: list[str]) -> str:
    """Return the repair of a word: the right one that it is a misspelling of, or all of them."""
    meant = misspelt(word, right)
    if meant is not None:
        return f"did you mean `{meant}`?"
    return one_of(right)


def one_of(right: Sequence[str]) -> str:
    """Return the repair of what is none of the right words: these, or the first of very many; empty without any."""
    more = f" and {len(right) - MOST_LISTED} more" if len(right) > MOST_LISTED else ""
    return f"write one of: {', '.join(right[:MOST_LISTED])}{more}" if right else ""


def _problem(loc: Loc, error: ErrorDetails, root: Node) -> Problem:
    """Return the problem that a pydantic error means."""
    file, line = place(root, loc)
    kind, key, value = error["type"], str(loc[-1]) if loc else "", error["input"]
    where = f"`{dotted(loc)}`"
    if kind == "extra_forbidden":
        check, found, rule = "unknown-key", f"{where} is no key that is read here", "unknown keys are refused"
        repair = right_word(key, keys_at(loc[:-1]))
    elif kind == "missing":
        check, found, rule = "missing-key", f"{where} is missing", "the key is required"
        repair = f"for instance `{key}: {EXAMPLES[key]}`" if isinstance(EXAMPLES.get(key), str) else ""
    elif kind == "unknown-parameter":
        check, found, rule = kind, f"{where} is no parameter of the catalogue", "overrides replace catalogue values"
        repair = right_word(key, list(PARAMETERS))
    elif kind in _OWN:
        text = shown(_written(value))
        check, found, rule = _OWN[kind], f"{where} is {text}", error["msg"].removeprefix(f"{text} is out of range: ")
        repair = str(error.get("ctx", {}).get("repair", ""))
    elif kind == "literal_error":
        choices = error["ctx"]["expected"]
        check, found, rule = "wrong-choice", f"{where} is {shown(value)}", f"it is one of {choices}"
        repair = right_word(str(value), [word.strip(" '") for word in choices.replace(" or ", ",").split(",")])
    elif kind in _BOUNDS:
        check, found = "out-of-range", f"{where} is {shown(value)}"
        rule, repair = _bounds(loc, error)
    else:
        check = "wrong-kind"
        found, rule, repair = _wrong_kind(loc, error, root)
    if check not in _READ:
        found, repair = with_lookalikes(root, loc, found, repair)
    return Problem(file, line, check, found, rule, repair)


def _wrong_kind(loc: Loc, error: ErrorDetails, root: Node) -> tuple[str, str, str]:
    """Return what is found where a value of another kind belongs, which kind that is, and what to write."""
    kind, value, where = error["type"], error["input"], f"`{dotted(loc)}`"
    found, repair = (
        f"{where} is {shown(value)}",
        _meant(loc, kind, value) or str(error.get("ctx", {}).get("repair", "")),
    )
    rule = next((text for start, text in _KINDS.items() if kind.startswith(start)), error["msg"])
    if kind.startswith("model") and takes_flag(loc):
        rule = f"true, or {rule}"
    if kind.startswith("int"):
        rule = f"{rule}: {_whole_limits(loc).words}"
    if _in_backup(loc):
        rule, repair = "the name of a plan, or a list of names, belongs here", "write `[]` for none"
        if isinstance(written := _at(root, loc), list):
            # of the whole list one part is refused
            found, names = f"{where} is {shown(written)}", ", ".join(dict.fromkeys(_names_in(written)))
            repair = f"write `[{names}]`, or `[]` for none" if names else repair
    return found, rule, repair


_READ = frozenset({"wrong-quantity", "wrong-distribution", "wrong-date"})
"""Checks that name what only looks right by themselves."""


def with_lookalikes(root: Node, loc: Loc, found: str, repair: str) -> tuple[str, str]:
    """Return what was found at a place and its repair, with the character that only looks right there, if any.

    Args:
        root: the nodes of the scenario.
        loc: where something is refused: the value there is looked at, or the key where it is none.
        found: what stands there.
        repair: what to write instead.
    """
    value = value_at(root, loc)
    odd = lookalikes(value) if isinstance(value, str) else None
    if odd is None and loc and isinstance(loc[-1], str):
        odd = lookalikes(loc[-1])
    if odd is None:
        return found, repair
    # where a check knows what may stand there, it knows better
    return f"{found}, with {odd.found}", odd.repair if not repair or odd.plain in repair else repair


def _bounds(loc: Loc, error: ErrorDetails) -> tuple[str, str]:
    """Return the range of a number, or of a length, and what to write instead."""
    context = error.get("ctx", {})
    if error["type"] == "too_short":
        return f"it is a list or mapping with entries, at least {context.get('min_length', 1)}", ""
    limits = _whole_limits(loc)
    is_less = error["type"] == "greater_than_equal"
    repair = f"write {int(limits.least)} or more" if is_less else f"write {int(limits.most)} or less"
    return f"{limits.what} is {limits.words}", repair


def _whole_limits(loc: Loc) -> Range:
    """Return the range of the whole number at a place."""
    key = str(loc[-2] if isinstance(loc[-1], int) else loc[-1])
    return WHOLE["jobs" if loc[0] == "limits" else {"confirm_drills": "drills", "seeds": "seed"}.get(key, key)]


_FLAGS = {
    **dict.fromkeys(("yes", "y", "on", "true", "t", "1"), "true"),
    **dict.fromkeys(("no", "n", "off", "false", "f", "0"), "false"),
}
"""What other formats than YAML 1.2 take for true and false."""


def _at(root: Node, loc: Loc) -> Plain:
    """Return the plain data at a place; None where there is nothing."""
    node: Node | None = root
    for part in loc:
        node = None if node is None else node.get(str(part))
    return None if node is None else plain(node)


def _names_in(value: Plain) -> Iterator[str]:
    """Yield the names in a list, whatever lists they stand in."""
    if isinstance(value, str):
        yield cut(value)
    for item in value if isinstance(value, list) else ():
        yield from _names_in(item)


def _meant(loc: Loc, kind: str, value: object) -> str:
    """Return what to write in place of a value of the wrong kind; '' where nothing tells."""
    if value is None and loc and not is_required(loc):
        if kind.startswith(("model", "dict")) and not needs_keys(loc):
            return "write `{}` where nothing is to be said"
        if keys_at(loc[:-1]):
            return "remove the key, or write a value"
    if kind.startswith("model"):
        return _mapping_forms(loc, value)
    if kind.startswith("bool") and isinstance(value, str | int) and (word := _FLAGS.get(str(value).strip().lower())):
        return f"write {word}, without quotes"
    if kind.startswith("int") and isinstance(value, str) and value.isascii() and value.strip().isdecimal():
        return f"write {cut(value.strip())} without quotes"
    return ""


def _mapping_forms(loc: Loc, value: object) -> str:
    """Return what to write where a mapping belongs: the one that a word alone means, else what may stand there."""
    flag = _FLAGS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if takes_flag(loc) and flag is not None:
        return f"write {flag}, without quotes"
    forms = ["`true`"] if takes_flag(loc) else []
    words = words_at(loc)
    for key, right in words.items():
        if isinstance(value, str) and (meant := misspelt(value, right)) is not None:
            return f"write {' or '.join([*forms, f'`{{{key}: {meant}}}`'])}"
    if forms:
        forms += [f"`{{{key}: {word}}}`" for key, right in words.items() for word in right]
        return f"write {', '.join(forms[:-1])} or {forms[-1]}"
    return f"keys that may stand in it: {', '.join(keys_at(loc))}" if keys_at(loc) else ""


_OWN = {
    **{name: name for name in ("missing-unit", "wrong-quantity", "wrong-distribution", "wrong-name", "wrong-date")},
    "quantity-out-of-range": "out-of-range",
}
"""Our own checks, by the names that the readers of values give them."""

_BOUNDS = frozenset({"greater_than_equal", "less_than_equal", "too_short"})

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
