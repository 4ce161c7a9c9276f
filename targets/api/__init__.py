"""Plans, tasks, indicators and simulators for programs and for the sheets of the pages."""
