"""Units open, move and close; the chart of a past day stays what it was."""

from datetime import date

import pytest

from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Supervision, Tenure, Unit, UnitKind
from orgchart.queries.chart import chart
from orgchart.services.dealers import open_dealer
from orgchart.services.people import end_tenure
from orgchart.services.units import close_unit, move_unit, open_unit, rename_unit
from tests.district import NOW, START, District, build_district

JUNE = date(2026, 6, 1)


def placed(district: District, on: date) -> dict[str, int]:
    return {node.code: depth for depth, node in chart(district.root, on).walk()}


def opened(district: District, code: str = "grid5", parent: str = "", on: date = JUNE) -> Unit:
    return open_unit(
        district=district.root, code=code, kind=UnitKind.GRID, name_zh=code, opened_on=on,
        parent=district.units[parent] if parent else district.root,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def move(district: District, unit: Unit, parent: Unit, on: date, version: int | None = None):
    unit.refresh_from_db()
    return move_unit(
        unit=unit, parent=parent, valid_from=on, by=district.people["clerk"], at=NOW,
        version=unit.version if version is None else version,
    )  # fmt: skip


def test_a_new_unit_is_in_the_chart_from_its_first_day_on(district: District) -> None:
    opened(district)
    assert "grid5" not in placed(district, date(2026, 5, 31))
    assert placed(district, JUNE)["grid5"] == 1


def test_a_code_is_given_once_in_a_district(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(district, "grid1")
    assert refusal.value.faults[0].pointer == "/code"


def test_a_unit_opens_below_an_open_unit_only(district: District) -> None:
    with pytest.raises(Invalid, match="网格1"):
        opened(district, parent="grid1", on=date(2025, 12, 31))


def test_no_second_district_opens_inside_a_district(district: District) -> None:
    with pytest.raises(Invalid):
        open_unit(
            district=district.root, code="other", kind=UnitKind.DISTRICT, parent=district.root,
            name_zh="x", opened_on=JUNE, by=district.people["clerk"], at=NOW,
        )  # fmt: skip


def test_after_a_move_the_day_before_still_shows_the_old_place(district: District) -> None:
    grid1 = district.units["grid1"]
    move(district, grid1, district.units["suburban"], JUNE)
    assert placed(district, date(2026, 5, 31))["grid1"] == 1
    assert placed(district, JUNE)["grid1"] == 2
    grid1.refresh_from_db()
    assert grid1.parent == district.units["suburban"]
    first, second = grid1.placements.all()
    assert (first.valid_to, second.valid_from, second.valid_to) == (date(2026, 5, 31), JUNE, None)


def test_a_unit_cannot_move_below_itself(district: District) -> None:
    grid1, grid2 = district.units["grid1"], district.units["grid2"]
    move(district, grid2, grid1, JUNE)
    for parent in (grid1, grid2):
        with pytest.raises(Invalid) as refusal:
            move(district, grid1, parent, date(2026, 7, 1))
        assert refusal.value.faults[0].pointer == "/parent"


def test_a_circle_that_would_close_only_later_is_refused_too(district: District) -> None:
    grid1, grid2 = district.units["grid1"], district.units["grid2"]
    move(district, grid2, grid1, date(2026, 9, 1))
    with pytest.raises(Invalid):
        move(district, grid1, grid2, JUNE)


@pytest.mark.parametrize("day", [START, date(2025, 12, 31)])
def test_a_move_begins_after_the_present_place_did(district: District, day: date) -> None:
    with pytest.raises(Invalid) as refusal:
        move(district, district.units["grid1"], district.units["suburban"], day)
    assert refusal.value.faults[0].pointer == "/valid_from"


def test_a_foreign_parent_is_not_known(district: District) -> None:
    other = build_district("other", unit_codes=("grid1",))
    with pytest.raises(Invalid, match="本区没有这个单元"):
        move(district, district.units["grid1"], other.root, JUNE)


def test_a_move_made_on_an_old_version_is_refused(district: District) -> None:
    grid1 = district.units["grid1"]
    rename_unit(unit=grid1, version=1, name_zh="新名", by=district.people["clerk"], at=NOW)
    with pytest.raises(VersionConflict, match="clerk甲") as refusal:
        move(district, grid1, district.units["suburban"], JUNE, version=1)
    assert refusal.value.extra["version"] == 2
    assert grid1.placements.count() == 1


def test_renaming_leaves_the_former_name_in_the_trail_once(district: District) -> None:
    grid1 = district.units["grid1"]
    rename_unit(unit=grid1, version=1, name_zh="北网格", name_en="Grid 1", short_zh="", short_en="",
                position=grid1.position, by=district.people["clerk"], at=NOW)  # fmt: skip
    (entry,) = AuditEntry.objects.filter(subject="unit/grid1")
    assert entry.changes == [{"key": "name_zh", "before": "网格1", "after": "北网格"}]


def empty(district: District, unit: Unit, last_day: date) -> None:
    for tenure in Tenure.objects.filter(unit=unit):
        end_tenure(tenure=tenure, last_day=last_day, by=district.people["clerk"], at=NOW)


def close(district: District, unit: Unit, last_day: date) -> Unit:
    return close_unit(
        unit=unit, last_day=last_day, version=unit.version, by=district.people["clerk"], at=NOW
    )


def test_an_empty_unit_closes_and_stays_in_the_chart_of_its_last_day(district: District) -> None:
    grid2, last_day = district.units["grid2"], date(2026, 5, 31)
    empty(district, grid2, last_day)
    close(district, grid2, last_day)
    assert "grid2" in placed(district, last_day)
    assert "grid2" not in placed(district, JUNE)
    assert Supervision.objects.get(unit=grid2).valid_to == last_day
    assert grid2.placements.get().valid_to == last_day


def test_a_unit_with_people_beyond_the_day_does_not_close(district: District) -> None:
    grid2 = district.units["grid2"]
    empty(district, grid2, JUNE)  # one day too long
    with pytest.raises(Locked, match="1"):
        close(district, grid2, date(2026, 5, 31))
    grid2.refresh_from_db()
    assert (grid2.closed_on, grid2.version) == (None, 1)


def test_a_unit_with_a_unit_below_it_does_not_close(district: District) -> None:
    grid2 = district.units["grid2"]
    empty(district, grid2, START)
    opened(district, "grid5", parent="grid2")
    with pytest.raises(Locked):
        close(district, grid2, JUNE)


def test_a_unit_with_a_dealer_does_not_close(district: District) -> None:
    grid2 = district.units["grid2"]
    empty(district, grid2, START)
    open_dealer(
        district=district.root, code="d1", name_zh="d", tier="t1", kind="partner_hall", unit=grid2,
        opened_on=START, by=district.people["clerk"], at=NOW,
    )  # fmt: skip
    with pytest.raises(Locked):
        close(district, grid2, JUNE)


def test_a_district_is_neither_moved_nor_closed(district: District) -> None:
    with pytest.raises(Locked):
        close(district, district.root, JUNE)
    with pytest.raises(Locked):
        move(district, district.root, district.units["grid1"], JUNE)
