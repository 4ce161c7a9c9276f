"""Reads of kpi over several tables."""
