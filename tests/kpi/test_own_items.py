"""Self-set items: within the limit, approved by the head, scored by statements and rules alike."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kpi.models import Month, Score, Scorecard, ScoreLine
from kpi.queries.scorecards import card_items
from kpi.queries.shade import grounds, score
from kpi.services.entries import ItemEntry
from kpi.services.own_items import propose_own_items, return_own_items, scaled
from kpi.services.scorecards import publish_scorecard
from kpi.services.scoring import rescore
from orgchart.errors import Invalid, Locked
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march


@pytest.fixture
def limited(district: District) -> District:
    march.publish_card(district)
    Scorecard.objects.update(own_limit=20)
    return district


def own(weight: str = "10", **more: Any) -> ItemEntry:
    given = {"code": "S1", "rule": "proportional", "indicator": "fixed_revenue"} | more
    params = given.pop("params", {"cap": "1.2"})
    return ItemEntry(name_zh="自设固网收入", weight=Decimal(weight), params=params, **given)


def propose(district: District, *items: ItemEntry, valid_from: date = MARCH) -> Scorecard:
    return propose_own_items(
        unit=district.units["grid1"], valid_from=valid_from, items=items,
        by=district.people["grid1"], at=NOW,
    )  # fmt: skip


def test_the_common_items_shrink_in_proportion_and_all_make_100(limited: District) -> None:
    card = propose(limited, own("7"))
    items = {item.code: item for item in card_items(card)}
    weights = {code: item.weight for code, item in items.items() if item.role == "item"}
    assert sum(weights.values()) == 100
    assert (weights["K1"], weights["K4"], weights["S1"]) == (Decimal("27.9"), Decimal("9.3"), 7)
    assert items["K5"].params["bands"][0] == ["0.16", "9.3"]
    assert [item.code for item in card_items(card) if item.is_own] == ["S1"]
    assert card.state == "proposed"


def test_an_approved_card_scores_its_unit_alone_and_as_the_rules_do(limited: District) -> None:
    march.report_march(limited)
    march.score(limited)
    before = {row.unit_id: row.total for row in Score.objects.all()}
    card = propose(limited, own("10"))
    rescore(district_id=limited.root.pk, month=MARCH)
    assert {row.unit_id: row.total for row in Score.objects.all()} == before
    publish_scorecard(scorecard=card, by=limited.people["head"], at=NOW)
    rescore(district_id=limited.root.pk, month=MARCH)
    after = {row.unit_id: row for row in Score.objects.all()}
    grid1 = limited.units["grid1"].pk
    assert after[grid1].scorecard_id == card.pk
    assert after[grid1].total != before[grid1]
    for unit_id, row in after.items():
        if unit_id != grid1:
            assert row.total == before[unit_id]
    shades = score(grounds(limited.month))
    assert {pk: (s.total, s.rank) for pk, s in shades.items()} == {
        pk: (row.total, row.rank) for pk, row in after.items()
    }
    points = {
        line.item.code: line.points
        for line in ScoreLine.objects.filter(unit=grid1).select_related("item")
    }
    assert {code: line.points for code, line in shades[grid1].lines.items()} == points
    assert "S1" in points


def test_another_districts_units_keep_their_card(limited: District) -> None:
    other = build_district("other", unit_codes=("grid1",))
    march.publish_card(other)
    march.report_march(other)
    card = propose(limited, own())
    publish_scorecard(scorecard=card, by=limited.people["head"], at=NOW)
    rescore(district_id=other.root.pk, month=MARCH)
    assert Score.objects.get(unit=other.units["grid1"]).scorecard.district_id == other.root.pk


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([own("20.01")], "不超过 20"),
        ([own("15"), own("6", code="S2")], "共 21"),
        ([], "大于 0"),
        ([own(code="K1")], "已有 K1"),
        ([own(rule="relative", params={})], "只能按本单元"),
        ([own(tie_break=1)], "同分时的排序依据"),
    ],
)
def test_what_goes_beyond_the_limit_is_refused(
    limited: District, items: list[ItemEntry], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        propose(limited, *items)
    assert not Scorecard.objects.filter(unit__isnull=False).exists()


def test_a_card_without_a_limit_takes_none_and_says_so_at_once(
    district: District, signed_in
) -> None:
    card = march.publish_card(district)
    with pytest.raises(Invalid, match="没有给自设项留权重"):
        propose(district, own())
    manager = signed_in("test-grid1")
    assert "没有给自设项留权重" in manager.get("/rules/own/grid1/").content.decode()
    Scorecard.objects.filter(pk=card.pk).update(own_limit=20)
    assert "没有给自设项留权重" not in manager.get("/rules/own/grid1/").content.decode()


def test_returned_items_are_changed_and_proposed_again(limited: District) -> None:
    card = propose(limited, own("10"))
    head = limited.people["head"]
    with pytest.raises(Invalid):
        return_own_items(scorecard=card, by=head, at=NOW, reason=" ")
    return_own_items(scorecard=card, by=head, at=NOW, reason="权重太高")
    for step in (
        lambda: return_own_items(scorecard=card, by=head, at=NOW, reason="再退"),
        lambda: publish_scorecard(scorecard=card, by=head, at=NOW),
    ):
        with pytest.raises(Locked):
            step()
    again = propose(limited, own("5"))
    assert (again.pk, again.state) == (card.pk, "proposed")


def test_the_common_cards_next_version_ends_the_units_own(limited: District) -> None:
    card = propose(limited, own())
    head = limited.people["head"]
    publish_scorecard(scorecard=card, by=head, at=NOW)
    common = march.publish_card(limited, code="v9")
    Scorecard.objects.filter(pk=common.pk).update(state="draft", valid_from=date(2026, 5, 1))
    publish_scorecard(scorecard=common, by=head, at=NOW)
    card.refresh_from_db()
    assert card.valid_to == date(2026, 4, 30)


def test_manager_proposes_and_head_approves_in_the_browser(limited: District, signed_in) -> None:
    data = {
        "valid_from": "2026-04", "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0",
        "form-0-code": "S1", "form-0-rule": "proportional", "form-0-name_zh": "自设走访",
        "form-0-indicator": "channel_visits", "form-0-weight": "30", "form-0-cap": "100",
    }  # fmt: skip
    manager, head = signed_in("test-grid1"), signed_in("test-head")
    assert "tie_break" not in manager.get("/rules/own/grid1/").content.decode()
    refused = manager.post("/rules/own/grid1/", data)
    assert refused.status_code == 400 and "不超过 20" in refused.content.decode()
    assert "自设走访" in refused.content.decode()
    assert manager.post("/rules/own/grid1/", data | {"form-0-weight": "15"}).status_code == 302
    card = Scorecard.objects.get(unit=limited.units["grid1"])
    assert manager.post("/rules/own/grid2/", data).status_code == 403
    assert manager.post(f"/rules/{card.pk}/publish/").status_code == 403
    assert signed_in("test-grid2").get(f"/rules/{card.pk}/").status_code == 404
    assert "自设走访" in head.get(f"/rules/{card.pk}/").content.decode()
    head.post(f"/rules/{card.pk}/return/", {"reason": "再想想"})
    assert "再想想" in manager.get("/rules/own/grid1/").content.decode()
    assert manager.post("/rules/own/grid1/", data | {"form-0-weight": "10"}).status_code == 302
    head.post(f"/rules/{card.pk}/publish/")
    card.refresh_from_db()
    assert (card.state, card.valid_from) == ("published", date(2026, 4, 1))
    assert Month.objects.get(month=MARCH).state == "open"


def test_shrinking_keeps_the_sum_to_the_hundredth(limited: District) -> None:
    for total in ("93", "80", "66.67", "50"):
        items = scaled(march.entries(), Decimal(total))
        assert sum(item.weight for item in items) == Decimal(total)
