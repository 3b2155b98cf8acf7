"""List prices, each with Region, date and source; an unknown price is `None`, never zero.

The data and its grammar are in the folder `prices` of a catalogue. A price multiplies what its unit says: GiB is 2^30
bytes, which AWS's price lists and bills call a GB, a month 730 h.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from drsim.catalogue.model import Source
from drsim.catalogue.price_file import BASES, INSTANCES, Billing, PriceFile, PriceLeaf, read_price_list
from drsim.errors import InputError, Problem
from drsim.ranges import PRICE
from drsim.text import cut, lookalikes, shown

_ALL = "all"
LIKE, FACTOR = "like", "factor"
"""Keys by which a Region takes the prices of another one, times a number."""
_MOST_FACTOR = 1000.0
_PLAIN = Billing(basis="estimated", note="billed by what is stored")
_LONGEST = 200
"""Characters of a price at most."""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


USER = "user"
"""The basis of a price that the scenario gives."""


@dataclass(frozen=True)
class Price:
    """One price, or the statement that it is unknown.

    Attributes:
        value: amount per unit; None where unknown.
        unit: such as `USD/GiB-month`; `1` for a factor.
        basis: how well it is known; `USER` where the scenario set it, `unknown` where there is none.
        source: keys of the price list's sources.
        note: conditions, and the reasoning of an estimate.
        region: the Region asked for, or `from>to`.
        as_of: date of the price list.
        item: `item/subject` as asked for, such as `warm-storage/EFS`.
    """

    value: float | None
    unit: str
    basis: str
    source: tuple[str, ...]
    note: str
    region: str
    as_of: date
    item: str

    @property
    def is_of_user(self) -> bool:
        """Whether the scenario gives it."""
        return self.basis == USER


@dataclass(frozen=True)
class ReplicationPrices:
    """What a replication feature costs at its destination.

    Attributes:
        lines: prices, told apart by unit: `USD/GiB-month` of bytes stored there, `USD/GiB` of bytes changed, `USD/hour`
            of the servers replicated, `USD/1000 objects` of the objects changed.
        runs_instance: whether an instance runs there all the time, at its own price.
    """

    lines: tuple[Price, ...]
    runs_instance: bool


@dataclass(frozen=True)
class Like:
    """The Region whose prices another one takes.

    Attributes:
        of: that Region.
        factor: by which they are multiplied.
        first: whether they go before the list's own for the Region, or only where the list has none.
    """

    of: str
    factor: float = 1.0
    first: bool = False


@dataclass(frozen=True)
class PriceList:
    """The prices of one catalogue, with the user's own on top."""

    data: PriceFile
    sources: Mapping[str, Source]
    overrides: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    """The user's prices by (item, subject, place)."""
    likes: Mapping[str, Like] = field(default_factory=dict)
    """What the user says of Regions that are like others, by Region."""

    @property
    def name(self) -> str:
        """Name of the list."""
        return self.data.name

    @property
    def as_of(self) -> date:
        """Date of the newest price in the list."""
        return self.data.as_of

    def warm_storage(self, type_: str, region: str) -> Price:
        """Return the price of warm backup storage [USD/GiB-month]."""
        return self.find("warm-storage", type_, region)

    def cold_storage(self, type_: str, region: str) -> Price:
        """Return the price of cold backup storage [USD/GiB-month]."""
        return self.find("cold-storage", type_, region)

    def continuous_storage(self, type_: str, region: str) -> Price:
        """Return the price of storing continuous backups or point-in-time recovery [USD/GiB-month]."""
        return self.find("continuous-storage", type_, region)

    def restore(self, type_: str, region: str, *, cold: bool = False) -> Price:
        """Return the price of restoring [USD/GiB], from cold storage with its retrieval if `cold`."""
        return self.find("restore-cold" if cold else "restore-warm", type_, region)

    def copy_transfer(self, type_: str, from_region: str, to_region: str) -> Price:
        """Return the price of copying recovery points [USD/GiB]; zero within a Region, whatever the account."""
        return self.find("copy-transfer", type_, from_region, to_region)

    def transfer(self, from_region: str, to_region: str) -> Price:
        """Return the price of moving any other data between Regions [USD/GiB]."""
        return self.find("transfer", _ALL, from_region, to_region)

    def to_premises(self, region: str) -> Price:
        """Return the price of moving data out of AWS to premises, over the internet [USD/GiB]."""
        return self.find("internet-transfer", _ALL, region)

    def primary_storage(self, type_: str, region: str, *, multi_az: bool = False) -> Price:
        """Return the price of the resource's own storage [USD/GiB-month], of a replica or a standby."""
        single = self.find("primary-storage", type_, region)
        apart = multi_az and type_ in self.data.items["primary-storage-multi-az"].rows
        return self._multi_az("primary-storage-multi-az", type_, single) if apart else single

    def instance(self, name: str, region: str, type_: str = "", *, multi_az: bool = False) -> Price:
        """Return the price of an instance [USD/hour].

        Args:
            name: such as `m6i.xlarge` or `db.r6g.large`.
            region: where it runs.
            type_: the resource type, since engines price the same instance differently; the user's price for an
                instance of any engine goes before the list's for this one.
            multi_az: with a standby in a second zone; twice the single price where AWS gives none.
        """
        full = f"{type_} {name}"
        subject = full if any(full in self.data.items[item].rows for item in INSTANCES) else name
        for candidate in (name, full):
            if any((item, candidate, place) in self.overrides for item in INSTANCES for place in _places(region, None)):
                subject = candidate
        single = self.find("instance", subject, region)
        return self._multi_az("instance-multi-az", subject, single) if multi_az else single

    def replication(self, feature: str, type_: str, from_region: str, to_region: str) -> ReplicationPrices:
        """Return what a replication feature costs; one unknown line where the list does not know it."""
        row = self.data.replication.get(feature, {}).get(type_)
        if row is None:
            note = f"the price list does not know {feature!r} of {type_}"
            return ReplicationPrices((self._unknown("replication", feature, to_region, note),), runs_instance=False)
        lines = []
        for line in row.lines:
            item, subject = _split(line)
            pair = item == "transfer"
            lines.append(
                self.find(item, subject, from_region, to_region) if pair else self.find(item, subject, to_region)
            )
        return ReplicationPrices(tuple(lines), row.runs_instance)

    def audit_evaluation(self, region: str) -> Price:
        """Return the price of audit evaluations, one control on one resource each [USD/1000 evaluations]."""
        return self.find("audit-evaluation", _ALL, region)

    def restore_test(self, region: str) -> Price:
        """Return the price of a restore test [USD/recovery point], without the restore itself."""
        return self.find("restore-test", _ALL, region)

    def per_backup(self, region: str) -> Price:
        """Return the fixed price of a backup [USD/backup]."""
        return self.find("backup-job", _ALL, region)

    @property
    def air_gapped_factor(self) -> Price:
        """Storage in a logically air-gapped vault over storage in a standard one."""
        return self.find("air-gapped-factor", _ALL, "*")

    def billing(self, type_: str) -> Billing:
        """Return how AWS bills the backups of a type; plainly by what is stored where the list says nothing else."""
        return self.data.billing.get(type_) or _PLAIN

    def find(self, item: str, subject: str, region: str, to_region: str | None = None) -> Price:
        """Return the price of an item for a subject, in a Region or from one to another.

        The user's own price goes first, then that of the Region whose prices the user gives to the place, then the
        list's for the place, then that of the Region that the place mirrors, then that of the Region which the user
        calls like it, then the one that holds everywhere.
        """
        place = region if to_region is None else f"{region}>{to_region}"
        if to_region == region:
            return replace(self._unknown(item, subject, place, "within a Region"), value=0.0, basis="derived")
        row, asked = self._row(item, subject), [(item, subject)]
        if isinstance(row, str):
            asked.append(_split(row))
            row = self._row(*asked[1])
        for key in ((*name, k) for name in asked for k in _places(region, to_region)):
            if key in self.overrides:
                return replace(self._unknown(item, subject, place, ""), value=self.overrides[key], basis=USER)
        like = self.likes.get(region)
        if like is not None and like.first and (price := self._alike(like, item, subject, region, to_region)):
            return price
        leaves = row if isinstance(row, dict) else {}
        leaf, everywhere = self._leaf(leaves, region, to_region), leaves.get("*")
        if (leaf is None or leaf.value is None) and like is not None and not like.first:
            price = self._alike(like, item, subject, region, to_region)
            if price is not None and (everywhere is None or price.value != everywhere.value):
                return price
        leaf = leaf or everywhere
        if leaf is not None:
            basis = leaf.basis or "unknown"
            return Price(
                leaf.value, self._unit(item), basis, leaf.source, leaf.note, place, self.as_of, f"{item}/{subject}"
            )
        return self._unknown(item, subject, place, "the price list has no price for it there")

    def _alike(self, like: Like, item: str, subject: str, region: str, to_region: str | None) -> Price | None:
        """Return the price of the Region that another one is like, an estimate; None where it has none either."""
        # from there to itself is no transfer, from the Region that is like it is one
        to = "*" if to_region == like.of else to_region
        price = replace(self, likes={}).find(item, subject, like.of, to)
        if price.value is None:
            return None
        scaled = price.unit != "1"
        by = f" × {like.factor:g}" if scaled and like.factor != 1 else ""
        note = f"{like.of}'s price{by}, which the scenario says {region} is like" + (
            f"; {price.note}" if price.note else ""
        )
        place = region if to_region is None else f"{region}>{to_region}"
        value = price.value * like.factor if scaled else price.value
        return replace(price, value=value, basis="estimated", note=note, region=place)

    def with_likes(self, likes: Mapping[str, str]) -> PriceList:
        """Return the list with Regions that take another one's prices where it has none of their own.

        Args:
            likes: the other Region by Region.
        """
        return replace(self, likes={**{region: Like(of) for region, of in likes.items()}, **self.likes})

    def with_overrides(
        self, regions: Mapping[str, Mapping[str, object]], per_backup_usd: float | None = None
    ) -> PriceList:
        """Return the list with the user's prices on top.

        Args:
            regions: by Region (`from>to` or `from>*` for transfers, `*` for everywhere), item and, unless the item has
                only one, subject: `{us-west-2: {warm-storage: {EFS: 0.06 USD/GiB-month}}}`; GB, as AWS writes it, is
                the same. Instances may be new ones. `{mx-central-1: {like: us-east-1, factor: 1.1}}` takes those of
                another Region, times a number.
            per_backup_usd: a fixed price of each backup, everywhere [USD].

        Raises:
            InputError: an item or a subject that the list does not have, or a price without its unit; all of them.
        """
        overrides, problems = dict(self.overrides), []
        likes = dict(self.likes)
        for place, items in regions.items():
            if {LIKE, FACTOR} & set(items):
                like, problem = _like(place, items)
                problems += [problem] if problem else []
                likes |= {place: like} if like else {}
        for place, item, subject, written in _flat(regions):
            found = f"prices of {cut(place)}: {cut(item)}: {cut(subject)}: {shown(written)}"
            if item not in self.data.items:
                rule, repair = "the price list has no such item", "one of " + ", ".join(self.data.items)
                problems.append(Problem("", 0, "unknown-price", found, rule, repair))
            elif item not in INSTANCES and subject not in self.data.items[item].rows:
                rule, repair = f"{item} has no such row", "one of " + ", ".join(self.data.items[item].rows)
                problems.append(Problem("", 0, "unknown-price", found, rule, repair))
            else:
                value = _read(written, self._unit(item))
                if value is None:
                    right = f"0.06 {self._unit(item)}" if self._unit(item) != "1" else "1.15"
                    rule = f"a price is {PRICE.words} and has its unit"
                    if odd := lookalikes(str(written)):
                        rule, right = f"it has {odd.found}", odd.repair
                    problems.append(Problem("", 0, "price-unit", found, rule, right))
                else:
                    overrides[item, subject, place] = value
        if problems:
            raise InputError(tuple(problems))
        if per_backup_usd is not None:
            overrides["backup-job", _ALL, "*"] = per_backup_usd
        return replace(self, overrides=overrides, likes=likes)

    def _row(self, item: str, subject: str) -> dict[str, PriceLeaf] | str | None:
        return self.data.items[item].rows.get(subject)

    def _unit(self, item: str) -> str:
        unit = self.data.items[item].unit if item in self.data.items else "GiB-month"
        return unit if unit == "1" else f"USD/{unit}"

    def _unknown(self, item: str, subject: str, place: str, note: str) -> Price:
        return Price(None, self._unit(item), "unknown", (), note, place, self.as_of, f"{item}/{subject}")

    def _leaf(self, row: Mapping[str, PriceLeaf], region: str, to_region: str | None) -> PriceLeaf | None:
        """Return the list's price for the place itself, or that of the Region it mirrors; None where there is none."""
        for place in _places(region, to_region)[:-1]:
            if place in row:
                return row[place]
        mirror = self.data.mirrors.get(region)
        if mirror is not None:
            leaf = row.get(mirror.of if to_region is None else f"{mirror.of}>*")
            if leaf is not None and leaf.basis is not None:
                basis = max(leaf.basis, mirror.basis, key=BASES.index)
                note = f"{mirror.of}'s price: {mirror.note}" + (f"; {leaf.note}" if leaf.note else "")
                source = tuple(dict.fromkeys(leaf.source + mirror.source))
                return PriceLeaf(value=leaf.value, basis=basis, source=source, note=note)
        return None

    def _multi_az(self, item: str, subject: str, single: Price) -> Price:
        """Return the two-zone price; twice the single one where the list has none or the user set only that."""
        double = self.find(item, subject, single.region)
        overruled = single.is_of_user and not double.is_of_user
        if single.value is None or (double.value is not None and not overruled):
            return double
        basis = single.basis if single.basis in (USER, "estimated") else "derived"
        note = "twice the price in one zone" + (f"; {single.note}" if single.note else "")
        return replace(single, value=2 * single.value, basis=basis, note=note, item=double.item)


def read_prices(folder: Path, name: str) -> PriceList:
    """Return a price list of a folder.

    Raises:
        CatalogueError: there is no such list, or its file breaks the grammar.
    """
    data, sources = read_price_list(folder, name)
    return PriceList(data, sources)


def _split(reference: str) -> tuple[str, str]:
    item, subject = reference.split("/", 1)
    return item, subject


def _places(region: str, to_region: str | None) -> tuple[str, ...]:
    """Return the keys under which a price may stand, nearest first."""
    return (region, "*") if to_region is None else (f"{region}>{to_region}", f"{region}>*", "*")


def _flat(regions: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str, str, object]]:
    """Yield place, item, subject and the price as written."""
    for place, items in regions.items():
        for item, rows in items.items():
            if item in (LIKE, FACTOR):
                continue
            for subject, written in rows.items() if isinstance(rows, Mapping) else ((_ALL, rows),):
                yield place, item, subject, written


def _like(place: str, items: Mapping[str, object]) -> tuple[Like | None, Problem | None]:
    """Return what a Region's prices are like, or what is wrong with what stands there."""
    of, factor = items.get(LIKE), items.get(FACTOR, 1.0)
    rule = "a Region takes the prices of another one, times a number above 0 and at most 1,000"
    right = f"`{{like: us-east-1, factor: 1.1}}`, of which `{FACTOR}` may be left out"
    if not isinstance(of, str) or place == "*" or ">" in place or of == place:
        found = (
            f"prices of {cut(place)}: {LIKE}: {shown(of)}"
            if LIKE in items
            else f"prices of {cut(place)}: {FACTOR} without {LIKE}"
        )
        return None, Problem("", 0, "price-like", found, rule, right)
    if isinstance(factor, str) and _NUMBER.fullmatch(factor.strip()):
        factor = float(factor)
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor <= _MOST_FACTOR:
        return None, Problem("", 0, "price-like", f"prices of {cut(place)}: {FACTOR}: {shown(factor)}", rule, right)
    return Like(of, float(factor), first=True), None


def _read(written: object, unit: str) -> float | None:
    """Return the price that the user wrote, or None where it is not a price in this unit."""
    number, _, rest = str(written)[:_LONGEST].strip().partition(" ")
    # AWS's price lists say GB and mean GiB
    right = ("",) if unit == "1" else (unit, unit.replace("GiB", "GB"))
    if not _NUMBER.fullmatch(number) or rest.strip() not in right:
        return None
    value = float(number)
    return value if value in PRICE else None
