"""The record of a study, `run.json`: all that is needed to repeat it, as plain data."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from platform import python_version
from typing import Any

from drsim.scenario import Scenario
from drsim.study.pieces import Pair
from drsim.study.results import DEFINITIONS, SCENARIO_FILE
from drsim.version import __version__

_PACKAGES = ("numpy", "pandas", "scipy", "simpy", "pyarrow")


@cache
def _versions() -> dict[str, str]:
    """Return the versions of the packages that figures rest on; none changes while the program runs."""
    return {name: version(name) for name in _PACKAGES}


def clock_record(asked: str, pairs: Sequence[Pair], reasons: Mapping[Pair, str]) -> dict[str, Any]:
    """Return which clock was asked for, which was used, and why.

    Args:
        asked: `auto`, `vectorised` or `process`.
        pairs: strategies and disruptions that were drilled.
        reasons: why the vectorised clock does not take those of them that it does not.
    """
    if asked == "process":
        used, why = "process", "asked for"
    elif not reasons:
        used, why = "vectorised", "asked for" if asked == "vectorised" else "it takes all"
    else:
        used = "process" if len(reasons) == len(pairs) else "vectorised and process"
        why = "the process clock takes what the vectorised clock does not"
    on_process = [{"strategy": s, "disruption": d, "why": reason} for (s, d), reason in reasons.items()]
    return {"asked": asked, "used": used, "why": why, "on_process_clock": on_process}


def record(
    scenario: Scenario,
    chosen: Mapping[str, tuple[str, ...]],
    clock: Mapping[str, Any],
    timing: Mapping[str, float],
    text: str,
) -> dict[str, Any]:
    """Return what is needed to repeat the study.

    Args:
        scenario: with the drills and the seed of the study.
        chosen: names of `strategy` and `disruption`.
        clock: of `clock_record`.
        timing: how long the drills took [s], by what.
        text: of the scenario.
    """
    listed = scenario.prices.catalogue or scenario.catalogue.default_prices
    command = ["drsim", "run", SCENARIO_FILE, "--drills", str(scenario.drills), "--seed", str(scenario.seed)]
    for what, all_names in (("strategy", scenario.strategies), ("disruption", scenario.disruptions)):
        if len(chosen[what]) < len(all_names):
            command += [word for name in chosen[what] for word in (f"--{what}", name)]
    return {
        "name": scenario.name,
        "definitions": DEFINITIONS,
        "command": shlex.join(command),
        "seed": scenario.seed,
        "drills": scenario.drills,
        "strategies": list(chosen["strategy"]),
        "disruptions": list(chosen["disruption"]),
        "clock": dict(clock),
        "catalogue": scenario.catalogue.version,
        "prices": {"list": listed, "as_of": str(scenario.catalogue.prices(listed).as_of)},
        "versions": {"drsim": __version__, "python": python_version()} | _versions(),
        "scenario_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "scenario": text,
        "timing": dict(timing),
    }
