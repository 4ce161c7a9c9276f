"""Reading what is paid, scoped to the units that a reader may see."""
