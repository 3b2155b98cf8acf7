"""`drsim check` over several files, for people, programs and pipelines; `drsim list`; names that are not there."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from drsim.cli import main
from drsim.errors import Problem
from drsim.report.checked import CheckedFile, check_github, check_json, check_text
from drsim.scenario.shipped import shipped_scenarios
from drsim.scenario.starter import starter_text
from drsim.scenario.suggest import closest, suggestion


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Return the files of a right scenario, one with an error and one that is not there."""
    right, wrong, missing = tmp_path / "right.yaml", tmp_path / "wrong.yaml", tmp_path / "missing.yaml"
    right.write_text(starter_text(), encoding="utf-8")
    wrong.write_text("drills: many\nsits: {}\n", encoding="utf-8")
    return {"right": str(right), "wrong": str(wrong), "missing": str(missing)}


def test_check_takes_several_files(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there keeps no other from being checked; each has its count, and all together."""
    assert main(["check", files["missing"], files["wrong"], files["right"]]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"error: {files['missing']}: no such file") for line in lines)
    assert any(line.startswith(f"error: {files['wrong']}:1") for line in lines)
    assert any(line.startswith("My application: no errors") for line in lines)
    assert lines[-1].startswith("3 files: ")


def test_standard_input_is_one_of_several(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-` stands beside files, once."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"sits: {}\n")))
    assert main(["check", "-", files["right"]]) == 2
    assert "<stdin>:1" in capsys.readouterr().out
    assert main(["check", "-", files["right"], "-"]) == 2
    assert "only once" in capsys.readouterr().err


def test_check_as_json(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Every finding says where, what, which rule and how to repair it, and whether it is an error."""
    assert main(["check", files["wrong"], "web-shop", "--format", "json"]) == 2
    data = json.loads(capsys.readouterr().out)
    keys = ["source", "file", "line", "check", "severity", "found", "rule", "repair"]
    assert all(list(each) == keys for each in data["findings"])
    counts = {file["source"]: (file["errors"], file["warnings"]) for file in data["files"]}
    assert counts[files["wrong"]][0] > 0
    assert counts["web-shop"][0] == 0
    for source, (errors, warnings) in counts.items():
        own = [each["severity"] for each in data["findings"] if each["source"] == source]
        assert own == ["error"] * errors + ["warning"] * warnings
    shop = next(each for each in data["findings"] if each["check"] == "copy-ignored")
    assert shop["file"] == str(shipped_scenarios()["web-shop"])
    assert shop["line"] > 0


def warned(number: int, rule: str = "a rule", check: str = "a-check") -> tuple[Problem, ...]:
    """Return warnings of one check."""
    return tuple(Problem("x.yaml", k, check, f"thing {k} is odd", rule, "mend it") for k in range(1, number + 1))


def test_what_says_the_same_is_told_of_three() -> None:
    """Of warnings that say the same of many things three are shown, with how many more; all are counted."""
    text = check_text([CheckedFile("x.yaml", "x", (), (*warned(40), *warned(3, "other")))])
    assert text.count("[a-check]\n") == 6
    assert "and 37 more [a-check] that say the same of others: --format json prints all" in text
    assert text.index("and 37 more") < text.index("other")
    assert text.endswith("x: no errors, 43 warnings")
    assert "more" not in check_text([CheckedFile("x.yaml", "x", (), warned(3))])


def test_very_many_warnings_are_told_in_part() -> None:
    """Of 250 warnings of different kinds a hundred are shown, with how many more; none goes silently."""
    warnings = tuple(each for k in range(250) for each in warned(1, f"rule {k}"))
    text = check_text([CheckedFile("x.yaml", "x", (), warnings)])
    assert text.count("warning: x.yaml") == 100
    assert "warning: 150 more warnings, of less weight: --format json prints all" in text
    assert text.endswith("x: no errors, 250 warnings")
    both = check_text([CheckedFile("x.yaml", "x", (), (*warned(10), *warnings))])
    # the first of the second kind say the same as those of the first
    assert "and 7 more [a-check]" in both
    assert "153 more warnings" in both
    exactly = check_text([CheckedFile("x.yaml", "x", (), warnings[:100])])
    assert "more" not in exactly
    assert check_json([CheckedFile("x.yaml", "x", (), warnings)]).count("a-check") == 250


def test_errors_are_all_told() -> None:
    """What has to be mended is listed, line by line."""
    text = check_text([CheckedFile("x.yaml", "x", warned(120), ())])
    assert text.count("error: x.yaml") == 120


def test_github_annotations_are_one_line_each() -> None:
    """Nothing that a file says ends an annotation or begins another command."""
    nasty = Problem("a,b:c%.yaml", 3, "a-check", "50 %\n::error::more", "a rule", "a\r\nrepair")
    files = [CheckedFile("x", "x", (nasty,), (Problem("", 0, "b-check", "f", "r"),))]
    assert check_github(files).split("\n") == [
        "::error file=a%2Cb%3Ac%25.yaml,line=3,title=a-check::50 %25%0A::error::more: a rule%0Aa%0D%0Arepair",
        "::warning file=x,title=b-check::f: r",
    ]


def test_github_counts_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The annotations of a shipped scenario name its file and lines."""
    assert main(["check", "web-shop", "--format", "github"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert len(lines) > 3
    assert all(line.startswith("::warning file=") for line in lines)
    assert shown.err.strip() == f"no errors, {len(lines)} warnings"


@pytest.mark.parametrize(
    ("sources", "status"), [(["web-shop"], 3), (["periodic"], 0), (["periodic", "web-shop"], 3), (["no-such"], 2)]
)
def test_strict_fails_on_warnings(sources: list[str], status: int) -> None:
    """With `--strict` warnings make the status 3, errors 2 all the same; without it warnings pass."""
    assert main(["check", "--strict", *sources]) == status
    assert main(["check", *sources]) == (2 if status == 2 else 0)


def test_list_names_every_shipped_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """`drsim list` says of each shipped scenario what it shows and how many drills a run takes."""
    assert main(["list", "--format", "json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["scenarios"]}
    assert list(found) == list(shipped_scenarios())
    assert all(each["shows"] for each in found.values())
    shop = found["web-shop"]
    assert shop["all_drills"] == shop["drills"] * shop["strategies"] * shop["disruptions"] == 120_000
    assert (shop["resources"], shop["members"]) == (6, 17)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["run", "web-shop.yaml"], "did you mean `web-shop`?"),
        (["check", "websop"], "did you mean `web-shop`?"),
        (["run", "periodic", "--strategy", "dayly"], "did you mean `daily`?"),
        (["run", "periodic", "--disruption", "region-loss"], "did you mean `region-lost`?"),
        (["explain", "periodic", "--disruption", "region-lost", "--subject", "db"], "did you mean `orders.db`?"),
        (
            ["sensitivity", "periodic", "--disruption", "region-lost", "--subject", "ordres"],
            "did you mean `orders`?",
        ),
        (["catalogue", "EFSS"], "did you mean EFS?"),
        (["catalogue", "--list", "values", "--basis", "estimate"], "did you mean `estimated`?"),
    ],
)
def test_a_name_that_is_not_there_suggests_the_nearest(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is misspelt, the message names what was probably meant, and the status is 2."""
    assert main(words) == 2
    shown = capsys.readouterr()
    assert meant in shown.out + shown.err


def test_a_file_beside_it_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is not there suggests one of the same folder that is named much the same."""
    monkeypatch.chdir(tmp_path)
    Path("billing.yaml").write_text(starter_text(), encoding="utf-8")
    assert main(["run", "biling.yaml"]) == 2
    assert "did you mean `billing.yaml`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "found"),
    [("a/b", "the folder a is not there"), ("", "names no file"), (".", "names no file"), ("a/", "names no file")],
)
def test_new_says_what_is_wrong_with_a_name(
    name: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`drsim new` makes no folders and wants a name; the repair works."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", name]) == 2
    shown = capsys.readouterr().err
    assert found in shown
    assert not list(tmp_path.iterdir())
    if name == "a/b":
        assert "mkdir -p a" in shown
        (tmp_path / "a").mkdir()
        assert main(["new", name]) == 0


def test_suggestions_name_what_there_is() -> None:
    """Long lists are cut and counted; a resource is found by its own name where one application has it."""
    names = [f"app{k}.web" for k in range(30)]
    assert suggestion("zzz", names).endswith("app11.web and 18 more")
    assert closest("web", names) is None or closest("web", names) in names
    assert closest("DB", ["orders.db", "shop"]) == "orders.db"
    assert closest("db", ["a.db", "b.db"]) != "shop"
    assert suggestion("x", []) == ""
