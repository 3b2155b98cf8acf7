"""A small scenario to start from: as it is, or with a plan that AWS has printed."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from drsim.errors import Problem
from drsim.scenario.dump import dump_scenario
from drsim.scenario.load import check_text

_OWN_PLANS = re.compile(r"^backup_plans:\n.*?(?=^disruptions:)", re.MULTILINE | re.DOTALL)
"""The plans and strategies of the starter."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}\.json", re.ASCII)


def starter_text() -> str:
    """Return a small commented scenario."""
    return (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")


def text_from_plan(document: bytes, file: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the starter with a plan document in place of its own plans.

    Args:
        document: what `aws backup get-backup-plan` prints.
        file: name of the document, for messages.

    Returns:
        YAML text that names no files, None where the document has errors; and what is wrong, with lines of the
        document.
    """
    # whatever the file is called: no path leads out of the folder
    name = file if _PLAIN_NAME.fullmatch(file) else "plan.json"
    text = _OWN_PLANS.sub(
        f'backup_plans:\n  from-aws:\n    file: "{name}"\n\nstrategies:\n  from-aws: {{backup: from-aws}}\n\n',
        starter_text(),
    )
    with TemporaryDirectory(prefix="drsim-") as folder:
        (Path(folder) / name).write_bytes(document)
        scenario, errors, _ = check_text(text, "starter.yaml", Path(folder))
    return (None, errors) if scenario is None else (dump_scenario(scenario), ())
