"""What units report day by day, and how a month's pace is judged."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kpi.rules.pace import Calendar
from orgchart.models import Person, Unit
from targets.amounts import AmountField
from targets.models import Breakdown, Indicator
from targets.months import MonthField, first_day_constraint

PROMOTION_YIELD = 45  # users a promotion is expected to bring (rules §13), until a rule says else


class DailyFigure(models.Model):
    """A figure from the month's first day up to and including `day`; null was taken back.

    `note` is why it fell below the day before, or looked wrong and was right.
    """

    pk = models.CompositePrimaryKey("month", "unit_id", "indicator_id", "breakdown_id", "day")
    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    breakdown = models.ForeignKey(Breakdown, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    value = AmountField(_("month to date"), null=True)
    version = models.PositiveIntegerField(default=1)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["month", "unit_id", "indicator_id", "breakdown_id", "day"]
        constraints = [
            first_day_constraint("daily_month_first_day"),
            models.CheckConstraint(
                condition=models.Q(day__gte=models.F("month")), name="day_within_month"
            ),
        ]


class PaceRule(models.Model):
    """How pace is judged from a day on: the calendar, and what a promotion brings (rules §10)."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    valid_from = models.DateField(_("from"))
    calendar = models.CharField(
        _("calendar"),
        max_length=12,
        choices=[
            (Calendar.NATURAL.value, _("Natural days")),
            (Calendar.MON_SAT.value, _("Mon–Sat")),
            (Calendar.MON_FRI.value, _("Mon–Fri")),
            (Calendar.CN_WORKDAYS.value, _("Working days by law")),
        ],
        default=Calendar.NATURAL.value,
    )
    promotion_yield = models.PositiveIntegerField(_("users per promotion"), default=PROMOTION_YIELD)

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "valid_from"], name="pace_rule_a_day"),
            models.CheckConstraint(
                condition=models.Q(promotion_yield__gte=1), name="promotion_yield_positive"
            ),
        ]
