"""What can be changed, once: the knobs of What if, uncertain inputs, what would have helped, and how each acts."""
