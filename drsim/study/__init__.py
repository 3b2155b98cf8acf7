"""Drills and lifetimes: strategies side by side, their statistics, verdicts and costs."""
