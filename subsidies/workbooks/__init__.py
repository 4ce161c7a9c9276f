"""What is paid as Excel files, print-ready, sums as formulas with their values."""

from subsidies.workbooks.claims import claims_workbook
from subsidies.workbooks.commissions import (
    commission_workbook,
    file_names,
    large_workbook,
    statement_workbook,
)
from subsidies.workbooks.subsidies import subsidy_workbook

__all__ = [
    "claims_workbook",
    "commission_workbook",
    "file_names",
    "large_workbook",
    "statement_workbook",
    "subsidy_workbook",
]
