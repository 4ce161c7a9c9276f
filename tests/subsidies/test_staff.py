"""Staff commissions: example 6 through service, page, API and Excel; who sees whose lines."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from kpi.models import Month, MonthState, Score
from orgchart.errors import Invalid, Locked
from orgchart.models import Person
from subsidies.models import (
    CommissionLine,
    CommissionSheet,
    DealerReturn,
    SheetKind,
    SheetState,
    Statement,
)
from subsidies.queries.sheets import seal_of, statements_of, summed
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet, return_sheet
from subsidies.services.corrections import enter_adjustment
from subsidies.workbooks import commission_workbook
from tests.district import MARCH, NOW, District
from tests.subsidies.district import APRIL, enter, open_dealer, publish, set_scheme
from tests.subsidies.staff import PEOPLE, build_staff, hire, report_month
from tests.subsidies.test_long_sheets import values
from tests.subsidies.test_workbooks import cents
from tests.worked_examples import example

PAID = {"jia": "2046.00", "yi": "1725.50", "bing": "1269.00", "ding": "1159.20"}
MAKE = "/commissions/2026-03/make/?kind=staff"


@pytest.fixture
def six(district: District) -> District:
    build_staff(district)
    return district


def make(district: District, month: date = MARCH) -> CommissionSheet:
    return make_sheet(
        district=district.root, month=month, kind=SheetKind.STAFF,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def approved(district: District, month: date = MARCH) -> CommissionSheet:
    audited = audit_sheet(sheet=make(district, month), by=district.people["auditor"], at=NOW)
    return approve_sheet(sheet=audited, by=district.people["head"], at=NOW)


def line_of(sheet: CommissionSheet, person: str, code: str) -> CommissionLine:
    return CommissionLine.objects.get(
        statement__sheet=sheet, statement__person__code=person, code=code
    )


def account(district: District, code: str) -> str:
    """Give a person of the example an account."""
    person = Person.objects.get(district=district.root, code=code)
    person.user = User.objects.create_user(f"test-{code}", password="demo")
    person.save()
    return person.user.username


def summary_of(client: Any, place: str, page: int) -> list[tuple[Any, ...]]:
    answer = client.get(f"{place}export.xlsx")
    return values(b"".join(answer.streaming_content), page)


def test_the_service_pays_the_table_of_the_example(six: District) -> None:
    sheet = approved(six)
    found = {row.person.code: row.paid for row in sheet.statements.select_related("person")}
    assert found == {code: Decimal(paid) for code, paid in PAID.items()}
    assert sheet.paid == Decimal(example("6_commission")["网格经理_直销经理佣金"]["total"])
    assert sheet.seal == seal_of(sheet)
    assert line_of(sheet, "bing", "kpi_below").amount == 141


def test_pages_api_and_file_say_the_same(six: District, signed_in: Any) -> None:
    clerk, auditor, head = (signed_in(f"test-{name}") for name in ("clerk", "auditor", "head"))
    assert "6,199.70" in clerk.get(MAKE).content.decode()
    place = clerk.post(MAKE).url
    assert auditor.post(f"{place}audit/").status_code == 302
    assert head.post(f"{place}approve/").status_code == 302
    page = head.get(place).content.decode()
    for figure in ("2,046.00", "1,159.20", "6,199.70"):
        assert figure in page
    statement = head.get(f"{place}statements/yi/").content.decode()
    assert "3,451 × 0.5" in statement
    assert "0.9 + 0.2 × (96.15 − 88.90) ÷ (103.40 − 88.90)" in statement
    pk = CommissionSheet.objects.get().pk
    body = head.get(f"/api/v1/commission-sheets/{pk}/").json()
    assert {row["person"]: row["paid"] for row in body["statements"]} == PAID
    assert (body["kind"], body["payees"], body["paid"]) == ("staff", 4, "6199.70")
    for kind, count in (("staff", 1), ("dealers", 0)):
        listed = head.get(f"/api/v1/commission-sheets/?kind={kind}").json()
        assert listed["count"] == count
    summary, lines = (summary_of(head, place, number) for number in (0, 1))
    total = next(row for row in summary if row[0] == "合计")
    assert cents(total[-2]) == Decimal("6199.70")
    assert [cents(row[5]) for row in summary[3:7]] == [
        Decimal(score) for score in ("103.40", "96.15", "88.90", "88.90")
    ]
    total = next(row for row in lines if row[0] == "合计")
    assert cents(total[6]) - cents(total[7]) == Decimal("6199.70")


def test_a_sheet_without_deductions_has_no_sum_over_nothing(six: District) -> None:
    Month.objects.update(state=MonthState.OPEN)
    Score.objects.update(total=90)
    Month.objects.update(state=MonthState.PUBLISHED)
    sheet = make(six)
    content = commission_workbook(summed([sheet])[0], statements_of(sheet.pk, with_lines=True))
    summary = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    deducted = next(cell.column for cell in summary[3] if cell.value == "Deductions")
    assert [summary.cell(row, deducted).value for row in range(4, 8)] == [0, 0, 0, 0]
    assert sheet.paid == Decimal("6283.50")


def test_two_in_a_post_share_the_units_pieces(six: District) -> None:
    hire(six, "wu", "grid_manager", "grid1")
    sheet = make(six)
    for code in ("jia", "wu"):
        assert line_of(sheet, code, "piece").amount == 930


def test_a_month_counts_when_it_is_published(six: District) -> None:
    Month.objects.filter(month=MARCH).update(state=MonthState.CLOSED)
    with pytest.raises(Locked, match="not published"):
        make(six)


@pytest.mark.parametrize("what", ["score", "post"])
def test_who_cannot_be_paid_is_named_and_nothing_is_written(six: District, what: str) -> None:
    if what == "score":
        hire(six, "wu", "grid_manager", "suburban")
    else:
        hire(six, "jia", "direct_sales", "grid2")
    with pytest.raises(Invalid) as refused:
        make(six)
    person = "wu" if what == "score" else "jia"
    assert {fault.pointer for fault in refused.value.faults} == {f"/people/{person}"}
    assert not CommissionSheet.objects.exists()


def test_kinds_do_not_wait_for_each_other(six: District) -> None:
    set_scheme(six)
    enter(open_dealer(six, "d1", "grid1"), MARCH, gross=5)
    staff = make(six)
    dealers = make_sheet(district=six.root, month=MARCH, by=six.people["clerk"], at=NOW)
    assert (staff.version, dealers.version) == (1, 1)
    report_month(six, APRIL)
    with pytest.raises(Locked, match="no approved sheet"):
        make(six, APRIL)
    assert DealerReturn.objects.count() == 1


def test_a_month_reopened_since_stops_the_sheet(six: District) -> None:
    sheet = make(six)
    Month.objects.filter(month=MARCH).update(revision=7)
    with pytest.raises(Locked, match="reopened"):
        audit_sheet(sheet=sheet, by=six.people["auditor"], at=NOW)
    return_sheet(sheet=sheet, by=six.people["auditor"], at=NOW, reason="重开")
    assert make(six).version == 2
    assert audit_sheet(
        sheet=CommissionSheet.objects.get(state=SheetState.MADE), by=six.people["auditor"], at=NOW
    )


def test_a_correction_goes_to_the_persons_next_sheet(six: District) -> None:
    sheet = approved(six)
    enter_adjustment(
        line=line_of(sheet, "ding", "piece"), amount=Decimal("-1288.00"), reason="重复计件",
        by=six.people["clerk"], at=NOW,
    )  # fmt: skip
    report_month(six, APRIL)
    april = make(six, APRIL)
    assert line_of(april, "ding", "taken_later").amount == 1288
    statement = Statement.objects.get(sheet=april, person__code="ding")
    assert (statement.paid, statement.carried) == (0, Decimal("-128.80"))
    assert seal_of(sheet) == sheet.seal


def test_a_person_sees_the_own_lines_and_a_manager_the_units(six: District, signed_in: Any) -> None:
    sheet = approved(six)
    place = f"/commissions/{sheet.pk}/"
    own = signed_in(account(six, "bing"))
    page = own.get("/commissions/").content.decode()
    assert "1,269.00" in page
    assert "6,199.70" not in page
    assert own.get(f"{place}statements/bing/").status_code == 200
    assert own.get(f"{place}statements/ding/").status_code == 404  # of the same unit
    for path in ("", "export.xlsx", "statements.zip"):
        assert own.get(f"{place}{path}").status_code == 403
    [mine] = own.get("/api/v1/commission-statements/").json()
    assert (mine["person"], mine["paid"], mine["month"]) == ("bing", "1269.00", "2026-03")
    line = line_of(sheet, "bing", "kpi_below")
    assert (
        own.post(f"/commissions/lines/{line.pk}/object/", {"text": "得分有误"}).status_code == 302
    )
    assert "得分有误" in own.get("/commissions/objections/").content.decode()
    others = line_of(sheet, "ding", "piece")
    assert own.post(f"/commissions/lines/{others.pk}/object/", {"text": "x"}).status_code == 404
    manager = signed_in("test-grid3")
    body = manager.get(f"/api/v1/commission-sheets/{sheet.pk}/").json()
    assert {row["person"] for row in body["statements"]} == {"bing", "ding"}
    assert body["paid"] == "2428.20"
    assert manager.get(f"{place}statements/jia/").status_code == 404


@pytest.mark.parametrize("fields", [{"dealer": None, "person": None}, {"dealer": True}])
def test_the_database_wants_a_dealer_or_a_person(six: District, fields: dict[str, Any]) -> None:
    sheet = make(six)
    first = sheet.statements.first()
    assert first is not None
    if fields.get("dealer"):
        fields = {"dealer": open_dealer(six, "d1", "grid1")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=first.pk).update(**fields)


def test_a_page_costs_the_same_for_four_as_for_twelve(
    six: District, signed_in: Any, django_assert_max_num_queries: Any
) -> None:
    few = approved(six)
    for number in range(8):
        hire(six, f"p{number}", "grid_manager", "grid2")
    report_month(six, APRIL)
    many = approved(six, APRIL)
    assert len(PEOPLE) + 8 == many.statements.count()
    client = signed_in("test-head")
    with django_assert_max_num_queries(100) as first:
        client.get(f"/commissions/{few.pk}/")
    with django_assert_max_num_queries(len(first) + 2):  # the month before has lines as well
        client.get(f"/commissions/{many.pk}/")


def test_an_unknown_kind_is_refused_at_its_place(six: District, signed_in: Any) -> None:
    publish(six)
    answer = signed_in("test-clerk").post(
        "/api/v1/commission-sheets/", {"month": "2026-03", "kind": "friends"},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/kind"
