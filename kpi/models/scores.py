"""Scores and their lines: written by one statement per month, frozen when published."""

from django.db import models

from kpi.models.scorecards import Scorecard, ScorecardItem
from orgchart.models import Unit
from targets.amounts import AmountField
from targets.months import MonthField


class LineState(models.TextChoices):
    SCORED = "scored"
    PENDING = "pending"  # the actual is not reported
    NOT_ASSESSED = "exempt"  # target zero, weight spread
    NO_TARGET = "no_target"  # configuration error: a task is missing
    ZEROED = "zeroed"  # the month was closed without the actual: no points


class ScoreLine(models.Model):
    """One item of one unit in a month. `basis_n / basis_d` is the exact x of the curve.

    `actual` is the indicator's value, or how many events were counted; for a ratio it is
    `basis_n / basis_d` itself and null here. `basis_d` 0 means infinity.

    Written from the very rows it points to, and checked only when those are deleted: foreign
    keys in the database were most of the cost of a fill (decision 0004).
    """

    pk = models.CompositePrimaryKey("month", "unit_id", "item_id")
    month = MonthField()
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    item = models.ForeignKey(
        ScorecardItem, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=10, choices=LineState)
    target = AmountField(null=True)
    actual = AmountField(null=True)
    basis_n = models.BigIntegerField(null=True)
    basis_d = models.BigIntegerField(null=True)
    points = AmountField(null=True)

    class Meta:
        ordering = ["month", "unit_id", "item_id"]


class Score(models.Model):
    """A unit's total and rank in a month; total and rank are null while anything is pending."""

    pk = models.CompositePrimaryKey("month", "unit_id")
    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="+", db_index=False)
    applicable_weight = AmountField()
    unspread = AmountField(null=True)  # Σ item points before the weight of exempt items is spread
    base = AmountField(null=True)
    bonus = AmountField(null=True)
    total = AmountField(null=True)
    rank = models.PositiveIntegerField(null=True)
    pending = models.PositiveSmallIntegerField(default=0)
    is_vetoed = models.BooleanField(default=False)
    is_award_vetoed = models.BooleanField(default=False)

    class Meta:
        ordering = ["month", models.F("rank").asc(nulls_last=True), "unit_id"]
