"""Work of the app may take as long as it does on this machine."""

from __future__ import annotations

import pytest

from tests.patience import PATIENCE_S


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drsim.app.questions.LONGEST_S", PATIENCE_S)
