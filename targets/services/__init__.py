"""What changes plans, annual targets and monthly tasks."""
