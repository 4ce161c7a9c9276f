"""What promotions, claims, pace and the ledger tell each other: apps that do not know another."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from fieldwork.models import Activity
from fieldwork.queries import lift, promotion_claims
from fieldwork.queries.promotion_claims import NamedClaim
from fieldwork.queries.promotions import CLAIMABLE, promotions_of, to_come
from fieldwork.rules.promotions import per_user
from kpi.queries import promotions as pace
from kpi.queries.promotions import PlannedPromotion
from orgchart.models import Dealer, Unit
from orgchart.permissions import Actor
from subsidies.access import visible_claims
from subsidies.models import Claim, ClaimState, LedgerBatch, LedgerRow
from subsidies.queries import promotions as claims
from subsidies.queries.promotions import NamedPromotion
from subsidies.wording import claim_state_name

# States of a claim that ask for no money (yet).
IDLE = (ClaimState.DRAFT, ClaimState.RETURNED, ClaimState.VOID)


def lend() -> None:
    """Let the apps read each other; called once, when the apps are loaded."""
    claims.LENT["field"] = pace.LENT["field"] = FieldPromotions()
    promotion_claims.LENT["claims"] = ExpenseClaims()
    lift.LENT["ledger"] = joined


class FieldPromotions:
    """The promotions of field work, for claims and for pace."""

    def claimable(
        self, district: Unit, unit_ids: Collection[int], since: date
    ) -> list[NamedPromotion]:
        rows = promotions_of(district, unit_ids).filter(state__in=CLAIMABLE, planned_on__gte=since)
        return [_named(row) for row in rows.order_by("-planned_on", "-pk")]

    def named(self, district: Unit, code: str) -> NamedPromotion | None:
        row = promotions_of(district, None).filter(promotion__code=code).first()
        return None if row is None else _named(row)

    def planned(
        self, district: Unit, unit_ids: Collection[int] | None, after: date, until: date
    ) -> list[PlannedPromotion]:
        rows = to_come(promotions_of(district, unit_ids), after, until)
        return [
            PlannedPromotion(
                row.planned_on, row.unit, row.promotion.place,
                row.promotion.get_setting_display(), row.promotion.expected,
                row.state == "approved", _url(row),
            )
            for row in rows
        ]  # fmt: skip

    def plan_url(self, unit: str, day: date, expected: int) -> str:
        given = {"planned_on": day.isoformat(), "expected": expected} | (
            {"unit": unit} if unit else {}
        )
        return f"{reverse('field_promotion_new')}?{urlencode(given)}"


class ExpenseClaims:
    """The claims of subsidies, for promotions."""

    def naming(self, actor: Actor, code: str) -> list[NamedClaim]:
        if not actor.can("claims.open"):
            return []
        return [
            NamedClaim(
                number=row.number, url=reverse("claim", kwargs={"pk": row.pk}),
                state_name=claim_state_name(row.state), claimant=row.claimant.name,
                amount=row.amount, granted=row.granted, spent=_spent(row),
            )
            for row in visible_claims(actor).filter(promotion=code)
        ]  # fmt: skip

    def new_url(self, actor: Actor, unit_id: int, code: str) -> str:
        if not actor.can("claims.write", unit_id):
            return ""
        return f"{reverse('claim_new')}?{urlencode({'promotion': code})}"


def joined(dealer: Dealer, days: Sequence[date]) -> list[Decimal | None]:
    """Return the users that joined at a dealer on each day, by the ledgers of the days' months.

    None for a day whose month has no ledger in force: that is not zero. Two queries.
    """
    batches = dict(
        LedgerBatch.objects.filter(
            district_id=dealer.district_id, month__in={day.replace(day=1) for day in days},
            withdrawn_at=None,
        ).values_list("month", "pk")
    )  # fmt: skip
    rows = LedgerRow.objects.filter(
        dealer=dealer, batch__in=batches.values(), joined_on__in=days
    ).order_by()
    counted = {
        (batch, day): users
        for batch, day, users in rows.values_list("batch", "joined_on").annotate(Count("pk"))
    }
    return [
        Decimal(counted.get((batch, day), 0)) if batch else None
        for day in days
        for batch in [batches.get(day.replace(day=1))]
    ]


def _spent(row: Claim) -> Decimal:
    """Return what a claim takes of the budget: what was granted, else what is asked."""
    if row.state in IDLE:
        return Decimal(0)
    return row.amount if row.granted is None else row.granted


def _named(row: Activity) -> NamedPromotion:
    paper = row.promotion
    return NamedPromotion(
        code=paper.code, unit=row.unit.short, day=row.planned_on, place=paper.place,
        state_name=row.get_state_display(), expected=paper.expected, budget=paper.budget,
        users=paper.users, cost=paper.cost, per_user=per_user(paper.cost, paper.users),
        url=_url(row),
    )  # fmt: skip


def _url(row: Activity) -> str:
    return reverse("field_promotion", kwargs={"code": row.promotion.code})
