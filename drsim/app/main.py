"""The app's pages and the way between them."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drsim.app import drafts, session, show, ways, work
from drsim.app.pages import catalogue, compare, cost, estate, incident, plan, sensitivity, whatif

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0072b2" stroke-width="2.5">'
    '<path d="M4 4v6h6M4.5 10a8.5 8.5 0 1 1-.8 5M12 8v5l3.5 2"/></svg>'
)
"""A clock turned back. Drawn here, since a browser would fetch an icon that is named only from somebody else."""


def main() -> None:
    """Show the page that the visitor has chosen."""
    st.set_page_config(page_title="drsim", page_icon=_ICON, layout="wide")
    show.layout()
    pages = [
        st.Page(compare.page, title="Compare", url_path="compare", icon=":material/balance:", default=True),
        st.Page(plan.page, title="Plan", url_path="plan", icon=":material/flag:"),
        st.Page(whatif.page, title="What if", url_path="what-if", icon=":material/tune:"),
        st.Page(estate.page, title="Estate", url_path="estate", icon=":material/account_tree:"),
        st.Page(incident.page, title="Incident", url_path="incident", icon=":material/timeline:"),
        st.Page(cost.page, title="Cost", url_path="cost", icon=":material/payments:"),
        st.Page(sensitivity.page, title="Sensitivity", url_path="sensitivity", icon=":material/bar_chart:"),
        st.Page(catalogue.page, title="Catalogue", url_path="catalogue", icon=":material/menu_book:"),
    ]
    ways.remember(pages)
    chosen = st.navigation(pages)
    work.forget_the_rest()
    session.sidebar()
    with _body():
        chosen.run()
    session.share()
    work.wait_for_the_rest()


_SHOWN = "shown-scenario"
"""Key of the session: what was shown last, and how often that has changed."""


def _body() -> DeltaGenerator:
    """Return the place of the page.

    What a page showed stays, dimmed, while a new answer is worked out. Where the scenario is another one it goes at
    once: nothing of the one before stands below the name of the new one.
    """
    last, changes = st.session_state.get(_SHOWN, ("", 0))
    now = drafts.identity()
    if now != last:
        changes += 1
        st.session_state[_SHOWN] = now, changes
    # two places by turns: what is empty loses what was there
    places: list[DeltaGenerator] = [st.empty() if k != changes % 2 else st.container() for k in range(2)]
    shown: DeltaGenerator = places[changes % 2]
    return shown
