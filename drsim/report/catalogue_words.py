"""The catalogue's names, values and sources in words, for pages; commands print them as files have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from drsim.catalogue import load_catalogue
from drsim.catalogue.leaf import ALWAYS
from drsim.units import fraction

CAPABILITIES = {
    "cross-region": "copies across Regions",
    "cross-account": "copies across accounts",
    "audit": "audit",
    "incremental": "incremental",
    "continuous": "continuous",
    "full-management": "full management",
    "cold-storage": "cold storage",
    "item-level-restore": "item-level restore",
    "single-action-copy": "copies to another Region and account at once",
    "restore-testing": "restore testing",
    "air-gapped-vault": "air-gapped vault",
}
"""What a type may support."""

_OF_TYPES = {
    "change_rate": "data that changes in a day",
    "deployment": "how it stands where a scenario says nothing",
    "lineage": "where an increment looks for what it builds on",
    "snapshots_incremental": "whether a snapshot holds only what has changed",
    "loss_rate": "losses of one member by failure a year, where they are not as of any type",
    "air_gapped_across_regions": "since when copies come into an air-gapped vault from another Region",
    "heeds_completion_window": "whether a job that takes longer than the completion window is given up",
    "on_premises": "whether it may stand on premises",
    "archive": "starts of rules whose cold points lie in an archive are no closer than",
    "daily_snapshots": "whether snapshots beside a continuous backup are made once a day",
    "one_vault": "whether all backups belong in the vault of the continuous one",
    "nests": "whether resources are nested in it",
    "tiering_down": "the least age at which backup data may move to a cheaper warm tier",
    "tiering_since": "since when there is a cheaper warm tier",
    "malware_scan": "since when its recovery points can be scanned for malware",
    "timed_copies.shortest": "the shortest time within which a copy may be asked to complete",
    "timed_copies.longest": "the longest time within which a copy may be asked to complete",
    "timed_copies.step": "such times are whole multiples of",
    "timed_copies.rate": "what one copy moves at most that is to complete within a time",
    "timed_copies.rate_of_pair": "what all such copies of an account from one Region to another move together",
    "namespaces": "namespaces of one member, by which its backups are billed, where a scenario says nothing",
}
"""Values of types that are no parameters of the laws."""

_OF_FEATURES = {
    "about": "what it is",
    "lag": "how far it is behind",
    "promote": "promotion",
    "detection": "failover by itself",
    "interval": "time between snapshots",
    "retention": "kept for",
    "retained_on_delete": "whether it outlives the deletion of its resource",
}
_OF_OPTIONS = {
    "about": "what it is",
    "from_objects": "the number of objects from which on it holds by itself",
    "rate_of_region": "what a Region gives to all together that load so",
}
"""Values of options that no type has."""

_OF_DISRUPTIONS = {
    "zones_per_region": "zones of a Region",
    "rebuild": "how long the business is down where the data of an application are lost for good (rebuild)",
}
_OF_RULES = {
    "retention_minimum": "the shortest retention that a rule may have",
    "retention_maximum": "the longest retention that a rule may have",
    "cold_minimum": "how long points stay in cold storage at least",
    "warm_minimum": "how long points stay warm, lest new full backups are made",
    "continuous_maximum": "the longest retention of a continuous rule",
    "air_gapped_minimum": "the shortest retention in an air-gapped vault",
    "interval_minimum": "time between runs of a rule, at least",
    "copy_minimum": "how long copies are kept, lest they become full ones",
    "start_window_minimum": "the shortest start window of a scheduled rule",
    "rules_maximum": "rules of a plan, at most",
    "copy_actions_maximum": "copy actions of a rule, at most",
}
_OF_REGIONS = {
    "place": "what AWS calls it",
    "zones": "letters of its zones",
    "opened": "the day on which it opened",
    "announced": "the day on which its opening was announced",
}
_OF_KINDS = {
    "about": "what happens",
    "takes": "what is of no use then",
    "dwell": "from contamination to the stop of service",
    "duration": "how long it lasts",
    "backups_attacked": "probability that backups in reach are destroyed",
}
UNITS = {
    "resource": "resource (each member)",
    "service": "service of a Region",
    "key": "KMS key",
    "region": "Region",
    "premises": "site on premises",
}
"""What rates count, where its name does not say it all."""

_PLACES = {
    ("deployment", "single-az"): "in one zone",
    ("deployment", "multi-az"): "in several zones",
    ("lineage", "region"): "anywhere in the Region",
    ("lineage", "vault"): "in its own vault",
}
"""Values that are words of files, by name."""

_BOUNDS = {"max": "the largest value", "min": "the smallest value"}


def parameter(name: str, *, key: bool = True) -> str:
    """Return what a parameter of the laws is, with the key by which scenarios override it.

    Args:
        name: the key.
        key: whether to name it, too.
    """
    from drsim.changes.parameters import WORDS  # a slow import, needed by pages only

    return f"{WORDS[name]} ({name})" if key else WORDS[name]


def of_type(name: str) -> str:
    """Return what a value of a type is, by its place in the type; keys that scenarios write stand beside it."""
    group, _, rest = name.partition(".")
    if group == "replication":
        feature, _, field = rest.rpartition(".")
        return f"{feature}: {_OF_FEATURES[field]}"
    if group == "failovers":
        return f"{parameter('failover_duration', key=False)}, {rest} (failover_duration)"
    if group == "notes":
        return "note"
    if group == "options":
        option, _, field = rest.rpartition(".")
        return f"{option}: {_OF_OPTIONS.get(field) or of_type(field)}"
    if " since " in name:
        capability, _, since = name.partition(" since ")
        return CAPABILITIES[capability] + ("" if since == ALWAYS else f", since {since}")
    if name in _OF_TYPES:
        key = f" ({name})" if name in ("change_rate", "deployment") else ""
        return f"{_OF_TYPES[name]}{key}"
    return parameter(name)


def rate(rate_per: str, place: str = "") -> str:
    """Return what a yearly rate counts: `account`, or `zone in us-east-1`.

    Args:
        rate_per: unit of the catalogue.
        place: the Region; the default of all where left out.
    """
    return UNITS.get(rate_per, rate_per) + (f" in {place}" if place else "")


def of_kind(name: str, rate_per: str) -> str:
    """Return what a value of a kind of disruption is, by its place in the kind, with the key of scenarios.

    Args:
        name: such as `dwell` or `rate.us-east-1`.
        rate_per: what the rate counts.
    """
    group, _, rest = name.partition(".")
    if group == "rate":
        return f"events a year per {rate(rate_per, '' if rest == 'default' else rest)} (rate)"
    if group == "impairs":
        return f"probability that {rest} must wait for its end (impairs)"
    return _OF_KINDS[name] + ("" if name in ("about", "takes") else f" ({name})")


def of_quota(name: str) -> str:
    """Return what a queue's quota is, with the key of scenarios: `backup jobs (backup_jobs)`."""
    return f"{name.replace('_', ' ')} ({name})"


def place(group: str, name: str) -> str:
    """Return what any value of the catalogue is.

    Args:
        group: `types`, `defaults`, `rules`, `disruptions`, `quotas`, `regions` or `others`.
        name: its place there, without that of the type.
    """
    if group == "quotas":
        queue, _, kind = name.partition(".")
        return f"{of_quota(queue)}, {'all types' if kind == '*' else kind}"
    if group == "rules":
        return _OF_RULES[name]
    if group == "others":
        return f"names that are no types, {name}"
    if group == "regions":
        region_name, _, key = name.partition(".")
        return f"{region_name}: {_OF_REGIONS[key]}"
    if group == "disruptions" and "." in name:
        kind, _, rest = name.partition(".")
        return f"{kind}: {of_kind(rest, load_catalogue().disruptions[kind].rate_per)}"
    return _OF_DISRUPTIONS[name] if group == "disruptions" else of_type(name)


def value(written: str, name: str = "") -> str:
    """Return a value as a file has it in words: `median 5 min; 95 % below 20 min`.

    Args:
        written: in the file.
        name: of the value.
    """
    if "impairs." in name or name.endswith("backups_attacked"):
        return percent(written)
    if (name, written) in _PLACES:
        return f"{_PLACES[name, written]} ({written})" if name == "deployment" else _PLACES[name, written]
    return _distribution(_parsed(written)) if written.startswith("{") else plain(written)


def percent(written: str) -> str:
    """Return a probability in percent, whether a file has it so or as a fraction."""
    return f"{100 * fraction(written if '%' in written else float(written)):.3g} %"


@cache
def _parsed(written: str) -> Any:  # noqa: ANN401  # whatever stands there
    return YAML(typ="safe", pure=True).load(written)


def _distribution(written: Any) -> str:  # noqa: ANN401  # as written
    """Return a distribution, or how often something fails, in words."""
    if not isinstance(written, Mapping):
        return str(written)
    if "p" in written:
        return f"{written['p']} of all, in spells that last {_distribution(written['lasts'])}"
    if "median" in written:
        return "; ".join(words.format(written[key]) for key, words in _PARTS.items() if key in written)
    ((kind, body),) = written.items()
    return _FORMS[kind](body)


_PARTS = {
    "median": "median {}",
    "p5": "95 % above {}",
    "p95": "95 % below {}",
    "min": "never below {}",
    "max": "never above {}",
}
_FORMS: dict[str, Callable[[Any], str]] = {
    "uniform": lambda ends: f"between {ends[0]} and {ends[1]}, all alike",
    "exponential": lambda mean: f"{mean} on average (exponential)",
    "triangular": lambda ends: f"between {ends[0]} and {ends[2]}, most likely {ends[1]}",
    "weibull": lambda body: f"Weibull of scale {body['scale']} and shape {body['shape']}",
    "empirical": lambda values: f"observed: {', '.join(map(str, values))}",
}


def region(name: str) -> str:
    """Return what a disruption strikes, or is counted by, as AWS spells it."""
    return "Region" if name == "region" else name


def plain(text: str) -> str:
    """Return a note without marks of code: bounds in words, names in quotation marks."""
    return re.sub("`([^`]*)`", lambda mark: _BOUNDS.get(mark[1], f"“{mark[1]}”"), text)


def sources(keys: Iterable[str]) -> str:
    """Return titles and publishers of sources."""
    known = load_catalogue().sources
    return "; ".join(f"{known[key].title} ({publisher(known[key].publisher)})" for key in keys)


def publisher(name: str) -> str:
    """Return a publisher as briefly as readers know it."""
    return name.replace("Amazon Web Services", "AWS")


def said(note: str, keys: Iterable[str]) -> str:
    """Return a note and after it where the value comes from."""
    where = sources(keys)
    return " ".join(part for part in (plain(note), f"Source: {where}." if where else "") if part)
