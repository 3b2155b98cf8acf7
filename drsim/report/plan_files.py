"""The files of a plan: a scenario that runs, what the search came to, and what explains it."""

from __future__ import annotations

import json
from pathlib import Path

from drsim.errors import InputError, Problem
from drsim.planner.answer import Plan
from drsim.planner.reasons import Reasons
from drsim.report.plan_reasons import ALTERNATIVES_FILE, front_csv
from drsim.report.plans import to_json
from drsim.scenario.dump import dump_scenario
from drsim.study.drafts import File

SCENARIO_FILE, ANSWER_FILE, FRONT_FILE = "plan.yaml", "plan.json", "front.csv"


class PlanFolder:
    """A folder for a plan; what else is in it stays.

    Args:
        directory: where to; made when something is written.

    Raises:
        InputError: files of these names are there that are no plan of drsim's.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        scenario, answer = directory / SCENARIO_FILE, directory / ANSWER_FILE
        if (scenario.exists() or answer.exists()) and not _is_answer(answer):
            rule = "an earlier plan is replaced, nothing else"
            raise InputError(
                (Problem(str(directory), 0, "output-in-the-way", "it holds other files", rule, "name another folder"),)
            )

    def write(self, plan: Plan, reasons: Reasons | None = None) -> None:
        """Write the files, each whole or not at all.

        Args:
            plan: the plan.
            reasons: what explains it; None for none, and no file of an earlier plan's stays.

        Raises:
            WriteError: they cannot be written.
        """
        files = {SCENARIO_FILE: dump_scenario(plan.scenario), ANSWER_FILE: to_json(plan, reasons) + "\n"}
        if reasons is not None:
            files |= {FRONT_FILE: front_csv(reasons), ALTERNATIVES_FILE: dump_scenario(reasons.scenario)}
        else:
            for name in (FRONT_FILE, ALTERNATIVES_FILE):
                (self._directory / name).unlink(missing_ok=True)
        for name, text in files.items():
            with File(self._directory / name) as file:
                file.write(text)


def _is_answer(path: Path) -> bool:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and {"strategy", "bound_usd_per_month"} <= data.keys()
