"""The demo district: an invented plan year by the recipe of the domain rules, §13."""

from random import Random

SEED = 20260101
YEAR = 2026
DISTRICT = "xx"
GRIDS = ("grid1", "grid2", "grid3", "grid4")
UNITS = (*GRIDS, "suburban", "group")


def stream(purpose: str) -> Random:
    """Return the numbers of one purpose: the same in every run, whatever else is drawn."""
    return Random(f"{SEED}/{purpose}")
