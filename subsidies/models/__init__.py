"""The tables of what it pays: subsidies and commissions."""

from subsidies.models.commissions import (
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    DealerReturn,
    SheetState,
    Statement,
)
from subsidies.models.entitlements import Entitlement, EntitlementState, SubsidyPolicy

__all__ = [
    "CommissionLine",
    "CommissionScheme",
    "CommissionSheet",
    "DealerReturn",
    "Entitlement",
    "EntitlementState",
    "SheetState",
    "Statement",
    "SubsidyPolicy",
]
