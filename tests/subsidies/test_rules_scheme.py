"""A commission scheme is data, and bad data is refused by its path."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from subsidies.rules.scheme import Scheme, SchemeInvalid, TierMode
from tests.subsidies.dealers import scheme, scheme_document


def test_the_scheme_of_the_example_reads_as_stated() -> None:
    terms = scheme()
    assert terms.excludes_zero_call
    assert terms.one_time.per_user == 20
    assert terms.volume.mode is TierMode.ALL_UNITS
    assert [each.month for each in terms.instalments] == [3, 6]
    assert {each.min_call_minutes for each in terms.instalments} == {50}
    assert (terms.revenue_share.first_month, terms.revenue_share.last_month) == (1, 18)
    assert terms.clawback.within_days == 90


def test_a_band_ends_where_the_next_begins() -> None:
    steps = scheme().volume.bands.steps
    assert [band.end for band in steps] == [*(band.start for band in steps[1:]), None]


@pytest.mark.parametrize(
    ("value", "start"),
    [("-5", 0), ("0", 0), ("49.99", 0), ("50", 50), ("99", 50), ("100", 100), ("9999", 200)],
)
def test_bands_are_looked_up_under_on_and_over_a_bound(value: str, start: int) -> None:
    assert scheme().volume.bands.at(Decimal(value)).start == start


def test_a_scheme_without_instalments_is_a_scheme() -> None:
    assert scheme(instalments=[]).instalments == ()


@pytest.mark.parametrize(
    ("pointer", "value", "fault"),
    [
        ("/one_time/per_user", 20.0, "/one_time/per_user: not_a_decimal (20.0)"),
        ("/one_time/per_user", "NaN", "/one_time/per_user: not_a_decimal (NaN)"),
        ("/one_time/per_user", "twenty", "/one_time/per_user: not_a_decimal (twenty)"),
        ("/one_time/per_user", None, "/one_time/per_user: not_a_decimal (None)"),
        ("/one_time/per_user", "-1", "/one_time/per_user: negative (-1)"),
        ("/one_time", "20", "/one_time: not_an_object (20)"),
        ("/bonus", "1", "/bonus: unknown (1)"),
        ("/excludes_zero_call", "yes", "/excludes_zero_call: not_a_boolean (yes)"),
        ("/volume/mode", "best", "/volume/mode: unknown_mode (best)"),
        ("/volume/mode", ["marginal"], "/volume/mode: unknown_mode"),
        ("/volume/bands", [], "/volume/bands: empty"),
        ("/volume/bands", {"0": "0"}, "/volume/bands: not_a_list"),
        ("/volume/bands/0/0", "1", "/volume/bands/0/0: first_not_zero (1)"),
        ("/volume/bands/2/0", "50", "/volume/bands/2/0: not_rising (50)"),
        ("/volume/bands/2/0", "99.5", "/volume/bands/2/0: not_a_whole_number (99.5)"),
        ("/volume/bands/1", ["50", "99", "5"], "/volume/bands/1: not_a_pair"),
        ("/volume/bands/1", "50", "/volume/bands/1: not_a_list (50)"),
        ("/instalments/1/month", 3, "/instalments/1/month: repeated (3)"),
        ("/instalments/1/month", 0, "/instalments/1/month: too_small (0)"),
        ("/instalments/1/month", "6", "/instalments/1/month: not_a_whole_number (6)"),
        ("/instalments", {}, "/instalments: not_a_list"),
        ("/revenue_share/last_month", 0, "/revenue_share/last_month: too_small (0)"),
        ("/revenue_share/first_month", 19, "/revenue_share/last_month: too_small (18)"),
        ("/revenue_share/bands", {}, "/revenue_share/bands: empty"),
        ("/revenue_share/bands", [], "/revenue_share/bands: not_an_object"),
        ("/revenue_share/bands/A/4/1", "1.01", "/revenue_share/bands/A/4/1: too_large (1.01)"),
        ("/low_quality/bands/3/1", "2", "/low_quality/bands/3/1: too_large (2)"),
        ("/clawback/within_days", -1, "/clawback/within_days: too_small (-1)"),
    ],
)
def test_a_fault_is_named_by_its_path(pointer: str, value: Any, fault: str) -> None:
    document = changed(scheme_document(), pointer, value)
    with pytest.raises(SchemeInvalid) as refused:
        Scheme.from_json(document)
    assert [str(each) for each in refused.value.faults] == [fault]


def test_a_missing_part_is_named_once() -> None:
    document = scheme_document()
    del document["revenue_share"]
    del document["volume"]["mode"]
    with pytest.raises(SchemeInvalid) as refused:
        Scheme.from_json(document)
    assert {str(each) for each in refused.value.faults} == {
        "/revenue_share: missing",
        "/volume/mode: missing",
    }


@pytest.mark.parametrize("document", [None, [], "scheme", 3])
def test_what_is_not_an_object_is_no_scheme(document: object) -> None:
    with pytest.raises(SchemeInvalid, match="/: not_an_object"):
        Scheme.from_json(document)


def changed(document: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(document)
    *parents, last = pointer.removeprefix("/").split("/")
    place: Any = result
    for token in parents:
        place = place[int(token) if isinstance(place, list) else token]
    place[int(last) if isinstance(place, list) else last] = value
    return result
