"""Resource types, timings, disruptions and quotas of AWS Backup: dated data, each value with its source."""

from drsim.catalogue.check import check_catalogue, read_catalogue
from drsim.catalogue.features import Failover, ReplicationFeature
from drsim.catalogue.leaf import BASES, Leaf, Span
from drsim.catalogue.measurements import JOBS, Measurement, Measurements, MovedBand, Publication
from drsim.catalogue.model import CAPABILITIES, TABLE_COLUMNS, DisruptionKind, Other, ResourceType, Source
from drsim.catalogue.options import Option
from drsim.catalogue.parameters import OVERRIDE_ONLY, PARAMETERS, WORK, WORK_OF, FailureLaw, Parameter, read_parameter
from drsim.catalogue.regions import Region, nearest_region
from drsim.catalogue.spelling import misspelt
from drsim.catalogue.store import Catalogue, load_catalogue
from drsim.catalogue.table import SEED_ERRORS, SeedError, capability_table

__all__ = [
    "BASES",
    "CAPABILITIES",
    "JOBS",
    "OVERRIDE_ONLY",
    "PARAMETERS",
    "SEED_ERRORS",
    "TABLE_COLUMNS",
    "WORK",
    "WORK_OF",
    "Catalogue",
    "DisruptionKind",
    "Failover",
    "FailureLaw",
    "Leaf",
    "Measurement",
    "Measurements",
    "MovedBand",
    "Option",
    "Other",
    "Parameter",
    "Publication",
    "Region",
    "ReplicationFeature",
    "ResourceType",
    "SeedError",
    "Source",
    "Span",
    "capability_table",
    "check_catalogue",
    "load_catalogue",
    "misspelt",
    "nearest_region",
    "read_catalogue",
    "read_parameter",
]
