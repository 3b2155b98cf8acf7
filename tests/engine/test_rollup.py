"""The roll-up by hand: small incidents whose figures were worked out on paper, in seconds since the start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from drsim.engine.incidents import BY, DOWNTIME_PARTS, LOSS_PARTS, STATES, UNAFFECTED
from drsim.engine.log import Log, frame_of, places_of
from drsim.engine.rollup import ApplicationRecovery, Members, decide, nth_smallest, roll_up
from drsim.engine.strike import Strikes, strike
from drsim.world import World
from tests.scenarios import world

NAN, INF = np.nan, np.inf
STOPS = 10_000.0
"""When the service stops."""
DETECT, DECLARE = 60.0, 40.0

TWO = """{
  shop: {site: home, rebuild: 500 s, resources: {db: {type: RDS, size: 1 GB},
         web: {type: EC2, size: 1 GB, count: 3, needs: 2}}},
  till: {site: home, requires: [shop], resources: {db: {type: RDS, size: 1 GB}}}}"""


def struck(built: World, affected: list[list[int]], *, ends_s: float = INF, contaminated_s: float = STOPS) -> Strikes:
    """Return a disruption that strikes the members named in each drill."""
    n = len(affected)
    strikes = strike(built, "it", np.arange(n))
    hit = np.zeros((n, len(built.members)), dtype=bool)
    for drill, members in enumerate(affected):
        hit[drill, members] = True
    return replace(
        strikes,
        occurred_s=np.full(n, STOPS),
        contaminated_s=np.full(n, contaminated_s),
        ends_s=np.full(n, ends_s),
        affected=hit,
        detect_s=np.full(n, DETECT),
        declare_s=np.full(n, DECLARE),
    )


def members(strikes: Strikes, numbers: list[int], **given: object) -> Members:
    """Return members restored in every drill: begun at 10,100, usable and complete at 10,300, data of 9,000.

    Args:
        strikes: the disruption.
        numbers: the members.
        given: fields that are otherwise, each (members, n), one value for all, or one of each member.
    """
    shape = (len(numbers), len(strikes.run))
    fields: dict[str, object] = {
        "is_struck": strikes.affected[:, numbers].T,
        "is_going": strikes.affected[:, numbers].T,
        "state": STATES.index("recovered"),
        "by": BY.index("restore"),
        "place": 2,
        "captured_s": 9_000.0,
        "begun_s": 10_100.0,
        "usable_s": 10_300.0,
        "full_s": 10_300.0,
        "lost_s": NAN,
        "is_automatic": False,
        "has_source": True,
        "due_s": 9_400.0,
    }
    arrays = {}
    for name, value in (fields | given).items():
        if name != "parts":
            array = np.asarray(value)
            arrays[name] = np.broadcast_to(array[:, None] if array.ndim == 1 else array, shape).copy()
    parts = given.get("parts", {"restore_s": np.full(shape, 200.0)})
    return Members(**arrays, parts=parts)  # type: ignore[arg-type]


def recovery(of: dict[int, Members], required: dict[int, list[int]], **given: object) -> ApplicationRecovery:
    """Return an application that is usable at 10,350, 50 s after the last of it; `given` fields are otherwise."""
    n = next(iter(of.values())).state.shape[1]
    fields: dict[str, object] = {
        "state": np.full(n, STATES.index("recovered")),
        "usable_s": np.full(n, 10_350.0),
        "lost_s": np.full(n, NAN),
        "path": {
            "detect_s": np.full(n, DETECT),
            "declare_s": np.full(n, DECLARE),
            "restore_s": np.full(n, 200.0),
            "redirect_s": np.full(n, 50.0),
        },
    }
    needs: dict[int, NDArray[np.int64]] = {r: np.array(numbers) for r, numbers in required.items()}
    return ApplicationRecovery(members=of, required=needs, **(fields | given))  # type: ignore[arg-type]


def rows(built: World, strikes: Strikes, recoveries: dict[int, ApplicationRecovery]) -> pd.DataFrame:
    """Return the rows of the log."""
    log = Log(built, strikes, places_of(built))
    roll_up(built, strikes, recoveries, log)
    return frame_of([log], places_of(built))


def cells(log: pd.DataFrame, subject: str, *columns: str) -> list[list[Any]]:
    """Return cells of a subject's rows, drill by drill."""
    return log.loc[log["subject"] == subject, list(columns)].to_numpy(dtype=object).tolist()


@pytest.fixture(scope="module")
def built() -> World:
    """A shop of a database (member 0) and three servers, two of them needed (1 to 3), and a till that requires it."""
    return world(applications=TWO, disruption="{kind: resource-loss, target: shop.db}")


def check_sums(log: pd.DataFrame) -> None:
    """Check that the parts of loss and downtime add up in every row that has figures."""
    log = log[log["state"] == "recovered"]
    assert list(log[list(DOWNTIME_PARTS)].sum(axis=1)) == list(log["downtime_s"])
    assert list(log[list(LOSS_PARTS)].sum(axis=1)) == list(log["data_loss_s"])


def test_one_restored_member(built: World) -> None:
    """A database struck at 10,000 with data of 9,000 loses 1,000 s, 600 of them since the run due at 9,400."""
    strikes = struck(built, [[0]])
    log = rows(built, strikes, {0: recovery({0: members(strikes, [0])}, {0: [1]})})
    figures = ("data_loss_s", "downtime_s", "loss_interval_s", "loss_unready_s", "detect_s", "declare_s", "restore_s")
    assert cells(log, "shop.db", "recovered_by", *figures) == [["restore", 1_000, 300, 600, 400, 60, 40, 200]]
    assert cells(log, "shop", "recovered_by", *figures) == [["restore", 1_000, 350, 600, 400, 60, 40, 200]]
    assert cells(log, "shop", "skew_s", "redirect_s") == [[0, 50]]
    assert cells(log, "till", "recovered_by", "downtime_s", "dependency_s", "data_loss_s") == [
        ["dependency", 350, 350, 0]
    ]
    check_sums(log)


def test_the_deciding_member_and_the_poorest(built: World) -> None:
    """Of three servers struck the second of those needed decides; the third still counts for loss and full performance.

    Usable at 10,200, 10,400 and 10,900, two needed: down for 400 s. The third lost most, 2,500 s of 10,000 - 7,500.
    """
    strikes = struck(built, [[1, 2, 3]])
    servers = members(
        strikes,
        [1, 2, 3],
        captured_s=[9_000.0, 8_000.0, 7_500.0],
        usable_s=[10_200.0, 10_400.0, 10_900.0],
        full_s=[10_200.0, 10_400.0, 11_500.0],
        parts={"restore_s": np.array([[100.0], [300.0], [800.0]])},
    )
    path = {"detect_s": np.array([60.0]), "declare_s": np.array([40.0]), "restore_s": np.array([300.0])}
    shop = recovery({1: servers}, {1: [2]}, usable_s=np.array([10_400.0]), path=path)
    log = rows(built, strikes, {0: shop})
    figures = ("downtime_s", "full_performance_s", "restore_s", "data_loss_s", "captured_s", "skew_s")
    assert cells(log, "shop.web", *figures[:-1]) == [[400, 1_500, 300, 2_500, 7_500]]
    assert cells(log, "shop", *figures) == [[400, 1_500, 300, 2_500, 7_500, 1_500]]
    check_sums(log)


def test_one_tie_rule() -> None:
    """Of members usable at the moment that decides the one that began first decides, the first written of equals."""
    usable = np.array([[5.0, 5.0], [7.0, 7.0], [7.0, 7.0], [7.0, 9.0]])
    begun = np.array([[0.0, 0.0], [3.0, 3.0], [2.0, 3.0], [2.0, 0.0]])
    which, moment = decide(usable, begun, np.ones((4, 2), dtype=bool), np.array([2, 2]))
    assert (which.tolist(), moment.tolist()) == ([2, 1], [7, 7])
    there = np.array([[False], [True], [False], [True]])
    which, moment = decide(usable[:, 1:], begun[:, 1:], there, np.array([2]))
    assert (which.tolist(), moment.tolist()) == ([3], [9])
    assert nth_smallest(usable, np.array([1, 4])).tolist() == [5, 9]


def test_riding_an_outage_out(built: World) -> None:
    """An outage that ends at 10,320 overtakes an application usable at 10,350: no loss, 320 s down, all of it outage.

    In the second drill the database had failed over by itself at 10,030 and keeps its lag of 5 s.
    """
    strikes = struck(built, [[0], [0]], ends_s=10_320.0)
    db = members(
        strikes,
        [0],
        by=np.array([[BY.index("restore"), BY.index("failover")]]),
        captured_s=np.array([[9_000.0, 9_995.0]]),
        begun_s=np.array([[10_100.0, STOPS]]),
        usable_s=np.array([[10_300.0, 10_030.0]]),
        full_s=np.array([[10_300.0, 10_030.0]]),
        is_automatic=np.array([[False, True]]),
        due_s=np.array([[9_400.0, NAN]]),
        parts={"restore_s": np.array([[200.0, 0.0]]), "failover_s": np.array([[0.0, 30.0]])},
    )
    log = rows(built, strikes, {0: recovery({0: db}, {0: [1, 1]})})
    figures = ("recovered_by", "data_loss_s", "downtime_s", "outage_s", "failover_s", "loss_lag_s")
    assert cells(log, "shop.db", *figures) == [["ride-out", 0, 320, 320, 0, 0], ["failover", 5, 30, 0, 30, 5]]
    assert cells(log, "shop", "downtime_s", "outage_s", "data_loss_s") == [[320, 320, 0], [320, 320, 5]]
    assert cells(log, "till", "dependency_s") == [[320], [320]]
    check_sums(log)


def test_lost_and_rebuilt(built: World) -> None:
    """What is lost has no figures but when that was known, 700 s after the stop; what requires it waits for a rebuild.

    The rebuild takes 500 s, so that the till is there again after 1,200 s.
    """
    strikes = struck(built, [[0]])
    db = members(strikes, [0], state=STATES.index("unrecoverable"), captured_s=NAN, usable_s=NAN, lost_s=10_700.0)
    shop = recovery({0: db}, {0: [1]}, state=np.array([2]), usable_s=np.array([NAN]), lost_s=np.array([10_700.0]))
    log = rows(built, strikes, {0: shop})
    assert cells(log, "shop.db", "state", "lost_after_s") == [["unrecoverable", 700]]
    assert cells(log, "shop", "state", "lost_after_s", "rebuild_s") == [["unrecoverable", 700, 500]]
    figures = log.loc[log["subject"] == "shop", ["downtime_s", "data_loss_s", *DOWNTIME_PARTS, *LOSS_PARTS]]
    assert figures.isna().to_numpy().all()
    assert cells(log, "till", "state", "downtime_s", "dependency_s") == [["recovered", 1_200, 1_200]]


def test_nobody_misses_one_of_three(built: World) -> None:
    """One server struck of three, two needed: redundancy, no downtime; a state that is lost still shows."""
    strikes = struck(built, [[1], [1], []])
    state = np.array([[STATES.index("recovered"), STATES.index("unprotected"), UNAFFECTED]])
    server = members(strikes, [1], state=state, captured_s=np.array([[9_000.0, NAN, NAN]]), lost_s=10_100.0)
    shop = recovery({1: server}, {1: [0, 0, 0]}, usable_s=np.full(3, STOPS), lost_s=np.full(3, 10_100.0))
    log = rows(built, strikes, {0: shop})
    figures = ("state", "recovered_by", "downtime_s", "full_performance_s", "data_loss_s")
    assert cells(log, "shop", *figures)[0] == ["recovered", "redundancy", 0, 0, 1_000]
    assert cells(log, "shop.web", *figures)[0] == ["recovered", "redundancy", 0, 0, 1_000]
    assert cells(log, "shop", "drill", "state")[1:] == [[1, "unprotected"]]
    check_sums(log)
