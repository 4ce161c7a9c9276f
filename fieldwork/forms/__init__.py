"""The shape of what is typed in field work."""
