"""Bulletins: the archive of what was issued, the comment on what is not, and who got a mail."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from portal.rules.bulletins import Kind, Period, Schedule

KINDS = [
    (Kind.DAILY.value, _("Daily bulletin")),
    (Kind.WEEKLY.value, _("Weekly bulletin")),
    (Kind.MONTHLY.value, _("Monthly bulletin")),
]
LONGEST_COMMENT = 500


class OfPeriod(models.Model):
    """Something of a district's period, which begins on `first_on`; once for each."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=KINDS)
    first_on = models.DateField()
    comment = models.CharField(_("comment"), max_length=LONGEST_COMMENT, blank=True)

    class Meta:
        abstract = True


class Bulletin(OfPeriod):
    """What was issued, as it was issued: a guard of the database refuses every later change.

    What was wrong is put right by a further `edition` with a `reason`; the one before stays.
    `content` is a portal.rules.bulletins.Content, frozen; `issued_by` is null when its time had
    come and nobody had issued it by hand.
    """

    last_on = models.DateField()
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    reason = models.CharField(_("what was corrected"), max_length=LONGEST_COMMENT, blank=True)
    content = models.JSONField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-last_on", "-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind", "first_on", "edition"], name="one_bulletin_an_edition"
            ),
            models.CheckConstraint(
                condition=models.Q(edition=1) | ~models.Q(reason=""),
                name="corrected_bulletin_has_reason",
            ),
        ]

    @property
    def period(self) -> Period:
        return Period(Kind(self.kind), self.first_on, self.last_on)

    @property
    def key(self) -> str:
        """What its notification is told by."""
        return f"bulletin/{self.pk}"


class BulletinDraft(OfPeriod):
    """The clerk's comment on a bulletin that is still to be issued."""

    version = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind", "first_on"], name="one_bulletin_draft_a_period"
            ),
        ]


class BulletinSchedule(models.Model):
    """When a district's bulletins are issued by themselves; a time that is null: by hand only."""

    district = models.OneToOneField(Unit, models.PROTECT, related_name="+")
    daily_from = models.TimeField(_("daily from"), null=True)
    weekly_from = models.TimeField(_("weekly from"), null=True)
    is_monthly = models.BooleanField(_("monthly"), default=True)

    @property
    def rule(self) -> Schedule:
        return Schedule(self.daily_from, self.weekly_from, self.is_monthly)


class BulletinMail(models.Model):
    """A mail owed to a reader with an address; claimed before it is sent, so that one sends it."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="mails")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    address = models.EmailField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "person"], name="one_mail_a_reader"),
        ]
        indexes = [
            models.Index(
                fields=["claimed_at"], condition=models.Q(sent_at__isnull=True), name="mail_owed"
            ),
        ]
