"""The page of the estate, without a browser."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import streamlit as st

from drsim.app.link import packed
from drsim.scenario import read_scenario
from drsim.scenario.shipped import shipped_scenarios
from tests.app.visits import button, opened, shown


def edit(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:  # noqa: ANN401  # a function of a table's name and frame
    """Have the editors return what a visitor would have made of them."""
    monkeypatch.setattr(st, "data_editor", lambda frame, *, key, **_: change(key.split("-")[1], frame.copy()))


@pytest.mark.parametrize("name", shipped_scenarios())
def test_page_draws_every_shipped_scenario(name: str) -> None:
    """Tables, graph and capabilities show every application and resource."""
    app = opened("estate", scenario=name)
    assert not app.exception
    scenario = read_scenario(shipped_scenarios()[name].read_text(encoding="utf-8"))
    frames = [element.value for element in app.dataframe]
    assert list(frames[0]["application"]) == list(scenario.applications)
    resources = [(app, key) for app, written in scenario.applications.items() for key in written.resources]
    assert list(zip(frames[1]["application"], frames[1]["resource"], strict=True)) == resources
    (graph,) = app.get("graphviz_chart")
    assert all(app in graph.proto.spec for app in scenario.applications)
    text = shown(app)
    assert all(f">{app}.{key}</td>" in text for app, key in resources)
    assert button(app, "Apply").disabled


def test_empty_session_shows_the_first_scenario() -> None:
    """Nothing has to be chosen first."""
    app = opened("estate")
    assert not app.exception
    assert "shop" in list(app.dataframe[0].value["application"])


def test_right_edit_becomes_the_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit waits for Apply; then the visit's scenario has it, comments and all."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == "resources":
            frame.loc[frame["resource"] == "images", "size"] = "9 TB"
        return frame

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert not button(app, "Apply").disabled
    button(app, "Apply").click().run()
    assert not app.exception
    text = app.session_state["own-text"].text
    assert "size: 9 TB" in text
    assert "# web-shop: a three-tier shop" in text
    assert "The estate is changed" in shown(app)


def test_premises_are_edited_like_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new site with a tick and a line is on premises in the file once Apply is pressed."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name != "sites" or "clinic" in set(frame["site"]):
            return frame
        new = {"site": "clinic", "account": "hospital", "on_premises": True, "uplink": "500 Mbit/s"}
        return pd.concat([frame, pd.DataFrame([new])])

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert not app.exception
    button(app, "Apply").click().run()
    assert not app.exception
    scenario = read_scenario(app.session_state["own-text"].text)
    assert scenario.sites["clinic"].on_premises
    assert scenario.sites["clinic"].uplink == 500e6 / 8


def test_premises_without_a_line_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick alone does not do: the page says what is missing, and Apply waits."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == "sites":
            frame.loc[frame["site"] == "recovery", "on_premises"] = True
        return frame

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert not app.exception
    assert "[on-premises]" in shown(app)
    assert button(app, "Apply").disabled


def test_apply_can_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After Apply the scenario before can be put back: the shipped one by its name; there is nothing to undo then."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == "resources":
            frame.loc[frame["resource"] == "images", "size"] = "9 TB"
        return frame

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert button(app, "Undo the last change").disabled
    button(app, "Apply").click().run()
    assert app.selectbox(key="scenario").value == "mine"
    button(app, "Undo the last change").click().run()
    assert not app.exception
    assert app.selectbox(key="scenario").value == "web-shop"
    assert "undone" in shown(app)
    assert button(app, "Undo the last change").disabled


def test_what_goes_with_another_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is made another resource says which keys of the one before go, though no column shows them."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == "resources":
            frame.loc[frame["resource"] == "orders", "type"] = "EBS"
        return frame

    text = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
    text = text.replace("orders:  {type: Aurora,", "orders: {type: Aurora, overrides: {backup_fixed: 9 min},", 1)
    link = packed(text)
    assert link is not None
    app = opened("estate", scenario="mine", file="x.yaml", text=link)
    assert "shop.orders: overrides" in shown(app)
    edit(monkeypatch, change)
    app = opened("estate", scenario="mine", file="x.yaml", text=link)
    assert not app.exception
    assert "overrides of the resource before go" in shown(app).replace("\\", "")


def test_bad_edit_stays_with_its_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is shown with its line, and cannot be applied; the scenario stays."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == "resources":
            frame.loc[frame["resource"] == "images", "size"] = "9"
        return frame

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert not app.exception
    text = shown(app)
    assert "cannot be applied yet" in text
    assert "1 problem" in text
    assert "[missing-unit]" in text
    lines = shipped_scenarios()["web-shop"].read_text(encoding="utf-8").splitlines()
    line = next(k for k, line in enumerate(lines, 1) if line.strip().startswith("images:"))
    assert f"web-shop:{line}: '9' has no unit" in text or f"web-shop:{line}: `applications.shop" in text
    assert button(app, "Apply").disabled
    assert app.session_state["estate-edits"][1]["resources"]["size"].tolist().count("9") == 1


def test_half_filled_row_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new row waits, and says which of its cells are still empty."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        return (
            pd.concat([frame, pd.DataFrame([{"application": "shop", "type": "RDS"}])]) if name == "resources" else frame
        )

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert not app.exception
    (said,) = (str(each.value).replace("\\", "") for each in app.warning)
    assert said == "Resources, row 7: Resource, Size are empty. Fill in, or delete the row."
    assert button(app, "Apply").disabled
    assert not button(app, "Undo all edits").disabled


def test_undo_begins_with_new_editors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers keep edits for as long as an editor keeps its key: Undo gives it another, and nothing else does."""
    keys: list[str] = []

    def editor(frame: pd.DataFrame, *, key: str, **_: Any) -> pd.DataFrame:  # noqa: ANN401  # of a widget
        keys.append(key)
        # as the widget does
        st.session_state[key] = {}
        return frame.assign(site="moon") if key.startswith("estate-applications") else frame

    monkeypatch.setattr(st, "data_editor", editor)
    app = opened("estate", scenario="web-shop")
    app.run()
    assert keys[:3] == keys[3:]
    button(app, "Undo all edits").click().run()
    assert not app.exception
    assert not set(keys[-3:]) & set(keys[:3])


def test_warnings_are_told_by_resource_and_follow_the_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What AWS ignores stands beside the resource, in words, as soon as an edit is right."""
    text = shown(opened("estate", scenario="web-shop"))
    assert ">analytics.warehouse</td>" in text
    assert "the copy into “dr” is not supported for Redshift" in text
    assert "AWS then makes no copy of it" in text
    assert "Neptune" not in text

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name != "resources":
            return frame
        frame.loc[frame["resource"] == "warehouse", "resource"] = "lake"
        new = {"application": "shop", "resource": "links", "type": "Neptune", "size": "9 GB"}
        return pd.concat([frame, pd.DataFrame([new])])

    edit(monkeypatch, change)
    app = opened("estate", scenario="web-shop")
    assert not app.exception
    edited = shown(app)
    assert ">analytics.lake</td>" in edited
    assert ">analytics.warehouse</td>" not in edited
    assert ">shop.links</td>" in edited
    assert "the move to cold storage is not supported for Neptune" in edited
    assert "New warnings: " in edited
