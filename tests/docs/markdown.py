"""Reads the Markdown of the project: its files, code blocks and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        place: file and number of the block in it, for people.
        language: the word after the fence.
        text: what it holds.
    """

    place: str
    language: str
    text: str


def documents() -> list[Path]:
    """Return the Markdown files of the project."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(language: str) -> list[Block]:
    """Return the blocks in a language, of all documents."""
    return [
        Block(f"{path.relative_to(ROOT)}:{number}", found["language"], found["text"])
        for path in documents()
        for number, found in enumerate(_FENCE.finditer(path.read_text(encoding="utf-8")), start=1)
        if found["language"] == language
    ]


def links(path: Path) -> list[str]:
    """Return what a document links to within the project, code aside."""
    targets = [found["target"] for found in _LINK.finditer(_FENCE.sub("", path.read_text(encoding="utf-8")))]
    return [target for target in targets if "://" not in target]
