"""Field work for programs."""
