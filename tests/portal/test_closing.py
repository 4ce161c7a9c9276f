"""The closing checklist says what is done and next, and its buttons close, publish and reopen."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils.translation import override

from competitions.models import Round, RoundState
from kpi.models import Actual, CheckState, ClosingRule, Month, MonthState, Score, ScoreLine
from orgchart import jobs
from orgchart.models import Job
from portal.queries.closing import StepState, checklist, done
from portal.rules.bulletins import Kind, period_of
from portal.services.bulletins import issue_bulletin
from tests.competitions.contest import PUBLISHED_AT, build_contest, publish, write_month
from tests.district import MARCH

NAMES = [
    "reported", "doubts", "verified", "events", "targets", "scored", "close", "publish",
    "entitlements", "commission", "award", "bulletin",
]  # fmt: skip


@pytest.fixture
def district(db: None) -> Any:
    return build_contest()


def states(month: Month) -> dict[str, str]:
    return {step.code: step.state.value for step in checklist(month)}


def test_an_open_month_waits_for_reports_and_then_for_the_clerk(district: Any) -> None:
    month = write_month(district, 3)
    assert list(states(month)) == NAMES
    assert states(month) == {
        "reported": "next", "doubts": "done", "verified": "done", "events": "done",
        "targets": "done", "scored": "done",
        "close": "next", "publish": "waiting", "entitlements": "waiting",
        "commission": "waiting", "award": "waiting", "bulletin": "waiting",
    }  # fmt: skip


def test_missing_figures_are_named_by_unit(district: Any) -> None:
    month = write_month(district, 3)
    with override("zh-hans"):
        reported = checklist(month)[0]
    grid4 = dict(reported.details)["网格4"]
    assert "渠道走访" in grid4 and "移动业务开账收入" not in grid4


def test_odd_values_are_listed_with_their_reason(district: Any) -> None:
    month = write_month(district, 3)
    row = Actual.objects.filter(unit=district.units["grid1"], value=Decimal(1148)).get()
    Actual.objects.filter(pk=row.pk).update(doubt_reason="新开厂区")
    with override("zh-hans"):
        doubts = checklist(month)[1]
    assert doubts.details == (("网格1 移动用户发展", "1,148 户：新开厂区"),)


def test_an_odd_value_without_a_reason_waits_for_one(district: Any) -> None:
    month = write_month(district, 3)
    row = Actual.objects.filter(unit=district.units["grid1"], value=Decimal(1148)).get()
    Actual.objects.filter(pk=row.pk).update(value=Decimal(-1148))
    with override("en"):
        doubts = checklist(month)[1]
    assert (doubts.state, doubts.text, doubts.turn) == (StepState.NEXT, "1 not explained", "units")
    Actual.objects.filter(pk=row.pk).update(check_state=CheckState.VERIFIED)
    assert checklist(month)[1].state is StepState.DONE


def test_verification_waits_for_the_auditor_where_the_rule_asks_for_it(district: Any) -> None:
    month = write_month(district, 3)
    assert states(month)["verified"] == "done"
    ClosingRule.objects.create(district=district.root, valid_from=MARCH)
    with override("en"):
        step = checklist(month)[2]
    assert (step.state, step.turn, step.action) == (StepState.NEXT, "auditor", "Verify")
    assert step.url == "/verification/?month=2026-03"


def test_a_missing_task_is_wrong_and_named(district: Any) -> None:
    month = write_month(district, 3)
    score = Score.objects.filter(month=MARCH, unit=district.units["grid2"]).get()
    item = score.scorecard.items.create(
        code="K1", rule="proportional", basis="completion", name_zh="收入", params={}
    )
    ScoreLine.objects.create(
        month=MARCH, unit=district.units["grid2"], item=item, state="no_target"
    )
    targets = checklist(month)[4]
    assert targets.state is StepState.WRONG
    assert targets.details == (("网格2", "收入"),)


def test_a_failing_computation_shows_its_error(district: Any) -> None:
    month = write_month(district, 3)
    Job.objects.create(
        kind="rescore", district=district.root, month=MARCH, requested=2, failures=2,
        requested_at=PUBLISHED_AT, last_error="no such column",
    )  # fmt: skip
    scored = checklist(month)[5]
    assert scored.state is StepState.WRONG
    assert scored.details[0][1] == "no such column"
    Job.objects.update(failures=0)
    assert checklist(month)[5].state is StepState.NEXT


def test_a_published_month_shows_the_award_and_its_next_hand(district: Any) -> None:
    month = publish(district, 3)
    assert states(month)["award"] == "next"
    jobs.request("settle", district_id=district.root.pk, month=MARCH)
    jobs.drain()
    with override("zh-hans"):
        award = checklist(month)[-2]
    assert "500" in award.text and award.state is StepState.NEXT
    Round.objects.update(state=RoundState.PAID)
    assert checklist(month)[-2].state is StepState.DONE
    assert done(checklist(month)) == 8


def test_the_months_bulletin_is_the_last_step(district: Any) -> None:
    month = publish(district, 3)
    step = checklist(month)[-1]
    assert (step.code, step.state) == ("bulletin", StepState.NEXT)
    assert step.url == "/bulletins/monthly/2026-03-01/"
    issue_bulletin(
        district=district.root, period=period_of(Kind.MONTHLY, MARCH), by=district.people["clerk"],
        at=PUBLISHED_AT,
    )  # fmt: skip
    assert checklist(month)[-1].state is StepState.DONE


def notes(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_clerk_closes_with_a_reason_publishes_and_the_head_reopens(
    district: Any, signed_in: Any
) -> None:
    write_month(district, 3)
    clerk, head = signed_in("test-clerk"), signed_in("test-head")
    month = Month.objects.get(month=MARCH)

    refused = clerk.post("/closing/2026-03/close/")
    month.refresh_from_db()
    assert (refused.status_code, month.state) == (302, MonthState.OPEN)
    assert notes(refused)

    clerk.post("/closing/2026-03/close/", {"reason": "逾期未报"})
    month.refresh_from_db()
    assert (month.state, month.missing_reason) == (MonthState.CLOSED, "逾期未报")
    asked = head.get("/closing/2026-03/reopen/").content.decode()
    assert "由内勤再次关账" in asked and "单个数更正" not in asked
    page = clerk.get("/closing/?month=2026-03").content.decode()
    assert "/closing/2026-03/publish/" in page and "/closing/2026-03/reopen/" not in page

    month.state, month.published_at = MonthState.PUBLISHED, PUBLISHED_AT
    month.save()
    page = head.get("/closing/?month=2026-03").content.decode()
    assert "/closing/2026-03/reopen/" in page and "/closing/2026-03/close/" not in page
    head.post("/closing/2026-03/reopen/")
    month.refresh_from_db()
    assert month.state == MonthState.PUBLISHED
    head.post("/closing/2026-03/reopen/", {"reason": "收入更正"})
    month.refresh_from_db()
    assert month.state == MonthState.OPEN


@pytest.mark.parametrize("step", ["close", "publish", "reopen", "open"])
@pytest.mark.parametrize("account", ["grid1", "staff", "supervisor", "auditor", "admin"])
def test_nobody_else_takes_a_step(account: str, step: str, district: Any, signed_in: Any) -> None:
    month = "2026-04" if step == "open" else "2026-03"
    client = signed_in(f"test-{account}")
    assert client.post(f"/closing/{month}/{step}/", {"reason": "x"}).status_code == 403
    assert Month.objects.get().state == MonthState.OPEN


def test_the_clerk_opens_the_month_that_follows_and_no_other(district: Any, signed_in: Any) -> None:
    client = signed_in("test-clerk")
    assert "开放2026年4月填报？" in client.get("/closing/").content.decode()
    assert notes(client.post("/closing/2026-06/open/")) == [
        "月份按顺序开放：先开 2026-04，再开 2026-06。"
    ]
    assert not Month.objects.filter(month__gt=MARCH).exists()
    assert client.post("/closing/2026-04/open/").status_code == 302
    answer = client.post("/api/v1/months/")
    assert answer.status_code == 405 and "{" not in answer.json()["title"]
    assert Month.objects.filter(month=date(2026, 4, 1), state=MonthState.OPEN).exists()


def test_programs_open_the_month_that_follows_and_read_its_checklist(
    district: Any, signed_in: Any
) -> None:
    month = write_month(district, 3)
    clerk, head = signed_in("test-clerk"), signed_in("test-head")
    path = "/api/v1/months/2026-"
    early = clerk.post(f"{path}05/open/", headers={"Accept-Language": "en"})
    assert (early.status_code, early.json()["detail"]) == (
        409, "Months are opened in turn: 2026-04 comes before 2026-05.",
    )  # fmt: skip
    refused = head.post(f"{path}04/open/", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["detail"]) == (
        403, "Your post does not allow this; it is for: Clerk.",
    )  # fmt: skip
    assert clerk.post(f"{path}04/open/").json()["state"] == MonthState.OPEN
    assert clerk.post(f"{path}04/open/").status_code == 409
    told = signed_in("test-auditor").get(f"{path}03/").json()
    assert [step["code"] for step in told["steps"]] == NAMES
    assert (told["state"], told["done"], told["of"]) == ("open", 5, 12)
    assert told["steps"][0]["turn"] and told["reopening"] is None
    assert {row["what"] for row in told["steps"][0]["details"]} >= {"网格4"}
    assert signed_in("test-grid1").get(f"{path}03/").status_code == 403
    assert clerk.get(f"{path}07/").status_code == 404
    Month.objects.filter(pk=month.pk).update(state=MonthState.CLOSED)
    assert [row["warning"] for row in head.get(f"{path}03/").json()["reopening"]] == [False]


def test_another_districts_month_is_not_there(district: Any, signed_in: Any) -> None:
    Month.objects.all().delete()
    assert signed_in("test-clerk").post("/closing/2026-03/close/").status_code == 404
    page = signed_in("test-clerk").get("/closing/")
    assert page.status_code == 200


@pytest.mark.parametrize("units", [2, 6])
def test_the_checklist_takes_the_same_queries_for_any_number_of_units(
    units: int, district: Any, django_assert_num_queries: Any
) -> None:
    month = write_month(district, 3)
    for unit in list(district.units.values())[2 + units :]:
        unit.opened_on = date(2026, 4, 1)
        unit.save()
    with django_assert_num_queries(16):
        checklist(month)
