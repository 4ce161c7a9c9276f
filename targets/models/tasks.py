"""Task sheets (plan, tables 4-1 … 4-4 and section 5) and the monthly tasks in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit, UnitKind
from orgchart.models.bilingual import Named
from targets.amounts import AmountField
from targets.models.indicators import Breakdown, Dimension, Indicator
from targets.models.plans import Plan
from targets.months import MonthField, first_day_constraint


class SheetKind(models.TextChoices):
    UNITS = "units", _("by unit")
    SEGMENT = "segment", _("by customer segment")


class SheetMethod(models.TextChoices):
    """Which sums are fixed before the cells; the values are those of the rules."""

    ROW_FIRST = "row_first", _("rows first")
    MONTH_FIRST = "month_first", _("months first")
    BOTH_MARGINS = "both_margins", _("rows and months fixed")


class TaskSheet(Named):
    """One table of the plan. Unit sheets hold tasks; segment sheets are a second cut of them.

    `total` is the annual figure broken down; `season` twelve percentages summing to 100.
    `total` null means that cells are entered, not broken down (rates such as churn).
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="sheets")
    code = models.CharField(_("table"), max_length=10)
    kind = models.CharField(max_length=10, choices=SheetKind, default=SheetKind.UNITS)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    dimension = models.CharField(max_length=10, choices=Dimension)
    total = AmountField(_("annual total"), null=True, blank=True)
    season = models.JSONField(_("season"), default=list)  # twelve decimals as strings
    method = models.CharField(
        _("method"), max_length=12, choices=SheetMethod, default=SheetMethod.ROW_FIRST
    )
    position = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["plan", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="sheet_code_in_plan")]


class SheetRow(models.Model):
    """A row of a sheet: unit × breakdown, or segment × indicator, with its breakdown weights.

    `weight` is the unit's percentage of the total, `part` the row's percentage of the unit;
    `history` (typed over what is published) and `capacity`, the market it can reach, stand on a
    unit's first row and are sources of weights. `rolled` is what the tasks exceed the row's year
    by since shortfalls were rolled forward.
    A row with a `total` of its own has no weights, and may have a `season` of its own: twelve
    weights in the sheet's form, empty for the sheet's. Segment rows have no unit; `unit_kind`
    names the units whose tasks they cut a second time (blank: reconciled with nobody).
    """

    sheet = models.ForeignKey(TaskSheet, models.CASCADE, related_name="rows")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    breakdown = models.ForeignKey(Breakdown, models.PROTECT, related_name="+")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    weight = AmountField(null=True, blank=True)
    part = AmountField(null=True, blank=True)
    history = AmountField(_("history"), null=True, blank=True)
    capacity = AmountField(_("market capacity"), null=True, blank=True)
    total = AmountField(_("annual total"), null=True, blank=True)
    rolled = AmountField(_("rolled forward"), default=0)
    season = models.JSONField(_("season"), default=list, blank=True)
    unit_kind = models.CharField(max_length=20, choices=UnitKind, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sheet", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "unit", "breakdown", "indicator"],
                name="sheet_row_once",
            )
        ]


class Task(models.Model):
    """What a unit should reach in a month: unit × indicator × breakdown × month.

    The key is the natural one: a compact fact is read twice as fast (see the bench).
    """

    pk = models.CompositePrimaryKey("month", "unit_id", "indicator_id", "breakdown_id")
    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", db_index=False)
    breakdown = models.ForeignKey(Breakdown, models.PROTECT, related_name="+", db_index=False)
    value = AmountField(_("task"))
    is_locked = models.BooleanField(default=False)
    lock_reason = models.CharField(max_length=200, blank=True)
    locked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["month", "unit_id", "indicator_id", "breakdown_id"]
        constraints = [first_day_constraint("task_month_first_day")]


class SegmentTask(models.Model):
    """What a customer segment should bring in a month (plan §5): reconciled, never added."""

    row = models.ForeignKey(SheetRow, models.CASCADE, related_name="cells")
    month = MonthField()
    value = AmountField(_("task"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["row", "month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["row", "month"], name="segment_cell_once"),
            first_day_constraint("segment_month_first_day"),
        ]
