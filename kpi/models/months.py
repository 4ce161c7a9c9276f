"""A district's month: open for entry, closed, published and frozen."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from targets.months import MonthField, first_day_constraint


class MonthState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    PUBLISHED = "published", _("Published")


class Month(models.Model):
    """The lock of everything reported for a month: writers take it shared, the closer alone.

    `revision` counts what anybody can see change on the leaderboard (its ETag).
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    state = models.CharField(_("state"), max_length=10, choices=MonthState, default=MonthState.OPEN)
    due_on = models.DateField(_("reports due"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Why what was never reported counts as zero points; blank while it must still be reported.
    missing_reason = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "month"], name="one_row_a_month"),
            first_day_constraint("month_first_day"),
        ]
