"""Promotions: planned and submitted, decided by another, reported on, or called off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import Activity, ActivityKind, ActivityState, Promotion, Setting
from fieldwork.queries.promotions import EDITABLE
from fieldwork.queries.visits import visited_dealers
from fieldwork.services.accounts import post_holders
from fieldwork.services.photos import keep_photos, read_photos
from fieldwork.services.visits import demand_text
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, Refused, VersionConflict
from orgchart.models import Dealer, Person, Unit

MOST_USERS = 9_999
LARGEST = Decimal("99999.99")
AHEAD = timedelta(days=366)
CENT = Decimal("0.01")
OF_PLAN = ("setting", "place", "materials", "expected", "budget")


@dataclass(frozen=True, slots=True)
class Plan:
    """A promotion as planned; budget in yuan."""

    unit: Unit
    planned_on: date
    setting: str
    place: str
    expected: int
    budget: Decimal
    dealer: Dealer | None = None
    person: Person | None = None
    materials: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Who and what a plan may name: (unit, dealer) in business, (person, unit) of posts held."""

    today: date
    dealers: Collection[tuple[int, int]]
    holders: Collection[tuple[int, int]]


def known_on(district: Unit, today: date) -> Known:
    """Return what plans of a district may name on a day; two queries."""
    dealers = visited_dealers(district, today, None)
    return Known(
        today,
        set(dealers.exclude(current=None).values_list("current__unit_id", "pk")),
        post_holders(district, today),
    )


@transaction.atomic
def save_promotion(
    *, plan: Plan, by: Person, at: datetime, promotion: Activity | None = None,
    version: int | None = None, known: Known | None = None,
) -> Activity:  # fmt: skip
    """Write a plan and submit it; one that is not reported yet may be written again.

    Whatever was decided before is then open again. Raises Invalid at /planned_on, /dealer …,
    Locked once done or cancelled, VersionConflict.
    """
    assert plan.unit.district is not None
    known = known or known_on(plan.unit.district, business_day(at))
    row = None if promotion is None else held(promotion, version, *EDITABLE)
    if faults := faults_of(plan, known, was_on=row.planned_on if row else None):
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    before = None if row is None else _told(row)
    if row is None:
        row = Activity.objects.create(
            kind=ActivityKind.PROMOTION, unit=plan.unit, planned_on=plan.planned_on
        )
        row.promotion = Promotion(activity=row, code=f"CX{row.pk:05d}")
    else:
        row.version += 1
    row.unit, row.planned_on = plan.unit, plan.planned_on
    row.dealer, row.person = plan.dealer, plan.person
    row.state = ActivityState.SUBMITTED
    row.save()
    paper = row.promotion
    for name in OF_PLAN:
        value = getattr(plan, name)
        setattr(paper, name, value.strip() if isinstance(value, str) else value)
    paper.made_by, paper.submitted_at = by, at
    paper.decided_by = paper.decided_at = None
    paper.save()
    _note(row, "promotion.save", by=by, at=at, before=before)
    return row


@transaction.atomic
def approve_promotion(*, promotion: Activity, version: int, by: Person, at: datetime) -> Activity:
    """Approve a submitted plan. Whoever wrote it: Refused."""
    return _decided(promotion, version, ActivityState.APPROVED, "", by=by, at=at)


@transaction.atomic
def return_promotion(
    *, promotion: Activity, version: int, by: Person, at: datetime, reason: str
) -> Activity:
    """Send a submitted plan back, with a reason. Whoever wrote it: Refused."""
    demand_text(reason, "/reason")
    return _decided(promotion, version, ActivityState.RETURNED, reason, by=by, at=at)


@transaction.atomic
def report_promotion(
    *, promotion: Activity, version: int, users: int, cost: Decimal, summary: str, by: Person,
    at: datetime, photos: Sequence[IO[bytes]] = (), may_stand_in: bool = False,
) -> Activity:  # fmt: skip
    """Enter what came of an approved promotion, from its day on; again corrects it.

    Whoever is responsible does it or, with `may_stand_in`, a manager. Where nobody was won the
    summary says why. Raises Invalid with pointers, Refused, Locked, VersionConflict.
    """
    row = held(promotion, version, ActivityState.APPROVED, ActivityState.DONE)
    if row.person_id not in (None, by.pk) and not may_stand_in:
        raise Refused(_("Somebody else is responsible for this promotion."))
    if row.planned_on > business_day(at):
        raise Locked(
            _("The promotion is on %(day)s; its result is entered from that day on.")
            % {"day": row.planned_on.isoformat()}
        )
    kept = read_photos(photos)
    if faults := _result_faults(users, cost, summary):
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    before, paper = _told(row), row.promotion
    paper.users, paper.cost, paper.summary = users, cost, summary.strip()
    paper.save()
    if row.state != ActivityState.DONE:
        row.state, row.done_at, row.done_by = ActivityState.DONE, at, by
        row.person = row.person or by
    row.version += 1
    row.save()
    keep_photos(row, kept, by=by, at=at)
    _note(row, "promotion.report", by=by, at=at, before=before)
    return row


@transaction.atomic
def cancel_promotion(
    *, promotion: Activity, version: int, by: Person, at: datetime, reason: str
) -> Activity:
    """Call a promotion off that has no result, with a reason."""
    row = held(promotion, version, *EDITABLE)
    demand_text(reason, "/reason")
    before = _told(row)
    row.state, row.version = ActivityState.CANCELLED, row.version + 1
    row.save()
    row.promotion.reason = reason.strip()[:200]
    row.promotion.save()
    _note(row, "promotion.cancel", by=by, at=at, before=before, reason=reason)
    return row


def faults_of(plan: Plan, known: Known, *, was_on: date | None = None) -> list[Fault]:
    """Return what is wrong with a plan; a day that it has already may have passed."""
    found = []
    if not plan.unit.is_business:
        found.append(Fault("/unit", _("Promotions belong to business units.")))
    if plan.planned_on < known.today and plan.planned_on != was_on:
        found.append(Fault("/planned_on", _("The day lies in the past.")))
    if plan.planned_on > known.today + AHEAD:
        found.append(Fault("/planned_on", _("The day is more than a year ahead.")))
    if plan.setting not in Setting.values:
        found.append(Fault("/setting", _("There is no such kind of promotion.")))
    if not plan.place.strip():
        found.append(Fault("/place", _("Write where it is held.")))
    for name in ("place", "materials"):
        longest = Promotion._meta.get_field(name).max_length
        if len(getattr(plan, name)) > longest:
            text = _("At most %(count)s characters.") % {"count": longest}
            found.append(Fault(f"/{name}", text))
    if not 1 <= plan.expected <= MOST_USERS:
        found.append(Fault("/expected", _("Expect 1 to 9,999 users.")))
    if not _is_money(plan.budget):
        found.append(Fault("/budget", _money()))
    if plan.dealer is None and plan.setting == Setting.SHOP:
        found.append(Fault("/dealer", _("Choose the dealer whose shop it is.")))
    if plan.dealer and (plan.unit.pk, plan.dealer.pk) not in known.dealers:
        found.append(Fault("/dealer", _("This dealer is not in business in the unit.")))
    if plan.person and (plan.person.pk, plan.unit.pk) not in known.holders:
        found.append(Fault("/person", _("This person holds no post in the unit.")))
    return found


def held(promotion: Activity, version: int | None, *states: ActivityState) -> Activity:
    """Return the promotion, locked, as it was read and in one of the states."""
    row = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("unit__district", "dealer", "person", "promotion__made_by")
        .get(pk=promotion.pk)
    )
    if row.state not in states:
        text = _("This promotion is in state “%(state)s”.")
        raise Locked(text % {"state": row.get_state_display()})
    if row.version != version:
        raise VersionConflict(
            _("Somebody changed this promotion meanwhile. Compare and save again."),
            extra={"version": row.version},
        )
    return row


def _decided(
    promotion: Activity, version: int, state: ActivityState, reason: str, *, by: Person,
    at: datetime,
) -> Activity:  # fmt: skip
    row = held(promotion, version, ActivityState.SUBMITTED)
    if by.pk == row.promotion.made_by_id:
        raise Refused(_("You wrote this plan; somebody else has to decide it."))
    before, paper = _told(row), row.promotion
    row.state, row.version = state, row.version + 1
    row.save()
    paper.decided_by, paper.decided_at = by, at
    paper.reason = reason.strip()[:200]
    paper.save()
    action = "approve" if state == ActivityState.APPROVED else "return"
    _note(row, f"promotion.{action}", by=by, at=at, before=before, reason=reason)
    return row


def _result_faults(users: int, cost: Decimal, summary: str) -> list[Fault]:
    found = []
    if not 0 <= users <= MOST_USERS:
        found.append(Fault("/users", _("Write 0 to 9,999 users.")))
    if not _is_money(cost):
        found.append(Fault("/cost", _money()))
    if users == 0 and not summary.strip():
        found.append(Fault("/summary", _("Nobody was won: write why.")))
    if len(summary) > 500:
        found.append(Fault("/summary", _("At most %(count)s characters.") % {"count": 500}))
    return found


def _is_money(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= LARGEST and value == value.quantize(CENT)


def _money() -> str:
    return _("Write 0 to 99,999.99 yuan, two decimals at most.")


def _told(row: Activity) -> dict[str, Any]:
    """Return what the trail keeps of a promotion."""
    paper = row.promotion
    return {
        "state": str(row.state), "planned_on": row.planned_on.isoformat(),
        "dealer": row.dealer.code if row.dealer else "",
        "person": row.person.code if row.person else "",
        "place": paper.place, "expected": paper.expected, "budget": f"{paper.budget:.2f}",
        "users": paper.users, "cost": None if paper.cost is None else f"{paper.cost:.2f}",
    }  # fmt: skip


def _note(
    row: Activity, action: str, *, by: Person, at: datetime, before: dict[str, Any] | None,
    reason: str = "",
) -> None:  # fmt: skip
    """Append the trail's row: the fields that changed."""
    after = _told(row)
    audit.record(
        by=by, at=at, action=action, subject=f"promotions/{row.promotion.code}",
        district=row.unit.district, unit=row.unit, reason=reason.strip()[:200],
        changes=[
            {"key": {"field": name}, "before": before[name] if before else None, "after": value}
            for name, value in after.items()
            if before is None or before[name] != value
        ],
    )  # fmt: skip
