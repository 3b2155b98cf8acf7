"""The scenarios and the app that come with drsim, in a source tree and in an installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """Return the place of a shipped file or directory: `scenarios` or `app.py`."""
    installed = _PACKAGE / "_shipped"
    return (installed if installed.is_dir() else _PACKAGE.parent) / name


def shipped_scenarios() -> dict[str, Path]:
    """Return the shipped scenarios by bare name, in alphabetical order."""
    return {path.stem: path for path in sorted(shipped("scenarios").glob("*.yaml"))}
