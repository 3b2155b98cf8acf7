"""Results as tables and charts; pure: they read a result and return something to show."""
