"""What every worker process begins with: the modules, the catalogue and the prices that all work uses.

The process that workers are copies of imports this once, so that none of them reads it again.
"""

from __future__ import annotations

from drsim.app import tasks

tasks.make_ready(progress=lambda _done, _total: None)
