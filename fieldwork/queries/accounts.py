"""Accounts as people see them: narrowed, by stage, by township."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When

from fieldwork.models import STAGE_ORDER, Account, AccountKind, Stage, StageChange
from kpi.models import Month, MonthState
from orgchart.models import Person, Tenure, Unit
from targets.months import last_day

ON_A_CARD = 12  # accounts drawn in a column of the board


@dataclass(slots=True)
class Column:
    """A stage of the board: how many accounts, what they promise, the most urgent of them."""

    stage: str
    count: int
    users: int
    revenue: Decimal
    accounts: list[Account] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.accounts)


@dataclass(slots=True)
class Area:
    """A township or street with its accounts, and how many of them are signed."""

    name: str
    accounts: list[Account]

    @property
    def signed(self) -> int:
        return sum(row.stage == Stage.SIGNED for row in self.accounts)


def accounts_of(district: Unit, unit_ids: Collection[int] | None) -> QuerySet[Account]:
    """Return the accounts of the units (None: all): open ones first, by deadline."""
    rows = (
        Account.objects.filter(district=district)
        .select_related("unit", "responsible")
        .order_by(
            Case(When(stage__in=[Stage.SIGNED, Stage.LOST], then=1), default=0),
            F("deadline").asc(nulls_last=True), "code", "pk",
        )
    )  # fmt: skip
    return rows if unit_ids is None else rows.filter(unit_id__in=unit_ids)


def overdue(rows: QuerySet[Account], on: date) -> QuerySet[Account]:
    """Return those that should have been signed before the day and are still open."""
    return rows.filter(deadline__lt=on).exclude(stage__in=[Stage.SIGNED, Stage.LOST])


def board(rows: QuerySet[Account]) -> list[Column]:
    """Return a column a stage, the earliest deadlines first; a fixed number of queries."""
    sums = {
        each["stage"]: each
        for each in rows.order_by()
        .values("stage")
        .annotate(count=Count("pk"), users=Sum("expected_users"), revenue=Sum("expected_revenue"))
    }
    columns = []
    for stage in STAGE_ORDER:
        each = sums.get(stage, {})
        column = Column(
            stage, each.get("count", 0), each.get("users") or 0, each.get("revenue") or Decimal(0)
        )
        order = ("-stage_on",) if stage in (Stage.SIGNED, Stage.LOST) else ("deadline",)
        column.accounts = list(rows.filter(stage=stage).order_by(*order, "pk")[:ON_A_CARD])
        columns.append(column)
    return columns


def areas(rows: QuerySet[Account]) -> list[Area]:
    """Return the accounts by township or street; one query."""
    found: dict[str, Area] = {}
    for row in rows.order_by("area", "kind", "code", "pk"):
        found.setdefault(row.area, Area(row.area, [])).accounts.append(row)
    return list(found.values())


def area_names(rows: QuerySet[Account]) -> list[str]:
    """Return the townships and streets that the accounts name."""
    return list(rows.exclude(area="").order_by("area").values_list("area", flat=True).distinct())


def kind_totals(rows: QuerySet[Account]) -> dict[str, tuple[int, int]]:
    """Return kind → (signed, all); one query."""
    totals = (
        rows.order_by()
        .values("kind")
        .annotate(count=Count("pk"), signed=Count("pk", filter=Q(stage=Stage.SIGNED)))
    )
    return {each["kind"]: (each["signed"], each["count"]) for each in totals}


def coverage(rows: QuerySet[Account], on: date) -> tuple[int, int, list[int]] | None:
    """Return communities, covered at the year's beginning, and by the end of each month so far.

    None without communities. One query.
    """
    found = list(
        rows.filter(kind=AccountKind.COMMUNITY).order_by().values_list("stage", "stage_on")
    )
    if not found:
        return None
    since = [day for stage, day in found if stage == Stage.SIGNED]
    first = on.replace(month=1, day=1)
    ends = [last_day(first.replace(month=number)) for number in range(1, on.month + 1)]
    by_month = [sum(day <= min(end, on) for day in since) for end in ends]
    return len(found), sum(day < first for day in since), by_month


def steps_of(account: Account) -> QuerySet[StageChange]:
    """Return the account's steps, latest first, with whoever took them and what they counted."""
    return account.steps.select_related("by", "event")


def responsible_people(
    district: Unit, on: date, unit_ids: Collection[int] | None
) -> QuerySet[Person]:
    """Return who may be responsible: whoever holds a post in one of the units on the day."""
    posts = Tenure.objects.on(on).filter(unit__district=district)
    if unit_ids is not None:
        posts = posts.filter(unit_id__in=unit_ids)
    return Person.objects.filter(district=district, pk__in=posts.values("person")).order_by(
        "code", "pk"
    )


def open_months(district_id: int) -> list[date]:
    """Return the open months of a district."""
    rows = Month.objects.filter(district_id=district_id, state=MonthState.OPEN)
    return list(rows.order_by("month").values_list("month", flat=True))
