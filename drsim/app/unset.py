"""What is to be otherwise in Streamlit's server, and what it has no setting for."""

from __future__ import annotations

from functools import partial

import uvicorn
from streamlit import net_util

LONGEST_ADDRESS = 3_000_000
"""Bytes of a request's first line and headers: no browser sends a longer address."""


def arrange() -> None:
    """Arrange it, before the server starts."""
    # it would ask somebody on the internet for this machine's address: when it starts on all addresses, and whenever a
    # page from elsewhere knocks
    net_util.get_external_ip = _nobody_knows
    # a longer address would meet an error page; as it is, the page opens and says what it cannot read
    uvicorn.Config = partial(uvicorn.Config, h11_max_incomplete_event_size=LONGEST_ADDRESS)  # type: ignore[misc,assignment]


def _nobody_knows() -> None:
    """Return the address of this machine as others see it: unknown, since nobody is asked."""
