"""The app's pages and the way between them."""

from __future__ import annotations

import streamlit as st

from drsim.app import session, show

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0072b2" stroke-width="2.5">'
    '<path d="M4 4v6h6M4.5 10a8.5 8.5 0 1 1-.8 5M12 8v5l3.5 2"/></svg>'
)
"""A clock turned back. Drawn here, since a browser would fetch an icon that is named only from somebody else."""


def main() -> None:
    """Show the page that the visitor has chosen."""
    from importlib import import_module
    from importlib.util import find_spec

    st.set_page_config(page_title="drsim", page_icon=_ICON, layout="wide")
    show.layout()
    pages = {
        "compare": ("Compare", "compare", ":material/balance:"),
        "whatif": ("What if", "what-if", ":material/tune:"),
        "estate": ("Estate", "estate", ":material/account_tree:"),
        "incident": ("Incident", "incident", ":material/timeline:"),
        "cost": ("Cost", "cost", ":material/payments:"),
        "sensitivity": ("Sensitivity", "sensitivity", ":material/bar_chart:"),
        "catalogue": ("Catalogue", "catalogue", ":material/menu_book:"),
    }
    chosen = st.navigation(
        [
            st.Page(
                import_module(f"drsim.app.pages.{name}").page,
                title=title,
                url_path=path,
                icon=icon,
                default=name == "compare",
            )
            for name, (title, path, icon) in pages.items()
            if find_spec(f"drsim.app.pages.{name}") is not None
        ]
    )
    session.sidebar()
    chosen.run()
    session.share()
