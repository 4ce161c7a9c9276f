"""The organisation's tables."""

from orgchart.models.dealers import KINDS_OF_TIER, Dealer, DealerAffiliation, DealerKind, DealerTier
from orgchart.models.notifications import Notification
from orgchart.models.people import Person, Post, Role, Supervision, Tenure
from orgchart.models.runs import ACTIVE_RUN, Run, RunFile, RunState
from orgchart.models.trail import AuditEntry, IdempotencyRecord, Job
from orgchart.models.units import BUSINESS_KINDS, Unit, UnitKind, UnitPlacement

__all__ = [
    "ACTIVE_RUN",
    "BUSINESS_KINDS",
    "KINDS_OF_TIER",
    "AuditEntry",
    "Dealer",
    "DealerAffiliation",
    "DealerKind",
    "DealerTier",
    "IdempotencyRecord",
    "Job",
    "Notification",
    "Person",
    "Post",
    "Role",
    "Run",
    "RunFile",
    "RunState",
    "Supervision",
    "Tenure",
    "Unit",
    "UnitKind",
    "UnitPlacement",
]
