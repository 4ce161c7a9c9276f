"""The demo's field work, invented: no database here (rules §13.3)."""
