"""The laws: pure functions over arrays that say how long a job takes, what a disruption leaves, what a month costs."""
