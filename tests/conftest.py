"""What all tests share: none of them fails because a machine is slow, and how many examples Hypothesis tries.

A test says by `tests.examples.examples` how many it wants at most; the profile says which part of them is tried.
`make test-all` loads `thorough`, all others `quick`.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# what Hypothesis would call too slow is a matter of the machine
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _PATIENT, max_examples=20, derandomize=True)
settings.register_profile("thorough", _PATIENT, max_examples=100)
settings.load_profile("quick")
