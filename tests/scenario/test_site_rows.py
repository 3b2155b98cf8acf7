"""Sites in a table, and what edits of them make of the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drsim.scenario import Scenario, check_text, read_scenario
from drsim.scenario.estate import application_rows, is_edited, resource_rows, row_problems, with_estate
from drsim.scenario.rows import WAS
from drsim.scenario.shipped import shipped_scenarios
from drsim.scenario.site_rows import SITE, site_rows

HOSPITAL = Path(__file__).parents[1] / "data" / "scenarios" / "hospital.yaml"
TEXT = HOSPITAL.read_text(encoding="utf-8")
SHOP = shipped_scenarios()["web-shop"].read_text(encoding="utf-8")
NEW: dict[str, str | bool] = dict.fromkeys((WAS, *SITE), "")


def made(sites: list[dict[str, Any]], text: str = TEXT, site: str | None = None) -> Scenario:
    """Return the scenario of an edited table of sites, its first application perhaps moved to one of them."""
    scenario = read_scenario(text)
    apps = application_rows(scenario)
    apps[0]["site"] = site or apps[0]["site"]
    built, errors, _ = check_text(with_estate(text, scenario, apps, resource_rows(scenario), sites))
    assert not errors
    assert built is not None
    return built


@pytest.mark.parametrize("path", [HOSPITAL, *shipped_scenarios().values()], ids=lambda path: path.stem)
def test_sites_as_they_are_change_nothing(path: Path) -> None:
    """A scenario stays, to the character, premises too."""
    text = path.read_text(encoding="utf-8")
    scenario = read_scenario(text)
    tables = application_rows(scenario), resource_rows(scenario), site_rows(scenario)
    assert with_estate(text, scenario, *tables) == text
    assert not is_edited(scenario, *tables)


def test_premises_are_shown_as_they_are_written() -> None:
    """A site on premises has a tick, its uplink and no Region."""
    clinic, frankfurt, _ = site_rows(read_scenario(TEXT))
    assert (clinic["on_premises"], clinic["uplink"], clinic["region"]) == (True, "500 Mbit/s", "")
    assert (frankfurt["on_premises"], frankfurt["uplink"], frankfurt["region"]) == (False, "", "eu-central-1")


def test_a_new_site_on_premises() -> None:
    """A row with a tick and an uplink is one; what stands there may move to it at once."""
    sites = site_rows(read_scenario(TEXT))
    sites.append({**NEW, "site": "ward-block", "account": "hospital", "on_premises": True, "uplink": "1 Gbit/s"})
    built = made(sites, site="ward-block")
    there = built.sites["ward-block"]
    assert there.on_premises
    assert there.uplink == 10**9 / 8
    assert built.applications["wards"].site == "ward-block"


def test_a_line_gets_wider() -> None:
    """The uplink is a cell like others, and the comments of the file stay."""
    sites = site_rows(read_scenario(TEXT))
    sites[0]["uplink"] = "2 Gbit/s"
    assert made(sites).sites["clinic"].uplink == 2 * 10**9 / 8


def test_a_renamed_site_is_renamed_wherever_it_is_named() -> None:
    """Vaults, applications, strategies and disruptions follow, and two sites may exchange their names."""
    before = read_scenario(SHOP)
    sites = site_rows(before)
    sites[0]["site"], sites[1]["site"] = sites[1]["site"], sites[0]["site"]
    old, new = list(before.sites)[:2]
    exchanged = {old: new, new: old}
    after = made(sites, SHOP)
    assert after.sites[new].region == before.sites[old].region

    def places(scenario: Scenario) -> list[str | None]:
        named = [scenario.vaults, scenario.applications, scenario.disruptions]
        found = [each.site for records in named for each in records.values()]  # type: ignore[attr-defined]
        found += [standby.site for way in scenario.strategies.values() for standby in way.standby.values()]
        return found + [use.to for way in scenario.strategies.values() for use in way.features.values()]

    assert places(after) == [exchanged.get(site, site) if site else site for site in places(before)]
    assert old in places(before)


def test_a_site_chosen_by_its_old_name_is_the_renamed_one() -> None:
    """The table of applications offers a site by the name that it had until the edits are applied."""
    before = read_scenario(SHOP)
    sites, apps = site_rows(before), application_rows(before)
    next(row for row in sites if row["site"] == "recovery")["site"] = "elsewhere"
    apps[0]["recover_at"] = "recovery"
    built, errors, _ = check_text(with_estate(SHOP, before, apps, resource_rows(before), sites))
    assert not errors
    assert built is not None
    assert built.applications[str(apps[0]["application"])].recover_at == "elsewhere"


def test_limits_follow_a_renamed_site() -> None:
    """A limit of the jobs that go to a site is one of the same site under its new name."""
    text = f"{SHOP}\nlimits:\n  copy_jobs: {{'to:recovery': 3}}\n"
    sites = site_rows(read_scenario(text))
    next(row for row in sites if row["site"] == "recovery")["site"] = "elsewhere"
    assert "to:elsewhere" in (made(sites, text).limits.copy_jobs or {})


def test_a_site_that_goes_is_missed() -> None:
    """What still names it is refused, by name."""
    scenario = read_scenario(TEXT)
    text = with_estate(TEXT, scenario, application_rows(scenario), resource_rows(scenario), site_rows(scenario)[:-1])
    _, errors, _ = check_text(text)
    assert {problem.check for problem in errors} == {"unknown-site"}


def test_half_a_site_says_what_is_missing() -> None:
    """A row without an account waits."""
    scenario = read_scenario(TEXT)
    rows = [*site_rows(scenario), {**NEW, "site": "annex"}]
    said = row_problems((), (), {name: name.upper() for name in SITE}, rows)
    assert said == ("Sites, row 4 (annex): ACCOUNT is empty. Fill in, or delete the row.",)
