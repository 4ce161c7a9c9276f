"""Objections: raised on notice, answered before approval by others, upheld ones void the round."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from competitions.models import Objection, Round, RoundState
from competitions.services import approve_round
from competitions.services.objections import answer_objection, raise_objection
from orgchart.errors import Invalid, Locked, Refused
from orgchart.models import Notification
from portal.services import settle_published_month
from tests.competitions.contest import PUBLISHED_AT, build_contest
from tests.competitions.test_services import settled

AFTER = PUBLISHED_AT + timedelta(days=5)
API = "/api/v1/competitions/monthly/rounds/2026-03/objections/"


@pytest.fixture
def district(db: None, time_machine: Any) -> Any:
    time_machine.move_to(PUBLISHED_AT + timedelta(hours=1), tick=False)
    return build_contest()


def objected(district: Any, unit: str = "grid1", *, at: Any = PUBLISHED_AT) -> Objection:
    return raise_objection(
        round=Round.objects.exclude(state=RoundState.VOID).get(), unit=district.units[unit],
        text="漏计 3 户", by=district.people[unit], at=at,
    )  # fmt: skip


def answered(district: Any, row: Objection, *, is_upheld: bool = False, by: str = "clerk") -> Any:
    return answer_objection(
        objection=row, is_upheld=is_upheld, answer="已复核", by=district.people[by],
        at=PUBLISHED_AT,
    )  # fmt: skip


def test_an_award_waits_for_the_answer_and_for_somebody_without_part_in_it(district: Any) -> None:
    decided, head = settled(district, 3), district.people["head"]
    row = objected(district)
    with pytest.raises(Locked):  # once a unit
        objected(district)
    with pytest.raises(Locked):
        approve_round(round=decided, by=head, at=AFTER)
    with pytest.raises(Refused):
        answered(district, row, by="grid1")
    answered(district, row)
    assert Notification.objects.get(person=row.raised_by).text_zh.endswith("异议不成立：已复核")
    with pytest.raises(Locked):
        answered(district, row)
    for part in ("clerk", "grid1"):
        with pytest.raises(Refused):
            approve_round(round=decided, by=district.people[part], at=AFTER)
    assert approve_round(round=decided, by=head, at=AFTER).state == RoundState.APPROVED


def test_an_objection_comes_during_the_notice_and_says_why(district: Any) -> None:
    settled(district, 3)
    with pytest.raises(Locked, match="2026-08-05"):
        objected(district, at=PUBLISHED_AT + timedelta(days=3))
    with pytest.raises(Invalid):
        raise_objection(
            round=Round.objects.get(), unit=district.units["grid1"], text=" ",
            by=district.people["grid1"], at=PUBLISHED_AT,
        )  # fmt: skip


def test_an_upheld_objection_voids_the_round_until_the_month_is_published_anew(
    district: Any, signed_in: Any
) -> None:
    decided = settled(district, 3)
    answered(district, objected(district), is_upheld=True)
    decided.refresh_from_db()
    assert (decided.state, decided.void_reason) == (RoundState.VOID, "网格1的异议成立：已复核")
    # The job delivered again for the same publication finds the same figures: nothing.
    settle_published_month(district_id=district.root.pk, month=decided.month)
    assert Round.objects.count() == 1
    page = signed_in("test-staff").get("/competition/?month=2026-03").content.decode()
    assert "<del>城乡结合办事处</del>" in page and "网格1的异议成立：已复核" in page


def test_page_and_api_raise_and_answer(district: Any, signed_in: Any) -> None:
    settled(district, 3)
    grid1, grid2, clerk = (signed_in(f"test-{who}") for who in ("grid1", "grid2", "clerk"))
    assert "决定有误之处" in grid1.get("/competition/?month=2026-03").content.decode()
    grid1.post("/competition/2026-03/object/", {"text": "漏计 3 户"})
    body = grid2.post(API, {"text": "重复计算"}, content_type="application/json")
    assert body.status_code == 201
    assert body.json() == {"unit": "grid2", "text": "重复计算", "upheld": None, "answer": ""}
    assert grid2.post(API, {"text": "又"}, content_type="application/json").status_code == 409
    assert grid2.post(API, {"text": ""}, content_type="application/json").status_code == 400
    page = clerk.get("/competition/?month=2026-03").content.decode()
    assert "漏计 3 户" in page and "2 条待答复" in page
    pk = Objection.objects.get(unit__code="grid1").pk
    clerk.post(f"/competition/objections/{pk}/answer/", {"verdict": "rejected", "answer": "无误"})
    answer = clerk.post(
        f"{API}grid2/answer/", {"upheld": False, "answer": "无误"}, content_type="application/json"
    )
    assert answer.json()["upheld"] is False
    assert [each["upheld"] for each in grid1.get(API).json()] == [False, False]


def test_an_approval_waits_for_an_objection_under_way(database: None) -> None:
    """Without the lock an award could be approved over an objection that nobody answers."""
    district = build_contest(notice_days=1)
    decided = settled(district, 3)
    is_raised, outcomes = threading.Event(), []

    def approve() -> None:
        try:
            is_raised.wait(10)
            approve_round(round=decided, by=district.people["head"], at=AFTER)
            outcomes.append("approved")
        except Locked:
            outcomes.append("refused")
        finally:
            connection.close()

    approving = threading.Thread(target=approve)
    approving.start()
    with transaction.atomic():
        objected(district)
        is_raised.set()
        approving.join(1)
    approving.join(30)
    assert outcomes == ["refused"]
