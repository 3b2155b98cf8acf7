"""Visits to the app without a browser: what tests of its pages share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button
from streamlit.util import calc_hash

from drsim.scenario.shipped import shipped
from tests.patience import PATIENCE_S

DRILLS = 30


def opened(page: str = "", **address: str) -> AppTest:
    """Return the app as it opens in a new session.

    Args:
        page: path of the page, such as `what-if`; the first where left out.
        address: parameters of the address.
    """
    app = AppTest.from_file(str(shipped("app.py")), default_timeout=PATIENCE_S)
    for key, value in address.items():
        app.query_params[key] = value
    if page:
        # pages that are functions are known by their path; `switch_page` knows those that are files only
        app._page_hash = calc_hash(page)
    return app.run()


def script(folder: Path, *lines: str) -> AppTest:
    """Return a page of these lines; like the app's own file it does nothing when worker processes read it.

    Args:
        folder: for the page's file.
        lines: of the page, which knows `st`, modules of the app, `FOLDER` and the work of `tests.app.labour`.
    """
    head = (
        "import streamlit as st\nfrom drsim.app import drafts, session, show, uploads, work\n"
        "from drsim.app.questions import MEMORY_BYTES, Limits, Question\nfrom drsim.app.workshop import WORKERS\n"
        "from tests.app.labour import count, die, fill, held, refuse\n"
        "from tests.patience import until\n"
    )
    file = folder / "page.py"
    body = "\n    ".join(lines)
    file.write_text(f"{head}FOLDER = {str(folder)!r}\nif __name__ == '__main__':\n    {body}\n", encoding="utf-8")
    return AppTest.from_file(str(file), default_timeout=PATIENCE_S)


def button(app: AppTest, label: str) -> Button:
    """Return the button with this label."""
    return next(element for element in app.button if element.label == label)


def shown(app: AppTest) -> str:
    """Return all text on the page."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.get("html"), app.info, app.success)
    more = (app.warning, app.error, app.code, app.metric)
    return "\n".join(str(_text(element)) for kind in (*kinds, *more) for element in kind)


def _text(element: Any) -> str:  # noqa: ANN401  # elements have no common type
    return str(getattr(element, "value", "") or getattr(element.proto, "body", ""))


def charts(app: AppTest) -> list[Any]:
    """Return the charts on the page."""
    return list(app.get("vega_lite_chart"))
