"""The API of kpi."""
