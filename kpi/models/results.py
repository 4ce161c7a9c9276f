"""What units report: actuals per cell, and events that add, deduct or veto."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from targets.amounts import AmountField
from targets.models import Breakdown, Indicator
from targets.months import MonthField, first_day_constraint


class Actual(models.Model):
    """A reported figure, month to date as of a day. A null value was taken back: not reported.

    `doubt_reason` is what the reporter wrote when the figure looked wrong and was right.
    """

    pk = models.CompositePrimaryKey("month", "unit_id", "indicator_id", "breakdown_id")
    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    breakdown = models.ForeignKey(Breakdown, models.PROTECT, related_name="+", db_index=False)
    value = AmountField(_("actual"), null=True)
    as_of = models.DateField(_("as of"))
    version = models.PositiveIntegerField(default=1)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", db_index=False
    )
    doubt_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["month", "unit_id", "indicator_id", "breakdown_id"]
        constraints = [first_day_constraint("actual_month_first_day")]


class EventKind(models.TextChoices):
    """Events that scorecards count (rules §4.5, §4.6)."""

    LATE_REPORT = "late_report", _("Late report")
    AUDIT_FINDING = "audit_finding", _("Audit finding")
    COMPLAINT = "complaint", _("Valid complaint")
    NEW_GROUP = "new_group", _("New group customer")
    VETO = "veto", _("Veto: total score zero")
    AWARD_VETO = "award_veto", _("Veto: no award")


class Event(models.Model):
    """Something that happened in a unit; `count` of one kind noted together.

    A mistaken event is voided, not deleted: voided ones do not count.
    """

    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=EventKind)
    count = models.PositiveSmallIntegerField(_("count"), default=1)
    occurred_on = models.DateField(_("date"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["month", "unit_id", "kind", "pk"]
        indexes = [models.Index(fields=["month", "unit"], name="event_month_unit")]
        constraints = [
            first_day_constraint("event_month_first_day"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="event_count_positive"),
        ]
