"""Build and test tools; no app imports them."""
