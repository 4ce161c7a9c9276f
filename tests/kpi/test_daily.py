"""Daily figures: they feed the month's actual, do not fall without a note, stop with the month."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpi.models import Actual, DailyFigure, Month, MonthState
from kpi.rules.daily import course, together
from kpi.services.actuals import save_actuals
from orgchart import jobs
from orgchart.errors import Doubtful, Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import bulletin, march
from tests.kpi.bulletin import AS_OF, GROSS, entry, save

API = "/api/v1/daily/"
SIXTEENTH, EIGHTEENTH = AS_OF.replace(day=16), AS_OF.replace(day=18)


def actual(district: District, unit: str = "grid1") -> tuple[Decimal | None, date] | None:
    row = Actual.objects.filter(unit=district.units[unit], month=MARCH).first()
    return (row.value, row.as_of) if row else None


def test_the_latest_figure_is_the_months_actual(district: District) -> None:
    save(district, entry(district, "grid1", AS_OF, 561))
    assert actual(district) == (Decimal(561), AS_OF)
    save(district, entry(district, "grid1", SIXTEENTH, 530))  # reported late: nothing newer
    assert actual(district) == (Decimal(561), AS_OF)
    save(district, entry(district, "grid1", EIGHTEENTH, 590))
    assert actual(district) == (Decimal(590), EIGHTEENTH)


def test_an_actual_of_a_later_day_stays(district: District) -> None:
    save_actuals(
        district=district.root, cells=[march.cell(district, "grid1", GROSS, 1148)], by=None, at=NOW
    )
    save(district, entry(district, "grid1", AS_OF, 561))
    assert actual(district) == (Decimal(1148), date(2026, 3, 31))


def test_a_figure_taken_back_leaves_the_one_before(district: District) -> None:
    save(district, entry(district, "grid1", SIXTEENTH, 530), entry(district, "grid1", AS_OF, 561))
    save(district, entry(district, "grid1", AS_OF, None, 1))
    assert actual(district) == (Decimal(530), SIXTEENTH)
    save(district, entry(district, "grid1", SIXTEENTH, None, 1))
    assert actual(district)[0] is None


def test_a_new_figure_owes_a_rescore_of_its_month(district: District) -> None:
    march.publish_card(district)
    jobs.drain()
    save(district, entry(district, "grid1", AS_OF, 561))
    owed = [each for each in jobs.pending() if MARCH in each]
    assert len(owed) == 1 and "rescore" in owed[0]


@pytest.mark.parametrize(("day", "value"), [(EIGHTEENTH, 560), (SIXTEENTH, 562)])
def test_a_sum_that_falls_needs_a_note(district: District, day: date, value: int) -> None:
    save(district, entry(district, "grid1", AS_OF, 561))
    with pytest.raises(Doubtful) as refused:
        save(district, entry(district, "grid1", day, value))
    (doubt,) = refused.value.extra["doubts"]
    assert (doubt["code"], doubt["index"], doubt["day"]) == ("falls", 0, day.isoformat())
    assert DailyFigure.objects.count() == 1
    save(district, entry(district, "grid1", day, value, note="退户 1 户"))
    assert DailyFigure.objects.get(day=day).note == "退户 1 户"


def test_equal_figures_and_net_figures_need_none(district: District) -> None:
    save(district, entry(district, "grid1", SIXTEENTH, 561), entry(district, "grid1", AS_OF, 561))
    net = "mobile_net_adds"
    save(district, entry(district, "grid1", SIXTEENTH, 90, indicator=net))
    save(district, entry(district, "grid1", AS_OF, -5, indicator=net))


def test_a_slip_is_doubted_beside_the_whole_of_last_month(district: District) -> None:
    Month.objects.create(district=district.root, month=date(2026, 2, 1))
    save(district, entry(district, "grid1", date(2026, 2, 28), "28.07", indicator="mobile_revenue"))
    slip = entry(district, "grid1", AS_OF, "288100", indicator="mobile_revenue")
    with pytest.raises(Doubtful) as refused:
        save(district, slip)
    (doubt,) = refused.value.extra["doubts"]
    assert (doubt["code"], doubt["suggestion"]) == ("unit_slip", "28.81")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"day": date(2026, 4, 3)}, "/0/day"),  # a day after NOW
        ({"value": "10.5"}, "/0/value"),
        ({"indicator": "effective_rate"}, "/0/indicator"),
        ({"indicator": "fixed_net_adds"}, "/0/breakdown"),
    ],
)
def test_what_can_be_no_figure_is_refused_in_its_place(
    district: District, given: dict[str, Any], pointer: str
) -> None:
    Month.objects.create(district=district.root, month=date(2026, 4, 1))
    fields = {"unit": "grid1", "day": AS_OF, "value": "5"} | given
    with pytest.raises(Invalid) as refused:
        save(district, entry(district, **fields))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert not DailyFigure.objects.exists()


def test_nothing_of_a_batch_is_written_when_one_is_refused(district: District) -> None:
    good, bad = entry(district, "grid1", AS_OF, 5), entry(district, "grid2", AS_OF, "5.5")
    with pytest.raises(Invalid):
        save(district, good, bad)
    assert not DailyFigure.objects.exists() and not Actual.objects.exists()


def test_an_old_version_is_refused_with_both_figures(district: District) -> None:
    save(district, entry(district, "grid1", AS_OF, 561))
    with pytest.raises(VersionConflict) as refused:
        save(district, entry(district, "grid1", AS_OF, 565))
    (conflict,) = refused.value.extra["conflicts"]
    assert (conflict["yours"], conflict["theirs"], conflict["version"]) == ("565", "561", 1)


def test_a_closed_month_refuses_also_in_the_database(district: District) -> None:
    save(district, entry(district, "grid1", AS_OF, 561))
    Month.objects.update(state=MonthState.CLOSED)
    with pytest.raises(Locked):
        save(district, entry(district, "grid1", EIGHTEENTH, 590))
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyFigure.objects.update(value=Decimal(1))


def test_the_trail_has_every_figure_once(district: District) -> None:
    save(district, entry(district, "grid1", SIXTEENTH, 530), entry(district, "grid1", AS_OF, 561))
    trail = AuditEntry.objects.get(action="daily.save")
    assert trail.subject == "daily/grid1/2026-03"
    assert [change["after"] for change in trail.changes] == ["530", "561"]


def test_a_course_stands_between_its_days() -> None:
    one = course({SIXTEENTH: Decimal(5), EIGHTEENTH: Decimal(9), AS_OF: None})
    assert [one.on(day) for day in (MARCH, SIXTEENTH, AS_OF, EIGHTEENTH)] == [None, 5, 5, 9]
    assert one.last == (EIGHTEENTH, Decimal(9)) and one.fall_at(EIGHTEENTH) is None
    other = course({AS_OF: Decimal(1)})
    assert together([one, other], [1, -2]).points == ((AS_OF, Decimal(3)), (EIGHTEENTH, Decimal(7)))


@pytest.fixture
def clerk(district: District, signed_in) -> Client:
    return signed_in("test-clerk")


def sent(**more: Any) -> dict[str, Any]:
    return {
        "unit": "grid1", "indicator": GROSS, "breakdown": None, "day": "2026-03-17",
        "value": "561", "version": None,
    } | more  # fmt: skip


def post(client: Client, body: Any, path: str = API) -> Any:
    return client.post(path, data=body, content_type="application/json")


def test_figures_come_back_from_the_api_as_they_went(district: District, clerk: Client) -> None:
    answer = post(clerk, [sent(), sent(unit="grid2", value="486")])
    assert answer.status_code == 200, answer.content
    found = clerk.get(f"{API}?month=2026-03&unit=grid1").json()["results"]
    assert [(row["day"], row["value"], row["version"]) for row in found] == [
        ("2026-03-17", "561", 1)
    ]
    assert found[0]["by"] == district.people["clerk"].name


def test_the_sheet_is_told_which_cell_falls(district: District, clerk: Client) -> None:
    path = f"{API}sheet/"
    assert post(clerk, {"cells": [sent(breakdown="all")]}, path).status_code == 200
    falls = sent(breakdown="all", day="2026-03-18", value="560")
    answer = post(clerk, {"cells": [falls]}, path)
    assert answer.status_code == 422
    (doubt,) = answer.json()["doubts"]
    assert (doubt["day"], doubt["breakdown"]) == ("2026-03-18", "all")
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/cells/0/value" and doubt["detail"] in fault["detail"]
    answer = post(clerk, {"cells": [falls | {"reason": "退户 1 户"}]}, path).json()
    assert answer["cells"] == [
        {"unit": "grid1", "indicator": GROSS, "breakdown": "all", "day": "2026-03-18",
         "value": "560", "version": 1}
    ]  # fmt: skip


def test_others_units_and_bad_days_are_refused(district: District, signed_in) -> None:
    client = signed_in("test-grid1")
    assert post(client, [sent(unit="grid2")]).status_code == 403
    answer = post(client, [sent(day="17.3.2026")])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/0/day")
    assert client.get(f"{API}?month=2026-03&unit=grid2").status_code == 403
    assert not DailyFigure.objects.exists()


def test_the_pages_show_the_units_day_and_the_months_sheet(district, signed_in) -> None:
    bulletin.build(district)
    page = signed_in("test-grid1").get("/daily/?day=2026-03-17").content.decode()
    assert 'data-value="561"' in page and "任务 1,109" in page and "3月16日 561" in page
    assert "燃起图" in page and "按现速月末 1,023" in page
    assert "grid2" not in page
    sheet = signed_in("test-clerk").get("/daily/?month=2026-03").content.decode()
    assert sheet.count("data-cell") == 6 * 31
    assert 'data-value="812"' in sheet
    pace = signed_in("test-head").get("/pace/?month=2026-03").content.decode()
    for figure in ("6,159", "2,987", "227", "5,446", "−28.04", "95.57%", "21.63%", "+3.36%"):
        assert figure in pace, figure
    english = signed_in("test-head").get("/pace/?month=2026-03", headers={"Accept-Language": "en"})
    assert "6.34 pp behind time" in english.content.decode()


@pytest.mark.parametrize("name,calendar", bulletin.CALENDARS.items())
def test_the_page_of_pace_follows_each_calendar(district, signed_in, name, calendar) -> None:
    bulletin.build(district)
    expected = bulletin.EXAMPLE["calendars"][name]
    page = signed_in("test-head").get(f"/pace/?month=2026-03&calendar={calendar}")
    shown = page.content.decode()
    for figure in (
        expected["时间进度"],
        f"{expected['日均需完成(取整)']:,}",
        f"{expected['按现速预测']:,}",
        f"{expected['预测缺口']:,}",
    ):
        assert figure in shown, figure
    plan = bulletin.EXAMPLE["短期计划"]
    if calendar == "mon_sat":
        for week in plan["每周"].values():
            assert f"周 {week['工作日']} 天 {week['任务']:,}" in shown
    if calendar == "natural":
        assert f"{plan['促销补缺']['需场次']} 场" in shown


def test_a_year_without_working_days_says_so_and_shows_natural_days(district, signed_in) -> None:
    Month.objects.create(district=district.root, month=date(2031, 3, 1))
    page = signed_in("test-head").get("/pace/?month=2031-03&calendar=cn_workdays")
    assert "2031 年的法定工作日还没有公布" in page.content.decode()


def test_the_head_sets_the_rule_from_a_day_on(district: District, signed_in) -> None:
    given = {"valid_from": "2026-03-01", "calendar": "mon_sat", "promotion_yield": "50"}
    client = signed_in("test-head")
    assert client.post("/pace/rule/", given).status_code == 302
    assert client.get("/api/v1/pace/?month=2026-03").json()["calendar"] == "mon_sat"
    assert client.get("/api/v1/pace/?month=2026-02").json()["calendar"] == "natural"
    wrong = client.post("/pace/rule/", given | {"promotion_yield": "0"})
    assert wrong.status_code == 400 and 'value="0"' in wrong.content.decode()
    assert AuditEntry.objects.filter(action="pace.rule").count() == 1


@pytest.mark.parametrize("path", ["/daily/?month=2026-03", "/pace/?month=2026-03"])
def test_pages_take_as_many_queries_for_2_units_as_for_20(path, db, signed_in) -> None:
    counts = []
    for code, count in (("two", 2), ("many", 20)):
        units = tuple(f"{code}-{n}" for n in range(count))
        made = build_district(code, unit_codes=units)
        for unit in units:
            march.set_task(made, unit, GROSS, 100)
        save(made, *[entry(made, unit, AS_OF, 50) for unit in units])
        client = signed_in(f"{code}-head")
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
