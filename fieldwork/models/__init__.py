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
from fieldwork.models.alarms import (
    Alarm,
    AlarmKind,
    AlarmReason,
    AlarmState,
    OutletDay,
    ReportedDay,
)
from fieldwork.models.audit import (
    DayTakings,
    DealerStatement,
    Sample,
    SampledUser,
    SampleSource,
)
from fieldwork.models.calendar import Audience, CalendarEntry, CalendarLink, Duty, Repeat
from fieldwork.models.findings import Finding, FindingArea, FindingLevel
from fieldwork.models.forms import Form, FormKind
from fieldwork.models.goals import Goal, Verdict
from fieldwork.models.promotions import Promotion, Setting
from fieldwork.models.retention import (
    NOT_REACHED,
    REACHED,
    Call,
    CallResult,
    LeavingReason,
    WarnedUser,
    WarningKind,
)
from fieldwork.models.summaries import DayQuestion, Summary, SummaryKind, WeekQuestion
from fieldwork.models.surveys import SURVEY_KINDS, Survey
from fieldwork.models.visits import VisitFrequency
from fieldwork.models.warehouse import (
    ItemKind,
    Measure,
    MovementKind,
    RequestState,
    StockItem,
    StockMovement,
    StockRequest,
    StockRequestLine,
)

__all__ = [
    "GROUP_KINDS",
    "NOT_REACHED",
    "REACHED",
    "STAGE_ORDER",
    "SURVEY_KINDS",
    "Account",
    "AccountKind",
    "Activity",
    "ActivityKind",
    "ActivityPhoto",
    "ActivityState",
    "Alarm",
    "AlarmKind",
    "AlarmReason",
    "AlarmState",
    "Audience",
    "CalendarEntry",
    "CalendarLink",
    "Call",
    "CallResult",
    "DayQuestion",
    "DayTakings",
    "DealerStatement",
    "Duty",
    "Finding",
    "FindingArea",
    "FindingLevel",
    "Form",
    "FormKind",
    "Goal",
    "ItemKind",
    "LeavingReason",
    "Measure",
    "MovementKind",
    "OutletDay",
    "Promotion",
    "Repeat",
    "ReportedDay",
    "RequestState",
    "Sample",
    "SampleSource",
    "SampledUser",
    "Setting",
    "Stage",
    "StageChange",
    "StockItem",
    "StockMovement",
    "StockRequest",
    "StockRequestLine",
    "Summary",
    "SummaryKind",
    "Survey",
    "Verdict",
    "VisitFrequency",
    "WarnedUser",
    "WarningKind",
    "WeekQuestion",
]
