"""The wall display opens with its token, shows nothing private, and ends when revoked."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from orgchart.models import AuditEntry, Person
from portal.models import WallLink
from portal.services.walls import MOST_LINKS, TooManyLinks, create_wall_link, revoke_wall_link
from tests.district import NOW, District


@pytest.fixture
def token(demo: None) -> str:
    head = Person.objects.get(user__username="head")
    return create_wall_link(district=head.district, name="lobby", by=head, at=NOW)


def test_the_token_opens_ranks_year_pace_and_award_without_signing_in(token: str) -> None:
    page = Client().get(f"/wall/{token}/").content.decode()
    for word in ("龙虎榜", "全年累计", "网格1", "时间进度"):
        assert word in page
    assert "<a " not in page and "data-workings" not in page


def test_ranking_award_race_pace_and_alerts_take_turns(token: str) -> None:
    slides = Client().get(f"/wall/{token}/").context["slides"]
    assert [slide["kind"] for slide in slides] == [
        "board", "award", "race", "board", "pace", "alerts",
    ]  # fmt: skip
    frames = slides[2]["frames"]
    assert [frame["month"] for frame in frames] == [f"2026年{n}月" for n in range(1, 11)]
    for frame in frames:
        points = [Decimal(row["points"].replace(",", "")) for row in frame["rows"]]
        assert points == sorted(points, reverse=True) and len(points) == 6
    assert frames[-1]["rows"][0]["width"] == "100.00"


def test_figures_are_judged_on_the_day_they_stand_at_not_on_the_screens_day(token: str) -> None:
    slides = Client().get(f"/wall/{token}/").context["slides"]
    pace = next(slide for slide in slides if slide["kind"] == "pace")
    assert pace["as_of"] == "截至 11月20日"
    assert pace["rows"][0]["difference"] == "+7.00"


def test_the_slides_answer_304_until_something_changes(token: str) -> None:
    client = Client()
    first = client.get(f"/wall/{token}/slides/")
    again = client.get(f"/wall/{token}/slides/", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_a_revoked_link_and_an_invented_one_are_the_same_404(token: str) -> None:
    link = WallLink.objects.get()
    revoke_wall_link(link=link, by=link.created_by, at=NOW)
    for path in (f"/wall/{token}/", f"/wall/{token}/slides/", "/wall/invented/"):
        assert Client().get(path).status_code == 404


def test_the_token_is_shown_once_and_never_stored(district: District, signed_in: Any) -> None:
    client = signed_in("test-head")
    response = client.post("/walls/", {"name": "大厅"}, follow=True)
    url = response.context["new_url"]
    token = url.rstrip("/").rpartition("/")[2]
    assert token not in str(WallLink.objects.values_list().get())
    assert token not in str(list(AuditEntry.objects.values_list()))
    assert token not in client.get("/walls/").content.decode()


def test_a_link_without_a_name_is_refused_at_the_field(district: District, signed_in: Any) -> None:
    response = signed_in("test-head").post("/walls/", {"name": " "})
    assert response.status_code == 422
    assert WallLink.objects.count() == 0


def test_a_district_has_a_bounded_number_of_screens(district: District) -> None:
    head = district.people["head"]
    for number in range(MOST_LINKS):
        create_wall_link(district=head.district, name=str(number), by=head, at=NOW)
    with pytest.raises(TooManyLinks):
        create_wall_link(district=head.district, name="one more", by=head, at=NOW)


def test_a_district_without_months_shows_a_sentence(district: District) -> None:
    head = district.people["head"]
    token = create_wall_link(district=head.district, name="lobby", by=head, at=NOW)
    assert Client().get(f"/wall/{token}/").status_code == 200
