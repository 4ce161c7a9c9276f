"""What a commission sheet is made from: returns, scheme, affiliations and debts of a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orgchart.models import Dealer, DealerAffiliation, Unit
from subsidies.models import (
    SETTLED,
    CommissionScheme,
    CommissionSheet,
    DealerReturn,
    SheetState,
    Statement,
)
from subsidies.rules.commission import Adjustment, Clawback, DealerMonth, Penalty, RevenueGroup
from subsidies.rules.scheme import Scheme
from targets.months import last_day

UNDER_REVIEW = (SheetState.MADE, SheetState.AUDITED, *SETTLED)


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A dealer with its return of the month; None while nothing is entered."""

    dealer: Dealer
    unit: Unit
    entered: DealerReturn | None


def scheme_in_force(district: Unit, month: date) -> CommissionScheme | None:
    """Return the scheme on the month's last day; the latest, should two overlap."""
    return CommissionScheme.objects.on(last_day(month)).filter(district=district).first()


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


def debts(district: Unit, month: date) -> dict[int, Decimal]:
    """Return {dealer id: carried amount}, zero or negative, of each dealer's last statement.

    Only approved sheets of earlier months count. A debt waits for the dealer's next statement.
    """
    carried: dict[int, Decimal] = {}
    statements = Statement.objects.filter(
        sheet__district=district, sheet__month__lt=month, sheet__state__in=SETTLED
    ).order_by("sheet__month", "pk")
    for dealer_id, amount in statements.values_list("dealer_id", "carried"):
        carried[dealer_id] = amount
    return carried


def prices_paid(district_id: int) -> dict[int, dict[date, Decimal]]:
    """Return {dealer id: {joining month: yuan paid then for a counted user}}."""
    found: dict[int, dict[date, Decimal]] = {}
    for dealer_id, month, price in Statement.objects.filter(
        sheet__district=district_id, sheet__state__in=SETTLED
    ).values_list("dealer_id", "sheet__month", "unit_price"):
        found.setdefault(dealer_id, {})[month] = price
    return found


def months_entered(district: Unit) -> list[date]:
    """Return the months that have returns, the latest first."""
    found = DealerReturn.objects.filter(dealer__district=district).order_by("-month")
    return list(found.values_list("month", flat=True).distinct())


def sheet_in_force(district: Unit, month: date) -> CommissionSheet | None:
    """Return the month's sheet that is not void."""
    return (
        CommissionSheet.objects.filter(district=district, month=month)
        .exclude(state=SheetState.VOID)
        .select_related("made_by")
        .first()
    )


def unsettled_before(district: Unit, month: date) -> date | None:
    """Return the earliest earlier month with returns but no approved sheet: its debts are open."""
    approved = CommissionSheet.objects.filter(district=district, state__in=SETTLED)
    return (
        DealerReturn.objects.filter(dealer__district=district, month__lt=month)
        .exclude(month__in=approved.values("month"))
        .order_by("month")
        .values_list("month", flat=True)
        .first()
    )


def settled_after(district: Unit, month: date) -> CommissionSheet | None:
    """Return a later sheet that is under review or approved, computed without this month."""
    return (
        CommissionSheet.objects.filter(district=district, month__gt=month, state__in=UNDER_REVIEW)
        .order_by("month")
        .first()
    )


def months_to_settle(district: Unit) -> list[date]:
    """Return the months that have returns and no sheet under review, earliest first.

    A month whose sheet was returned is among them: it is to be made again.
    """
    done = CommissionSheet.objects.filter(district=district, state__in=UNDER_REVIEW).values("month")
    found = (
        DealerReturn.objects.filter(dealer__district=district)
        .exclude(month__in=done)
        .order_by("month")
        .values_list("month", flat=True)
        .distinct()
    )
    return list(found)


def dealer_month(
    entered: DealerReturn,
    commission_class: str,
    brought_forward: Decimal = Decimal(0),
    adjustments: tuple[Adjustment, ...] = (),
) -> DealerMonth:
    """Return a stored return as the rules take it."""
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
        penalties=(Penalty("", entered.penalty),) if entered.penalty else (),
        brought_forward=brought_forward,
        adjustments=adjustments,
    )


def _by_bound(counts: Mapping[str, int]) -> dict[Decimal, int]:
    return {Decimal(bound): users for bound, users in counts.items()}
