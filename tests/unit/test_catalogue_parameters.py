"""Parameters of the laws: what a file or an override may write."""

from __future__ import annotations

import pytest

from drsim.catalogue import PARAMETERS, WORK, WORK_OF, FailureLaw, read_parameter
from drsim.distributions import Constant, Exponential, Lognormal, Uniform
from drsim.errors import UnitError


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("backup_duration", "2 h", Constant(7200.0)),
        ("copy_duration", {"uniform": ["1 h", "4 h"]}, Uniform(3600.0, 14400.0)),
        ("restore_rate", "100 MB/s", Constant(1e8)),
        ("restore_object_rate", "1000 /s", Constant(1000.0)),
        ("restore_size_reference", "100 GB", Constant(1e11)),
        ("restore_size_exponent", 0.3, Constant(0.3)),
        ("backup_failure", "7 %", FailureLaw(0.07)),
        ("copy_failure", 0, FailureLaw(0.0)),
        ("restore_failure", 0.05, FailureLaw(0.05)),
        ("copy_failure", {"p": 0.01, "lasts": {"exponential": "2 d"}}, FailureLaw(0.01, Exponential(172800.0))),
        ("backup_failure", {"p": "1 %"}, FailureLaw(0.01)),
    ],
)
def test_a_parameter_is_read_in_the_unit_of_its_kind(name: str, written: object, expected: object) -> None:
    """A written parameter becomes a distribution or a failure law in canonical units."""
    assert read_parameter(name, written) == expected


def test_a_rate_has_a_slow_tail() -> None:
    """A rate by median and p5 is a lognormal whose 5th percentile is the p5."""
    found = read_parameter("copy_rate", {"median": "100 MB/s", "p5": "30 MB/s", "max": "524 MB/s"})
    assert isinstance(found, Lognormal)
    assert found.quantile(0.05) == pytest.approx(30e6)
    assert found.sup == 524e6


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("backup_duration", 2, "has no unit"),
        ("backup_rate", "3 h", "no unit of a rate"),
        ("log_lag", "-5 min", "negative"),
        ("backup_failure", "120 %", "no fraction"),
        ("backup_failure", {"lasts": "2 d"}, "no backup_failure"),
        ("backup_failure", {"p": 0.1, "last": "2 d"}, "no backup_failure"),
        ("backup_failure", {"p": 0.1, "lasts": 2}, "has no unit"),
        ("backup_failure", {"p": 0.1, "lasts": "0 d"}, "none"),
        ("restore_failure", {"p": 0.1, "lasts": "2 d"}, "takes no `lasts`"),
        ("bakcup_rate", "1 MB/s", "no parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_reason(name: str, written: object, says: str) -> None:
    """A value of another kind is refused, and the message says what is wrong."""
    with pytest.raises(UnitError, match=says):
        read_parameter(name, written)


def test_what_is_read_is_read_again_unchanged() -> None:
    """Reading a value that has been read gives it back."""
    examples = {"duration": "1 h", "rate": "1 MB/s", "object-rate": "1 /s", "count": 1, "size": "1 GB"}
    for name, kind in PARAMETERS.items():
        value = read_parameter(name, examples.get(kind, "1 %"))
        assert read_parameter(name, value) == value


def test_each_parameter_is_of_one_kind_of_work() -> None:
    """No parameter is forgotten where it is said what it is of, and none is named twice."""
    assert sorted(name for names in WORK.values() for name in names) == sorted(PARAMETERS)
    assert WORK_OF["start_delay"] == WORK_OF["expiry_delay"] == "backup"
