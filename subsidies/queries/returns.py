"""What a commission sheet is made from: returns, scheme, affiliations and debts of a month.

Sheets of dealers and of staff follow each other by month, each kind for itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Max
from django.utils.module_loading import import_string

from kpi.models import Month, MonthState
from orgchart.models import Dealer, DealerAffiliation, Unit
from subsidies.models import (
    SETTLED,
    CommissionLine,
    CommissionScheme,
    CommissionSheet,
    DealerReturn,
    LedgerRow,
    SheetKind,
    SheetState,
    Statement,
)
from subsidies.rules.dealer_month import Clawback, DealerMonth, Penalty, PoolDue, RevenueGroup
from subsidies.rules.lines import Adjustment, LineCode
from subsidies.rules.scheme import Scheme
from targets.months import last_day, month_after, month_text

UNDER_REVIEW = (SheetState.MADE, SheetState.AUDITED, *SETTLED)


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A dealer with its return of the month; None while nothing is entered."""

    dealer: Dealer
    unit: Unit
    entered: DealerReturn | None


def scheme_in_force(
    district: Unit, month: date, kind: str = SheetKind.DEALERS
) -> CommissionScheme | None:
    """Return the scheme on the month's last day; the latest, should two overlap."""
    found = CommissionScheme.objects.on(last_day(month)).filter(district=district, kind=kind)
    return found.first()


def terms(scheme: CommissionScheme) -> Scheme:
    """Return a stored scheme as the rules take it. Raises SchemeInvalid."""
    return Scheme.from_json(scheme.body)


def units_of_dealers(district: Unit, month: date) -> dict[int, Unit]:
    """Return {dealer id: unit} as affiliated on the month's last day (rules §6)."""
    affiliations = (
        DealerAffiliation.objects.on(last_day(month))
        .filter(dealer__district=district)
        .select_related("unit")
        .order_by("dealer_id", "valid_from")
    )
    return {row.dealer_id: row.unit for row in affiliations}


def returns_of(district: Unit, month: date) -> list[DealerReturn]:
    """Return what was entered for the month, by dealer code."""
    return list(
        DealerReturn.objects.filter(month=month, dealer__district=district)
        .select_related("dealer")
        .order_by("dealer__code", "pk")
    )


def return_rows(district: Unit, month: date) -> list[ReturnRow]:
    """Return every dealer affiliated on the month's last day, by unit and code."""
    units = units_of_dealers(district, month)
    entered = {row.dealer_id: row for row in returns_of(district, month)}
    dealers = Dealer.objects.filter(pk__in=units, commission_class__in=("A", "B"))
    rows = [ReturnRow(dealer, units[dealer.pk], entered.get(dealer.pk)) for dealer in dealers]
    return sorted(rows, key=lambda row: (row.unit.position, row.dealer.tier, row.dealer.code))


def debts(district: Unit, month: date, kind: str = SheetKind.DEALERS) -> dict[int, Decimal]:
    """Return {payee id: carried amount}, zero or negative, of each payee's last statement.

    Only approved sheets of earlier months count. A debt waits for the payee's next statement.
    """
    payee = "person_id" if kind == SheetKind.STAFF else "dealer_id"
    carried: dict[int, Decimal] = {}
    statements = Statement.objects.filter(
        sheet__district=district, sheet__kind=kind, sheet__month__lt=month,
        sheet__state__in=SETTLED,
    ).order_by("sheet__month", "pk")  # fmt: skip
    for payee_id, amount in statements.values_list(payee, "carried"):
        carried[payee_id] = amount
    return carried


def pool_dues(
    district: Unit, month: date, dealer: Dealer | None = None
) -> dict[int, list[PoolDue]]:
    """Return {dealer id: parts} that approved sheets held back and a sheet of `month` pays.

    They are as the scheme of the joining month split them. What fell due since a dealer's last
    statement is among them: like a debt, it waits for the next. Two queries.
    """
    settled = Statement.objects.filter(
        sheet__district=district, sheet__kind=SheetKind.DEALERS, sheet__month__lt=month,
        sheet__state__in=SETTLED,
    )  # fmt: skip
    if dealer is not None:
        settled = settled.filter(dealer=dealer)
    held = CommissionLine.objects.filter(
        statement__in=settled, code=LineCode.POOL_HELD, amount__gt=0
    ).order_by("statement__sheet__month", "pk")
    lines = list(
        held.values_list(
            "statement__dealer", "statement__sheet__month", "statement__counted_users", "formula"
        )
    )
    if not lines:
        return {}
    latest = dict(settled.order_by().values_list("dealer").annotate(latest=Max("sheet__month")))
    found: dict[int, list[PoolDue]] = defaultdict(list)
    for dealer_id, joined, users, formula in lines:
        for part in formula["parts"]:
            number, _sep, whose = part["reference"].partition("/")
            if latest[dealer_id] < month_after(joined, int(number) - 1) <= month:
                found[dealer_id].append(
                    PoolDue(
                        month_text(joined), int(number), Decimal(part["amount"]), users,
                        whose == "retained",
                    )
                )  # fmt: skip
    return found


def prices_paid(district_id: int) -> dict[int, dict[date, Decimal]]:
    """Return {dealer id: {joining month: yuan paid then for a counted user}}."""
    found: dict[int, dict[date, Decimal]] = {}
    for dealer_id, month, price in Statement.objects.filter(
        sheet__district=district_id, sheet__state__in=SETTLED, dealer__isnull=False
    ).values_list("dealer_id", "sheet__month", "unit_price"):
        found.setdefault(dealer_id, {})[month] = price
    return found


def recovered(district_id: int, month: date) -> dict[int, dict[str, Decimal]]:
    """Return {dealer id: {user: yuan}} that approved sheets took back of low-quality users.

    By the ledgers of the months in which they joined; two queries.
    """
    rates: dict[tuple[int, date], Decimal] = {
        (dealer_id, joined): rate
        for dealer_id, joined, rate in CommissionLine.objects.filter(
            statement__sheet__district=district_id, statement__sheet__month__lt=month,
            statement__sheet__state__in=SETTLED, code=LineCode.LOW_QUALITY, amount__gt=0,
        ).values_list("statement__dealer", "statement__sheet__month", "rate")
    }  # fmt: skip
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    if rates:
        rows = LedgerRow.objects.filter(
            batch__district=district_id, batch__withdrawn_at=None, batch__month__lt=month,
            joined_on__gte=F("batch__month"), is_low_quality=True,
        )  # fmt: skip
        for dealer_id, user, joined in rows.values_list("dealer", "user", "batch__month"):
            found[dealer_id][user] = rates.get((dealer_id, joined), Decimal(0))
    return found


def months_entered(district: Unit) -> list[date]:
    """Return the months that have returns, the latest first."""
    found = DealerReturn.objects.filter(dealer__district=district).order_by("-month")
    return list(found.values_list("month", flat=True).distinct())


def sheet_in_force(
    district: Unit, month: date, kind: str = SheetKind.DEALERS
) -> CommissionSheet | None:
    """Return the month's sheet that is not void."""
    return (
        CommissionSheet.objects.filter(district=district, month=month, kind=kind)
        .exclude(state=SheetState.VOID)
        .select_related("made_by")
        .first()
    )


def unsettled_before(district: Unit, month: date, kind: str = SheetKind.DEALERS) -> date | None:
    """Return the earliest earlier month to be paid without approved sheet: its debts are open."""
    approved = CommissionSheet.objects.filter(district=district, kind=kind, state__in=SETTLED)
    done = set(approved.values_list("month", flat=True))
    return next((one for one in _months(district, kind) if one < month and one not in done), None)


def settled_after(
    district: Unit, month: date, kind: str = SheetKind.DEALERS
) -> CommissionSheet | None:
    """Return a later sheet that is under review or approved, computed without this month."""
    return (
        CommissionSheet.objects.filter(
            district=district, kind=kind, month__gt=month, state__in=UNDER_REVIEW
        )
        .order_by("month")
        .first()
    )


def months_to_settle(district: Unit, kind: str = SheetKind.DEALERS) -> list[date]:
    """Return the months to be paid that have no sheet under review, earliest first.

    A month whose sheet was returned is among them: it is to be made again.
    """
    under_review = CommissionSheet.objects.filter(
        district=district, kind=kind, state__in=UNDER_REVIEW
    )
    done = set(under_review.values_list("month", flat=True))
    return [month for month in _months(district, kind) if month not in done]


def _months(district: Unit, kind: str) -> list[date]:
    """Return the months that are paid, earliest first: of dealers those with returns, of staff
    the published ones with a scheme."""
    if kind == SheetKind.DEALERS:
        returns = DealerReturn.objects.filter(dealer__district=district).order_by("month")
        return list(returns.values_list("month", flat=True).distinct())
    published = Month.objects.filter(district=district, state=MonthState.PUBLISHED)
    return paying_staff(district, published.order_by("month").values_list("month", flat=True))


def paying_staff(district: Unit, months: Iterable[date]) -> list[date]:
    """Return those of the months that a staff scheme pays; one query."""
    schemes = list(CommissionScheme.objects.filter(district=district, kind=SheetKind.STAFF))
    return [
        month
        for month in months
        if any(
            scheme.valid_from <= last_day(month)
            and (scheme.valid_to is None or scheme.valid_to >= last_day(month))
            for scheme in schemes
        )
    ]


def audit_penalties(district: Unit, month: date) -> dict[int, list[Penalty]]:
    """Return what audit findings take in a month by dealer id, with their references."""
    found = import_string(settings.AUDIT_PENALTIES)(district_id=district.pk, month=month)
    return {
        dealer_id: [Penalty(reference, amount) for reference, amount in rows]
        for dealer_id, rows in found.items()
    }


def dealer_month(
    entered: DealerReturn,
    commission_class: str,
    brought_forward: Decimal = Decimal(0),
    adjustments: tuple[Adjustment, ...] = (),
    dues: Sequence[PoolDue] = (),
    penalties: Sequence[Penalty] = (),
) -> DealerMonth:
    """Return a stored return as the rules take it; `dues` as `pool_dues` found them.

    `penalties` of findings come beside the one that was typed.
    """
    return DealerMonth(
        dealer_class=commission_class,
        gross=entered.gross,
        zero_call=entered.zero_call,
        low_quality_users=entered.low_quality,
        instalment_counts={
            int(month): _by_bound(counts) for month, counts in entered.instalments.items()
        },
        revenue_groups=tuple(
            RevenueGroup(Decimal(average), users) for average, users in entered.revenue_groups
        ),
        clawbacks=tuple(Clawback(users, Decimal(price)) for users, price in entered.clawbacks),
        penalties=(*((Penalty("", entered.penalty),) if entered.penalty else ()), *penalties),
        brought_forward=brought_forward,
        adjustments=adjustments,
        pool_dues=tuple(replace(due, retained=entered.retained.get(due.joined)) for due in dues),
    )


def _by_bound(counts: Mapping[str, int]) -> dict[Decimal, int]:
    return {Decimal(bound): users for bound, users in counts.items()}
