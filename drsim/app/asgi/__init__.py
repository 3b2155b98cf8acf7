"""The file that `streamlit run` is given by `drsim app`, alone in its folder."""
