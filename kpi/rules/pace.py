"""Pace: progress against time, what each day still needs, where the month lands (rules §10)."""

from calendar import isleap, monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from kpi.rules.scoring import completion
from targets.rules.breakdown import largest_remainder

YELLOW_UP_TO = Fraction(5, 100)  # behind by at most 5 percentage points, inclusive


class Calendar(StrEnum):
    """Which days count."""

    NATURAL = "natural"
    MON_SAT = "mon_sat"
    MON_FRI = "mon_fri"
    CN_WORKDAYS = "cn_workdays"


class Lamp(StrEnum):
    """Green: not behind time; yellow: behind by up to 5 points; red: by more."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


Counts = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Days:
    """Counted days of a month; the as-of day is an elapsed one."""

    total: int
    elapsed: int
    remaining: int

    @property
    def progress(self) -> Fraction | None:
        """Elapsed ÷ total; None for a month without counted days."""
        return Fraction(self.elapsed, self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Pace:
    """A month's pace. Ratios are exact; None where a figure has no meaning.

    `difference` is completion − time progress; `behind_pp` is the same with the sign turned and
    in percentage points (positive: behind). `expected` is what time progress asks for, `behind`
    what is missing of it. `per_day` is rounded up and `forecast` down to the indicator's
    decimals; `daily_mean`, `needed_mean` and `speed_up` are not rounded.
    """

    days: Days
    target: Decimal
    actual: Decimal | None
    time_progress: Fraction | None
    completion: Fraction | None
    difference: Fraction | None
    gap: Decimal | None
    expected: Fraction | None
    behind: Fraction | None
    daily_mean: Fraction | None
    needed_mean: Fraction | None
    per_day: Decimal | None
    speed_up: Fraction | None
    exact_forecast: Fraction | None
    forecast: Decimal | None
    forecast_gap: Decimal | None
    forecast_completion: Fraction | None
    lamp: Lamp | None

    @property
    def behind_pp(self) -> Fraction | None:
        """Time progress − completion, in percentage points."""
        return None if self.difference is None else -100 * self.difference

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.gap == 0

    @property
    def is_overdue(self) -> bool:
        """Whether a gap is left and no day to close it."""
        return bool(self.gap) and self.days.remaining == 0


@dataclass(frozen=True, slots=True)
class YearToDate:
    """A year's progress against the calendar and against the seasonal plan."""

    completion: Fraction | None
    time_progress: Fraction
    seasonal_progress: Fraction
    seasonal_completion: Fraction | None


@dataclass(frozen=True, slots=True)
class Week:
    """The counted days of one ISO week that remain in the month, and their task in units."""

    year: int
    number: int
    days: int
    task: int


def every_day(day: date) -> bool:
    """Natural days."""
    return True


def monday_to_saturday(day: date) -> bool:
    """The six-day week of the plan (plan §8.4)."""
    return day.weekday() < 6


def monday_to_friday(day: date) -> bool:
    """The five-day week."""
    return day.weekday() < 5


def _counted(month: date, counts: Counts) -> list[date]:
    length = monthrange(month.year, month.month)[1]
    days = (month.replace(day=number) for number in range(1, length + 1))
    return [day for day in days if counts(day)]


def days_of(month: date, as_of: date, counts: Counts) -> Days:
    """Count the month's days up to and including `as_of`; `month` is any day of it."""
    counted = _counted(month, counts)
    elapsed = sum(day <= as_of for day in counted)
    return Days(len(counted), elapsed, len(counted) - elapsed)


def remaining_days(month: date, as_of: date, counts: Counts) -> list[date]:
    """Return the counted days of the month after `as_of`."""
    return [day for day in _counted(month, counts) if day > as_of]


def lamp(ahead: Fraction | None) -> Lamp | None:
    """Return the lamp of completion − time progress; None where there is no completion."""
    if ahead is None:
        return None
    if ahead >= 0:
        return Lamp.GREEN
    return Lamp.YELLOW if ahead >= -YELLOW_UP_TO else Lamp.RED


def pace(target: Decimal, actual: Decimal | None, days: Days, decimals: int = 0) -> Pace:
    """Return the pace of a cumulative actual against a month's target.

    Nothing reported leaves everything but the time open. With no day remaining a gap has no
    per-day need; with no day elapsed there is no mean and no forecast.
    """
    progress = days.progress
    done = None if actual is None else completion(target, actual)
    ahead = None if done is None or progress is None else done - progress
    expected = None if progress is None else Fraction(target) * progress
    gap = None if actual is None else max(Decimal(0), target - actual)

    needed = per_day = None
    if gap == 0:
        needed, per_day = Fraction(0), Decimal(0)
    elif gap is not None and days.remaining:
        needed = Fraction(gap) / days.remaining
        per_day = _stepped(ceil, needed, decimals)

    mean = Fraction(actual) / days.elapsed if actual is not None and days.elapsed else None
    landing = None if mean is None else mean * days.total
    forecast = None if landing is None else _stepped(floor, landing, decimals)
    return Pace(
        days=days,
        target=target,
        actual=actual,
        time_progress=progress,
        completion=done,
        difference=ahead,
        gap=gap,
        expected=expected,
        behind=None if expected is None or actual is None else expected - Fraction(actual),
        daily_mean=mean,
        needed_mean=needed,
        per_day=per_day,
        speed_up=needed / mean - 1 if needed and mean and mean > 0 else None,
        exact_forecast=landing,
        forecast=forecast,
        forecast_gap=None if forecast is None else max(Decimal(0), target - forecast),
        forecast_completion=None if forecast is None else completion(target, forecast),
        lamp=lamp(ahead),
    )


def _stepped(step: Callable[[Fraction], int], value: Fraction, decimals: int) -> Decimal:
    """Round up or down to the indicator's decimals."""
    return Decimal(step(value * 10**decimals)).scaleb(-decimals)


def year_to_date(
    target: Decimal, actual: Decimal, season: Sequence[Fraction], as_of: date
) -> YearToDate:
    """Return a year's progress; a seasonal plan is judged by its season, not by days ÷ 365.

    `season` holds twelve weights; the month under way counts by its natural days.
    """
    year_days = 366 if isleap(as_of.year) else 365
    month_days = monthrange(as_of.year, as_of.month)[1]
    current = Fraction(season[as_of.month - 1]) * Fraction(as_of.day, month_days)
    due = (sum(season[: as_of.month - 1], Fraction(0)) + current) / sum(season, Fraction(0))
    return YearToDate(
        completion=completion(target, actual),
        time_progress=Fraction(as_of.timetuple().tm_yday, year_days),
        seasonal_progress=due,
        seasonal_completion=completion(Fraction(target) * due, actual),
    )


def weekly_split(gap: int, days: Sequence[date]) -> list[Week]:
    """Split what is left over the ISO weeks of the given days, by their number of days."""
    weeks: dict[tuple[int, int], int] = {}
    for day in days:
        year, number, _ = day.isocalendar()
        weeks[year, number] = weeks.get((year, number), 0) + 1
    tasks = largest_remainder(gap, [Fraction(count) for count in weeks.values()]) if weeks else []
    return [
        Week(*week, count, task) for (week, count), task in zip(weeks.items(), tasks, strict=True)
    ]


def daily_split(gap: int, days: Sequence[date]) -> list[tuple[date, int]]:
    """Split what is left evenly over the given days; the odd units come first."""
    tasks = largest_remainder(gap, [Fraction(1)] * len(days)) if days else []
    return list(zip(days, tasks, strict=True))


def promotions_needed(gap: Decimal | int, per_promotion: int) -> int:
    """Return how many promotions of an expected yield close a gap (plan §8.3)."""
    if per_promotion <= 0:
        raise ValueError("a promotion must be expected to bring something")
    return max(0, ceil(Fraction(gap) / per_promotion))


@dataclass(frozen=True, slots=True)
class Cover:
    """What planned promotions make of a gap: `left` open, and how many more promotions fill it.

    `share` is exact and may exceed 1; None where there is no gap to cover.
    """

    gap: Decimal
    expected: int
    left: Decimal
    share: Fraction | None
    more: int


def cover(gap: Decimal, expected: int, per_promotion: int) -> Cover:
    """Return how far the users expected of planned promotions cover a gap (plan §8.3)."""
    left = max(Decimal(0), gap - expected)
    return Cover(
        gap=gap,
        expected=expected,
        left=left,
        share=Fraction(expected) / Fraction(gap) if gap > 0 else None,
        more=promotions_needed(left, per_promotion),
    )
