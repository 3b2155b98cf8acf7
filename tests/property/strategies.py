"""Random scenarios: whatever a user may write, so dealt that members are struck, options fail and queues fill.

Most figures come from few round ones, and jobs start at round hours, so that things happen at the same instant; some
scenarios take everything from distributions, with long tails or as the catalogue has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from drsim.catalogue import Catalogue, ReplicationFeature, load_catalogue
from drsim.distributions import Z95

Data = dict[str, Any]
"""Plain data of a scenario or a part of one, as a file would hold them."""

STRATEGY = "only"
"""Name of the one strategy of a random scenario."""

SITES: Data = {
    "home": {"region": "us-east-1", "account": "production"},
    "neighbour": {"region": "us-east-1", "account": "backup"},
    "recovery": {"region": "us-west-2", "account": "production"},
    "bunker": {"region": "us-west-2", "account": "backup"},
    "third": {"region": "eu-west-1", "account": "production"},
}
CLINIC: Data = {"on-premises": True, "account": "production"}
"""A site on premises, but for its uplink."""
VAULTS: Data = {
    "local": {"site": "home"},
    "beside": {"site": "home"},
    "other-account": {"site": "neighbour"},
    "dr": {"site": "recovery"},
    "isolated": {"site": "bunker"},
    "far": {"site": "third"},
    "everywhere": {},
    "gap": {"site": "bunker", "lock": "air-gapped"},
    "everywhere-gap": {"lock": "air-gapped"},
}
KINDS = (
    *("resource-loss", "accidental-deletion", "corruption", "ransomware", "account-compromise"),
    *("zone-outage", "region-outage", "region-loss", "service-outage"),
    *("ransomware", "ransomware", "account-compromise", "region-outage", "region-loss", "region-loss"),
)
"""Kinds of disruption; those that strike much more often."""
PREMISES_KINDS = (*KINDS, *("site-outage", "site-loss", "site-outage", "site-loss"))
"""Kinds of disruption where something stands on premises."""
DAYS = ("1 d", "3 d", "12 d", "35 d")


@dataclass(frozen=True)
class Pace:
    """Where a scenario's durations come from.

    Attributes:
        lengths: of jobs.
        waits: of delays and people.
        share: of the parameters that are written; the others are the catalogue's.
    """

    lengths: tuple[Any, ...]
    waits: tuple[Any, ...]
    share: float = 0.9


TICKING = Pace(("0 h", "1 h", "1 h", "2 h", "3 h", "8 h"), ("0 min", "0 min", "30 min", "1 h", "2 h"))
"""Everything takes whole hours: much happens at one instant."""
SPREAD = Pace(
    (
        "1 h",
        {"uniform": ["0 h", "4 h"]},
        {"triangular": ["1 h", "2 h", "6 h"]},
        {"empirical": ["1 h", "2 h", "5 h"]},
        {"median": "2 h", "p95": "5 h", "max": "9 h"},
    ),
    ("0 min", "20 min", {"uniform": ["0 min", "2 h"]}, {"median": "20 min", "p95": "1 h", "max": "2 h"}),
)
"""Durations that differ, none of them very long."""
TAILED = Pace(
    (
        {"exponential": "3 h"},
        {"median": "1 h", "p95": "12 h"},
        {"weibull": {"scale": "2 h", "shape": 0.6}},
        {"median": "2 h", "p95": "9 h", "max": "60 h"},
    ),
    ({"exponential": "1 h"}, {"median": "10 min", "p95": "3 h"}, {"uniform": ["0 min", "3 h"]}),
)
"""Durations most of which are short and some of which are days."""
SHIPPED = Pace(("2 h",), ("10 min", {"median": "10 min", "p95": "1 h"}), share=0.15)
"""Nearly everything is as the catalogue says."""


def as_text(data: Mapping[str, Any]) -> str:
    """Return a scenario as a file would hold it."""
    found = StringIO()
    yaml = YAML(typ="safe")
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.default_flow_style = None
    yaml.width = 118
    yaml.representer.ignore_aliases = lambda _: True
    yaml.dump(dict(data), found)
    return found.getvalue()


class Dealer:
    """Deals what a scenario is made of.

    Args:
        draw: Hypothesis's.
        pace: where durations come from.
        calm: whether jobs are few and short enough for pools to fall idle between them.
        limited: whether there may be limits on concurrent jobs.
        sound: whether every restore succeeds.
        premises: whether the first application stands on premises.
    """

    def __init__(
        self, draw: st.DrawFn, pace: Pace, *, calm: bool, limited: bool, sound: bool, premises: bool = False
    ) -> None:
        self._draw, self._pace = draw, pace
        self._calm, self._limited, self._sound = calm, limited, sound
        self._premises = premises
        self._catalogue: Catalogue = load_catalogue()
        self._kinds: dict[str, str] = {}
        self._home: dict[str, str] = {}

    def scenario(self) -> Data:
        """Return a scenario."""
        plans = {name: {"rules": self._rules(name)} for name in ["daily", "more"][: self._pick((1, 1, 2))]}
        applications = self._applications()
        self._kinds = {
            subject: resource["type"]
            for app, written in applications.items()
            for subject, resource in _subjects(app, written["resources"])
        }
        self._home = {app: written["site"] for app, written in applications.items()}
        data: Data = {
            "start": self._pick(("2026-01-01", "2026-03-20")),
            "seed": self._draw(st.integers(0, 10_000)),
            "horizon": self._pick(("40 d", "90 d")) if self._calm else self._pick(("2 d", "4 d")),
            "warm_up": self._pick(("20 d", "40 d")) if self._calm else self._pick(("3 d", "6 d")),
            "sites": {
                site: where | ({"zone": f"{where['region']}a"} if self._chance(0.2) else {})
                for site, where in SITES.items()
            },
            "vaults": {vault: where | self._lock(vault) for vault, where in VAULTS.items()},
            "applications": applications,
            "backup_plans": plans,
            "strategies": {STRATEGY: self._strategy(list(plans))},
            "disruptions": {
                f"{kind}-{i}": self._disruption(kind)
                for i, kind in enumerate(self._some(PREMISES_KINDS if self._premises else KINDS, 2, 2))
            },
            "response": {
                step: self._wait() for step in ("detect", "declare", "validate", "redirect") if self._chance(0.7)
            },
            "limits": self._limits(),
            "overrides": self._overrides(),
        }
        if self._premises:
            data["sites"]["clinic"] = CLINIC | {"uplink": self._pick(("2 Mbit/s", "20 Mbit/s", "500 Mbit/s"))}
        return data

    # luck

    def _pick(self, values: Sequence[Any]) -> Any:  # noqa: ANN401
        return self._draw(st.sampled_from(values))

    def _chance(self, p: float) -> bool:
        # true is the rarer, so that what is left out is what failures shrink to
        return bool(self._draw(st.integers(0, 99)) >= 100 * (1 - p))

    def _some(self, values: Sequence[Any], least: int, most: int) -> list[Any]:
        return self._draw(st.lists(st.sampled_from(values), min_size=least, max_size=most))

    def _length(self) -> Any:  # noqa: ANN401
        return self._pick(self._pace.lengths)

    def _wait(self) -> Any:  # noqa: ANN401
        return self._pick(self._pace.waits)

    def _failure(self) -> Any:  # noqa: ANN401
        return self._pick(
            (
                0,
                0,
                0.3,
                0.9,
                {"p": 0.3, "lasts": {"exponential": "2 d"}},
                {"p": 0.5, "lasts": {"uniform": ["1 h", "4 d"]}},
                {"p": 0.2, "lasts": "1 d"},
                {"p": 0.3, "lasts": {"exponential": "2 d"}, "shared": "account"},
            )
        )

    # the estate

    def _applications(self) -> Data:
        names = ["a", "b", "c"][: self._pick((1, 1, 2, 2, 3))]
        order = self._draw(st.permutations(names))
        found = {}
        for name in names:
            earlier = order[: order.index(name)]
            inside = self._premises and (name == "a" or self._chance(0.3))
            regions = ("home", "home", "home", "home", "neighbour", "recovery")
            app: Data = {"site": "clinic" if inside else self._pick(regions)}
            if self._chance(0.4):
                app["recover_at"] = self._pick(("recovery", "bunker", "third", "neighbour"))
            if self._chance(0.3):
                app["priority"] = self._pick((1, 2, 3))
            if self._chance(0.2):
                app["act_after"] = self._pick(("30 min", "2 h", "9 h"))
            if self._chance(0.4):
                app["loss_tolerance"] = self._pick(("0 min", "6 h", "30 h", "4 d"))
            if self._chance(0.3):
                app["objectives"] = {"rpo": self._pick(("1 h", "12 h", "2 d"))}
            if earlier and self._chance(0.5):
                app["after"] = self._draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))
            if earlier and self._chance(0.35):
                app["requires"] = self._draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))
            if self._chance(0.4):
                app["rebuild"] = self._pick(("2 d", {"uniform": ["1 h", "3 d"]}))
            app |= self._parts(on_premises=inside)
            found[name] = app
        return found

    def _parts(self, *, on_premises: bool) -> Data:
        """Return the resources and steps of an application."""
        resources = [f"r{i}" for i in range(self._pick((1, 2, 2, 3)))]
        steps = [f"s{i}" for i in range(self._pick((0, 0, 1, 2)))]
        order = self._draw(st.permutations([*resources, *steps]))

        def after(name: str) -> Data:
            earlier = order[: order.index(name)]
            if not earlier or not self._chance(0.5):
                return {}
            return {"after": self._draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2, unique=True))}

        found: Data = {"resources": {name: self._resource(on_premises=on_premises) | after(name) for name in resources}}
        if steps:
            found["steps"] = {
                name: {"duration": self._wait(), "when": self._pick(("elsewhere", "always"))} | after(name)
                for name in steps
            }
        return found

    def _resource(self, *, nested: bool = False, on_premises: bool = False) -> Data:
        kinds = [name for name in self._catalogue.types if not (nested and name == "CloudFormation")]
        kinds += ["EC2", "EC2", "EC2", "RDS", "RDS", "RDS", "RDS", "S3", "S3"]
        kind = self._pick(("Virtual machines", "Storage Gateway") if on_premises else kinds)
        resource: Data = {"type": kind, "size": self._pick(("1 GB", "50 GB", "2 TB"))}
        resource |= self._amounts()
        if self._chance(0.2) and not nested:
            resource["count"] = self._pick((2, 3))
            if self._chance(0.5):
                resource["needs"] = self._pick((1, 2))
        if self._catalogue.types[kind].failovers and self._chance(0.4):
            resource["deployment"] = "multi-az"
        elif self._chance(0.1):
            resource["deployment"] = self._pick(("single-az", "regional"))
        if self._chance(0.5 if "launch_duration" in self._catalogue.types[kind].parameters else 0.03):
            resource["stateless"] = True
        if self._chance(0.1):
            resource["tested"] = True
        if self._chance(0.15):
            resource["overrides"] = self._parameters(("start_delay", "backup_failure", "restore_fixed", "log_lag"))
        if kind == "CloudFormation" and self._chance(0.7):
            names = ["n0", "n1"][: self._pick((1, 2))]
            resource["nested"] = {name: self._resource(nested=True) for name in names}
        return resource

    def _amounts(self) -> Data:
        """Return how much of a resource there is, beside its size."""
        found: Data = {}
        if self._chance(0.6):
            found["change_rate"] = self._pick(("1 %/day", "10 %/day", "200 MB/day"))
        if self._chance(0.3):
            found["objects"] = self._pick((1e4, 5e6))
        if self._chance(0.1):
            found["growth"] = self._pick(("40 %/year", "300 %/year"))
        return found

    # protection

    def _lock(self, vault: str) -> Data:
        if vault in ("gap", "everywhere-gap") or not self._chance(0.3):
            return {}
        lock: Data = {"lock": self._pick(("governance", "compliance"))}
        if self._chance(0.15):
            lock |= self._pick(({"min_retention": "3 d"}, {"max_retention": "20 d"}))
        return lock

    def _lifecycle(self, *, continuous: bool = False) -> Data:
        if not continuous and self._chance(0.3):
            cold: Data = {"cold_storage_after": self._pick(("0 d", "1 d", "3 d")), "delete_after": "101 d"}
            return cold | ({"opt_in_to_archive": True} if self._chance(0.3) else {})
        if not continuous and self._chance(0.1):
            return {}
        return {"delete_after": self._pick(DAYS)}

    def _rules(self, plan: str) -> list[Data]:
        rules = []
        for i in range(self._pick((1, 1, 2, 3))):
            continuous = self._chance(0.45)
            # beside what stands on premises there is no vault
            one, other = ("local", "local") if self._premises else ("everywhere", "everywhere-gap")
            vault = self._pick(("local", "local", "local", one, "other-account", "dr", other))
            rule: Data = {
                "rule_name": f"{plan}-{i}",
                "target_vault": vault,
                "lifecycle": self._lifecycle(continuous=continuous),
            }
            if vault == "everywhere" and self._chance(0.5):
                rule["target_air_gapped_vault"] = "everywhere-gap"
            if self._chance(0.2):
                rule["age"] = self._pick(("20 d", "500 d"))
            rule |= self._moments()
            if self._chance(0.5):
                rule["completion_window"] = self._pick(("1 h", "3 h", "2 d"))
            if continuous:
                rule["enable_continuous_backup"] = True
            if self._chance(0.8):
                rule["copy_actions"] = self._copies(vault, 1, vault)
                if not continuous and self._chance(0.15):
                    rule["lifecycle"]["delete_after_event"] = "copy"
            if self._chance(0.2):
                rule["overrides"] = self._parameters(
                    (
                        "backup_duration",
                        "copy_duration",
                        "backup_failure",
                        "copy_failure",
                        "expiry_delay",
                        "start_delay",
                        "log_replay_rate",
                        "log_failure",
                    )
                )
            rules.append(rule)
        return rules

    def _moments(self) -> Data:
        """Return when a rule runs, and within what its jobs have to start."""
        if self._chance(0.3):
            found: Data = {
                "schedule": self._pick(
                    ("cron(0 5 ? * * *)", "cron(0 0/12 ? * * *)", "cron(30 3 ? * MON,THU *)", "cron(0 5 L * ? *)")
                )
            }
            if self._chance(0.3):
                found["schedule_timezone"] = "Europe/Berlin"
            return found | {"start_window": self._pick(("60 min", "3 h", "8 h"))}
        every = ("24 h", "24 h", "36 h", "3 d") if self._calm else ("8 h", "12 h", "24 h", "24 h")
        return {"every": self._pick(every), "start_window": self._pick(("15 min", "1 h", "2 h", "8 h"))}

    def _copies(self, source: str, depth: int, own: str) -> list[Data]:
        """Return copy actions from a vault, with those chained to them; none leads back into the rule's own vault."""
        known = ("dr", "isolated", "far", "gap", "beside", "other-account", "local")
        vaults = [name for name in known if name not in (source, own)]
        found = []
        for vault in self._some(vaults, 1, self._pick((1, 2, 3)) if depth == 1 else 1):
            action: Data = {"destination_vault": vault}
            if self._chance(0.6):
                action["lifecycle"] = self._lifecycle()
            if self._chance(0.4):
                action["delay"] = self._wait()
            if self._chance(0.2):
                action["overrides"] = self._parameters(("copy_duration", "copy_failure", "expiry_delay"))
            if depth < 3 and self._chance(0.35):
                action["then"] = self._copies(vault, depth + 1, own)
                if "lifecycle" in action and self._chance(0.15):
                    action["lifecycle"]["delete_after_event"] = "copy"
            if self._chance(0.1):
                action["age"] = self._pick(("5 d", "500 d"))
            found.append(action)
        return found

    def _strategy(self, plans: list[str]) -> Data:
        subjects = list(self._kinds)
        backup: Data = {} if self._chance(0.25) else {"*": plans[0]}
        if self._chance(0.5) or not backup:
            for subject in self._some(subjects, 1, 3):
                selector = self._pick((subject, f"type:{self._kinds[subject]}", f"{subject.split('.')[0]}.*"))
                backup[selector] = list(plans) if self._chance(0.4) else plans[-1]
        replication = {}
        for subject, kind in self._kinds.items():
            features = list(self._catalogue.types[kind].replication.values())
            if features and self._chance(0.35):
                replication[subject] = self._replication(self._pick(features), subject.split(".")[0])
        standby = {}
        for app in self._home:
            if self._chance(0.4):
                mode = self._pick(("backup-and-restore", "pilot-light", "warm-standby", "warm-standby", "multi-site"))
                standby[app] = {"mode": mode, "site": self._elsewhere(app)}
                if self._chance(0.3):
                    standby[app]["capacity"] = 1
        return {"backup": backup, "replication": replication, "standby": standby}

    def _elsewhere(self, app: str) -> str:
        sites = ["recovery", "recovery", "bunker", "third", "neighbour", "home"]
        return str(self._pick([site for site in sites if site != self._home[app]]))

    def _replication(self, feature: ReplicationFeature, app: str) -> Data:
        use: Data = {"feature": feature.name}
        if feature.scope == "other-site" or (feature.scope == "any" and self._chance(0.8)):
            use["to"] = self._elsewhere(app)
        if feature.kind != "replica" and self._chance(0.5):
            use["retention"] = self._pick(("1 d", "10 d"))
        if self._chance(0.4):
            use["retained_on_delete"] = self._pick((True, False))
        return use

    # what strikes

    def _struck(self, strikes: str) -> Data:
        """Return what a disruption may strike."""
        found: Data = {}
        if strikes == "resource" and self._chance(0.4):
            subject = self._pick(list(self._kinds))
            found["target"] = self._pick((subject, f"{subject.split('.')[0]}.*", f"type:{self._kinds[subject]}"))
        if strikes in ("zone", "region", "service") and not self._chance(0.3):
            found["site"] = self._pick(sorted(set(self._home.values()) - {"clinic"}) or ["home"])
        if strikes == "premises" and self._chance(0.5):
            found["site"] = "clinic"
        if self._chance(0.2):
            found["total_rate"] = "3 /year"
        if strikes == "account" and self._chance(0.5):
            found["site"] = self._pick(("home", "home", "bunker"))
        if strikes == "service" and not self._chance(0.4):
            found["service"] = self._pick(sorted(set(self._kinds.values())))
        if strikes == "zone" and "site" in found and self._chance(0.4):
            found["zone"] = f"{SITES[found['site']]['region']}{self._pick('abc')}"
        return found

    def _disruption(self, kind: str) -> Data:
        law = self._catalogue.disruptions[kind]
        found: Data = {"kind": kind} | self._struck(law.strikes) | self._deletion(kind)
        if self._chance(0.7) or kind == "ransomware":
            found["dwell"] = self._pick(("0 min", "3 h", "30 h", {"uniform": ["0 h", "4 d"]}, {"exponential": "2 d"}))
        if law.backups_attacked is not None and self._chance(0.7):
            found["backups_attacked"] = self._pick((0, 0, 0.5, 1))
        if law.ends and self._chance(0.8):
            found["duration"] = self._pick(
                ("2 h", "6 h", {"uniform": ["0 h", "12 h"]}, {"exponential": "16 h"}, "4 d", "30 d")
            )
        if law.impairs and self._chance(0.6):
            found["impairs"] = {step: self._pick((0, 0.4, 1)) for step in ("launches", "capacity", "copies")}
        return found

    def _deletion(self, kind: str) -> Data:
        return {"deletes": "resource"} if kind == "accidental-deletion" and self._chance(0.5) else {}

    # figures

    def _limits(self) -> Data:
        if not self._limited:
            return dict.fromkeys(("backup_jobs", "copy_jobs", "restore_jobs", "jobs_per_resource"), "unlimited")
        kinds = sorted(set(self._kinds.values()))
        found: Data = {}
        for queue in ("backup_jobs", "copy_jobs", "restore_jobs", "jobs_per_resource"):
            # a restore waits only for others of the same moment
            rare = () if queue == "restore_jobs" else ("quotas", "unlimited", "kind")
            shape = self._pick((*rare, "quotas", "one", "one", "one", "kind", "site", "both"))
            few = self._pick((1, 1, 2, 3))
            if shape == "unlimited":
                found[queue] = "unlimited"
            elif shape == "one":
                found[queue] = few
            elif shape != "quotas":
                found[queue] = {}
                if shape != "site" or queue not in ("copy_jobs", "restore_jobs"):
                    found[queue][self._pick(kinds)] = few
                if shape != "kind" and queue in ("copy_jobs", "restore_jobs"):
                    site = self._pick(("recovery", "bunker", "third", "home"))
                    found[queue][f"to:{site}"] = self._pick((1, 2))
                if self._chance(0.5):
                    found[queue]["*"] = self._pick((2, 4, "unlimited"))
        return found

    def _overrides(self) -> Data:
        names = [
            *("start_delay", "backup_duration", "copy_duration", "restore_duration", "launch_duration"),
            *("backup_failure", "copy_failure", "restore_failure", "restore_failure_tested", "expiry_delay"),
            *("log_lag", "log_factor", "log_failure", "cold_retrieval", "hydration_rate", "failover_duration"),
            *("restore_rate", "copy_fixed", "backup_rate", self._pick(("log_replay_speed", "log_replay_rate"))),
        ]
        # a restore that is given as a whole replays no logs
        whole = self._chance(0.25)
        names = [name for name in names if name != "restore_duration" or whole]
        found = {"*": self._parameters([n for n in names if self._chance(self._pace.share)])}
        for kind in sorted(set(self._kinds.values())):
            if self._chance(0.15):
                found[kind] = self._parameters(self._some(names, 1, 3))
        if self._sound:
            for values in found.values():
                values.pop("restore_failure_tested", None)
            found["*"] |= {"restore_failure": 0, "restore_failure_tested": 0}
            for kind, values in found.items():
                if kind != "*":
                    values.pop("restore_failure", None)
        return found

    def _parameters(self, names: Sequence[str]) -> Data:
        makers = {
            "backup_failure": self._failure,
            "copy_failure": self._failure,
            "restore_failure": lambda: self._pick((0, 0.3, 0.3, 0.7, 1)),
            "restore_failure_tested": lambda: self._pick((0, 0.1)),
            "log_lag": lambda: self._pick(("0 min", "10 min", "2 h", {"uniform": ["0 h", "5 h"]})),
            "log_replay_speed": lambda: self._pick((4, 24, {"uniform": [2, 20]})),
            "log_replay_rate": lambda: self._pick(("300 kB/s", "5 MB/s", {"uniform": ["1 MB/s", "9 MB/s"]})),
            "log_factor": lambda: self._pick((1, 3, {"uniform": [1, 5]})),
            "log_failure": self._failure,
            "hydration_rate": lambda: self._pick(("10 MB/s", {"median": "50 MB/s", "p95": "90 MB/s"})),
            "restore_rate": lambda: self._pick(("20 MB/s", "300 MB/s", {"uniform": ["20 MB/s", "60 MB/s"]})),
            "backup_rate": lambda: self._pick(("60 MB/s", "300 MB/s")),
            **dict.fromkeys(
                ("start_delay", "expiry_delay", "failover_duration", "copy_fixed", "restore_fixed"), self._wait
            ),
        }
        return {name: makers.get(name, self._length)() for name in names}


def _subjects(prefix: str, resources: Mapping[str, Data]) -> list[tuple[str, Data]]:
    """Return the resources of an application with their full names, nested ones after what holds them."""
    found = []
    for name, resource in resources.items():
        found += [(f"{prefix}.{name}", resource), *_subjects(f"{prefix}.{name}", resource.get("nested", {}))]
    return found


@st.composite
def scenarios(draw: st.DrawFn, *, limited: bool = True, sound: bool = False, premises: bool = False) -> Data:
    """Return a scenario with a strategy `only` and one to three disruptions.

    Args:
        draw: Hypothesis's.
        limited: with limits on concurrent jobs.
        sound: without restores that turn out useless.
        premises: with resources on premises, behind an uplink.
    """
    pace = draw(st.sampled_from((TICKING, TICKING, SPREAD, SPREAD, TAILED, SHIPPED)))
    calm = pace in (TICKING, SPREAD) and draw(st.booleans())
    return Dealer(draw, pace, calm=calm, limited=limited, sound=sound, premises=premises).scenario()


def _deal(dealt: st.SearchStrategy[Data], number: int, check: Callable[[Data], None]) -> None:
    alone = settings(
        max_examples=2,  # the first is the simplest of all
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(alone(given(dealt)(check)))()


def deal(number: int, check: Callable[[Data], None], *, premises: bool = False) -> None:
    """Check the random scenario of a number, and the simplest of all; where it fails, the simplest that does is shown.

    Numbered ones differ more than those of one long run, in which Hypothesis varies each several times before it deals
    another.

    Args:
        number: of the scenario.
        check: fails where it is wrong.
        premises: with resources on premises.
    """
    _deal(scenarios(premises=premises), number, check)


LOADS = (0.6, 0.63, 0.66, 0.69, 0.8, 0.9, 0.95)
"""Shares of its slots' time that the busiest pool of `busy_pools` is in use."""


@st.composite
def busy_pools(draw: st.DrawFn) -> Data:
    """Return a scenario whose pools are in use for 60 to 95 % of the time, by jobs that are short or, rarely, long."""

    def pick(values: Sequence[Any]) -> Any:  # noqa: ANN401
        return draw(st.sampled_from(values))

    resources = pick((1, 1, 1, 2, 3))
    vaults = pick((["dr"], ["dr"], ["dr"], ["dr", "isolated"]))
    every_h = pick((6, 12, 24))
    slots = pick((1, 1, 2, 3))
    queue = pick(("copy_jobs", "copy_jobs", "backup_jobs", "jobs_per_resource"))
    # jobs of one period that have to share the slots, each as long as the others on average
    jobs = {
        "copy_jobs": resources * len(vaults),
        "backup_jobs": resources,
        "jobs_per_resource": 1 + len(vaults),
    }[queue]
    slots = min(slots, jobs)
    mean_h = pick(LOADS) * slots * every_h / jobs
    busy = _long_tailed(draw, mean_h)
    short = pick(("0 h", f"{mean_h / 10:.4f} h", {"exponential": f"{mean_h / 8:.4f} h"}))
    backup, copy = {"copy_jobs": (short, busy), "backup_jobs": (busy, short), "jobs_per_resource": (busy, busy)}[queue]
    limits: Data = dict.fromkeys(("backup_jobs", "copy_jobs", "restore_jobs", "jobs_per_resource"), "unlimited")
    limits[queue] = slots
    # of one copy each there may be many
    runs = pick((60, 120, 250)) if jobs > 1 else pick((120, 500, 1000))
    rule: Data = {
        "rule_name": "rule",
        "target_vault": "local",
        "every": f"{every_h} h",
        "start_window": pick(("30 min", "2 h", "8 h", "48 h")),
        "lifecycle": {"delete_after": pick(("30 d", "200 d"))},
        "copy_actions": [{"destination_vault": vault} for vault in vaults],
    }
    if len(vaults) > 1 and draw(st.booleans()):
        rule["copy_actions"] = [{"destination_vault": "dr", "then": [{"destination_vault": "isolated"}]}]
    return {
        "start": "2026-01-01",
        "seed": draw(st.integers(0, 10_000)),
        "horizon": f"{runs * every_h} h",
        "warm_up": f"{pick((50, 100)) * every_h} h",
        "sites": SITES,
        "vaults": {name: VAULTS[name] for name in ("local", "dr", "isolated")},
        "applications": {
            "a": {
                "site": "home",
                "resources": {f"r{i}": {"type": pick(("EBS", "EFS", "RDS")), "size": "1 GB"} for i in range(resources)},
            }
        },
        "backup_plans": {"plan": {"rules": [rule]}},
        "strategies": {STRATEGY: {"backup": "plan"}},
        "disruptions": {
            "gone": {"kind": "region-loss", "site": "home"},
            "locked": {"kind": "ransomware", "dwell": f"{2 * every_h} h", "backups_attacked": 0},
        },
        "limits": limits,
        "overrides": {
            "*": {
                "start_delay": pick(("0 h", "20 min", {"median": "10 min", "p95": "1 h", "max": "5 h"})),
                "backup_duration": backup,
                "copy_duration": copy,
                "backup_failure": pick((0, 0.1)),
                "copy_failure": pick((0, 0.1)),
                "expiry_delay": "0 h",
                "restore_duration": "1 h",
            }
        },
    }


def _long_tailed(draw: st.DrawFn, mean_h: float) -> Data:
    """Return a duration of a mean [h]: most are short, and some of them many times as long."""
    shape = draw(st.sampled_from(("two lengths", "two lengths", "lognormal", "weibull")))
    if shape == "two lengths":
        short, times = draw(st.sampled_from((9, 19, 49))), draw(st.sampled_from((8, 32, 60)))
        unit = mean_h * (short + 1) / (short + times)
        return {"empirical": [*(f"{unit:.4f} h" for _ in range(short)), f"{times * unit:.4f} h"]}
    if shape == "lognormal":
        sigma = draw(st.sampled_from((0.8, 1.2)))
        median = mean_h / math.exp(sigma**2 / 2)
        return {
            "median": f"{median:.4f} h",
            "p95": f"{median * math.exp(Z95 * sigma):.4f} h",
            "max": f"{40 * median} h",
        }
    return {"weibull": {"scale": f"{mean_h / math.gamma(3):.4f} h", "shape": 0.5}}


def deal_busy_pools(number: int, check: Callable[[Data], None]) -> None:
    """Check the busy scenario of a number; where it fails, the simplest that does is shown."""
    _deal(busy_pools(), number, check)
