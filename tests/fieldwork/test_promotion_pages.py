"""Promotions on their pages and in the API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fieldwork.models import Activity, ActivityPhoto
from tests.district import District
from tests.fieldwork.test_promotions import LATER, planned, prepared
from tests.fieldwork.test_visits import photo


@pytest.fixture
def in_march(district: District, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    return prepared(district)


def test_from_the_form_to_the_result_on_the_pages(in_march: District, signed_in: Any) -> None:
    manager, head = signed_in("test-grid1"), signed_in("test-head")
    new = reverse("field_promotion_new")
    typed = {
        "planned_on": "2026-03-17", "setting": "outdoor", "place": "人民广场", "expected": "45",
        "budget": "400", "person": "staff", "unit": "grid1",
    }  # fmt: skip
    page = manager.get(new, {"expected": "38", "planned_on": "2026-03-21"})
    assert 'value="38"' in page.content.decode() and "2026-03-21" in page.content.decode()
    assert manager.post(new, typed | {"expected": "0"}).status_code == 400
    assert manager.post(new, typed | {"setting": "shop"}).status_code == 400
    assert manager.post(new, typed).status_code == 302
    row = Activity.objects.get()
    here = {"code": row.promotion.code}
    path = reverse("field_promotion", kwargs=here)
    assert "批准" not in manager.get(path).content.decode().partition("</header>")[0]
    edit = reverse("field_promotion_edit", kwargs=here)
    assert manager.get(edit).status_code == 200
    back = reverse("field_promotion_return", kwargs=here)
    assert head.post(back, {"version": 1, "reason": "写清物料"}).status_code == 302
    assert "写清物料" in manager.get(path).content.decode()
    assert manager.post(edit, typed | {"version": 2, "materials": "单页"}).status_code == 302
    approve = reverse("field_promotion_approve", kwargs=here)
    assert manager.post(approve, {"version": 3}).status_code == 403
    assert head.post(approve, {"version": 3}).status_code == 302

    staff = signed_in("test-staff")
    assert staff.post(path, {"version": 4, "users": "0", "cost": "100"}).status_code == 400
    result = {"version": 4, "users": "42", "cost": "315.00", "summary": "赶集日人多"}
    assert staff.post(path, result | {"photo": [photo()]}).status_code == 302
    text = staff.get(path).content.decode()
    assert "7.50" in text and "315.00 ÷ 42" in text
    kept = ActivityPhoto.objects.get()
    where = reverse("field_promotion_photo", kwargs={**here, "token": kept.token})
    assert staff.get(where).status_code == 200
    assert signed_in("test-grid2").get(where).status_code == 404
    assert signed_in("test-grid2").get(path).status_code == 404
    for view in ("due", "calendar", "all"):
        answer = manager.get(reverse("field_promotions"), {"view": view})
        assert ("人民广场" in answer.content.decode()) == (view != "due")
    found = manager.get(reverse("field_promotions"), {"view": "all", "state": "late"})
    assert found.context["count"] == 0
    assert manager.get(reverse("field_promotions_export")).status_code == 200
    assert manager.post(reverse("field_promotions_import"), {}).status_code == 400


@pytest.mark.parametrize("view", ["due", "calendar", "all"])
def test_twenty_promotions_cost_as_many_queries_as_two(
    in_march: District, signed_in: Any, view: str
) -> None:
    client = signed_in("test-grid1")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("field_promotions"), {"view": view}).status_code == 200
        return len(asked)

    for _n in range(2):
        planned(in_march)
    cost()
    before = cost()
    for _n in range(18):
        planned(in_march)
    assert cost() == before


def test_the_api_plans_decides_and_reports(in_march: District, signed_in: Any) -> None:
    manager, head = signed_in("test-grid1"), signed_in("test-head")

    def post(client: Any, path: str, body: Any) -> Any:
        path = f"/api/v1/field/promotions/{path}"
        return client.post(path, body, content_type="application/json")

    body = {
        "unit": "grid1", "planned_on": "2026-03-17", "setting": "shop", "place": "a店门前",
        "dealer": "a", "expected": 45, "budget": "400.00", "person": "grid1",
    }  # fmt: skip
    for wrong in ({"unit": "grid2"}, {"budget": "many"}, {"planned_on": "soon"}, {"expected": 0}):
        assert post(manager, "", body | wrong).status_code == 400
    made = post(manager, "", body)
    assert made.status_code == 201, made.content
    one = f"{made.json()['code']}/"
    assert post(manager, one + "approve/", {"version": 1}).status_code == 403
    assert post(head, one + "return/", {"version": 1}).status_code == 400
    assert post(head, one + "approve/", {"version": 1}).json()["decided_by"] == "head"
    assert post(head, one + "approve/", {"version": 2}).status_code == 409
    assert post(manager, one + "result/", {"version": 2, "users": 0}).status_code == 400
    found = post(manager, one + "result/", {"version": 2, "users": 30, "cost": "100"})
    assert (found.json()["cost_per_user"], found.json()["state"]) == ("3.33", "done")
    assert post(manager, one + "cancel/", {"version": 3, "reason": "x"}).status_code == 409
    listed = manager.get("/api/v1/field/promotions/", {"month": "2026-03", "state": "done"})
    assert listed.json()["count"] == 1
    assert manager.get("/api/v1/field/promotions/", {"due": "true"}).json()["count"] == 0
