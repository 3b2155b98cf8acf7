"""The documents are true: their code runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

import drsim
from drsim.cli import group
from tests.docs.markdown import ROOT, Block, blocks, documents, links

_LANGUAGES = {"sh", "python", "yaml", "text"}
_COMMAND = re.compile(r"`(drsim [^`]+|make [^`]+)`")


def _commands() -> list[str]:
    """Return every command line of the documents, those within sentences too."""
    lines = [line for block in blocks("sh") for line in block.text.splitlines()]
    lines += [found for path in documents() for found in _COMMAND.findall(path.read_text(encoding="utf-8"))]
    return sorted({line for line in lines if line.startswith(("drsim ", "make "))})


def _targets() -> set[str]:
    """Return the targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_block_of_code_is_of_a_language_that_is_tested() -> None:
    """Every fenced block says which language it is in, and somebody tests that language."""
    for path in documents():
        openings = re.findall(r"^```(\w*)$", path.read_text(encoding="utf-8"), re.MULTILINE)[::2]
        assert set(openings) <= _LANGUAGES, path


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.place)
def test_every_block_of_python_runs(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block of Python runs by itself in the root of the project."""
    monkeypatch.chdir(ROOT)
    exec(compile(block.text, block.place, "exec"), {"__name__": "block"})  # noqa: S102  # our own documents


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.place)
def test_every_block_of_yaml_is_a_scenario_or_a_part_of_one(block: Block, tmp_path: Path) -> None:
    """A block of YAML with strategies runs as a scenario; any other holds keys of scenarios only."""
    written = YAML(typ="safe").load(block.text)
    assert set(written) <= set(drsim.Scenario.model_fields)
    if "strategies" in written:
        path = tmp_path / "scenario.yaml"
        path.write_text(block.text, encoding="utf-8")
        result = drsim.run(drsim.load_scenario(path), drills=5, workers=1)
        assert len(result.summary) == 2 * len(written["strategies"]) * len(written["disruptions"])


@pytest.mark.parametrize("line", _commands())
def test_every_command_exists(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command of the documents names a command, options and targets that there are."""
    for part in line.split(" && "):
        program, *words = shlex.split(part, comments=True)
        if program == "make":
            assert set(words) <= _targets()
            continue
        context = click.Context(group, info_name="drsim")
        if words[0].startswith("-"):
            assert words[0] in {"--help", "--version"}
            continue
        command = group.get_command(context, words[0])
        assert command is not None
        if words[1:]:  # a command that is only named stands without what it asks for
            command.make_context(words[0], words[1:], parent=context)
    assert not capsys.readouterr().err


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_or_a_heading(path: Path) -> None:
    """A link within the project leads to a file, and to a heading of it where it names one."""
    for target in links(path):
        file, _, heading = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {h.lower().replace(" ", "-") for h in headings}, target


def test_every_decision_is_in_the_index() -> None:
    """The index of the decisions links to each of them, under its own title."""
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.glob("[0-9]*.md"):
        title = path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2]
        assert f"| {int(path.name[:4])} | [{title}]({path.name}) |" in index


def test_the_readme_lists_every_command() -> None:
    """The README's table of commands has every command of the command line."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in group.commands:
        assert f"\n| `drsim {name}" in readme, name
