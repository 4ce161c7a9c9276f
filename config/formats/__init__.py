"""Dates as each language writes them, where the framework's own would be misread."""
