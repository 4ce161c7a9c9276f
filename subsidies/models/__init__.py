"""The tables of what it pays: subsidies and commissions."""

from subsidies.models.claims import (
    Claim,
    ClaimCategory,
    ClaimItem,
    ClaimReceipt,
    ClaimSource,
    ClaimState,
    Draws,
    ReceiptKind,
)
from subsidies.models.commissions import (
    SETTLED,
    CommissionAdjustment,
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    DealerReturn,
    ObjectionState,
    SchemeDraft,
    SheetKind,
    SheetState,
    Statement,
    StatementObjection,
)
from subsidies.models.entitlements import Entitlement, EntitlementState, SubsidyPolicy
from subsidies.models.ledger import LedgerBatch, LedgerRow

__all__ = [
    "SETTLED",
    "Claim",
    "ClaimCategory",
    "ClaimItem",
    "ClaimReceipt",
    "ClaimSource",
    "ClaimState",
    "CommissionAdjustment",
    "CommissionLine",
    "CommissionScheme",
    "CommissionSheet",
    "DealerReturn",
    "Draws",
    "Entitlement",
    "EntitlementState",
    "LedgerBatch",
    "LedgerRow",
    "ObjectionState",
    "ReceiptKind",
    "SchemeDraft",
    "SheetKind",
    "SheetState",
    "Statement",
    "StatementObjection",
    "SubsidyPolicy",
]
