"""From catalogue files to the model: one builder for each kind of file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from functools import partial
from typing import Any, TypeVar

from drsim.catalogue.features import Failover, ReplicationFeature
from drsim.catalogue.leaf import ALWAYS, Leaf, Span
from drsim.catalogue.model import CAPABILITIES, DisruptionKind, Other, ResourceType, Rules, Source
from drsim.catalogue.options import Option
from drsim.catalogue.parameters import OVERRIDE_ONLY, PARAMETERS, Parameter, read_parameter
from drsim.catalogue.reading import Entry, as_written, each_of, read_choice, read_flag, read_text
from drsim.catalogue.timed_copies import build_timed_copies
from drsim.distributions import Distribution, parse
from drsim.errors import UnitError
from drsim.laws.survival import LOCKS, REPLICAS, SITES, VAULTS, Takes
from drsim.ranges import QUANTITIES
from drsim.units import change_per_day, count, duration_s, fraction, per_year, rate_bytes_s

T = TypeVar("T")

_STATES: dict[str, bool | None] = {"yes": True, "no": False, "unknown": None}
_DEPLOYMENTS = ("single-az", "multi-az", "regional")
_RESTORE_OF_SIZE = frozenset({"restore_rate", "restore_object_rate", "restore_size_exponent", "hydration_rate"})
"""Parameters of which a type has one at least, where its backups take a rate."""
_URL = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(/\S*)?")
_FACTS = {
    "deployment": read_choice(*_DEPLOYMENTS),
    "lineage": read_choice("vault", "region"),
    "snapshots_incremental": read_flag,
}


def build_type(name: str, aliases: tuple[str, ...], top: Entry) -> ResourceType:
    """Return the resource type that a file of data/types describes.

    Raises:
        CatalogueError: the file breaks its grammar; file and key are named.
    """
    fields_of_type: Mapping[str, Callable[[], Any]] = {
        "title": lambda: top.text("title"),
        "aws_type": lambda: top.text("aws_type"),
        "supported": lambda: _day(top, "supported"),
        "facts": lambda: _facts(top),
        "change_rate": lambda: top.leaf("change_rate", _change_rate),
        "capabilities": lambda: _capabilities(top),
        "parameters": lambda: build_parameters(top.entry("parameters")),
        "failovers": lambda: _each(top.entry("failovers", {}), partial(_failover, top)),
        "replication": lambda: _each(top.entry("replication", {}), _feature),
        "options": lambda: _each(top.entry("options", {}), _option),
        "timed_copies": lambda: build_timed_copies(top.entry("timed_copies")) if top.has("timed_copies") else None,
        "notes": lambda: tuple(
            Entry(top.file, f"notes.{i}", note).as_leaf(read_text) for i, note in enumerate(top.take("notes", ()))
        ),
    }
    built = ResourceType(name=name, aliases=aliases, **each_of(fields_of_type))
    top.close()
    _check_type(built, top)
    for option in built.options.values():
        count_of = 0.0 if option.from_objects is None else option.from_objects.value
        _check_type(built.used((option.name,), count_of), top)
    return built


def _each(entry: Entry, build: Callable[[str, Entry], T]) -> dict[str, T]:
    """Return what is built of each mapping below an entry, by its key; all are tried before anything is refused."""
    return each_of({name: partial(build, name, below) for name, below in entry.entries().items()})


def _option(name: str, entry: Entry) -> Option:
    """Return an option of a type; what it says of capabilities is known as it is itself."""
    about = entry.leaf("about", read_text)
    since = _day(entry, "since") if entry.has("since") else date.min
    spans = {}
    for word in ("yes", "no"):
        for capability in entry.take(word, ()):
            if capability not in CAPABILITIES:
                raise entry.error(word, f"no capability: {capability!r}")
            leaf: Leaf[bool | None] = Leaf(_STATES[word], word, about.basis, about.source, about.note)
            spans[capability] = (Span(date.min, leaf),)
    option = Option(
        name=name,
        about=about,
        since=since,
        from_objects=entry.optional("from_objects", count),
        facts={key: entry.leaf(key, read) for key, read in _FACTS.items() if entry.has(key)},
        capabilities=spans,
        parameters=build_parameters(entry.entry("parameters", {})),
        rate_of_region=entry.optional("rate_of_region", rate_bytes_s),
        restore_price=entry.text("restore_price") if entry.has("restore_price") else "",
        without=tuple(str(parameter) for parameter in entry.take("without", ())),
    )
    entry.close()
    return option


def _facts(top: Entry) -> dict[str, Leaf[Any]]:
    """Return the facts of a type by name."""
    facts: dict[str, Leaf[Any]] = {key: top.leaf(key, read) for key, read in _FACTS.items()}
    return facts | {key: top.leaf(key, read) for key, read in _UNUSUAL.items() if top.has(key)}


def _whole(value: object) -> int:
    return int(count(value))


def _read_date(value: object) -> date:
    if not isinstance(value, date):
        raise UnitError(f"{value!r} is no date")
    return value


_UNUSUAL = {
    "heeds_completion_window": read_flag,
    "on_premises": read_flag,
    "air_gapped_across_regions": _read_date,
    "loss_rate": per_year,
    "archive": duration_s,
    "daily_snapshots": read_flag,
    "one_vault": read_flag,
    "nests": read_flag,
    "tiering_down": duration_s,
    "tiering_since": _read_date,
    "malware_scan": _read_date,
    "namespaces": count,
}
"""Facts of types that are otherwise than usual."""


_RULE_READERS: dict[str, Callable[[object], Any]] = {"rules_maximum": _whole, "copy_actions_maximum": _whole}
"""Readers of what plans are held to that is no time."""


def build_rules(top: Entry) -> Rules:
    """Return what plans are held to."""
    readers = {field.name: _RULE_READERS.get(field.name, duration_s) for field in fields(Rules)}
    rules = Rules(**each_of({name: partial(top.leaf, name, read) for name, read in readers.items()}))
    top.close()
    if rules.retention_minimum.value > rules.retention_maximum.value:
        raise top.error("retention_minimum", "lies above retention_maximum")
    return rules


def build_parameters(entry: Entry) -> dict[str, Leaf[Parameter]]:
    """Return parameters by name."""
    return each_of({name: partial(_parameter, entry, name) for name in entry.rest()})


def _parameter(entry: Entry, name: str) -> Leaf[Parameter]:
    """Return one parameter."""
    if name not in PARAMETERS or name in OVERRIDE_ONLY:
        raise entry.error(name, "no parameter of the catalogue")
    return entry.leaf(name, partial(read_parameter, name))


def build_disruption(name: str, entry: Entry) -> DisruptionKind:
    """Return a kind of disruption.

    Raises:
        CatalogueError: the entry breaks its grammar, or gives an end to what never ends.
    """
    fields_of_kind: Mapping[str, Callable[[], Any]] = {
        "about": lambda: entry.leaf("about", read_text),
        "strikes": lambda: entry.choice(
            "strikes", ("resource", "account", "zone", "region", "service", "key", "premises")
        ),
        "ends": lambda: entry.flag("ends"),
        "takes": lambda: _takes(entry.entry("takes")),
        "may_delete_resource": lambda: entry.flag("may_delete_resource", default="no"),
        "rate_per": lambda: entry.choice(
            "rate_per", ("resource", "application", "account", "zone", "region", "service", "key", "premises")
        ),
        "rates": lambda: _each(entry.entry("rate"), lambda _, rate: rate.as_leaf(per_year)),
        "duration": lambda: entry.optional("duration", duration),
        "dwell": lambda: entry.leaf("dwell", duration),
        "backups_attacked": lambda: entry.optional("backups_attacked", fraction),
        "impairs": lambda: _each(entry.entry("impairs", {}), lambda _, share: share.as_leaf(fraction)),
    }
    kind = DisruptionKind(name=name, **each_of(fields_of_kind))
    entry.close()
    if "default" not in kind.rates:
        raise entry.error("rate", "has no default")
    if (kind.duration is not None) is not kind.ends:
        raise entry.error("duration", "belongs to kinds that end, and to all of these")
    if kind.impairs and not kind.ends:
        raise entry.error("impairs", "belongs to kinds that end: what waits must wait for something")
    if kind.takes.value.is_attack is not bool(kind.takes.value.locks):
        raise entry.error("takes", "has locks where it takes vaults of the account, and only there")
    if kind.takes.value.is_attack is not (kind.backups_attacked is not None):
        raise entry.error("backups_attacked", "belongs to kinds that take vaults of the account, and to all of these")
    if (kind.takes.value.vaults == "key") is not (kind.strikes == "key"):
        raise entry.error("takes.vaults", "is key for kinds that strike a key, and only for these")
    if set(kind.impairs) - {"launches", "capacity", "copies"}:
        raise entry.error("impairs", "takes launches, capacity and copies")
    return kind


def _takes(entry: Entry) -> Leaf[Takes]:
    """Return what a kind takes, in the words that `drsim.laws.survival` explains.

    Raises:
        CatalogueError: it takes something else.
    """
    sites, vaults, replicas = (
        entry.choice(name, known) for name, known in (("sites", SITES), ("vaults", VAULTS), ("replicas", REPLICAS))
    )
    locks = tuple(str(lock) for lock in entry.take("locks", ()))
    if unknown := [lock for lock in locks if lock not in LOCKS]:
        raise entry.error("locks", f"takes some of {', '.join(LOCKS)}, not {unknown[0]}")
    takes = Takes(sites, vaults, replicas, locks)
    written = f"sites {sites}, vaults {vaults}, replicas {replicas}" + f", locks {' and '.join(locks)}" * bool(locks)
    leaf = Leaf(takes, written, *entry.provenance())
    entry.close()
    return leaf


def build_quotas(top: Entry) -> dict[str, dict[str, Leaf[int | None]]]:
    """Return concurrent jobs by queue and type or `*`; None is unlimited."""
    queues = ("backup_jobs", "copy_jobs", "restore_jobs", "archive_restores", "jobs_per_resource")
    quotas = {q: {k: e.as_leaf(_quota) for k, e in top.entry(q, {}).entries().items()} for q in queues}
    top.close()
    return quotas


def build_others(top: Entry) -> dict[str, Other]:
    """Return what has no type in the catalogue, by kind."""
    if not isinstance(top.take("version"), date):
        raise top.error("version", "a date belongs here")
    others = {}
    for kind, entry in top.entry("kinds").entries().items():
        names = tuple(str(name) for name in entry.take("names"))
        says, write = entry.text("says"), entry.text("write")
        others[kind] = Other(Leaf(names, ", ".join(names), *entry.provenance()), says, write)
        entry.close()
    top.close()
    return others


def build_sources(top: Entry) -> dict[str, Source]:
    """Return the sources by key.

    Raises:
        CatalogueError: a source has neither an address nor the reason why it has none, or both.
    """
    sources = {}
    for key, entry in top.entries().items():
        texts = (entry.text(k) for k in ("title", "publisher", "edition", "says"))
        sources[key] = Source(key, *texts, **_link(entry))
        entry.close()
    return sources


def _link(entry: Entry) -> dict[str, str]:
    """Return the address of a source as `url`, or why it has none as `unlinked`."""
    if entry.has("url") is entry.has("unlinked"):
        raise entry.error("url", "a public source has its address here; what is not public says why as `unlinked`")
    if entry.has("unlinked"):
        return {"unlinked": entry.text("unlinked")}
    url = entry.text("url")
    if not _URL.fullmatch(url):
        raise entry.error("url", f"found {url!r}, an address such as https://example.org/page belongs here")
    return {"url": url}


def duration(value: object) -> Distribution:
    """Return a distribution of durations [s]."""
    return parse(value, duration_s, QUANTITIES["duration"])


def _change_rate(value: object) -> Distribution:
    return parse(value, change_per_day, QUANTITIES["change-rate"])


def _quota(value: object) -> int | None:
    if value == "unlimited":
        return None
    number = count(value)
    if number < 1 or number != int(number):
        raise UnitError(f"{value!r} is no number of jobs: write a whole number above 0, or `unlimited`")
    return int(number)


def _day(entry: Entry, key: str) -> date:
    value = entry.take(key)
    if value == ALWAYS:
        return date.min
    if not isinstance(value, date):
        raise entry.error(key, f"found {value!r}, a date such as 2023-11-27 or `{ALWAYS}` belongs here")
    return value


def _capabilities(top: Entry) -> dict[str, tuple[Span, ...]]:
    """Return the spans by capability: the file lists days, and at each which capabilities came or went."""
    by_capability: dict[str, list[Span]] = {c: [] for c in CAPABILITIES}
    for i, row in enumerate(top.take("capabilities")):
        entry = Entry(top.file, f"capabilities.{i}", row)
        since = _day(entry, "since")
        basis, source, note = entry.provenance()
        for word, value in _STATES.items():
            for capability in entry.take(word, ()):
                spans = by_capability.get(capability)
                if spans is None:
                    raise entry.error(word, f"no capability: {capability!r}")
                if spans and spans[-1].since >= since:
                    raise entry.error(word, f"{capability} is already given for this day or a later one")
                spans.append(Span(since, Leaf(value, as_written(word), basis, source, note)))
        entry.close()
    missing = [c for c, spans in by_capability.items() if not spans or spans[0].since != date.min]
    if missing:
        raise top.error("capabilities", f"not given from `always` on: {', '.join(missing)}")
    return {c: tuple(spans) for c, spans in by_capability.items()}


def _failover(top: Entry, deployment: str, entry: Entry) -> Failover:
    if deployment not in _DEPLOYMENTS:
        raise top.error("failovers", f"no deployment: {deployment!r}")
    strikes = tuple(str(s) for s in entry.take("strikes"))
    return Failover(entry.as_leaf(duration), strikes)


def _feature(name: str, entry: Entry) -> ReplicationFeature:
    feature = ReplicationFeature(
        name=name,
        about=entry.leaf("about", read_text),
        kind=entry.choice("kind", ("replica", "point-in-time", "snapshots")),
        scope=entry.choice("scope", ("other-site", "same-site", "any")),
        automatic=entry.flag("automatic"),
        lag=entry.leaf("lag", duration),
        promote=entry.optional("promote", duration),
        detection=entry.optional("detection", duration),
        interval=entry.optional("interval", duration_s),
        retention=entry.optional("retention", duration_s),
        retained_on_delete=entry.optional("retained_on_delete", read_flag),
    )
    entry.close()
    rules: Mapping[str, tuple[object, bool]] = {
        "promote": (feature.promote, feature.kind == "replica"),
        "detection": (feature.detection, feature.automatic),
        "interval": (feature.interval, feature.kind == "snapshots"),
        "retention": (feature.retention, feature.kind != "replica"),
    }
    for key, (leaf, wanted) in rules.items():
        if (leaf is not None) is not wanted:
            raise entry.error(
                key, f"{'missing from' if wanted else 'has no place in'} this feature of kind {feature.kind}"
            )
    if feature.retained_on_delete is not None and feature.kind == "replica":
        raise entry.error("retained_on_delete", "has no place in a replica, which is data of its own")
    return feature


def _check_type(built: ResourceType, top: Entry) -> None:
    """Refuse what contradicts itself.

    Raises:
        CatalogueError: a parameter without its capability, or one that excludes another.
    """
    given: Mapping[str, Any] = built.parameters
    ever = {c: any(s.leaf.value for s in spans) for c, spans in built.capabilities.items()}
    for name, capability in (("log_lag", "continuous"), ("cold_retrieval", "cold-storage")):
        if (name in given) is not ever[capability]:
            raise top.error(f"parameters.{name}", f"belongs to types with {capability}, and to all of these")
    for name, capability in (
        ("archive", "cold-storage"),
        ("daily_snapshots", "continuous"),
        ("one_vault", "continuous"),
    ):
        if name in built.facts and not ever[capability]:
            raise top.error(name, f"belongs to types with {capability}")
    copies = ever["cross-region"] or ever["cross-account"]
    if ("copy_fixed" in given) is not copies:
        raise top.error("parameters.copy_fixed", "belongs to types with copies, and to all of these")
    if "hydration_rate" in given and {"restore_rate", "restore_object_rate"} & set(given):
        raise top.error("parameters.hydration_rate", "a type loads its data before it is usable, or after, not both")
    if "backup_rate" in given and not _RESTORE_OF_SIZE & set(given):
        rule = "how long a restore takes for its size is said by one of"
        raise top.error("parameters.restore_rate", f"missing: {rule} {', '.join(sorted(_RESTORE_OF_SIZE))}")
    for name in ("backup_fixed", "restore_fixed"):
        if name not in given:
            raise top.error(f"parameters.{name}", "missing")
