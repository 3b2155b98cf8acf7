"""Distributions of uncertain quantities, each a quantile function of the unit interval.

A draw is `distribution.ppf(u)` with a quantile `u` from `drsim.draws`: the same `u` gives the same luck
to every strategy, whatever the distribution is.
As written in files (values of the quantity's own kind):

    3 h                                  constant
    {median: 5 d, p95: 187 d}            lognormal; `p5` instead of `p95`; `min` and `max` cut it off
    {uniform: [1 h, 5 h]}                equally likely between two values
    {exponential: 6 h}                   its mean
    {triangular: [3 h, 4 h, 5 h]}        smallest, most likely, largest
    {weibull: {scale: 2 h, shape: 1.5}}
    {empirical: [1 h, 2 h, 2.5 h]}       observations, equally likely

What is written lies in the range of its kind (`drsim.ranges`). Tails without an end are cut off at that range's ends,
which no more than one draw in very many reaches: a tail so heavy that its mean lies beyond is refused.
"""

from drsim.distributions.families import Z95, Empirical, Exponential, Lognormal, Triangular, Uniform, Weibull
from drsim.distributions.model import Capped, Constant, Distribution, InStep, Scaled, Tailed
from drsim.distributions.reading import parse

__all__ = [
    "Z95",
    "Capped",
    "Constant",
    "Distribution",
    "Empirical",
    "Exponential",
    "InStep",
    "Lognormal",
    "Scaled",
    "Tailed",
    "Triangular",
    "Uniform",
    "Weibull",
    "parse",
]
