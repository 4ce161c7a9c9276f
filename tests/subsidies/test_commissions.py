"""A commission sheet gives example 6 and goes its way: made, audited, approved, sealed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kpi.models import Month, MonthState
from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import AuditEntry, Dealer, DealerAffiliation
from subsidies.models import (
    CommissionLine,
    CommissionSheet,
    DealerReturn,
    SheetState,
    Statement,
)
from subsidies.queries.sheets import seal_of, sheet_list, statements_of
from subsidies.services.commissions import approve_sheet, audit_sheet, make_sheet, return_sheet
from tests.district import MARCH, NOW, District, build_district
from tests.subsidies.dealers import dealer_rows
from tests.subsidies.district import (
    APRIL,
    CODES,
    FEBRUARY,
    build_example_6,
    enter,
    open_dealer,
    publish,
    set_scheme,
)
from tests.worked_examples import example


def make(district: District, month: date = MARCH) -> CommissionSheet:
    return make_sheet(district=district.root, month=month, by=district.people["clerk"], at=NOW)


def audited(district: District, month: date = MARCH) -> CommissionSheet:
    return audit_sheet(sheet=make(district, month), by=district.people["auditor"], at=NOW)


def approved(district: District, month: date = MARCH) -> CommissionSheet:
    return approve_sheet(sheet=audited(district, month), by=district.people["head"], at=NOW)


def sheets() -> Any:
    """The sheets of this module's districts: the demo may be loaded beside them."""
    return CommissionSheet.objects.filter(district__code="test")


@pytest.fixture
def six(district: District) -> District:
    """The district with the inputs of example 6; February's sheet is approved."""
    build_example_6(district)
    return district


def test_the_sheet_gives_every_total_of_example_6(six: District) -> None:
    sheet = make(six)
    expected = example("6_commission")["total"]
    assert sheet.gross == Decimal(expected["应发小计"])
    assert sheet.deductions == Decimal(expected["扣减小计"])
    assert sheet.net == Decimal(expected["净额"])
    assert sheet.paid == Decimal(expected["本期支付"])
    assert sheet.carried == Decimal(expected["结转下期"])


def test_the_statements_give_every_column_of_example_6(six: District) -> None:
    sheet = make(six)
    stored = {row.payee.code: row for row in statements_of(sheet.pk, with_lines=True)}
    for code, row in zip(CODES, dealer_rows(), strict=True):
        statement = stored[code]
        assert statement.counted_users == row["计佣户数"]
        assert {line.code: line.amount for line in statement.lines} == {
            "one_time": Decimal(row["一次性佣金(20元/户)"]),
            "volume": Decimal(row["达量奖(全额阶梯)"]),
            "instalment_3": Decimal(row["分次佣金-第3月"]["金额"]),
            "instalment_6": Decimal(row["分次佣金-第6月"]["金额"]),
            "revenue_share": Decimal(row["话提佣金"]),
            "clawback": Decimal(row["90天离网扣回"]["金额"]),
            "low_quality": Decimal(row["三无极低扣回"]),
            "penalty": Decimal(row["稽核扣款"]),
        }
        totals = statement.totals
        assert totals.gross == Decimal(row["应发小计"])
        assert totals.deductions == Decimal(row["扣减小计"])
        assert totals.brought_forward == Decimal(row["上期结转"])
        assert totals.net == Decimal(row["净额"])
        assert totals.paid == Decimal(row["本期支付"])
        assert totals.carried == Decimal(row["结转下期"])


def test_the_api_makes_audits_and_approves_example_6(six: District, signed_in: Any) -> None:
    def post(account: str, path: str, body: Any = None) -> Any:
        return signed_in(f"test-{account}").post(
            f"/api/v1/commission-sheets/{path}", body or {}, content_type="application/json"
        )

    made = post("clerk", "", {"month": "2026-03"})
    assert made.status_code == 201, made.json()
    body, expected = made.json(), example("6_commission")["total"]
    assert body["net"] == expected["净额"]
    assert body["paid"] == expected["本期支付"]
    assert body["carried"] == expected["结转下期"]
    hongda = next(row for row in body["statements"] if row["dealer"] == "hongda")
    assert (hongda["net"], hongda["unit"], len(hongda["lines"])) == ("12554.66", "grid1", 8)
    pk = body["id"]
    assert post("clerk", f"{pk}/audit/").status_code == 403
    assert post("head", f"{pk}/approve/").status_code == 409
    assert post("auditor", f"{pk}/audit/").json()["state"] == "audited"
    done = post("head", f"{pk}/approve/").json()
    assert done["state"] == "approved"
    assert len(done["seal"]) == 64
    assert [step["by"] for step in done["steps"]] == ["clerk", "auditor", "head"]
    listed = signed_in("test-head").get("/api/v1/commission-sheets/?month=2026-03").json()
    assert (listed["count"], listed["results"][0]["paid"]) == (1, "19286.99")
    assert signed_in("test-head").get(f"/api/v1/commission-sheets/{pk}/").json()["id"] == pk


def test_the_pages_make_audit_and_approve_example_6(six: District, signed_in: Any) -> None:
    clerk, auditor, head = (signed_in(f"test-{name}") for name in ("clerk", "auditor", "head"))
    assert "18,684.38" in clerk.get("/commissions/2026-03/make/").content.decode()
    assert not sheets().filter(month=MARCH).exists()
    place = clerk.post("/commissions/2026-03/make/").url
    page = auditor.get(place).content.decode()
    for figure in ("18,684.38", "19,286.99", "−602.61", "12,554.66"):
        assert figure in page
    pk = sheets().get(month=MARCH).pk
    assert auditor.post(f"{place}audit/").status_code == 302
    assert head.post(f"{place}approve/").status_code == 302
    assert CommissionSheet.objects.get(pk=pk).state == SheetState.APPROVED
    statement = head.get(f"{place}statements/tiantian/").content.decode()
    for text in ("19 × 28 × 0.8", "100 × 20", "425.60", "30 × 8.40 × 6%"):
        assert text in statement, text
    assert "2026" in head.get("/commissions/").content.decode()


def test_a_debt_is_carried_from_month_to_month_until_it_is_earned(district: District) -> None:
    set_scheme(district)
    dealer = open_dealer(district, "d1", "grid1")
    for month, figures in (
        (FEBRUARY, {"penalty": Decimal("50.25")}),
        (MARCH, {"gross": 1}),
        (APRIL, {"gross": 2}),
    ):
        enter(dealer, month, **figures)
        publish(district, month)
    february, march, april = (approved(district, month) for month in (FEBRUARY, MARCH, APRIL))
    assert (february.paid, february.carried) == (Decimal(0), Decimal("-50.25"))
    assert (march.brought_forward, march.carried) == (Decimal("-50.25"), Decimal("-30.25"))
    assert (april.brought_forward, april.paid) == (Decimal("-30.25"), Decimal("9.75"))


def test_a_debt_waits_for_the_dealers_next_statement(district: District) -> None:
    set_scheme(district)
    owing, other = open_dealer(district, "d1", "grid1"), open_dealer(district, "d2", "grid1")
    enter(owing, FEBRUARY, penalty=Decimal(30))
    enter(other, MARCH, gross=1)
    enter(owing, APRIL, gross=2)
    for month in (FEBRUARY, MARCH, APRIL):
        publish(district, month)
    approved(district, FEBRUARY)
    assert approved(district, MARCH).brought_forward == 0
    assert approved(district, APRIL).brought_forward == Decimal(-30)


@pytest.mark.parametrize("state", [MonthState.CLOSED, MonthState.PUBLISHED])
def test_a_sheet_is_made_once_the_month_is_closed(six: District, state: str) -> None:
    Month.objects.filter(month=MARCH, district=six.root).update(state=state)
    assert make(six).state == SheetState.MADE


def test_a_sheet_of_an_open_month_is_refused(six: District) -> None:
    Month.objects.filter(month=MARCH, district=six.root).update(state=MonthState.OPEN)
    with pytest.raises(Locked, match="still open"):
        make(six)


def test_a_month_has_one_sheet_in_force(six: District) -> None:
    make(six)
    with pytest.raises(Locked, match="already has a commission sheet"):
        make(six)
    assert sheets().filter(month=MARCH).count() == 1


def test_a_sheet_waits_for_the_one_before(six: District) -> None:
    enter(Dealer.objects.get(district=six.root, code="hongda"), APRIL, gross=1)
    publish(six, APRIL)
    make(six)
    with pytest.raises(Locked, match="what it carries is not known"):
        make(six, APRIL)


def test_a_month_passed_over_is_not_made_behind_a_later_sheet(district: District) -> None:
    set_scheme(district)
    dealer = open_dealer(district, "d1", "grid1")
    enter(dealer, MARCH, gross=1)
    for month in (FEBRUARY, MARCH):
        publish(district, month)
    approved(district, MARCH)
    enter(dealer, FEBRUARY, gross=1)
    with pytest.raises(Locked, match="computed without this month"):
        make(district, FEBRUARY)


def test_without_scheme_or_returns_there_is_no_sheet(district: District) -> None:
    publish(district)
    with pytest.raises(Locked, match="No commission scheme"):
        make(district)
    set_scheme(district)
    with pytest.raises(Locked, match="No dealer returns"):
        make(district)


def test_impossible_figures_name_every_dealer_and_nothing_is_written(district: District) -> None:
    set_scheme(district)
    publish(district)
    enter(open_dealer(district, "d1", "grid1"), MARCH, gross=1, low_quality=2)
    enter(open_dealer(district, "d2", "grid1", commission_class=""), MARCH, gross=1)
    stray = open_dealer(district, "d3", "grid1")
    enter(stray, MARCH, gross=1)
    DealerAffiliation.objects.filter(dealer=stray).update(valid_to=date(2026, 3, 30))
    with pytest.raises(Invalid) as refused:
        make(district)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/dealers/d1/low_quality_users",
        "/dealers/d2/dealer_class",
        "/dealers/d3",
    ]
    assert not sheets().exists()


def test_the_affiliation_of_the_last_day_counts(six: District) -> None:
    dealer = Dealer.objects.get(district=six.root, code="hongda")
    DealerAffiliation.objects.filter(dealer=dealer).update(valid_to=date(2026, 3, 30))
    DealerAffiliation.objects.create(
        dealer=dealer, unit=six.units["grid4"], valid_from=date(2026, 3, 31)
    )
    make(six)
    assert Statement.objects.get(sheet__month=MARCH, dealer=dealer).unit == six.units["grid4"]


def test_a_returned_sheet_is_made_again_as_its_next_version(six: District) -> None:
    first = make(six)
    return_sheet(sheet=first, by=six.people["auditor"], at=NOW, reason="宏达的零通话不对")
    entered = DealerReturn.objects.get(
        dealer__district=six.root, dealer__code="hongda", month=MARCH
    )
    entered.zero_call = 7
    entered.save()
    second = make(six)
    first.refresh_from_db()
    assert (first.state, second.version, second.state) == ("void", 2, "made")
    assert second.gross < first.gross
    assert first.return_reason == "宏达的零通话不对"
    assert [sheet.pk for sheet in sheet_list(six.root, month=MARCH)] == [second.pk]


def test_a_return_needs_a_reason(six: District) -> None:
    sheet = make(six)
    with pytest.raises(Invalid):
        return_sheet(sheet=sheet, by=six.people["auditor"], at=NOW, reason="  ")


def test_states_move_along_the_arrows_only(six: District) -> None:
    people = six.people
    sheet = make(six)
    with pytest.raises(Locked):
        approve_sheet(sheet=sheet, by=people["head"], at=NOW)
    audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    with pytest.raises(Locked):
        audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    approve_sheet(sheet=sheet, by=people["head"], at=NOW)
    for step in (audit_sheet, approve_sheet):
        with pytest.raises(Locked):
            step(sheet=sheet, by=people["admin"], at=NOW)
    with pytest.raises(Locked):
        return_sheet(sheet=sheet, by=people["head"], at=NOW, reason="x")


def test_maker_auditor_and_approver_are_three_people(six: District) -> None:
    people = six.people
    sheet = make(six)
    with pytest.raises(Refused):
        audit_sheet(sheet=sheet, by=people["clerk"], at=NOW)
    audit_sheet(sheet=sheet, by=people["auditor"], at=NOW)
    for person in ("clerk", "auditor"):
        with pytest.raises(Refused):
            approve_sheet(sheet=sheet, by=people[person], at=NOW)


@pytest.mark.parametrize(
    "columns",
    [
        {"audited_by": "clerk"},
        {"audited_by": "auditor", "approved_by": "auditor"},
        {"audited_by": "auditor", "approved_by": "clerk"},
        {"state": "approved", "seal": "x", "approved_by": "head"},
        {"state": "approved", "audited_by": "auditor", "approved_by": "head"},
    ],
)
def test_the_database_knows_that_they_are_three_people(
    six: District, columns: dict[str, str]
) -> None:
    sheet = make(six)
    fields = {
        name: six.people[value] if name.endswith("_by") else value
        for name, value in columns.items()
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionSheet.objects.filter(pk=sheet.pk).update(**fields)


def test_an_approved_sheet_never_changes_whoever_tries(six: District) -> None:
    sheet = approved(six)
    rows = CommissionSheet.objects.filter(pk=sheet.pk)
    statements = Statement.objects.filter(sheet=sheet)
    lines = CommissionLine.objects.filter(statement__sheet=sheet)
    one = statements[0]
    attempts = [
        lambda: rows.update(paid=Decimal(1)),
        lambda: rows.update(state=SheetState.MADE),
        lambda: statements.update(paid=Decimal(1)),
        lambda: lines.update(amount=Decimal(1)),
        lambda: lines.filter(pk=lines[0].pk).delete(),
        lambda: CommissionLine.objects.create(statement=one, code="x", amount=Decimal(1)),
        lambda: sheet.delete(),
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert seal_of(sheet) == sheet.seal


def test_a_sheet_under_audit_keeps_its_lines_too(six: District) -> None:
    sheet = audited(six)
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(sheet=sheet).update(paid=Decimal(1))


def test_the_seal_names_the_sheet_and_every_line(six: District) -> None:
    sheet = approved(six)
    assert len(sheet.seal) == 64
    assert seal_of(CommissionSheet.objects.get(pk=sheet.pk)) == sheet.seal
    february = sheets().get(month=FEBRUARY)
    assert february.seal != sheet.seal


def test_each_step_leaves_one_row_in_the_trail(six: District) -> None:
    before = AuditEntry.objects.count()
    approved(six)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[before:]
    assert actions == ["commission.make", "commission.audit", "commission.approve"]
    assert AuditEntry.objects.latest("pk").changes[0]["after"]["paid"] == "19286.99"


def test_a_manager_sees_the_own_units_dealers_and_their_sums(six: District, signed_in: Any) -> None:
    sheet = make(six)
    client = signed_in("test-grid2")
    body = client.get(f"/api/v1/commission-sheets/{sheet.pk}/").json()
    assert {row["dealer"] for row in body["statements"]} == {"xijiao", "xuefu"}
    assert (body["payees"], body["net"]) == (2, "1289.36")
    assert client.get("/api/v1/commission-sheets/").json()["results"][0]["net"] == "1289.36"
    page = client.get(f"/commissions/{sheet.pk}/").content.decode()
    assert "学府路网吧" in page
    assert "宏达" not in page
    assert "18,684.38" not in page
    assert client.get(f"/commissions/{sheet.pk}/statements/hongda/").status_code == 404
    assert client.get(f"/commissions/{sheet.pk}/statements/xuefu/").status_code == 200
    assert client.post(f"/commissions/{sheet.pk}/return/", {"reason": "x"}).status_code == 403
    assert client.post("/commissions/2026-03/make/").status_code == 403


@pytest.mark.parametrize("account", ["staff", "supervisor", "admin"])
def test_staff_supervisor_and_admin_see_no_sheet_of_dealers(
    six: District, signed_in: Any, account: str
) -> None:
    sheet = make(six)
    client = signed_in(f"test-{account}")
    if account == "admin":
        assert client.get("/commissions/").status_code == 403
    else:  # both hold a post that may have lines of its own
        assert not client.get("/commissions/").context["statements"]
    for path in (f"commissions/{sheet.pk}/", f"commissions/{sheet.pk}/export.xlsx",
                 f"commissions/{sheet.pk}/statements.zip", "api/v1/commission-sheets/",
                 f"api/v1/commission-sheets/{sheet.pk}/"):  # fmt: skip
        assert client.get(f"/{path}").status_code == 403, path


def test_another_districts_sheet_does_not_exist(six: District, signed_in: Any) -> None:
    sheet = make(six)
    build_district("other", unit_codes=())
    client = signed_in("other-head")
    assert client.get(f"/commissions/{sheet.pk}/").status_code == 404
    assert client.get(f"/api/v1/commission-sheets/{sheet.pk}/").status_code == 404
    assert client.get("/api/v1/commission-sheets/").json()["count"] == 0
    approve = client.post(f"/api/v1/commission-sheets/{sheet.pk}/approve/")
    assert approve.status_code == 404


def test_pages_cost_as_many_queries_for_two_dealers_as_for_twenty(
    district: District, signed_in: Any
) -> None:
    set_scheme(district)
    january = date(2026, 1, 1)
    for month in (january, FEBRUARY, MARCH):
        publish(district, month)
    dealers = [open_dealer(district, f"d{number}", "grid1") for number in range(20)]
    for dealer in dealers[:2]:
        enter(dealer, january, gross=5)
        enter(dealer, FEBRUARY, gross=5)
    for dealer in dealers:
        enter(dealer, MARCH, gross=5)
    approved(district, january)
    few, many = approved(district, FEBRUARY), approved(district, MARCH)
    client = signed_in("test-head")

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    for path in ("commissions/{}/", "commissions/{}/export.xlsx", "commissions/{}/statements/d1/",
                 "api/v1/commission-sheets/{}/"):  # fmt: skip
        assert cost(f"/{path.format(few.pk)}") == cost(f"/{path.format(many.pk)}"), path


def test_an_idempotency_key_makes_one_sheet(six: District, signed_in: Any) -> None:
    client = signed_in("test-clerk")
    answers = [
        client.post(
            "/api/v1/commission-sheets/", {"month": "2026-03"}, content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


@pytest.mark.parametrize("month", [None, "2026-13", "2026-3", "２０２６-03", 202603])
def test_a_month_that_is_none_is_refused_at_its_place(
    district: District, signed_in: Any, month: Any
) -> None:
    answer = signed_in("test-clerk").post(
        "/api/v1/commission-sheets/", {"month": month}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/month"
