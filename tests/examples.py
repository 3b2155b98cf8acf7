"""How many examples a property is tried with."""

from __future__ import annotations

from hypothesis import settings

_ALL = 100
"""What the profile `thorough` of `tests/conftest.py` tries where a test says nothing."""


def examples(number: int) -> settings:
    """Return settings that try so many examples in `make test-all`, and in quick tiers a share, ten at least.

    Args:
        number: of examples in the profile `thorough`.
    """
    return settings(max_examples=max(min(number, 10), number * settings().max_examples // _ALL))
