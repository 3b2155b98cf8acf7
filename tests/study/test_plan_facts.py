"""What AWS holds plans to stands once, in the catalogue and the plan: what is said and what is added follow them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from drsim.catalogue import read_catalogue
from drsim.changes import protection, rules
from drsim.errors import InputError
from drsim.scenario import Rule, read_scenario
from drsim.scenario.plans import RETENTIONS_S
from drsim.study.bench import Bench
from drsim.study.explain import investigate
from drsim.units import DAY_S
from drsim.world import build_world

HARBOUR = Path(__file__).parent.parent / "data" / "catalogue"

BARE = """
start: 2026-06-01
sites: {{home: {{region: {region}, account: a}}}}
vaults: {{local: {{site: home}}}}
applications: {{shop: {{site: home, resources: {{db: {{type: {type}, size: 60 GB}}}}}}}}
backup_plans: {{daily: {{rules: [{{rule_name: daily, target_vault: local, lifecycle: {{delete_after: 2 d}}}}]}}}}
strategies: {{none: {{backup: {{}}}}, daily: {{backup: daily}}}}
disruptions: {{it: {disruption}}}
"""


@pytest.mark.parametrize("kind", ["FSx for Windows File Server", "EFS"])
def test_a_plan_that_is_added_has_the_windows_of_one_that_is_written(kind: str) -> None:
    """Windows that nobody names are those of the rule, and a type that heeds no completion window has none."""
    text = BARE.format(region="us-east-1", type=kind, disruption="{kind: accidental-deletion}")
    scenario = read_scenario(text)
    (written,) = build_world(scenario, "daily").streams
    added = protection.PLAN.edit([0], 30 * DAY_S)(build_world(scenario, "none")).streams[-1]
    windows = (added.start_window_s, added.completion_window_s)
    assert windows == (written.start_window_s, written.completion_window_s)
    assert math.isinf(windows[1]) is (kind != "EFS")
    assert windows[0] == Rule(rule_name="r", target_vault="v").start_window


def test_what_is_said_beside_a_choice_is_what_the_catalogue_says() -> None:
    """An invented cloud keeps continuous backups for 14 d, cold points for 30 d, and runs rules every 2 h at most."""
    text = BARE.format(region="north-1", type="Disk", disruption="{kind: flood}")
    scenario = read_scenario(text, catalogue=read_catalogue(HARBOUR))
    about = {knob.key.rsplit("/", 1)[-1]: knob.about for knob in rules.knobs(scenario, "daily")}
    assert about["every"].startswith("An interval instead of the schedule; AWS takes no shorter ones than 2 h.")
    assert about["cold_storage_after"] == "Cold points stay cold for 30 d at least."
    assert about["continuous"].endswith("Kept for 14 d at most.")


def test_how_many_rules_and_copies_there_may_be_is_what_the_catalogue_says() -> None:
    """An invented cloud takes three rules of a plan, two copy actions of a rule, and start windows of 30 min."""
    rule = "{{rule_name: r{}, target_vault: local, start_window: {} min, lifecycle: {{delete_after: 2 d}}{}}}"
    copies = ", copy_actions: [{destination_vault: a}, {destination_vault: b}, {destination_vault: c}]"
    written = ", ".join(rule.format(k, 30 - 10 * (k == 3), copies if k == 0 else "") for k in range(4))
    text = BARE.format(region="north-1", type="Disk", disruption="{kind: flood}").replace(
        "vaults: {local: {site: home}}",
        "vaults: {local: {site: home}, a: {site: home}, b: {site: home}, c: {site: home}}",
    )
    plans = next(line for line in text.splitlines() if line.startswith("backup_plans"))
    text = text.replace(plans, f"backup_plans: {{daily: {{rules: [{written}]}}}}")
    with pytest.raises(InputError) as caught:
        read_scenario(text, catalogue=read_catalogue(HARBOUR))
    said = {problem.check: f"{problem.found}; {problem.rule}; {problem.repair}" for problem in caught.value.problems}
    assert "AWS takes at most 3" in said["too-many-rules"]
    assert "AWS takes at most 2" in said["too-many-copy-actions"]
    assert "AWS takes 30 min or more; write `start_window: 30 min`" in said["short-start-window"]


def test_remedies_and_choices_have_one_ladder_of_retentions() -> None:
    """Points are kept for the first of the retentions that people choose which reaches back far enough."""
    text = BARE.format(
        region="us-east-1", type="EFS", disruption="{kind: ransomware, dwell: 100 d, backups_attacked: 0}"
    )
    tried = investigate(Bench(read_scenario(text), strategies=["none"]), "it", 0, "shop").rescues(0).tried
    assert tried[0] == "a backup plan: daily backups, kept for 120 d, for shop.db"
    assert 120 * DAY_S in RETENTIONS_S
