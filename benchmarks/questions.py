"""Questions that are timed with whichever drsim is found first, old or new: it prints what each costs as JSON [ms]."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

import drsim
from drsim.scenario import Scenario, read_scenario, subjects
from drsim.study.drills import run

try:
    from drsim.study.bench import Bench
except ImportError:  # the old tree has none
    Bench = None  # type: ignore[assignment, misc]

SCENARIOS = Path(drsim.__file__).parents[1] / "scenarios"
DAY_S = 86400.0
DRILLS = 200

SHOP = """
name: one database
horizon: 1 y
drills: 200
seed: 1
sites:
  home: {region: us-east-1, account: production}
  near: {region: us-east-1, account: backup}
  far: {region: us-west-2, account: production}
vaults: {home: {site: home}, near: {site: near}, far: {site: far}}
applications:
  shop:
    site: home
    recover_at: far
    objectives: {rpo: 12 h, rto: 8 h, attainment: 90 %}
    downtime_cost: 1000 USD/h
    resources: {orders: {type: RDS, size: 500 GB}}
backup_plans:
  plan:
    rules:
      - {rule_name: rule, target_vault: home, every: EVERY, lifecycle: {delete_after: 35 d}COPIES}
strategies:
  it:
    backup: {"shop.*": plan}STANDBY
disruptions:
  lost: {kind: resource-loss}
  corrupted: {kind: corruption}
  ransom: {kind: ransomware}
  zone: {kind: zone-outage, site: home}
  region: {kind: region-loss, site: home}
  outage: {kind: region-outage, site: home}
"""


def milliseconds(ask: Callable[[int], object]) -> float:
    """Return the processor time of a question, asked five times after a first one: the median [ms]."""
    ask(0)
    times = []
    for turn in range(1, 6):
        began = process_time()
        ask(turn)
        times.append(1000 * (process_time() - began))
    return median(times)


def fixed(scenario: Scenario, _: int) -> object:
    """Run a small scenario."""
    return run(scenario, drills=10)


def kept_for(scenario: Scenario, days: float) -> Scenario:
    """Return the scenario whose first plan keeps its first rule's points for so many days."""
    name, plan = next(iter(scenario.backup_plans.items()))
    first, *others = plan.rules
    life = first.lifecycle.model_copy(update={"delete_after": days * DAY_S})
    changed = plan.model_copy(update={"rules": (first.model_copy(update={"lifecycle": life}), *others)})
    return scenario.model_copy(update={"backup_plans": {**scenario.backup_plans, name: changed}})


def told(bench: Bench, strategy: str) -> list[object]:
    """Return loss, downtime, attainment and money of each application under each disruption."""
    answers: list[object] = []
    for disruption in bench.disruptions:
        affected = bench.affected(strategy, disruption)
        losses = bench.losses(strategy, disruption)
        for name, application in bench.scenario.applications.items():
            incidents = affected.of_subject(name)
            recovered = incidents.state == 0
            figures = [incidents.figures[column][recovered] for column in ("data_loss_s", "downtime_s")]
            answers += [np.quantile(values, 0.95) if values.size else None for values in figures]
            answers += [incidents.hits(application.objectives.under(disruption)), losses.events(name)]
    return [*answers, bench.steady_costs(strategy)]


def studied(scenario: Scenario, strategy: str) -> object:
    """Study a scenario anew, as there was no other way."""
    return run(scenario, strategies=[strategy])


def retention(scenario: Scenario, turn: int, bench: Bench | None) -> object:
    """Ask what another retention would do."""
    changed = kept_for(scenario, 34.0 - turn)
    return studied(changed, "copies") if bench is None else told(bench.changed(lambda _: changed), "copies")


def protections(variants: Sequence[Scenario], _: int, bench: Bench | None) -> object:
    """Ask what each protection of the one resource would do: loss and downtime, drill by drill."""
    if bench is None:
        return [studied(variant, "it") for variant in variants]
    fates = bench.fates("shop.orders", "it", [partial(_instead, variant) for variant in variants])
    return fates.loss_s, fates.downtime_s


def _instead(variant: Scenario, _: Scenario) -> Scenario:
    return variant


def variants_of_shop() -> list[Scenario]:
    """Return a shop with each of 40 protections: 4 schedules, 5 routes, 2 standbys."""
    near, far = ("{destination_vault: near}", "{destination_vault: far}")
    routes = ("", near, far, f"{near}, {far}", "{destination_vault: far, lifecycle: {delete_after: 7 d}}")
    copies = [f", copy_actions: [{route}]" if route else "" for route in routes]
    standbys = ("", "\n    standby: {shop: {site: far, mode: pilot-light}}")
    texts = [
        SHOP.replace("EVERY", every).replace("COPIES", copy).replace("STANDBY", standby)
        for every in ("4 h", "6 h", "12 h", "1 d")
        for copy in copies
        for standby in standbys
    ]
    return [read_scenario(text) for text in texts]


def estate(bench: Bench) -> list[tuple[int, ...]]:
    """Ask what each of 40 protections would do for each resource of an estate; return how many answers there are."""
    models = [protection_of_estate(*choice) for choice in product(EVERY, ROUTES, (False, True))]
    fates = []
    for name in subjects(bench.scenario):
        variants = [partial(_protected, model, name.partition(".")[0]) for model in models]
        fates.append(bench.fates(name, "it", variants).downtime_s.shape)
    return fates


EVERY = ("4 h", "6 h", "12 h", "1 d")
ROUTES = (
    "target_vault: local",
    "target_vault: dr",
    "target_vault: local, copy_actions: [{destination_vault: dr}]",
    "target_vault: local, copy_actions: [{destination_vault: dr, lifecycle: {delete_after: 7 d}}]",
    "target_vault: dr, copy_actions: [{destination_vault: local}]",
)


def protection_of_estate(every: str, route: str, standby: bool) -> Scenario:  # noqa: FBT001  # one of a product
    """Return a scenario of which the plan and the strategy are taken."""
    mode = ", standby: {shop: {site: recovery, mode: pilot-light}}" if standby else ""
    return read_scenario(MODEL.replace("EVERY", every).replace("ROUTE", route).replace("STANDBY", mode))


MODEL = """
name: a protection
sites:
  home: {region: us-east-1, account: production}
  recovery: {region: us-west-2, account: production}
vaults: {local: {site: home}, dr: {site: recovery, lock: governance}}
applications: {shop: {site: home, resources: {orders: {type: EC2, size: 500 GB}}}}
backup_plans: {plan: {rules: [{rule_name: rule, every: EVERY, lifecycle: {delete_after: 35 d}, ROUTE}]}}
strategies: {it: {backup: {"*": plan}STANDBY}}
disruptions: {region: {kind: region-loss, site: home}}
"""


def _protected(model: Scenario, application: str, scenario: Scenario) -> Scenario:
    """Return an estate in which one application is protected like a model's."""
    strategy = model.strategies["it"]
    standby = {application: strategy.standby["shop"]} if strategy.standby else {}
    strategies = {"it": strategy.model_copy(update={"standby": standby})}
    return scenario.model_copy(update={"backup_plans": model.backup_plans, "strategies": strategies})


def main() -> None:
    """Print what each question costs."""
    small = read_scenario((SCENARIOS / "periodic.yaml").read_text(encoding="utf-8"))
    shop = read_scenario((SCENARIOS / "web-shop.yaml").read_text(encoding="utf-8"))
    shop = shop.model_copy(update={"drills": DRILLS})
    variants = variants_of_shop()
    of_shop, of_one = (None, None) if Bench is None else (Bench(shop), Bench(variants[0]))
    costs = {
        "fixed": milliseconds(partial(fixed, small)),
        "retention": milliseconds(lambda turn: retention(shop, turn, of_shop)),
        "protections": milliseconds(lambda turn: protections(variants, turn, of_one)),
    }
    if Bench is not None:
        evacuation = read_scenario((SCENARIOS / "region-evacuation.yaml").read_text(encoding="utf-8"))
        began = process_time()
        estate(Bench(evacuation, drills=DRILLS))
        costs["estate"] = 1000 * (process_time() - began)
    json.dump(costs, sys.stdout)


if __name__ == "__main__":
    main()
