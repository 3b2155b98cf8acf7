"""What all tests share: none of them fails because a machine is slow."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# what Hypothesis would call too slow is a matter of the machine
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
