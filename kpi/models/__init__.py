"""The tables of what did happen, and how good it is."""

from kpi.models.closing import Adjustment, AdjustmentState, ClosingRule, Verification
from kpi.models.daily import DailyFigure, PaceRule
from kpi.models.months import Month, MonthState
from kpi.models.results import Actual, CheckState, Event, EventKind
from kpi.models.scorecards import (
    CurveSegment,
    EventRate,
    ItemRole,
    Scorecard,
    ScorecardItem,
    ScorecardState,
)
from kpi.models.scores import Score, ScoreLine
from kpi.models.unit_plans import LongTarget, ShortPlan

__all__ = [
    "Actual",
    "Adjustment",
    "AdjustmentState",
    "CheckState",
    "ClosingRule",
    "CurveSegment",
    "DailyFigure",
    "Event",
    "EventKind",
    "EventRate",
    "ItemRole",
    "LongTarget",
    "Month",
    "MonthState",
    "PaceRule",
    "Score",
    "ScoreLine",
    "Scorecard",
    "ScorecardItem",
    "ScorecardState",
    "ShortPlan",
    "Verification",
]
