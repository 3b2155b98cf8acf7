"""The kinds of names in a scenario: of its parts, of what AWS names, and of resource types."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from drsim.catalogue import Catalogue, load_catalogue
from drsim.text import shown


def catalogue_of(info: ValidationInfo) -> Catalogue:
    """Return the catalogue given in the validation's context, or the shipped one."""
    given = (info.context or {}).get("catalogue")
    return given if isinstance(given, Catalogue) else load_catalogue()


def canonical_type(text: str, info: ValidationInfo) -> str:
    """Return the catalogue's name of a type; an unknown one stays, for the checks to report."""
    kind = catalogue_of(info).find_type(text)
    return kind.name if kind else text


TypeName = Annotated[str, AfterValidator(canonical_type)]
"""A resource type by the catalogue's name; aliases are turned into it."""
TypeOrAll = Annotated[str, AfterValidator(lambda t, info: t if t == "*" or ":" in t else canonical_type(t, info))]
"""`*`, a resource type, or `to:<site>`."""


def spelt(pattern: str, rule: str) -> AfterValidator:
    """Return a validator that refuses what a pattern does not match, unless the validation's context excuses it.

    Args:
        pattern: regular expression of a whole name.
        rule: in words.
    """

    def match(value: str, info: ValidationInfo) -> str:
        excused = (info.context or {}).get("excused", ())
        if not re.fullmatch(pattern, value) and value not in excused:
            meant = value.lstrip("!")
            repair = f"write `{meant}`" if meant != value and re.fullmatch(pattern, meant) else ""
            raise PydanticCustomError(
                "wrong-name", "{text}", {"text": f"{shown(value)} is no name: {rule}", "repair": repair}
            )
        return value

    return AfterValidator(match)


NOT_IN_NAMES = r"\s.*:/,"
"""Characters that no name has, as a regular expression has them in brackets."""
LONGEST_NAME = 100
"""Characters of a name, at most."""
Name = Annotated[
    str,
    spelt(
        rf"(?!!)[^{NOT_IN_NAMES}]{{1,{LONGEST_NAME}}}",
        f"a name has 1 to {LONGEST_NAME} characters, without blank . * : / or , and with no ! before them, which "
        "excludes",
    ),
]
"""A name that selectors can use."""
LONGEST_TITLE, LONGEST_TEXT = 200, 5000
"""Characters of the name of a scenario and of what it is about, at most: both are printed."""
Title = Annotated[str, spelt(rf"(?s:.{{0,{LONGEST_TITLE}}})", f"a scenario's has up to {LONGEST_TITLE} characters")]
Text = Annotated[str, spelt(rf"(?s:.{{0,{LONGEST_TEXT}}})", f"a description has up to {LONGEST_TEXT:,} characters")]
RuleName = Annotated[
    str, spelt(r"[A-Za-z0-9._-]{1,50}", "AWS takes 1 to 50 letters, digits, '-', '_' and '.' for the name of a rule")
]
VaultName = Annotated[
    str,
    spelt(
        r"[A-Za-z0-9_-]{2,50}|aws/efs/automatic-backup-vault",
        "AWS takes 2 to 50 letters, digits, '-' and '_' for the name of a vault, "
        "and calls one of its own aws/efs/automatic-backup-vault",
    ),
]
"""Name of a vault. Source: the service model of AWS Backup (BackupVaultName); its developer guide on Amazon EFS."""


def _digits(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_NUMBER_OR_TEXT = WithJsonSchema({"type": ["string", "integer"]})


AccountName = Annotated[str, BeforeValidator(_digits), _NUMBER_OR_TEXT]
"""Name of an account, which may be its number."""
AccountId = Annotated[
    str,
    BeforeValidator(_digits),
    spelt(r"[0-9]{12}", "the number of an AWS account has 12 digits"),
    _NUMBER_OR_TEXT,
]
"""Number of an account."""


def _tag_value(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


TagKey = Annotated[str, spelt(r"[^=]{1,128}", "AWS takes 1 to 128 characters for the key of a tag, here without '='")]
TagValue = Annotated[
    str,
    BeforeValidator(_tag_value),
    spelt(r".{0,256}", "AWS takes up to 256 characters for the value of a tag"),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Tags = dict[TagKey, TagValue]
"""Tags of AWS by key; capitals count."""
