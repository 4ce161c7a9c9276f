"""Writes of kpi."""
