"""What the words of a result mean, in a sentence or two each, for pages and reports.

docs/explanation/definitions.md tells the same at length, and why.
"""

from __future__ import annotations

DEFINITIONS = {
    "drill": (
        "one disruption at a random moment: what was backed up by then, what survives, and how long it takes to "
        "recover. Where a disruption strikes one resource, each resource has drills of its own, and those of an "
        "application are dealt among its resources by how often each is struck."
    ),
    "shares and percentiles": (
        "are of the drills that reach the application or resource, whatever else the scenario holds. Drills without "
        "recovery rank last: where one stands at a percentile, its state stands there instead of a time."
    ),
    "loss": "the age of the data that come back: what was written since is lost.",
    "downtime": "from the stop of the service until users are served again, people included.",
    "met": (
        "with 95 % confidence all objectives hold, at once, in as many of these drills as are asked for; of an "
        "attainment above 99.9 %: in all of them."
    ),
    "breached": "with 95 % confidence they do not.",
    "undecided": (
        "the drills do not tell. The number in brackets is about how many drills that reach it, or the resource that "
        "is named, decide."
    ),
    "unrecoverable": "in too many drills something protects it, and nothing usable is left.",
    "unprotected": "nothing protects it.",
    "unaffected": "nothing that the disruption can strike reaches it.",
    "no objective": "nothing is asked, so that nothing is judged.",
    "a verdict with a name": (
        "where a disruption strikes one resource, an application is no better than its worst resource: that one is "
        "named in brackets."
    ),
    "struck a year": (
        "how often a disruption reaches it, from the rates of what the disruption strikes: a resource, an application, "
        "an account, a zone or a Region. It is computed, not counted from drills."
    ),
    "misses a year": "how often it is struck a year, times the share of drills that miss an objective.",
    "down with": (
        "an application goes down with what it requires though it is not struck itself. Such drills stand in a table "
        "of their own and count in the yearly loss, in no other share, percentile or verdict."
    ),
    "expected loss": (
        "of a year: how often it is struck, times what an event costs on average. An event without recovery costs what "
        "losing everything costs, and the downtime until the business is rebuilt."
    ),
}
"""Words and what they mean, in the order in which a reader meets them."""
