"""The workbooks of field work: lists out, lists in."""
