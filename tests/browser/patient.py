"""The server of `drsim app`, which takes as long as it takes for what it is asked."""

from __future__ import annotations

if __name__ == "__main__":  # worker processes read this file, too, and serve nothing
    import runpy

    from drsim.app import questions
    from tests.patience import PATIENCE_S

    questions.LONGEST_S = PATIENCE_S
    runpy.run_module("drsim.app", run_name="__main__", alter_sys=True)
