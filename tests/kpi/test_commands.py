"""The commands of a month: re-scoring, closing, publishing."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from kpi.models import Month, MonthState, Score
from orgchart.models import AuditEntry
from targets.models import Task
from tests.district import MARCH, District, build_district
from tests.kpi import march


@pytest.fixture
def reported(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    return district


def run(*args: str) -> str:
    said = StringIO()
    call_command(*args, stdout=said)
    return said.getvalue()


def state() -> str:
    return Month.objects.get(month=MARCH).state


def test_rescore_says_how_many_rows_changed(reported: District) -> None:
    lines_and_scores = 6 * 9 + 6
    assert run("rescore", "2026-03") == f"2026-03 of test: {lines_and_scores} rows changed.\n"
    assert run("rescore", "2026-03") == "2026-03 of test: 0 rows changed.\n"


def test_closing_and_publishing_in_one_go(reported: District) -> None:
    run("close_month", "2026-03", "--publish", "--by", "head")
    assert state() == MonthState.PUBLISHED
    entry = AuditEntry.objects.get(action="month.publish")
    assert entry.by == reported.people["head"]
    assert Score.objects.filter(rank=1).count() == 1
    with pytest.raises(CommandError, match="published"):
        run("rescore", "2026-03")


def test_closing_first_and_publishing_later(reported: District) -> None:
    run("close_month", "2026-03")
    assert state() == MonthState.CLOSED
    with pytest.raises(CommandError, match="closed already"):
        run("close_month", "2026-03")
    run("close_month", "2026-03", "--publish")
    assert state() == MonthState.PUBLISHED
    assert AuditEntry.objects.filter(action="month.close", by=None).count() == 1


def test_what_cannot_be_published_is_closed_all_the_same(reported: District) -> None:
    Task.objects.filter(indicator__code="mobile_gross_adds").delete()
    with pytest.raises(CommandError, match="no total"):
        run("close_month", "2026-03", "--publish")
    assert state() == MonthState.CLOSED


def test_missing_figures_take_a_reason(district: District) -> None:
    march.publish_card(district)
    march.report_march(district, without=(("suburban", "churn_rate"),))
    with pytest.raises(CommandError, match="not reported"):
        run("close_month", "2026-03")
    assert state() == MonthState.OPEN
    run("close_month", "2026-03", "--reason", "逾期未报")
    assert Month.objects.get(month=MARCH).missing_reason == "逾期未报"


def test_several_districts_have_to_be_told_apart(reported: District) -> None:
    build_district("other", unit_codes=("grid1",))
    with pytest.raises(CommandError, match="test, other"):
        run("rescore", "2026-03")
    run("rescore", "2026-03", "--district", "test")
    assert not Score.objects.filter(unit__district__code="other").exists()


@pytest.mark.parametrize(
    "args,said",
    [
        (("rescore", "2026-05"), "never opened"),
        (("close_month", "2026-05"), "never opened"),
        (("close_month", "2026-03", "--by", "nobody"), "no person"),
        (("rescore", "2026-3"), "2026-3"),
        (("rescore", "2026-03", "--district", "none"), "none"),
    ],
)
def test_what_is_not_there_is_named(district: District, args: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*args)


@pytest.mark.django_db(transaction=True)
def test_all_open_months_are_scored_again(reported: District, settings) -> None:
    settings.EMBEDDED = settings.DRAIN_ON_COMMIT = True
    april = Month.objects.create(district=reported.root, month=date(2026, 4, 1))
    march_rows = Month.objects.filter(month=MARCH)
    march_rows.update(state=MonthState.PUBLISHED, missing_reason="", revision=1)
    assert run("rescore_open") == "1 months scored again.\n"
    assert run("rescore_open", "--district", "test") == "1 months scored again.\n"
    before = april.revision
    april.refresh_from_db()
    assert april.revision == before + 2
    assert march_rows.get().revision == 1
