"""A draft card run over closed months: exact, in the shade, and for the head alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from competitions.models import Round
from kpi.models import Month, MonthState, Score, Scorecard, ScoreLine
from kpi.queries.scorecards import card_items
from kpi.services.entries import entry_of
from kpi.services.months import close_month, publish_month
from kpi.services.scorecards import copy_scorecard, save_scorecard
from orgchart.models import AuditEntry
from portal.queries.replay import replay, replayable
from portal.services import settle_published_month
from tests.competitions.contest import build_contest
from tests.district import MARCH, NOW, District, build_district
from tests.kpi import march

APRIL = date(2026, 4, 1)


@pytest.fixture
def published(db: None) -> District:
    district = build_contest()
    march.publish_card(district)
    march.report_march(district)
    for step in (close_month, publish_month):
        step(month=district.month, by=None, at=NOW)
    settle_published_month(district_id=district.root.pk, month=MARCH)
    return district


def draft_of(district: District, **change: Any) -> Scorecard:
    """Return a draft: the card in force with changes to its items, by code."""
    card = Scorecard.objects.get(district=district.root, code="v1")
    draft = copy_scorecard(card=card, code="v2", valid_from=APRIL, by=None, at=NOW)
    entries = [entry_of(item) for item in card_items(draft)]
    return save_scorecard(
        district=district.root, card=draft, code="v2", name_zh="草稿", valid_from=APRIL,
        unit_kinds=card.unit_kinds, by=None, at=NOW,
        items=[replace(entry, **change.get(entry.code, {})) for entry in entries],
    )  # fmt: skip


def frozen() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (ScoreLine, Score, Month, Round, AuditEntry)
    ]


def test_the_card_in_force_moves_nobody(published: District) -> None:
    found = replay(Scorecard.objects.get(code="v1"), replayable(published.root.pk))
    [one] = found.months
    assert one.before == one.after
    assert one.winners_before == one.winners_after == ("suburban",)
    assert {found.mean_gain(unit.pk) for unit in found.units} == {0}


def test_another_weight_shows_who_gains_and_published_rows_stay(published: District) -> None:
    draft = draft_of(published, K4={"weight": Decimal(20)}, K1={"weight": Decimal(20)})
    before = frozen()
    [one] = replay(draft, [MARCH]).months
    grid1 = published.units["grid1"].pk
    # K1 31.52 → 21.01 and K4 8.80 → 17.60 of 102.77
    assert one.after[grid1].total == Decimal("102.77") - Decimal("10.51") + Decimal("8.80")
    assert one.gain(grid1) == Decimal("-1.71")
    assert frozen() == before


def test_the_award_follows_the_card(published: District) -> None:
    # Only the inverse churn counts: the office, which wins now, is not first any more.
    small = {code: {"weight": Decimal("0.5")} for code in ("K1", "K2", "K3", "K4", "K5", "K7")}
    draft = draft_of(published, K6={"weight": Decimal(92)}, **small)
    [one] = replay(draft, [MARCH]).months
    assert one.winners_before == ("suburban",)
    first = [unit for unit, place in one.after.items() if place.rank == 1]
    assert one.winners_after is not None
    assert set(one.winners_after) <= {
        code for code, unit in published.units.items() if unit.pk in first
    }


def test_the_page_shows_tables_and_picture_to_the_head_alone(published, signed_in) -> None:
    draft = draft_of(published, K4={"weight": Decimal(20)}, K1={"weight": Decimal(20)})
    before = frozen()
    page = signed_in("test-head").get(f"/rules/{draft.pk}/replay/?from=2026-03&to=2026-03")
    text = page.content.decode()
    for told in ("101.06", "−1.71", "得益最多", "data-chart-picture", "城乡结合办事处"):
        assert told in text, told
    assert frozen() == before
    for account in ("test-clerk", "test-grid1", "test-staff"):
        answer = signed_in(account).get(f"/rules/{draft.pk}/replay/")
        assert answer.status_code in (403, 404)


def test_open_months_are_not_replayed(published: District, signed_in) -> None:
    Month.objects.create(district=published.root, month=APRIL)
    assert replayable(published.root.pk) == [MARCH]
    draft = draft_of(published)
    page = signed_in("test-head").get(f"/rules/{draft.pk}/replay/?from=2026-04&to=2026-04")
    assert page.status_code == 200
    assert "data-chart-picture" not in page.content.decode()


@pytest.mark.slow
def test_forty_units_over_twelve_months_take_seconds(db: None) -> None:
    district = build_district(unit_codes=tuple(f"grid{n}" for n in range(1, 41)))
    march.publish_card(district)
    months = [date(2026, n, 1) for n in range(1, 13)]
    for month in months:
        row, _new = Month.objects.get_or_create(district=district.root, month=month)
        for code in [one for one in district.units if one.startswith("grid")]:
            for indicator in ("mobile_revenue", "mobile_gross_adds", "mobile_net_adds"):
                march.set_task(district, code, indicator, 100, month=month)
        Month.objects.filter(pk=row.pk).update(state=MonthState.CLOSED)
    started = process_time()
    found = replay(Scorecard.objects.get(code="v1"), months)
    assert process_time() - started < 10  # of the processor: others may be at work
    assert len(found.months) == 12 and len(found.units) == 40


def test_programs_read_the_same_replay(published: District, signed_in) -> None:
    draft = draft_of(published, K1={"weight": Decimal(20)}, K2={"weight": Decimal(30)})
    head, path = signed_in("test-head"), f"/api/v1/rules/{draft.pk}/replay/"
    before = frozen()
    told = head.get(path).json()
    assert frozen() == before
    [found] = replay(draft, [MARCH]).months
    [month] = told["months"]
    by_code = {row["unit"]: row for row in month["units"]}
    for code in ("grid1", "suburban"):
        pk = published.units[code].pk
        assert Decimal(by_code[code]["gain"]) == found.gain(pk)
        assert by_code[code]["after"]["rank"] == found.after[pk].rank
    assert month["winners_before"] == ["suburban"]
    for span in ("?from=2026-05", "?from=2026-03&to=2026-02"):
        answer = head.get(path + span, headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["errors"]) == (
            400,
            [{"pointer": "/to",
              "detail": "No closed month lies there: choose from 2026-03 to 2026-03."}],
        )  # fmt: skip
    answer = head.get(f"{path}?to=May")
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 1)
