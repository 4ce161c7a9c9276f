"""The pages of field work."""
