"""Score rules in the browser: drafted, checked, compared, published for a month to come."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from kpi.models import Month, Scorecard, ScorecardState
from kpi.queries.scorecards import card_items, cards_in_force, parameters
from kpi.services.entries import entry_of
from kpi.services.months import close_month
from kpi.services.scorecards import publish_scorecard, save_scorecard
from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry
from tests.district import MARCH, NOW, District
from tests.kpi import march


@pytest.fixture
def head(district: District, signed_in) -> Client:
    march.publish_card(district)
    return signed_in("test-head")


def drafted(client: Client) -> Scorecard:
    source = Scorecard.objects.get(code="v1")
    answer = client.post("/rules/new/", {"source": source.pk})
    draft = Scorecard.objects.get(code="v2")
    assert answer["Location"] == f"/rules/{draft.pk}/edit/"
    return draft


def typed(client: Client, draft: Scorecard) -> dict[str, Any]:
    """Return the fields of the form as a browser would send them."""
    page = client.get(f"/rules/{draft.pk}/edit/")
    form, items = page.context["form"], page.context["items"]
    data: dict[str, Any] = {field.html_name: field.value() for field in form}
    for row in (items.management_form, *items.forms):
        data |= {f.html_name: "" if f.value() is None else f.value() for f in row}
    return {name: value for name, value in data.items() if value not in (False, None)}


def read(card: Scorecard) -> list[Any]:
    """Return the items of a card, parameters that are left out as their defaults."""
    entries = [entry_of(item) for item in card_items(card)]
    return [(replace(entry, params={}), parameters(entry.params)) for entry in entries]


def test_a_draft_copies_the_card_item_by_item_and_saving_it_changes_nothing(
    district: District, head: Client
) -> None:
    draft = drafted(head)
    original = read(draft.based_on)
    assert read(draft) == original
    assert head.post(f"/rules/{draft.pk}/edit/", typed(head, draft)).status_code == 302
    assert read(draft) == original
    assert draft.valid_from == date(2026, 4, 1)
    last = AuditEntry.objects.filter(action="scorecard.save").order_by("-pk").first()
    assert last is not None and last.changes == []


def test_a_changed_draft_is_compared_and_published_for_a_month_to_come(
    district: District, head: Client
) -> None:
    draft = drafted(head)
    data = typed(head, draft) | {"form-3-weight": "5", "form-3-cap": "150", "form-6-weight": "12"}
    data["form-8-name_zh"] = "新增集团奖励"
    assert head.post(f"/rules/{draft.pk}/edit/", data).status_code == 302
    page = head.get(f"/rules/{draft.pk}/").content.decode()
    assert (
        "权重 10；权重 × 完成率，封顶 120%" in page and "权重 5；权重 × 完成率，封顶 150%" in page
    )
    assert f"{draft.based_on.items.get(code='B1').name}；" in page and "新增集团奖励；" in page
    head.post(f"/rules/{draft.pk}/publish/")
    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", district.people["head"])
    before = Scorecard.objects.get(code="v1")
    assert before.valid_to == date(2026, 3, 31)
    assert set(cards_in_force(district.root.pk, MARCH).by_kind.values()) == {before.pk}
    assert set(cards_in_force(district.root.pk, date(2026, 4, 1)).by_kind.values()) == {draft.pk}


def test_weights_that_do_not_make_100_can_be_saved_but_not_published(
    district: District, head: Client
) -> None:
    draft = drafted(head)
    data = typed(head, draft) | {"form-0-weight": "31"}
    assert head.post(f"/rules/{draft.pk}/edit/", data).status_code == 302
    answer = head.post(f"/rules/{draft.pk}/publish/", follow=True).content.decode()
    assert "权重合计 101" in answer
    draft.refresh_from_db()
    assert draft.state == ScorecardState.DRAFT


@pytest.mark.parametrize(
    ("change", "place", "sentence"),
    [
        ({"form-0-cap": "60"}, 0, "要填封顶，且高于保底。"),
        ({"form-0-indicator": "effective_rate"}, 0, "比率指标只能分档计分"),
        ({"form-4-bands": "16 10\n16 8"}, 4, "每档只写一次"),
        ({"form-4-bands": "sixteen: ten"}, 4, "每档只写一次"),
        ({"form-1-code": "K1"}, 1, "同一编码给了两次"),
        ({"form-7-per_late_report": "", "form-7-per_audit_finding": "",
          "form-7-per_complaint": ""}, 7, "至少给一类事件定分值"),
        ({"form-0-tie_break": "1", "form-1-tie_break": "1"}, 1, "两项不能同为"),
        ({"form-0-rule": "min_max", "form-0-low": "120", "form-0-low_points": "1",
          "form-0-high": "80", "form-0-high_points": "2"}, 0, "最大百分比要高于最小百分比"),
    ],
)  # fmt: skip
def test_a_faulty_item_says_where_and_keeps_what_was_typed(
    district: District, head: Client, change: dict[str, str], place: int, sentence: str
) -> None:
    draft = drafted(head)
    before = [entry_of(item) for item in card_items(draft)]
    data = typed(head, draft) | {"name_zh": "改过的名称"} | change
    answer = head.post(f"/rules/{draft.pk}/edit/", data)
    assert answer.status_code == 400
    errors = answer.context["items"].forms[place].errors
    assert any(sentence in text for texts in errors.values() for text in texts), errors
    assert "改过的名称" in answer.content.decode()
    assert [entry_of(item) for item in card_items(draft)] == before


@pytest.mark.parametrize(
    ("rule", "fields", "params"),
    [
        ("proportional", {"cap": "120", "floor": "60", "floor_means": "base_score"},
         {"cap": "1.2", "floor": "0.6", "floor_means": "base_score"}),
        ("min_max", {"low": "80", "low_points": "12", "high": "120", "high_points": "24"},
         {"low": "0.8", "low_points": "12", "high": "1.2", "high_points": "24"}),
        ("inverse_linear", {"cap": "120"}, {"cap": "1.2"}),
        ("relative", {}, {}),
        ("bands", {"bands": "≥100: 10\n80，5\n其余 1"},
         {"bands": [["100", "10"], ["80", "5"], [None, "1"]]}),
        ("bonus", {"most": "3", "per_new_group": "0.5"}, {"per": {"new_group": "0.5"}, "cap": "3"}),
    ],
)  # fmt: skip
def test_every_rule_can_be_written_in_the_browser(
    district: District, head: Client, rule: str, fields: dict[str, str], params: dict[str, Any]
) -> None:
    draft = drafted(head)
    change = {f"form-0-{name}": value for name, value in fields.items()}
    data = typed(head, draft) | {"form-0-rule": rule} | change
    answer = head.post(f"/rules/{draft.pk}/edit/", data)
    assert answer.status_code == 302, answer.context["items"].errors
    item = draft.items.get(code="K1")
    assert (item.rule, item.params) == (rule, params)
    shown = typed(head, draft)
    number = next(n for n in range(9) if shown[f"form-{n}-code"] == "K1")
    again = {name: shown[f"form-{number}-{name}"] for name in fields if name != "bands"}
    assert again == {name: value for name, value in fields.items() if name != "bands"}


def test_items_are_added_and_taken_away(district: District, head: Client) -> None:
    draft = drafted(head)
    data = typed(head, draft)
    page = head.post(f"/rules/{draft.pk}/edit/", data | {"action": "add"}).content.decode()
    assert 'name="form-9-code"' in page
    # Two empty items at once are no two mistakes.
    shown = {"form-TOTAL_FORMS": "10", "form-9-rule": "proportional",
             "form-9-floor_means": "threshold", "action": "add"}  # fmt: skip
    page = head.post(f"/rules/{draft.pk}/edit/", data | shown).content.decode()
    assert 'name="form-10-code"' in page and "ui-field__error" not in page
    data |= {"form-TOTAL_FORMS": "10", "form-6-DELETE": "on", "form-9-code": "K9",
             "form-9-rule": "relative", "form-9-name_zh": "增值业务", "form-9-weight": "7",
             "form-9-indicator": "mobile_net_adds"}  # fmt: skip
    assert head.post(f"/rules/{draft.pk}/edit/", data).status_code == 302
    codes = [item.code for item in card_items(draft)]
    assert codes == ["K1", "K2", "K3", "K4", "K5", "K6", "K8", "K9", "B1"]


def test_the_preview_draws_what_is_typed_and_stores_nothing(
    district: District, head: Client
) -> None:
    draft = drafted(head)
    data = typed(head, draft) | {"form-0-weight": "29.5", "form-1-cap": "x"}
    page = head.post(f"/rules/{draft.pk}/preview/", data).content.decode()
    assert "99.5" in page and "不是 100" in page and "同分并列" in page
    parted = data | {"form-0-tie_break": "2", "form-1-tie_break": "1"}
    names = [draft.items.get(code=code).name_zh for code in ("K2", "K1")]
    page = head.post(f"/rules/{draft.pk}/preview/", parted).content.decode()
    assert f"同分依次比{'、'.join(names)}" in page
    assert page.count("<polyline") == 8  # the one with a faulty cap is left blank
    assert str(draft.items.get(code="K1").weight) == "30"


def test_two_people_on_one_draft_do_not_overwrite_each_other(
    district: District, head: Client
) -> None:
    draft = drafted(head)
    data = typed(head, draft)
    assert head.post(f"/rules/{draft.pk}/edit/", data).status_code == 302
    late = head.post(f"/rules/{draft.pk}/edit/", data | {"form-0-weight": "1"})
    assert late.status_code == 400
    assert "刚存过这份草稿" in late.content.decode()
    with pytest.raises(VersionConflict):
        save_scorecard(
            district=district.root, card=draft, code="v2", name_zh="x", unit_kinds=[],
            valid_from=MARCH, items=[], by=None, at=NOW, version=1,
        )  # fmt: skip
    assert str(draft.items.get(code="K1").weight) == "30"


def test_a_draft_is_deleted_and_a_published_card_is_not(district: District, head: Client) -> None:
    draft = drafted(head)
    head.post(f"/rules/{draft.pk}/delete/")
    assert not Scorecard.objects.filter(pk=draft.pk).exists()
    entry = AuditEntry.objects.get(action="scorecard.delete")
    assert len(entry.changes) == 9
    first = Scorecard.objects.get(code="v1")
    answer = head.post(f"/rules/{first.pk}/delete/", follow=True).content.decode()
    assert "v1 已发布，不能删除。" in answer
    assert head.get(f"/rules/{first.pk}/edit/").status_code == 302


def test_no_card_begins_in_a_closed_month_or_where_another_does(
    district: District, head: Client
) -> None:
    draft = drafted(head)
    head_person = district.people["head"]
    close_month(month=district.month, by=None, at=NOW, reason="试")
    for first, sentence in ((MARCH, "最早从 2026-04"), (date(2026, 4, 2), "1 日")):
        Scorecard.objects.filter(pk=draft.pk).update(valid_from=first)
        with pytest.raises(Invalid, match=sentence):
            publish_scorecard(scorecard=draft, by=head_person, at=NOW)
    Scorecard.objects.filter(pk=draft.pk).update(valid_from=date(2026, 4, 1))
    publish_scorecard(scorecard=draft, by=head_person, at=NOW)
    with pytest.raises(Locked):
        publish_scorecard(scorecard=draft, by=head_person, at=NOW)
    third = Scorecard.objects.get(
        pk=head.post("/rules/new/", {"source": draft.pk})["Location"].split("/")[2]
    )
    with pytest.raises(Invalid, match="v2 已从该月"):
        publish_scorecard(scorecard=third, by=head_person, at=NOW)
    assert Month.objects.get(month=MARCH).state == "closed"


def test_drafts_are_the_heads_alone(district: District, head: Client, signed_in) -> None:
    draft = drafted(head)
    for account in ("test-clerk", "test-grid1"):
        client = signed_in(account)
        assert client.get(f"/rules/{draft.pk}/").status_code == 404
        assert f"/rules/{draft.pk}/" not in client.get("/rules/").content.decode()
        assert client.post(f"/rules/{draft.pk}/publish/").status_code == 403
