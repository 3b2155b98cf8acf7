"""Small random estates with all of their plans, so that what the planner finds can be held against everything."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from drsim.planner.plan import Search
from drsim.planner.protection import Backups, Protection
from drsim.planner.settings import settings
from drsim.scenario import read_scenario
from tests.property.strategies import Data, as_text

MOST_PLANS = 300
TYPES: dict[str, Data] = {
    "RDS": {}, "EBS": {}, "EFS": {"objects": 1e5}, "DynamoDB": {}, "Aurora": {}, "S3": {"objects": 1e5},
}  # fmt: skip
KINDS: dict[str, Data] = {
    "lost": {"kind": "resource-loss"},
    "region-lost": {"kind": "region-loss", "site": "home"},
    "corruption": {"kind": "corruption", "dwell": {"uniform": ["1 h", "10 d"]}},
    "ransomware": {"kind": "ransomware", "dwell": {"uniform": ["1 h", "10 d"]}},
}

Plan = tuple[Protection, ...]
"""A protection of each resource."""


def small_search(number: int, *, is_alone: bool = False) -> tuple[Search, list[Plan]]:
    """Return a search for a plan of an estate, and all plans of it, 4 to `MOST_PLANS`.

    Args:
        number: of the estate.
        is_alone: whether it is to be one application in which nothing waits for anything else.
    """
    for turn in range(1000):
        rng = random.Random(f"{number}/{turn}")  # noqa: S311  no secrets
        search = Search(settings(read_scenario(as_text(_estate(rng)))))
        if is_alone and (is_coupled(search) or len(search.settings.wanted) > 1):
            continue
        of_apps = [list(_plans(search, app)) for app in search.settings.wanted]
        if 4 <= math.prod(map(len, of_apps)) <= MOST_PLANS:
            return search, [tuple(p for part in parts for p in part) for parts in product(*of_apps)]
    raise AssertionError("no estate is that small")


def price_of(search: Search, plan: Plan) -> int:
    """Return what a plan costs, with the price of its backup plans [whole units]."""
    bills = sum(bill(protection) for bill, protection in zip(search.estate.bills, plan, strict=True))
    return bills + search.settings.plan_price * len({protection.rules for protection in plan if protection.rules})


def is_coupled(search: Search) -> bool:
    """Return whether restores wait for slots or for each other, so that resources do not fare as they do alone."""
    scenario = search.settings.scenario
    applications = scenario.applications.values()
    waits = any(app.after or any(resource.after for resource in app.resources.values()) for app in applications)
    return waits or any(slots is not None for slots in (scenario.limits.restore_jobs or {}).values())


def _plans(search: Search, app: str) -> Iterator[Plan]:
    """Yield every protection of the resources of an application, which share one standby."""
    choices = [search.estate.choices[k] for k in search.estate.members(app)]
    for standby in choices[0].standbys:
        options = []
        for choice in choices:
            kept = choice.kept(standby)
            chosen = product([None, *choice.first_rules], [None, *choice.long_rules], [None, *choice.features])
            options.append(
                kept
                + [
                    Protection(tuple(rule for rule in (first, long) if rule), feature, standby=standby)
                    for first, long, feature in chosen
                    if long is None or (first is not None and _keeps_longer(long, first))
                ]
            )
        yield from product(*options)


def _keeps_longer(long: Backups, first: Backups) -> bool:
    kept = {points.vault: points.kept_s for points in (first.points, *first.copies)}
    return all(points.kept_s > kept.get(points.vault, 0.0) for points in (long.points, *long.copies))


def _estate(rng: random.Random) -> Data:
    number = rng.choice((1, 2, 2, 3, 3, 4))
    names = [f"r{k}" for k in range(number)]
    split = number if number == 1 or rng.random() < 0.5 else rng.randrange(1, number)
    waits = rng.random() < 0.6
    kinds = rng.sample(list(KINDS), rng.choice((1, 2)))
    dwells = any("dwell" in KINDS[name] for name in kinds)
    applications = {}
    for app, members in zip(("first", "second"), (names[:split], names[split:]), strict=True):
        if members:
            applications[app] = {
                "site": "home",
                "objectives": {
                    "rpo": rng.choice(("9 d", "12 d", "20 d") if dwells else ("14 h", "30 h", "45 h")),
                    "rto": rng.choice(("6 h", "9 h", "16 h")),
                    "attainment": rng.choice((0.8, 0.9)),
                },
                "resources": _resources(rng, members, waits=waits),
            }
    if waits and "second" in applications and rng.random() < 0.6:
        applications["second"]["after"] = ["first"]
    vaults = rng.choice((["local"], ["safe"], ["local", "safe"], ["local", "dr"]))
    if "region-lost" in kinds:
        vaults = ["local", "dr"]
    planning: dict[str, Any] = {
        "intervals": sorted(rng.sample(["4 h", "12 h", "24 h"], rng.choice((1, 1, 2)))),
        "retentions": rng.choice((["7 d"], ["14 d"], ["7 d", "14 d"])),
        "vaults": vaults,
        "new_vaults": False,
        "replication": rng.choice((False, False, True)),
        "continuous": rng.choice((False, True)),
        "standby": rng.choice((False, False, False, ["pilot-light"], ["warm-standby"])),
        "cold": False,
        "drills": 150,
        "confirm_drills": 150,
    }
    if rng.random() < 0.5:
        planning["plan_price"] = rng.choice(("5 USD/month", "40 USD/month"))
    return {
        "start": "2026-01-01",
        "seed": rng.randrange(1000),
        "horizon": "60 d",
        "sites": {
            "home": {"region": "us-east-1", "account": "production"},
            "recovery": {"region": "us-west-2", "account": "production"},
        },
        "vaults": {
            "local": {"site": "home"},
            "dr": {"site": "recovery"},
            "safe": {"site": "home", "lock": "compliance"},
        },
        "applications": applications,
        "backup_plans": {
            "daily": {
                "rules": [
                    {
                        "rule_name": "daily",
                        "target_vault": "local",
                        "every": "24 h",
                        "lifecycle": {"delete_after": "14 d"},
                    }
                ]
            }
        },
        "strategies": {"daily": {"backup": "daily"}},
        "disruptions": {name: KINDS[name] for name in kinds},
        "response": {
            "detect": "10 min",
            "declare": {"uniform": ["0 h", "1 h"]},
            "validate": "0 min",
            "redirect": "5 min",
        },
        "limits": {
            "backup_jobs": "unlimited",
            "copy_jobs": "unlimited",
            "jobs_per_resource": "unlimited",
            "restore_jobs": rng.choice(("unlimited", 1, 2)),
        },
        "overrides": {
            "*": {
                "backup_duration": {"uniform": ["30 min", "2 h"]},
                "copy_duration": {"uniform": ["1 h", "4 h"]},
                "restore_duration": {"uniform": ["1 h", rng.choice(("90 min", "2 h", "3 h"))]},
            }
        },
        "planning": planning,
    }


def _resources(rng: random.Random, members: Sequence[str], *, waits: bool) -> dict[str, Data]:
    resources: dict[str, Data] = {}
    for place, name in enumerate(members):
        kind = rng.choice(list(TYPES))
        size = rng.choice(("50 GB", "200 GB", "1 TB"))
        resources[name] = {"type": kind, "size": size, "change_rate": "3 %/day", **TYPES[kind]}
        if waits and place and rng.random() < 0.6:
            resources[name]["after"] = [members[place - 1]]
    return resources
