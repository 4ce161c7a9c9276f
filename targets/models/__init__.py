"""The tables of what should happen: indicators, plans, task sheets, tasks."""

from targets.models.bargaining import Acceptance, Proposal, ProposalKind, ProposalState
from targets.models.definitions import Definition, DefinitionState
from targets.models.exchange import Batch, BatchState
from targets.models.indicators import Breakdown, Dimension, Direction, Indicator, Rollup, Term
from targets.models.plans import AnnualTarget, Driver, Plan, PlanRelease, PlanState
from targets.models.tasks import SegmentTask, SheetKind, SheetMethod, SheetRow, Task, TaskSheet

__all__ = [
    "Acceptance",
    "AnnualTarget",
    "Batch",
    "BatchState",
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
    "Proposal",
    "ProposalKind",
    "ProposalState",
    "Rollup",
    "SegmentTask",
    "SheetKind",
    "SheetMethod",
    "SheetRow",
    "Task",
    "TaskSheet",
    "Term",
]
