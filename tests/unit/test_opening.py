"""With what pages open: the strategy and disruption that say most."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from drsim.report.opening import opening
from drsim.study.results import Result


def result(verdicts: dict[tuple[str, str, str], str], usd: dict[tuple[str, str], float] | None = None) -> Result:
    """Return a result of these verdicts, by strategy, disruption and application, and of losses in a year."""
    columns = ["strategy", "disruption", "subject", "level", "verdict"]
    rows = [(s, d, a, "application", verdict) for (s, d, a), verdict in verdicts.items()]
    losses: list[dict[str, Any]] = [
        {"strategy": s, "disruption": d, "line": "total", "rate_per_year": 1.0, "application": app}
        | {"expected_yearly_loss_usd": value}
        for (s, d), value in (usd or {}).items()
        for app in ("", "a")
    ]
    events = pd.DataFrame(
        losses,
        columns=["strategy", "disruption", "line", "rate_per_year", "application", "expected_yearly_loss_usd"],
    )
    run = {
        "strategies": list(dict.fromkeys(s for s, _, _ in verdicts)),
        "disruptions": list(dict.fromkeys(d for _, d, _ in verdicts)),
    }
    return cast("Result", SimpleNamespace(summary=pd.DataFrame(rows, columns=columns), events=events, run=run))


@pytest.mark.parametrize(
    ("verdicts", "usd", "expected"),
    [
        pytest.param(
            {("s", "d", "a"): "met", ("s", "e", "a"): "breached", ("t", "d", "a"): "met", ("t", "e", "a"): "met"},
            {},
            ("s", "e"),
            id="what is not met",
        ),
        pytest.param(
            {
                ("s", "d", "a"): "unrecoverable",
                ("t", "d", "a"): "unrecoverable",
                ("s", "e", "a"): "breached",
                ("t", "e", "a"): "met",
            },
            {},
            ("s", "e"),
            id="what every strategy loses says less",
        ),
        pytest.param(
            {
                ("s", "d", "a"): "met",
                ("t", "d", "a"): "unrecoverable",
                ("s", "e", "a"): "breached",
                ("t", "e", "a"): "met",
            },
            {},
            ("s", "e"),
            id="what is missed before what is lost",
        ),
        pytest.param(
            {
                ("s", "d", "a"): "breached",
                ("s", "d", "b"): "met",
                ("s", "e", "a"): "breached",
                ("s", "e", "b"): "breached",
            },
            {("s", "d"): 9.0, ("s", "e"): 1.0},
            ("s", "d"),
            id="more money before more applications",
        ),
        pytest.param(
            {("s", "d", "a"): "breached", ("t", "d", "a"): "breached"},
            {("s", "d"): 1.0, ("t", "d"): 9.0},
            ("t", "d"),
            id="most money",
        ),
        pytest.param(
            {
                ("s", "d", "a"): "undecided",
                ("t", "d", "a"): "met",
                ("s", "e", "a"): "met",
                ("t", "e", "a"): "unrecoverable",
                ("s", "f", "a"): "unprotected",
                ("t", "f", "a"): "unprotected",
            },
            {("s", "d"): 9.0, ("s", "f"): 9.0},
            ("t", "e"),
            id="what one loses and another does not before what is not decided",
        ),
        pytest.param(
            {
                ("s", "d", "a"): "breached",
                ("s", "d", "b"): "met",
                ("s", "e", "a"): "breached",
                ("s", "e", "b"): "breached",
            },
            {},
            ("s", "e"),
            id="more applications where nothing has a price",
        ),
        pytest.param({("s", "d", "a"): "met", ("t", "e", "a"): "met"}, {}, ("s", "d"), id="the first of equals"),
    ],
)
def test_opening(
    verdicts: dict[tuple[str, str, str], str], usd: dict[tuple[str, str], float], expected: tuple[str, str]
) -> None:
    """What a change could mend, then most money, then most applications, then the order."""
    assert opening(result(verdicts, usd)) == expected


def test_opening_keeps_what_is_chosen() -> None:
    """Only what is not chosen yet is looked for."""
    found = result(
        {("s", "d", "a"): "met", ("s", "e", "a"): "met", ("t", "d", "a"): "met", ("t", "e", "a"): "breached"}
    )
    assert opening(found) == ("t", "e")
    assert opening(found, strategy="s") == ("s", "d")
    assert opening(found, disruption="d") == ("s", "d")
    assert opening(found, strategy="t", disruption="d") == ("t", "d")
