"""Pages, exports and API show what the reader's scope covers, in a steady number of queries."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token

from orgchart import audit
from orgchart.models import (
    AuditEntry,
    Dealer,
    Person,
    Post,
    Role,
    Supervision,
    Tenure,
    Unit,
    UnitKind,
    UnitPlacement,
)
from orgchart.services.dealers import open_dealer
from tests.district import NOW, START, District, build_district

PAGES = (
    "/organisation/", "/organisation/units/grid1/", "/organisation/posts/",
    "/organisation/dealers/", "/organisation/dealers/d-grid1/", "/organisation/affiliations/",
    "/organisation/people/", "/organisation/people/grid1/", "/trail/",
)  # fmt: skip


def add_dealer(district: District, unit: str, code: str = "", **fields: Any) -> Dealer:
    return open_dealer(
        **{
            "district": district.root, "code": code or f"d-{unit}", "name_zh": f"网点{unit}{code}",
            "tier": "t1", "kind": "partner_hall", "unit": district.units[unit],
            "opened_on": START, "account_manager": district.people[unit],
            "by": district.people["clerk"], "at": NOW,
        }
        | fields
    )  # fmt: skip


@pytest.fixture
def dealers(district: District) -> dict[str, Dealer]:
    return {unit: add_dealer(district, unit) for unit in ("grid1", "grid2")}


@pytest.mark.parametrize("path", PAGES)
def test_everybody_with_the_right_gets_the_page(
    district: District, dealers: Any, signed_in, path: str
) -> None:
    for account in ("head", "clerk", "admin", "grid1"):
        assert signed_in(f"test-{account}").get(path).status_code == 200, account


@pytest.mark.parametrize(
    "path",
    [
        "/organisation/units/grid2/", "/organisation/dealers/d-grid2/",
        "/organisation/people/grid2/", "/api/v1/units/grid2/", "/api/v1/dealers/d-grid2/",
    ],
)  # fmt: skip
def test_what_belongs_to_another_unit_is_not_found(
    district: District, dealers: Any, signed_in, path: str
) -> None:
    assert signed_in("test-grid1").get(path).status_code == 404
    assert signed_in("test-clerk").get(path).status_code == 200


def test_a_manager_sees_no_other_unit_in_any_list(
    district: District, dealers: Any, signed_in
) -> None:
    client = signed_in("test-grid1")
    for path in ("/organisation/", "/organisation/affiliations/", "/organisation/people/"):
        page = client.get(path).content.decode()
        assert "网格1" in page
        assert "网格2" not in page, path
    for path in ("/organisation/dealers/", "/organisation/dealers/?state=all", "/trail/"):
        page = client.get(path).content.decode()
        assert "网点grid1" in page
        assert "网点grid2" not in page, path


def test_a_filter_does_not_widen_the_scope(district: District, dealers: Any, signed_in) -> None:
    client = signed_in("test-grid1")
    for query in ("?unit=grid2", "?manager=grid2", "?words=网点grid2"):
        response = client.get(f"/organisation/dealers/{query}")
        listed = [row.record.code for row in response.context["table"].rows]
        assert "d-grid2" not in listed, query


def test_another_district_is_not_found_and_not_counted(district: District, signed_in) -> None:
    other = build_district("other")
    add_dealer(other, "grid1", "theirs")
    Unit.objects.filter(pk=other.units["grid3"].pk).update(code="only-theirs")
    client = signed_in("test-clerk")
    for path in (
        "/organisation/units/only-theirs/", "/organisation/dealers/theirs/",
        "/api/v1/units/only-theirs/", "/organisation/units/only-theirs/close/",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.get("/api/v1/dealers/").json()["count"] == 0
    assert client.get("/api/v1/affiliations/").json()["total"] == 0
    assert "theirs" not in client.get("/trail/").content.decode()


def test_nobody_but_clerk_and_admin_changes_the_organisation(
    district: District, dealers: Any, signed_in
) -> None:
    paths = (
        "/organisation/new-unit/", "/organisation/units/grid1/move/",
        "/organisation/units/grid1/close/", "/organisation/units/grid1/supervisor/",
        "/organisation/appoint/", "/organisation/new-dealer/",
        "/organisation/dealers/d-grid1/move/", "/organisation/new-person/",
    )  # fmt: skip
    before = AuditEntry.objects.count()
    for account in ("head", "auditor", "grid1", "staff", "supervisor"):
        client = signed_in(f"test-{account}")
        for path in paths:
            assert client.post(path, {}).status_code in {403, 404}, (account, path)
    assert AuditEntry.objects.count() == before


def test_only_the_administrator_touches_accounts(district: District, signed_in) -> None:
    path = "/organisation/people/staff/account/"
    assert signed_in("test-clerk").post(path, {"step": "reset"}).status_code == 403
    response = signed_in("test-admin").post(path, {"step": "reset"})
    assert response.status_code == 200
    assert response.headers["Cache-Control"].count("no-store") == 1
    assert district.people["staff"].user.check_password("demo")
    district.people["staff"].user.refresh_from_db()
    assert not district.people["staff"].user.check_password("demo")
    assert response.context["password"] in response.content.decode()


def test_an_empty_request_does_not_block_an_account(district: District, signed_in) -> None:
    path = "/organisation/people/staff/account/"
    assert signed_in("test-admin").post(path).status_code == 400
    district.people["staff"].user.refresh_from_db()
    assert district.people["staff"].user.is_active


def test_a_form_that_is_refused_keeps_its_input_and_says_where(
    district: District, signed_in
) -> None:
    form = {
        "code": "grid1", "kind": "grid", "parent": district.root.pk, "opened_on": "2026-06-01",
        "name_zh": "新网格", "position": "7",
    }  # fmt: skip
    response = signed_in("test-clerk").post("/organisation/new-unit/", form)
    assert response.status_code == 400
    assert response.context["form"].errors == {"code": ["本区另一单元已用这个编码。"]}
    assert 'value="新网格"' in response.content.decode()


def test_a_conflict_is_told_and_the_second_attempt_goes_through(
    district: District, signed_in
) -> None:
    client, path = signed_in("test-clerk"), "/organisation/units/grid1/rename/"
    form = {"name_zh": "甲", "position": "0", "version": "1"}
    assert client.post(path, form).status_code == 302
    response = client.post(path, form | {"name_zh": "乙"})
    assert response.status_code == 409
    assert "clerk甲" in response.content.decode()
    assert response.context["form"]["version"].value() == 2
    assert client.post(path, form | {"name_zh": "乙", "version": "2"}).status_code == 302
    assert Unit.objects.get(pk=district.units["grid1"].pk).name_zh == "乙"


def test_a_clerk_names_a_supervisor_on_the_page(district: District, signed_in) -> None:
    form = {"person": district.people["auditor"].pk, "valid_from": "2026-11-01", "version": "1"}
    response = signed_in("test-clerk").post("/organisation/units/grid1/supervisor/", form)
    assert response.status_code == 302
    assert Supervision.objects.get(unit=district.units["grid1"]).person.code == "auditor"


def test_the_chart_of_a_past_day_is_asked_for_in_the_address(district: District, signed_in) -> None:
    client = signed_in("test-clerk")
    assert "网格1" in client.get("/organisation/?on=2026-01-01").content.decode()
    assert "网格1" not in client.get("/organisation/?on=2025-12-31").content.decode()
    assert client.get("/organisation/?on=yesterday").status_code == 200


def test_the_trail_reads_before_and_after(district: District, dealers: Any, signed_in) -> None:
    audit.record(
        by=district.people["clerk"], at=NOW, action="actuals.save", subject="actuals/2026-03",
        district=district.root, unit=district.units["grid1"],
        changes=[
            {"key": {"unit": unit, "indicator": "mobile_revenue"}, "before": None, "after": after}
            for unit, after in (("grid1", "34.62"), ("grid2", "99.99"))
        ],
    )  # fmt: skip
    page = signed_in("test-clerk").get("/trail/?subject=actuals").content.decode()
    assert "34.62" in page
    assert "99.99" in page
    own = signed_in("test-grid1").get("/trail/?subject=actuals").content.decode()
    assert "34.62" in own
    assert "99.99" not in own


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("?subject=dealer/d-grid1", 1), ("?by=clerk", 2), ("?by=head", 0),
     ("?unit=grid2", 1), ("?action=open_dealer", 2), ("?since=2026-04-03", 0),
     ("?until=2026-04-01", 0), ("?since=2026-04-02&until=2026-04-02", 2), ("?since=x", 2)],
)  # fmt: skip
def test_the_trail_is_narrowed(
    district: District, dealers: Any, signed_in, query: str, count: int
) -> None:
    assert signed_in("test-clerk").get(f"/trail/{query}").context["count"] == count


def test_a_token_opens_the_api_within_the_scope(district: District, dealers: Any, client) -> None:
    token = Token.objects.create(user=district.people["grid1"].user)
    headers = {"Authorization": f"Token {token.key}"}
    answer = client.get("/api/v1/dealers/", headers=headers).json()
    assert [(row["code"], row["unit"]) for row in answer["results"]] == [("d-grid1", "grid1")]
    people = client.get("/api/v1/people/", headers=headers).json()["results"]
    assert {row["code"] for row in people} == {"grid1", "staff"}
    assert client.get("/api/v1/affiliations/?on=soon", headers=headers).status_code == 400
    assert client.get("/api/v1/units/").status_code == 401


def test_the_exports_hold_what_the_page_shows(district: District, dealers: Any, signed_in) -> None:
    add_dealer(district, "grid1", "x1", name_zh="=1+1", account_manager=None)
    client = signed_in("test-grid1")
    sheet = _sheet(client.get("/organisation/dealers.xlsx"))
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["d-grid1", "x1"]
    assert (sheet["B3"].value, sheet["B3"].data_type) == ("=1+1", "s")
    statistics = _sheet(client.get("/organisation/affiliations.xlsx"))
    *_rest, last = statistics.iter_rows(values_only=True)
    assert last[-1] == 2


def _sheet(response: Any) -> Any:
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(response.content), data_only=True).active


def grow(district: District, number: int) -> None:
    """Add a unit with a person, a supervisor and a dealer."""
    code = f"more{number}"
    unit = Unit.objects.create(
        code=code, kind=UnitKind.GRID, name_zh=code, parent=district.root, opened_on=START,
        district=district.root,
    )  # fmt: skip
    UnitPlacement.objects.create(unit=unit, parent=district.root, valid_from=START)
    person = Person.objects.create(district=district.root, code=code, name_zh=code)
    post = Post.objects.get(district=district.root, role=Role.MANAGER)
    Tenure.objects.create(person=person, post=post, unit=unit, valid_from=START)
    Supervision.objects.create(person=person, unit=unit, valid_from=START)
    district.units[code], district.people[code] = unit, person
    add_dealer(district, code)


@pytest.mark.parametrize(
    "path",
    [
        "/organisation/", "/organisation/dealers/", "/organisation/affiliations/",
        "/organisation/people/", "/organisation/posts/", "/trail/", "/organisation/dealers.xlsx",
        "/api/v1/units/", "/api/v1/dealers/", "/api/v1/people/", "/api/v1/affiliations/",
    ],
)  # fmt: skip
def test_twenty_rows_take_as_many_queries_as_two(district: District, signed_in, path: str) -> None:
    client = signed_in("test-clerk")
    counts = []
    for numbers in (range(2), range(2, 20)):
        for number in numbers:
            grow(district, number)
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_closed_dealer_is_listed_only_when_asked_for(
    district: District, dealers: Any, signed_in
) -> None:
    Dealer.objects.filter(code="d-grid1").update(closed_on=date(2026, 2, 1))
    dealers["grid1"].affiliations.update(valid_to=date(2026, 2, 1))
    client = signed_in("test-grid1")
    assert client.get("/organisation/dealers/").context["count"] == 0
    assert client.get("/organisation/dealers/?state=closed").context["count"] == 1
    assert client.get("/organisation/dealers/d-grid1/").status_code == 200
