"""Bulletins: example 8's figures, issued once, kept as sent, read by permission, mailed once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from kpi.models import Month
from kpi.services.months import reopen_month
from orgchart.errors import VersionConflict
from orgchart.models import AuditEntry, Notification
from portal.models import Bulletin, BulletinDraft, BulletinMail
from portal.queries.bulletins import content_of, waiting
from portal.rules.bulletins import Kind, period_of
from portal.services import bulletins
from portal.services.bulletins import (
    AlreadyIssued,
    NothingToReport,
    deliver_mails,
    issue_bulletin,
    issue_due,
    resend_bulletin,
    save_comment,
)
from tests.competitions.contest import build_contest, publish
from tests.district import District, build_district
from tests.kpi import bulletin as example
from tests.kpi import march

DAY = date(2026, 3, 17)
TUESDAY = period_of(Kind.DAILY, DAY)
MORNING = datetime(2026, 3, 18, 0, 40, tzinfo=UTC)  # 8:40 in Shanghai
PAGE = "/bulletins/daily/2026-03-17/"
BUSINESS = 11  # accounts with business: all but the administrator


@pytest.fixture
def reported(district: District) -> District:
    example.build(district)
    return district


def issue(district: District, at: datetime = MORNING, **given: Any) -> Bulletin:
    by = district.people["clerk"]
    return issue_bulletin(
        **{"district": district.root, "period": TUESDAY, "by": by, "at": at} | given
    )


def address(district: District, account: str) -> None:
    user = district.people[account].user
    user.email = f"{account}@example.cn"
    user.save()


def test_the_days_figures_are_those_of_the_example(reported: District) -> None:
    content = content_of(reported.root, TUESDAY, DAY)
    section = content.sections[0]
    total = section.total
    row = example.EXAMPLE["bulletin_row"]
    assert total is not None and (total.actual, total.task) == (Decimal(2987), Decimal(6159))
    assert total.brought == row["当日"]
    assert total.in_time == Fraction(2987, 6159) / Fraction(17, 31)
    units = {line.unit: line for line in section.lines}
    for unit, expected in example.ROWS.items():
        line = units[unit]
        assert (line.task, line.actual) == (expected["任务"], expected["累计"])
    assert [line.rank for line in section.lines] == sorted(line.rank for line in section.lines)


def test_a_week_is_what_was_brought_since_the_sunday_before(district: District) -> None:
    for unit in example.ROWS:
        march.set_task(district, unit, example.GROSS, 100)
    for day, stood in ((1, 2), (8, 20), (15, 50)):
        example.report(district, date(2026, 3, day), {unit: stood for unit in example.ROWS})
    week = period_of(Kind.WEEKLY, date(2026, 3, 9))
    line = content_of(district.root, week, date(2026, 3, 16)).sections[0].lines[0]
    assert (line.brought, line.on_last_period) == (30, Fraction(30 - 18, 18))
    first = content_of(district.root, period_of(Kind.WEEKLY, date(2026, 3, 2)), date(2026, 3, 9))
    assert first.sections[0].lines[0].brought == 18
    assert first.sections[0].lines[0].on_last_period is None, "February is not known"


def test_a_week_across_two_months_adds_both_parts(district: District) -> None:
    Month.objects.get_or_create(district=district.root, month=date(2026, 2, 1))
    for unit in example.ROWS:
        march.set_task(district, unit, example.GROSS, 100)
    for day, stood in ((date(2026, 2, 22), 60), (date(2026, 2, 28), 90), (date(2026, 3, 1), 4)):
        example.report(district, day, {unit: stood for unit in example.ROWS})
    week = period_of(Kind.WEEKLY, date(2026, 3, 1))
    section = content_of(district.root, week, date(2026, 3, 2)).sections[0]
    assert {line.brought for line in section.lines} == {34}
    assert section.total is not None and section.total.brought == 34 * 6


def test_a_week_without_any_report_is_not_zero(district: District) -> None:
    march.set_task(district, "grid1", example.GROSS, 100)
    example.report(district, date(2026, 3, 6), {"grid1": 10})
    week = period_of(Kind.WEEKLY, date(2026, 3, 9))
    line = content_of(district.root, week, date(2026, 3, 16)).sections[0].lines[0]
    assert (line.actual, line.brought) == (10, None)


def test_the_number_of_queries_does_not_depend_on_the_units(db: None) -> None:
    counts = []
    for code, many in (("two", 2), ("twenty", 20)):
        codes = tuple(f"{code}{n}" for n in range(many))
        small = build_district(code, unit_codes=codes)
        for unit in codes:
            march.set_task(small, unit, example.GROSS, 100)
        example.report(small, DAY, {unit: 40 for unit in codes})
        with CaptureQueriesContext(
            connection,
        ) as taken:
            content = content_of(small.root, TUESDAY, DAY)
        assert len(content.sections[0].lines) == many
        counts.append(len(taken))
    assert counts[0] == counts[1], counts


def test_a_month_has_its_year_its_ranking_and_the_cards(db: None) -> None:
    district = build_contest()
    for number in (3, 4):
        publish(district, number)
    content = content_of(district.root, period_of(Kind.MONTHLY, date(2026, 4, 1)), DAY)
    first = content.places[0]
    assert first.rank == 1 and first.rank_before is not None
    assert (first.total, first.bonus) == (first.base, 0)
    section = next(one for one in content.sections if one.code == "total_revenue")
    line = section.lines[0]
    assert line.brought == line.actual
    assert line.year_actual is None, "January was not reported"


def test_issuing_tells_each_reader_once_and_leaves_a_trail(reported: District) -> None:
    first, again = issue(reported), issue(reported)
    assert first.pk == again.pk
    assert Notification.objects.filter(key=first.key).count() == BUSINESS
    assert not Notification.objects.filter(person=reported.people["admin"]).exists()
    entry = AuditEntry.objects.get(action="bulletin.issue")
    assert (entry.by, entry.source) == (reported.people["clerk"], "web")


def test_what_was_sent_stays_as_it_was_sent(reported: District, signed_in: Any) -> None:
    issue(reported)
    example.save(reported, example.entry(reported, "grid1", DAY, 600, version=1))
    page = signed_in("test-head").get(PAGE).content.decode()
    assert "561" in page and "600" not in page
    row = Bulletin.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulletin.objects.update(comment="other")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


@pytest.mark.parametrize(
    ("period", "at"),
    [
        (period_of(Kind.DAILY, date(2026, 3, 19)), MORNING),  # not over
        (period_of(Kind.DAILY, date(2026, 3, 3)), MORNING),  # nobody reported
        (period_of(Kind.WEEKLY, DAY), MORNING),
        (period_of(Kind.MONTHLY, DAY), MORNING + timedelta(days=30)),  # not published
    ],
)
def test_nothing_is_issued_of_what_is_not_there(reported: District, period: Any, at: Any) -> None:
    with pytest.raises(NothingToReport):
        issue(reported, at, period=period)
    assert Bulletin.objects.count() == 0


def test_the_comment_is_frozen_with_it(reported: District) -> None:
    clerk = reported.people["clerk"]
    given = {"district": reported.root, "period": TUESDAY, "by": clerk, "at": MORNING}
    save_comment(comment="一", version=0, **given)
    with pytest.raises(VersionConflict):
        save_comment(comment="三", version=0, **given)
    save_comment(comment="二", version=1, **given)
    assert issue(reported).comment == "二"
    with pytest.raises(AlreadyIssued):
        save_comment(comment="四", version=2, **given)
    assert BulletinDraft.objects.get().comment == "二"


def test_beat_issues_what_is_due_once(reported: District) -> None:
    issue_due(at=MORNING - timedelta(minutes=11))
    assert Bulletin.objects.count() == 0
    for _beat in range(2):
        issue_due(at=MORNING)
    row = Bulletin.objects.get()
    assert (row.kind, row.first_on, row.issued_by) == ("daily", DAY, None)
    assert AuditEntry.objects.get(action="bulletin.issue").source == "beat"


def test_the_clerk_sets_when_they_are_issued(reported: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    page = clerk.get("/bulletins/").content.decode()
    assert 'value="08:30"' in page and 'value="09:00"' in page
    bad = clerk.post("/bulletins/schedule/", {"daily_from": "morning"})
    assert bad.status_code == 400 and "morning" in bad.content.decode()
    clerk.post("/bulletins/schedule/", {"daily_from": "", "weekly_from": "10:15"})
    issue_due(at=MORNING)
    assert Bulletin.objects.count() == 0
    entry = AuditEntry.objects.get(action="bulletin.schedule")
    assert {one["key"]["field"]: one["after"] for one in entry.changes} == {
        "daily_from": None, "weekly_from": "10:15:00", "is_monthly": False,
    }  # fmt: skip
    assert 'value="10:15"' in clerk.get("/bulletins/").content.decode()
    clerk.post("/bulletins/schedule/", {"daily_from": "8:40"})
    issue_due(at=MORNING)
    assert Bulletin.objects.count() == 1


def test_a_published_month_is_reported_by_itself_for_a_week(db: None) -> None:
    district = build_contest()
    published = publish(district, 3).published_at
    issue_due(at=published + timedelta(days=8))
    assert Bulletin.objects.count() == 0
    issue_due(at=published + timedelta(hours=1))
    assert Bulletin.objects.get().kind == "monthly"


def test_a_month_reopened_later_says_so_on_its_bulletin(db: None, signed_in: Any) -> None:
    district = build_contest()
    month = publish(district, 3)
    period = period_of(Kind.MONTHLY, month.month)
    issue(district, month.published_at + timedelta(hours=1), period=period)
    client, path = signed_in("test-head"), "/bulletins/monthly/2026-03-01/"
    assert "曾重新打开" not in client.get(path).content.decode()
    reopen_month(month=month, by=district.people["head"], at=MORNING, reason="漏报")
    assert "曾重新打开" in client.get(path).content.decode()


def test_each_address_gets_one_mail_with_what_its_reader_may_see(reported: District) -> None:
    for account in ("head", "grid1"):
        address(reported, account)
    issue(reported)
    for _beat in range(2):
        deliver_mails(at=MORNING)
    assert sorted(one.to[0] for one in mail.outbox) == ["grid1@example.cn", "head@example.cn"]
    assert all("日通报" in one.subject for one in mail.outbox)
    assert [one.attachments[0].filename for one in mail.outbox] == ["2026年3月17日 日通报.pdf"] * 2
    assert set(BulletinMail.objects.values_list("sent_at", flat=True)) == {MORNING}


@override_settings(EMAIL_BACKEND="tests.portal.test_bulletins.Broken")
def fail(at: datetime) -> None:
    deliver_mails(at=at)


def Broken(**_: Any) -> Any:
    raise OSError("the mail server is away")


def test_failed_mails_are_tried_again_and_sent_once(reported: District) -> None:
    address(reported, "head")
    row = issue(reported)
    for beat in range(7):
        fail(MORNING + timedelta(minutes=10 * beat))
    owed = BulletinMail.objects.get()
    assert (owed.failures, owed.sent_at) == (bulletins.MOST_FAILURES, None)
    assert "away" in owed.last_error
    deliver_mails(at=MORNING + timedelta(hours=2))
    assert mail.outbox == []
    by = reported.people["clerk"]
    assert resend_bulletin(bulletin=row, by=by, at=MORNING) == 1
    for _beat in range(2):
        deliver_mails(at=MORNING + timedelta(hours=3))
    assert len(mail.outbox) == 1


def test_a_claim_of_a_sender_that_died_is_given_up(reported: District) -> None:
    address(reported, "head")
    issue(reported)
    BulletinMail.objects.update(claimed_at=MORNING)
    deliver_mails(at=MORNING + timedelta(minutes=29))
    assert mail.outbox == []
    deliver_mails(at=MORNING + timedelta(minutes=31))
    assert len(mail.outbox) == 1


def test_sending_again_reaches_new_readers_only(reported: District) -> None:
    row = issue(reported)
    by = reported.people["clerk"]
    assert resend_bulletin(bulletin=row, by=by, at=MORNING) == 0
    assert not AuditEntry.objects.filter(action="bulletin.resend").exists()
    address(reported, "head")
    assert resend_bulletin(bulletin=row, by=by, at=MORNING) == 1
    assert Notification.objects.filter(key=row.key).count() == BUSINESS
    assert AuditEntry.objects.get(action="bulletin.resend").by == by


def test_a_manager_sees_the_figures_of_the_own_unit_only(
    reported: District, signed_in: Any
) -> None:
    issue(reported)
    manager, head = signed_in("test-grid1"), signed_in("test-head")
    page = manager.get(PAGE).content.decode()
    assert "561" in page and "812" not in page and "2,987" not in page
    assert "其他单元只显示名次" in page
    assert "812" in head.get(PAGE).content.decode()
    body = manager.get(f"/api/v1{PAGE}").json()
    lines = {line["unit"]: line for line in body["content"]["sections"][0]["lines"]}
    assert lines["grid1"]["actual"] == "561"
    assert lines["suburban"]["actual"] is None and lines["suburban"]["rank"] is not None
    assert lines["suburban"]["completion"].count(".") == 1
    assert body["content"]["sections"][0]["total"]["actual"] is None


def test_opening_it_takes_the_unread_mark_away(reported: District, signed_in: Any) -> None:
    issue(reported)
    client = signed_in("test-grid2")
    assert client.get("/api/v1/bulletins/").json()["results"][0]["unread"] is True
    assert "未读" in client.get("/bulletins/").content.decode()
    client.get(PAGE)
    assert client.get("/api/v1/bulletins/").json()["results"][0]["unread"] is False
    assert "bul-unread" not in client.get("/bulletins/").content.decode()


def test_the_archive_narrows_by_kind_and_month(reported: District, signed_in: Any) -> None:
    issue(reported)
    client = signed_in("test-staff")
    for query, count in (("", 1), ("?kind=daily", 1), ("?kind=weekly", 0), ("?month=2026-04", 0)):
        assert client.get(f"/api/v1/bulletins/{query}").json()["count"] == count
        assert len(client.get(f"/bulletins/{query}").context["rows"]) == count
    assert client.get("/api/v1/bulletins/?kind=hourly").status_code == 400
    assert client.get("/bulletins/?kind=hourly&month=soon").status_code == 200


def test_the_archive_costs_the_same_for_two_and_for_twenty(
    reported: District, signed_in: Any
) -> None:
    client, row, counts = signed_in("test-head"), issue(reported), []
    for many in (2, 20):
        Bulletin.objects.bulk_create(
            Bulletin(
                district=row.district, kind="daily", content=row.content, issued_at=MORNING,
                first_on=date(2025, many, 1) + timedelta(days=n) if many < 13
                else date(2024, 1, 1) + timedelta(days=n),
                last_on=date(2024, 1, 1), issued_by=row.issued_by,
            )
            for n in range(many - 1)
        )  # fmt: skip
        with CaptureQueriesContext(connection) as taken:
            client.get("/bulletins/")
        counts.append(len(taken))
    assert counts[0] == counts[1], counts


def test_the_clerk_looks_comments_and_issues_in_the_browser(
    reported: District, signed_in: Any
) -> None:
    clerk = signed_in("test-clerk")
    assert signed_in("test-staff").get(PAGE).status_code == 404
    assert 'name="comment"' not in signed_in("test-head").get(PAGE).content.decode()
    page = clerk.get(PAGE)
    assert page.context["row"] is None and "尚未发出" in page.content.decode()
    answer = clerk.post(f"{PAGE}comment/", {"comment": "很好 & <b>", "version": "0"}, follow=True)
    assert "点评已保存" in answer.content.decode()
    assert "很好 &amp; &lt;b&gt;" in answer.content.decode()
    long = clerk.post(f"{PAGE}comment/", {"comment": "长" * 501, "version": "1"})
    assert long.status_code == 400 and "长" * 501 in long.content.decode()
    assert "已发出" in clerk.post(f"{PAGE}issue/", follow=True).content.decode()
    assert clerk.post(f"{PAGE}resend/", follow=True).status_code == 200
    assert Bulletin.objects.get().comment == "很好 & <b>"


def test_pages_that_do_not_exist_are_404(reported: District, signed_in: Any) -> None:
    clerk = signed_in("test-clerk")
    for path in (
        "hourly/2026-03-17",
        "weekly/2026-03-17",
        "monthly/2026-03-02",
        "daily/2026-02-30",
    ):
        assert clerk.get(f"/bulletins/{path}/").status_code == 404
        assert clerk.get(f"/api/v1/bulletins/{path}/").status_code == 404
    assert clerk.post(f"{PAGE}resend/").status_code == 404


def test_the_demo_has_one_of_each_kind_and_a_months_cards(demo: None, signed_in: Any) -> None:
    page = signed_in("head").get("/bulletins/monthly/2026-10-01/").context["bulletin"]
    assert len(page["ranking"]["rows"]) == len(page["cards"]) == 6
    card = page["cards"][0]
    points = sum(Decimal(row["points"]) for row in card["rows"])
    assert f"{points:.2f}" == page["ranking"]["rows"][0]["base"]
    own = signed_in("grid1").get("/bulletins/monthly/2026-10-01/").context["bulletin"]
    assert [one["title"] for one in own["cards"]] == ["网格1考核得分"]
    assert len(own["ranking"]["rows"]) == 6


def test_what_waits_is_the_latest_of_each_kind(reported: District) -> None:
    assert waiting(reported.root, DAY) == [TUESDAY, period_of(Kind.WEEKLY, date(2026, 3, 9))]
    issue(reported)
    assert TUESDAY not in waiting(reported.root, DAY)
