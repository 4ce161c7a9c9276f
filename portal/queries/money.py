"""The money of a month over all kinds: due, approved, paid, carried; by unit, and proved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from competitions.models import Award, Campaign, CampaignAward, CampaignState, Round, RoundState
from orgchart.models import Unit
from subsidies.models import (
    SETTLED,
    Claim,
    ClaimItem,
    ClaimState,
    CommissionLine,
    CommissionSheet,
    SheetKind,
    SheetState,
    Statement,
)
from subsidies.queries.claims import LIVE, headrooms
from subsidies.queries.entitlements import subsidy_table
from subsidies.wording import is_deduction
from targets.months import last_day

ZERO = Decimal("0.00")
COLUMNS = ("due", "approved", "paid", "carried")
_APPROVED = (ClaimState.APPROVED, ClaimState.CHECKED, ClaimState.PAID, ClaimState.ARCHIVED)
_PAID_CLAIM = (ClaimState.PAID, ClaimState.ARCHIVED)
_PAID_SHEET = (SheetState.PAID, SheetState.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Line:
    """A unit's (or everybody's) money of one kind, in yuan; None where a step has no meaning."""

    due: Decimal | None = None
    approved: Decimal | None = None
    paid: Decimal | None = None
    carried: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Two ways to the same sum: over the units, and from the ledger itself."""

    text: str
    by_unit: Decimal
    ledger: Decimal

    @property
    def holds(self) -> bool:
        return self.by_unit == self.ledger


@dataclass(frozen=True, slots=True)
class Money:
    """`lines`: kind → {unit id: line}; subsidies, claims, commissions of dealers, staff, awards."""

    month: date
    units: tuple[Unit, ...]
    lines: Mapping[str, Mapping[int, Line]]
    proofs: tuple[Proof, ...]
    is_pending: bool  # an entitlement is not known yet

    def total(self, kind: str) -> Line:
        """Return the sums of a kind over the units."""
        rows = self.lines[kind].values()
        return Line(**{name: _sum(getattr(row, name) for row in rows) for name in COLUMNS})


def money(district: Unit, month: date) -> Money:
    """Return the month's money. Claims are due from their balance, which they never exceed."""
    units = {
        unit.pk: unit
        for unit in Unit.objects.of(district).open_on(last_day(month)).order_by("position", "pk")
    }
    table = subsidy_table(district, month)
    subsidies = {row.unit.pk: Line(due=row.total) for row in table.rows}
    rooms = headrooms(district, month)
    claims = _claims(district, month, {each.unit.pk: each.room.budget.total for each in rooms})
    commissions, sheets = _commissions(district, month, SheetKind.DEALERS)
    staff, staff_sheets = _commissions(district, month, SheetKind.STAFF)
    awards, rounds, campaigns = _awards(district, month)
    lines = {
        "subsidies": subsidies, "claims": claims, "commissions": commissions, "staff": staff,
        "awards": awards,
    }  # fmt: skip
    used = {pk for rows in lines.values() for pk in rows}
    shown = tuple(
        unit for pk, unit in units.items() if pk in used or pk in {each.unit.pk for each in rooms}
    )
    missing = Unit.objects.filter(pk__in=used - units.keys())
    return Money(
        month, (*shown, *missing), lines,
        (
            *_claim_proofs(district, month, claims),
            *_commission_proofs(commissions, sheets),
            *(_staff_proofs(staff, staff_sheets) if staff_sheets else ()),
            *_award_proofs(awards, rounds, campaigns),
        ),
        any(row.total is None for row in table.rows),
    )  # fmt: skip


def _sum(values: Any) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if known else None


def _claims(district: Unit, month: date, budgets: Mapping[int, Decimal]) -> dict[int, Line]:
    found = Claim.objects.filter(unit__district=district, month=month, state__in=LIVE)
    sums = {
        row["unit_id"]: row
        for row in found.order_by()
        .values("unit_id")
        .annotate(
            approved=Sum("amount", filter=Q(state__in=_APPROVED)),
            paid=Sum("granted", filter=Q(state__in=_PAID_CLAIM)),
        )
    }
    return {
        unit_id: Line(
            due=budgets.get(unit_id, ZERO),
            approved=sums.get(unit_id, {}).get("approved") or ZERO,
            paid=sums.get(unit_id, {}).get("paid") or ZERO,
            carried=ZERO,  # nothing is carried over (rules §8)
        )
        for unit_id in budgets.keys() | sums.keys()
    }


def _commissions(
    district: Unit, month: date, kind: str
) -> tuple[dict[int, Line], list[CommissionSheet]]:
    found = CommissionSheet.objects.filter(district=district, month=month, kind=kind)
    sheets = list(found.exclude(state=SheetState.VOID))
    sums = (
        Statement.objects.filter(sheet__in=sheets)
        .order_by()
        .values("unit_id")
        .annotate(
            net_sum=Sum("net"), due=Sum("paid"), carried_sum=Sum("carried"),
            approved=Sum("paid", filter=Q(sheet__state__in=SETTLED)),
            handed=Sum("paid", filter=Q(sheet__state__in=_PAID_SHEET)),
        )
    )  # fmt: skip
    return {
        row["unit_id"]: Line(
            due=row["due"] or ZERO,
            approved=row["approved"] or ZERO,
            paid=row["handed"] or ZERO,
            carried=row["carried_sum"] or ZERO,
        )
        for row in sums
    }, sheets


_GRANTED = (CampaignState.DECIDED, CampaignState.APPROVED, CampaignState.PAID)


def _awards(district: Unit, month: date) -> tuple[dict[int, Line], list[Round], list[Campaign]]:
    """Return the awards by unit: of the month's round, and of campaigns that ended in it."""
    rounds = list(
        Round.objects.filter(competition__district=district, month=month).exclude(
            state=RoundState.VOID
        )
    )
    campaigns = list(
        Campaign.objects.filter(
            district=district, ends_on__range=(month, last_day(month)), state__in=_GRANTED
        )
    )
    found: dict[int, Line] = {}
    for awards, of in (
        (Award.objects.filter(round__in=rounds), "round"),
        (CampaignAward.objects.filter(campaign__in=campaigns), "campaign"),
    ):
        done = Q(**{f"{of}__state__in": (RoundState.APPROVED, RoundState.PAID)})
        sums = (
            awards.order_by()
            .values("unit_id")
            .annotate(
                due=Sum("amount"),
                approved=Sum("amount", filter=done),
                handed=Sum("amount", filter=Q(**{f"{of}__state": RoundState.PAID})),
            )
        )
        for row in sums:
            before = found.get(row["unit_id"], Line(ZERO, ZERO, ZERO, ZERO))
            found[row["unit_id"]] = Line(
                due=(before.due or ZERO) + row["due"],
                approved=(before.approved or ZERO) + (row["approved"] or ZERO),
                paid=(before.paid or ZERO) + (row["handed"] or ZERO),
                carried=ZERO,
            )
    return found, rounds, campaigns


def _claim_proofs(district: Unit, month: date, claims: Mapping[int, Line]) -> Iterator[Proof]:
    """Yield the sums of claims the other way round: from items and payments."""
    approved = ClaimItem.objects.filter(
        claim__unit__district=district, claim__month=month, claim__state__in=_APPROVED
    ).aggregate(total=Sum("amount"))["total"]
    yield Proof(
        _("Claims approved: by unit = all items"), _of(claims, "approved"), approved or ZERO
    )
    paid = Claim.objects.filter(
        unit__district=district, month=month, paid_at__isnull=False
    ).aggregate(total=Sum("granted"))["total"]
    yield Proof(_("Claims paid: by unit = all payments"), _of(claims, "paid"), paid or ZERO)


def _commission_proofs(rows: Mapping[int, Line], sheets: list[CommissionSheet]) -> Iterator[Proof]:
    yield _lined(_("Commissions paid + carried: by unit = lines + brought forward"), rows, sheets)
    yield _headed(_("Commissions due: by unit = sheets"), rows, sheets)


def _staff_proofs(rows: Mapping[int, Line], sheets: list[CommissionSheet]) -> Iterator[Proof]:
    yield _lined(
        _("Staff commissions paid + carried: by unit = lines + brought forward"), rows, sheets
    )
    yield _headed(_("Staff commissions due: by unit = sheets"), rows, sheets)


def _lined(text: str, rows: Mapping[int, Line], sheets: list[CommissionSheet]) -> Proof:
    lines = CommissionLine.objects.filter(statement__sheet__in=sheets).values_list("code", "amount")
    lined = sum((-amount if is_deduction(code) else amount for code, amount in lines), ZERO)
    brought = sum((sheet.brought_forward for sheet in sheets), ZERO)
    return Proof(text, _of(rows, "due") + _of(rows, "carried"), lined + brought)


def _headed(text: str, rows: Mapping[int, Line], sheets: list[CommissionSheet]) -> Proof:
    return Proof(text, _of(rows, "due"), sum((sheet.paid for sheet in sheets), ZERO))


def _award_proofs(
    awards: Mapping[int, Line], rounds: list[Round], campaigns: list[Campaign]
) -> Iterator[Proof]:
    won = Award.objects.filter(round__in=rounds).aggregate(total=Sum("amount"))["total"] or ZERO
    # What the frozen standings of the campaigns say, not the awards that were made of them.
    for campaign in campaigns:
        for each in campaign.standings or ():
            won += Decimal(each["for_place"]) + Decimal(each["for_level"])
    yield Proof(_("Awards: by unit = decisions"), _of(awards, "due"), won)


def _of(rows: Mapping[int, Line], name: str) -> Decimal:
    return sum((getattr(row, name) or ZERO for row in rows.values()), ZERO)
