"""Selectors: which resources a strategy, a replication feature or a disruption means.

selector             selects                                          specificity
*                    every resource                                   0
type:RDS             every resource of the type                       1
tag:team=payments    every resource with the tag, capitals matter     2
app.*                every resource of the application                3
app.resource         the resource, and what is nested in it           4
app.stack.nested     a resource nested in a CloudFormation stack      5

Of the plans of a strategy all that match apply; of its replication the most specific selector wins, the one written
first among equals.

`!` before a selector excludes: what it selects gets nothing from any other selector of the same mapping, however
specific that is (as what AWS's selections list under NotResources). Alone, as the target of a disruption, it means
everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from drsim.scenario.names import canonical_type

TYPE = "type:"
TAG = "tag:"
NOT = "!"
"""Before a selector that excludes; to YAML a word that begins with it is a tag, unless it stands in quotes."""

_EXCLUDED = re.compile(rf"(?:\s*{NOT})*\s*")
"""What stands before a selector, however often."""

RESOURCE_SPECIFICITY = 4
"""That of a selector of one resource; those below it are of several."""

_NO_TAGS: Mapping[str, str] = MappingProxyType({})


def excludes(selector: str) -> bool:
    """Return whether a selector takes resources away from the other selectors beside it."""
    return selector.startswith(NOT)


def specificity(selector: str) -> int:
    """Return how near a selector is to a resource; where the nearest wins, the largest does."""
    if selector == "*":
        return 0
    if selector.startswith(TYPE):
        return 1
    if selector.startswith(TAG):
        return 2
    if selector.endswith(".*"):
        return 3 if selector.count(".") == 1 else RESOURCE_SPECIFICITY
    return RESOURCE_SPECIFICITY - 1 + selector.count(".")


def matches(selector: str, subject: str, type_name: str, tags: Mapping[str, str] = _NO_TAGS) -> bool:
    """Tell whether a selector, by itself, selects a resource.

    Args:
        selector: one of the forms of the module's docstring; a type by the catalogue's name.
        subject: the resource as `app.resource` or `app.stack.nested`.
        type_name: its type, by the catalogue's name.
        tags: its tags, those that it inherits too.
    """
    bare = selector.lstrip(NOT)
    if bare != selector:
        # more than one of them is refused, and yet asked about until then
        return matches(bare, subject, type_name, tags) == ((len(selector) - len(bare)) % 2 == 0)
    if selector == "*":
        return True
    if selector.startswith(TYPE):
        return selector.removeprefix(TYPE) == type_name
    if selector.startswith(TAG):
        key, equals, value = selector.removeprefix(TAG).partition("=")
        return bool(equals) and tags.get(key) == value
    stem = selector.removesuffix(".*")
    return "." in selector and (subject == selector or subject.startswith(f"{stem}."))


def applying(
    selectors: Iterable[str], subject: str, type_name: str, tags: Mapping[str, str] = _NO_TAGS
) -> tuple[str, ...]:
    """Return which selectors of one mapping give a resource what they name, in the order written.

    Args:
        selectors: all of the mapping; where one of them excludes the resource, none applies.
        subject: as for `matches`.
        type_name: as for `matches`.
        tags: as for `matches`.
    """
    fitting = []
    for selector in selectors:
        fits = matches(selector, subject, type_name, tags)
        if excludes(selector):
            if not fits:
                return ()
        elif fits:
            fitting.append(selector)
    return tuple(fitting)


def nearest(selectors: Iterable[str], subject: str, type_name: str, tags: Mapping[str, str] = _NO_TAGS) -> str | None:
    """Return the most specific selector that applies to a resource, the first written among equals; None if none does.

    Args:
        selectors: as for `applying`.
        subject: as for `matches`.
        type_name: as for `matches`.
        tags: as for `matches`.
    """
    return max(applying(selectors, subject, type_name, tags), key=specificity, default=None)


def _canonical(text: str, info: ValidationInfo) -> str:
    before = _EXCLUDED.match(text)
    end = before.end() if before else 0
    return NOT * text.count(NOT, 0, end) + _bare(text[end:].strip(), info)


def _bare(text: str, info: ValidationInfo) -> str:
    if text.startswith(TYPE):
        return TYPE + canonical_type(text.removeprefix(TYPE).strip(), info)
    if text.startswith(TAG):
        key, equals, value = text.removeprefix(TAG).partition("=")
        return f"{TAG}{key.strip()}{equals}{value.strip()}"
    return text


SelectorText = Annotated[str, AfterValidator(_canonical)]
"""A selector; the type in it by the catalogue's name."""
