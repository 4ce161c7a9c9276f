"""What a bulletin states, gathered; the archive, who is to be told, and what waits for issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from kpi.calendars import CalendarUnknown
from kpi.models import Actual, DailyFigure, Month, MonthState
from kpi.queries.board import BoardRow, leaderboard, month_row
from kpi.queries.daily import FOCUS, month_course, paced_indicators, paced_units
from kpi.queries.figures import NOTHING, Figure, figures
from kpi.queries.pace import PaceBoard, PaceRow, Since, pace_board
from kpi.queries.scores import Line as ScoredLine
from kpi.queries.spans import weeks
from kpi.rules.pace import Calendar
from kpi.rules.scoring import completion
from orgchart.models import Notification, Person, Role, Supervision, Unit
from orgchart.queries.notifications import holders
from portal.models import Bulletin, BulletinDraft, BulletinSchedule
from portal.rules.bulletins import (
    Content,
    Edition,
    Item,
    Kind,
    Line,
    Name,
    Period,
    Place,
    Schedule,
    Section,
    period_of,
)
from targets.models import Direction, Indicator
from targets.months import month_after, months_of
from targets.rules.growth import NoGrowth, growth

READERS = (Role.HEAD, Role.CLERK, Role.AUDITOR, Role.MANAGER, Role.STAFF)
Year = Mapping[int | None, "_YearOfUnit"]


@dataclass(frozen=True, slots=True)
class _YearOfUnit:
    task: Decimal | None
    actual: Decimal | None
    last_year: Decimal | None
    january: Decimal | None


def content_of(district: Unit, period: Period, today: date) -> Content:
    """Return what the bulletin of a period states as things stand.

    The number of queries depends on the indicators, never on the units.
    """
    indicators = [
        row for row in paced_indicators(district.pk) if row.direction == Direction.UP
    ]  # of those that fall, like lost users, a task is a limit
    indicators.sort(key=lambda row: row.code != FOCUS)
    boards = [_board(row, period, today) for row in indicators]
    boards = [board for board in boards if board.of]
    years = _years(district, period, boards) if period.kind is Kind.MONTHLY else {}
    sections = [
        _section(board, period, years.get(board.indicator.code, {}))
        for board in boards
        if board.total is not None
    ]
    return Content(
        kind=period.kind.value,
        first=period.first,
        last=period.last,
        district=_name(district),
        calendar=boards[0].calendar.value if boards else Calendar.NATURAL.value,
        sections=tuple(sections),
        unreported=tuple(_short(board.indicator) for board in boards if board.total is None),
        places=_places(district, period) if period.kind is Kind.MONTHLY else (),
    )


def _board(indicator: Indicator, period: Period, today: date) -> PaceBoard:
    try:
        return pace_board(indicator, period.month, today=today, as_of=period.last)
    except CalendarUnknown:
        return pace_board(
            indicator, period.month, today=today, as_of=period.last, calendar=Calendar.NATURAL
        )


def _name(row: Unit | Indicator) -> Name:
    return Name(row.name_zh, row.name_en)


def _short(row: Unit | Indicator) -> Name:
    return Name(row.short_zh or row.name_zh, row.short_en or row.name_en)


def _section(board: PaceBoard, period: Period, year: Year) -> Section:
    indicator = board.indicator
    by_week = _weeks(board, period) if period.kind is Kind.WEEKLY else {}
    lines = [_line(row, period, by_week, year) for row in board.rows]
    total = _line(board.total, period, by_week, year) if board.total else None
    if total is not None and board.is_partial:
        total = replace(total, name=Name("", ""))
    return Section(
        code=indicator.code,
        name=_name(indicator),
        measure=Name(indicator.measure_zh, indicator.measure_en),
        decimals=indicator.decimals,
        time_progress=board.rows[0].pace.time_progress if board.rows else None,
        lines=tuple(lines),
        total=total,
    )


def _line(
    row: PaceRow,
    period: Period,
    by_week: Mapping[int | None, tuple[Decimal | None, Decimal | None]],
    year: Year,
) -> Line:
    pace, unit = row.pace, row.unit
    brought: Decimal | None = row.today
    on_last: Fraction | None = None
    if period.kind is Kind.MONTHLY:
        brought = pace.actual
    elif period.kind is Kind.WEEKLY:
        brought, before = by_week.get(unit.pk if unit else None, (None, None))
        on_last = None if brought is None else _rate(growth(before, brought))
    line = Line(
        unit_id=unit.pk if unit else None,
        unit=unit.code if unit else "",
        name=_short(unit) if unit else Name("全区", "Whole district"),
        rank=row.rank,
        lamp=pace.lamp.value if pace.lamp else "",
        completion=pace.completion,
        difference=pace.difference,
        reported_on=row.reported_on,
        task=pace.target,
        actual=pace.actual,
        brought=brought,
        gap=pace.gap,
        per_day=pace.per_day,
        is_overdue=pace.is_overdue,
        forecast=pace.forecast,
        in_time=pace.completion / pace.time_progress
        if pace.completion is not None and pace.time_progress
        else None,
        on_last_period=on_last,
        on_last_month=_since(row.last_month),
        on_last_year=_since(row.last_year),
    )
    found = year.get(line.unit_id)
    return line if found is None else _with_year(line, found)


def _with_year(line: Line, year: _YearOfUnit) -> Line:
    done = None
    if year.task is not None and year.actual is not None:
        done = completion(year.task, year.actual)
    return replace(
        line,
        on_january=None if line.actual is None else _rate(growth(year.january, line.actual)),
        year_task=year.task,
        year_actual=year.actual,
        year_rate=done,
        year_on_last=None if year.actual is None else _rate(growth(year.last_year, year.actual)),
    )


def _since(since: Since) -> Fraction | None:
    return _rate(since.rate)


def _rate(found: Fraction | NoGrowth) -> Fraction | None:
    return None if isinstance(found, NoGrowth) else found


def _weeks(
    board: PaceBoard, period: Period
) -> dict[int | None, tuple[Decimal | None, Decimal | None]]:
    """Return what each unit, and all who reported together, brought this week and the last."""
    units = paced_units(board.indicator.district_id, board.month)
    course = month_course(board.indicator, board.month, units)
    found = weeks(board.indicator, units, period.first, [course])
    # The district's own outlets count while they are known; a unit that has no week has no sum.
    known = [one.unit.pk for one in course.reported(period.last)]
    by_week: dict[int | None, tuple[Decimal | None, Decimal | None]] = {
        pk: pair for pk, pair in found.items()
    }
    by_week[None] = (
        _sum([found[pk][0] for pk in known]),
        _sum([found[pk][1] for pk in known]),
    )
    return by_week


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    if not values or None in values:
        return None
    return sum((value for value in values if value is not None), Decimal(0))


def _years(district: Unit, period: Period, boards: Sequence[PaceBoard]) -> dict[str, Year]:
    """Return each indicator's year by unit, with the district's own rows in the total."""
    ids = [*{row.unit.pk for board in boards for row in board.rows if row.unit}, district.pk]
    codes = [board.indicator.code for board in boards]
    passed = [each for each in months_of(period.month.year) if each <= period.month]

    def read(months: Sequence[date]) -> dict[tuple[int, str], Figure]:
        return figures(district_id=district.pk, months=months, codes=codes, unit_ids=ids)

    whole, actual = read(months_of(period.month.year)), read(passed)
    last, january = read([month_after(each, -12) for each in passed]), read(passed[:1])
    found: dict[str, Year] = {}
    for board in boards:
        code = board.indicator.code
        of_units = [row.unit.pk for row in board.rows if row.unit]
        year: dict[int | None, _YearOfUnit] = {
            pk: _YearOfUnit(
                whole.get((pk, code), NOTHING).task,
                actual.get((pk, code), NOTHING).actual,
                last.get((pk, code), NOTHING).actual,
                january.get((pk, code), NOTHING).actual,
            )
            for pk in [*of_units, district.pk]
        }
        own = year.pop(district.pk)
        parts = [*year.values(), *([own] if own.task is not None else [])]
        year[None] = reduce(_together, parts)
        found[code] = year
    return found


def _together(one: _YearOfUnit, other: _YearOfUnit) -> _YearOfUnit:
    return _YearOfUnit(
        _sum([one.task, other.task]),
        _sum([one.actual, other.actual]),
        _sum([one.last_year, other.last_year]),
        _sum([one.january, other.january]),
    )


def _places(district: Unit, period: Period) -> tuple[Place, ...]:
    month = month_row(district.pk, period.month)
    if month is None:
        return ()
    return tuple(_place(row) for row in leaderboard(month).rows if row.card)


def _place(row: BoardRow) -> Place:
    card = row.card
    assert card is not None
    return Place(
        unit_id=row.unit.pk,
        unit=row.unit.code,
        name=_short(row.unit),
        rank=row.rank,
        rank_before=row.ranks[-2],
        base=card.score.base,
        bonus=card.score.bonus,
        total=row.score,
        supervisor=row.supervisor,
        items=tuple(_item(line) for line in card.lines),
    )


def _item(line: ScoredLine) -> Item:
    indicator = line.item.indicator
    value = line.value if isinstance(line.value, Decimal) else None
    if isinstance(line.value, Fraction):
        value = Decimal(line.value.numerator) / Decimal(line.value.denominator)
    return Item(
        name=Name(line.item.short_zh or line.item.name_zh, line.item.short_en or line.item.name_en),
        task=line.target,
        actual=value,
        is_percent=bool(indicator and indicator.is_percent),
        decimals=indicator.decimals if indicator else 0,
        completion=line.completion if isinstance(line.completion, Fraction) else None,
        points=line.points,
        weight=line.item.weight,
    )


def archive(district: Unit, kind: str = "", month: date | None = None) -> QuerySet[Bulletin]:
    """Return what was issued, the newest first: of one kind, of periods that touch a month.

    Each row knows whether it `is_replaced` by a later edition.
    """
    later = Bulletin.objects.filter(
        district=OuterRef("district"), kind=OuterRef("kind"), first_on=OuterRef("first_on"),
        edition__gt=OuterRef("edition"),
    )  # fmt: skip
    rows = Bulletin.objects.filter(district=district).select_related("issued_by", "district")
    rows = rows.annotate(is_replaced=Exists(later))
    if kind:
        rows = rows.filter(kind=kind)
    if month is not None:
        rows = rows.filter(first_on__lt=month_after(month), last_on__gte=month)
    return rows


def issued(district: Unit, period: Period, edition: int | None = None) -> Bulletin | None:
    """Return the latest edition of a period's bulletin, or one of them, if there is any."""
    rows = editions(district, period)
    return (rows if edition is None else rows.filter(edition=edition)).first()


def editions(district: Unit, period: Period) -> QuerySet[Bulletin]:
    """Return every edition of a period's bulletin, the latest first."""
    return archive(district, period.kind).filter(first_on=period.first).order_by("-edition")


def edition_of(row: Bulletin) -> Edition:
    """Return which edition a bulletin is and which one replaced it; one query."""
    latest = editions(row.district, row.period).values_list("edition", flat=True).first()
    return Edition(row.edition, row.reason, None if latest == row.edition else latest)


def schedule_of(district: Unit) -> Schedule:
    """Return when a district's bulletins are issued by themselves; the usual where none was set."""
    row = BulletinSchedule.objects.filter(district=district).first()
    return row.rule if row else Schedule()


def is_overtaken(bulletin: Bulletin) -> bool:
    """Whether the month was reopened after its bulletin: what was sent stays, figures may not."""
    if bulletin.kind != Kind.MONTHLY:
        return False
    month = month_row(bulletin.district_id, bulletin.first_on)
    return month is None or month.published_at is None or month.published_at > bulletin.issued_at


def draft_of(district: Unit, period: Period) -> BulletinDraft | None:
    """Return the comment written for a period so far."""
    return BulletinDraft.objects.filter(
        district=district, kind=period.kind, first_on=period.first
    ).first()


def unread_keys(person: Person) -> set[str]:
    """Return the keys of the bulletins that a person was told of and has not opened."""
    return set(
        Notification.objects.filter(
            person=person, read_at__isnull=True, key__startswith="bulletin/"
        ).values_list("key", flat=True)
    )


def readers(district: Unit, on: date) -> list[Person]:
    """Return who is told of a bulletin: everybody with an account and business in the district."""
    supervising = Person.objects.filter(
        pk__in=Supervision.objects.on(on).filter(unit__district=district).values("person_id"),
        user__isnull=False,
    )
    found = {one.pk: one for one in [*holders(district, READERS, on), *supervising]}
    with_users = Person.objects.filter(pk__in=found).select_related("user", "district")
    return list(with_users.order_by("pk"))


def last_reported(district: Unit, today: date) -> date | None:
    """Return the latest day up to today that a unit reported something of."""
    chosen = {"unit__district": district, "value__isnull": False}
    days = [
        DailyFigure.objects.filter(day__lte=today, **chosen).aggregate(day=Max("day"))["day"],
        Actual.objects.filter(as_of__lte=today, **chosen).aggregate(day=Max("as_of"))["day"],
    ]
    return max((day for day in days if day), default=None)


def reported_on(district: Unit, period: Period) -> bool:
    """Whether a unit reported something in the days of a period."""
    between = [period.first, period.last]
    return (
        DailyFigure.objects.filter(
            unit__district=district, value__isnull=False, day__range=between
        ).exists()
        or Actual.objects.filter(
            unit__district=district, value__isnull=False, as_of__range=between
        ).exists()
    )


def published_month(district: Unit) -> Month | None:
    """Return the latest published month."""
    rows = Month.objects.filter(district=district, state=MonthState.PUBLISHED)
    return rows.order_by("-month").first()


def waiting(district: Unit, today: date) -> list[Period]:
    """Return the latest period of each kind that has ended and is not issued."""
    day, month = last_reported(district, today), published_month(district)
    found = []
    if day is not None:
        week = period_of(Kind.WEEKLY, day)
        if week.last > today:
            week = period_of(Kind.WEEKLY, week.first - timedelta(days=1))
        found += [period_of(Kind.DAILY, day), week]
    if month is not None:
        found.append(period_of(Kind.MONTHLY, month.month))
    done = set(
        Bulletin.objects.filter(district=district)
        .filter(
            reduce(or_, (Q(kind=one.kind, first_on=one.first) for one in found), Q(pk__isnull=True))
        )
        .values_list("kind", "first_on")
    )
    return [one for one in found if (one.kind.value, one.first) not in done]


def mail_counts(bulletin: Bulletin) -> dict[str, int]:
    """Return how many mails are owed, sent and failed for good or for now."""
    return bulletin.mails.aggregate(
        of=Count("pk"),
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        failed=Count("pk", filter=Q(sent_at__isnull=True, failures__gt=0)),
    )
