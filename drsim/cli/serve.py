"""`drsim app`: the app in a browser."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from drsim.errors import InputError, Problem


@click.command(epilog="\b\nExample:\n  drsim app --port 8600")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port on this machine.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(*, port: int, no_browser: bool) -> None:
    """Open the app in a browser; it is served to this machine only."""
    if find_spec("streamlit") is None:
        rule, repair = "the app needs it", "pip install 'drsim[app]'"
        raise InputError((Problem("", 0, "missing-extra", "Streamlit is not installed", rule, repair),))
    words = command(port, browser=not no_browser)
    os.execv(words[0], words)  # noqa: S606  # our own words only; the server takes this process's place and its signals


def command(port: int, *, browser: bool) -> list[str]:
    """Return the words that start the app's server, for this machine only and without usage statistics."""
    from drsim.scenario.shipped import shipped

    settings = {
        "server.address": "localhost",
        "server.port": str(port),
        "server.headless": str(not browser).lower(),
        "server.maxUploadSize": "5",
        "browser.gatherUsageStats": "false",
    }
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(shipped("app.py")), *words]
