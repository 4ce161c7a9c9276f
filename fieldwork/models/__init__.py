"""The tables of field work."""

from fieldwork.models.accounts import (
    GROUP_KINDS,
    STAGE_ORDER,
    Account,
    AccountKind,
    Stage,
    StageChange,
)
from fieldwork.models.activities import Activity, ActivityKind, ActivityPhoto, ActivityState
from fieldwork.models.findings import Finding, FindingArea, FindingLevel
from fieldwork.models.forms import Form, FormKind
from fieldwork.models.goals import Goal, Verdict
from fieldwork.models.retention import (
    NOT_REACHED,
    REACHED,
    Call,
    CallResult,
    LeavingReason,
    WarnedUser,
    WarningKind,
)
from fieldwork.models.visits import VisitFrequency

__all__ = [
    "GROUP_KINDS",
    "NOT_REACHED",
    "REACHED",
    "STAGE_ORDER",
    "Account",
    "AccountKind",
    "Activity",
    "ActivityKind",
    "ActivityPhoto",
    "ActivityState",
    "Call",
    "CallResult",
    "Finding",
    "FindingArea",
    "FindingLevel",
    "Form",
    "FormKind",
    "Goal",
    "LeavingReason",
    "Stage",
    "StageChange",
    "Verdict",
    "VisitFrequency",
    "WarnedUser",
    "WarningKind",
]
