"""Pages of plans, task sheets and definitions."""
