"""Mutants of scenarios and plan documents: what is almost right, absurd, or meant to do harm.

`python -m tests.mutants --number 20000` runs so many and reports what failed, by kind. A mutant is a pure function of
its number, so that a failure is made again with `--only`.
A mutant passes if the command ends with 0, 2 or 3, without a traceback or a warning of Python, without infinite,
missing or negative figures in what it writes, within the time and the memory of `LIMITS`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

from drsim.scenario.nodes import Refused, plain
from drsim.scenario.yaml_text import read_yaml

ROOT = Path(__file__).parents[1]


class Limits(NamedTuple):
    """What a mutant may take."""

    seconds: float = 30.0
    bytes: int = 1 << 30


LIMITS = Limits()
STATUSES = frozenset({0, 2, 3})
"""Exit statuses of a command that does what it should."""

ENDS: tuple[Any, ...] = (
    *(0, 1, 2, 3, 10, 100, 0.5, 0.01, True, False, None),
    *("0 s", "1 ms", "1 s", "1 min", "59 min", "1 h", "1 d", "28 d", "90 d", "1 y", "30 y", "100 y"),
    *("0 B", "1 B", "1 MB", "1 GB", "100 TB", "1 PB", "1000 PB", "1 kB/s", "1 MB/s", "1 PB/s", "0 %", "1 %", "100 %"),
    *("0 %/day", "100 %/day", "1 GB/day", "0 /year", "50 /year", "1e6 /year", "0 USD", "1e15 USD", "1e15 USD/h"),
    *(
        "100 %/year",
        "1000 %/year",
        "1e3 /s",
        "0.001 /s",
        "cron(0 5 ? * * *)",
        "cron(0/5 * ? * * *)",
        "cron(0 0 29 2 ? *)",
    ),
    *("cron(0 0 31 2 ? *)", "none", "compliance", "governance", "air-gapped", "unlimited", "us-east-1", "us-west-2"),
    *("*", "type:RDS", "always", "elsewhere", "2099-12-31", "1970-01-01", "America/New_York"),
    *(
        {"median": "5 d", "p95": "187 d"},
        {"median": "1 h", "p95": "1e6 h"},
        {"median": "1 h", "p95": "10 y", "max": "10 y"},
    ),
    *({"exponential": "1 y"}, {"exponential": "0 s"}, {"uniform": ["0 s", "100 y"]}, {"uniform": ["0 %", "100 %"]}),
    *({"weibull": {"scale": "1 h", "shape": 0.3}}, {"weibull": {"scale": "1 h", "shape": 50}}, {"empirical": ["50 y"]}),
    *({"triangular": ["1 h", "1 h", "1 h"]}, {"empirical": ["1 h", "0 s", "50 y"]}, {"median": "0 s", "p95": "0 s"}),
    *({"p": 0.5, "lasts": {"exponential": "30 d"}}, {"p": 1}, {"p": 0.01, "lasts": "1 s", "shared": "account"}),
    *({"p": 0.9, "lasts": {"exponential": "50 y"}}, {"exponential": "10 MB/s"}, {"uniform": ["1 kB/s", "1 MB/s"]}),
    *([], {}, ["*"]),
)
"""Values that may stand somewhere, ends of ranges among them."""

ABSURD: tuple[Any, ...] = (
    *(-1, 1e308, -1e308, 5e-324, float("nan"), float("inf"), 10**30, 2**63, "", " "),
    *("101 y", "1e300 y", "-1 h", "1e308 PB", "0 MB/s", "101 %", "nan %", "1e6 %/year", "1 h 2 min"),
    *(
        "１２ h",
        "3‐5 d",
        "35\u00a0d",
        "1_000 h",
        "1e400 h",
        ".inf h",
        "35",
        "35 x",
        "d 35",
        "a.*",
        "to:home",
        "rate(1 day)",
    ),
    *("mars-1", "us‐east‐1", "2026-02-30", "1969-12-31", "0001-01-01T00:00+14:00", "9999-12-31", "x" * 5000),
    *("\x1b[31m", "a\x00b", "\u202eabc", "名前", "=1+1", "../../../etc/passwd", "/dev/zero", "{}", "[]", "${x}", "%s"),
    *(
        "{0}",
        "'",
        '"',
        "\\",
        "\n",
        "a\nb",
        [1],
        {"a": 1},
        [[]],
        [None],
        {"": ""},
        ["*", "*"],
        {"uniform": ["2 h", "1 h"]},
    ),
    *({"weibull": {"scale": "1 h", "shape": 0.01}}, {"empirical": []}, {"median": "1 h", "p95": "10 y"}),
)
"""Values that may stand nowhere, or hardly: beyond ranges, of wrong kinds, units, types, and odd texts."""


def _extreme(luck: random.Random) -> Any:  # noqa: ANN401  # as YAML has it
    """Return a value to put somewhere."""
    return luck.choice(ENDS if luck.random() < 0.7 else ABSURD)


_WORDS = re.compile(r"(?<![\w.])-?(?:inf|nan)(?![\w.])", re.IGNORECASE)
_SCENARIOS = ("scenarios", "tests/data/scenarios", "tests/data/by_hand", "tests/data/warned")


@dataclass(frozen=True)
class Mutant:
    """A scenario that was changed, its plan documents, and the command that reads it.

    Attributes:
        number: it is made of.
        source: path of what was changed, from the root of the project.
        changes: what was done.
        files: contents by name; the scenario is `scenario.yaml`.
        words: of the command, after `drsim`; `{out}` stands for a folder to write to.
    """

    number: int
    source: str
    changes: tuple[str, ...]
    files: Mapping[str, bytes]
    words: tuple[str, ...]


def sources() -> list[Path]:
    """Return what is mutated: scenarios, shipped and of the tests, and plan documents."""
    right = [path for folder in _SCENARIOS for path in sorted((ROOT / folder).rglob("*.yaml"))]
    right += sorted((ROOT / "tests/data/plans").glob("*.json"))
    # what is right goes further
    return right * 3 + sorted((ROOT / "tests/cli/bad").glob("*.yaml"))


_HOST = """
sites: {home: {region: us-east-1, account: production, account_id: "111122223333"}}
applications: {app: {site: home, objectives: {rpo: 1 d, rto: 1 d}, resources: {db: {type: EBS, size: 500 GB}}}}
backup_plans: {plan: {file: plan.json}}
strategies: {s: {backup: plan}}
disruptions: {deleted: {kind: accidental-deletion}, region: {kind: region-loss}}
"""
"""A scenario around a plan document."""


def mutant(number: int, corpus: Sequence[Path]) -> Mutant:
    """Return a mutant, the same for the same number and corpus."""
    luck = random.Random(f"mutant {number}")  # noqa: S311  # it has to be repeatable
    path = corpus[number % len(corpus)]
    content = path.read_bytes()
    changes: list[str] = []
    for _ in range(luck.choice((1, 1, 1, 2, 3, 5))):
        change = luck.choice(_CHANGES)
        try:
            content = change(luck, content)
        except (Refused, ValueError, IndexError, RecursionError):  # nothing there to change so
            change, content = _flip, _flip(luck, content)
        changes.append(change.__name__.strip("_"))
    is_plan = path.suffix == ".json"
    files = {"plan.json": content, "scenario.yaml": _HOST.encode()} if is_plan else {"scenario.yaml": content}
    for beside in () if is_plan else sorted(path.parent.rglob("*.json")):
        files[str(beside.relative_to(path.parent))] = beside.read_bytes()
    command = luck.choice(_COMMANDS)
    return Mutant(number, str(path.relative_to(ROOT)), tuple(changes), files, command)


_COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("run", "scenario.yaml", "--drills", "20", "--workers", "1", "--out", "{out}"),) * 7,
    ("run", "scenario.yaml", "--drills", "5", "--workers", "1", "--clock", "process", "--out", "{out}"),
    ("run", "scenario.yaml", "--drills", "20", "--workers", "1", "--format", "json", "--fail-on", "undecided"),
    ("check", "scenario.yaml"),
    ("lifetime", "scenario.yaml", "--years", "2", "--runs", "2", "--workers", "1"),
)


def _flip(luck: random.Random, content: bytes) -> bytes:
    """Change some bytes."""
    made = bytearray(content or b"\n")
    for _ in range(luck.choice((1, 1, 2, 8))):
        made[luck.randrange(len(made))] = luck.choice((luck.randrange(256), *b"0:-{}[]*&!|>#\"' \n\t"))
    return bytes(made)


def _lines(luck: random.Random, content: bytes) -> bytes:
    """Delete, double, move or cut a line, or change how deep it stands."""
    lines = content.split(b"\n")
    k = luck.randrange(len(lines))
    match luck.randrange(6):
        case 0:
            del lines[k]
        case 1:
            lines.insert(k, lines[k])
        case 2:
            lines.insert(luck.randrange(len(lines)), lines.pop(k))
        case 3:
            lines[k] = lines[k][: luck.randrange(len(lines[k]) + 1)]
        case 4:
            lines[k] = b" " * luck.randrange(1, 9) + lines[k]
        case _:
            del lines[k : k + luck.randrange(1, 20)]
    return b"\n".join(lines)


def _insert(luck: random.Random, content: bytes) -> bytes:
    """Put in something that has a meaning in YAML, or none."""
    odd = luck.choice(
        (
            *(
                b"&a ",
                b"*a",
                b"<<: *a\n",
                b"<<: [1]\n",
                b"!!python/object:os.system ",
                b"---\n",
                b"? ",
                b"\xff",
                b"\xef\xbb\xbf",
            ),
            *(b"\r\n", b"\x00", b"\t", b"# ", b"{", b"]", b"'", b'"', b"%YAML 1.1\n", "\u2028".encode(), b"[" * 60),
        )
    )
    k = luck.randrange(len(content) + 1)
    return content[:k] + odd + content[k:]


def _value(luck: random.Random, content: bytes) -> bytes:
    """Put an extreme in place of a value, or of everything below a key."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # a list or a mapping, as JSON has them
        holder[key] = _extreme(luck)

    return _in_data(luck, content, change)


def _number(luck: random.Random, content: bytes) -> bytes:
    """Multiply a number within a text by a power of ten, its unit as it was."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # as above
        value = holder[key]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            holder[key] = _extreme(luck)
            return
        factor = 10.0 ** luck.choice((-9, -6, -3, -1, 1, 2, 3, 6, 9))
        text = re.sub(r"\d+(?:\.\d+)?", lambda m: f"{float(m[0][:20]) * factor:.6g}", str(value), count=1)
        holder[key] = text if isinstance(value, str) else _as_number(text)

    return _in_data(luck, content, change)


def _as_number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 1e18 else number


def _key(luck: random.Random, content: bytes) -> bytes:
    """Rename a key, drop it, double what it holds, or exchange it with a neighbour."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # as above
        if not isinstance(holder, dict):
            holder.pop(key)
            return
        value = holder.pop(key)
        match luck.randrange(4):
            case 0:
                holder[luck.choice((f"{key}x", key.upper(), "", "*", "<<", "a.b", "x" * 200, "\u202e" + key))] = value
            case 1:
                pass
            case 2:
                holder |= {key: value, f"{key}-2": value}
            case _:
                other = luck.choice([*holder, key])
                holder[key], holder[other] = holder.get(other, value), value

    return _in_data(luck, content, change)


def _transplant(luck: random.Random, content: bytes) -> bytes:
    """Put one part of the scenario in place of another."""

    def change(holder: Any, key: Any) -> None:  # noqa: ANN401  # as above
        holder[key] = luck.choice(values)

    values = [holder[key] for holder, key in _places(_data(content))]
    return _in_data(luck, content, change)


_CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(_flip, _lines, _insert, _key, _transplant),
    *(_value, _number) * 4,
)


def _data(content: bytes) -> Any:  # noqa: ANN401  # as JSON has it
    node, _ = read_yaml(content.decode(), "mutant")
    return plain(node)


def _in_data(luck: random.Random, content: bytes, change: Callable[[Any, Any], None]) -> bytes:
    """Return a document with a change at one of its places, written as JSON, which is YAML."""
    data = _data(content)
    holder, key = luck.choice(list(_places(data)))
    change(holder, key)
    return json.dumps(data, ensure_ascii=luck.random() < 0.5, indent=1).encode("utf-8", "surrogatepass")


def _places(data: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  # as JSON has it
    """Yield every mapping and list with each of its keys."""
    each = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(each):
        yield data, key
        yield from _places(value)


def faults_of(status: int, output: str, errors: str, folder: Path) -> list[str]:
    """Return what is wrong with how a command ended and with what it wrote, by kind.

    Args:
        status: its exit status.
        output: what it printed.
        errors: what it printed to standard error.
        folder: it wrote to.
    """
    found = []
    if status not in STATUSES:
        bug = re.search(r"This is a bug in drsim \S+ (\w+:.{0,60})", errors)
        found.append(f"exit {status}: {bug[1] if bug else errors[-80:]}")
    if "Traceback" in errors:
        found.append("traceback")
    if warned := re.search(r"(\w+\.py):(\d+): (\w*Warning)", errors):
        found.append(f"{warned[3]} at {warned[1]}:{warned[2]}")
    if status in (0, 3) and _WORDS.search(" ".join(word for word in output.split() if "/" not in word)):
        found.append("inf or nan is printed")
    for path in sorted(folder.glob("*.csv")):
        found += sorted({f"{path.name}: {fault}" for fault in _faults_in(path)})
    if status == 2 and any(folder.iterdir()):
        found.append("files in spite of exit 2")
    return found


_SIGNED = frozenset({"contaminated_s", "captured_s"})
_CREDITED = "estate"
"""Whose lines of a bill may be credits: free allowances that the lines of resources have not used up."""


def _faults_in(path: Path) -> Iterator[str]:
    """Yield the figures of a table that cannot be, by column."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            is_credited = _CREDITED in (row.get("subject"), row.get("application"))
            for column, cell in row.items():
                try:
                    number = float(cell)
                except ValueError:
                    continue
                if not math.isfinite(number):
                    # a name may be `inf`
                    yield from (
                        () if column in ("strategy", "disruption", "subject", "place") else (f"{column} is {cell}",)
                    )
                elif (
                    number < 0
                    and column not in _SIGNED
                    and not (is_credited and column == "usd_per_month")
                    and (column.endswith("_s") or "usd" in column or "_s_" in column)
                ):
                    yield f"{column} is negative"


def run_one(one: Mutant, limits: Limits = LIMITS) -> list[str]:
    """Return what is wrong with how a mutant is answered, in this process.

    Args:
        one: the mutant.
        limits: the time is kept by a signal, the memory by whoever starts this process.
    """
    from drsim.cli import group, main

    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = Path(name)
        (out := folder / "out").mkdir()
        for file, content in one.files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        words = [word.format(out=out) for word in one.words]
        words[1] = str(folder / words[1])
        if any(option.name == "max_seconds" for option in group.commands[words[0]].params):
            words += ["--max-seconds", "20"]
        output, errors = io.StringIO(), io.StringIO()
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        try:
            with redirect_stdout(output), redirect_stderr(errors), warnings.catch_warnings():
                warnings.simplefilter("always")
                status = main(words)
        except TooLong:
            return ["over the time"]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        # what the scenario itself says is no figure
        own = any(_WORDS.search(content.decode("utf-8", "replace")) for content in one.files.values())
        printed = _WORDS.sub("", output.getvalue()) if own else output.getvalue()
        found = faults_of(status, printed, errors.getvalue(), out)
        return ["over the memory"] if any("MemoryError" in fault for fault in found) else found


class TooLong(BaseException):
    """The time is over; nothing but the runner catches it."""


def _too_long(*_: object) -> None:
    raise TooLong


def limited(limits: Limits = LIMITS) -> None:
    """Let this process take no more memory than it has now and what a mutant may."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + limits.bytes, now + limits.bytes))


def _serve(link: Connection, numbers: Sequence[int]) -> None:
    """Run mutants and send number and faults of each."""
    import drsim.report.tables
    import drsim.study.costs
    import drsim.study.drills
    import drsim.study.lifetimes  # noqa: F401  # what takes memory for good is loaded before it is limited

    corpus = sources()
    run_one(mutant(0, corpus))
    limited()
    for number in numbers:
        link.send((number, None))
        link.send((number, run_one(mutant(number, corpus))))
    link.close()


class Worker:
    """A process that runs mutants one after the other; one that does not answer is ended, and its successor goes on."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.rest = list(numbers)
        self.current: int | None = None
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.link, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(theirs, self.rest), daemon=True)
        self.process.start()
        theirs.close()
        self.since = time.monotonic()

    def answers(self) -> Iterator[tuple[int, list[str]]]:
        """Yield what has been found out since it was asked last."""
        try:
            while self.link.poll():
                number, faults = self.link.recv()
                self.since = time.monotonic()
                self.current = number
                if faults is not None:
                    self.current = None
                    self.rest.remove(number)
                    yield number, faults
        except EOFError:
            self.process.join()
            if self.rest:
                yield from self._lost("the process died")

    def watch(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the mutant that has not answered for long."""
        if self.rest and self.current is not None and time.monotonic() - self.since > 1.5 * LIMITS.seconds:
            self.process.kill()
            self.process.join()
            yield from self._lost("over the time, and not to be interrupted")

    def _lost(self, why: str) -> Iterator[tuple[int, list[str]]]:
        """Give up the current mutant, and go on with the next."""
        number = self.rest[0] if self.current is None else self.current
        self.rest.remove(number)
        self.current = None
        self.link.close()
        if self.rest:
            self._start()
        yield number, [why]


def run_all(numbers: Sequence[int], workers: int) -> Iterator[tuple[int, list[str]]]:
    """Yield number and faults of mutants as they are found out."""
    pool = [Worker(numbers[k::workers]) for k in range(workers)]
    while any(worker.rest for worker in pool):
        wait([worker.link for worker in pool if worker.rest], timeout=1)
        for worker in pool:
            if worker.rest:
                yield from worker.answers()
            if worker.rest:
                yield from worker.watch()


def main() -> int:
    """Run mutants and report what failed, by kind."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=main.__doc__)
    parser.add_argument("--number", type=int, default=20_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--only", type=int, help="run this one alone, and show it")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for those that fail")
    given = parser.parse_args()
    corpus = sources()
    if given.only is not None:
        one = mutant(given.only, corpus)
        print(one.source, one.changes, one.words, run_one(one), sep="\n")  # noqa: T201
        return 0
    kinds: dict[str, list[int]] = defaultdict(list)
    begun = time.monotonic()
    found = run_all(range(given.first, given.first + given.number), given.workers)
    for done, (number, faults) in enumerate(found, 1):
        for fault in faults:
            kinds[fault].append(number)
        if faults and given.keep:
            _keep(mutant(number, corpus), faults, given.keep)
        if done % 200 == 0 or done == given.number:
            failed = len({n for each in kinds.values() for n in each})
            line = f"{done} of {given.number}, {failed} failed, {time.monotonic() - begun:.0f} s"
            print(line, file=sys.stderr, flush=True)  # noqa: T201
    for kind, each in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"{len(each):6}  {kind}: {', '.join(map(str, each[:8]))}")  # noqa: T201
    print(f"{given.number} mutants, {len(kinds)} kinds of faults")  # noqa: T201
    return 1 if kinds else 0


def _keep(one: Mutant, faults: Sequence[str], folder: Path) -> None:
    """Write a mutant with what was wrong."""
    own = folder / str(one.number)
    shutil.rmtree(own, ignore_errors=True)
    for name, content in one.files.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_bytes(content)
    text = "\n".join((one.source, " ".join(one.changes), " ".join(one.words), *faults))
    (own / "faults.txt").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
