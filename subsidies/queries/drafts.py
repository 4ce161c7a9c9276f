"""A commission sheet before it is made: what it would hold, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from kpi.models import Month, MonthState
from orgchart.errors import Fault
from orgchart.models import Dealer, Person, Post, Unit
from subsidies.models import (
    CommissionAdjustment,
    CommissionScheme,
    DealerReturn,
    SheetKind,
    SheetState,
)
from subsidies.queries import returns as sources
from subsidies.queries.adjustments import pending_adjustments, reference_of
from subsidies.queries.staff import staff_of
from subsidies.rules import commission as rules
from subsidies.rules import staff as staff_rules
from subsidies.rules.dealer_month import DealerMonthInvalid, Penalty, PoolDue
from subsidies.rules.lines import Adjustment, Statement
from subsidies.rules.scheme import Scheme, SchemeInvalid
from subsidies.rules.sheet import Settlement, totals
from subsidies.wording import located, month_name, state_name


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """A payee's computed month with what it was computed for, as `Statement` keeps it."""

    payee: Dealer | Person
    unit: Unit
    result: Statement
    return_version: int
    corrections: tuple[CommissionAdjustment, ...] = ()
    post: Post | None = None  # of a person


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
    """Compute the month as things stood on its last day (rules §6, §7, §4.11).

    What each payee owes from the last approved statement is brought forward. Faults name
    everybody whose figures cannot be computed. A trial of a dealers' scheme gives its own
    `returns`, and leaves out the corrections that wait for a sheet.
    """
    try:
        if scheme.kind == SheetKind.STAFF:
            statements, faults = _staff(district, month, scheme)
        else:
            statements, faults = _dealers(district, month, scheme, returns, is_corrected)
    except SchemeInvalid as error:
        return Draft(scheme, (), tuple(located(error.faults, "/scheme")), totals([]))
    return Draft(
        scheme=scheme,
        statements=tuple(statements),
        faults=tuple(faults),
        totals=totals(row.result.settlement for row in statements),
    )


def _dealers(
    district: Unit,
    month: date,
    scheme: CommissionScheme,
    returns: Sequence[DealerReturn] | None,
    is_corrected: bool,
) -> tuple[list[DraftStatement], list[Fault]]:
    policy = sources.terms(scheme)
    units = sources.units_of_dealers(district, month)
    debts = sources.debts(district, month)
    corrections = pending_adjustments(district, month) if is_corrected else {}
    dues = sources.pool_dues(district, month)
    penalties = sources.audit_penalties(district, month)

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
                dues.get(entered.dealer_id, ()),
                penalties.get(entered.dealer_id, ()),
            )
        except DealerMonthInvalid as error:
            faults += _named(entered, error)
        else:
            waiting = tuple(corrections.get(entered.dealer_id, ()))
            statements.append(
                DraftStatement(entered.dealer, unit, result, entered.version, waiting)
            )
    return statements, faults


def _staff(
    district: Unit, month: date, scheme: CommissionScheme
) -> tuple[list[DraftStatement], list[Fault]]:
    policy = staff_rules.StaffScheme.from_json(scheme.body)
    corrections = pending_adjustments(district, month, scheme.kind)
    found = staff_of(
        district, month, policy, sources.debts(district, month, scheme.kind),
        {payee: _settling(rows) for payee, rows in corrections.items()},
    )  # fmt: skip
    if found.faults:
        return [], list(found.faults)
    revision = Month.objects.get(district=district, month=month).revision
    return [
        DraftStatement(
            tenure.person, tenure.unit, result, revision,
            tuple(corrections.get(tenure.person_id, ())), tenure.post,
        )
        for tenure, result in zip(
            found.tenures, staff_rules.statements(policy, found.months, found.names), strict=True
        )
    ], []  # fmt: skip


def obstacle(district: Unit, month: date, kind: str = SheetKind.DEALERS) -> str:
    """Return the sentence on why the month's sheet cannot be made now; "" when it can."""
    month_row = Month.objects.filter(district=district, month=month).first()
    if month_row is None or month_row.state == MonthState.OPEN:
        return _("%(month)s is still open. Close it first, then make the sheet.") % _month(month)
    if kind == SheetKind.STAFF and month_row.state != MonthState.PUBLISHED:
        return _("%(month)s is not published yet: its KPI scores are not final.") % _month(month)
    present = sources.sheet_in_force(district, month, kind)
    if present is not None and present.state != SheetState.RETURNED:
        return _("%(month)s already has a commission sheet, made by %(who)s: %(state)s.") % {
            **_month(month),
            "who": present.made_by.name,
            "state": state_name(present.state),
        }
    earlier = sources.unsettled_before(district, month, kind)
    if earlier is not None and kind == SheetKind.STAFF:
        return _("%(month)s has no approved sheet; what it carries is not known yet.") % _month(
            earlier
        )
    if earlier is not None:
        return _(
            "%(month)s has returns but no approved sheet; what it carries is not known yet."
        ) % _month(earlier)
    later = sources.settled_after(district, month, kind)
    if later is not None:
        return _(
            "%(month)s already has its sheet, computed without this month. Have it returned first."
        ) % _month(later.month)
    if sources.scheme_in_force(district, month, kind) is None:
        return _("No commission scheme is in force in %(month)s.") % _month(month)
    if kind == SheetKind.DEALERS and not sources.returns_of(district, month):
        return _("No dealer returns are entered for %(month)s. Enter them first.") % _month(month)
    return ""


def _month(month: date) -> dict[str, str]:
    return {"month": month_name(month)}


def _statement(
    policy: Scheme,
    entered: DealerReturn,
    debt: Decimal,
    corrections: Sequence[CommissionAdjustment],
    dues: Sequence[PoolDue],
    penalties: Sequence[Penalty],
) -> Statement:
    return rules.statement(
        policy,
        sources.dealer_month(
            entered, entered.dealer.commission_class, debt, _settling(corrections), dues, penalties
        ),
    )


def _settling(corrections: Sequence[CommissionAdjustment]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(reference_of(row), row.amount) for row in corrections)


def _named(entered: DealerReturn, error: DealerMonthInvalid) -> list[Fault]:
    place = f"/dealers/{entered.dealer.code}"
    return [
        Fault(
            fault.pointer,
            _("%(dealer)s: %(fault)s") % {"dealer": entered.dealer.name, "fault": fault.detail},
        )
        for fault in located(error.faults, place)
    ]
