"""The app's server, for measurements and pictures."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from drsim.cli.serve import command

_ROOT = Path(__file__).parents[1]

_BEGINS_S = 300.0
"""Within this time it answers, or something is wrong."""


@dataclass(frozen=True)
class Server:
    """A server of the app on this machine.

    Attributes:
        port: where it answers.
        pid: of its process.
        log: the file with what it says.
    """

    port: int
    pid: int
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://localhost:{self.port}"


@contextmanager
def served(
    module: str = "drsim.app", address: str = "localhost", environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server, and end it in the end.

    Args:
        module: what takes the words of `drsim app`.
        address: at which it serves.
        environment: variables beside those of this process.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    words = [module if word == "drsim.app" else word for word in command(port, address, browser=False)]
    with TemporaryDirectory() as folder:
        log = Path(folder, "log.txt")
        with log.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  # our own
                words, stdout=file, stderr=subprocess.STDOUT, cwd=_ROOT, env={**os.environ, **(environment or {})}
            )
        try:
            server = Server(port, process.pid, log)
            _wait_for(f"{server.url}/_stcore/health")
            yield server
        finally:
            process.terminate()
            process.wait()


def worked_s(server: Server) -> dict[int, float]:
    """Return the processor time that each worker process has used so far [s], by its number."""
    by_process: dict[int, float] = {}
    for process in psutil.Process(server.pid).children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        by_process[process.pid] = times.user + times.system
    return by_process


def _wait_for(url: str) -> None:
    end = time.monotonic() + _BEGINS_S
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=_BEGINS_S) as answer:  # noqa: S310  # our own server
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"the app's server did not answer within {_BEGINS_S:.0f} s")
