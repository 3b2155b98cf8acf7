"""Ways from one page to another, with the visit's scenario and choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

_PAGES = "pages"
"""Key of the session: the pages by their titles."""


def remember(pages: Sequence[Page]) -> None:
    """Know the pages of the app, by their titles."""
    st.session_state[_PAGES] = {page.title: page for page in pages}


def link(title: str, label: str, icon: str) -> None:
    """Show a link to another page.

    Args:
        title: of the page.
        label: of the link, in words of drsim's own.
        icon: as Streamlit names it.
    """
    st.page_link(st.session_state[_PAGES][title], label=label, icon=icon)


def go(title: str) -> None:
    """Go to another page; it writes into the link what it shows.

    Args:
        title: of the page.
    """
    # none rather than nothing said: Streamlit refuses to forget what belongs to a widget
    st.switch_page(st.session_state[_PAGES][title], query_params={})
