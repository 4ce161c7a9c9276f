"""What outlets activate day by day, and the alarms that follow from it (rules §5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models.activities import Activity
from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Versioned


class ReportedDay(models.Model):
    """A day whose outlets are known; `judged_at` is empty until the timed job looked at it."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    day = models.DateField()
    loaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["district", "day"], name="reported_day_once")
        ]


class OutletDay(models.Model):
    """The users that an outlet activated on a reported day; an outlet without a row had none."""

    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="+")
    day = models.DateField()
    users = models.PositiveIntegerField(_("activated"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dealer", "day"], name="outlet_day_once"),
            models.CheckConstraint(condition=models.Q(users__gt=0), name="outlet_day_has_users"),
        ]
        indexes = [models.Index(fields=["day"], name="outlet_day")]


class AlarmKind(models.TextChoices):
    JUMP = "jump", pgettext_lazy("alarm", "Sudden rise")
    DROP = "drop", pgettext_lazy("alarm", "Sudden fall")
    ZERO = "zero", pgettext_lazy("alarm", "Seven days of none")
    FREE = "free", pgettext_lazy("alarm", "Without a manager")


class AlarmState(models.TextChoices):
    OPEN = "open", pgettext_lazy("alarm", "Open")
    SEEN = "seen", pgettext_lazy("alarm", "Looked into")
    CLOSED = "closed", pgettext_lazy("alarm", "Closed")


class AlarmReason(models.TextChoices):
    PROMOTION = "promotion", pgettext_lazy("alarm", "Promotion")
    RIVAL = "rival", pgettext_lazy("alarm", "Rival’s offer")
    STOCK = "stock", pgettext_lazy("alarm", "Out of cards or handsets")
    SHUT = "shut", pgettext_lazy("alarm", "Shop was shut")
    STAFF = "staff", pgettext_lazy("alarm", "Counter staff changed")
    FALSE = "false", pgettext_lazy("alarm", "False openings suspected")
    SEASON = "season", pgettext_lazy("alarm", "Season or holiday")
    OTHER = "other", pgettext_lazy("alarm", "Other")
    GONE = "gone", pgettext_lazy("alarm", "No longer so")  # found by the timed job itself


class Alarm(Versioned):
    """Something about an outlet that begins on `day`; `users` that day, None without a manager.

    The mean was `base_users` ÷ `base_days` of the month before. `unit` and `person` follow the
    outlet's while the alarm is not closed; without a unit it falls to the clerk.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="+")
    kind = models.CharField(_("alarm"), max_length=4, choices=AlarmKind)
    day = models.DateField(_("day"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    users = models.PositiveIntegerField(null=True)
    base_users = models.PositiveIntegerField(null=True)
    base_days = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=6, choices=AlarmState, default=AlarmState.OPEN)
    reason = models.CharField(_("reason"), max_length=9, choices=AlarmReason, blank=True)
    remark = models.CharField(_("what was found"), max_length=200, blank=True)
    seen_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    visit = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-day", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dealer", "kind", "day"], name="alarm_once_a_run"),
            models.CheckConstraint(
                condition=models.Q(state="open") | ~models.Q(reason=""),
                name="alarm_answered_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "day"], name="alarm_state_day"),
            models.Index(fields=["unit", "state"], name="alarm_unit_state"),
        ]
