"""Warned users as people see them, how calling goes, why users leave and who comes back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from fieldwork.models import REACHED, CallResult, LeavingReason, WarnedUser, WarningKind
from fieldwork.rules.retention import rate
from orgchart.models import Person, Role, Tenure, Unit

LAPSES = timedelta(days=30)
LEFT = Q(kind=WarningKind.LEFT) | Q(is_billed=False)
KEPT = Q(result__in=[CallResult.AGREED, CallResult.RETURNED])


@dataclass(frozen=True, slots=True)
class Outcome:
    """How calling went with some users: contacted of all, reached and kept of them, on time.

    `left`: left the network; `left_contacted` of them called; `returned` of these came back.
    """

    listed: int = 0
    contacted: int = 0
    reached: int = 0
    kept: int = 0
    late: int = 0
    left: int = 0
    left_contacted: int = 0
    returned: int = 0

    @property
    def contact_rate(self) -> Fraction | None:
        return rate(self.contacted, self.listed)

    @property
    def kept_rate(self) -> Fraction | None:
        return rate(self.kept, self.contacted)

    @property
    def win_back_rate(self) -> Fraction | None:
        """Return 复机率: came back ÷ contacted (rules §5)."""
        return rate(self.returned, self.left_contacted)


def warned_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[WarnedUser]:
    """Return the warned users of the units (None: all), the most urgent first."""
    rows = (
        WarnedUser.objects.filter(district=district)
        .select_related("unit__district", "dealer", "person")
        .order_by("due_on", "pk")
    )
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def to_call(rows: QuerySet[WarnedUser], on: date) -> QuerySet[WarnedUser]:
    """Return who is to be called: never called yet, or to be called again by the day.

    A first call that is thirty days late was missed: the lists since then have come before it.
    """
    due = Q(first_call_at=None, due_on__gte=on - LAPSES) | Q(again_on__lte=on)
    again_last = Case(When(first_call_at=None, then=Value(0)), default=Value(1))
    return (
        rows.filter(due)
        .exclude(number="")
        .order_by(Coalesce("again_on", "due_on"), again_last, "pk")
    )


def overdue(rows: QuerySet[WarnedUser], on: date) -> QuerySet[WarnedUser]:
    """Return whose first call is late, but not thirty days."""
    never = rows.filter(first_call_at=None).exclude(number="")
    return never.filter(due_on__lt=on, due_on__gte=on - LAPSES)


def missed(rows: QuerySet[WarnedUser], on: date) -> QuerySet[WarnedUser]:
    """Return whom nobody called within thirty days of the last day for it."""
    return rows.filter(first_call_at=None, due_on__lt=on - LAPSES)


def months_of(rows: QuerySet[WarnedUser]) -> list[date]:
    """Return the months that have a list, latest first."""
    return list(rows.order_by("-month").values_list("month", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Team:
    """Who works in a unit, and who of them calls: its staff, or everybody if it has none."""

    members: dict[int, Person]
    staff: tuple[int, ...]

    @property
    def callers(self) -> tuple[int, ...]:
        return self.staff or tuple(self.members)


def teams(district: Unit, on: date) -> dict[int, Team]:
    """Return unit id → its team; one query."""
    members: dict[int, dict[int, Person]] = {}
    staff: dict[int, dict[int, None]] = {}
    posts = Tenure.objects.on(on).filter(unit__district=district).select_related("person", "post")
    for post in posts.order_by("person__code", "pk"):
        members.setdefault(post.unit_id, {})[post.person_id] = post.person
        if post.post.role == Role.STAFF:
            staff.setdefault(post.unit_id, {})[post.person_id] = None
    return {unit: Team(found, tuple(staff.get(unit, ()))) for unit, found in members.items()}


def outcomes(rows: QuerySet[WarnedUser], on: date) -> dict[int, Outcome]:
    """Return unit id → how its calling went; one query."""
    contacted = Q(first_call_at__isnull=False)
    sums = (
        rows.order_by()
        .values("unit_id")
        .annotate(
            listed=Count("pk"),
            contacted=Count("pk", filter=contacted),
            reached=Count("pk", filter=Q(result__in=REACHED)),
            kept=Count("pk", filter=KEPT),
            late=Count("pk", filter=Q(first_call_at=None, due_on__lt=on)),
            left=Count("pk", filter=LEFT),
            left_contacted=Count("pk", filter=LEFT & contacted),
            returned=Count("pk", filter=LEFT & Q(result=CallResult.RETURNED)),
        )
    )
    return {each.pop("unit_id"): Outcome(**each) for each in sums}


def added_up(parts: Collection[Outcome]) -> Outcome:
    """Return the outcomes of several units as one."""
    return Outcome(
        *(sum(getattr(each, name) for each in parts) for name in Outcome.__dataclass_fields__)
    )


def reasons(rows: QuerySet[WarnedUser]) -> dict[str, int]:
    """Return reason → users whose last call named it, most frequent first; one query."""
    counts = dict(rows.order_by().exclude(reason="").values_list("reason").annotate(Count("pk")))
    order = sorted(LeavingReason, key=lambda reason: -counts.get(reason, 0))
    return {reason.value: counts.get(reason, 0) for reason in order}


def kinds(rows: QuerySet[WarnedUser]) -> dict[str, tuple[int, int]]:
    """Return kind of warning → (listed, kept); one query."""
    counts = rows.order_by().values("kind").annotate(all=Count("pk"), kept=Count("pk", filter=KEPT))
    return {each["kind"]: (each["all"], each["kept"]) for each in counts}
