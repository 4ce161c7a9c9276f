"""When an outlet's day is out of the ordinary (rules §5). Values in, values out.

Days are users activated; a day that is not there is not known, and never a zero. The mean is that
of last month's known days. The "≥ 1" of a drop is read as the third of the mean: so a shop that
falls to nothing drops too, and one that sells two a day does not at every zero.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

JUMP_FACTOR = 2
JUMP_OVER = 5
DROP_SHARE = Fraction(1, 3)
DROP_LEAST = 1
IDLE_DAYS = 7
KNOWN_DAYS = 7  # of last month, or its mean says nothing


def daily_mean(users: int, days: int) -> Fraction | None:
    """Return last month's users a known day; None of fewer than seven days."""
    return Fraction(users, days) if days >= KNOWN_DAYS else None


def is_jump(users: int, mean: Fraction | None) -> bool:
    """Return whether a day is at least twice the mean, and more than five."""
    return mean is not None and users > JUMP_OVER and users >= JUMP_FACTOR * mean


def is_drop(users: int, mean: Fraction | None) -> bool:
    """Return whether a day is at most a third of the mean, where that is one at least."""
    return mean is not None and mean * DROP_SHARE >= DROP_LEAST and users <= mean * DROP_SHARE


def is_idle(course: Mapping[date, int], day: date) -> bool:
    """Return whether the seven days up to the day are all known and all zero."""
    return all(course.get(day - timedelta(days=back)) == 0 for back in range(IDLE_DAYS))


def found(
    course: Mapping[date, int], means: Mapping[date, Fraction | None], judged: Collection[date]
) -> Iterable[tuple[str, date]]:
    """Yield (kind, day) where something begins on a judged day: it held on no known day before.

    `course`: known day → users of one outlet; `means`: month → mean of the month before it.
    """
    known = sorted(course)
    for before, day in zip([None, *known], known, strict=False):
        if day not in judged:
            continue
        for kind, holds in (("jump", is_jump), ("drop", is_drop)):
            is_on, was_on = (
                one is not None and holds(course[one], means.get(one.replace(day=1)))
                for one in (day, before)
            )
            if is_on and not was_on:
                yield kind, day
        if is_idle(course, day) and not is_idle(course, day - timedelta(days=1)):
            yield "zero", day
