"""List prices, each with Region, date and source; an unknown price is `None`, never zero.

The data and its grammar are in the folder `prices` of a catalogue. A price multiplies what its unit says: GiB is 2^30
bytes, which AWS's price lists and bills call a GB, a month 730 h.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from drsim.catalogue.model import Source
from drsim.catalogue.own_prices import ALL, Key, Like, price_unit, read_like, read_own_prices
from drsim.catalogue.price import ESTIMATED, USER, Price, ReplicationPrices
from drsim.catalogue.price_file import BASES, INSTANCES, Billing, PriceFile, PriceLeaf, read_price_list
from drsim.catalogue.price_ratios import Estimates, estimates_of, far_ratios
from drsim.errors import CatalogueError, InputError, Problem

_PLAIN = Billing(basis=ESTIMATED, note="billed by what is stored")


@dataclass(frozen=True)
class PriceList:
    """The prices of one catalogue, with the user's own on top."""

    data: PriceFile
    sources: Mapping[str, Source]
    estimates: Estimates | None = None
    """How a price is estimated that the list does not know."""
    overrides: Mapping[Key, float] = field(default_factory=dict)
    """The user's prices by item, subject and place."""
    likes: Mapping[str, Like] = field(default_factory=dict)
    """What the user says of Regions that are like others, by Region."""
    otherwise: Like | None = None
    """The Region whose prices the user puts in the place of estimates."""

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

    def item_restore(self, type_: str, region: str) -> Price | None:
        """Return the fee for restoring items of a point [USD/request]; None where the list has none for the type."""
        item = self.data.items.get("item-restore")
        return self.find("item-restore", type_, region) if item and type_ in item.rows else None

    def copy_transfer(self, type_: str, from_region: str, to_region: str) -> Price:
        """Return the price of copying recovery points [USD/GiB]; zero within a Region, whatever the account."""
        return self.find("copy-transfer", type_, from_region, to_region)

    def transfer(self, from_region: str, to_region: str) -> Price:
        """Return the price of moving any other data between Regions [USD/GiB]."""
        return self.find("transfer", ALL, from_region, to_region)

    def to_premises(self, region: str) -> Price:
        """Return the price of moving data out of AWS to premises, over the internet [USD/GiB]."""
        return self.find("internet-transfer", ALL, region)

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
        return self.find("audit-evaluation", ALL, region)

    def restore_test(self, region: str) -> Price:
        """Return the price of a restore test [USD/recovery point], without the restore itself."""
        return self.find("restore-test", ALL, region)

    def malware_scan(self, region: str) -> Price:
        """Return the price of scanning recovery points for malware [USD/GiB]."""
        return self.find("malware-scan", ALL, region)

    def per_backup(self, region: str) -> Price:
        """Return the fixed price of a backup [USD/backup]."""
        return self.find("backup-job", ALL, region)

    def namespace_backup(self, type_: str, region: str) -> Price:
        """Return the fee for one namespace in a backup [USD/namespace]."""
        return self.find("namespace-backup", type_, region)

    @property
    def air_gapped_factor(self) -> Price:
        """Storage in a logically air-gapped vault over storage in a standard one."""
        return self.find("air-gapped-factor", ALL, "*")

    def billing(self, type_: str) -> Billing:
        """Return how AWS bills the backups of a type; plainly by what is stored where the list says nothing else."""
        return self.data.billing.get(type_) or _PLAIN

    def find(self, item: str, subject: str, region: str, to_region: str | None = None) -> Price:
        """Return the price of an item for a subject, in a Region or from one to another.

        The user's own price goes first, then that of the Region whose prices the user gives to the place, then the
        list's for the place, then that of the Region that the place mirrors, then that of the Region which the user
        calls like it, then the one that holds everywhere, and then an estimate. An estimate of the list makes way for
        the price of the Region that the user puts in the place of estimates, wherever that has one.
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
        rows = row if isinstance(row, dict) else {}
        listed = self._listed(rows, item, subject, region, to_region)
        if listed.value is not None and not self._yields(rows, listed, to_region):
            return listed
        if self.otherwise is not None and self.otherwise.of != region:
            price = self._alike(self.otherwise, item, subject, region, to_region)
            if price is not None:
                return price
        if listed.value is not None or to_region is not None:
            return listed
        return self._estimate(rows, item, subject, region) or listed

    def _yields(self, row: Mapping[str, PriceLeaf], listed: Price, to_region: str | None) -> bool:
        """Return whether a price makes way for that of the Region which the user puts in the place of estimates.

        A guess of the list's own does; but what moves between two Regions is told by others of the same Regions, and
        what the user calls like another Region is the user's word.
        """
        leaf = self._leaf(row, listed.region, None) or row.get("*")
        return to_region is None and leaf is not None and leaf.basis == ESTIMATED and leaf.note == listed.note

    def _listed(
        self, row: Mapping[str, PriceLeaf], item: str, subject: str, region: str, to_region: str | None
    ) -> Price:
        """Return the price that the list has for a place, its mirror, what it is like, or everywhere; else unknown."""
        leaf, everywhere = self._leaf(row, region, to_region), row.get("*")
        like = self.likes.get(region)
        if (leaf is None or leaf.value is None) and like is not None and not like.first:
            price = self._alike(like, item, subject, region, to_region)
            if price is not None and (everywhere is None or price.value != everywhere.value):
                return price
        place = region if to_region is None else f"{region}>{to_region}"
        return self._price(leaf or everywhere, item, subject, place)

    def _price(self, leaf: PriceLeaf | None, item: str, subject: str, place: str) -> Price:
        if leaf is None:
            return self._unknown(item, subject, place, "the price list has no price for it there")
        basis, name = leaf.basis or "unknown", f"{item}/{subject}"
        row = self._row(item, subject)
        whose, what = _split(row) if isinstance(row, str) else (item, subject)
        tiers = self.data.items[whose].tiers.get(what, {}) if whose in self.data.items else {}
        beyond = tuple(sorted((above, prices[place]) for above, prices in tiers.items() if place in prices))
        return Price(leaf.value, self._unit(item), basis, leaf.source, leaf.note, place, self.as_of, name, beyond)

    def _estimate(self, row: Mapping[str, PriceLeaf], item: str, subject: str, region: str) -> Price | None:
        """Return the price where estimates start, times what storage costs more in a Region; None without either."""
        ratio = None if self.estimates is None else self.estimates.of(region)
        start = None if self.estimates is None else row.get(self.estimates.rule.of)
        if self.estimates is None or ratio is None or start is None or start.value is None:
            return None
        of = self.estimates.rule.of
        of_start = f"of {of}: {start.note}" if start.note else ""
        parts = (f"{of}'s {start.value:g} × {ratio.value:.4g}", ratio.note, of_start)
        note = "; ".join(part for part in parts if part)
        price = self._price(start, item, subject, of).times(ratio.value)
        return replace(price, basis=ESTIMATED, note=note, region=region)

    def _alike(self, like: Like, item: str, subject: str, region: str, to_region: str | None) -> Price | None:
        """Return the price of the Region that another one is like, an estimate; None where it has none either."""
        # from there to itself is no transfer, from the Region that is like it is one
        to = "*" if to_region == like.of else to_region
        price = replace(self, likes={}, otherwise=None).find(item, subject, like.of, to)
        if price.value is None:
            return None
        scaled = price.unit != "1"
        by = f" × {like.factor:g}" if scaled and like.factor != 1 else ""
        note = f"{like.of}'s price{by}, which the scenario says {region} is like" + (
            f"; {price.note}" if price.note else ""
        )
        place = region if to_region is None else f"{region}>{to_region}"
        return replace(price.times(like.factor) if scaled else price, basis=ESTIMATED, note=note, region=place)

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
        own, likes = read_own_prices(self.data, regions)
        overrides = {**self.overrides, **own}
        if per_backup_usd is not None:
            overrides["backup-job", ALL, "*"] = per_backup_usd
        return replace(self, overrides=overrides, likes={**self.likes, **likes})

    def with_otherwise(self, of: str | None, factor: float | None = None) -> PriceList:
        """Return the list with another Region's prices, times a number, in the place of its own estimates.

        Args:
            of: that Region; None leaves the list as it is.
            factor: by which its prices are multiplied; 1 where it is None.

        Raises:
            InputError: the factor is not above 0 or is above 1,000.
        """
        if of is None:
            return self
        like = read_like("", {"like": of, "factor": 1.0 if factor is None else factor})
        if isinstance(like, Problem):
            raise InputError((like,))
        return replace(self, otherwise=like)

    def _row(self, item: str, subject: str) -> dict[str, PriceLeaf] | str | None:
        return self.data.items[item].rows.get(subject)

    def _unit(self, item: str) -> str:
        return price_unit(self.data, item)

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
        basis = single.basis if single.basis in (USER, ESTIMATED) else "derived"
        note = "twice the price in one zone" + (f"; {single.note}" if single.note else "")
        return replace(single.times(2), basis=basis, note=note, item=double.item)


def read_prices(folder: Path, name: str) -> PriceList:
    """Return a price list of a folder.

    Raises:
        CatalogueError: there is no such list, or its file breaks the grammar.
    """
    data, sources = read_price_list(folder, name)
    if far := list(far_ratios(data)):
        raise CatalogueError("\n".join(f"{name}.yaml: {ratio}" for ratio in far))
    return PriceList(data, sources, estimates_of(data))


def _split(reference: str) -> tuple[str, str]:
    item, subject = reference.split("/", 1)
    return item, subject


def _places(region: str, to_region: str | None) -> tuple[str, ...]:
    """Return the keys under which a price may stand, nearest first."""
    return (region, "*") if to_region is None else (f"{region}>{to_region}", f"{region}>*", "*")
