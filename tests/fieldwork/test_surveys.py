"""Surveys: forms in versions, sheets sent once a subject, late ones chased."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from fieldwork.models import SURVEY_KINDS, Activity, Form, Survey
from fieldwork.queries.surveys import Progress, rounds, sheets_of, survey_form
from fieldwork.rules.surveys import (
    DUE,
    chosen,
    default_fields,
    due_day,
    mean,
    numbers,
    share,
    total,
)
from fieldwork.services.forms import answers_of
from fieldwork.services.surveys import (
    add_sheet,
    cancel_sheet,
    chase,
    close_survey,
    give_sheet,
    open_survey,
    save_survey_form,
    send_sheet,
)
from orgchart.errors import DomainError, Invalid, Locked, Refused, VersionConflict
from orgchart.models import AuditEntry, Notification
from portal.demo.fieldwork import surveys as invented
from portal.demo.fieldwork.accounts import accounts
from tests.district import District, build_district
from tests.fieldwork.test_accounts import at_once
from tests.subsidies.test_claim_pages import set_clock

OPENED = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
BEGUN, DAY = date(2026, 3, 9), date(2026, 3, 28)
ON_DAY = datetime(2026, 3, 28, 15, 30, tzinfo=UTC)  # 23:30 in the district
AFTER = datetime(2026, 3, 28, 16, 30, tzinfo=UTC)  # 00:30 of the 29th
SHOP = {"outlet": "城东移动厅", "operator": "移动"}


def opened(district: District, *units: str, **more: Any) -> Survey:
    return open_survey(
        district=district.root, kind=more.pop("kind", "rival_channel"), name_zh="三月调查",
        deadline=DAY, units=[district.units[code] for code in units or ("grid1", "grid2")],
        by=district.people["clerk"], at=OPENED, **more,
    )  # fmt: skip


def sheet_of(survey: Survey, unit: str = "grid1") -> Activity:
    return survey.sheets.get(unit__code=unit)


def sent(district: District, row: Activity, by: str = "staff", **more: Any) -> Activity:
    row.refresh_from_db()
    return send_sheet(
        sheet=row, version=row.version, answers=more.pop("answers", SHOP), by=district.people[by],
        at=more.pop("at", OPENED), may_stand_in=by == "grid1",
    )  # fmt: skip


# --- rules and forms -------------------------------------------------------------------------


def test_the_four_forms_have_the_days_of_the_plan() -> None:
    assert set(DUE) == set(SURVEY_KINDS)
    days = {kind: due_day(kind, date(2026, 3, 20)) for kind in SURVEY_KINDS}
    assert days == {
        "promotion_plan": date(2027, 3, 19), "channel_visit": date(2026, 3, 20),
        "rival_channel": date(2026, 3, 28), "market": date(2026, 3, 30),
    }  # fmt: skip
    for kind in SURVEY_KINDS:
        fields = default_fields(kind)
        assert (fields[0]["type"], fields[0]["required"]) == ("text", True)


def test_what_was_not_answered_is_never_zero() -> None:
    rows = [{"n": 3, "b": True}, {"n": "1.50", "b": False}, {"n": "", "b": ""}, {"b": True}]
    values = numbers(rows, "n")
    assert (total(values), mean(values)) == (Decimal("4.50"), Fraction(9, 4))
    assert (total([]), mean([])) == (None, None)
    assert (share(rows, "b").rate, share([{}], "b").rate) == (Fraction(2, 3), None)
    assert chosen([{"c": "好"}, {"c": "差"}, {"c": "好"}], "c", ["好", "中", "差"]) == {
        "好": 2, "中": 0, "差": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("number", "0", 0), ("number", "3.00", 3), ("average", "46.5", "46.50"),
        ("number", "-1", None), ("number", "1.005", None), ("number", "NaN", None),
        ("number", "1e9", None), ("number", "999999999.99", "999999999.99"),
        ("yes_no", "yes", True), ("yes_no", False, False), ("yes_no", "on", None),
        ("date", "2026-03-28", "2026-03-28"), ("date", "2026-02-29", None),
        ("choice", "移动", "移动"), ("choice", "铁通", None),
        ("text", "字" * 500, "字" * 500), ("text", "字" * 501, None),
    ],
)  # fmt: skip
def test_each_kind_takes_what_it_is_made_for(kind: str, text: Any, kept: Any) -> None:
    field = {"code": "a", "zh": "甲", "en": "", "type": kind, "options": ["移动"], "required": True}
    answers, faults = answers_of(Form(fields=[field]), {"a": text})
    assert (faults == [], [fault.pointer for fault in faults]) in (
        (True, []), (False, ["/answers/a"]),
    )  # fmt: skip
    assert (answers["a"] if not faults else None) == kept
    assert answers_of(Form(fields=[field]), {})[1][0].pointer == "/answers/a"
    assert answers_of(Form(fields=[field | {"required": False}]), {}) == ({"a": ""}, [])


def save(district: District, *fields: dict[str, Any], on: date = BEGUN) -> Form:
    return save_survey_form(
        district=district.root, kind="rival_channel", fields=fields, valid_from=on,
        by=district.people["clerk"], at=OPENED,
    )  # fmt: skip


def test_a_version_that_was_answered_stays(district: District) -> None:
    survey = opened(district)
    known = survey_form(district.root, "rival_channel", BEGUN).fields
    # Nobody has sent a sheet: the open survey takes the new version over.
    second = save(district, known[0], known[1], {"zh": "客流", "type": "number"})
    survey.refresh_from_db()
    assert (second.number, survey.form, second.fields[2]["code"]) == (2, second, "f1")
    row = sent(district, sheet_of(survey), answers=SHOP | {"f1": "40"})
    # The retired field's code is not given to another.
    third = save(district, known[0], known[1], {"zh": "灯箱", "type": "yes_no"})
    survey.refresh_from_db()
    assert (survey.form, third.fields[2]["code"]) == (second, "f2")
    row.refresh_from_db()
    assert (row.form, row.answers["f1"]) == (second, 40)
    assert survey_form(district.root, "rival_channel", BEGUN) == third
    # One for later leaves what is open alone.
    close_survey(survey=survey, version=1, is_closed=True, by=district.people["clerk"], at=OPENED)
    fresh = opened(district)
    save(district, known[0], on=BEGUN + timedelta(days=1))
    fresh.refresh_from_db()
    assert fresh.form == third


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ([{"zh": "数", "type": "number", "required": True}], "/fields/0/type"),
        ([{"zh": "名", "type": "text"}], "/fields/0/type"),
        ([{"zh": "名", "required": True}, {"zh": "名"}], "/fields/1/zh"),
        ([{"zh": "名", "required": True}, {"zh": "选", "type": "choice"}], "/fields/1/options"),
        ([{"zh": "名", "required": True}, {"zh": ""}], "/fields/1/zh"),
        ([], "/fields"),
    ],
)
def test_a_bad_form_is_refused_at_its_field(
    district: District, fields: list[dict[str, Any]], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save(district, *fields)
    assert pointer in [fault.pointer for fault in refused.value.faults]
    assert not Form.objects.exists()


# --- sheets ----------------------------------------------------------------------------------


def test_a_survey_goes_to_units_or_to_each_person(district: District) -> None:
    assert opened(district).sheets.count() == 2
    people = opened(district, "grid1", "grid2", each_person=True).sheets.select_related("person")
    assert sorted(row.person.code for row in people) == ["grid1", "grid2", "staff"]
    for change, pointer in (
        ({"deadline": date(2026, 3, 8)}, "/deadline"), ({"units": []}, "/units"),
        ({"name_zh": " "}, "/name_zh"), ({"kind": "six_items"}, "/kind"),
    ):  # fmt: skip
        given: dict[str, Any] = {
            "district": district.root, "kind": "market", "name_zh": "甲", "deadline": DAY,
            "units": [district.units["grid1"]], "by": district.people["clerk"], "at": OPENED,
        }  # fmt: skip
        with pytest.raises(Invalid) as refused:
            open_survey(**(given | change))
        assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_a_sheet_is_changed_up_to_its_day_and_no_longer(district: District) -> None:
    survey = opened(district)
    row = sent(district, sheet_of(survey))
    row = sent(district, row, answers=SHOP | {"staff": "4"}, at=ON_DAY)
    assert (row.answers["staff"], row.subject, row.done_at) == (4, "城东移动厅", OPENED)
    with pytest.raises(Locked):
        sent(district, row, at=AFTER)
    # What was not sent is taken late, until the survey is closed.
    late = sent(district, sheet_of(survey, "grid2"), by="grid2", at=AFTER)
    found = rounds([survey], None, date(2026, 3, 29))[survey.pk]
    assert (found.whole, found.by_unit[late.unit_id]) == (
        Progress(2, 2, 1, 0), Progress(1, 1, 1, 0)
    )  # fmt: skip
    close_survey(survey=survey, version=1, is_closed=True, by=district.people["clerk"], at=OPENED)
    with pytest.raises(Locked):
        add_sheet(
            survey=survey, unit=district.units["grid1"], answers=SHOP, by=district.people["staff"],
            at=OPENED,
        )  # fmt: skip
    with pytest.raises(VersionConflict):
        close_survey(
            survey=survey, version=1, is_closed=False, by=district.people["clerk"], at=AFTER
        )
    close_survey(survey=survey, version=2, is_closed=False, by=district.people["clerk"], at=AFTER)
    actions = AuditEntry.objects.filter(subject__startswith=f"surveys/{survey.pk}")
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        "survey.open", "survey.send", "survey.send", "survey.send", "survey.close",
        "survey.reopen",
    ]  # fmt: skip


def test_a_sheet_is_its_owners_and_stands_once_a_subject(district: District) -> None:
    survey = opened(district)
    row = give_sheet(
        sheet=sheet_of(survey), version=1, person=district.people["grid1"],
        by=district.people["grid1"], at=OPENED,
    )  # fmt: skip
    with pytest.raises(Refused):
        sent(district, row)
    with pytest.raises(VersionConflict):
        send_sheet(
            sheet=row, version=1, answers=SHOP, by=district.people["grid1"], at=OPENED,
        )  # fmt: skip
    sent(district, row, by="grid1")
    told: dict[str, Any] = {"by": district.people["staff"], "at": OPENED, "survey": survey}
    with pytest.raises(Invalid) as refused:
        add_sheet(unit=district.units["grid1"], answers=SHOP, **told)
    assert refused.value.faults[0].pointer == "/answers/outlet"
    add_sheet(unit=district.units["grid2"], answers=SHOP, **told)  # another unit may
    with pytest.raises(Invalid) as refused:
        add_sheet(unit=district.units["grid1"], answers={"staff": "x"}, **told)
    assert sorted(fault.pointer for fault in refused.value.faults) == [
        "/answers/operator", "/answers/outlet", "/answers/staff",
    ]  # fmt: skip
    row.refresh_from_db()
    with pytest.raises(Invalid):
        cancel_sheet(sheet=row, version=row.version, by=told["by"], at=OPENED, reason=" ")
    cancel_sheet(sheet=row, version=row.version, by=told["by"], at=OPENED, reason="填错")
    add_sheet(unit=district.units["grid1"], answers=SHOP, **told)
    assert sheets_of(district.root, [district.units["grid1"].pk]).count() == 1


def test_two_who_send_the_same_subject_at_once_send_it_once(database: Any) -> None:
    district = build_district()
    survey = opened(district)

    def send() -> Any:
        try:
            return add_sheet(
                survey=survey, unit=district.units["grid1"], answers=SHOP,
                by=district.people["staff"], at=OPENED,
            )  # fmt: skip
        except DomainError as error:
            return error

    results = at_once(send, send)
    assert sorted(type(each).__name__ for each in results) == ["Activity", "Invalid"]
    assert Activity.objects.filter(subject="城东移动厅").count() == 1


def test_who_is_late_is_chased_once_a_day(district: District) -> None:
    survey = opened(district)
    give_sheet(
        sheet=sheet_of(survey), version=1, person=district.people["staff"],
        by=district.people["grid1"], at=OPENED,
    )  # fmt: skip
    told: dict[str, Any] = {"survey": survey, "by": district.people["clerk"]}
    with pytest.raises(Locked):
        chase(at=ON_DAY, **told)
    # The sheet of grid 2 is nobody's: its manager hears of it.
    assert [chase(at=AFTER, **told) for _twice in range(2)] == [2, 2]
    heard = Notification.objects.order_by("person__code").values_list("person__code", flat=True)
    assert list(heard) == ["grid2", "staff"]


# --- pages and API ---------------------------------------------------------------------------


def test_the_editor_steps_rows_and_saves_a_version(
    district: District, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, OPENED)
    client = signed_in("test-clerk")
    url = reverse("field_survey_fields", kwargs={"kind": "market"})
    rows = [row.initial for row in client.get(url).context["form"].rows]
    data = {
        f"{n}-{name}": row[name] for n, row in enumerate(rows)
        for name in ("code", "zh", "en", "type", "options")
    } | {"0-required": "on", "valid_from": "2026-03-09"}  # fmt: skip

    def step(action: str) -> list[str]:
        answer = client.post(url, data | {"step": action})
        assert answer.status_code == 200
        return [row.initial.get("zh", "") for row in answer.context["form"].rows]

    names = [row["zh"] for row in rows]
    assert step("down-0") == step("up-1") == [names[1], names[0], *names[2:]]
    assert step("up-0") == step("down-99") == step("nothing") == names
    assert step("retire-1") == [names[0], *names[2:]]
    assert step("add") == [*names, ""]
    assert not Form.objects.exists()
    answer = client.post(url, data | {"step": "save", "1-zh": "", "2-zh": names[0]})
    assert answer.status_code == 400
    assert [n for n, row in enumerate(answer.context["form"].rows) if row.errors] == [1]
    answer = client.post(url, data | {"step": "save", "2-zh": names[0]})
    assert [n for n, row in enumerate(answer.context["form"].rows) if row.errors] == [2]
    assert client.post(url, data | {"step": "save", "1-zh": "常住人口"}).status_code == 302
    form = Form.objects.get(kind="market")
    assert (form.fields[1]["code"], form.fields[1]["zh"]) == ("population", "常住人口")


def test_the_surveys_of_the_demo_agree_with_its_accounts() -> None:
    found = {each.kind: each for each in invented.surveys() if each.closed_on}
    assert {kind: (each.deadline.month, each.deadline.day) for kind, each in found.items()} == DUE
    market = [sheet.answers for sheet in found["market"].sheets]
    rows = accounts()
    for code, kinds in (("villages", {"village"}), ("communities", {"community"}),
                        ("firms", {"enterprise", "sme_group"})):  # fmt: skip
        assert sum(each[code] for each in market) == sum(row.kind in kinds for row in rows)
    assert sum(each["villages"] for each in market) == 45
    assert {each["ours"] + each["mobile"] + each["telecom"] for each in market} == {100}
    late = [each.sent_at.date() > survey.deadline for survey in found.values()
            for each in survey.sheets]  # fmt: skip
    assert 0 < sum(late) < len(late) / 4
    assert invented.surveys() == invented.surveys()
