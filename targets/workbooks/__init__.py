"""Task sheets as Excel files: written in the plan's layout, read back with every cell located."""

from targets.workbooks.reading import SheetFile, annotated, read_sheets
from targets.workbooks.writing import plan_workbook

__all__ = ["SheetFile", "annotated", "plan_workbook", "read_sheets"]
