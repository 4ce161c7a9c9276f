"""Periods, what is due when, what a reader may see, and content that survives freezing."""

from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

import pytest

from portal.rules.bulletins import (
    Content,
    Kind,
    Line,
    Name,
    Period,
    Place,
    Schedule,
    Section,
    for_reader,
    frozen,
    period_from,
    period_of,
    thawed,
)

GRID, OTHER = 1, 2


def line(unit_id: int | None, rank: int | None = 1, **given: object) -> Line:
    figures = {
        "completion": Fraction(561, 1163), "difference": Fraction(-1, 7), "lamp": "red",
        "task": Decimal("1163"), "actual": Decimal("561.00"), "per_day": Decimal(43),
        "in_time": Fraction(2, 3), "reported_on": date(2026, 3, 17),
    }  # fmt: skip
    return Line(unit_id, f"u{unit_id}", Name("网格", "Grid"), rank, **(figures | given))


def content(*lines: Line) -> Content:
    section = Section(
        "gross", Name("发展", "Gross adds"), Name("户", "users"), 0, Fraction(17, 31), lines,
        line(None, None),
    )  # fmt: skip
    places = tuple(
        Place(pk, f"u{pk}", Name("网格", ""), 1, None, Decimal(90), Decimal(1), Decimal(91), "", ())
        for pk in (GRID, OTHER)
    )
    return Content(
        "daily", date(2026, 3, 17), date(2026, 3, 17), Name("区", "District"), "natural",
        (section,), (), places,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        (Kind.DAILY, date(2026, 3, 17), date(2026, 3, 17), date(2026, 3, 17)),
        (Kind.WEEKLY, date(2026, 3, 1), date(2026, 2, 23), date(2026, 3, 1)),
        (Kind.WEEKLY, date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 8)),
        (Kind.WEEKLY, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        (Kind.MONTHLY, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Kind.MONTHLY, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(
    kind: Kind, day: date, first: date, last: date
) -> None:
    assert period_of(kind, day) == Period(kind, first, last)
    assert period_from(kind, first) == Period(kind, first, last)


def test_no_period_begins_in_the_middle_of_one() -> None:
    assert period_from(Kind.WEEKLY, date(2026, 3, 17)) is None
    assert period_from(Kind.MONTHLY, date(2026, 3, 2)) is None


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 18, 8, 29), []),
        (datetime(2026, 3, 18, 8, 30), ["daily"]),
        (datetime(2026, 3, 16, 8, 45), ["daily"]),
        (datetime(2026, 3, 16, 9, 0), ["daily", "weekly"]),
        (datetime(2026, 3, 17, 23, 59), ["daily", "weekly"]),
        (datetime(2026, 3, 18, 23, 59), ["daily"]),
    ],
)
def test_what_is_due_at_a_time(now: datetime, due: list[str]) -> None:
    found = Schedule().due(now)
    assert [one.kind.value for one in found] == due
    assert all(one.last < now.date() for one in found)


def test_what_is_switched_off_is_never_due() -> None:
    noon = datetime(2026, 3, 16, 12, 0)
    assert Schedule(None, None).due(noon) == []
    assert [one.kind for one in Schedule(None).due(noon)] == [Kind.WEEKLY]
    assert Schedule(time(12, 1), time(12, 1)).due(noon) == []


def test_another_units_line_keeps_only_what_everybody_may_read() -> None:
    seen = for_reader(
        content(line(GRID), line(OTHER, 2)),
        reads_figures=lambda pk: pk == GRID,
        reads_reasons=lambda pk: pk == GRID,
    )
    own, other = seen.sections[0].lines
    assert own == line(GRID)
    kept = {"unit_id", "unit", "name", "rank", "lamp", "completion", "difference", "is_open"}
    blank = Line(0, "", Name("", ""))
    for one in fields(Line):
        if one.name not in kept:
            assert getattr(other, one.name) == getattr(blank, one.name), one.name
    assert seen.sections[0].total is not None and seen.sections[0].total.task is None
    assert (seen.is_whole, [place.is_open for place in seen.places]) == (False, [True, False])


def test_freezing_and_thawing_gives_the_same_content_to_the_last_digit() -> None:
    whole = content(line(GRID), line(OTHER, None, actual=None, completion=None, lamp=""))
    stored = frozen(whole)
    assert stored["sections"][0]["lines"][0]["completion"] == "561/1163"
    assert stored["sections"][0]["lines"][0]["actual"] == "561.00"
    assert thawed(Content, stored) == whole


def test_what_an_older_version_did_not_know_has_its_default() -> None:
    stored = frozen(content(line(GRID)))
    del stored["sections"][0]["lines"][0]["on_january"]
    assert thawed(Content, stored).sections[0].lines[0].on_january is None


def test_the_furthest_behind_comes_first_and_who_is_unknown_waits() -> None:
    section = content(
        line(GRID, 2), line(OTHER, 3, difference=Fraction(-1, 2)),
        line(3, 1, lamp="green"), line(4, None, completion=None, lamp=""),
    ).sections[0]  # fmt: skip
    assert [one.unit_id for one in section.behind] == [OTHER, GRID]
    assert [one.unit_id for one in section.best] == [3]
    assert [one.unit_id for one in section.waiting] == [4]
