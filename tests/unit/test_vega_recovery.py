"""Charts of one incident: what they draw, and what they leave out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from drsim.report.timeline import WAIT, Lane, Timeline
from drsim.report.vega.past import fate_class, past_chart
from drsim.report.vega.recovery import lane_labels, recovery_chart
from drsim.study.remains import SourceFate
from drsim.units import HOUR_S as HOUR
from tests.unit.test_timeline import told

CASES = (("nightly", "deletion", 3), ("copies", "region-loss", 7), ("continuous", "ransomware", 5))


def lines_and_words(spec: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the vertical lines of a chart with the words of each."""
    layers = [each for each in spec["layer"] if each["encoding"].get("y", {}).get("value") is not None]
    return list(zip(layers[::2], layers[1::2], strict=True))


@pytest.mark.parametrize(("strategy", "disruption", "drill"), CASES)
def test_legend_explains_what_is_drawn_and_no_more(strategy: str, disruption: str, drill: int) -> None:
    """The legend has the kinds of phases that occur; waiting is explained where somebody waits."""
    found = told(strategy, disruption, drill)
    spec = recovery_chart(found, 4 * HOUR).to_dict()
    drawn = spec["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert set(drawn) == {phase.kind for phase in found.phases}
    assert any("waiting" in line for line in spec["title"]["subtitle"]) == (WAIT in drawn)


@pytest.mark.parametrize(("strategy", "disruption", "drill"), CASES)
def test_no_line_runs_through_the_words_of_another(strategy: str, disruption: str, drill: int) -> None:
    """Words stand in lines of their own; a line begins below the words of those that it would cross."""
    found = told(strategy, disruption, drill)
    for chart in (recovery_chart(found, 4 * HOUR), past_chart(found, found.decisive, HOUR)):
        spec = chart.to_dict()
        pairs = lines_and_words(spec)
        assert pairs
        at = [spec["datasets"][rule["data"]["name"]][0]["begins"] for rule, _ in pairs]
        tops = [rule["encoding"]["y"]["value"] for rule, _ in pairs]
        assert tops == [text["encoding"]["y"]["value"] for _, text in pairs]
        assert len(set(tops)) == len(tops)
        for j, k in itertools.combinations(range(len(pairs)), 2):
            # the later one begins below, so that only the earlier line could cross the later words
            assert tops[j] < tops[k]
            side = pairs[k][1]["mark"]["align"]
            if side == pairs[j][1]["mark"]["align"]:
                assert at[k] < at[j] if side == "right" else at[k] > at[j]


def with_lane(found: Timeline, result: str, *, is_done: bool = False) -> Timeline:
    """Return an incident with one more lane, in which nothing went on."""
    return replace(found, lanes=(*found.lanes, Lane("idle", result, is_critical=False, is_done=is_done)))


def test_lanes_without_anything_to_say_are_left_out() -> None:
    """A lane in which nothing went on is drawn where it could not be recovered, and only there."""
    found = told(*CASES[0])
    assert "idle" not in lane_labels(with_lane(found, "done after 0 s", is_done=True))
    assert "idle" in lane_labels(with_lane(found, "unprotected: nothing protects it"))
    spec = recovery_chart(with_lane(found, "done after 0 s", is_done=True)).to_dict()
    assert not any("not drawn" in line for line in spec["title"]["subtitle"])


@pytest.mark.parametrize(("strategy", "disruption", "drill"), CASES)
def test_the_past_has_no_empty_lane(strategy: str, disruption: str, drill: int) -> None:
    """Each lane and each class of the legend has something within the chart."""
    found = told(strategy, disruption, drill)
    spec = past_chart(found, found.decisive, HOUR).to_dict()
    points = next(each for each in spec["layer"] if each["mark"]["type"] == "point")
    name = points["data"]["name"] if "data" in points else spec["data"]["name"]
    begin = points["encoding"]["x"]["scale"]["domain"][0]
    seen = [row for row in spec["datasets"][name] if max(row["at"], row["until"]) >= begin]
    assert set(points["encoding"]["y"]["scale"]["domain"][1:]) == {row["lane"] for row in seen}
    assert set(points["encoding"]["color"]["scale"]["domain"]) == {row["class"] for row in seen}


def test_the_class_of_a_fate_is_of_the_fate_and_not_of_its_wording() -> None:
    """What was usable is of one class, what was used of another, and a window that is too short of neither."""
    for fate in (SourceFate.SPARE, SourceFate.NOT_NEEDED, SourceFate.OLDER, SourceFate.SLOWER):
        assert fate_class(fate) == fate_class(SourceFate.SPARE) != "out of reach"
    assert fate_class(SourceFate.USED) == fate_class(SourceFate.ABANDONED) != fate_class(SourceFate.OLDER)
    assert fate_class(SourceFate.TOO_SHORT) == fate_class(SourceFate.NO_BASE) == "out of reach"
