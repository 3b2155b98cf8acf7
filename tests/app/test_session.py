"""What a visit knows: the scenario chosen, uploaded, linked or edited."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from drsim.app import drafts, session, uploads
from drsim.app.drafts import FIRST
from drsim.app.link import packed, unpacked
from drsim.app.questions import Limits
from drsim.app.session import DEFAULT_DRILLS
from drsim.scenario import read_scenario
from drsim.scenario.shipped import shipped, shipped_scenarios
from tests.app.visits import DRILLS, button, opened, script, shown

PERIODIC = shipped("scenarios") / "periodic.yaml"
PLAN = Path(__file__).parent.parent / "data" / "plans" / "efs-daily.json"


def parameter(app: AppTest, key: str) -> str:
    """Return the only value of a parameter of the address."""
    found = app.query_params[key]
    return found if isinstance(found, str) else found[0]


def uploaded(name: str, content: bytes) -> AppTest:
    """Return the app after the upload of a scenario."""
    app = opened(scenario="mine", drills=str(DRILLS))
    app.file_uploader(key="upload").set_value((name, content, "application/yaml"))
    return app.run()


def test_first_visit_shows_a_scenario_at_once() -> None:
    """A new session needs no click: a scenario is chosen, has run, and others are offered."""
    app = opened(drills=str(DRILLS))
    assert not app.exception
    assert app.selectbox(key="scenario").value == FIRST
    assert parameter(app, "scenario") == FIRST
    names = [read_scenario(p.read_text(encoding="utf-8"), base=p.parent).name for p in shipped_scenarios().values()]
    assert app.selectbox(key="scenario").options[: len(names)] == names
    assert f"{DRILLS} drills per strategy" in shown(app)


def test_drills_have_a_default_and_bounds() -> None:
    """The number of drills starts with a default; a link cannot ask for more than the app takes."""
    assert opened(scenario="periodic").number_input(key="drills").value == DEFAULT_DRILLS
    app = opened(scenario="periodic", drills="999999")
    assert not app.exception
    assert app.number_input(key="drills").value == DEFAULT_DRILLS


def test_link_to_an_unknown_scenario_says_so() -> None:
    """A link to a scenario that is not there opens with another, and says so."""
    app = opened(scenario="../../etc/passwd", drills=str(DRILLS))
    assert not app.exception
    assert "not here" in app.warning[0].value
    assert not app.success
    assert app.selectbox(key="scenario").value == FIRST


def test_link_to_an_unknown_choice_says_so() -> None:
    """What a link asks for and is not here is said, cut where it is long, until something else is chosen."""
    app = opened("incident", scenario="periodic", drills=str(DRILLS), disruption="x" * 5000)
    for _ in range(2):
        assert not app.exception
        assert "x…: this is" in app.warning[0].value.replace("\\", "")
        app.run()
    disruption = app.selectbox(key="disruption")
    other = next(name for name in disruption.options if name != disruption.value)
    assert not disruption.select(other).run().warning


@pytest.mark.parametrize("page", ["", "what-if", "incident", "cost"])
def test_what_is_estimated_stands_beside_the_answer(page: str) -> None:
    """Each answer says on how many values it rests, how many of these nobody states, and which matters most."""
    text = shown(opened(page, scenario="periodic", drills=str(DRILLS))).replace("\\", "")
    found = re.search(r"Rests on (\d+) catalogue values, (\d+) of them estimated(.*)", text)
    assert found is not None
    assert int(found[1]) > int(found[2]) > 0
    # which estimate moves one drill most is a question for Sensitivity
    assert ("moves" in found[3]) is (page != "incident")


@pytest.mark.parametrize("number", ["1e309", "NaN", "-inf", "9" * 400, "much"])
def test_link_with_a_number_that_is_none_says_so(number: str) -> None:
    """A number that no widget can hold is taken out of the link."""
    app = opened("incident", scenario="periodic", drills=number)
    assert not app.exception
    assert "where a number is wanted" in app.warning[0].value
    assert app.number_input(key="drills").value == DEFAULT_DRILLS


def test_scenario_that_the_server_no_longer_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shipped scenario that is deleted while it is shown gives way to another, which is said."""
    app = opened(scenario="periodic", drills=str(DRILLS))
    left = {name: path for name, path in shipped_scenarios().items() if name != "periodic"}
    for module in (session, drafts):
        monkeypatch.setattr(module, "shipped_scenarios", lambda: left)
    app.run()
    assert not app.exception
    assert "no longer has the scenario periodic" in app.warning[0].value
    assert app.selectbox(key="scenario").value == FIRST


def test_uploaded_file_that_the_server_no_longer_has(tmp_path: Path) -> None:
    """A file that was sent to a server before this one is asked for again."""
    gone = script(
        tmp_path,
        "st.session_state.update({'scenario': 'mine', 'unread': True, 'upload': 'not a file any more'})",
        "uploads.take_file()",
        "st.text(st.session_state['warned'])",
    ).run()
    assert not gone.exception
    assert "upload it again" in gone.text[0].value


def test_file_that_takes_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is read in a worker process, within limits; beyond them it is refused with words, and all go on."""
    monkeypatch.setattr(uploads, "READING", Limits(longest_s=0.01))
    many = "".join(f"  - {{a{k}: [1, 2, 3]}}\n" for k in range(20_000))
    app = uploaded("hard.yaml", f"name: hard\napplications:\n{many}".encode())
    assert not app.exception
    assert "[file-too-hard]" in app.code[0].value
    monkeypatch.undo()
    again = uploaded("mine.yaml", PERIODIC.read_bytes())
    assert "drsim run mine.yaml" in shown(again)


def test_own_file_is_asked_for() -> None:
    """Before an upload the page says how to come by a file."""
    app = opened(scenario="mine")
    assert "drsim new" in app.info[0].value
    assert not app.exception


def test_example_to_start_from() -> None:
    """Who has no file yet starts from a small example."""
    app = opened(scenario="mine", drills=str(DRILLS))
    button(app, "Start from a small example").click().run()
    assert not app.exception
    assert "My application" in shown(app)
    assert parameter(app, "file") == "scenario.yaml"


def test_own_file_runs_and_is_in_the_link() -> None:
    """An uploaded scenario runs; its command names the file, and the link holds its text."""
    text = PERIODIC.read_text(encoding="utf-8")
    app = uploaded("mine.yaml", text.encode())
    assert not app.exception
    assert f"drsim run mine.yaml --drills {DRILLS} --seed 1" in shown(app)
    assert unpacked(parameter(app, "text")) == text
    other = opened(**{key: parameter(app, key) for key in ("scenario", "file", "text", "drills")})
    assert f"drsim run mine.yaml --drills {DRILLS} --seed 1" in shown(other)
    assert shown(other) == shown(app)


def test_link_without_its_text_asks_for_the_file() -> None:
    """A link that was cut says what is missing."""
    app = opened(scenario="mine", file="mine.yaml", text="cut")
    assert not app.exception
    assert "upload the file" in shown(app)


@pytest.mark.parametrize("name", ["../../x.yaml", "C:\\\\x.yaml", "<b>.yaml", "a\u202eb.yaml", "no-ending", ""])
def test_name_of_a_file_in_a_link_is_only_a_name(name: str) -> None:
    """What a link calls a file names no other place and no tag."""
    text = packed(PERIODIC.read_text(encoding="utf-8"))
    assert text is not None
    app = opened(scenario="mine", file=name, text=text, drills=str(DRILLS))
    assert not app.exception
    kept = parameter(app, "file")
    assert kept.isprintable()
    assert "/" not in kept
    assert "\\" not in kept
    assert "<b>" not in "".join(element.value for element in app.markdown)


def test_bad_file_shows_every_problem_with_its_line() -> None:
    """A file with errors cannot run; each error stands there with its line."""
    app = uploaded("bad.yaml", b"drills: many\nsits: {}\n")
    assert not app.exception
    assert "problems" in app.error[0].value
    assert "bad.yaml:1: " in app.code[0].value
    assert "bad.yaml:2: " in app.code[0].value


@pytest.mark.parametrize(
    ("content", "check"),
    [(b"", "empty-file"), (b"\0", "binary-file"), (b"\xff\xfe", "not-utf-8"), (b"#" * 5_000_001, "file-too-large")],
)
def test_no_scenario_at_all_is_an_error_that_says_why(content: bytes, check: str) -> None:
    """What is no scenario, or too large, is refused with the reason."""
    app = uploaded("bad.yaml", content)
    assert not app.exception
    assert f"[{check}]" in app.code[0].value


def test_bad_file_leaves_the_scenario_before() -> None:
    """A file with errors does not take away the one before it."""
    app = uploaded("mine.yaml", PERIODIC.read_bytes())
    app.file_uploader(key="upload").set_value(("bad.yaml", b"sits: {}\n", "application/yaml")).run()
    assert app.error
    button(app, "Go on with the scenario before").click().run()
    assert not app.error
    assert "drsim run mine.yaml" in shown(app)


def test_own_file_reads_no_files_of_the_server() -> None:
    """A plan document that an uploaded scenario names is not opened, though a scenario on the server may name it."""
    text = PERIODIC.read_text(encoding="utf-8")
    plan = text[text.index("  daily:\n    rules:") : text.index("strategies:")]
    text = text.replace(plan, f"  daily: {{file: {PLAN}}}\n")
    assert read_scenario(text, base=PLAN.parent)
    app = uploaded("mine.yaml", text.encode())
    assert app.error


def test_aws_plan_protects_a_small_estate() -> None:
    """A plan document that AWS printed becomes the strategy of an example."""
    app = opened(scenario="aws-plan", drills=str(DRILLS))
    assert "get-backup-plan" in app.info[0].value
    app.file_uploader(key="upload-plan").set_value(("plan.json", PLAN.read_bytes(), "application/json")).run()
    assert not app.exception
    text = shown(app)
    assert "from-aws" in text
    assert "Estate" in app.success[0].value
    rules = json.loads(PLAN.read_text(encoding="utf-8"))["BackupPlan"]["Rules"]
    made = read_scenario(unpacked(parameter(app, "text")) or "")
    assert [rule.rule_name for rule in made.backup_plans["from-aws"].rules] == [rule["RuleName"] for rule in rules]


def test_bad_plan_shows_its_problems_with_lines() -> None:
    """What AWS would refuse in a plan is shown with the line of the document."""
    app = opened(scenario="aws-plan")
    bad = b'{"BackupPlan": {"BackupPlanName": "x",\n "Rules": [{"RuleName": "a b"}]}}'
    app.file_uploader(key="upload-plan").set_value(("../../plan.json", bad, "application/json")).run()
    assert not app.exception
    assert app.error
    assert "plan.json:2: " in app.code[0].value


def test_nothing_of_a_visit_is_seen_by_another() -> None:
    """Two sessions at once: what one uploads, the other neither sees nor is offered."""
    mine = uploaded("secret-plan.yaml", PERIODIC.read_bytes().replace(b"orders", b"secrets"))
    other = opened(scenario="mine")
    assert "secret" in shown(mine)
    assert "secret" not in shown(other) + " ".join(other.selectbox(key="scenario").options)


def test_replaced_text_is_what_all_pages_show(tmp_path: Path) -> None:
    """A page that edits the scenario puts a text in its place, under a name that says so."""
    app = script(
        tmp_path,
        "session.sidebar()",
        "draft = drafts.chosen()",
        "if draft.source == 'periodic':",
        "    drafts.replace(draft.text.replace('seed: 1', 'seed: 2'), 'Changed *it*.')",
        "st.text(f'{draft.source} {draft.scenario.seed}')",
    )
    app.query_params["scenario"] = "periodic"
    app.run()
    assert app.text[0].value == "my-periodic.yaml 2"
    assert app.success[0].value == "Changed \\*it\\*\\."
    assert unpacked(parameter(app, "text"))


def test_choices_go_along_from_page_to_page() -> None:
    """What one page begins with is what the next one shows, and it stands in the link of both."""
    app = opened(scenario="periodic", drills=str(DRILLS))
    first = app.selectbox(key="disruption").value
    (other,) = {"database-lost", "region-lost"} - {first}
    for page, disruption in (("incident", first), ("sensitivity", other)):
        if disruption != first:
            app.selectbox(key="disruption").select(disruption).run()
        app._page_hash = calc_hash(page)
        # as a browser does it: the address of the next page has what belongs to widgets of the sidebar only
        for name in ("disruption", "subject", "strategy"):
            app.query_params.pop(name, None)
        app.run()
        assert not app.exception
        assert app.selectbox(key="disruption").value == disruption
        assert parameter(app, "disruption") == disruption
