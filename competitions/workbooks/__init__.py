"""Workbooks of competitions."""
