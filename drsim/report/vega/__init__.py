"""Results as charts that one can hover over and zoom into: Vega-Lite, by Altair.

Each function returns a chart from what a study found; the app shows it, the report prints it. Charts have a title on
each axis with its unit, tell things apart by more than colour, and leave the colours of text and grid to the page, so
that they can be read on light and dark ones.
"""
