"""The app as a server: what `streamlit run` is given by `drsim app`; the pages are in `app.py`.

It stands in a folder of its own, since Streamlit adds its folder to where modules are looked for.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from streamlit.starlette import App

from drsim.app.headers import Headers
from drsim.scenario.shipped import shipped

app = App(shipped("app.py"), middleware=[Middleware(Headers)])
