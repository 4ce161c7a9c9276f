"""kpi's pages: figures of example 4, scoping by unit, both languages, steady query counts."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpi.models import Event
from kpi.services.months import close_month
from tests.district import NOW, District, build_district
from tests.kpi import march
from tests.kpi.scheme import EXAMPLE
from tests.worked_examples import UNITS

CARD = "/cards/{unit}/2026-03/"


@pytest.fixture
def scored(district: District) -> District:
    march.publish_card(district)
    march.report_march(district)
    march.score(district)
    return district


def text(client: Client, path: str, language: str = "en") -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def test_a_card_shows_every_line_of_the_example(scored: District, signed_in) -> None:
    page = text(signed_in("test-grid1"), CARD.format(unit="grid1"))
    for figure in ("102.77", "31.52", "20.70", "10.56", "8.80", "8.19", "4.50", "+1.50", "16.38"):
        assert figure in page, figure
    assert "short by 3 户" in page
    assert "少 3 户" in text(signed_in("test-grid1"), CARD.format(unit="grid1"), "zh-hans")


@pytest.mark.parametrize("name", EXAMPLE["base_case"])
def test_each_units_card_has_the_points_of_the_example(scored, signed_in, name: str) -> None:
    case = EXAMPLE["base_case"][name]
    client = signed_in("test-head")
    client.get(CARD.format(unit=UNITS[name]))
    context = client.get(CARD.format(unit=UNITS[name])).context
    shown = {row["code"]: row["points"] for row in context["lines"]}
    assert shown == {code: line["score"] for code, line in case["items"].items()}
    foot = {row["points"] for row in context["foot"]}
    assert {case["基础得分"], case["总分"]} <= foot
    page = text(client, CARD.format(unit=UNITS[name]))
    for figure in (*filter(None, shown.values()), case["总分"]):
        assert figure in page, figure


def test_workings_open_to_formula_sources_and_what_is_missing(scored, signed_in) -> None:
    page = text(signed_in("test-head"), CARD.format(unit="grid1") + "K4/")
    assert "10 × min(120%, 22 ÷ 25)" in page
    assert "3 户 more" in page and "+1.20" in page and "+3.20" in page
    assert scored.people["clerk"].name in page
    assert "fixed_line first reported 7" in page and "broadband first reported 15" in page
    assert "136.67" in page  # the same item of the urban-rural office
    assert "<polyline" in page
    ratio = text(signed_in("test-head"), CARD.format(unit="grid1") + "K5/")
    assert "Mobile gross adds first reported 1,148" in ratio, "a part by name, as reported"
    assert "Mobile net adds 188 ÷ Mobile gross adds 1,148 = 16.38%" in ratio
    assert "sheet 4-2" not in ratio, "bands need no task"


def test_workings_of_events_name_who_noted_them(scored: District, signed_in) -> None:
    page = text(signed_in("test-grid4"), CARD.format(unit="grid4") + "K8/")
    assert scored.people["auditor"].name in page
    assert "Valid complaint" in page


def test_a_manager_sees_no_other_units_workings(scored: District, signed_in) -> None:
    client = signed_in("test-grid1")
    assert "136.67" not in text(client, CARD.format(unit="grid1") + "K4/")
    assert client.get(CARD.format(unit="grid2")).status_code == 403
    assert client.get(CARD.format(unit="grid2") + "K4/").status_code == 403
    assert client.get("/actuals/?unit=grid2").status_code == 404
    assert client.get("/events/").status_code == 200


def test_another_districts_card_does_not_exist(scored: District, signed_in) -> None:
    build_district("other", unit_codes=("west",))
    assert signed_in("test-head").get(CARD.format(unit="west")).status_code == 404


def test_the_list_of_one_card_is_that_card(scored: District, signed_in) -> None:
    answer = signed_in("test-grid1").get("/cards/?month=2026-03")
    assert (answer.status_code, answer["Location"]) == (302, CARD.format(unit="grid1"))
    page = text(signed_in("test-head"), "/cards/?month=2026-03")
    assert page.index("118.10") < page.index("102.77") < page.index("26.62")


def test_a_manager_gets_the_fields_of_the_own_unit(scored: District, signed_in) -> None:
    page = text(signed_in("test-grid2"), "/actuals/?month=2026-03")
    assert "data-sheet-form" in page and "grid1" not in page
    assert 'data-value="28.81"' in page and "data-percent" in page
    assert "readonly" not in page


def test_the_clerk_gets_the_sheet_and_the_head_reads_it(scored: District, signed_in) -> None:
    page = text(signed_in("test-clerk"), "/actuals/?month=2026-03")
    assert reverse("api_actuals_sheet") in page
    page = text(signed_in("test-head"), "/actuals/?month=2026-03")
    assert "data-sheet " in page and reverse("api_actuals_sheet") not in page


def test_what_is_missing_is_never_shown_as_zero(district: District, signed_in) -> None:
    page = text(signed_in("test-clerk"), "/actuals/?month=2026-03")
    assert 'data-value="0' not in page and "Not reported" in page


def test_a_closed_month_is_read_only(scored: District, signed_in) -> None:
    close_month(month=scored.month, by=scored.people["clerk"], at=NOW)
    page = text(signed_in("test-grid2"), "/actuals/?month=2026-03")
    assert "readonly" in page and reverse("api_actuals_sheet") not in page


def test_events_are_noted_and_voided(scored: District, signed_in) -> None:
    client = signed_in("test-auditor")
    unit = scored.units["grid2"]
    form = {"unit": unit.pk, "kind": "audit_finding", "count": "1", "note": "号源差错"}
    assert client.post("/events/?month=2026-03", form).status_code == 302
    event = Event.objects.get(note="号源差错")
    assert client.post(f"/events/{event.pk}/void/", {"reason": "误记"}).status_code == 302
    event.refresh_from_db()
    assert event.voided_at is not None


def test_a_refused_event_keeps_what_was_typed(scored: District, signed_in) -> None:
    form = {"unit": scored.units["grid2"].pk, "kind": "veto", "count": "1", "note": ""}
    answer = signed_in("test-auditor").post(
        "/events/?month=2026-03", form, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 200
    assert "Write what the veto is for." in answer.content.decode()
    assert not Event.objects.filter(kind="veto", unit=scored.units["grid2"]).exists()


def test_managers_note_no_events(scored: District, signed_in) -> None:
    client = signed_in("test-grid2")
    form = {"unit": scored.units["grid2"].pk, "kind": "new_group", "count": "9"}
    assert client.post("/events/?month=2026-03", form).status_code == 403
    event = Event.objects.filter(unit=scored.units["grid2"]).first()
    assert event and client.post(f"/events/{event.pk}/void/", {"reason": "x"}).status_code == 403


def test_score_rules_say_each_rule_and_draw_its_curve(scored: District, signed_in) -> None:
    page = text(signed_in("test-staff"), "/rules/")
    assert "weight × rate, capped at 120%; no points below 60%" in page
    assert "from 16%: 10" in page
    assert page.count("<polyline") == 9


@pytest.mark.parametrize("path", [
    "/cards/?month=2026-03", "/actuals/?month=2026-03", "/events/?month=2026-03",
])  # fmt: skip
def test_pages_ask_as_often_for_6_units_as_for_2(db, signed_in, path: str) -> None:
    counts = []
    for code, units in (("few", ("grid1", "grid2")), ("many", tuple(march.UNITS.values()))):
        district = build_district(code, unit_codes=units)
        march.publish_card(district)
        march.report_march(district)
        march.score(district)
        client = signed_in(f"{code}-head")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
