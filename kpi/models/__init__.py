"""The tables of what did happen, and how good it is."""

from kpi.models.daily import DailyFigure, PaceRule
from kpi.models.months import Month, MonthState
from kpi.models.results import Actual, Event, EventKind
from kpi.models.scorecards import (
    CurveSegment,
    EventRate,
    ItemRole,
    Scorecard,
    ScorecardItem,
    ScorecardState,
)
from kpi.models.scores import Score, ScoreLine

__all__ = [
    "Actual",
    "CurveSegment",
    "DailyFigure",
    "Event",
    "EventKind",
    "EventRate",
    "ItemRole",
    "Month",
    "MonthState",
    "PaceRule",
    "Score",
    "ScoreLine",
    "Scorecard",
    "ScorecardItem",
    "ScorecardState",
]
