"""Draw the rooms of drsim from the imports themselves, and write the table of them.

    python -m benchmarks.rooms

It writes docs/images/rooms.svg, for which it needs Graphviz, and the table in docs/explanation/architecture.md.
An arrow leads from a room to one that it imports from; one that follows from others is left out.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "images" / "rooms.svg"
PAGE = ROOT / "docs" / "explanation" / "architecture.md"

ROOMS = (
    *(
        "cli",
        "app",
        "report",
        "study",
        "engine",
        "engine.process",
        "engine.vectorised",
        "engine.*",
        "world",
        "scenario",
    ),
    *("catalogue", "laws"),
)
"""Rooms of the picture, from the top. A room holds what stands below it and is no room itself; of `engine` its front is
one, and what both clocks share, `engine.*`, another: else both would seem to import from each other."""

LEAVES = ("cron", "draws", "distributions", "units", "ranges", "errors", "text")
"""Modules that all may use, drawn as one."""

_SMALL = "cron, draws, distributions,\\nunits, ranges, errors, text"


def main() -> int:
    """Write picture and table; return 1 where the picture cannot be drawn."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, table()), encoding="utf-8")
    program = shutil.which("dot")
    if program is None:
        print("error: dot is not there: install graphviz")
        return 1
    done = subprocess.run([program, "-Tsvg"], input=dot(), capture_output=True, text=True, check=True)  # noqa: S603
    PICTURE.write_text(done.stdout, encoding="utf-8")
    print(f"written: {PICTURE.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")
    return 0


def room_of(module: str) -> str:
    """Return the room in which a module stands; empty for the package's own front."""
    name = module.removeprefix("drsim.")
    if name.partition(".")[0] in LEAVES:
        return _SMALL
    if name.partition(".")[0] == "engine":
        inner = ".".join(name.split(".")[:2])
        return inner if inner in ROOMS else "engine.*"
    return next((room for room in ROOMS if name == room or name.startswith(f"{room}.")), "")


def imports() -> dict[str, set[str]]:
    """Return from which rooms each room imports, imports for type checking too."""
    graph = grimp.build_graph("drsim")
    direct: dict[str, set[str]] = {room: set() for room in (*ROOMS, _SMALL)}
    for module in graph.modules:
        here = room_of(module)
        for other in graph.find_modules_directly_imported_by(module):
            there = room_of(other)
            if here and there and here != there:
                direct[here].add(there)
    return direct


def dot() -> str:
    """Return the picture in Graphviz' language."""
    direct = imports()
    names = {"engine.*": "engine: what both share"}
    lines = [f'  "{room}" [label="{names.get(room, room.replace(".", " / "))}"];' for room in direct]
    for room, others in direct.items():
        far = {x for other in others for x in _reached(other, direct)}
        lines += [f'  "{room}" -> "{other}";' for other in sorted(others - far)]
    style = '  node [shape=box, style="rounded,filled", fillcolor="#eef3f8", color="#4a6785", fontname="Helvetica"];'
    edges = '  edge [color="#4a6785", arrowsize=0.7];'
    return "\n".join(["digraph rooms {", '  bgcolor="white"; rankdir=TB; nodesep=0.4;', style, edges, *lines, "}"])


def _reached(room: str, direct: dict[str, set[str]]) -> set[str]:
    """Return the rooms that a room imports from, directly or not."""
    below: set[str] = set()
    waiting = [*direct[room]]
    while waiting:
        other = waiting.pop()
        if other not in below:
            below.add(other)
            waiting += direct[other]
    return below


def table() -> str:
    """Return the rooms with a line each, the first of what they say of themselves, and how large they are."""
    rows = ["| room | what it is | modules | lines |", "|---|---|---|---|"]
    package = ROOT / "drsim"
    for front in sorted(package.rglob("__init__.py")):
        folder = front.parent
        modules = sorted(folder.glob("*.py"))
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules)
        name = folder.relative_to(package.parent).as_posix()
        rows.append(f"| `{name}` | {_first_line(front)} | {len(modules)} | {lines:,} |")
    return "\n".join(rows)


def _first_line(front: Path) -> str:
    said = ast.get_docstring(ast.parse(front.read_text(encoding="utf-8"))) or ""
    return said.split("\n\n")[0].replace("\n", " ")


def with_table(page: str, rows: str) -> str:
    """Return a page with the table between its marks."""
    begin, end = "<!-- rooms -->\n", "\n<!-- /rooms -->"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}{rows}{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    sys.exit(main())
