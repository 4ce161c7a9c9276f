"""Late corrections: three hands, counted in the open month; published and awarded stays so."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from competitions.models import Award, Competition, CompetitionPolicy
from kpi.history import published_by_unit, reported_cells
from kpi.models import (
    Actual,
    Adjustment,
    AdjustmentState,
    Month,
    MonthState,
    Score,
    ScoreLine,
)
from kpi.published import published_months
from kpi.queries.figures import figures
from kpi.services.actuals import save_actuals
from kpi.services.adjustments import request_adjustment, verify_adjustment
from kpi.services.months import close_month, open_month, publish_month, reopen_month
from orgchart import jobs
from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import AuditEntry, Notification
from portal.queries.effects import effect, is_award_moved
from portal.services.adjustments import approve_adjustment
from subsidies.models import Entitlement, SubsidyPolicy
from tests.district import MARCH, NOW, START, District
from tests.kpi import march

APRIL = date(2026, 4, 1)
LATER = NOW + timedelta(days=8)


@pytest.fixture
def published(district: District) -> District:
    """March of example 4 is published, won by the urban-rural office; April is open."""
    march.publish_card(district)
    march.report_march(district)
    competition = Competition.objects.create(district=district.root, code="monthly", name_zh="奖")
    CompetitionPolicy.objects.create(
        competition=competition, valid_from=START, amount=500, no_qualifier="none",
        revenue=district.indicators["total_revenue"],
        volume=district.indicators["mobile_gross_adds"], tie=["revenue_rate", "split"],
    )  # fmt: skip
    SubsidyPolicy.objects.create(
        unit=district.units["suburban"], valid_from=START, fixed=700, floating_base=1000, cap=2
    )
    clerk = district.people["clerk"]
    close_month(month=district.month, by=clerk, at=NOW)
    publish_month(month=district.month, by=clerk, at=NOW)
    open_month(district=district.root, month=APRIL, by=clerk, at=NOW)
    jobs.drain()
    return district


def ask(
    district: District,
    delta: str,
    indicator: str = "mobile_gross_adds",
    unit: str = "suburban",
    **given: Any,
) -> Adjustment:
    return request_adjustment(
        unit=district.units[unit], indicator=district.indicators[indicator],
        breakdown=district.breakdowns[given.get("breakdown", "all")],
        month=given.get("month", MARCH), delta=Decimal(delta),
        reason=given.get("reason", "漏报后补"), by=district.people[given.get("by", unit)], at=LATER,
    )  # fmt: skip


def verified(district: District, delta: str, *given: Any, **more: Any) -> Adjustment:
    made = ask(district, delta, *given, **more)
    return verify_adjustment(adjustment=made, by=district.people["auditor"], at=LATER)


def approve(district: District, adjustment: Adjustment, by: str = "head") -> Adjustment:
    return approve_adjustment(adjustment=adjustment, by=district.people[by], at=LATER)


def frozen(district: District) -> list[Any]:
    """Everything published of March."""
    return [
        list(Score.objects.filter(month=MARCH).order_by("unit_id").values()),
        list(ScoreLine.objects.filter(month=MARCH).order_by("unit_id", "item_id").values()),
        list(Actual.objects.filter(month=MARCH).order_by("pk").values()),
        list(Entitlement.objects.filter(month=MARCH).order_by("pk").values()),
        list(Award.objects.order_by("pk").values()),
    ]


def test_a_correction_counts_in_the_open_month_and_the_published_one_stays(
    published: District,
) -> None:
    before = frozen(published)
    done = approve(published, verified(published, "37"))
    assert (done.state, done.posted) == (AdjustmentState.APPROVED, APRIL)
    row = Actual.objects.get(month=APRIL, unit=published.units["suburban"])
    assert (row.value, row.adjustment, row.version) == (None, Decimal(37), 0)

    entry = march.cell(published, "suburban", "mobile_gross_adds", "1000", month=APRIL, as_of=APRIL)
    (saved,) = save_actuals(
        district=published.root, cells=[entry], by=published.people["suburban"], at=LATER
    )
    assert saved.version == 1, "the first report of the cell needs no version"
    counted = figures(
        district_id=published.root.pk, months=[APRIL], codes=["mobile_gross_adds"],
        unit_ids=[published.units["suburban"].pk],
    )  # fmt: skip
    assert [figure.actual for figure in counted.values()] == [Decimal(1037)]
    jobs.drain()
    assert frozen(published) == before


def test_the_plan_reads_a_published_month_with_its_corrections(published: District) -> None:
    approve(published, verified(published, "37"))
    entry = march.cell(published, "suburban", "mobile_gross_adds", "1000", month=APRIL, as_of=APRIL)
    save_actuals(district=published.root, cells=[entry], by=published.people["suburban"], at=LATER)
    Month.objects.filter(month=APRIL).update(state=MonthState.PUBLISHED)
    district, gross = published.root.pk, published.indicators["mobile_gross_adds"].pk
    told = published_months(district_id=district, year=2026)
    assert told[APRIL]["mobile_gross_adds"] == 1037
    by_unit = published_by_unit(district_id=district, indicator_id=gross, before=date(2026, 5, 1))
    assert by_unit[published.units["suburban"].pk, APRIL] == 1037
    cells = reported_cells(district_id=district, indicator_ids=[gross], months=[APRIL])
    assert list(cells.values()) == [Decimal(1037)]


def test_corrections_of_a_cell_add_up(published: District) -> None:
    approve(published, verified(published, "37"))
    approve(published, verified(published, "-7"))
    assert Actual.objects.get(month=APRIL).adjustment == 30


def test_the_effect_is_that_of_the_rules_on_the_corrected_figure(published: District) -> None:
    asked = ask(published, "-900")
    told = effect(asked)
    figure = Actual.objects.get(month=MARCH, unit=asked.unit, indicator=asked.indicator).value
    assert told["figure"] == {"before": str(figure), "after": str(figure - 900)}
    moved = {row["unit"]: row for row in told["scores"]}
    score = Score.objects.get(month=MARCH, unit=asked.unit)
    assert Decimal(moved["suburban"]["before"]) == score.total
    assert moved["suburban"]["rank_before"] == 1 < moved["suburban"]["rank_after"]
    assert any(row["rank_after"] < row["rank_before"] for row in moved.values())
    assert told["subsidy"]["before"] == told["subsidy"]["after"], "users earn no subsidy"
    assert told["award"]["before"] == {"suburban": "500.00"}
    assert told["award"]["after"] != told["award"]["before"]
    # What the corrected month would really have been:
    Month.objects.filter(month=MARCH).update(state="open")
    Actual.objects.filter(month=MARCH, unit=asked.unit, indicator=asked.indicator).update(
        value=figure - 900
    )
    march.score(published)
    now = {row.unit.code: row for row in Score.objects.filter(month=MARCH).select_related("unit")}
    for unit, row in moved.items():
        assert (Decimal(row["after"]), row["rank_after"]) == (now[unit].total, now[unit].rank)


def test_revenue_moves_the_subsidy(published: District) -> None:
    told = effect(ask(published, "-10", "mobile_revenue"))
    assert Decimal(told["subsidy"]["after"]) < Decimal(told["subsidy"]["before"])


def test_a_past_winner_is_checked_again_with_a_notice_and_nothing_else(
    published: District,
) -> None:
    before = frozen(published)
    done = approve(published, verified(published, "-400"))
    assert is_award_moved(done.effect)
    told = {one.person.code for one in Notification.objects.filter(key__startswith="award-")}
    assert {"head", "suburban"} <= told
    one = Notification.objects.filter(key__startswith="award-").first()
    assert one is not None
    assert one.text_zh.startswith(
        "3月的更正会改变当月竞赛奖：已定为城乡结合办事处 500 元，更正后为无获奖单元。"
    )
    assert "The award stays as decided" in one.text_en
    assert frozen(published) == before
    small = approve(published, verified(published, "1", "fixed_revenue", "grid4"))
    assert not Notification.objects.filter(key=f"award-recheck/{small.pk}").exists() or (
        is_award_moved(small.effect)
    )


def test_three_different_people_have_a_hand_in_it(published: District) -> None:
    asked = ask(published, "5")
    with pytest.raises(Locked):
        approve(published, asked)
    with pytest.raises(Refused):
        verify_adjustment(adjustment=asked, by=published.people["suburban"], at=LATER)
    verify_adjustment(adjustment=asked, by=published.people["auditor"], at=LATER)
    for earlier in ("suburban", "auditor"):
        with pytest.raises(Refused):
            approve(published, asked, by=earlier)
    approve(published, asked)
    with pytest.raises(Locked):
        approve(published, asked)
    assert [entry.action for entry in AuditEntry.objects.filter(subject=f"adjustments/{asked.pk}")
            .order_by("pk")] == [
        "adjustment.requested", "adjustment.verified", "adjustment.approved"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "delta,indicator,more,pointer",
    [
        ("0", "mobile_revenue", {}, "/delta"),
        ("0.5", "mobile_gross_adds", {}, "/delta"),
        ("-99999", "mobile_gross_adds", {}, "/delta"),
        ("0.01", "churn_rate", {}, "/indicator"),
        ("1", "mobile_revenue", {"reason": " "}, "/reason"),
        ("1", "fixed_net_adds", {"breakdown": "all"}, "/indicator"),
    ],
)
def test_what_can_be_no_correction(
    published: District, delta: str, indicator: str, more: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(published, delta, indicator, **more)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_an_open_month_is_corrected_by_reporting(published: District) -> None:
    with pytest.raises(Locked):
        ask(published, "1", month=APRIL)


def test_without_an_open_month_nothing_is_posted(published: District) -> None:
    asked = verified(published, "1")
    Month.objects.filter(month=APRIL).update(state="closed")
    with pytest.raises(Locked):
        approve(published, asked)


def test_a_month_that_was_reopened_is_corrected_in_itself(
    published: District, signed_in: Callable[[str], Any]
) -> None:
    """Or the correction would count in both months."""
    asked = verified(published, "37")
    head = published.people["head"]
    reopen_month(month=published.month, by=head, at=LATER, reason="补报")
    answer = signed_in("test-head").post(f"/api/v1/adjustments/{asked.pk}/approve/")
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "2026-03 现在没有发布，直接改当月填报的数。",
    )  # fmt: skip
    assert not Actual.objects.filter(month=APRIL).exists()
    place = f"/adjustments/{asked.pk}/"
    page = signed_in("test-head").get(place).content.decode()
    assert "3月已重开" in page and f"{place}approve/" not in page and f"{place}refuse/" in page
    close_month(month=published.month, by=published.people["clerk"], at=LATER)
    published.month.refresh_from_db()
    touched = signed_in("test-head").get("/api/v1/months/2026-03/").json()["reopening"]
    assert [row["now"] for row in touched if row["what"] == "更正"] == ["1 笔未批"]
    publish_month(month=published.month, by=published.people["clerk"], at=LATER)
    assert approve(published, asked).state == AdjustmentState.APPROVED
    late = signed_in("test-head").post(
        f"/api/v1/adjustments/{asked.pk}/refuse/", {"reason": "x"}, content_type="application/json"
    )
    assert (late.status_code, late.json()["detail"]) == (
        409, "这笔更正已入账，不能改。如有错，另提一笔。",
    )  # fmt: skip


def test_the_pages_take_a_correction_from_hand_to_hand(
    published: District, signed_in: Callable[[str], Any]
) -> None:
    manager, auditor, head = (signed_in(f"test-{who}") for who in ("grid2", "auditor", "head"))
    body = {
        "month": "2026-03", "unit": "grid2", "figure": "mobile_revenue.all", "delta": "x",
        "reason": "专线漏报",
    }  # fmt: skip
    refused = manager.post("/adjustments/new/", body)
    assert (refused.status_code, 'value="专线漏报"' in refused.content.decode()) == (400, True)
    assert manager.post("/adjustments/new/", body | {"unit": "grid1"}).status_code == 400
    done = manager.post("/adjustments/new/", body | {"delta": "1.50"})
    place = done["Location"]
    assert auditor.post(f"{place}verify/").status_code == 302
    page = head.get(place).content.decode()
    assert "网格2得分" in page and f"{place}approve/" in page
    assert signed_in("test-grid1").get(place).status_code == 404
    assert head.post(f"{place}approve/").status_code == 302
    assert Adjustment.objects.get().state == AdjustmentState.APPROVED
    assert Actual.objects.get(month=APRIL).adjustment == Decimal("1.50")


def test_a_refusal_needs_a_reason_and_ends_it(
    published: District, signed_in: Callable[[str], Any]
) -> None:
    asked = ask(published, "5")
    auditor, head = signed_in("test-auditor"), signed_in("test-head")
    place = f"/adjustments/{asked.pk}/refuse/"
    assert head.post(place, {"reason": "x"}).status_code == 403, "first the auditor"
    auditor.post(place)
    asked.refresh_from_db()
    assert asked.state == AdjustmentState.REQUESTED
    auditor.post(place, {"reason": "凭证不符"})
    asked.refresh_from_db()
    assert (asked.state, asked.refusal) == (AdjustmentState.REFUSED, "凭证不符")


def test_programs_read_the_correction_with_its_effect(
    published: District, signed_in: Callable[[str], Any]
) -> None:
    path = "/api/v1/adjustments/"
    approve(published, verified(published, "37"))
    ask(published, "5", unit="grid2")
    head = signed_in("test-head")
    asked, done = head.get(path).json()["results"]
    assert (asked["unit"], asked["state"], asked["posted"]) == ("grid2", "requested", None)
    assert (done["delta"], done["posted"], done["month"]) == ("37", "2026-04", "2026-03")
    assert done["effect"] and done["decided_by"] == published.people["head"].name
    assert head.get(f"{path}?state=requested").json()["count"] == 1
    assert head.get(f"{path}?state=lost").status_code == 400
    assert signed_in("test-grid2").get(path).json()["count"] == 1


def test_programs_take_a_correction_from_hand_to_hand(
    published: District, signed_in: Callable[[str], Any]
) -> None:
    path = "/api/v1/adjustments/"
    manager, auditor, head = (signed_in(f"test-{who}") for who in ("grid2", "auditor", "head"))

    def send(client: Any, place: str, body: Any = None, **headers: str) -> Any:
        body = {} if body is None else body
        return client.post(path + place, body, content_type="application/json", headers=headers)

    body = {
        "unit": "grid2", "indicator": "mobile_revenue", "breakdown": None, "month": "2026-03",
        "delta": "1.50", "reason": "专线漏报",
    }  # fmt: skip
    for change, pointer in (
        ({"unit": "luck"}, "/unit"),
        ({"indicator": "effective_rate"}, "/indicator"),
        ({"breakdown": "t1"}, "/breakdown"),
        ({"delta": "x"}, "/delta"),
        ({"delta": "0"}, "/delta"),
        ({"delta": "-9999"}, "/delta"),
        ({"month": "March"}, "/month"),
        ({"reason": ""}, "/reason"),
    ):
        answer = send(manager, "", body | change)
        assert answer.status_code == 400, change
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert send(manager, "", body | {"unit": "grid1"}).status_code == 403
    assert send(manager, "", body | {"month": "2026-04"}).status_code == 409
    assert not Adjustment.objects.exists()

    key = {"Idempotency-Key": "late"}
    asked = send(manager, "", body, **key)
    assert asked.status_code == 201 and send(manager, "", body, **key).json() == asked.json()
    pk = asked.json()["id"]
    for change, pointer, sentence in (
        ({"indicator": "churn_rate"}, "/indicator", "离网率不按月累加，不能在以后月份补记。"),
        ({"indicator": "total_revenue"}, "/indicator", "总收入由系统计算，更正它所用的数。"),
        ({"indicator": "x"}, "/indicator", "此处不能用「x」，可选："),
        ({"breakdown": "t9"}, "/breakdown", "此处不能用「t9」，可选：all。"),
    ):
        (fault,) = send(manager, "", body | change).json()["errors"]
        assert (fault["pointer"], sentence in fault["detail"]) == (pointer, True), fault
    unknown = send(manager, "", body | {"month": "2025-10"}, **{"Accept-Language": "en"})
    assert (unknown.status_code, unknown.json()["detail"]) == (
        409, "2025-10 was never opened. Name a published month.",
    )  # fmt: skip
    early = send(head, f"{pk}/approve/")
    assert (early.status_code, "稽核" in early.json()["detail"]) == (409, True), "first the auditor"
    assert send(head, f"{pk}/refuse/", {"reason": "x"}).status_code == 403
    assert send(auditor, f"{pk}/verify/").json()["state"] == "verified"
    shown = head.get(f"{path}{pk}/").json()
    assert shown["effect"]["figure"]["after"] and shown["award_moved"] is False
    assert [row["unit"] for row in shown["effect"]["scores"]] == ["grid2", "grid3"], (
        "a tie is parted"
    )
    assert signed_in("test-grid1").get(f"{path}{pk}/").status_code == 404
    done = send(head, f"{pk}/approve/").json()
    assert (done["state"], done["posted"], done["effect"]) == (
        "approved", "2026-04", shown["effect"],
    )  # fmt: skip
    other = send(manager, "", body | {"delta": "2"}).json()["id"]
    refusal = send(auditor, f"{other}/refuse/", {})
    assert [error["pointer"] for error in refusal.json()["errors"]] == ["/reason"]
    assert send(auditor, f"{other}/refuse/", {"reason": "凭证不符"}).json()["state"] == "refused"


@pytest.mark.parametrize("path", ["/adjustments/", "/api/v1/adjustments/"])
def test_the_list_takes_as_many_queries_for_many(
    path: str, published: District, signed_in: Callable[[str], Any]
) -> None:
    client, counts = signed_in("test-head"), []
    for number in (2, 20):
        while Adjustment.objects.count() < number:
            ask(published, "1")
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]
