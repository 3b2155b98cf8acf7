"""Measurements against what is drawn for them: the percentile is that of the laws, and inside means inside."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drsim.catalogue import Measurement, Publication, load_catalogue
from drsim.distributions import Distribution, Lognormal
from drsim.errors import CatalogueError
from drsim.study.bands import Band, Sample, bands, law_of
from drsim.units import HOUR_S, MINUTE_S

WHERE = Publication("log", "A log", "Them", "2026", "https://example.com")


def measurement(of: str, measures: str, low: float, high: float | None = None, **more: float) -> Measurement:
    """Return a measurement of a type."""
    amounts = {"size": 0.0, "objects": 0.0} | more
    return Measurement(
        key="m",
        of=of,
        is_of_disruption=False,
        measures=measures,
        low=low,
        high=low if high is None else high,
        written="",
        size=amounts["size"],
        objects=amounts["objects"],
        region="",
        conditions="",
        publication=WHERE,
    )


def test_a_parameter_is_held_against_its_own_distribution() -> None:
    """What measures one distribution is compared with the very one of the catalogue."""
    kind = load_catalogue().types["EBS"]
    measured = measurement("EBS", "hydration_rate", 100e6)
    law = kind.parameters["hydration_rate"].value
    assert law_of(measured, load_catalogue()) is law
    assert isinstance(law, Distribution)
    assert Band(measured, law).percentile == pytest.approx(next_below(law, 100e6), abs=1e-6)


def next_below(law: Distribution, value: float) -> float:
    """Return the share of a distribution below a value, by its quantiles."""
    u = np.linspace(0, 1, 2_000_001)[1:-1]
    return float(np.mean(law.ppf(u) < value))


def test_a_failover_is_held_against_that_of_its_deployment() -> None:
    """The place of a failover names its deployment."""
    found = law_of(measurement("RDS", "failovers.multi-az", 60), load_catalogue())
    assert found is load_catalogue().types["RDS"].failovers["multi-az"].duration.value


def test_a_backup_follows_from_size_by_the_law() -> None:
    """The median of backups without spread is the fixed part and the time that the bytes take."""
    measured = measurement("EBS", "backup", HOUR_S, size=1e15)
    law = law_of(measured, load_catalogue())
    rate = load_catalogue().types["EBS"].parameters["backup_rate"].value
    assert isinstance(rate, Distribution)
    # a petabyte takes so long that the fixed part does not matter
    for q in (0.05, 0.5, 0.95):
        assert law.quantile(q) == pytest.approx(1e15 / rate.quantile(1 - q), rel=0.03)


def test_the_longer_of_bytes_and_objects_counts() -> None:
    """Many small files take as long as their number asks."""
    many = law_of(measurement("EFS", "backup", HOUR_S, size=1e9, objects=1e9), load_catalogue())
    few = law_of(measurement("EFS", "backup", HOUR_S, size=1e9), load_catalogue())
    assert many.quantile(0.5) == pytest.approx(1e9 / 2000, rel=0.05)
    assert few.quantile(0.5) < HOUR_S


def test_a_restore_in_full_waits_for_the_data() -> None:
    """What is usable at once is complete only when its data has been loaded."""
    usable, full = (
        law_of(measurement("RDS", measures, HOUR_S, size=1e15), load_catalogue())
        for measures in ("restore", "restore in full")
    )
    assert usable.quantile(0.95) < 2 * HOUR_S
    rate = load_catalogue().types["RDS"].parameters["hydration_rate"].value
    assert isinstance(rate, Distribution)
    assert full.quantile(0.5) == pytest.approx(1e15 / rate.quantile(0.5), rel=0.03)


def test_a_large_table_takes_longer_by_its_exponent() -> None:
    """The restore of a table of 100 TB takes 1000^0.3 times as long as that of one of 100 GB."""
    small, large = (
        law_of(measurement("DynamoDB without advanced features", "restore", HOUR_S, size=size), load_catalogue())
        for size in (100e9, 100e12)
    )
    assert large.quantile(0.5) / small.quantile(0.5) == pytest.approx(1000**0.3, rel=1e-3)


def test_inside_is_between_the_5th_and_the_95th_percentile() -> None:
    """A value at an end is inside, one beyond it is not; the middle of a range counts."""
    law = Lognormal(10 * MINUTE_S, 1.0)
    low, high = law.quantile(0.05), law.quantile(0.95)
    one = measurement("EBS", "backup_fixed", low)
    for value, is_inside in ((low, True), (low * 0.999, False), (high, True), (high * 1.001, False)):
        assert Band(replace(one, low=value, high=value), law).is_inside is is_inside
    wide = Band(replace(one, low=low / 2, high=low * 2 * 1.001), law)
    assert wide.measurement.middle == pytest.approx(low, rel=1e-3)
    assert wide.is_inside
    assert wide.percentile == pytest.approx(0.05, abs=1e-3)


def test_a_bound_agrees_where_something_usual_lies_beyond_it() -> None:
    """Longer than the 95th percentile contradicts the band, as does shorter than the 5th."""
    law = Lognormal(10 * MINUTE_S, 1.0)
    low, high = law.quantile(0.05), law.quantile(0.95)
    one = measurement("EBS", "backup_fixed", low)
    assert Band(replace(one, low=high * 0.99, high=math.inf), law).is_inside
    assert not Band(replace(one, low=high, high=math.inf), law).is_inside
    assert Band(replace(one, low=0, high=low * 1.01), law).is_inside
    assert not Band(replace(one, low=0, high=low), law).is_inside


def test_a_sample_is_its_values() -> None:
    """Quantiles, mean and bound of drawn durations are those of the values."""
    sample = Sample(np.array([1.0, 2.0, 3.0, 10.0]))
    assert [sample.quantile(q) for q in (0.1, 0.3, 0.6, 0.9)] == [1, 2, 3, 10]
    assert (sample.mean, sample.sup) == (4, 10)


def test_what_is_unknown_has_no_band() -> None:
    """A type, or a value that is no distribution, is refused by its key."""
    for of, measures in (("Bag", "backup"), ("Bag", "log_lag"), ("EBS", "lineage"), ("EBS", "copy_failure")):
        with pytest.raises(CatalogueError, match=f"m: {of} has no distribution {measures}"):
            bands([measurement(of, measures, 60)])
