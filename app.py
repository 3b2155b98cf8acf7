"""The app: its pages and the way between them. Start it with `drsim app`."""

import streamlit as st

from drsim.app.pages import compare

st.set_page_config(page_title="drsim", layout="wide")
st.navigation([st.Page(compare.page, title="Compare", url_path="compare", default=True)]).run()
