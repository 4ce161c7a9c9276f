"""What of the entered figures may not be stored: impossible, changed meanwhile, or doubtful."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpi.models import Actual, DailyFigure
from kpi.queries.cells import Key
from kpi.queries.doubts import doubt_of, doubt_text, doubt_title, tasks_of_cells
from kpi.rules import entry as rules
from kpi.services.entered import Book, CellEntry, reports
from orgchart.errors import Doubtful, Fault, Invalid, VersionConflict
from targets.amounts import LIMIT
from targets.models import Breakdown, Dimension, Indicator
from targets.months import last_day, month_text


def check(book: Book) -> None:
    """Refuse what can be no figure of its cell, wherever it stands.

    A figure that stays as it is was checked when it was written.
    """
    faults: list[Fault] = []
    seen: set[tuple[date, Key]] = set()
    for index, (cell, stored, _last, differs) in enumerate(book.entries):
        place = (cell.month, cell.key)
        if differs or stored is None or place in seen:
            name, detail = _fault(cell, book, place in seen)
            if detail:
                faults.append(Fault(f"/{index}/{name}", detail))
        seen.add(place)
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)


def _fault(cell: CellEntry, book: Book, is_twice: bool) -> tuple[str, str]:
    """Return the field at fault and its sentence, two blanks when there is none."""
    if cell.unit_id not in book.units:
        return "unit", _("There is no such unit.")
    if is_twice:
        return "unit", _("The same figure is given twice.")
    if not cell.month <= cell.as_of <= last_day(cell.month):
        return "as_of", outside(cell.month)
    return figure_fault(
        book.indicators.get(cell.indicator_id), book.breakdowns.get(cell.breakdown_id), cell.value
    )


def outside(month: date) -> str:
    """Return the sentence on an as-of date that is no day of the month."""
    return _("The as-of date lies outside the month: write a day of %(month)s.") % {
        "month": month_text(month)
    }


def figure_fault(
    indicator: Indicator | None, breakdown: Breakdown | None, value: Decimal | None
) -> tuple[str, str]:
    """Return why this can be no figure of the indicator: the field and a sentence, or blanks."""
    if indicator is None:
        return "indicator", _("There is no such indicator.")
    if not indicator.entry or indicator.is_derived:
        return "indicator", _("%(indicator)s is computed, not entered.") % {
            "indicator": indicator.name
        }
    if breakdown is None or breakdown.dimension != indicator.entry:
        if indicator.entry == Dimension.WHOLE:
            return "breakdown", _("%(indicator)s is not broken down: leave this empty.") % {
                "indicator": indicator.name
            }
        return "breakdown", _("%(indicator)s is entered by %(dimension)s.") % {
            "indicator": indicator.name,
            "dimension": indicator.get_entry_display(),
        }
    if fault := value_fault(indicator, value):
        return "value", fault
    return "", ""


def value_fault(indicator: Indicator, value: Decimal | None) -> str:
    """Return why no figure of the indicator is this number, or a blank."""
    if value is None:
        return ""
    if abs(value) > LIMIT:
        return _("The figure is too large.")
    if rules.has_too_many_decimals(value, indicator.stored_decimals):
        if indicator.decimals == 0 and not indicator.is_percent:
            return _("%(indicator)s is counted in whole %(measure)s.") % {
                "indicator": indicator.name,
                "measure": indicator.measure,
            }
        return _("%(indicator)s has at most %(count)s decimals.") % {
            "indicator": indicator.name,
            "count": indicator.decimals,
        }
    return ""


def refuse_stale(book: Book) -> None:
    """Refuse figures whose writer has not seen what is stored."""
    if stale := [one.cell for one in book.entries if not one.is_current]:
        raise conflict(stale, book)


def conflict(cells: Sequence[CellEntry], book: Book) -> VersionConflict:
    """Return the refusal of these cells, with what is stored of them now."""
    stored = reports(cells)
    return conflict_of(
        [(book.name(cell), cell.value, stored.get((cell.month, cell.key))) for cell in cells]
    )


def conflict_of(
    cells: Sequence[tuple[dict[str, Any], Decimal | None, Actual | DailyFigure | None]],
) -> VersionConflict:
    """Return the refusal to write figures changed meanwhile: what each is called, yours, theirs."""
    conflicts = [
        name
        | {
            "yours": text(value),
            "theirs": text(row.value) if row else None,
            "version": row.version or None if row else None,
            "by": row.reported_by.name if row and row.reported_by else None,
            "at": row.reported_at.isoformat() if row else None,
        }
        for name, value, row in cells
    ]
    return VersionConflict(
        ngettext(
            "%(count)s figure was changed meanwhile. Compare both, then write on that version.",
            "%(count)s figures were changed meanwhile. Compare both, then write on that version.",
            len(conflicts),
        )
        % {"count": len(conflicts)},
        extra={"conflicts": conflicts},
    )


def question(book: Book) -> None:
    """Doubt figures that look like a slip and come without a reason."""
    asked = [
        (index, cell, cell.value, last)
        for index, (cell, _stored, last, differs) in enumerate(book.entries)
        if differs and cell.value is not None and not cell.reason.strip()
    ]
    above = [cell for _index, cell, value, last in asked if rules.is_above(value, last)]
    tasks = tasks_of_cells(above, book.indicators)
    doubts: list[dict[str, Any]] = []
    for index, cell, value, last in asked:
        indicator = book.indicators[cell.indicator_id]
        task = tasks.get((cell.month, cell.key))
        found = doubt_of(value, indicator, as_of=cell.as_of, last=last, task=task)
        if found:
            doubts.append(
                book.name(cell)
                | {
                    "index": index,
                    "code": str(found.code),
                    "title": doubt_title(found),
                    "detail": doubt_text(found, value, indicator),
                    "value": text(value),
                    "suggestion": text(found.suggestion),
                }
            )
    if doubts:
        raise doubtful(doubts)


def doubtful(doubts: Sequence[dict[str, Any]]) -> Doubtful:
    """Return the question about figures that look wrong, each with its place and what it is."""
    return Doubtful(
        ngettext(
            "%(count)s figure looks wrong. Correct it or write why it is right.",
            "%(count)s figures look wrong. Correct them or write why they are right.",
            len(doubts),
        )
        % {"count": len(doubts)},
        [
            Fault(
                f"/{one['index']}/value",
                _("%(what)s: %(why)s") % {"what": one["title"], "why": one["detail"]},
            )
            for one in doubts
        ],
        {"doubts": list(doubts)},
    )


def text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
