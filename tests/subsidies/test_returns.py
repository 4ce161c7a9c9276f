"""Dealer returns: saved at their version, refused at the field, fixed once a sheet is made."""

from decimal import Decimal
from typing import Any

import pytest

from orgchart.errors import Invalid, Locked, VersionConflict
from orgchart.models import AuditEntry, Dealer
from subsidies.models import DealerReturn
from subsidies.services.commissions import make_sheet, return_sheet
from subsidies.services.returns import ReturnEntry, save_return
from tests.district import MARCH, NOW, District
from tests.subsidies.district import build_example_6, enter, open_dealer, publish, set_scheme

EMPTY: dict[int, dict[Decimal, int]] = {3: {}, 6: {}}


@pytest.fixture
def dealer(district: District) -> Dealer:
    set_scheme(district)
    return open_dealer(district, "d1", "grid1")


def save(district: District, dealer: Dealer, version: int | None = None, **figures: Any) -> Any:
    entry = ReturnEntry(**({"gross": 5, "instalments": EMPTY} | figures))
    return save_return(
        dealer=dealer, month=MARCH, entry=entry, version=version,
        by=district.people["clerk"], at=NOW,
    )  # fmt: skip


def test_a_return_is_saved_with_one_row_in_the_trail(district: District, dealer: Dealer) -> None:
    row = save(district, dealer, gross=9, penalty=Decimal("12.50"))
    assert (row.version, row.gross, row.penalty) == (1, 9, Decimal("12.50"))
    entry = AuditEntry.objects.get(district=district.root)
    assert (entry.subject, entry.by) == ("dealer-returns/d1/2026-03", district.people["clerk"])


def test_the_same_figures_again_change_nothing(district: District, dealer: Dealer) -> None:
    save(district, dealer)
    assert save(district, dealer, version=1).version == 1
    assert AuditEntry.objects.filter(district=district.root).count() == 1


@pytest.mark.parametrize("version", [None, 1, 3])
def test_a_stale_version_is_refused(
    district: District, dealer: Dealer, version: int | None
) -> None:
    save(district, dealer)
    save(district, dealer, version=1, gross=6)
    with pytest.raises(VersionConflict):
        save(district, dealer, version=version, gross=7)
    assert DealerReturn.objects.get(dealer=dealer).gross == 6


@pytest.mark.parametrize(
    ("figures", "pointer"),
    [
        ({"gross": 1, "zero_call": 1, "low_quality": 1}, "/low_quality_users"),
        ({"gross": 3, "zero_call": 3, "penalty": Decimal(-1)}, "/penalties/0/amount"),
        ({"instalments": {3: {Decimal(15): 1}, 6: {}}}, "/instalment_counts/3/15"),
        ({"instalments": {3: {}}}, "/instalment_counts/6"),
    ],
)
def test_figures_that_cannot_be_computed_are_refused_at_their_place(
    district: District, dealer: Dealer, figures: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        save(district, dealer, **figures)
    assert pointer in [fault.pointer for fault in refused.value.faults]
    assert not DealerReturn.objects.filter(dealer=dealer).exists()


def test_returns_are_fixed_while_their_sheet_is_under_review(
    district: District, dealer: Dealer
) -> None:
    publish(district)
    save(district, dealer)
    sheet = make_sheet(district=district.root, month=MARCH, by=district.people["clerk"], at=NOW)
    with pytest.raises(Locked):
        save(district, dealer, version=1, gross=6)
    return_sheet(sheet=sheet, by=district.people["auditor"], at=NOW, reason="x")
    assert save(district, dealer, version=1, gross=6).version == 2


def test_the_form_keeps_example_6_as_it_is(district: District, signed_in: Any) -> None:
    build_example_6(district)
    client = signed_in("test-clerk")
    before = DealerReturn.objects.get(
        dealer__district=district.root, dealer__code="hongda", month=MARCH
    )
    url = "/commissions/returns/2026-03/hongda/"
    form = client.get(url).context["form"]
    typed = {field.html_name: "" if field.value() is None else field.value() for field in form}
    assert client.post(url, typed).status_code == 302
    after = DealerReturn.objects.get(pk=before.pk)
    assert after.version == 1
    assert client.post(url, typed | {"gross": "240"}).status_code == 302
    after.refresh_from_db()
    assert (after.gross, after.version) == (240, 2)
    assert after.instalments == before.instalments
    assert after.revenue_groups == before.revenue_groups


def test_the_form_shows_refusals_at_the_field_and_keeps_the_input(
    district: District, dealer: Dealer, signed_in: Any
) -> None:
    publish(district)
    client = signed_in("test-clerk")
    url = "/commissions/returns/2026-03/d1/"
    answer = client.post(url, {"gross": "5", "zero_call": "7", "group_0_average": "8.40",
                               "group_0_users": ""})  # fmt: skip
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"group_0_users"}
    answer = client.post(url, {"gross": "5", "zero_call": "7"})
    assert "zero_call" in answer.context["form"].errors
    assert 'value="7"' in answer.content.decode()
    assert not DealerReturn.objects.filter(dealer=dealer).exists()


def test_the_list_shows_who_is_missing(district: District, dealer: Dealer, signed_in: Any) -> None:
    publish(district)
    enter(open_dealer(district, "d2", "grid2"), MARCH, gross=77)
    client = signed_in("test-clerk")
    page = client.get("/commissions/returns/?month=2026-03")
    assert [row.dealer.code for row in page.context["rows"]] == ["d1", "d2"]
    missing = client.get("/commissions/returns/?month=2026-03&show=missing")
    assert [row.dealer.code for row in missing.context["rows"]] == ["d1"]


def test_a_manager_sees_the_own_dealers_returns_and_enters_none(
    district: District, dealer: Dealer, signed_in: Any
) -> None:
    publish(district)
    enter(open_dealer(district, "d2", "grid2"), MARCH, gross=77)
    client = signed_in("test-grid2")
    page = client.get("/commissions/returns/?month=2026-03")
    assert [row.dealer.code for row in page.context["rows"]] == ["d2"]
    assert client.get("/commissions/returns/2026-03/d2/").status_code == 403
