"""Importing the district workbook from a file."""

from collections.abc import Callable
from datetime import datetime
from typing import IO

from orgchart.errors import Invalid
from orgchart.models import Person, Unit
from portal.services.book import BookRejected, Report, apply_book
from portal.workbooks import read_book


def import_workbook(
    *,
    file: IO[bytes],
    by: Person | None,
    at: datetime,
    district: Unit | None = None,
    may_write: Callable[[str], bool] = lambda capability: True,
    dry_run: bool = False,
) -> Report:
    """Apply an xlsx file. Raises Invalid: its faults point to sheet and cell (任务!E17)."""
    reading = read_book(file)
    try:
        return apply_book(
            book=reading.book, by=by, at=at, source="workbook", dry_run=dry_run,
            district=district, may_write=may_write, seen=reading.seen, earlier=reading.flaws,
        )  # fmt: skip
    except BookRejected as rejected:
        raise Invalid(str(rejected), reading.faults(rejected.flaws)) from rejected
