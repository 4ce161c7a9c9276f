"""Issuing a bulletin once, telling its readers, mailing it; by hand or when its time has come."""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from kpi.models import Month, MonthState
from orgchart.actors import BUSINESS_ZONE, actor_for, business_day
from orgchart.audit import record
from orgchart.errors import DomainError, Fault, Invalid, Locked, VersionConflict
from orgchart.models import Notification, Person, Unit, UnitKind
from orgchart.services.notifications import in_both, mark_read, notify
from portal.bulletin_paper import pdf
from portal.bulletin_tables import document
from portal.bulletin_words import mail_lines, title
from portal.models import Bulletin, BulletinDraft, BulletinMail, BulletinSchedule
from portal.models.bulletins import LONGEST_COMMENT
from portal.queries.bulletins import (
    content_of,
    draft_of,
    edition_of,
    editions,
    issued,
    published_month,
    readers,
    reported_on,
    schedule_of,
)
from portal.rules.bulletins import (
    MONTHLY_WITHIN,
    Content,
    Kind,
    Period,
    Schedule,
    for_reader,
    frozen,
    period_of,
    thawed,
)

logger = logging.getLogger(__name__)
CLAIM_HOLDS = timedelta(minutes=30)  # after this a sender that died is given up
MOST_FAILURES = 5  # then only a person sends again
MAILS_AT_ONCE = 50


class NothingToReport(DomainError):
    """A bulletin needs a period that is over and of which something is reported."""


class AlreadyIssued(Locked):
    """What was sent stays as it was sent."""


def _lock(district: Unit) -> None:
    """Queue up: who waited finds what the first one wrote."""
    list(
        Unit.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=district.pk)
        .values_list("pk")
    )


@transaction.atomic
def save_comment(
    *, district: Unit, period: Period, comment: str, version: int, by: Person, at: datetime
) -> BulletinDraft:
    """Keep the comment of a bulletin to come; `version` is the one it was read at, 0 for none.

    Raises AlreadyIssued, or VersionConflict when somebody else wrote meanwhile.
    """
    _lock(district)
    if issued(district, period) is not None:
        raise AlreadyIssued(_("This bulletin is issued: its comment stays as it was sent."))
    row = draft_of(district, period)
    if (row.version if row else 0) != version:
        raise VersionConflict(_("Somebody else changed the comment; it is shown as it is now."))
    if row is None:
        row = BulletinDraft(
            district=district, kind=period.kind.value, first_on=period.first, version=0
        )
    row.comment, row.version, row.written_by, row.written_at = comment, version + 1, by, at
    row.save()
    return row


@transaction.atomic
def issue_bulletin(*, district: Unit, period: Period, by: Person | None, at: datetime) -> Bulletin:
    """Freeze the bulletin of a period, tell its readers and owe the mails; once for a period.

    Issued already, it is returned as it is and nobody hears of it again. Raises NothingToReport.
    """
    _lock(district)
    found = issued(district, period)
    if found is not None:
        return found
    _check(district, period, business_day(at))
    content = content_of(district, period, business_day(at))
    draft = draft_of(district, period)
    row = Bulletin.objects.create(
        district=district, kind=period.kind.value, first_on=period.first, last_on=period.last,
        content=frozen(content), comment=draft.comment if draft else "", issued_at=at,
        issued_by=by,
    )  # fmt: skip
    _tell(row, at)
    record(
        by=by, at=at, action="bulletin.issue", subject=f"bulletins/{row.kind}/{row.first_on}",
        district=district, source="web" if by else "beat",
        changes=[{"key": {"field": "comment"}, "before": None, "after": row.comment}],
    )  # fmt: skip
    return row


@transaction.atomic
def correct_bulletin(
    *, district: Unit, period: Period, edition: int, reason: str, comment: str, by: Person,
    at: datetime,
) -> Bulletin:  # fmt: skip
    """Issue the next edition with the figures as they stand; what was sent stays, as replaced.

    `edition` is the one that is corrected. A second click finds it corrected as it asked and
    changes nothing. Raises Invalid without a reason or where nothing differs, NothingToReport,
    and VersionConflict when somebody else corrected it meanwhile.
    """
    _lock(district)
    former = issued(district, period)
    if former is None:
        raise NothingToReport(_("This bulletin is not issued yet."))
    reason, comment = reason.strip(), comment.strip()
    _demand_words(reason, comment)
    is_mine = former.issued_by_id == by.pk and former.edition == edition + 1
    if is_mine and (former.reason, former.comment) == (reason, comment):
        return former
    if former.edition != edition:
        raise VersionConflict(
            _("Edition %(edition)s is issued already.") % {"edition": former.edition}
        )
    _check(district, period, business_day(at))
    content = content_of(district, period, business_day(at))
    if thawed(Content, former.content) == content and former.comment == comment:
        sentence = _("Nothing differs from edition %(edition)s.") % {"edition": edition}
        raise Invalid(sentence, [Fault("/comment", sentence)])
    row = Bulletin.objects.create(
        district=district, kind=period.kind.value, first_on=period.first, last_on=period.last,
        content=frozen(content), comment=comment, edition=edition + 1, reason=reason,
        issued_at=at, issued_by=by,
    )  # fmt: skip
    BulletinMail.objects.filter(bulletin=former, sent_at=None, claimed_at=None).delete()
    _tell(row, at)
    record(
        by=by, at=at, action="bulletin.correct", subject=f"bulletins/{row.kind}/{row.first_on}",
        district=district, reason=reason,
        changes=[
            {"key": {"field": "edition"}, "before": edition, "after": row.edition},
            {"key": {"field": "comment"}, "before": former.comment, "after": comment},
        ],
    )  # fmt: skip
    return row


def _demand_words(reason: str, comment: str) -> None:
    faults = []
    if not reason:
        faults.append(Fault("/reason", _("Give a reason.")))
    for pointer, text in (("/reason", reason), ("/comment", comment)):
        if len(text) > LONGEST_COMMENT:
            sentence = _("At most %(count)s characters.") % {"count": LONGEST_COMMENT}
            faults.append(Fault(pointer, sentence))
    if faults:
        raise Invalid(str(faults[0].detail), faults)


def _check(district: Unit, period: Period, today: date) -> None:
    if period.last > today:
        raise NothingToReport(_("The period is not over yet."))
    if period.kind is Kind.MONTHLY:
        month = Month.objects.filter(district=district, month=period.month).first()
        if month is None or month.state != MonthState.PUBLISHED:
            raise NothingToReport(_("The month is not published yet."))
    elif not reported_on(district, period):
        raise NothingToReport(_("No unit has reported anything of this period."))


def _tell(row: Bulletin, at: datetime) -> int:
    """Tell who has not heard of a bulletin yet; return how many. Call it under the lock."""
    people = readers(row.district, business_day(at))
    heard = set(Notification.objects.filter(key=row.key).values_list("person_id", flat=True))
    zh, en = in_both(lambda: _said(row))
    url = reverse("bulletin", args=[row.kind, row.first_on])
    notify(people, zh=zh, en=en, url=url, key=row.key, at=at)
    BulletinMail.objects.bulk_create(
        [
            BulletinMail(bulletin=row, person=person, address=person.user.email)
            for person in people
            if person.user is not None and person.user.email
        ],
        ignore_conflicts=True,
    )
    return len({person.pk for person in people} - heard)


def _said(row: Bulletin) -> str:
    text = _("%(title)s is out.") % {"title": title(row.period, row.edition)}
    return f"{text} {row.reason}" if row.reason else text


@transaction.atomic
def resend_bulletin(*, bulletin: Bulletin, by: Person, at: datetime) -> int:
    """Send again to whom it has not reached: new readers, and mails that failed.

    Who has it gets nothing twice. Returns how many people it goes to. Raises Locked for an
    edition that was replaced.
    """
    _lock(bulletin.district)
    if edition_of(bulletin).replaced_by is not None:
        raise Locked(_("A later edition replaced this one; send that one again."))
    before = BulletinMail.objects.filter(bulletin=bulletin).count()
    failed = BulletinMail.objects.filter(bulletin=bulletin, sent_at=None, failures__gt=0)
    again = failed.update(failures=0, claimed_at=None, last_error="")
    new = _tell(bulletin, at)
    new = max(new, BulletinMail.objects.filter(bulletin=bulletin).count() - before)
    if again or new:
        record(
            by=by, at=at, action="bulletin.resend", district=bulletin.district,
            subject=f"bulletins/{bulletin.kind}/{bulletin.first_on}",
            changes=[{"key": {"field": "people"}, "before": None, "after": again + new}],
        )  # fmt: skip
    return again + new


def note_reading(*, bulletin: Bulletin, by: Person, at: datetime) -> None:
    """Note that a person has opened a bulletin he or she was told of, and those it replaces."""
    former = editions(bulletin.district, bulletin.period).filter(edition__lte=bulletin.edition)
    keys = [Bulletin(pk=pk).key for pk in former.values_list("pk", flat=True)]
    for told in Notification.objects.filter(person=by, key__in=keys, read_at=None):
        mark_read(by=by, at=at, pk=told.pk)


@transaction.atomic
def set_schedule(*, district: Unit, schedule: Schedule, by: Person, at: datetime) -> None:
    """Set from when on the district's bulletins are issued by themselves."""
    _lock(district)
    before, after = frozen(schedule_of(district)), frozen(schedule)
    BulletinSchedule.objects.update_or_create(
        district=district,
        defaults={name: getattr(schedule, name) for name in after},
    )
    changes = [
        {"key": {"field": name}, "before": before[name], "after": after[name]}
        for name in after
        if before[name] != after[name]
    ]
    if changes:
        record(
            by=by, at=at, action="bulletin.schedule", subject="bulletins", district=district,
            changes=changes,
        )  # fmt: skip


def issue_due(*, at: datetime) -> None:
    """Issue what is due by itself; called by beat as often as it likes, by two beats too."""
    now = at.astimezone(BUSINESS_ZONE)
    for district in Unit.objects.filter(kind=UnitKind.DISTRICT):
        schedule = schedule_of(district)
        due = schedule.due(now)
        month = published_month(district) if schedule.is_monthly else None
        if month is not None and month.published_at and at - month.published_at < MONTHLY_WITHIN:
            due.append(period_of(Kind.MONTHLY, month.month))
        for period in due:
            if issued(district, period) is not None:
                continue
            try:
                issue_bulletin(district=district, period=period, by=None, at=at)
            except NothingToReport:
                continue  # the next beat looks again
            except Exception:
                logger.exception("bulletin %s of %s not issued", period, district.code)


def deliver_mails(*, at: datetime) -> None:
    """Send the mails that are owed. Each is claimed first, so no other sender takes it too.

    A sender that dies with a claim is given up after half an hour. Failures are counted.
    """
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIM_HOLDS)
    owed = BulletinMail.objects.filter(free, sent_at=None, failures__lt=MOST_FAILURES)
    rows = owed.select_related("bulletin__district", "person__district")[:MAILS_AT_ONCE]
    for row in list(rows):
        mine = owed.filter(pk=row.pk).update(claimed_at=at)
        if not mine:
            continue
        try:
            _mail(row, business_day(at)).send()
        except Exception as error:
            logger.warning("mail of %s failed", row.bulletin.key, exc_info=True)
            BulletinMail.objects.filter(pk=row.pk).update(
                claimed_at=None, failures=F("failures") + 1, last_error=str(error)[:400]
            )
        else:
            BulletinMail.objects.filter(pk=row.pk).update(sent_at=at)


def content_for(bulletin: Bulletin, person: Person, on: date) -> Content:
    """Return an issued bulletin as a person may see it today."""
    actor = actor_for(person, on=on)
    return for_reader(
        thawed(Content, bulletin.content),
        reads_figures=lambda pk: actor.can("actuals.read", pk or bulletin.district_id),
        reads_reasons=lambda pk: actor.can("reasons.read", pk),
    )


def _mail(row: BulletinMail, on: date) -> EmailMessage:
    bulletin, edition = row.bulletin, edition_of(row.bulletin)
    content = content_for(bulletin, row.person, on)
    subject, _english = in_both(lambda: title(bulletin.period, bulletin.edition))
    zh, en = in_both(lambda: "\n".join(mail_lines(content, edition)))
    parts = [subject, bulletin.comment, zh, en, _link(bulletin)]
    message = EmailMessage(subject, "\n\n".join(filter(None, parts)), to=[row.address])
    with override(settings.LANGUAGE_CODE):
        made = document(content, bulletin.comment, edition)
        message.attach(f"{subject}.pdf", pdf(made, bulletin.issued_at), "application/pdf")
    return message


def _link(bulletin: Bulletin) -> str:
    """Return the address of the bulletin's page; nothing while nobody set where the portal is."""
    if not settings.PORTAL_URL:
        return ""
    return settings.PORTAL_URL + reverse("bulletin", args=[bulletin.kind, bulletin.first_on])
