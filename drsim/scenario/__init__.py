"""What the user writes: the scenario file, its checks, AWS plan documents and the JSON schema."""

from drsim.scenario.capabilities import can_copy
from drsim.scenario.dump import dump_scenario, scenario_data
from drsim.scenario.load import check_scenario, check_text, load_scenario, read_scenario
from drsim.scenario.model import Application, Disruption, Limits, Prices, Resource, Response, Scenario, Site, Step
from drsim.scenario.objectives import LossLimits, Objectives, ObjectiveSet
from drsim.scenario.plans import BackupPlan, CopyAction, Lifecycle, Replication, Rule, Standby, Strategy, Vault, copies
from drsim.scenario.schema import scenario_schema
from drsim.scenario.selectors import applying, matches, nearest, specificity
from drsim.scenario.subjects import Subject, subjects

__all__ = [
    "Application",
    "BackupPlan",
    "CopyAction",
    "Disruption",
    "Lifecycle",
    "Limits",
    "LossLimits",
    "ObjectiveSet",
    "Objectives",
    "Prices",
    "Replication",
    "Resource",
    "Response",
    "Rule",
    "Scenario",
    "Site",
    "Standby",
    "Step",
    "Strategy",
    "Subject",
    "Vault",
    "applying",
    "can_copy",
    "check_scenario",
    "check_text",
    "copies",
    "dump_scenario",
    "load_scenario",
    "matches",
    "nearest",
    "read_scenario",
    "scenario_data",
    "scenario_schema",
    "specificity",
    "subjects",
]
