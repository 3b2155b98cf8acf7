"""The report: complete, self-contained, escaped, the same each time, and never over somebody else's file."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from drsim.catalogue import load_catalogue
from drsim.cli import main
from drsim.errors import InputError
from drsim.report.findings import estate_finding, findings
from drsim.report.html import basis_table, check_report, html_report, report_file
from drsim.report.vega.objectives import overview_rows
from drsim.scenario import load_scenario, read_scenario
from drsim.scenario.shipped import shipped
from drsim.study import drills
from drsim.study.results import Result

ODD = """
name: "<script>alert(1)</script> & more"
description: "[a link](http://example.org/x) <img src=x>"
start: 2026-01-01
drills: 20
seed: 3
sites: {home: {region: us-east-1, account: production}}
vaults: {local: {site: home}}
applications:
  "a<b>&'q'":
    site: home
    objectives: {rpo: 24 h, rto: 4 h}
    resources: {"db<i>": {type: RDS, size: 10 GB, instance: db.r6g.large}}
backup_plans:
  p: {rules: [{rule_name: daily, target_vault: local, every: 24 h, lifecycle: {delete_after: 35 d}}]}
strategies: {"<b>all": {backup: p}}
disruptions: {"loss&": {kind: accidental-deletion}}
"""


class Page(HTMLParser):
    """Tags, ids, addresses and texts of a page; a tag that is never closed is an error."""

    VOID = frozenset({"meta", "br", "img", "link", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.cells: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its addresses."""
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.addresses += [value for name, value in attrs if name in ("href", "src", "xlink:href") and value]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        elif tag in ("td", "th"):
            self.cells[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text of cells."""
        if {"td", "th"} & set(self.open[-3:]):
            self.cells[-1][-1] += data


@cache
def result() -> Result:
    """Return a hundred drills of the web shop."""
    return drills.run(load_scenario(shipped("scenarios/web-shop.yaml")), drills=100, keep_incidents=False)


@cache
def report() -> str:
    """Return its report."""
    return html_report(result(), "web-shop")


def test_everything_is_in_it() -> None:
    """Verdicts, percentiles, costs, warnings, basis, and what is needed to repeat it."""
    text = unescape(report())
    run = result().run
    for word in (
        *run["strategies"],
        *run["disruptions"],
        "shop",
        "analytics",
        run["scenario_sha256"],
        run["catalogue"],
    ):
        assert word in text
    for heading in (
        "In short",
        "Which strategy meets",
        "What it costs",
        "For engineers",
        "Warnings",
        "How to repeat it",
    ):
        assert heading in text
    assert f"drsim report web-shop --out report.html --drills 100 --seed {run['seed']}" in text
    assert "copy-ignored" in text
    assert "estimated" in text
    page = Page(report())
    assert page.open == []
    assert page.tags.count("svg") == 2 + 1 + 24  # costs, break-even of the shop, two for each pair


def test_verdicts_are_those_of_the_summary() -> None:
    """The matrix has each verdict, with its application, disruption and strategy."""
    page = Page(report())
    summary = result().summary
    for application in ("shop", "analytics"):
        for disruption in result().run["disruptions"]:
            own = summary[(summary["subject"] == application) & (summary["disruption"] == disruption)]
            rows = [row for row in page.cells if row[0].startswith(f"{disruption}struck ")]
            verdicts = [verdict.replace("-", " ") for verdict in own["verdict"]]
            assert any(
                [cell.split(" ", 1)[1].startswith(v) for cell, v in zip(r[2:], verdicts, strict=True)] for r in rows
            )
            assert any(all(v in cell for cell, v in zip(r[2:], verdicts, strict=True)) for r in rows)


def test_nothing_is_remote_and_nothing_runs() -> None:
    """No scripts, no addresses but within the page and of sources, no styles or fonts from outside, ids that differ."""
    page = Page(report())
    assert not {"script", "iframe", "link", "object", "embed", "img", "form"} & set(page.tags)
    sources = {source.url for source in load_catalogue().prices().sources.values()}
    assert {address for address in page.addresses if not address.startswith("#")} <= sources
    assert sources & set(page.addresses)
    assert "@import" not in report()
    assert "@font-face" not in report()
    outside = set(re.findall(r"url\(([^)]*)\)", report()))
    assert all(address.startswith("#c") for address in outside)
    assert len(page.ids) == len(set(page.ids))
    assert {address.removeprefix("#") for address in outside} <= set(page.ids)
    assert "/work/" not in report()
    assert str(Path.cwd()) not in report()


def test_names_and_texts_of_a_scenario_are_escaped() -> None:
    """Markup in names stays text, in tables and in charts."""
    odd = html_report(drills.run(read_scenario(ODD), keep_incidents=False), "odd.yaml")
    page = Page(odd)
    assert page.open == []
    assert "<script" not in odd
    assert "<img" not in odd
    assert "i" not in page.tags
    assert "a<b>&'q'" in unescape(odd)
    sources = {source.url for source in load_catalogue().prices().sources.values()}
    assert {address for address in page.addresses if not address.startswith("#")} <= sources


def test_same_study_same_report() -> None:
    """A report holds no clock and no chance."""
    assert html_report(result(), "web-shop") == report()


def test_command_writes_a_report_and_replaces_only_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes the file, writes it again, and leaves other files and directories alone."""
    path = tmp_path / "deep" / "r.html"
    words = ["report", "periodic", "--out", str(path), "--drills", "20", "--workers", "1"]
    assert main(words) == 0
    first = path.read_text(encoding="utf-8")
    assert shlex.join(["drsim", "report", "periodic", "--out", str(path), "--drills", "20"]) in unescape(first)
    assert main(words) == 0
    assert path.read_text(encoding="utf-8") == first
    assert [each.name for each in path.parent.iterdir()] == ["r.html"]
    other = tmp_path / "mine.html"
    other.write_text("<html>mine</html>", encoding="utf-8")
    assert main(["report", "periodic", "--out", str(other), "--drills", "20"]) == 2
    assert other.read_text(encoding="utf-8") == "<html>mine</html>"
    assert "output-in-the-way" in capsys.readouterr().err
    with pytest.raises(InputError):
        check_report(tmp_path)


def test_write_refuses_before_it_writes(tmp_path: Path) -> None:
    """A file of another origin is not touched."""
    path = tmp_path / "x.html"
    path.write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(InputError):
        report_file(path)
    assert path.read_bytes() == b"\xff\xfe\x00binary"


def test_some_strategies_are_repeated_as_some() -> None:
    """The command of a study of one strategy names it."""
    scenario = load_scenario(shipped("scenarios/web-shop.yaml"))
    one = drills.run(scenario, strategies=("copies",), disruptions=("deletion",), drills=20, keep_incidents=False)
    text = unescape(html_report(one, "web-shop"))
    assert "--strategy copies --disruption deletion" in text


def test_estates_begin_with_all_applications_together() -> None:
    """Of more applications than a few there is one sentence and one matrix first; each has its own sentence later."""
    own = "{site: home, objectives: {rpo: 24 h, rto: 4 h}, resources: {db: {type: RDS, size: 10 GB}}}"
    apps = "".join(f'  "app-{k}": {own}\n' for k in range(5))
    begin, end = ODD.index('  "a<b>'), ODD.index("backup_plans")
    scenario = read_scenario(ODD[:begin] + apps + ODD[end:])
    found = drills.run(scenario, keep_incidents=False)
    text = html_report(found, "odd.yaml")
    page = Page(text)
    assert page.open == []
    plain = unescape(text)
    assert plain.index(estate_finding(found)) < plain.index("All 5 applications") < plain.index("<h3>app-0</h3>")
    rows = [row for row in page.cells if row[0].startswith("app-")]
    assert [row[0] for row in rows[:5]] == [f"app-{k}" for k in range(5)]
    assert [row[1:] for row in rows[:5]] == [[cell] for cell in overview_rows(found)["text"]]
    asked = {name: own.objectives for name, own in scenario.applications.items()}
    for k, sentence in enumerate(findings(found, asked)):
        assert plain.index(f"<h3>app-{k}</h3>") < plain.index(sentence)
    assert "All 2 applications" not in report()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_report_prints(tmp_path: Path) -> None:
    """A browser makes a PDF of it, of several pages."""
    page, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    page.write_text(report(), encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
    subprocess.run(["chromium", *options, f"--print-to-pdf={pdf}", page.as_uri()], check=True, capture_output=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) >= 5


def test_what_it_rests_on_is_of_the_type_with_the_options_in_force() -> None:
    """Two buckets of which one is large rest on different values, and options that nobody has are not counted."""
    text = (
        "sites: {home: {region: us-east-1, account: production}}\n"
        "applications: {app: {site: home, resources: {small: {type: S3, size: 1 GB}, "
        "large: {type: S3, size: 1 PB, objects: 1e9}}}}\n"
        "strategies: {none: {backup: {}}}\ndisruptions: {lost: {kind: region-loss}}\n"
    )
    rows = basis_table(read_scenario(text), "2026-11-01").rows
    assert [(row[0], row[1]) for row in rows] == [("S3", "app.small"), ("S3, 300 million objects", "app.large")]
    assert not any("options." in row[3] for row in rows)
