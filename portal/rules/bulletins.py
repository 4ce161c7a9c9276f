"""The bulletin (通报): its periods, what it states, and what of it a reader may see (rules §10)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from kpi.rules.pace import Lamp

MONTHLY_WITHIN = timedelta(days=7)  # of publishing: months from before the portal stay silent


class Kind(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Period:
    """The days a bulletin is about; its figures are those of the month of its last day."""

    kind: Kind
    first: date
    last: date

    @property
    def month(self) -> date:
        return self.last.replace(day=1)


def period_of(kind: Kind, day: date) -> Period:
    """Return the period of a kind that a day lies in; weeks begin on Monday."""
    if kind is Kind.DAILY:
        return Period(kind, day, day)
    if kind is Kind.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    first = day.replace(day=1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return Period(kind, first, next_first - timedelta(days=1))


def period_from(kind: Kind, first: date) -> Period | None:
    """Return the period that begins on a day; None when none of the kind does."""
    period = period_of(kind, first)
    return period if period.first == first else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """From when on bulletins are sent by themselves; None: only by hand.

    Yesterday's from a time of the morning after, last week's on Monday and Tuesday, a month's
    once it is published.
    """

    daily_from: time | None = time(8, 30)  # figures of the evening are in
    weekly_from: time | None = time(9, 0)
    is_monthly: bool = True

    def due(self, now: datetime) -> list[Period]:
        """Return the daily and weekly periods that are due at a local time."""
        found = []
        if self.daily_from is not None and now.time() >= self.daily_from:
            found.append(period_of(Kind.DAILY, now.date() - timedelta(days=1)))
        if self.weekly_from is not None and now.weekday() < 2 and now.time() >= self.weekly_from:
            found.append(period_of(Kind.WEEKLY, now.date() - timedelta(days=7)))
        return found


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages, as it was when the bulletin was written."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """A unit in a section, or everybody who reported (`unit_id` None). Ratios are exact.

    `brought` is what the period itself brought. Everybody may read rank, completion, difference
    (completion − time progress) and lamp; the rest is there while `is_open`.
    """

    unit_id: int | None
    unit: str
    name: Name
    rank: int | None = None
    lamp: str = ""
    completion: Fraction | None = None
    difference: Fraction | None = None
    is_open: bool = True
    reported_on: date | None = None
    task: Decimal | None = None
    actual: Decimal | None = None
    brought: Decimal | None = None
    gap: Decimal | None = None
    per_day: Decimal | None = None
    is_overdue: bool = False
    forecast: Decimal | None = None
    in_time: Fraction | None = None
    on_last_period: Fraction | None = None
    on_last_month: Fraction | None = None
    on_last_year: Fraction | None = None
    on_january: Fraction | None = None
    year_task: Decimal | None = None
    year_actual: Decimal | None = None
    year_rate: Fraction | None = None
    year_on_last: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """An indicator by unit, in rank order, with what its figures are measured in."""

    code: str
    name: Name
    measure: Name
    decimals: int
    time_progress: Fraction | None
    lines: tuple[Line, ...]
    total: Line | None

    @property
    def best(self) -> list[Line]:
        return [line for line in self.lines if line.rank == 1]

    @property
    def behind(self) -> list[Line]:
        """The units with a red lamp, the furthest behind first."""
        red = [line for line in self.lines if line.lamp == Lamp.RED]
        return sorted(red, key=lambda line: line.difference or 0)

    @property
    def waiting(self) -> list[Line]:
        """The units that nothing is known of."""
        return [line for line in self.lines if line.completion is None]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a unit's score card."""

    name: Name
    task: Decimal | None
    actual: Decimal | None
    is_percent: bool
    decimals: int
    completion: Fraction | None
    points: Decimal | None
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """A unit on the month's leaderboard; its items are for who may read its reasons."""

    unit_id: int
    unit: str
    name: Name
    rank: int | None
    rank_before: int | None
    base: Decimal | None
    bonus: Decimal | None
    total: Decimal | None
    supervisor: str
    items: tuple[Item, ...]
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition of a bulletin, why it corrects the one before, and which one replaced it."""

    number: int = 1
    reason: str = ""
    replaced_by: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a bulletin states. `unreported` names the indicators that nobody reported."""

    kind: str
    first: date
    last: date
    district: Name
    calendar: str
    sections: tuple[Section, ...]
    unreported: tuple[Name, ...]
    places: tuple[Place, ...]

    @property
    def lamps(self) -> dict[str, int]:
        """How many units of the first section have each lamp."""
        lines = self.sections[0].lines if self.sections else ()
        return {lamp.value: sum(line.lamp == lamp for line in lines) for lamp in Lamp}

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out for the reader."""
        lines = [line for section in self.sections for line in section.lines]
        return all(line.is_open for line in lines) and all(one.is_open for one in self.places)


def for_reader(
    content: Content,
    *,
    reads_figures: Callable[[int | None], bool],
    reads_reasons: Callable[[int], bool],
) -> Content:
    """Return the bulletin as a reader may see it; None asks about the whole district."""

    def seen(line: Line) -> Line:
        if reads_figures(line.unit_id):
            return line
        return Line(
            line.unit_id, line.unit, line.name, line.rank, line.lamp, line.completion,
            line.difference, is_open=False,
        )  # fmt: skip

    return replace(
        content,
        sections=tuple(
            replace(
                section,
                lines=tuple(seen(line) for line in section.lines),
                total=section.total and seen(section.total),
            )
            for section in content.sections
        ),
        places=tuple(
            place if reads_reasons(place.unit_id) else replace(place, items=(), is_open=False)
            for place in content.places
        ),
    )


Thawed = TypeVar("Thawed")


def frozen(value: Any, ratio: Callable[[Fraction], Any] = str) -> Any:
    """Return a value as JSON: amounts and ratios as exact texts ("12.30", "17/31")."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: frozen(getattr(value, one.name), ratio) for one in fields(value)}
    if isinstance(value, tuple):
        return [frozen(one, ratio) for one in value]
    if isinstance(value, Fraction):
        return ratio(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | time) else value


def thawed(of: type[Thawed], given: dict[str, Any]) -> Thawed:
    """Return what `frozen` wrote; a field that was unknown then has its default."""
    hints = get_type_hints(of)
    return of(**{name: _thaw(hints[name], value) for name, value in given.items()})


def _thaw(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) is tuple:
        return tuple(_thaw(get_args(hint)[0], one) for one in value)
    kinds: Sequence[Any] = [one for one in get_args(hint) if one is not NoneType] or [hint]
    (kind,) = kinds
    if is_dataclass(kind):
        return thawed(kind, value)  # type: ignore[arg-type]
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if kind in (Decimal, Fraction) else value


def changed_lines(before: Content, after: Content) -> list[tuple[Name | None, Name]]:
    """Return of which units two bulletins of a period say something else: section, unit.

    The section is None for the leaderboard and the score cards.
    """
    lines = {(one.code, line.unit): line for one in before.sections for line in one.lines}
    places = {place.unit: place for place in before.places}
    found: list[tuple[Name | None, Name]] = [
        (one.name, line.name)
        for one in after.sections
        for line in one.lines
        if lines.get((one.code, line.unit)) != line
    ]
    return found + [(None, place.name) for place in after.places if places.get(place.unit) != place]
