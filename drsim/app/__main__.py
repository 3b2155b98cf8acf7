"""The app's server, with its pages read and its workers begun before the first visitor comes.

`drsim app` starts it with the words of `streamlit run`, which works by itself, too, but lets the first visitor wait.
"""

from __future__ import annotations

if __name__ == "__main__":  # worker processes read this file, too, and serve nothing
    import sys

    from drsim.app import workers

    workers.read_ahead()

    from streamlit.web.cli import main

    from drsim.app import main as pages  # noqa: F401  # reading them takes seconds
    from drsim.app import studies, unset

    unset.arrange()
    studies.foresee()
    sys.exit(main(prog_name="streamlit"))
