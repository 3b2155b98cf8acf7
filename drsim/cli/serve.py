"""`drsim app`: the app in a browser."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from drsim.errors import InputError, Problem

_SERVER = Path(__file__).parents[1] / "app" / "asgi" / "drsim_server.py"


@click.command(epilog="\b\nExample:\n  drsim app --port 8600")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port to serve at.")
@click.option(
    "--address",
    default="localhost",
    show_default=True,
    help="Address to serve at; 0.0.0.0 lets other machines in, without any password.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(*, port: int, address: str, no_browser: bool) -> None:
    """Open the app in a browser; it is served to this machine only, unless told otherwise."""
    missing = [name for name in ("streamlit", "altair", "cron_descriptor", "vl_convert") if find_spec(name) is None]
    if missing:
        problem, rule, repair = f"not installed: {', '.join(missing)}", "the app needs it", "pip install 'drsim[app]'"
        raise InputError((Problem("", 0, "missing-extra", problem, rule, repair),))
    words = command(port, address, browser=not no_browser)
    os.execv(words[0], words)  # noqa: S606  # our own words only; the server takes this process's place and its signals


def command(port: int, address: str, *, browser: bool) -> list[str]:
    """Return the words that start the app's server, without usage statistics."""
    settings = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": str(not browser).lower(),
        "server.maxUploadSize": "5",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        # it would wait for an answer before it serves anything
        "server.showEmailPrompt": "false",
        # strangers have no use for a traceback, and what it tells of the server is not theirs
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
    }
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "drsim.app", "run", str(_SERVER), *words]
