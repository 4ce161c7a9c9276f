"""What field work writes."""
