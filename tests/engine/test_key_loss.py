"""A key that is lost: what lies under it cannot be read, wherever it is and whatever its lock."""

from __future__ import annotations

import pytest

from drsim.engine import run_all_vectorised, run_drills
from drsim.engine.exposure import exposure
from drsim.scenario import check_text, read_scenario
from drsim.world import World, build_world
from tests.scenarios import first_difference

DRILLS = 40

SCENARIO = """\
start: 2026-01-01
sites:
  home: {{region: us-east-1, account: production}}
  away: {{region: us-west-2, account: production}}
vaults:
  local: {{site: home, key: vault, lock: compliance}}
  far: {{site: away, key: far}}
applications:
  shop: {{site: home, resources: {{db: {{type: RDS, size: 10 GB{db}}}}}}}
  files: {{site: home, resources: {{data: {{type: EFS, size: 10 GB{files}}}}}}}
backup_plans:
  plan:
    rules:
      - rule_name: daily
        target_vault: local
        every: 24 h
        lifecycle: {{delete_after: 35 d}}
        copy_actions: [{{destination_vault: far, lifecycle: {{delete_after: 35 d}}}}]
strategies: {{only: {{backup: plan}}}}
disruptions: {{lost: {{kind: key-loss, rate: 2 /year{key}}}}}
overrides: {{"*": {{backup_failure: 0, copy_failure: 0, restore_failure: 0}}}}
"""


def world(db: str = "", files: str = "", key: str = "") -> World:
    """Return a world with keys of its resources, and the one that is lost."""
    parts = {name: f", key: {value}" if value else "" for name, value in (("db", db), ("files", files), ("key", key))}
    return build_world(read_scenario(SCENARIO.format(**parts)), "only")


def places(w: World) -> dict[tuple[str, str], set[str]]:
    """Return from where applications come back, by application and key that is lost; both clocks say the same."""
    found = run_all_vectorised(w, ["lost"], 0, DRILLS)["lost"]
    assert first_difference(run_drills(w, "lost", 0, DRILLS), found) == ""
    rows = found[(found["level"] == "resource") & (found["state"] == "recovered")]
    by: dict[tuple[str, str], set[str]] = {}
    for subject, struck, place in zip(rows["subject"], rows["struck"], rows["place"], strict=True):
        by.setdefault((str(subject), str(struck)), set()).add(str(place))
    return by


def test_what_names_no_key_lies_under_that_of_the_vault_beside_it() -> None:
    """The vault's key takes the live data beside it and its points, compliance lock or not; copies elsewhere stay."""
    assert places(world()) == {("shop.db", "vault"): {"far"}, ("files.data", "vault"): {"far"}}


def test_what_is_not_fully_managed_lies_under_its_own_key() -> None:
    """Snapshots of a database need the database's key, points of a file system the vault's."""
    found = places(world(db="data", files="data"))
    assert found == {("shop.db", "data"): {"far"}, ("files.data", "data"): {"local"}}


def test_one_key_under_everything_leaves_nothing() -> None:
    """A copy under the key of the original is lost with it."""
    w = world(db="far", files="far", key="far")
    found = run_all_vectorised(w, ["lost"], 0, DRILLS)["lost"]
    resources = found[found["level"] == "resource"]
    states = dict(zip(resources["subject"].astype(str), resources["state"].astype(str), strict=True))
    assert states == {"shop.db": "unrecoverable", "files.data": "recovered"}
    # named, it is one unit, and its rows need no name
    assert set(found["struck"]) == {""}


@pytest.mark.parametrize(
    ("keys", "per_year"),
    [
        ({}, {"shop": 2, "shop.db": 2, "files": 2, "files.data": 2}),
        ({"db": "a", "files": "b"}, {"shop": 2, "shop.db": 2, "files": 2, "files.data": 2}),
        ({"db": "a", "files": "b", "key": "a"}, {"shop": 2, "shop.db": 2}),
        ({"db": "a", "key": "vault"}, {"files": 2, "files.data": 2}),
    ],
)
def test_each_key_strikes_at_its_rate(keys: dict[str, str], per_year: dict[str, float]) -> None:
    """A rate counts the losses of one key; whoever lies under another is not struck."""
    assert exposure(world(**keys), "lost", DRILLS).struck_per_year == per_year


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ((), False),
        ((("key: vault, ", ""),), True),
        ((("rate: 2 /year", "rate: 2 /year, key: far"),), True),
        (
            (
                ("rate: 2 /year", "rate: 2 /year, key: vault, target: shop.db"),
                ("size: 10 GB}", "size: 10 GB, key: far}"),
            ),
            True,
        ),
        ((("rate: 2 /year", "rate: 2 /year, site: away"),), True),
    ],
)
def test_a_key_loss_that_reaches_nobody_is_told(changes: tuple[tuple[str, str], ...], is_told: bool) -> None:  # noqa: FBT001
    """Where nothing that it may strike lies under a key that it strikes, the check says so."""
    text = SCENARIO.format(db="", files="", key="")
    for was, now in changes:
        assert was in text
        text = text.replace(was, now)
    scenario, errors, warnings = check_text(text, "f.yaml")
    assert scenario is not None
    assert not errors
    assert any(warning.check == "no-key" for warning in warnings) is is_told
    struck = exposure(build_world(scenario, "only"), "lost", DRILLS).struck_per_year
    assert (not struck) is is_told
