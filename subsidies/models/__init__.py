"""The tables of what it pays: subsidies and commissions."""

from subsidies.models.commissions import (
    SETTLED,
    CommissionAdjustment,
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    DealerReturn,
    ObjectionState,
    SheetState,
    Statement,
    StatementObjection,
)
from subsidies.models.entitlements import Entitlement, EntitlementState, SubsidyPolicy

__all__ = [
    "SETTLED",
    "CommissionAdjustment",
    "CommissionLine",
    "CommissionScheme",
    "CommissionSheet",
    "DealerReturn",
    "Entitlement",
    "EntitlementState",
    "ObjectionState",
    "SheetState",
    "Statement",
    "StatementObjection",
    "SubsidyPolicy",
]
