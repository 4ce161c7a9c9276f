"""Scorecards: versioned rules by which a kind of unit is scored (rules §4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kpi.models.results import EventKind
from orgchart.models import Person, Unit
from orgchart.models.bilingual import Dated, ShortNamed
from targets.amounts import AmountField
from targets.models import Indicator


class ScorecardState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")  # a unit's own items, until the head approves them
    PUBLISHED = "published", _("Published")


class ZeroTarget(models.TextChoices):
    """What a target of zero means (rules §4.8)."""

    SPREAD = "spread", _("not assessed, weight spread")
    FULL = "full", _("full points")
    ZERO = "zero", _("no points")


class Scorecard(ShortNamed, Dated):
    """A version of the rules, in force for a period, for some kinds of unit.

    With a `unit` it is that unit's alone: the card it is `based_on` with items of the unit's own
    (自设KPI), whose weights together stay within that card's `own_limit`.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors"
    )
    own_limit = AmountField(_("weight of self-set items, at most"), default=0)
    code = models.CharField(_("version"), max_length=20)  # v2026.2
    unit_kinds = models.JSONField(default=list)
    zero_target = models.CharField(max_length=6, choices=ZeroTarget, default=ZeroTarget.SPREAD)
    state = models.CharField(max_length=10, choices=ScorecardState, default=ScorecardState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="scorecard_code_in_district")
        ]


class ItemRole(models.TextChoices):
    ITEM = "item", _("Item")
    BONUS = "bonus", _("Bonus")


class Basis(models.TextChoices):
    """What the curve is evaluated over, as numerator and denominator (see rules.scoring.Basis)."""

    COMPLETION = "completion", _("completion")  # 1 + (actual − target) ÷ |target|
    INVERSE = "inverse", _("target ÷ actual")
    INVERSE_LINEAR = "inverse_linear", _("2 − actual ÷ target")
    ACTUAL = "actual", _("value")  # the indicator itself
    EVENTS = "events", _("events")  # Σ count × rate
    RELATIVE = "relative", _("own ÷ best")


class ScorecardItem(ShortNamed):
    """A line of a scorecard. `params` is the rule as a person wrote it; segments are its curve."""

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="items")
    code = models.CharField(max_length=20)
    role = models.CharField(max_length=5, choices=ItemRole, default=ItemRole.ITEM)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    weight = AmountField(_("weight"), default=0)
    rule = models.CharField(_("rule"), max_length=20)
    params = models.JSONField(default=dict)
    basis = models.CharField(max_length=14, choices=Basis)
    position = models.PositiveSmallIntegerField(default=0)
    is_own = models.BooleanField(_("self-set"), default=False)  # on a card of one unit
    # 1, 2, 3: the rate that parts equal totals first, second, third; null: it does not.
    tie_break = models.PositiveSmallIntegerField(_("parts ties"), null=True, blank=True)

    class Meta:
        ordering = ["scorecard", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "code"], name="item_code_in_scorecard"),
            models.UniqueConstraint(
                fields=["scorecard", "tie_break"], name="tie_break_once_in_scorecard"
            ),
            models.CheckConstraint(
                condition=models.Q(tie_break__isnull=True)
                | models.Q(tie_break__gte=1, tie_break__lte=3),
                name="tie_break_one_to_three",
            ),
        ]


class EventRate(models.Model):
    """Points per event of a kind, for deductions and bonuses."""

    item = models.ForeignKey(ScorecardItem, models.CASCADE, related_name="event_rates")
    kind = models.CharField(max_length=20, choices=EventKind)
    per = AmountField()

    class Meta:
        ordering = ["item", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "kind"], name="event_rate_once"),
        ]


class CurveSegment(models.Model):
    """points(x) = (intercept + slope·x) / denominator from `start` on; a null start is −∞.

    It ends before `until`, the next one's start; the last one's is null. Both are ratios ×10⁴
    (AmountField); the others are small reduced integers, so that the scoring statement stays
    inside 64 bits.
    """

    item = models.ForeignKey(ScorecardItem, models.CASCADE, related_name="segments")
    start = AmountField(null=True)
    until = AmountField(null=True)
    intercept = models.BigIntegerField()
    slope = models.BigIntegerField()
    denominator = models.BigIntegerField()

    class Meta:
        ordering = ["item", models.F("start").asc(nulls_first=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "start"], name="segment_start_once"),
            models.CheckConstraint(
                condition=models.Q(denominator__gte=1), name="segment_denominator_positive"
            ),
        ]
