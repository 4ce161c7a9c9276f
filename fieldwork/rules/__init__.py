"""What field work decides: pure functions over frozen values."""
