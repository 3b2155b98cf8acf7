"""What is told of what was probably meant."""

from __future__ import annotations

import pytest

from drsim.scenario import check_text
from drsim.scenario.shipped import shipped

PERIODIC = shipped("scenarios/periodic.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("zone", "repair"),
    [
        ("CEST", "did you mean `Europe/Berlin`?"),
        ("AEST", "did you mean `Australia/Sydney`?"),
        ("BST", "did you mean `Europe/London`?"),
        ("PDT", "did you mean `America/Los_Angeles`?"),
        ("QQST", "write the zone of a city"),
        ("Europe/Berln", "did you mean `Europe/Berlin`?"),
    ],
)
def test_an_abbreviation_is_no_misspelling_of_another_zone(zone: str, repair: str) -> None:
    """In so few letters a wrong one makes another zone, hours away: only what an abbreviation means is offered."""
    text = PERIODIC.replace(
        "        every: 24 h\n", f"        schedule: cron(0 5 ? * * *)\n        schedule_timezone: {zone}\n", 1
    )
    assert text != PERIODIC
    _, errors, _ = check_text(text, "f.yaml")
    told = [error for error in errors if error.check == "bad-time-zone"]
    assert len(told) == 1
    assert told[0].repair.startswith(repair)


@pytest.mark.parametrize(("key", "longest"), [("name", 200), ("description", 5000)])
def test_what_is_printed_has_a_length(key: str, longest: int) -> None:
    """A name of megabytes would be printed whole by every command."""
    lines = [line for line in PERIODIC.splitlines(keepends=True) if not line.startswith(f"{key}:")]
    for number, are_errors in ((longest, False), (longest + 1, True)):
        _, errors, _ = check_text(f"{key}: {'x' * number}\n{''.join(lines)}", "f.yaml")
        assert bool(errors) is are_errors
        assert all(len(str(error)) < 1000 for error in errors)
