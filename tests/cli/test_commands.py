"""The commands beside `drsim run`: their help, their output, their exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from drsim.cli import group, main
from drsim.cli.serve import command
from drsim.scenario import load_scenario
from drsim.scenario.shipped import shipped_scenarios


@pytest.mark.parametrize("name", sorted(group.commands))
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of a command shows an example of it."""
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example:" in shown
    assert f"  drsim {name}" in shown.split("Example:")[1]


def test_unexpected_error_is_a_short_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug exits with 1 and no traceback, unless DRSIM_DEBUG asks for it."""

    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(group.commands, "broken", broken)
    monkeypatch.delenv("DRSIM_DEBUG", raising=False)
    assert main(["broken"]) == 1
    shown = capsys.readouterr().err
    assert "bug in drsim" in shown
    assert "ZeroDivisionError: oh" in shown
    assert "Traceback" not in shown
    monkeypatch.setenv("DRSIM_DEBUG", "1")
    assert main(["broken"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_interrupt_is_not_a_bug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with the status that shells use for it, and without a traceback."""

    @click.command()
    def slow() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(group.commands, "slow", slow)
    assert main(["slow"]) == 130
    assert capsys.readouterr().err.strip() == "stopped"


def test_closed_pipe_is_not_a_bug() -> None:
    """Where nobody reads the output any more, the status is that of a closed pipe and stderr stays empty."""
    words = [sys.executable, "-m", "drsim", "schema"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_new_scenario_is_right_and_never_overwrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`drsim new` writes a scenario without errors, and refuses to write over a file."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "shop"]) == 0
    assert load_scenario("shop.yaml").name == "My application"
    assert main(["check", "shop.yaml"]) == 0
    assert "no errors" in capsys.readouterr().out
    Path("shop.yaml").write_text("mine", encoding="utf-8")
    assert main(["new", "shop.yaml"]) == 2
    assert "never overwrites" in capsys.readouterr().err
    assert Path("shop.yaml").read_text(encoding="utf-8") == "mine"


def test_check_lists_all_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`drsim check` names every error with its line and exits with 2."""
    path = tmp_path / "bad.yaml"
    path.write_text("drills: many\nsits: {}\n", encoding="utf-8")
    assert main(["check", str(path)]) == 2
    shown = capsys.readouterr().out
    assert f"{path}:1" in shown
    assert f"{path}:2" in shown


def test_scenario_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`-` reads the scenario from standard input, and messages say so."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"sits: {}\n")))
    assert main(["check", "-"]) == 2
    assert "<stdin>:1" in capsys.readouterr().out


def test_missing_file_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario that is not there exits with 2 and names those that come with drsim."""
    assert main(["run", "no-such-scenario"]) == 2
    shown = capsys.readouterr().err
    assert "no such file" in shown
    assert ", ".join(shipped_scenarios()) in shown


def test_catalogue_lists_types_as_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of early 2023 names the errors of AWS's own table; today's does not."""
    assert main(["catalogue", "--as-of", "2023-03-01"]) == 0
    old = capsys.readouterr().out
    assert "2023-03-01" in old
    assert "DocumentDB, audit: it says yes, right is no" in old
    assert main(["catalogue", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["errors_of_the_table_of_2023"] == []
    assert "EFS" in [row["type"] for row in data["types"]]


def test_catalogue_of_a_type_shows_basis_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    """Every value of a type comes with its basis, and with sources that are explained."""
    assert main(["catalogue", "efs", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["type"] == "EFS"
    assert all(value["basis"] for value in data["values"])
    assert {key for value in data["values"] for key in value["source"]} == set(data["sources"])
    assert main(["catalogue", "EFS"]) == 0
    assert "Sources:" in capsys.readouterr().out
    assert main(["catalogue", "NoSuchType"]) == 2
    assert "choose from" in capsys.readouterr().err


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`drsim schema` prints the schema of the keys that scenarios have."""
    assert main(["schema"]) == 0
    assert "strategies" in json.loads(capsys.readouterr().out)["properties"]


def test_app_serves_this_machine_only() -> None:
    """The app's server binds to localhost and reports nothing home."""
    words = command(8600, "localhost", browser=False)
    settings = dict(zip(words[5::2], words[6::2], strict=True))
    assert settings == {
        "--server.address": "localhost",
        "--server.port": "8600",
        "--server.headless": "true",
        "--server.maxUploadSize": "5",
        "--server.fileWatcherType": "none",
        "--browser.gatherUsageStats": "false",
        "--server.showEmailPrompt": "false",
        "--client.showErrorDetails": "none",
        "--client.toolbarMode": "viewer",
    }


def test_app_without_its_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Streamlit the message names the extra."""
    monkeypatch.setitem(sys.modules, "streamlit", None)
    assert main(["app"]) == 2
    assert "drsim[app]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["explain", "SCENARIO"], ["explain", "SCENARIO", "--drill", "1", "--quantile", "0.5"]]
)
def test_explain_asks_for_what_is_ambiguous(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several strategies to choose from, or two ways to choose a drill, are usage errors."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "shop"]) == 0
    assert main([word.replace("SCENARIO", "shop.yaml") for word in words]) == 2
    assert "Error" in capsys.readouterr().err


def test_catalogue_lists_regions(capsys: pytest.CaptureFixture[str]) -> None:
    """Regions are listed with place and partition, and what no source gives stays empty."""
    assert main(["catalogue", "--list", "regions", "--format", "json"]) == 0
    rows = {row["Region"]: row for row in json.loads(capsys.readouterr().out)["regions"]}
    assert rows["us-east-1"]["zones"] == "abcdef"
    assert rows["us-gov-west-1"]["partition"] == "aws-us-gov"
    assert rows["mx-central-1"]["zones"] == ""
