"""What field work reads."""
