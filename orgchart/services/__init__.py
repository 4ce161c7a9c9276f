"""Changes of the organisation: units, people, dealers, accounts."""
