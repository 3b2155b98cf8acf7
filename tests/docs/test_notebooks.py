"""The notebooks run from top to bottom, and use public names only."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import drsim
from tests.docs.markdown import ROOT
from tests.patience import PATIENCE_S

_NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
_NAMES = [path.stem for path in _NOTEBOOKS]


def _read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


@pytest.mark.parametrize("path", _NOTEBOOKS, ids=_NAMES)
# the kernel's own client: its event loop is closed by the interpreter, which some versions warn about
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_notebook_runs(path: Path) -> None:
    """Each cell runs, in order, in the folder of the notebook; each chart and table is shown."""
    notebook = _read(path)
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": path.parent}})
    client.timeout = client.startup_timeout = client.iopub_timeout = int(PATIENCE_S)
    client.execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output.output_type == "error" or output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in shown)


@pytest.mark.parametrize("path", _NOTEBOOKS, ids=_NAMES)
def test_notebooks_begin_with_their_question(path: Path) -> None:
    """The first cell is text, its title a question."""
    first = _read(path).cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# .+\?\n", first.source)


@pytest.mark.parametrize("path", _NOTEBOOKS, ids=_NAMES)
def test_notebooks_use_public_names_only(path: Path) -> None:
    """A notebook imports nothing of the package but `drsim`, and uses what `drsim.__all__` names."""
    code = "\n".join(cell.source for cell in _read(path).cells if cell.cell_type == "code")
    assert not re.search(r"(from|import) +drsim\.", code)
    assert set(re.findall(r"\bdrsim\.(\w+)", code)) <= set(drsim.__all__)
