"""Choices that all pages share: strategy, disruption, application, subject. They stand in the link."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from drsim.app.session import Draft
from drsim.scenario import subjects


def strategy(draft: Draft) -> str:
    """Ask for a strategy."""
    return _pick("Strategy", "strategy", tuple(draft.scenario.strategies))


def disruption(draft: Draft) -> str:
    """Ask for a disruption."""
    return _pick("Disruption", "disruption", tuple(draft.scenario.disruptions))


def application(draft: Draft) -> str:
    """Ask for an application."""
    return _pick("Application", "application", tuple(draft.scenario.applications))


def subject(draft: Draft) -> str:
    """Ask for an application or resource: `app` or `app.resource`."""
    names = (*draft.scenario.applications, *subjects(draft.scenario))
    return _pick("Application or resource", "subject", names)


def _pick(label: str, key: str, options: Sequence[str]) -> str:
    """Ask for one of some names; what another scenario had, and this one has not, is forgotten."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]
    found: str = st.selectbox(label, options, key=key, bind="query-params")
    return found
