"""A small scenario to start from: as it is, or with a plan that AWS has printed."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from drsim.catalogue import load_catalogue
from drsim.errors import Problem
from drsim.scenario.document_arns import plan_home
from drsim.scenario.dump import dump_scenario
from drsim.scenario.load import check_text

_OWN_PLANS = re.compile(r"^backup_plans:\n.*?(?=^disruptions:)", re.MULTILINE | re.DOTALL)
"""The plans and strategies of the starter."""

_AWAY = ("us-west-2", "us-east-1")
"""Where the starter recovers, and where else it may if that is its home."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}\.json", re.ASCII)


def starter_text() -> str:
    """Return a small commented scenario."""
    return (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")


def text_from_plan(document: bytes, file: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the starter with a plan document in place of its own plans, and at home where the plan is from.

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
    home = plan_home(document, name)
    if home is not None:
        text = _moved(text, *home)
    with TemporaryDirectory(prefix="drsim-") as folder:
        (Path(folder) / name).write_bytes(document)
        scenario, errors, _ = check_text(text, "starter.yaml", Path(folder))
    return (None, errors) if scenario is None else (dump_scenario(scenario), ())


def _moved(text: str, region: str, account: str) -> str:
    """Return the starter's text with its home in another Region and account, and its recovery away from there.

    Args:
        text: of the starter.
        region: of the new home; where AWS has no such Region, nothing moves.
        account: its number.
    """
    known = load_catalogue().regions
    if region not in known:
        return text
    others = [
        name
        for name, region_data in known.items()
        if region_data.partition == known[region].partition and name != region
    ]
    away = next((name for name in _AWAY if name in others), others[0] if others else _AWAY[0])
    sites = {"home": region, "recovery": away}
    for site, place in sites.items():
        line = f"  {site}: {{region: {place}, account: production, account_id: {account}}}"
        text = re.sub(rf"^  {site}: {{region: .*}}$", line, text, flags=re.MULTILINE)
    return text
