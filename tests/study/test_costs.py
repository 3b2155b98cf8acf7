"""The parts of a bill: amounts, the spans over which they are averaged, and the billing rules of types."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drsim.catalogue import load_catalogue
from drsim.catalogue.price import Price
from drsim.catalogue.price_file import Billing
from drsim.study.costs import APPLICATION_COLUMNS, comparable, comparison_note, costs_by_application, totals
from drsim.study.costs.amounts import Amount, is_estimated, merged, missing
from drsim.study.costs.estate import Floats, mean_growth, whole_periods_s
from drsim.units import DAY_S, HOUR_S, YEAR_S

DAYS = np.arange(-100.0, 365.0) * DAY_S


def price(value: float | None, note: str = "") -> Price:
    """A price of warm storage."""
    basis = "unknown" if value is None else "documented"
    return Price(value, "USD/GiB-month", basis, (), note, "us-east-1", date(2026, 10, 1), "warm-storage/EFS")


def test_an_unknown_price_is_no_cost_unless_there_is_nothing_to_pay() -> None:
    """What has no price costs NaN, and nothing of it costs nothing."""
    assert math.isnan(Amount("storage-warm", "local", "EKS", 2.0, price(None)).usd)
    assert Amount("storage-warm", "local", "EKS", 0.0, price(None)).usd == 0
    assert Amount("storage-warm", "local", "EFS", 2.0, price(0.05)).usd == pytest.approx(0.1)


def test_an_amount_beyond_a_tier_costs_less_on_average() -> None:
    """Quantity times price is the cost, tiers included, and the basis says that a part is cheaper."""
    tiered = replace(price(0.05), tiers=((100.0, 0.04),))
    amount = Amount("storage-warm", "local", "EFS", 250.0, tiered)
    assert amount.usd == pytest.approx(100 * 0.05 + 150 * 0.04) == pytest.approx(250 * amount.usd_per_unit)
    assert "beyond a tier is cheaper" in amount.basis
    assert "tier" not in Amount("storage-warm", "local", "EFS", 100.0, tiered).basis


def test_alike_amounts_are_one_row() -> None:
    """Amounts of the same thing at the same price add; at another place or price they stay apart."""
    first = Amount("storage-warm", "local", "EFS", 2.0, price(0.05), ("one", "a; b"))
    rows = merged(
        [
            first,
            Amount("storage-warm", "local", "EFS", 3.0, price(0.05), ("two", "one")),
            Amount("storage-warm", "dr", "EFS", 1.0, price(0.05)),
            Amount("storage-warm", "local", "EFS", 1.0, price(0.06)),
        ]
    )
    assert [(a.place, a.quantity, a.usd_per_unit) for a in rows] == [
        ("local", 5.0, 0.05),
        ("dr", 1.0, 0.05),
        ("local", 1.0, 0.06),
    ]
    assert rows[0].notes == ("one", "a; b", "two")
    assert rows[0].basis.endswith("; one; a; b; two")


def test_what_has_no_price_is_named() -> None:
    """The text names line, type and reason once each, and is empty where every price is known."""
    unknown = Amount("storage-warm", "local", "EKS", 2.0, price(None, "nobody knows"))
    known = Amount("storage-warm", "local", "EFS", 2.0, price(0.05))
    assert missing([known, unknown, unknown]) == "without: storage-warm of EKS (nobody knows)"
    assert missing([known]) == ""


def test_later_years_add_as_amounts_do() -> None:
    """What is kept for ever says what it costs later; what it shares a row with counts in each year."""
    ever = Amount("storage-warm", "local", "EFS", 2.0, price(0.05), ("one",), later=(2.0, 6.0, 14.0))
    plain = Amount("storage-warm", "local", "EFS", 1.0, price(0.05))
    (both,) = merged([plain, ever])
    assert (both.quantity, both.later) == (3.0, (3.0, 7.0, 15.0))
    assert both.times(2).later == (6.0, 14.0, 30.0)
    assert "0.15 USD after 1 y, 0.35 USD after 3 y, 0.75 USD after 7 y" in both.basis
    unknown = replace(both, price=price(None, "nobody knows"))
    assert "3 GiB-month after 1 y, 7 GiB-month after 3 y, 15 GiB-month after 7 y" in unknown.basis
    assert "after 1 y" not in plain.basis


def frame(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Steady costs of strategies, from strategy, line, subject and cost."""
    cells = [
        {"strategy": s, "line": line, "place": "main", "quantity": 1.0, "unit": "GiB-month", "subject": subject}
        | {"usd_per_month": usd, "basis": "estimated price of 2026-10-01" if line == "standby" else "documented price"}
        for s, line, subject, usd in rows
    ]
    for name in dict.fromkeys(s for s, *_ in rows):
        known = math.fsum(usd for s, _, _, usd in rows if s == name and not math.isnan(usd))
        cells.append({"strategy": name, "line": "total", "subject": "", "usd_per_month": known, "basis": ""})
    return pd.DataFrame(cells)


def test_totals_say_how_many_lines_have_a_price() -> None:
    """A total with unknown lines is shown as what is known, and of how many lines; nothing known is unknown."""
    costs = frame(
        ("whole", "storage-warm", "shop.db", 1706.6),
        ("part", "storage-warm", "shop.db", 346.0),
        ("part", "transfer", "shop.db", math.nan),
        ("none", "storage-warm", "shop.db", math.nan),
    )
    texts = {name: total.text for name, total in totals(costs).items()}
    assert texts == {
        "whole": "1,707",
        "part": "from 346 (1 of 2 lines priced)",
        "none": "unknown (0 of 1 lines priced)",
    }
    part = totals(costs)["part"]
    assert part.said("346 USD/month") == "from 346 USD/month (1 of 2 lines priced)"
    assert (part.times(12).plus(8.0).usd, part.lines) == (4160.0, 2)


def test_totals_say_how_much_of_them_is_estimated() -> None:
    """What rests on estimated prices is counted apart, beside what has none; less than a cent is not worth a word."""
    costs = frame(
        ("whole", "storage-warm", "shop.db", 1500.0),
        ("whole", "standby", "shop.web", 206.6),
        ("part", "storage-warm", "shop.db", 346.0),
        ("part", "standby", "shop.web", 4.25),
        ("part", "transfer", "shop.db", math.nan),
        ("sure", "storage-warm", "shop.db", 10.0),
        ("sure", "standby", "shop.web", 0.004),
    )
    texts = {name: total.text for name, total in totals(costs).items()}
    assert texts == {
        "whole": "1,707 (of which ~207 estimated)",
        "part": "from 350 (2 of 3 lines priced, ~4.25 estimated)",
        "sure": "10",
    }
    assert {name: total.brief for name, total in totals(costs).items()} == texts | {"whole": "1,707 (~207)"}
    assert totals(costs)["whole"].times(12).estimated_usd == pytest.approx(12 * 206.6)


def test_an_amount_says_that_its_price_is_estimated() -> None:
    """The basis of an amount tells an estimated price from any other, as bills read back from files do."""
    estimated = replace(price(0.05), basis="estimated")
    assert is_estimated(Amount("storage-warm", "local", "EFS", 2.0, estimated).basis)
    assert not is_estimated(Amount("storage-warm", "local", "EFS", 2.0, price(0.05)).basis)
    assert not is_estimated(math.nan)


def test_bills_that_lack_other_prices_are_not_compared() -> None:
    """Strategies that lack the prices of the same lines can be compared, those that lack others cannot."""
    rows = (("a", "storage-warm", "shop.db", 1.0), ("b", "storage-warm", "shop.db", 2.0))
    assert comparable(frame(*rows)) == (("a", "b"),)
    assert comparison_note(frame(*rows)) == ""
    both = (*rows, ("a", "transfer", "shop.db", math.nan), ("b", "transfer", "shop.db", math.nan))
    assert comparable(frame(*both)) == (("a", "b"),)
    other = frame(*both, ("b", "standby", "shop.web", math.nan), ("c", "standby", "shop.web", 1.0))
    assert comparable(other) == (("a",), ("b",), ("c",))
    assert "b lacks that of standby of shop.web in main" in comparison_note(other)


def test_costs_by_application() -> None:
    """Lines are summed by application, the estate last; a line without any price has no sum."""
    costs = frame(
        ("s", "audit", "estate", 1.0),
        ("s", "storage-warm", "shop.db", 2.0),
        ("s", "storage-warm", "shop.web", math.nan),
        ("s", "standby", "shop.web", 3.0),
        ("s", "transfer", "shop.db", math.nan),
    )
    found = costs_by_application(costs)
    assert tuple(found.columns) == APPLICATION_COLUMNS
    assert found.fillna(-1.0).to_numpy().tolist() == [
        ["s", "shop", "storage-warm", 2.0, 1, 1, 0.0],
        ["s", "shop", "standby", 3.0, 1, 0, 3.0],
        ["s", "shop", "transfer", -1.0, 0, 1, 0.0],
        ["s", "estate", "audit", 1.0, 1, 0, 0.0],
    ]


@pytest.mark.parametrize(
    ("times", "days"),
    [
        ([DAYS], 365),
        ([DAYS, DAYS[::7]], 364),
        ([DAYS[::7], DAYS[::5]], 350),
        ([np.arange(-50.0, 2000) * 5 * HOUR_S], 365),
        ([DAYS, np.array([0.0, 31.0, 59.0, 90.0]) * DAY_S], 365),
        ([DAYS[::400]], 365),
        ([DAYS[::90], DAYS[::7]], 365),
        ([], 365),
    ],
)
def test_bills_are_averaged_over_whole_periods(times: list[Floats], days: int) -> None:
    """The span is the most whole periods of all schedules in a year, and the year where they do not repeat in it."""
    assert whole_periods_s(times) == days * DAY_S


@given(st.floats(0.001, 10))
def test_mean_growth_is_the_mean_of_the_year(growth: float) -> None:
    """The mean size of a growing resource is that of its moments."""
    t = (np.arange(2000) + 0.5) / 2000
    assert mean_growth(growth) == pytest.approx(float(np.mean((1 + growth) ** t)), rel=1e-6)


def test_nothing_grows_by_default() -> None:
    """Without growth the mean size is the size."""
    assert mean_growth(0.0) == 1
    assert YEAR_S == 365 * DAY_S


def test_billing_rules_are_of_types_that_exist() -> None:
    """Every billing rule names a type of the catalogue; a type without one is billed by what it stores."""
    prices = load_catalogue().prices()
    assert set(prices.data.billing) <= set(load_catalogue().types)
    plain = prices.billing("EFS")
    assert (plain.free, plain.window_free, plain.cold_full, plain.instances) == (None, False, False, False)


def test_billing_rules_have_a_source_or_a_reason() -> None:
    """A billing rule without a source is refused, as is an estimate without its reasoning."""
    with pytest.raises(ValueError, match="source"):
        Billing(basis="documented")
    with pytest.raises(ValueError, match="reasoning"):
        Billing(basis="estimated")
