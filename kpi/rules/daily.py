"""Month-to-date figures day by day: where they fall, and what stands on a day."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Course:
    """The figures of a cell in a month by day, in order; every one counts from the 1st."""

    points: tuple[tuple[date, Decimal], ...] = ()

    def on(self, day: date) -> Decimal | None:
        """Return what stood on a day: the latest figure up to it, None before the first."""
        at = bisect_right([each for each, _ in self.points], day)
        return self.points[at - 1][1] if at else None

    @property
    def last(self) -> tuple[date, Decimal] | None:
        return self.points[-1] if self.points else None

    def brought(self, day: date) -> Decimal | None:
        """Return what a day alone brought; None without a figure of it and of the day before."""
        by_day = dict(self.points)
        eve = Decimal(0) if day.day == 1 else by_day.get(day - timedelta(days=1))
        now = by_day.get(day)
        return None if now is None or eve is None else now - eve

    def fall_at(self, day: date) -> tuple[date, Decimal, date, Decimal] | None:
        """Return the two neighbours between which the course falls at a day's figure."""
        for (before, low), (after, high) in zip(self.points, self.points[1:], strict=False):
            if high < low and day in (before, after):
                return before, low, after, high
        return None


def course(points: dict[date, Decimal | None]) -> Course:
    """Return the course of the figures that stand; what was taken back is no point of it."""
    return Course(tuple((day, value) for day, value in sorted(points.items()) if value is not None))


def together(courses: Sequence[Course], weights: Sequence[int]) -> Course:
    """Return the weighted sum of cells on every day that any of them reports.

    A day before the first figure of one of them has no sum.
    """
    days = sorted({day for one in courses for day, _ in one.points})
    found: dict[date, Decimal | None] = {}
    for day in days:
        values = [one.on(day) for one in courses]
        if all(value is not None for value in values):
            found[day] = sum(
                (value * weight for value, weight in zip(values, weights, strict=True) if value),
                Decimal(0),
            )
    return course(found)
