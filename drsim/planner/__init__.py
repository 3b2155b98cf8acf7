"""The planner: the cheapest protection that meets the objectives, with its proof."""
