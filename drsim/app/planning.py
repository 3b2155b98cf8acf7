"""What a plan must reach and may choose, as a visitor chooses it: kept for the visit, and in the link.

Choices are values of keys of `planning`, as scenarios write them; None stands for what holds where nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from drsim.app import drafts
from drsim.changes.writing import differences, written_data
from drsim.planner.answer import Plan
from drsim.scenario import Scenario
from drsim.scenario.edit import Change, Placement, Removal, changed, edited, quick_text
from drsim.scenario.nodes import Plain
from drsim.scenario.planning import Planning

Choices = Mapping[str, Plain]

LINK = "planning"
"""What the link calls them."""

_CHOICES = "plan-choices"
"""Key of the session: (scenario, choices)."""

_LONGEST = 8000
"""Characters of choices that a link may bring."""


def recalled() -> Choices:
    """Return the choices of this visit for its scenario, at first those of the link."""
    now = drafts.identity()
    known: tuple[str, Choices] | None = st.session_state.get(_CHOICES)
    if known is None:
        known = now, read(st.query_params.get(LINK, ""))
    if known[0] != now:
        known = now, {}
    st.session_state[_CHOICES] = known
    return known[1]


def choose(draft: drafts.Draft, key: str, value: Plain) -> None:
    """Choose a value of a key; one that the scenario itself has is no choice."""
    choices = {k: v for k, v in recalled().items() if k != key}
    if value != said(draft.scenario).get(key):
        choices[key] = value
    st.session_state[_CHOICES] = drafts.identity(), choices


def forget() -> None:
    """Choose nothing: what the scenario says holds."""
    st.session_state[_CHOICES] = drafts.identity(), {}


def share(choices: Choices) -> None:
    """Write choices into the link."""
    text = json.dumps(choices, separators=(",", ":"), ensure_ascii=False)
    if not choices:
        st.query_params.pop(LINK, None)
    elif st.query_params.get(LINK) != text:
        st.query_params[LINK] = text


def read(text: str) -> Choices:
    """Return the choices that a link holds; none where it holds something else."""
    try:
        content = json.loads(text) if text and len(text) <= _LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in content.items() if k in Planning.model_fields} if isinstance(content, dict) else {}


def said(scenario: Scenario) -> dict[str, Plain]:
    """Return what a scenario says of planning, in canonical spelling."""
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True, include={"planning"})
    values: dict[str, Plain] = data.get("planning", {})
    return values


def quickly_with(draft: drafts.Draft, choices: Choices) -> str:
    """Return the scenario's text with choices, for programs: no comment stays."""
    if not choices:
        return draft.text
    return quick_text(changed(written_data(draft.scenario), changes(choices)))


def with_choices(draft: drafts.Draft, choices: Choices) -> str:
    """Return the scenario's text with choices, its comments kept."""
    return edited(draft.text, changes(choices))


def kept(draft: drafts.Draft, choices: Choices, plan: Plan) -> str:
    """Return the scenario's text with choices and a plan: its strategy, backup plans, vaults and priorities."""
    priorities = {} if plan.order is None else plan.order.after
    return edited(
        draft.text,
        [
            *changes(choices),
            *differences(draft.scenario, plan.scenario, {}),
            *(Placement(("applications", name, "priority"), number) for name, number in priorities.items()),
        ],
    )


def changes(choices: Choices) -> list[Change]:
    """Return choices as changes of a scenario's text."""
    return [
        Removal(("planning", key)) if value is None else Placement(("planning", key), value)
        for key, value in choices.items()
    ]
