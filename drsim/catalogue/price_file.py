"""The grammar of price files, as a model, and their reader.

A file's own header explains the grammar; here it is enforced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from drsim.catalogue.loader import build_sources
from drsim.catalogue.model import Source
from drsim.catalogue.reading import read_yaml
from drsim.errors import CatalogueError, Flaw
from drsim.text import shown

Basis = Literal["documented", "second-hand", "reported", "measured", "derived", "estimated"]
BASES: tuple[Basis, ...] = get_args(Basis)
"""From the best known to the least."""
INSTANCES = ("instance", "instance-multi-az")
"""The items whose rows are instances, of which the user may add more."""
ITEMS = (
    "warm-storage",
    "cold-storage",
    "continuous-storage",
    "restore-warm",
    "restore-cold",
    "internet-transfer",
    "copy-transfer",
    "transfer",
    "primary-storage",
    "primary-storage-multi-az",
    "audit-evaluation",
    "restore-test",
    "malware-scan",
    "backup-job",
    "air-gapped-factor",
    *INSTANCES,
)
"""The items that every price list has."""


_LISTED = "listed"
"""The key of a row under which prices stand that are known alike."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_M = TypeVar("_M", bound=_Model)


class PriceLeaf(_Model):
    """A price as the file gives it."""

    value: Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)] | None
    basis: Basis | None = None
    source: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _check(self) -> PriceLeaf:
        if self.value is None:
            if self.basis or not self.note:
                raise ValueError("an unknown price has a note that says so, and no basis")
        elif self.basis is None:
            raise ValueError("a price has a basis")
        elif self.basis == "estimated" and not self.note:
            raise ValueError("an estimate has its reasoning in its note")
        elif self.basis != "estimated" and not self.source:
            raise ValueError("a price that is no estimate has a source")
        return self


class Mirror(_Model):
    """The Region whose prices another one takes where it has none of its own."""

    of: str
    basis: Basis
    source: tuple[str, ...] = ()
    note: str


class EstimateRule(_Model):
    """How a price is estimated that is known in no other way."""

    of: str
    storage: tuple[str, ...]
    least_rows: int
    within: tuple[float, float]
    outside: tuple[str, ...] = ()


class Listing(_Model):
    """Prices of several places that are known alike."""

    basis: Basis
    source: tuple[str, ...] = ()
    note: str = ""
    prices: dict[str, float]


class PriceItem(_Model):
    """One item: what is counted, and its price by subject and place."""

    unit: str
    says: str
    rows: dict[str, dict[str, PriceLeaf] | str]
    tiers: dict[str, dict[float, dict[str, float]]] = {}

    @field_validator("rows", mode="before")
    @classmethod
    def _spread(cls, rows: object) -> object:
        """Return rows in which what is listed together stands place by place."""
        if not isinstance(rows, dict):
            return rows
        return {subject: _place_by_place(row) if isinstance(row, dict) else row for subject, row in rows.items()}


def _place_by_place(row: dict[str, object]) -> dict[str, object]:
    """Return a row with a leaf for each place of its listing.

    Raises:
        ValueError: a place has a leaf of its own besides.
    """
    if _LISTED not in row:
        return row
    listing = Listing.model_validate(row[_LISTED])
    leaves = {place: leaf for place, leaf in row.items() if place != _LISTED}
    if twice := set(leaves) & set(listing.prices):
        raise ValueError(f"{', '.join(sorted(twice))}: listed, and given besides")
    shared = {"basis": listing.basis, "source": listing.source, "note": listing.note}
    return leaves | {place: {"value": value, **shared} for place, value in listing.prices.items()}


class Feature(_Model):
    """What a replication feature of one type costs at its destination."""

    lines: tuple[str, ...]
    runs_instance: bool = False


class Billing(_Model):
    """How AWS bills the backups of a type, where that is more than a price for what is stored."""

    free: Literal["provisioned", "volume"] | None = None
    window_free: bool = False
    cold_full: bool = False
    continuous: Literal["changes", "capped", "size"] = "changes"
    least_object_bytes: float = 0.0
    instances: bool = False
    nested: bool = False
    basis: Basis
    source: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _check(self) -> Billing:
        if not (self.note if self.basis == "estimated" else self.source):
            raise ValueError("a rule has a source, or as an estimate its reasoning in its note")
        return self


class PriceFile(_Model):
    """One price list."""

    name: str
    as_of: date
    currency: Literal["USD"]
    mirrors: dict[str, Mirror]
    estimates: EstimateRule | None = None
    items: dict[str, PriceItem]
    replication: dict[str, dict[str, Feature]]
    billing: dict[str, Billing] = {}


def read_price_list(folder: Path, name: str) -> tuple[PriceFile, dict[str, Source]]:
    """Return the price list `<folder>/<name>.yaml` and the sources beside it, by key.

    Raises:
        CatalogueError: there is no such file, or it breaks the grammar; all that is wrong is named.
    """
    lists = {path.stem: path for path in sorted(folder.glob("*.yaml")) if path.stem != "sources"}
    if name not in lists:
        raise CatalogueError(f"there is no price list {shown(name)}; there is: {', '.join(lists)}")
    file = lists[name]
    sources = build_sources(read_yaml(folder / "sources.yaml"))
    data = _validated(PriceFile, _yaml(file), file.name)
    wrong = [*_dangling(data), *_unsourced(data, sources)]
    if wrong:
        raise CatalogueError(*(Flaw(file.name, "", text) for text in wrong))
    return data, sources


def _yaml(file: Path) -> object:
    try:
        return YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise CatalogueError(Flaw(file.name, "", str(error))) from error


def _validated(model: type[_M], raw: object, file: str) -> _M:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        flaws = (Flaw(file, ".".join(map(str, e["loc"])), e["msg"]) for e in error.errors())
        raise CatalogueError(*flaws) from error


def _dangling(data: PriceFile) -> Iterator[str]:
    """Yield the references that lead to no row, or to one that is itself a reference."""
    missing = set(ITEMS) - set(data.items)
    if missing:
        yield f"items: missing are {', '.join(sorted(missing))}"
    rows = {f"{item}/{subject}": row for item, it in data.items.items() for subject, row in it.rows.items()}
    for name, row in rows.items():
        if isinstance(row, str) and not isinstance(rows.get(row), dict):
            yield f"items: {name} refers to {row}, which has no prices of its own"
    for item, it in data.items.items():
        yield from (f"{item}: tiers of {subject}, which has no row" for subject in it.tiers if subject not in it.rows)
    if data.estimates is not None and (missing := set(data.estimates.storage) - set(data.items)):
        yield f"estimates: no items {', '.join(sorted(missing))}"
    for feature, types in data.replication.items():
        for type_, replication in types.items():
            yield from (
                f"replication: {feature}: {type_}: no row {line}" for line in replication.lines if line not in rows
            )


def _unsourced(data: PriceFile, sources: Mapping[str, Source]) -> Iterator[str]:
    """Yield the source keys that do not exist."""
    for place, mirror in data.mirrors.items():
        yield from (f"mirrors: {place}: no source {key!r}" for key in mirror.source if key not in sources)
    for type_, rule in data.billing.items():
        yield from (f"billing: {type_}: no source {key!r}" for key in rule.source if key not in sources)
    for item, it in data.items.items():
        for subject, row in it.rows.items():
            for place, leaf in row.items() if isinstance(row, dict) else ():
                yield from (
                    f"{item}: {subject}: {place}: no source {key!r}" for key in leaf.source if key not in sources
                )
