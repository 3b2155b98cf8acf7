"""What every worker process begins with: the modules, the catalogue and the prices that all work uses.

Reading this module reads them. The process that workers are copies of does so once, so that none of them has to.
"""

from __future__ import annotations

from drsim.app import tasks  # noqa: F401  # and with it all that they use
from drsim.scenario import read_scenario
from drsim.scenario.starter import starter_text
from drsim.study.drills import run

run(read_scenario(starter_text()), drills=1, workers=1, keep_incidents=False)
