"""The process clock: one SimPy process per job and per recovery, every event in order, every queue real.

The steps: the drills (`drills`) or the lives (`lives`, `life`) that strike; what the jobs before left behind
(`history`, from `jobs`); what each member is recovered from (`encounter`, `options`, `continuous`); who recovers, where
and when (`recovery`, `repairs`, `waits`, `paths`); what the roll-up is given (`incidents`). All queues are served by
`slots`. It applies the laws of `drsim.laws` to one job at a time, and is the only package that knows SimPy. Its rooms
have the names of their counterparts in `drsim.engine.vectorised`.
"""
