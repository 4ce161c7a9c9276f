"""What units report: actuals per cell, and events that add, deduct or veto."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from targets.amounts import AmountField
from targets.models import Breakdown, Indicator
from targets.months import MonthField, first_day_constraint


class CheckState(models.IntegerChoices):
    """Where a figure stands with the auditor; any change of the figure begins anew."""

    UNCHECKED = 0, _("to be verified")
    VERIFIED = 1, _("verified")
    RETURNED = 2, _("sent back")


class Actual(models.Model):
    """A reported figure, month to date as of a day. A null value was taken back: not reported.

    `doubt_reason` is what the reporter wrote when the figure looked wrong and was right.
    `adjustment` is the sum of the late corrections of published months posted to this cell
    (kpi.models.Adjustment): what counts is value + adjustment. A row that only carries an
    adjustment has version 0 and no value.
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
    adjustment = AmountField(_("adjustment"), default=0, db_default=0)
    check_state = models.PositiveSmallIntegerField(
        choices=CheckState, default=CheckState.UNCHECKED, db_default=CheckState.UNCHECKED
    )

    class Meta:
        ordering = ["month", "unit_id", "indicator_id", "breakdown_id"]
        constraints = [first_day_constraint("actual_month_first_day")]

    @property
    def counted(self) -> Decimal | None:
        """What scores count: the figure with its adjustments, None while not reported."""
        return None if self.value is None else self.value + self.adjustment


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
