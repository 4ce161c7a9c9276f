"""Schemes in the browser: drafted from a copy or from nothing, judged at the field, published."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from orgchart.errors import Invalid, VersionConflict
from orgchart.models import AuditEntry
from subsidies.models import CommissionScheme, SchemeDraft
from subsidies.queries.returns import scheme_in_force, terms
from subsidies.rules.scheme import Scheme
from subsidies.scheme_forms import BLANK, SchemeForm
from subsidies.services.schemes import publish_draft, save_draft
from tests.district import MARCH, NOW, District, build_district
from tests.subsidies.dealers import scheme, scheme_document
from tests.subsidies.district import APRIL, START, build_example_6, open_dealer, set_scheme
from tests.subsidies.test_races import at_once

NEW = "/commissions/schemes/new/"


@pytest.fixture
def clerk(district: District, signed_in: Any) -> Client:
    set_scheme(district)
    return signed_in("test-clerk")


def typed(client: Client, url: str) -> dict[str, Any]:
    """Return the fields of the form as a browser would send them."""
    form = client.get(url).context["form"]
    fields = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in fields.items()
            if value is not False}  # fmt: skip


def copied(client: Client, **changes: Any) -> dict[str, Any]:
    source = CommissionScheme.objects.get(code="2026", district__code="test")
    return typed(client, f"{NEW}?source={source.pk}") | changes


def drafted(district: District, *, month: date = APRIL, **changes: Any) -> SchemeDraft:
    return save_draft(
        district=district.root, code="2026.2", name_zh="新办法", name_en="", valid_from=month,
        body=scheme_document() | changes, by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def test_a_copy_saved_as_it_is_says_the_same_and_is_published_for_its_month(
    district: District, clerk: Client, signed_in: Any
) -> None:
    data = copied(clerk, valid_from="2026-04")
    assert data["code"] == "2026.2"

    answer = clerk.post(NEW, data)

    draft = SchemeDraft.objects.get(district=district.root)
    assert answer["Location"] == f"/commissions/schemes/drafts/{draft.pk}/"
    assert (draft.valid_from, draft.edits) == (APRIL, 1)
    assert Scheme.from_json(draft.body) == scheme()
    assert scheme_in_force(district.root, APRIL).code == "2026"  # a draft pays nothing

    signed_in("test-head").post(f"/commissions/schemes/drafts/{draft.pk}/publish/", {"edits": 1})

    new = scheme_in_force(district.root, APRIL)
    assert (new.code, new.valid_from, new.valid_to) == ("2026.2", APRIL, None)
    assert new.published_by == district.people["head"]
    assert terms(new) == scheme()
    old = scheme_in_force(district.root, MARCH)
    assert (old.code, old.valid_from, old.valid_to) == ("2026", START, date(2026, 3, 31))
    assert not SchemeDraft.objects.filter(district=district.root).exists()
    trail = AuditEntry.objects.filter(district=district.root, subject="schemes/2026.2")
    assert {(row.action, row.by.name_en) for row in trail} == {
        ("scheme.save", district.people["clerk"].name_en),
        ("scheme.publish", district.people["head"].name_en),
    }


def test_every_part_is_written_from_nothing_and_rows_may_stand_in_any_order(
    clerk: Client,
) -> None:
    blank = typed(clerk, NEW) | {
        "code": "b", "name_zh": "空白", "valid_from": "2026-05", "per_user": "12.50",
        "volume_mode": "marginal", "volume_0_value": "0", "volume_1_from": "100",
        "volume_1_value": "8", "volume_2_from": "50", "volume_2_value": "5",
        "inst_0_month": "4", "inst_0_minutes": "10", "inst_0_0_value": "30",
        "share_first": "1", "share_last": "12", "share_A_0_value": "6.5", "share_B_0_value": "6",
        "within_days": "60", "low_0_value": "0", "low_1_from": "15.5", "low_1_value": "0.4",
    }  # fmt: skip
    del blank["excludes_zero_call"]

    clerk.post(NEW, blank)

    assert SchemeDraft.objects.get(code="b").body == {
        "excludes_zero_call": False,
        "one_time": {"per_user": "12.5"},
        "volume": {"mode": "marginal", "bands": [["0", "0"], ["50", "5"], ["100", "8"]]},
        "instalments": [{"month": 4, "min_call_minutes": "10", "bands": [["0", "30"]]}],
        "revenue_share": {
            "first_month": 1, "last_month": 12,
            "bands": {"A": [["0", "0.065"]], "B": [["0", "0.06"]]},
        },
        "clawback": {"within_days": 60},
        "low_quality": {"bands": [["0", "0"], ["0.155", "0.4"]]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("volume_2_from", {"volume_2_from": "50"}),
        ("volume_1_from", {"volume_1_from": ""}),
        ("volume_1_from", {"volume_1_from": "50.5"}),
        ("volume_0_value", {"volume_0_value": ""}),
        ("low_3_value", {"low_3_value": "1.01"}),
        ("share_A_4_value", {"share_A_4_value": "100.01"}),
        ("share_B_1_value", {"share_B_1_value": "-1"}),
        ("share_last", {"share_first": "19"}),
        ("inst_1_month", {"inst_1_month": "3"}),
        ("inst_0_month", {"inst_0_month": ""}),
        ("inst_0_0_value", {"inst_0_0_value": ""}),
        ("per_user", {"per_user": "NaN"}),
        ("code", {"code": "2026"}),
        ("valid_from", {"valid_from": "2026-01"}),
        ("valid_from", {"valid_from": "soon"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    clerk: Client, field: str, changes: dict[str, str]
) -> None:
    answer = clerk.post(NEW, copied(clerk, valid_from="2026-04") | changes)

    assert answer.status_code == 400
    form = answer.context["form"]
    assert list(form.errors) == [field]
    name, value = next(iter(changes.items()))
    assert form[name].value() == value  # nothing typed is lost
    assert not SchemeDraft.objects.filter(district__code="test").exists()


def test_more_rows_keep_what_is_typed_and_an_instalment_can_be_left_out(clerk: Client) -> None:
    form = clerk.post(NEW, copied(clerk, per_user="21", more="")).context["form"]
    assert form["per_user"].value() == "21"
    assert (len(form.volume["rows"]), len(form.instalments)) == (7, 4)
    assert not form.errors

    clerk.post(NEW, copied(clerk, valid_from="2026-04", inst_0_gone="on", inst_0_month="x"))

    body = SchemeDraft.objects.get(district__code="test").body
    assert body["instalments"] == scheme_document()["instalments"][1:]


def test_no_version_begins_in_a_month_that_has_a_sheet(district: District) -> None:
    build_example_6(district)  # February has its sheet
    for month in (START, date(2026, 2, 1)):
        with pytest.raises(Invalid, match="February 2026 has a commission sheet already"):
            drafted(district, month=month)
    draft = drafted(district, month=MARCH)
    publish_draft(draft=draft, edits=1, by=district.people["head"], at=NOW)
    assert scheme_in_force(district.root, MARCH).code == "2026.2"


def test_nobody_publishes_or_overwrites_what_was_not_read(district: District) -> None:
    set_scheme(district)
    draft = drafted(district)
    again = {"district": district.root, "code": "2026.2", "name_zh": "新", "name_en": "",
             "valid_from": APRIL, "body": scheme_document(), "draft": draft,
             "by": district.people["head"], "at": NOW}  # fmt: skip
    save_draft(**again, edits=1)
    with pytest.raises(VersionConflict):
        save_draft(**again, edits=1)
    with pytest.raises(VersionConflict):
        publish_draft(draft=draft, edits=1, by=district.people["head"], at=NOW)
    assert CommissionScheme.objects.filter(district=district.root).count() == 1


def test_a_version_that_made_a_sheet_stays_in_the_database_too(district: District) -> None:
    build_example_6(district)
    used = CommissionScheme.objects.filter(district=district.root)
    with pytest.raises(IntegrityError), transaction.atomic():
        used.update(body=scheme_document() | {"one_time": {"per_user": "21"}})
    used.update(valid_to=date(2026, 12, 31))  # its end may be set


def test_of_two_publishing_at_once_one_is_told(database: Any) -> None:
    district = build_district()
    set_scheme(district)
    open_dealer(district, "d1", "grid1")
    draft = drafted(district)

    def publish() -> CommissionScheme:
        return publish_draft(draft=draft, edits=1, by=district.people["head"], at=NOW)

    results = at_once(publish, publish)

    assert sorted(type(each) for each in results if isinstance(each, Exception)) == [
        VersionConflict
    ]
    assert CommissionScheme.objects.filter(district=district.root).count() == 2
    connection.close()


def test_a_form_of_nothing_reads_as_blank() -> None:
    form = SchemeForm(body=BLANK)
    assert (len(form.instalments), len(form.shares)) == (1, 2)
