"""The work calendar (plan §8.4): dated duties as a template, the entries of days, feed links."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orgchart.models import Person, Unit
from orgchart.models.bilingual import Named, Versioned


class Repeat(models.TextChoices):
    WEEKLY = "weekly", pgettext_lazy("duty", "Every week")
    MONTHLY = "monthly", pgettext_lazy("duty", "Every month")
    YEARLY = "yearly", pgettext_lazy("duty", "Every year")


class Audience(models.TextChoices):
    UNITS = "units", pgettext_lazy("duty", "Each business unit")
    DISTRICT = "district", pgettext_lazy("duty", "The district")


class Duty(Versioned, Named):
    """A duty that comes again: `day` is the weekday (1 Monday) or the day of the month, of which
    31 is the last; `month` of a yearly one; `days` how long it takes.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    repeat = models.CharField(_("repeated"), max_length=8, choices=Repeat)
    month = models.PositiveSmallIntegerField(_("month"), null=True)
    day = models.PositiveSmallIntegerField(_("day"))
    days = models.PositiveSmallIntegerField(_("days it takes"), default=1)
    audience = models.CharField(_("whose"), max_length=8, choices=Audience)
    clause = models.CharField(_("clause of the plan"), max_length=20, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["repeat", "month", "day", "code"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="duty_code_in_district"),
            models.CheckConstraint(
                condition=models.Q(repeat="yearly", month__gte=1, month__lte=12)
                | (~models.Q(repeat="yearly") & models.Q(month=None)),
                name="duty_month_of_a_year",
            ),
            models.CheckConstraint(
                condition=models.Q(day__gte=1, day__lte=31, days__gte=1, days__lte=31),
                name="duty_days_in_range",
            ),
        ]


class CalendarEntry(Versioned, Named):
    """A day or some days of a unit (the district: of everybody), or of one person alone."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, related_name="entries")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    first = models.DateField(_("from"))
    last = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    done_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["first", "unit__position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit=None, person__isnull=False)
                | models.Q(unit__isnull=False, person=None),
                name="entry_of_a_unit_or_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="entry_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(done_by=None, done_at=None)
                | models.Q(done_by__isnull=False, done_at__isnull=False),
                name="entry_done_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["duty", "unit", "first"], name="entry_once_a_duty",
                condition=models.Q(duty__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "first"], name="entry_day"),
            models.Index(fields=["person", "first"], name="entry_person_day"),
        ]


class CalendarLink(models.Model):
    """A calendar program's way in. Only the token's SHA-256 is kept; one is in use at a time."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_on = models.DateField(_("last used"), null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(revoked_at=None), name="one_calendar_link"
            )
        ]
