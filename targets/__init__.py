"""What should happen: indicators, plans, annual targets, monthly tasks."""
