"""Ten visitors at once on the page What if, each moving a slider again and again: a load test of the app."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets import ConnectionClosed, Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.measure import Promise, table
from benchmarks.server import Server

_MIB = 2**20

PAGE = "what-if"

_FIRST, _FULL = re.compile(r"First answer: [0-9,]+ drills"), re.compile(r"[0-9,]+ drills under each disruption\. ")
"""How the page says which answer it shows."""

_REFUSAL = "pile up"
"""A setting under which jobs pile up without end is answered by saying so."""

_LONGEST_S = 120.0
"""A visitor who waits longer has met an error."""


@dataclass(frozen=True)
class Load:
    """How many visitors come, and what they do.

    Attributes:
        visitors: at once.
        minutes: how long they stay.
        every_s: time between two changes of a visitor.
        drills: per strategy and disruption; what the app begins with.
    """

    visitors: int = 10
    minutes: float = 5.0
    every_s: float = 15.0
    drills: int = 500


@dataclass
class Tally:
    """What a load test has counted.

    Attributes:
        first_s, full_s: waits for the first and for the full answer.
        errors: what went wrong, in words.
        memory: minute, resident memory of the server and of all its worker processes [MiB].
    """

    first_s: list[float] = field(default_factory=list)
    full_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float, float]] = field(default_factory=list)


def visit(server: Server, load: Load) -> tuple[str, list[Promise]]:
    """Return the tables of what visitors waited for and of the memory of the server, and what is promised of both."""
    query = f"drills={load.drills}&strategy=copies"
    tally = asyncio.run(_visits(server, query, load))
    tracebacks = server.log.read_bytes().count(b"Traceback")
    if tracebacks:
        tally.errors.append(f"{tracebacks} tracebacks in the server's log")
    rows = [
        [name, str(len(waits)), *(f"{value:.2f}" for value in _spread(waits))]
        for name, waits in (("first answer", tally.first_s), ("full answer", tally.full_s))
    ]
    text = [
        f"{load.visitors} visitors, {len(tally.full_s)} changes answered",
        table(["waits [s]", "answers", "median", "p95", "longest"], rows),
        table(
            ["minute", "server [MiB]", "with workers [MiB]"],
            [[f"{minute:.0f}", f"{one:,.0f}", f"{all_:,.0f}"] for minute, one, all_ in tally.memory],
        ),
        *(f"error: {error}" for error in tally.errors[:20]),
    ]
    # the first minute fills caches and begins worker processes
    steady = [all_ for minute, _, all_ in tally.memory if minute >= 1] or [all_ for _, _, all_ in tally.memory]
    return "\n\n".join(text), [
        Promise("errors", len(tally.errors), 0, at_least=False),
        Promise("answers", len(tally.full_s), load.visitors, at_least=True),
        Promise("median wait for the full answer [s]", _spread(tally.full_s)[0], 3, at_least=False),
        Promise("memory at the end, against that of the first minute", steady[-1] / steady[0], 1.2, at_least=False),
    ]


def _spread(waits: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the 95th percentile and the longest; infinite where there are none."""
    if not waits:
        return (float("inf"),) * 3
    ordered = sorted(waits)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], ordered[-1]


async def _visits(server: Server, query: str, load: Load) -> Tally:
    """Let visitors in, and watch the server until all have left."""
    tally = Tally()
    url = f"ws://localhost:{server.port}/_stcore/stream"
    async with AsyncExitStack() as open_:
        all_ = []
        for number in range(load.visitors):
            line = await open_.enter_async_context(connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None))
            all_.append(_Visitor(line, query, number, tally))
        await asyncio.gather(*(visitor.change(None) for visitor in all_))
        # the time begins when all are there, and they do not move their sliders in step
        tally.first_s.clear()
        tally.full_s.clear()
        begun = time.monotonic()
        watch = asyncio.create_task(_watched(server.pid, begun, tally))
        end = begun + 60 * load.minutes
        stays = [v.stay(load.every_s * k / load.visitors, end, load.every_s) for k, v in enumerate(all_)]
        await asyncio.gather(*stays)
        watch.cancel()
        tally.memory.append(((time.monotonic() - begun) / 60, *_memory_mib(server.pid)))
    return tally


class _Visitor:
    """A browser on the page What if, as the server knows it: the messages of Streamlit over a web socket.

    Ten browsers with their charts would keep this machine busier than the server does; in the field each visitor brings
    a machine.

    Args:
        line: the connection.
        query: parameters of the address.
        number: of the visitor.
        tally: where to note waits and errors.
    """

    def __init__(self, line: ClientConnection, query: str, number: int, tally: Tally) -> None:
        self._line, self._query, self._number, self._tally = line, query, number, tally
        self._sliders: dict[str, Slider] = {}
        self._moved: dict[str, str] = {}
        self._known: dict[str, ForwardMsg] = {}

    async def stay(self, wait_s: float, end: float, every_s: float) -> None:
        """Move a slider from time to time."""
        await asyncio.sleep(wait_s)
        change = 0
        while self._sliders and time.monotonic() < end:  # where the page has not come that is an error already
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
            self._tally.errors.append(f"visitor {self._number} ({moved}): {type(error).__name__} {error}")
            return
        self._tally.first_s.append(first_s)
        self._tally.full_s.append(full_s)

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


async def _watched(pid: int, begun: float, tally: Tally) -> None:
    """Note the memory each minute."""
    while True:
        tally.memory.append(((time.monotonic() - begun) / 60, *_memory_mib(pid)))
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
    server_bytes, whole = _shared_out(server), 0.0
    for process in (server, *server.children(recursive=True)):
        try:
            whole += _shared_out(process)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
    return server_bytes / _MIB, whole / _MIB


def _shared_out(process: psutil.Process) -> float:
    """Return the bytes of a process, each shared page divided by those who share it; the resident ones elsewhere."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    if not rollup.exists():
        return float(process.memory_info().rss)
    return next(float(line.split()[1]) * 1024 for line in rollup.read_text().splitlines() if line.startswith("Pss:"))
