"""The tables of what should happen: indicators, plans, task sheets, tasks."""

from targets.models.definitions import Definition, DefinitionState
from targets.models.indicators import Breakdown, Dimension, Direction, Indicator, Rollup, Term
from targets.models.plans import AnnualTarget, Driver, Plan, PlanRelease, PlanState
from targets.models.tasks import SegmentTask, SheetKind, SheetMethod, SheetRow, Task, TaskSheet

__all__ = [
    "AnnualTarget",
    "Breakdown",
    "Definition",
    "DefinitionState",
    "Dimension",
    "Direction",
    "Driver",
    "Indicator",
    "Plan",
    "PlanRelease",
    "PlanState",
    "Rollup",
    "SegmentTask",
    "SheetKind",
    "SheetMethod",
    "SheetRow",
    "Task",
    "TaskSheet",
    "Term",
]
