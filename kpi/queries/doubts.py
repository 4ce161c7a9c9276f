"""What looks odd about figures, against last month and the task, in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from django.utils.translation import gettext as _

from kpi.queries.cells import Key
from kpi.rules import entry as rules
from targets.models import Dimension, Indicator, Rollup, Task
from targets.months import last_day


class _Cell(Protocol):
    @property
    def month(self) -> date: ...
    @property
    def key(self) -> Key: ...


def tasks_of_cells(
    cells: Sequence[_Cell], indicators: Mapping[int, Indicator]
) -> dict[tuple[date, Key], Decimal]:
    """Return the task of each cell that has one; of an undivided figure the sum. One query."""
    if not cells:
        return {}
    found: dict[tuple[date, Key], Decimal] = {}
    wanted = {(cell.month, cell.key) for cell in cells}
    for month, unit, indicator, breakdown, value in Task.objects.filter(
        month__in={cell.month for cell in cells},
        unit_id__in={cell.key[0] for cell in cells},
        indicator_id__in={cell.key[1] for cell in cells},
    ).values_list("month", "unit_id", "indicator_id", "breakdown_id", "value"):
        if indicators[indicator].entry == Dimension.WHOLE:
            places = [one for one in wanted if one[0] == month and one[1][:2] == (unit, indicator)]
        else:
            places = [(month, (unit, indicator, breakdown))]
        for place in places:
            found[place] = found.get(place, Decimal(0)) + value
    return found


def doubt_of(
    value: Decimal,
    indicator: Indicator,
    *,
    as_of: date,
    last: Decimal | None,
    task: Decimal | None,
) -> rules.Doubted | None:
    """Return what is odd about a figure of an indicator as of a day."""
    is_flow = indicator.rollup == Rollup.SUM
    return rules.doubt(
        value,
        rules.Nature(
            decimals=indicator.stored_decimals,
            in_ten_thousands=indicator.in_ten_thousands,
            is_ratio=indicator.is_percent,
            may_be_negative=indicator.may_be_negative,
        ),
        last=last,
        task=task if is_flow else None,
        progress=Fraction(as_of.day, last_day(as_of).day) if is_flow else Fraction(1),
    )


def doubt_title(found: rules.Doubted) -> str:
    return {
        rules.Doubt.UNIT_SLIP: _("This looks like yuan, not ten thousands of yuan"),
        rules.Doubt.UNIT_SLIP_DOWN: _("This looks divided by ten thousand once too often"),
        rules.Doubt.TENFOLD: _("This is far above last month"),
        rules.Doubt.TENTH: _("This is far below last month"),
        rules.Doubt.ZERO: _("This is zero, and was not last month"),
        rules.Doubt.NEGATIVE: _("This is below zero"),
        rules.Doubt.OVER_WHOLE: _("This is above 100%"),
        rules.Doubt.OVER_TASK: _("This is far above the task"),
    }[found.code]


def doubt_text(found: rules.Doubted, value: Decimal, indicator: Indicator) -> str:
    """Return the comparison behind a doubt, with its figures."""
    figures = {
        "indicator": indicator.short,
        "last": _shown(found.compared, indicator),
        "value": _shown(value, indicator),
    }
    match found.code:
        case rules.Doubt.UNIT_SLIP:
            return _("Compared with %(last)s, about 10,000 times that.") % figures
        case rules.Doubt.NEGATIVE:
            return _("%(indicator)s below zero: %(value)s.") % figures
        case rules.Doubt.OVER_WHOLE:
            return _("%(indicator)s above 100%%: %(value)s%%.") % figures
        case rules.Doubt.OVER_TASK:
            return _("Task %(last)s, now %(value)s.") % figures
        case _:
            return _("Last month %(last)s, now %(value)s.") % figures


def _shown(value: Decimal | None, indicator: Indicator) -> str:
    if value is None:
        return "—"
    shown = value * 100 if indicator.is_percent else value
    return f"{shown:,.{indicator.decimals}f}".replace("-", "−")
