"""What may stand somewhere in a scenario, or nowhere: ends of ranges, wrong kinds, odd texts."""

from __future__ import annotations

from typing import Any

ENDS: tuple[Any, ...] = (
    *(0, 1, 2, 3, 10, 100, 0.5, 0.01, True, False, None),
    *("0 s", "1 ms", "1 s", "1 min", "59 min", "1 h", "1 d", "28 d", "90 d", "1 y", "30 y", "100 y"),
    *("0 B", "1 B", "1 MB", "1 GB", "100 TB", "1 PB", "1000 PB", "1 kB/s", "1 MB/s", "1 PB/s", "0 %", "1 %", "100 %"),
    *("0 %/day", "100 %/day", "1 GB/day", "0 /year", "50 /year", "1e6 /year", "0 USD", "1e15 USD", "1e15 USD/h"),
    *(
        "100 %/year",
        "1000 %/year",
        "1e3 /s",
        "0.001 /s",
        "cron(0 5 ? * * *)",
        "cron(0/5 * ? * * *)",
        "cron(0 0 29 2 ? *)",
    ),
    *("cron(0 0 31 2 ? *)", "none", "compliance", "governance", "air-gapped", "unlimited", "us-east-1", "us-west-2"),
    *("*", "type:RDS", "always", "elsewhere", "2099-12-31", "1970-01-01", "America/New_York"),
    *(
        {"median": "5 d", "p95": "187 d"},
        {"median": "1 h", "p95": "1e6 h"},
        {"median": "1 h", "p95": "10 y", "max": "10 y"},
    ),
    *({"exponential": "1 y"}, {"exponential": "0 s"}, {"uniform": ["0 s", "100 y"]}, {"uniform": ["0 %", "100 %"]}),
    *({"weibull": {"scale": "1 h", "shape": 0.3}}, {"weibull": {"scale": "1 h", "shape": 50}}, {"empirical": ["50 y"]}),
    *({"triangular": ["1 h", "1 h", "1 h"]}, {"empirical": ["1 h", "0 s", "50 y"]}, {"median": "0 s", "p95": "0 s"}),
    *({"p": 0.5, "lasts": {"exponential": "30 d"}}, {"p": 1}, {"p": 0.01, "lasts": "1 s", "shared": "account"}),
    *({"p": 0.9, "lasts": {"exponential": "50 y"}}, {"exponential": "10 MB/s"}, {"uniform": ["1 kB/s", "1 MB/s"]}),
    *([], {}, ["*"]),
)
"""Values that may stand somewhere, ends of ranges among them."""


ABSURD: tuple[Any, ...] = (
    *(-1, 1e308, -1e308, 5e-324, float("nan"), float("inf"), 10**30, 2**63, "", " "),
    *("101 y", "1e300 y", "-1 h", "1e308 PB", "0 MB/s", "101 %", "nan %", "1e6 %/year", "1 h 2 min"),
    *(
        "１２ h",
        "3‐5 d",
        "35\u00a0d",
        "1_000 h",
        "1e400 h",
        ".inf h",
        "35",
        "35 x",
        "d 35",
        "a.*",
        "to:home",
        "rate(1 day)",
    ),
    *("mars-1", "us‐east‐1", "2026-02-30", "1969-12-31", "0001-01-01T00:00+14:00", "9999-12-31", "x" * 5000),
    *("\x1b[31m", "a\x00b", "\u202eabc", "名前", "=1+1", "../../../etc/passwd", "/dev/zero", "{}", "[]", "${x}", "%s"),
    *(
        "{0}",
        "'",
        '"',
        "\\",
        "\n",
        "a\nb",
        [1],
        {"a": 1},
        [[]],
        [None],
        {"": ""},
        ["*", "*"],
        {"uniform": ["2 h", "1 h"]},
    ),
    *({"weibull": {"scale": "1 h", "shape": 0.01}}, {"empirical": []}, {"median": "1 h", "p95": "10 y"}),
)
"""Values that may stand nowhere, or hardly: beyond ranges, of wrong kinds, units, types, and odd texts."""
