"""Task sheets: made, weighed, broken down; their cells saved and locked."""

from targets.services.sheets.breakdown import break_down, roll_forward
from targets.services.sheets.cells import TaskEntry, save_tasks
from targets.services.sheets.locks import lock_cells, unlock_cells
from targets.services.sheets.segments import SegmentEntry, save_segment_tasks
from targets.services.sheets.tables import (
    RowEntry,
    RowWeight,
    adopt_total,
    create_sheet,
    weigh_sheet,
)

__all__ = [
    "RowEntry",
    "RowWeight",
    "SegmentEntry",
    "TaskEntry",
    "adopt_total",
    "break_down",
    "create_sheet",
    "lock_cells",
    "roll_forward",
    "save_segment_tasks",
    "save_tasks",
    "unlock_cells",
    "weigh_sheet",
]
