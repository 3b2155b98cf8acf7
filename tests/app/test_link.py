"""Scenarios in links."""

from __future__ import annotations

import base64
import zlib

import pytest

from drsim.app.link import LONGEST, packed, unpacked
from drsim.scenario.shipped import shipped_scenarios


@pytest.mark.parametrize("name", list(shipped_scenarios()))
def test_shipped_scenarios_fit_into_a_link_and_come_back(name: str) -> None:
    """Every scenario of usual size can be sent as a link; nothing of it is lost."""
    text = shipped_scenarios()[name].read_text(encoding="utf-8")
    characters = packed(text)
    assert characters is not None
    assert characters.replace("-", "").replace("_", "").isalnum()
    assert unpacked(characters) == text


def test_too_long_a_text_has_no_link() -> None:
    """A text that does not shrink enough is not put into a link, rather than cut."""
    assert packed("".join(chr(33 + k * k * 7919 % 15_000) for k in range(40_000))) is None


@pytest.mark.parametrize("characters", ["", "?", "abc", "é", "A" * (LONGEST + 4), "AAAA", packed("x" * 99)[:-6]])  # type: ignore[index]
def test_what_is_no_packed_text_is_refused(characters: str) -> None:
    """A link that was cut or made up holds no scenario."""
    assert unpacked(characters) is None


def test_a_small_link_cannot_fill_the_memory() -> None:
    """A packed text that would unpack to very much more is refused."""
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 2_000_000, 9)).decode().rstrip("=")
    assert len(bomb) < LONGEST
    assert unpacked(bomb) is None
