"""The public names of the package."""

from __future__ import annotations

import subprocess
import sys

import drsim


def test_public_names_are_sorted_and_importable() -> None:
    """Every name of `__all__` is there, and they stand in order, without doubles."""
    assert list(drsim.__all__) == sorted(set(drsim.__all__))
    for name in drsim.__all__:
        assert hasattr(drsim, name)


def test_public_names_are_all_that_loads() -> None:
    """What loads on first use is exactly what `__all__` names."""
    assert sorted([*drsim._HOME, "__version__"]) == list(drsim.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that is not public is refused as Python refuses it."""
    assert not hasattr(drsim, "no_such_name")


def test_import_and_help_load_nothing_heavy() -> None:
    """Neither `import drsim` nor the help of the command line loads arrays, tables, charts or schemas."""
    heavy = ("numpy", "pandas", "scipy", "matplotlib", "pydantic", "ruamel.yaml", "rich", "simpy", "pyarrow")
    code = f"import sys, drsim.cli; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
