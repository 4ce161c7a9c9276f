"""Dealer returns: entered for a month, corrected until the month's sheet is under review."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kpi.models import Month
from orgchart import audit
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import Dealer, Person, Unit
from subsidies.models import DealerReturn, LedgerBatch
from subsidies.queries import returns as sources
from subsidies.rules import commission as rules
from subsidies.rules.dealer_month import DealerMonthInvalid
from subsidies.wording import located, month_name, state_name
from targets.months import month_text

FIELDS = (
    "gross",
    "zero_call",
    "low_quality",
    "instalments",
    "revenue_groups",
    "clawbacks",
    "retained",
    "penalty",
)


@dataclass(frozen=True, slots=True)
class ReturnEntry:
    """The figures of a dealer's month as typed; shapes as in DealerReturn.

    `instalments`: {month: {lower bound: users}}; `revenue_groups`: (average, users);
    `clawbacks`: (users, unit price paid); `retained`: {joining month: users still there}.
    """

    gross: int
    zero_call: int = 0
    low_quality: int = 0
    instalments: dict[int, dict[Decimal, int]] = field(default_factory=dict)
    revenue_groups: tuple[tuple[Decimal, int], ...] = ()
    clawbacks: tuple[tuple[int, Decimal], ...] = ()
    retained: dict[date, int] = field(default_factory=dict)
    penalty: Decimal = Decimal(0)


@transaction.atomic
def save_return(
    *,
    dealer: Dealer,
    month: date,
    entry: ReturnEntry,
    version: int | None,
    by: Person,
    at: datetime,
    ledger: LedgerBatch | None = None,
) -> DealerReturn:
    """Save a dealer's return; `version` None for a first entry, `ledger` what it was counted from.

    Raises Locked while the month's sheet is under review or approved, Invalid with the place of
    every figure that the scheme cannot compute with, VersionConflict when somebody was faster.
    """
    hold_month(dealer.district, month)
    _demand_no_sheet(dealer, month)
    scheme = sources.scheme_in_force(dealer.district, month)
    if scheme is None:
        raise Locked(
            _("No commission scheme is in force in %(month)s.") % {"month": month_name(month)}
        )
    row = DealerReturn.objects.select_for_update().filter(dealer=dealer, month=month).first()
    if (row.version if row else None) != version:
        raise _changed_meanwhile(dealer)
    before = _figures(row) if row else None
    row = row or DealerReturn(dealer=dealer, month=month, version=0)
    _fill(row, entry)
    try:
        rules.statement(
            sources.terms(scheme),
            sources.dealer_month(
                row, dealer.commission_class,
                dues=sources.pool_dues(dealer.district, month, dealer).get(dealer.pk, ()),
            ),
        )  # fmt: skip
    except DealerMonthInvalid as error:
        faults = located(error.faults)
        raise Invalid(" ".join(fault.detail for fault in faults), faults) from error

    after = _figures(row)
    if before == after and row.ledger_id == (ledger and ledger.pk):
        return row
    row.ledger = ledger
    row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # two first entries at once: the other one is stored
        raise _changed_meanwhile(dealer) from None
    audit.record(
        by=by,
        at=at,
        action="dealer_return.save",
        subject=f"dealer-returns/{dealer.code}/{month_text(month)}",
        district=dealer.district,
        changes=[
            {"key": name, "before": before and before[name], "after": after[name]}
            for name in FIELDS
            if before is None or before[name] != after[name]
        ],
    )
    return row


def hold_month(district: Unit, month: date) -> None:
    """Hold the month until the transaction ends: a sheet is made from returns that stand still."""
    list(Month.objects.select_for_update().filter(district=district, month=month))


def _changed_meanwhile(dealer: Dealer) -> VersionConflict:
    return VersionConflict(
        _("The return of %(dealer)s was changed meanwhile. Open it again and compare.")
        % {"dealer": dealer.name}
    )


def _demand_no_sheet(dealer: Dealer, month: date) -> None:
    sheet = sources.sheet_in_force(dealer.district, month)
    if sheet is not None and sheet.state in sources.UNDER_REVIEW:
        raise Locked(
            _(
                "The sheet of %(month)s is in state “%(state)s”: its returns cannot change. "
                "Have it returned, or correct in a later month."
            )
            % {"month": month_name(month), "state": state_name(sheet.state)}
        )


def _fill(row: DealerReturn, entry: ReturnEntry) -> None:
    row.gross = entry.gross
    row.zero_call = entry.zero_call
    row.low_quality = entry.low_quality
    row.penalty = entry.penalty
    row.instalments = {
        str(month): {f"{bound:f}": users for bound, users in counts.items()}
        for month, counts in entry.instalments.items()
    }
    row.revenue_groups = [[str(average), users] for average, users in entry.revenue_groups]
    row.clawbacks = [[users, str(price)] for users, price in entry.clawbacks]
    row.retained = {month_text(joined): users for joined, users in sorted(entry.retained.items())}


def _figures(row: DealerReturn) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS} | {"penalty": f"{row.penalty:.4f}"}
