"""Template filters of targets."""
