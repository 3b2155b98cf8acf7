"""Restore order: never worse than first-come, nothing is cheaper up to eight, and what mathematics knows of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np
import pytest

from drsim.planner.order import MOST_EXACT, Queue, Restore


def ends_of(restores: Sequence[Restore], order: Sequence[int], slots: int) -> list[float]:
    """Return when restores end, second by second: at each moment the first of the order that can starts."""
    ends: dict[int, float] = {}
    now = 0.0
    while len(ends) < len(restores):
        running = [k for k, end in ends.items() if end > now]
        able = [
            k
            for k in order
            if k not in ends and all(before in ends and ends[before] <= now for before in restores[k].after)
        ]
        if able and len(running) < slots:
            ends[able[0]] = now + restores[able[0]].duration_s
        else:
            now = min(ends[k] for k in running)
    return [ends[k] for k in range(len(restores))]


def first_come_ends(restores: Sequence[Restore], slots: int) -> list[float]:
    """Return when restores end, second by second, where those start first that came first."""
    ends: dict[int, float] = {}
    came: dict[int, float] = {}
    now = 0.0
    while len(ends) < len(restores):
        for k, restore in enumerate(restores):
            if all(before in ends and ends[before] <= now for before in restore.after):
                came.setdefault(k, now)
        running = [k for k, end in ends.items() if end > now]
        able = sorted((moment, k) for k, moment in came.items() if k not in ends)
        if able and len(running) < slots:
            ends[able[0][1]] = now + restores[able[0][1]].duration_s
        else:
            now = min(ends[k] for k in running)
    return [ends[k] for k in range(len(restores))]


def cost_of(restores: Sequence[Restore], weights: Mapping[str, float], order: Sequence[int], slots: int) -> float:
    """Return what an order costs, by hand."""
    return total(restores, weights, ends_of(restores, order, slots))


def total(restores: Sequence[Restore], weights: Mapping[str, float], ends: Sequence[float]) -> float:
    """Return what restores cost that end so."""
    back = {
        r.application: max(e for e, o in zip(ends, restores, strict=True) if o.application == r.application)
        for r in restores
    }
    return sum(weights.get(name, 0.0) * end for name, end in back.items())


def case(number: int, restores: int) -> tuple[list[Restore], dict[str, float], int]:
    """Return random restores with weights and slots, the same for the same number."""
    luck = random.Random(number)  # noqa: S311  it has to be repeatable
    names = "abcde"[: luck.randint(1, 5)]
    depends = luck.random() < 0.5
    made = []
    for k in range(restores):
        after = tuple(j for j in range(k) if depends and luck.random() < 0.2)
        made.append(Restore(luck.choice(names), float(luck.randint(1, 20)), after))
    weights = {name: float(luck.randint(0, 9)) for name in names}
    return made, weights, luck.randint(1, 4)


@pytest.mark.parametrize("batch", range(10))
def test_never_worse_than_first_come(batch: int) -> None:
    """In 200 random cases, of up to thirty restores, no order costs more than first come, first served."""
    better = 0
    for number in range(20 * batch, 20 * batch + 20):
        restores, weights, slots = case(number, 3 + number % 28)
        first = total(restores, weights, first_come_ends(restores, slots))
        order = Queue(restores, weights, slots).best()
        assert sorted(order) == list(range(len(restores)))
        cost = cost_of(restores, weights, order, slots)
        assert cost <= first
        better += cost < first
    assert better > 5


@pytest.mark.parametrize("number", range(40))
def test_up_to_eight_nothing_is_cheaper(number: int) -> None:
    """Up to seven restores by all orders, played second by second; eight are below."""
    restores, weights, slots = case(1000 + number, 2 + number % 5)
    least = min(cost_of(restores, weights, order, slots) for order in permutations(range(len(restores))))
    assert cost_of(restores, weights, Queue(restores, weights, slots).best(), slots) == least


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_of_eight_nothing_is_cheaper(number: int) -> None:
    """Eight restores by all 40,320 orders."""
    restores, weights, slots = case(2000 + number, MOST_EXACT)
    least = min(cost_of(restores, weights, order, slots) for order in permutations(range(MOST_EXACT)))
    assert cost_of(restores, weights, Queue(restores, weights, slots).best(), slots) == least


@pytest.mark.parametrize("number", range(20))
def test_of_applications_nothing_is_cheaper(number: int) -> None:
    """Where applications are ordered as wholes, no order of them is cheaper than the one that is told."""
    restores, weights, slots = case(3000 + number, 10)
    names = list(dict.fromkeys(r.application for r in restores))

    def cost(names: Sequence[str]) -> float:
        order = sorted(range(len(restores)), key=lambda k: (names.index(restores[k].application), k))
        return cost_of(restores, weights, order, slots)

    assert cost(Queue(restores, weights, slots).best_applications()) == min(map(cost, permutations(names)))


@pytest.mark.parametrize("number", range(30))
def test_many_orders_at_once_are_each_by_itself(number: int) -> None:
    """When restores end is the same for many orders in one array as for each second by second."""
    restores, _, slots = case(4000 + number, 9)
    luck = random.Random(number)  # noqa: S311  it has to be repeatable
    orders = [luck.sample(range(9), 9) for _ in range(20)]
    ranks = np.array([[order.index(k) for k in range(9)] for order in orders])
    by_hand = np.array([ends_of(restores, order, slots) for order in orders])
    np.testing.assert_array_equal(Queue(restores, {}, slots).completions(ranks), by_hand)


def test_smith_s_rule() -> None:
    """On one slot the largest weight for its time goes first, and of equal weights the shortest."""
    restores = [Restore(str(k), duration) for k, duration in enumerate((5.0, 2.0, 9.0, 1.0, 4.0))]
    equal = dict.fromkeys("01234", 1.0)
    assert Queue(restores, equal, 1).best() == (3, 1, 4, 0, 2)
    weights = {"0": 10.0, "1": 1.0, "2": 27.0, "3": 1.5, "4": 2.0}
    assert Queue(restores, weights, 1).best() == (2, 0, 3, 1, 4) == tuple(map(int, Queue(restores, weights, 1).smith()))


@pytest.mark.parametrize("number", range(20))
def test_smith_s_rule_where_there_are_too_many_to_try(number: int) -> None:
    """Of twenty restores of as many applications on one slot, the order costs what Smith's rule does, the least."""
    luck = random.Random(number)  # noqa: S311  it has to be repeatable
    restores = [Restore(str(k), float(luck.randint(1, 30))) for k in range(20)]
    weights = {str(k): float(luck.randint(1, 9)) for k in range(20)}
    by_rule = [int(name) for name in Queue(restores, weights, 1).smith()]
    assert cost_of(restores, weights, Queue(restores, weights, 1).best(), 1) == cost_of(restores, weights, by_rule, 1)


WAITING = {3: (2,), 4: (0,), 6: (5,), 7: (3,)}
GRAHAM = {8: (0,), 4: (3,), 5: (3,), 6: (3,), 7: (3,)}


@pytest.mark.parametrize(("first_s", "ends_s"), [(4.0, {3: 10.0, 7: 12.0}), (2.0, {3: 11.0, 7: 13.0})])
def test_graham_s_anomaly_first_come(first_s: float, ends_s: Mapping[int, float]) -> None:
    """First come, first served on three slots: a restore that takes 2 in place of 4 makes two others end later."""
    durations = (first_s, 7.0, 5.0, 4.0, 7.0, 2.0, 8.0, 2.0)
    restores = [Restore("a", t, WAITING.get(k, ())) for k, t in enumerate(durations)]
    order = Queue(restores, {}, 3).first_come()
    ends = Queue(restores, {}, 3).completions(np.argsort(order)[None])[0]
    assert {k: ends[k] for k in ends_s} == ends_s


@pytest.mark.parametrize(("less_s", "last_s"), [(0.0, 12.0), (1.0, 13.0)])
def test_graham_s_anomaly_of_a_list(less_s: float, last_s: float) -> None:
    """Graham's own example: nine that all take 1 less, in the same order on three slots, end at 13 in place of 12."""
    durations = (3.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0, 4.0, 9.0)
    restores = [Restore("a", t - less_s, GRAHAM.get(k, ())) for k, t in enumerate(durations)]
    assert Queue(restores, {}, 3).completions(np.arange(9)[None]).max() == last_s


def test_what_waits_for_itself_is_refused() -> None:
    """Restores that wait for each other have no order."""
    restores = [Restore("a", 1.0, (1,)), Restore("a", 1.0, (0,))]
    with pytest.raises(ValueError, match="wait for each other"):
        Queue(restores, {"a": 1.0}, 1).best()


def test_what_costs_nothing_does_not_hurry() -> None:
    """An application without a weight goes last, however short."""
    restores = [Restore("free", 1.0), Restore("dear", 5.0)]
    assert Queue(restores, {"dear": 2.0}, 1).best() == (1, 0)
    assert Queue(restores, {"dear": 2.0}, 1).costs(np.array([[0, 1], [1, 0]])).tolist() == [12.0, 10.0]
