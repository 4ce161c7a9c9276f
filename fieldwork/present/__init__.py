"""Field work as charts."""
