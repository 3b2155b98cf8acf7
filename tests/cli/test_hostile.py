"""Input that means harm, or is merely absurd: exit status 2 with the line, the range and a repair, at every door."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drsim import ScenarioError, read_scenario
from drsim.cli import main
from drsim.text import unprintable

ROOT = Path(__file__).parents[2]

BASE = """\
name: small
start: 2026-02-01
horizon: 15 d
warm_up: 12 d
drills: 4
sites:
  here: {region: us-east-1, account: own}
  there: {region: us-west-2, account: own}
vaults:
  near: {site: here}
  far: {site: there, lock: compliance}
applications:
  shop:
    site: here
    recover_at: there
    objectives: {rpo: 1 d, rto: 9 h}
    resources:
      db: {type: RDS, size: 120 GB, change_rate: 3 %/day}
backup_plans:
  daily:
    rules:
      - {rule_name: n, target_vault: near, every: 1 d, lifecycle: {delete_after: 9 d}}
strategies:
  one: {backup: daily}
disruptions:
  deleted: {kind: accidental-deletion}
  lost: {kind: region-loss, site: here}
response: {detect: 12 min, declare: 11 min, validate: 10 min, redirect: 2 min}
"""

CASES: dict[str, tuple[str, str, str]] = {
    "horizon-1e308-y": ("horizon: 15 d", "horizon: 1e308 y", "out-of-range"),
    "horizon-2e5-y": ("horizon: 15 d", "horizon: 2e5 y", "out-of-range"),
    "warm-up-1e7-y": ("warm_up: 12 d", "warm_up: 1e7 y", "out-of-range"),
    "drills-1e13": ("drills: 4", "drills: 10000000000000", "out-of-range"),
    "start-of-all-time": ("2026-02-01", "0001-01-01T00:00+13:00", "out-of-range"),
    "end-of-all-time": ("2026-02-01", "9999-12-31T23:00-12:00", "out-of-range"),
    "count-1e13": ("size: 120 GB", "size: 120 GB, count: 10000000000000", "out-of-range"),
    "count-1e31": ("size: 120 GB", f"size: 120 GB, count: 1{'0' * 31}", "out-of-range"),
    "size-1e300": ("120 GB", "1e300 TB", "out-of-range"),
    "objects-1e300": ("size: 120 GB", "size: 120 GB, objects: 1e300", "out-of-range"),
    "cost-1e300": ("recover_at: there", "downtime_cost: 1e300 USD/h", "out-of-range"),
    "act-after-1e300": ("recover_at: there", "act_after: 1e300 y", "out-of-range"),
    "every-1e300": ("every: 1 d", "every: 1e300 y", "out-of-range"),
    "detect-1e299": ("detect: 12 min", "detect: 1e299 y", "out-of-range"),
    "detect-triangular": ("detect: 12 min", "detect: {triangular: [2 d, 1e11 y, 1e299 y]}", "out-of-range"),
    "restore-exponential": (
        "3 %/day}",
        "3 %/day, overrides: {restore_duration: {exponential: 1e11 y}}}",
        "out-of-range",
    ),
    "spells-heavy-tail": (
        "3 %/day}",
        "3 %/day, overrides: {copy_failure: {p: 0.4, lasts: {median: 2 h, p95: 12 y}}}}",
        "out-of-range",
    ),
    "weibull-heavy-tail": (
        "3 %/day}",
        "3 %/day, overrides: {restore_duration: {weibull: {scale: 1 h, shape: 0.01}}}}",
        "out-of-range",
    ),
    "lognormal-1e13": ("detect: 12 min", "detect: {median: 1 s, p95: 99 y, max: 1e13 s}", "out-of-range"),
    "escape-in-application": ("shop:", r'"sh\e[32mop":', "unprintable"),
    "escape-in-name": ("name: small", r'name: "\e]0;me\a\e[2J"', "unprintable"),
    "escape-in-vault": ("target_vault: near", r'target_vault: "\e[31mnear"', "unprintable"),
    "surrogate-in-application": ("shop:", r'"shop\udfff":', "yaml-syntax"),
    "surrogate-in-strategy": ("one:", r'"one\ud834":', "yaml-syntax"),
    "override-of-direction": ("one:", r'"one\u202e":', "unprintable"),
    "zero-in-path": (
        "    rules:\n      - {rule_name: n, target_vault: near, every: 1 d, lifecycle: {delete_after: 9 d}}\n",
        '    file: "x\\0y"\n',
        "plan-file-unreadable",
    ),
    "merge-of-a-list": ("response:", "<<: [3, x]\nresponse:", "merge-key"),
    "hyphen-like": ("site: here}\n  far", "site: he‐re}\n  far", "unknown-site"),
    "digits-like": ("120 GB", "１２０ GB", "wrong-quantity"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_means_harm_is_refused_at_every_door(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 with the line, what is right and the repair; the library refuses the same."""
    old, new, check = CASES[name]
    assert old in BASE
    text = BASE.replace(old, new, 1)
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    line = BASE[: BASE.index(old)].count("\n") + 1
    assert main(["run", str(path), "--drills", "20"]) == 2
    said = capsys.readouterr().err
    assert f"[{check}]" in said
    assert f"case.yaml:{line}:" in said or f"case.yaml:{line + 1}:" in said
    assert unprintable(said, "\n") is None
    if check == "out-of-range":
        assert " to " in said or "times apart" in said
        assert "write" in said or "give it" in said or "bring" in said
    with pytest.raises(ScenarioError) as refused:
        read_scenario(text)
    assert check in {problem.check for problem in refused.value.problems}


def test_names_that_pretend_to_be_code_are_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Formulas, markup and links run as names; no cell of a CSV begins like a formula, and numbers are numbers."""
    odd = '=HYPERLINK("http://evil.example","x") <b>&</b> [l](http://evil.example)'
    text = (
        BASE.replace("one:", json.dumps(odd) + ":")
        .replace("deleted:", '"@SUM(1)":')
        .replace("shop:", '"-2+3":')
        .replace("db:", '"+d":')
        .replace("account: own", "account: '=1+1'")
    )
    path, out = tmp_path / "case.yaml", tmp_path / "out"
    path.write_text(text, encoding="utf-8")
    assert main(["run", str(path), "--drills", "20", "--out", str(out), "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    files = [file.read_text(encoding="utf-8") for file in sorted(out.glob("*.csv"))]
    assert len(files) >= 4
    numbers = 0
    for table in (printed, *files):
        for row in csv.reader(io.StringIO(table)):
            for cell in row:
                if cell[:1] in set("=+-@\t\r"):
                    pytest.fail(cell)
                numbers += cell.replace(".", "", 1).isdecimal()
    assert numbers > 100
    assert f"'{odd}" in {row["strategy"] for row in csv.DictReader(io.StringIO(printed))}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "web-shop", "--seed", "-1"], "'-1' is out of range: a seed is 0 to 2^63 - 1"),
        (["run", "web-shop", "--drills", "0"], "1 to 10,000,000"),
        (["run", "web-shop", "--drills", "1.5"], "no whole number"),
        (["run", "web-shop", "--drills", "1e999999999"], "1 to 10,000,000"),
        (["run", "web-shop", "--drills=-+5"], "no whole number"),
        (["run", "web-shop", "--drills", "２０"], "FULLWIDTH DIGIT TWO where '2' belongs: write 20"),
        (["run", "web-shop", "--workers", "9" * 5000], "1 to 256"),
        (["explain", "web-shop", "--quantile", "nan"], "'nan' is out of range: it is a number from 0 to 1"),
        (["explain", "web-shop", "--quantile", "1.5"], "from 0 to 1"),
        (["explain", "web-shop", "--drill", "-3"], "0 to 9,999,999"),
        (["lifetime", "web-shop", "--years", "101"], "1 to 100"),
        (["lifetime", "web-shop", "--runs", "0"], "1 to 1,000,000"),
        (["sensitivity", "web-shop", "--drills", "10000001"], "1 to 10,000,000"),
    ],
)
def test_options_have_ranges(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A number out of range is refused with the range, before anything is read."""
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_a_terminal_that_knows_only_ascii_shows_the_rest_as_question_marks(tmp_path: Path) -> None:
    """No character of a scenario ends a command, whatever the terminal's encoding."""
    path = tmp_path / "größe.yaml"
    path.write_text(BASE.replace("shop:", "größe:").replace("name: small", "name: 名前"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "drsim", "run", str(path), "--drills", "5", "--workers", "1"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert b"gr??e" in done.stdout
    assert done.stdout.isascii()


def test_standard_input_without_an_end_is_refused() -> None:
    """What never ends is read up to a size."""
    with Path("/dev/zero").open("rb") as endless:
        done = subprocess.run(
            [sys.executable, "-m", "drsim", "check", "-"], stdin=endless, capture_output=True, check=False, cwd=ROOT
        )
    assert done.returncode == 2
    assert b"file-too-large" in done.stdout


def test_a_folder_with_the_record_of_something_else_is_not_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run.json that is no record of drsim, whatever it holds, is left alone."""
    path, out = tmp_path / "case.yaml", tmp_path / "out"
    path.write_text(BASE, encoding="utf-8")
    out.mkdir()
    for content in ('{"versions": null}', '{"versions": []}', "[]", "null", "\x00", '{"versions": {"other": "1"}}'):
        (out / "run.json").write_text(content, encoding="utf-8")
        assert main(["run", str(path), "--out", str(out)]) == 2
        assert "output-in-the-way" in capsys.readouterr().err
        assert (out / "run.json").read_text(encoding="utf-8") == content
