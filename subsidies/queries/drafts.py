"""A commission sheet before it is made: what it would hold, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from kpi.models import Month, MonthState
from orgchart.errors import Fault
from orgchart.models import Unit
from subsidies.models import CommissionAdjustment, CommissionScheme, DealerReturn, SheetState
from subsidies.queries import returns as sources
from subsidies.queries.adjustments import pending_adjustments, reference_of
from subsidies.rules import commission as rules
from subsidies.rules.scheme import Scheme, SchemeInvalid
from subsidies.rules.sheet import Settlement, totals
from subsidies.wording import located, month_name, state_name


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """A dealer's computed month with the return and the unit it was computed for."""

    entered: DealerReturn
    unit: Unit
    result: rules.Statement
    corrections: tuple[CommissionAdjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The sheet as it would be made now; with faults it cannot be made."""

    scheme: CommissionScheme
    statements: tuple[DraftStatement, ...]
    faults: tuple[Fault, ...]
    totals: Settlement


def draft(
    district: Unit,
    month: date,
    scheme: CommissionScheme,
    *,
    returns: Sequence[DealerReturn] | None = None,
    is_corrected: bool = True,
) -> Draft:
    """Compute every return of the month: scheme and affiliation of its last day (rules §6, §7).

    A trial gives its own `returns`, and leaves out the corrections that wait for a sheet.

    What each dealer owes from its last approved statement is brought forward. Faults name the
    dealers whose figures cannot be computed, all of them.
    """
    try:
        policy = sources.terms(scheme)
    except SchemeInvalid as error:
        return Draft(scheme, (), tuple(located(error.faults, "/scheme")), totals([]))
    units = sources.units_of_dealers(district, month)
    debts = sources.debts(district, month)
    corrections = pending_adjustments(district, month) if is_corrected else {}

    statements: list[DraftStatement] = []
    faults: list[Fault] = []
    for entered in sources.returns_of(district, month) if returns is None else returns:
        unit = units.get(entered.dealer_id)
        if unit is None:
            sentence = _("%(dealer)s belonged to no unit on the month's last day.")
            faults.append(
                Fault(f"/dealers/{entered.dealer.code}", sentence % {"dealer": entered.dealer.name})
            )
            continue
        try:
            result = _statement(
                policy,
                entered,
                debts.get(entered.dealer_id, Decimal(0)),
                corrections.get(entered.dealer_id, []),
            )
        except rules.DealerMonthInvalid as error:
            faults += _named(entered, error)
        else:
            waiting = tuple(corrections.get(entered.dealer_id, ()))
            statements.append(DraftStatement(entered, unit, result, waiting))
    return Draft(
        scheme=scheme,
        statements=tuple(statements),
        faults=tuple(faults),
        totals=totals(row.result.settlement for row in statements),
    )


def obstacle(district: Unit, month: date) -> str:
    """Return the sentence on why the month's sheet cannot be made now; "" when it can."""
    month_row = Month.objects.filter(district=district, month=month).first()
    if month_row is None or month_row.state == MonthState.OPEN:
        return _("%(month)s is still open. Close it first, then make the sheet.") % _month(month)
    present = sources.sheet_in_force(district, month)
    if present is not None and present.state != SheetState.RETURNED:
        return _("%(month)s already has a commission sheet, made by %(who)s: %(state)s.") % {
            **_month(month),
            "who": present.made_by.name,
            "state": state_name(present.state),
        }
    earlier = sources.unsettled_before(district, month)
    if earlier is not None:
        return _(
            "%(month)s has returns but no approved sheet; what it carries is not known yet."
        ) % _month(earlier)
    later = sources.settled_after(district, month)
    if later is not None:
        return _(
            "%(month)s already has its sheet, computed without this month. Have it returned first."
        ) % _month(later.month)
    if sources.scheme_in_force(district, month) is None:
        return _("No commission scheme is in force in %(month)s.") % _month(month)
    if not sources.returns_of(district, month):
        return _("No dealer returns are entered for %(month)s. Enter them first.") % _month(month)
    return ""


def _month(month: date) -> dict[str, str]:
    return {"month": month_name(month)}


def _statement(
    policy: Scheme,
    entered: DealerReturn,
    debt: Decimal,
    corrections: Sequence[CommissionAdjustment],
) -> rules.Statement:
    adjustments = tuple(rules.Adjustment(reference_of(row), row.amount) for row in corrections)
    return rules.statement(
        policy,
        sources.dealer_month(entered, entered.dealer.commission_class, debt, adjustments),
    )


def _named(entered: DealerReturn, error: rules.DealerMonthInvalid) -> list[Fault]:
    place = f"/dealers/{entered.dealer.code}"
    return [
        Fault(
            fault.pointer,
            _("%(dealer)s: %(fault)s") % {"dealer": entered.dealer.name, "fault": fault.detail},
        )
        for fault in located(error.faults, place)
    ]
