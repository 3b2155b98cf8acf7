"""Ten visitors at once on the page What if, each moving a slider again and again: a load test of the app.

    python -m benchmarks.visitors [--visitors N] [--minutes M] [--every S] [--drills N]

It starts a server of its own on this machine and speaks to it as browsers do. The exit status is 1 if a promise is
broken.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets import ConnectionClosed, Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.measure import Promise, table

_MIB = 2**20

PAGE = "what-if"

_FIRST, _FULL = re.compile(r"First answer: [0-9,]+ drills"), re.compile(r"[0-9,]+ drills under each disruption, 95 %")
"""How the page says which answer it shows."""

_REFUSAL = "pile up"
"""A setting under which jobs pile up without end is answered by saying so."""

_LONGEST_S = 120.0
"""A visitor who waits longer has met an error."""


@dataclass
class Found:
    """What a load test finds out.

    Attributes:
        first_s, full_s: waits for the first and for the full answer.
        errors: what went wrong, in words.
        memory: minute, resident memory of the server and of all its worker processes [MiB].
    """

    first_s: list[float] = field(default_factory=list)
    full_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float, float]] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what visitors waited for and the memory of the server; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--every", type=float, default=15.0, help="seconds between two changes of a visitor")
    parser.add_argument("--drills", type=int, default=500, help="per strategy and disruption; what the app begins with")
    asked = parser.parse_args(arguments)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "drsim", "app", "--no-browser", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603  # our own words
        try:
            wait_for(f"http://localhost:{port}/_stcore/health")
            query = f"drills={asked.drills}&strategy=copies"
            found = asyncio.run(_visits(port, query, server.pid, asked.visitors, 60 * asked.minutes, asked.every))
        finally:
            server.terminate()
            server.wait(timeout=20)
        log.seek(0)
        tracebacks = log.read().count(b"Traceback")
    if tracebacks:
        found.errors.append(f"{tracebacks} tracebacks in the server's log")
    return _told(found, asked.visitors)


def _told(found: Found, visitors: int) -> int:
    """Print what was found; return 1 if a promise is broken."""
    print(f"{visitors} visitors, {len(found.full_s)} changes answered\n")
    rows = [
        [name, str(len(waits)), *(f"{value:.2f}" for value in _spread(waits))]
        for name, waits in (("first answer", found.first_s), ("full answer", found.full_s))
    ]
    print(table(["waits [s]", "answers", "median", "p95", "longest"], rows), end="\n\n")
    rows = [[f"{minute:.0f}", f"{one:,.0f}", f"{all_:,.0f}"] for minute, one, all_ in found.memory]
    print(table(["minute", "server [MiB]", "with workers [MiB]"], rows), end="\n\n")
    for error in found.errors[:20]:
        print(f"error: {error}")
    # the first minute fills caches and begins worker processes
    steady = [all_ for minute, _, all_ in found.memory if minute >= 1] or [all_ for _, _, all_ in found.memory]
    promises = [
        Promise("errors", len(found.errors), 0, at_least=False),
        Promise("answers", len(found.full_s), visitors, at_least=True),
        Promise("median wait for the full answer [s]", _spread(found.full_s)[0], 3, at_least=False),
        Promise("memory at the end, against that of the first minute", steady[-1] / steady[0], 1.2, at_least=False),
    ]
    print("Promises\n")
    for promise in promises:
        print(promise)
    return 0 if all(promise.is_held for promise in promises) else 1


def _spread(waits: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the 95th percentile and the longest; infinite where there are none."""
    if not waits:
        return (float("inf"),) * 3
    ordered = sorted(waits)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], ordered[-1]


async def _visits(port: int, query: str, pid: int, visitors: int, seconds: float, every_s: float) -> Found:
    """Let visitors in, and watch the server until all have left."""
    found = Found()
    async with AsyncExitStack() as open_:
        all_ = []
        for number in range(visitors):
            line = await open_.enter_async_context(
                connect(f"ws://localhost:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None)
            )
            all_.append(_Visitor(line, query, number, found))
        await asyncio.gather(*(visitor.change(None) for visitor in all_))
        # the time begins when all are there, and they do not move their sliders in step
        found.first_s.clear()
        found.full_s.clear()
        begun = time.monotonic()
        watch = asyncio.create_task(_watched(pid, begun, found))
        stays = [v.stay(every_s * k / visitors, begun + seconds, every_s) for k, v in enumerate(all_)]
        await asyncio.gather(*stays)
        watch.cancel()
        found.memory.append(((time.monotonic() - begun) / 60, *_memory_mib(pid)))
    return found


class _Visitor:
    """A browser on the page What if, as the server knows it: the messages of Streamlit over a web socket.

    Ten browsers with their charts would keep this machine busier than the server does; in the field each visitor brings
    a machine.

    Args:
        line: the connection.
        query: parameters of the address.
        number: of the visitor.
        found: where to note waits and errors.
    """

    def __init__(self, line: ClientConnection, query: str, number: int, found: Found) -> None:
        self._line, self._query, self._number, self._found = line, query, number, found
        self._sliders: dict[str, Slider] = {}
        self._moved: dict[str, str] = {}
        self._known: dict[str, ForwardMsg] = {}

    async def stay(self, wait_s: float, end: float, every_s: float) -> None:
        """Move a slider from time to time."""
        await asyncio.sleep(wait_s)
        change = 0
        while time.monotonic() < end:
            begun = time.monotonic()
            await self.change(self._next(change))
            change += 1
            await asyncio.sleep(max(0.0, every_s - (time.monotonic() - begun)))

    def _next(self, change: int) -> tuple[str, str]:
        """Return a slider and where to move it, one option on, at the end back to the first."""
        sliders = list(self._sliders.values())
        slider = sliders[(self._number + change) % len(sliders)]
        options = list(slider.options)
        now = self._moved.get(slider.id, options[int(slider.default[0])])
        return slider.id, options[(options.index(now) + 1) % len(options)]

    async def change(self, move: tuple[str, str] | None) -> None:
        """Move a slider, or open the page; note how long both answers take."""
        if move is not None:
            self._moved[move[0]] = move[1]
        asked = BackMsg()
        asked.rerun_script.query_string = self._query
        asked.rerun_script.page_name = PAGE
        for name, option in self._moved.items():
            state = asked.rerun_script.widget_states.widgets.add(id=name)
            state.string_array_value.data.append(option)
        begun = time.monotonic()
        try:
            await self._line.send(asked.SerializeToString())
            first_s, full_s = await asyncio.wait_for(self._answers(begun), _LONGEST_S)
        except (TimeoutError, ConnectionClosed, LookupError) as error:
            moved = ", ".join(f"{self._sliders[name].label}: {option}" for name, option in self._moved.items())
            self._found.errors.append(f"visitor {self._number} ({moved}): {type(error).__name__} {error}")
            return
        self._found.first_s.append(first_s)
        self._found.full_s.append(full_s)

    async def _answers(self, begun: float) -> tuple[float, float]:
        """Return when the first and the full answer are there [s]; after the latter nothing more is drawn.

        Raises:
            LookupError: the page shows an error, or no answer.
        """
        first_s = full_s = None
        last = ""
        sliders: dict[str, Slider] = {}
        while True:
            message = ForwardMsg()
            message.ParseFromString(await self._line.recv(decode=False))
            message = self._whole(message)
            now = time.monotonic() - begun
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    continue
                if full_s is None:
                    raise LookupError(f"no answer: {last}")
                self._sliders = sliders or self._sliders
                return first_s or full_s, now
            element = message.delta.new_element
            if element.WhichOneof("type") == "slider":
                sliders[element.slider.id] = element.slider
            said = _said(element)
            last = said or last
            if first_s is None and _FIRST.match(said):
                first_s = now
            if _FULL.match(said) or _REFUSAL in said:
                full_s = now

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        """Return a message that may come as a reference to one that came before."""
        if message.WhichOneof("type") != "ref_hash":
            if message.hash:
                self._known[message.hash] = message
            return message
        whole = ForwardMsg()
        whole.CopyFrom(self._known[message.ref_hash])
        return whole


async def _watched(pid: int, begun: float, found: Found) -> None:
    """Note the memory each minute."""
    while True:
        found.memory.append(((time.monotonic() - begun) / 60, *_memory_mib(pid)))
        await asyncio.sleep(60)


def _said(element: Element) -> str:
    """Return the text of a part of the page.

    Raises:
        LookupError: it is an error.
    """
    kind = element.WhichOneof("type")
    if kind == "exception":
        raise LookupError(element.exception.message)
    return str(element.markdown.body if kind == "markdown" else element.alert.body if kind == "alert" else "")


def _memory_mib(pid: int) -> tuple[float, float]:
    """Return the memory of the server and of it with all its worker processes [MiB], shared pages shared out."""
    server = psutil.Process(pid)
    own, whole = _shared_out(server), 0.0
    for process in (server, *server.children(recursive=True)):
        try:
            whole += _shared_out(process)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
    return own / _MIB, whole / _MIB


def _shared_out(process: psutil.Process) -> float:
    """Return the bytes of a process, each shared page divided by those who share it; the resident ones elsewhere."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    if not rollup.exists():
        return float(process.memory_info().rss)
    return next(float(line.split()[1]) * 1024 for line in rollup.read_text().splitlines() if line.startswith("Pss:"))


def wait_for(url: str) -> None:
    """Wait until a server answers at an address."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310  # our own server
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError("the app's server did not start within a minute")


if __name__ == "__main__":
    sys.exit(main())
