"""Ten visitors at once on the page What if, each moving a slider again and again: a load test of the app.

    python -m benchmarks.visitors [--visitors N] [--minutes M] [--every S] [--drills N]

It starts a server of its own on this machine, and drives a page per visitor in one Chromium without a window, which
takes its share of the processor, too. The exit status is 1 if a promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.measure import Promise, table

_MIB = 2**20

_BEGIN = """
() => {
    const begun = performance.now(), seen = {first: null, full: null, busy: false, failed: false};
    window.seen = seen;
    const look = () => {
        const app = document.querySelector('[data-testid=stApp]');
        const captions = [...document.querySelectorAll('[data-testid=stCaptionContainer]')].map(e => e.textContent);
        const first = captions.some(text => /^First answer: [0-9,]+ drills/.test(text));
        const full = captions.some(text => /^[0-9,]+ drills under each disruption/.test(text));
        if (document.querySelector('[data-testid=stException]')) seen.failed = true;
        if (app.dataset.testScriptState !== 'notRunning') seen.busy = true;
        if (first && seen.first === null) seen.first = performance.now() - begun;
        if (seen.busy && full && !first && app.dataset.testScriptState === 'notRunning') {
            seen.full = performance.now() - begun;
            seen.first ??= seen.full;
        } else {
            setTimeout(look, 20);
        }
    };
    look();
}
"""
"""Notes when the first and the full answer to what comes next are on the page [ms]."""


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
            url = f"http://localhost:{port}/what-if?drills={asked.drills}&strategy=copies"
            found = asyncio.run(_visits(url, server.pid, asked.visitors, 60 * asked.minutes, asked.every))
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


async def _visits(url: str, pid: int, visitors: int, seconds: float, every_s: float) -> Found:
    """Let visitors in, one after the other, and watch the server until all have left."""
    found = Found()
    chromium = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    async with async_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=quiet)
        begun = time.monotonic()
        end = begun + seconds
        all_ = [_visit(browser, url, k, every_s * (1 + k / visitors), end, every_s, found) for k in range(visitors)]
        watch = asyncio.create_task(_watched(pid, begun, found))
        await asyncio.gather(*all_)
        watch.cancel()
        found.memory.append(((time.monotonic() - begun) / 60, *_memory_mib(pid)))
        await browser.close()
    return found


async def _watched(pid: int, begun: float, found: Found) -> None:
    """Note the memory each minute."""
    while True:
        found.memory.append(((time.monotonic() - begun) / 60, *_memory_mib(pid)))
        await asyncio.sleep(60)


async def _visit(  # one visitor's plan
    browser: Browser, url: str, number: int, wait_s: float, end: float, every_s: float, found: Found
) -> None:
    """Open the page, move sliders until the end, and note each wait."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    page = await context.new_page()
    try:
        await page.goto(url)
        await page.get_by_text("drills under each disruption, 95 % intervals").wait_for()
        await asyncio.sleep(wait_s)
        change = 0
        while time.monotonic() < end:
            begun = time.monotonic()
            await _change(page, number, change, found)
            change += 1
            await asyncio.sleep(max(0.0, every_s - (time.monotonic() - begun)))
    except Exception as error:  # noqa: BLE001  # whatever goes wrong is what this looks for
        found.errors.append(f"visitor {number}: {str(error).splitlines()[0]}")
    finally:
        await context.close()


async def _change(page: Page, number: int, change: int, found: Found) -> None:
    """Move a slider one step, each visitor another way, and note how long the answers take."""
    sliders = page.get_by_role("main").get_by_role("slider")
    slider = sliders.nth((number + change) % await sliders.count())
    await slider.focus()
    before = await slider.get_attribute("aria-valuetext")
    await page.evaluate(_BEGIN)
    await page.keyboard.press("ArrowRight" if (number + change // 7) % 2 else "ArrowLeft")
    if await slider.get_attribute("aria-valuetext") == before:
        await page.evaluate(_BEGIN)
        await page.keyboard.press("ArrowLeft" if (number + change // 7) % 2 else "ArrowRight")
    await page.wait_for_function("() => window.seen.full !== null || window.seen.failed")
    seen = await page.evaluate("() => window.seen")
    if seen["failed"]:
        found.errors.append(f"visitor {number}, change {change}: the page shows an error")
        return
    found.first_s.append(seen["first"] / 1000)
    found.full_s.append(seen["full"] / 1000)


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
