"""The page that compares strategies, without a browser."""

from __future__ import annotations

import csv
import io
import re
import shlex
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from drsim.app.state import DEFAULT_DRILLS, MOST_DRILLS, Study
from drsim.cli import main
from drsim.scenario import read_scenario
from drsim.scenario.shipped import shipped, shipped_scenarios
from drsim.study.results import to_csv

PERIODIC = shipped("scenarios") / "periodic.yaml"
DRILLS = 20
SLOW_S = 120


def opened(**address: str) -> AppTest:
    """Return the app as it opens in a new session, at an address with these parameters."""
    app = AppTest.from_file(str(shipped("app.py")), default_timeout=SLOW_S)
    for key, value in address.items():
        app.query_params[key] = value
    return app.run()


def ran() -> AppTest:
    """Return the app after a study of the smallest shipped scenario."""
    app = opened(scenario="periodic", drills=str(DRILLS))
    button(app, "Run").click()
    return app.run()


def uploaded(name: str, content: bytes) -> AppTest:
    """Return the app after the upload of a file."""
    app = opened(scenario="own", drills=str(DRILLS))
    app.file_uploader[0].set_value((name, content, "application/yaml"))
    return app.run()


def button(app: AppTest, label: str) -> Button:
    """Return the button with this label."""
    return next(found for found in app.button if found.label == label)


def shown(app: AppTest) -> str:
    """Return all text on the page."""
    kinds = (app.title, app.markdown, app.html, app.info, app.warning, app.error, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def parameter(app: AppTest, key: str) -> str:
    """Return the only value of a parameter of the address."""
    found = app.query_params[key]
    return found if isinstance(found, str) else found[0]


def study(app: AppTest) -> Study:
    """Return the study that the session keeps."""
    found = app.session_state["study"]
    assert found is not None
    return found  # type: ignore[no-any-return]


def test_first_visit_says_what_to_do_next() -> None:
    """A new session offers every shipped scenario, has run nothing, and says which button does."""
    app = opened()
    assert not app.exception
    assert app.selectbox(key="scenario").options[:-1] == list(shipped_scenarios())
    assert app.number_input(key="drills").value == DEFAULT_DRILLS
    assert "Nothing has run yet. Press **Run**" in app.info[0].value
    assert not button(app, "Run").disabled
    assert not app.tabs


def test_study_shows_comparison_costs_and_command() -> None:
    """After Run the page shows each disruption with its verdict, the costs, two downloads and the command."""
    app = ran()
    assert not app.exception
    text = shown(app)
    assert f"{DRILLS} drills per strategy and disruption, seed 1" in text
    assert all(word in text for word in ("database-lost", "region-lost", "daily", "USD/month"))
    summary = study(app).result.summary
    # 20 drills are too few for `met`; as cells of the table, since the hint below it names a verdict, too
    verdicts = summary.loc[summary["level"] == "application", "verdict"].tolist()
    assert re.findall(r">(breached|undecided)</td>", text) == verdicts
    assert "Steady cost per month" in text
    assert {found.label for found in app.download_button} == {"Download summary.csv", "Download scenario.yaml"}
    assert f"drsim run periodic --drills {DRILLS} --seed 1" in text
    assert "Nothing has run yet" not in text
    assert "Run" in [found.label for found in app.button]


def test_command_repeats_the_study(capsys: pytest.CaptureFixture[str]) -> None:
    """The command that the page shows finds out the same, byte for byte."""
    kept = study(ran())
    assert main([*shlex.split(kept.command)[1:], "--workers", "1", "--format", "csv"]) == 0
    assert capsys.readouterr().out == to_csv(kept.result.summary)


def test_result_survives_what_comes_after() -> None:
    """Another choice keeps the last study on the page, and says that it is not of that choice."""
    app = ran()
    before = study(app)
    app.run()
    assert study(app) is before
    assert not app.info
    app.number_input(key="drills").set_value(DRILLS + 1).run()
    assert study(app) is before
    assert f"{DRILLS} drills per strategy" in shown(app)
    assert "Below is the last study" in app.info[0].value


def test_stopped_study_leaves_nothing_behind() -> None:
    """A script that ends while drills run keeps no study, and asks for none: Stop ends it in this way."""

    def script() -> None:
        import streamlit as st

        from drsim.app import state

        if "begun" not in st.session_state:
            st.session_state["begun"] = True
            state.ask()
            state.run(state.shipped_draft("periodic"), 1, lambda *_: st.stop())
        st.text(f"{state.is_asked()} {state.study()}")

    app = AppTest.from_function(script, default_timeout=SLOW_S).run()
    assert not app.text
    assert app.run().text[0].value == "False None"


def test_what_stop_says_is_said_once() -> None:
    """After Stop the page says that nothing was kept, and how to go on; not again later."""

    def script() -> None:
        import streamlit as st

        from drsim.app import state

        st.button("Stop", on_click=state.stop)
        st.text(str(state.message()))

    app = AppTest.from_function(script, default_timeout=SLOW_S).run()
    assert "press Run again" in app.button[0].click().run().text[0].value
    assert app.run().text[0].value == "None"


def test_other_chart_needs_no_other_study() -> None:
    """A choice of disruption and resource redraws the chart of the same study, and stands in the address."""
    app = ran()
    before = study(app)
    app.selectbox(key="disruption").select("region-lost").run()
    app.selectbox(key="subject").select("orders.db").run()
    assert not app.exception
    assert study(app) is before
    assert (parameter(app, "disruption"), parameter(app, "subject")) == ("region-lost", "orders.db")


def test_address_carries_the_choice() -> None:
    """A link opens with its choice, and a choice makes the link."""
    app = opened(scenario="periodic", drills="30")
    assert app.selectbox(key="scenario").value == "periodic"
    assert app.number_input(key="drills").value == 30
    app.number_input(key="drills").set_value(40).run()
    assert (parameter(app, "scenario"), parameter(app, "drills")) == ("periodic", "40")


@pytest.mark.parametrize(
    ("asked", "given"),
    [("many", DEFAULT_DRILLS), ("", DEFAULT_DRILLS), ("-5", DEFAULT_DRILLS), ("0", 1), ("999999999", MOST_DRILLS)],
)
def test_address_with_a_wrong_number_opens(asked: str, given: int) -> None:
    """A number of drills that cannot be opens with one that can."""
    app = opened(scenario="periodic", drills=asked)
    assert not app.exception
    assert app.number_input(key="drills").value == given


def test_address_of_an_unknown_scenario_says_so() -> None:
    """A link to a scenario that is not there opens with another, and says so."""
    app = opened(scenario="../../etc/passwd")
    assert not app.exception
    assert "not here" in app.warning[0].value
    assert app.selectbox(key="scenario").value in shipped_scenarios()


def test_own_file_is_asked_for() -> None:
    """Before an upload the page says how to come by a file, and cannot run."""
    app = opened(scenario="own")
    assert "drsim new" in app.info[0].value
    assert button(app, "Run").disabled


def test_own_file_runs() -> None:
    """An uploaded scenario runs, and its command names the file."""
    app = uploaded("mine.yaml", PERIODIC.read_bytes())
    assert not app.exception
    button(app, "Run").click()
    app.run()
    assert study(app).command == f"drsim run mine.yaml --drills {DRILLS} --seed 1"
    rows = list(csv.DictReader(io.StringIO(to_csv(study(app).result.summary))))
    assert {row["disruption"] for row in rows} == {"database-lost", "region-lost"}


def test_bad_file_shows_every_problem_with_its_line() -> None:
    """A file with errors cannot run; each error stands there with its line."""
    app = uploaded("bad.yaml", b"drills: many\nsits: {}\n")
    assert not app.exception
    assert app.error
    assert "bad.yaml:1: " in app.code[0].value
    assert "bad.yaml:2: " in app.code[0].value
    assert button(app, "Run").disabled


@pytest.mark.parametrize(
    ("content", "check"),
    [(b"", "empty-file"), (b"\0", "binary-file"), (b"\xff\xfe", "not-utf-8"), (b"#" * 5_000_001, "file-too-large")],
)
def test_no_scenario_at_all_is_an_error_that_says_why(content: bytes, check: str) -> None:
    """What is no scenario, or too large, is refused with the reason."""
    app = uploaded("bad.yaml", content)
    assert not app.exception
    assert f"[{check}]" in app.code[0].value


def test_own_file_reads_no_files_of_the_server() -> None:
    """A plan document that an uploaded scenario names is not opened, though a scenario on the server may name it."""
    document = Path(__file__).parent.parent / "data" / "plans" / "efs-daily.json"
    text = PERIODIC.read_text(encoding="utf-8")
    plan = text[text.index("  daily:\n    rules:") : text.index("strategies:")]
    text = text.replace(plan, f"  daily: {{file: {document}}}\n")
    assert read_scenario(text, base=document.parent)
    app = uploaded("mine.yaml", text.encode())
    assert app.error
    assert button(app, "Run").disabled


def test_bad_file_leaves_the_last_study() -> None:
    """A file with errors does not take away what was found out before it."""
    app = ran()
    before = study(app)
    app.selectbox(key="scenario").select("own").run()
    app.file_uploader[0].set_value(("bad.yaml", b"sits: {}\n", "application/yaml")).run()
    assert app.error
    assert study(app) is before
    assert "Below is the last study" in shown(app)
