"""Promotions tied to claims, to the gap of a month and to the ledger; no app knows the others."""

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from fieldwork.models import Activity, Promotion
from orgchart.models import AuditEntry
from portal.queries.promotions import joined, lend
from subsidies.models import Claim, LedgerBatch, LedgerRow
from tests.district import MARCH, NOW, District
from tests.fieldwork.test_visits import outlet
from tests.kpi import bulletin
from tests.kpi.bulletin import EXAMPLE
from tests.subsidies.claims import at, open_claims
from tests.subsidies.test_claim_pages import call, item, set_clock


def promotion(district: District, code: str, unit: str = "grid1", **given: Any) -> Activity:
    row = Activity.objects.create(
        kind="promotion", unit=district.units[unit], planned_on=given.pop("day", date(2026, 3, 7)),
        state=given.pop("state", "approved"), done_at=given.pop("done_at", None),
    )  # fmt: skip
    Promotion.objects.create(
        activity=row,
        code=code,
        made_by=district.people["clerk"],
        submitted_at=NOW,
        **{"setting": "outdoor", "place": f"{code}广场", "expected": 45, "budget": Decimal(100)}
        | given,
    )
    return row


@pytest.fixture
def office(district: District, monkeypatch: pytest.MonkeyPatch) -> District:
    lend()
    open_claims(district)
    set_clock(monkeypatch, at(10))
    return district


def test_a_claim_names_a_promotion_and_both_pages_show_it(office: District, signed_in: Any) -> None:
    staff = signed_in("test-staff")
    promotion(
        office, "CX1", state="done", done_at=NOW, users=30, cost=Decimal("95.50"), summary="好"
    )
    promotion(office, "CX2", state="submitted")
    promotion(office, "CX3", unit="grid2")
    promotion(office, "CX4", day=date(2026, 1, 6))  # too long ago: since 7 January
    promotion(office, "CX5", day=date(2026, 1, 7))
    body = {"unit": "grid1", "month": "2026-03", "items": [item("80.00")], "promotion": "CX1"}
    for code in ("CX2", "CX3", "CX4", "CX9"):
        answer = call(staff, "post", "", body | {"promotion": code})
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/promotion"], code
    assert not Claim.objects.exists()
    other = call(staff, "post", "", body | {"promotion": "CX5"}).json()
    row = call(staff, "post", "", body).json()
    assert row["promotion"] == "CX1"
    # Items written again without naming it keep it; null takes it off.
    again = {"version": row["version"], "items": [item("80.00")]}
    row = call(staff, "put", f"{row['id']}/", again).json()
    assert row["promotion"] == "CX1"

    page = staff.get(reverse("claim", kwargs={"pk": row["id"]})).content.decode()
    assert "CX1广场" in page and "3.18" in page  # 95.50 ÷ 30
    paper = staff.get(reverse("claim_print", kwargs={"pk": row["id"]})).content.decode()
    assert "CX1 CX1广场" in paper
    path = reverse("field_promotion", kwargs={"code": "CX1"})
    claim_url = f"{reverse('claim_new')}?promotion=CX1"
    assert claim_url in staff.get(path).content.decode()
    assert claim_url not in signed_in("test-head").get(path).content.decode()
    budget = "已报销 {} 元".format
    manager = signed_in("test-grid1")
    assert row["number"] in manager.get(path).content.decode()
    assert budget("0.00") in manager.get(path).content.decode()  # a draft asks for nothing
    Claim.objects.filter(pk=row["id"]).update(state="submitted")
    assert budget("80.00") in manager.get(path).content.decode()
    Claim.objects.filter(pk=row["id"]).update(state="checked", granted=Decimal("70.5"))
    assert budget("70.50") in manager.get(path).content.decode()
    Promotion.objects.filter(code="CX1").update(budget=Decimal("70.49"))
    assert "超支 0.01 元" in manager.get(path).content.decode()
    file = b"".join(manager.get(reverse("claims_export")).streaming_content)
    table = list(openpyxl.load_workbook(io.BytesIO(file)).active.iter_rows(values_only=True))
    [place] = [line.index("促销活动") for line in table if "促销活动" in line]
    assert [line[place] for line in table if row["number"] in line] == ["CX1"]
    # Staff see their own claims only, and no sum of a unit's money.
    Claim.objects.filter(pk=row["id"]).update(claimant=office.people["grid1"])
    text = staff.get(path).content.decode()
    assert row["number"] not in text and "已报销" not in text

    edit = reverse("claim_edit", kwargs={"pk": other["id"]})
    assert 'value="CX5" selected' in staff.get(edit).content.decode()
    Activity.objects.filter(promotion__code="CX5").update(planned_on=MARCH.replace(year=2025))
    # It is not offered any more, and stays.
    assert 'value="CX5" selected' in staff.get(edit).content.decode()
    again |= {"version": other["version"]}
    assert call(staff, "put", f"{other['id']}/", again).json()["promotion"] == "CX5"
    again |= {"version": other["version"] + 1, "promotion": None}
    assert call(staff, "put", f"{other['id']}/", again).json()["promotion"] is None
    last = AuditEntry.objects.filter(action="claim.save").latest("pk").changes[0]
    assert (last["before"].get("promotion"), last["after"].get("promotion")) == ("CX5", None)


def test_the_form_of_a_claim_offers_the_units_promotions(office: District, signed_in: Any) -> None:
    staff = signed_in("test-staff")
    promotion(office, "CX1")
    new = reverse("claim_new")
    text = staff.get(new, {"promotion": "CX1"}).content.decode()
    assert 'value="CX1" selected' in text and "CX1广场" in text
    typed = {
        "unit": "grid1", "month": "2026-03", "promotion": "CX1", "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0", "items-0-spent_on": "2026-03-09",
        "items-0-category": "transport", "items-0-amount": "12", "items-0-purpose": "送帐篷",
    }  # fmt: skip
    assert staff.post(new, typed | {"promotion": "CX7"}).status_code == 400
    assert staff.post(new, typed).status_code == 302
    assert Claim.objects.get().promotion == "CX1"


def test_promotions_fill_the_gap_of_example_8(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend()
    bulletin.build(district)
    plan = EXAMPLE["短期计划"]["促销补缺"]
    gap, each = plan["预测缺口(自然日)"], plan["每场预计"]
    set_clock(monkeypatch, datetime(2026, 3, 17, 10, tzinfo=UTC))
    head, manager = signed_in("test-head"), signed_in("test-grid4")

    def filling(client: Any = head, **query: str) -> Any:
        answer = client.get(reverse("pace"), {"month": "2026-03"} | query)
        assert answer.status_code == 200
        return answer.context["filling"]

    found = filling()
    assert f"还缺 {gap} 户，按每场 {each} 户再需 {plan['需场次']} 场" in found["sentence"]
    settings = ["shop"] * plan["节假日店面"] + ["outdoor"] * plan["户外"]
    for number, setting in enumerate(settings[1:]):
        day = date(2026, 3, 18 + number % 14)
        promotion(district, f"CX{number}", "grid4", day=day, setting=setting, expected=each)
    # Held, of another month or not approved: these fill nothing.
    promotion(district, "CX70", "grid4", day=date(2026, 3, 17))
    promotion(district, "CX71", "grid4", day=date(2026, 4, 1))
    promotion(district, "CX72", "grid4", day=date(2026, 3, 31), state="submitted")
    promotion(district, "CX73", "grid4", day=date(2026, 3, 31), state="cancelled")
    found = filling()
    assert (len(found["rows"]), found["note"]) == (16, "1 场待审批")
    share = Fraction(15 * each, gap) * 100
    assert f"{float(share):.2f}%；还缺 38 户，按每场 45 户再需 1 场" in found["sentence"]
    promotion(district, "CX80", "grid4", day=date(2026, 3, 31), expected=each)
    found = filling()
    assert f"预计 {plan['预计补缺']} 户" in found["sentence"] and "缺口已补足" in found["sentence"]
    assert (found["plan_url"], found["is_needed"]) == ("", False)  # the head plans none
    told = head.get("/api/v1/pace/", {"month": "2026-03"}).json()["promotions"]
    assert told == {"yield": each, "needed": 16, "planned": 16, "expected": 720, "waiting": 1}
    assert filling(indicator="mobile_revenue") is None
    assert filling(unit="grid1")["rows"] == []

    found = filling(manager)
    assert found["plan_url"].endswith("?planned_on=2026-03-18&expected=45")
    form = manager.get(found["plan_url"]).context["form"]
    assert (form["expected"].value(), form["planned_on"].value()) == ("45", "2026-03-18")
    short = reverse("unit_plan", kwargs={"unit": "grid4", "month": MARCH})
    found = manager.get(short).context["filling"]
    assert (len(found["rows"]), "&unit=grid4" in found["plan_url"]) == (17, True)
    set_clock(monkeypatch, datetime(2026, 4, 1, 10, tzinfo=UTC))
    assert filling(signed_in("test-grid4"))["plan_url"] == ""  # no day is left


def test_a_dealers_users_are_counted_by_day_where_a_ledger_holds_it(district: District) -> None:
    shop, other = outlet(district, "a"), outlet(district, "b")
    days = [date(2026, 2, 28), MARCH, date(2026, 3, 2)]
    assert joined(shop, days) == [None, None, None]
    batch = LedgerBatch.objects.create(
        district=district.root, month=MARCH, key="k", name="n", loaded_at=NOW,
        loaded_by=district.people["clerk"],
    )  # fmt: skip
    for number, (dealer, day) in enumerate([(shop, MARCH), (shop, MARCH), (other, days[2])]):
        LedgerRow.objects.create(
            batch=batch, dealer=dealer, user=f"u{number}", joined_on=day, first_minutes=1,
            minutes=1, net=1,
        )  # fmt: skip
    assert joined(shop, days) == [None, 2, 0]
    batch.withdrawn_at = NOW
    batch.save()
    assert joined(shop, days) == [None, None, None]


def test_a_process_without_routes_is_lent_to_as_well() -> None:
    """A worker that is told to skip the system checks makes none."""
    script = """
import django
django.setup()
import sys
from competitions.queries import campaign_sources
from subsidies.queries import promotions
assert "config.urls" not in sys.modules
assert promotions.LENT and "ledger" in campaign_sources.LENT
"""
    subprocess.run([sys.executable, "-c", script], check=True)
