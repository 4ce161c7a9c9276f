"""Importing a workbook while the month is scored and reported: nobody is killed, nothing lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import (
    OperationalError,
    connection,  # noqa: F401 (the condition of on_postgresql)
)

from kpi.models import Actual, Month, ScoreLine
from kpi.services.actuals import save_actuals
from orgchart import jobs
from orgchart.errors import VersionConflict
from portal.book.book import Book
from portal.book.gather import gather_book
from portal.services import book as books
from portal.services.book import BookRejected, Report, apply_book
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march
from tests.kpi.test_races import BLOCKED, Meeting, on_postgresql, race


@pytest.fixture
def district(database: None) -> District:
    found = build_district()
    march.publish_card(found)
    march.report_march(found)
    jobs.request("rescore", district_id=found.root.pk, month=MARCH)
    return found


def changed(district: District) -> Book:
    """The district's own workbook, with another number of visits of grid 2."""
    book = gather_book(district=district.root, year=2026)
    rows = [
        replace(row, value=Decimal(37))
        if (row.unit, row.indicator) == ("grid2", "channel_visits")
        else row
        for row in book.actuals
    ]
    return replace(book, actuals=tuple(rows))


def import_while(
    district: District, monkeypatch: pytest.MonkeyPatch, other: Callable[[], Any]
) -> list[Any]:
    """Import; what the other does begins once the import holds the months and has read them."""
    book, meet, read = changed(district), Meeting(), books.stored

    def stored(*given: Any) -> Any:
        found = read(*given)
        meet()
        threading.Event().wait(BLOCKED)  # the other has come as far as it can
        return found

    monkeypatch.setattr(books, "stored", stored)

    def second() -> Any:
        meet()
        return other()

    return race(lambda: apply_book(book=book, by=None, at=NOW), second)


def score(district: District) -> Callable[[], bool]:
    return lambda: jobs.run("rescore", district.root.pk, MARCH)


def test_importing_and_scoring_do_not_wait_for_each_other(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, ran = import_while(district, monkeypatch, score(district))
    assert isinstance(report, Report), report
    assert (report.total, ran) == (1, True)
    jobs.drain()
    assert ScoreLine.objects.get(unit__code="grid2", item__code="K7").actual == 37


@on_postgresql
def test_with_the_months_held_alone_one_is_killed(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alone(root: Any) -> None:
        list(Month.objects.select_for_update().filter(district=root))

    monkeypatch.setattr(books, "_hold", alone)
    answers = import_while(district, monkeypatch, score(district))
    assert [isinstance(one, OperationalError) for one in answers].count(True) == 1, answers


def report_35(district: District) -> Callable[[], Any]:
    entry = march.cell(district, "grid2", "channel_visits", "35", version=1)
    return lambda: save_actuals(
        district=district.root, cells=[entry], by=district.people["grid2"], at=NOW
    )


def test_an_import_overwrites_no_figure_reported_meanwhile(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported, reported = import_while(district, monkeypatch, report_35(district))
    row = Actual.objects.get(unit__code="grid2", indicator__code="channel_visits")
    if isinstance(reported, list):  # PostgreSQL lets both work: the import is told
        assert isinstance(imported, BookRejected), imported
        assert row.value == 35
    else:  # SQLite has one writer: the entry came second and is told
        assert isinstance(reported, VersionConflict)
        assert row.value == 37


@on_postgresql
def test_without_comparing_the_figure_is_lost(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "_as_read", lambda *_: books.Q())
    imported, reported = import_while(district, monkeypatch, report_35(district))
    assert isinstance(imported, Report)
    assert isinstance(reported, list), "told that it was saved"
    assert Actual.objects.get(unit__code="grid2", indicator__code="channel_visits").value == 37
