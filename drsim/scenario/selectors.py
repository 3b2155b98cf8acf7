"""Selectors: which resources a strategy, a replication feature or a disruption means.

selector            selects                                         specificity
*                   every resource                                  0
type:RDS            every resource of the type                      1
app.*               every resource of the application               2
app.resource        the resource, and what is nested in it          3
app.stack.nested    a resource nested in a CloudFormation stack     4
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from drsim.scenario.quantities import canonical_type

TYPE = "type:"


def specificity(selector: str) -> int:
    """Return how near a selector is to a resource; where the nearest wins, the largest does."""
    if selector == "*":
        return 0
    if selector.startswith(TYPE):
        return 1
    if selector.endswith(".*"):
        return 2 if selector.count(".") == 1 else 3
    return 2 + selector.count(".")


def matches(selector: str, subject: str, type_name: str) -> bool:
    """Tell whether a selector selects a resource.

    Args:
        selector: one of the forms of the module's docstring; a type by the catalogue's name.
        subject: the resource as `app.resource` or `app.stack.nested`.
        type_name: its type, by the catalogue's name.
    """
    if selector == "*":
        return True
    if selector.startswith(TYPE):
        return selector.removeprefix(TYPE) == type_name
    stem = selector.removesuffix(".*")
    return "." in selector and (subject == selector or subject.startswith(f"{stem}."))


def nearest(selectors: list[str], subject: str, type_name: str) -> str | None:
    """Return the most specific selector that selects a resource, the first written among equals; None if none does."""
    fitting = [s for s in selectors if matches(s, subject, type_name)]
    return max(fitting, key=specificity, default=None)


def _canonical(text: str, info: ValidationInfo) -> str:
    return TYPE + canonical_type(text.removeprefix(TYPE).strip(), info) if text.startswith(TYPE) else text


SelectorText = Annotated[str, AfterValidator(_canonical)]
"""A selector; the type in it by the catalogue's name."""
