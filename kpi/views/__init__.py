"""The pages of kpi."""
