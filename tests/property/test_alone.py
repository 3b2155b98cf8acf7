"""An application fares as it would alone, bit for bit, but for what applications share: limits, `after`, `requires`."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

import drsim
from drsim.engine import run_all_vectorised, run_drills, why_not_vectorised
from drsim.engine.exposure import exposure
from drsim.scenario import read_scenario
from drsim.study.bench import Bench
from drsim.study.explain import Incident, investigate
from drsim.world import World
from tests.property.strategies import STRATEGY, Data, as_text, scenarios
from tests.scenarios import first_difference

DRILLS = 4
CROWD = 40
FULL = dict.fromkeys(("backup_jobs", "copy_jobs", "restore_jobs", "jobs_per_resource"), "unlimited")

modest = settings(
    max_examples=1,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def numbers(first: int, few: int, many: int) -> list[Any]:
    """Return numbers of random scenarios, all but a few of which are slow."""
    rest = [pytest.param(n, marks=pytest.mark.slow) for n in range(first + few, first + many)]
    return [*range(first, first + few), *rest]


def bench_of(data: Data) -> Bench:
    """Return the bench, with its scenario noted for the report of a failure."""
    text = as_text(data)
    note(text)
    return Bench(read_scenario(text), strategies=[STRATEGY])


def built(data: Data) -> World:
    """Return the world, likewise."""
    return bench_of(data).world(STRATEGY)


def logs(w: World) -> dict[str, pd.DataFrame]:
    """Return the logs of some drills of each disruption, on the quicker clock that takes it."""
    names = [name for name in w.disruptions if why_not_vectorised(w, name) is None]
    found = run_all_vectorised(w, names, 0, DRILLS)
    return {name: found[name] if name in found else run_drills(w, name, 0, DRILLS) for name in w.disruptions}


def own(log: pd.DataFrame, apps: Iterable[str]) -> pd.DataFrame:
    """Return the rows of some applications and their resources."""
    names = set(apps)
    mine = [str(subject).split(".", maxsplit=1)[0] in names for subject in log["subject"]]
    return log[np.array(mine, dtype=bool)].reset_index(drop=True)


def together_with(apps: Data, name: str) -> set[str]:
    """Return an application and those that it comes after or requires, directly or not."""
    found, rest = set(), [name]
    while rest:
        found.add(rest[-1])
        written = apps[rest.pop()]
        rest += [other for key in ("after", "requires") for other in written.get(key, ()) if other not in found]
    return found


def alone(data: Data, names: set[str]) -> Data:
    """Return the scenario with some applications only, and without disruptions that are aimed at others."""
    found = copy.deepcopy(data)
    apps = found["applications"] = {name: app for name, app in found["applications"].items() if name in names}

    def is_there(selector: str) -> bool:
        if selector.startswith("type:"):
            return any(kind == selector[5:] for app in apps.values() for kind in _types(app["resources"]))
        return selector == "*" or selector.split(".", maxsplit=1)[0] in names

    strategy = found["strategies"][STRATEGY]
    for part in ("backup", "replication", "standby"):
        strategy[part] = {key: use for key, use in strategy[part].items() if is_there(key)}
    found["disruptions"] = {
        name: d for name, d in found["disruptions"].items() if is_there(d.get("target", "*")) and _reaches(d, apps)
    }
    return found


def _types(resources: Data) -> list[str]:
    own_types = [str(resource["type"]) for resource in resources.values()]
    return own_types + [kind for r in resources.values() for kind in _types(r.get("nested", {}))]


def _reaches(disruption: Data, apps: Data) -> bool:
    """Return whether a service that is struck is one that somebody uses."""
    kinds = [kind for app in apps.values() for kind in _types(app["resources"])]
    return disruption.get("service", kinds[0]) in kinds


def plain(data: Data) -> Data:
    """Return a scenario in which nothing is meant of all applications together: no total rates, nobody's own words."""
    for d in data["disruptions"].values():
        d.pop("total_rate", None)
    return data


@pytest.mark.parametrize("number", numbers(0, 6, 60))
def test_everybody_fares_as_alone(number: int) -> None:
    """In a random estate without limits each application has the incidents that it has without strangers."""

    def check(data: Data) -> None:
        data = plain(data)
        everybody = logs(built(data))
        for name in data["applications"]:
            names = together_with(data["applications"], name)
            part = alone(data, names)
            if not part["disruptions"]:
                continue
            w = built(part)
            for disruption, log in logs(w).items():
                assert not first_difference(own(everybody[disruption], [name]), own(log, [name])), disruption
            backwards = copy.deepcopy(data)
            backwards["applications"] = dict(reversed(list(backwards["applications"].items())))
            for disruption, log in logs(built(backwards)).items():
                assert not first_difference(own(everybody[disruption], [name]), own(log, [name])), disruption

    seed(number)(modest(given(scenarios(limited=False))(check)))()


def crowd(data: Data, names: list[str], limits: Data) -> Data:
    """Return a scenario with the first application's likes only, of other names."""
    found = plain(copy.deepcopy(data))
    first = next(iter(found["applications"]))
    pattern: Data = found["applications"][first]
    for key in ("after", "requires"):
        pattern.pop(key, None)
    found["applications"] = {name: copy.deepcopy(pattern) for name in names}
    found["limits"] = limits
    strategy = found["strategies"][STRATEGY]
    for part in ("backup", "replication", "standby"):
        strategy[part] = {
            key.replace(first, name, 1): copy.deepcopy(use)
            for key, use in strategy[part].items()
            for name in names
            if key.split(".")[0] == first
        }
    if not strategy["backup"]:
        strategy["backup"] = {"*": next(iter(found["backup_plans"]))}
    for d in found["disruptions"].values():
        d.pop("target", None)
        d.pop("service", None)
    return found


def waits(incident: Incident, app: str) -> bool:
    """Return whether an incident's story has a wait in what an application is recovered from, or in its recovery."""
    w, recovery = incident.world, incident.recovery
    a = [each.name for each in w.applications].index(app)
    for r in w.applications[a].resources:
        for m in recovery.going(r):
            fared = recovery.abandoned.get(m, recovery.of(m))
            if fared.queued_for or fared.parts.get("queue_s", 0.0) > 0:
                return True
            if m in recovery.members:
                jobs = [job for point in incident.remains.points(m, runs=12) for job in point.jobs]
                if any(job.waited_for >= 0 for job in jobs):
                    return True
    return False


def compared(data: Data, limits: Data, *, place: int) -> tuple[Bench, dict[str, tuple[pd.DataFrame, pd.DataFrame]]]:
    """Return the crowd's bench, and one application's logs in it and alone, wherever its name stands in the file."""
    names = [f"app-{k:02}" for k in range(CROWD)]
    name = "app-17"
    names.remove(name)
    names.insert(place, name)
    many, single = (bench_of(crowd(data, some, limits)) for some in (names, [name]))
    mine = logs(single.world(STRATEGY))
    return many, {d: (own(log, [name]), own(mine[d], [name])) for d, log in logs(many.world(STRATEGY)).items()}


@pytest.mark.parametrize("number", numbers(100, 3, 30))
def test_forty_alike_fare_as_one_alone(number: int) -> None:
    """Without limits one of forty alike applications has the incidents, and the rows, that it has alone."""

    def check(data: Data, place: int) -> None:
        many, pairs = compared(data, FULL, place=place)
        for disruption, (among, single) in pairs.items():
            assert not first_difference(among, single), disruption
        assert many.world(STRATEGY).applications[place].name == "app-17"

    seed(number)(modest(given(scenarios(limited=False), st.sampled_from((0, 17, CROWD - 1)))(check)))()


@pytest.mark.parametrize("number", numbers(200, 1, 20))
def test_forty_alike_wait_where_they_differ(number: int) -> None:
    """With AWS's quotas one of forty fares otherwise than alone only in drills whose story has a wait."""

    def check(data: Data) -> None:
        many, pairs = compared(data, {}, place=17)
        for disruption, (among, single) in pairs.items():
            for drill in range(DRILLS):
                rows = [log[log["drill"] == drill].reset_index(drop=True) for log in (among, single)]
                if first_difference(*rows):
                    units = sorted(set(among.loc[among["drill"] == drill, "struck"].astype(str)))
                    subjects = [unit if unit.startswith("app-17.") else "app-17" for unit in units]
                    told = [waits(investigate(many, disruption, drill, subject), "app-17") for subject in subjects]
                    assert any(told), (disruption, drill)

    seed(number)(modest(given(scenarios())(check)))()


@pytest.mark.parametrize("number", numbers(300, 1, 12))
def test_rows_of_the_summary_are_those_of_one_alone(number: int) -> None:
    """Shares, percentiles, verdicts and rates of one of many alike are those that it has alone."""

    def check(data: Data) -> None:
        names = [f"app-{k:02}" for k in range(9)]
        found: list[Any] = []
        for some in (names, names[4:5], names[::-1]):
            scenario = read_scenario(as_text(crowd(data, some, FULL)))
            summary = drsim.run(scenario, drills=20, keep_incidents=False).summary
            rows = summary[[str(subject).split(".", maxsplit=1)[0] == names[4] for subject in summary["subject"]]]
            found.append(rows.astype(object).where(rows.notna(), None).to_dict("records"))
        assert found[0] == found[1] == found[2]

    seed(number)(modest(given(scenarios(limited=False))(check)))()


def test_rates_are_those_of_one_alone() -> None:
    """How often an application is struck does not depend on how many others are."""

    def check(data: Data) -> None:
        rates = []
        for n in (1, 7):
            w = built(crowd(data, [f"app-{k}" for k in range(n)], FULL))
            rates.append([exposure(w, d, 10).struck_per_year.get("app-0") for d in w.disruptions])
        assert rates[0] == rates[1]

    for number in range(400, 420):
        seed(number)(modest(given(scenarios(limited=False))(check)))()
