"""drsim: a disaster-recovery simulator and planner for AWS backup strategies.

The public names load on first use, so that `import drsim` and `drsim --help` are instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from drsim.version import __version__

if TYPE_CHECKING:
    from drsim.catalogue import Catalogue, load_catalogue
    from drsim.errors import CatalogueError, ClockError, DrsimError, InputError, Problem, ScenarioError, UnitError
    from drsim.planner.plan import plan
    from drsim.report.charts import attainment_chart, cost_chart, exceedance_chart
    from drsim.report.comparison import comparison
    from drsim.scenario import Scenario, load_scenario, read_scenario, scenario_schema
    from drsim.study.drills import run
    from drsim.study.results import Result

__all__ = [
    "Catalogue",
    "CatalogueError",
    "ClockError",
    "DrsimError",
    "InputError",
    "Problem",
    "Result",
    "Scenario",
    "ScenarioError",
    "UnitError",
    "__version__",
    "attainment_chart",
    "comparison",
    "cost_chart",
    "exceedance_chart",
    "load_catalogue",
    "load_scenario",
    "plan",
    "read_scenario",
    "run",
    "scenario_schema",
]

_HOMES = {
    "drsim.catalogue": ("Catalogue", "load_catalogue"),
    "drsim.errors": (
        *("CatalogueError", "ClockError", "DrsimError", "InputError", "Problem", "ScenarioError", "UnitError"),
    ),
    "drsim.planner.plan": ("plan",),
    "drsim.report.charts": ("attainment_chart", "cost_chart", "exceedance_chart"),
    "drsim.report.comparison": ("comparison",),
    "drsim.scenario": ("Scenario", "load_scenario", "read_scenario", "scenario_schema"),
    "drsim.study.drills": ("run",),
    "drsim.study.results": ("Result",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Return a public name, loaded from its home when first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'drsim' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return what the module offers."""
    return sorted({*globals(), *__all__})
