"""Indicators with their definition cards (口径卡), and the dimensions they break down by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Unit
from orgchart.models.bilingual import Named, ShortNamed, in_language


class Dimension(models.TextChoices):
    WHOLE = "whole", _("Undivided")
    TIER = "tier", _("Channel tier")
    PRODUCT = "product", _("Product")
    SEGMENT = "segment", _("Customer segment")


class Breakdown(Named):
    """A member of a dimension; the one member of WHOLE (code "all") stands for no division."""

    WHOLE_CODE = "all"

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    dimension = models.CharField(_("dimension"), max_length=10, choices=Dimension)
    code = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="breakdown_code_in_district")
        ]


class Rollup(models.TextChoices):
    """How months combine: added up, the last or the first, their mean, or a ratio of sums.

    Units always add up, in a ratio on both sides.
    """

    SUM = "sum", _("Sum")
    LAST = "last", _("Last")
    FIRST = "first", _("First")
    MEAN = "mean", _("Mean")
    RATIO = "ratio", _("Ratio")


class Direction(models.TextChoices):
    UP = "up", _("More is better")
    DOWN = "down", _("Less is better")


class Indicator(ShortNamed):
    """An indicator and its definition card.

    `is_percent`: values are ratios (0.0790) shown as percent (7.90). `decimals` are those of
    the value as shown. `entry` is the dimension by which actuals are entered; blank when nobody
    enters them (derived, or counted from events). Derived indicators are sums or ratios of
    their terms; every other indicator has one term, itself.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    measure_zh = models.CharField(_("unit of measure, Chinese"), max_length=20)
    measure_en = models.CharField(_("unit of measure, English"), max_length=30, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0)
    is_percent = models.BooleanField(_("percentage"), default=False)
    rollup = models.CharField(_("roll-up"), max_length=10, choices=Rollup, default=Rollup.SUM)
    direction = models.CharField(
        _("direction"), max_length=4, choices=Direction, default=Direction.UP
    )
    is_derived = models.BooleanField(_("derived"), default=False)
    # Of a derived sum, e.g. 2 for the mean of opening and closing.
    divisor = models.PositiveIntegerField(_("divisor"), default=1, db_default=1)
    # A figure below zero is nothing odd: net additions, refunds above what was billed.
    may_be_negative = models.BooleanField(_("may be negative"), default=False, db_default=False)
    entry = models.CharField(_("entered by"), max_length=10, choices=Dimension, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    card_version = models.PositiveSmallIntegerField(_("definition version"), default=1)
    definition_zh = models.TextField(_("definition, Chinese"), blank=True)
    definition_en = models.TextField(_("definition, English"), blank=True)
    source_zh = models.CharField(_("source, Chinese"), max_length=200, blank=True)
    source_en = models.CharField(_("source, English"), max_length=200, blank=True)
    owner_zh = models.CharField(_("owner, Chinese"), max_length=100, blank=True)
    owner_en = models.CharField(_("owner, English"), max_length=100, blank=True)
    due_zh = models.CharField(_("deadline, Chinese"), max_length=100, blank=True)
    due_en = models.CharField(_("deadline, English"), max_length=100, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="indicator_code_in_district")
        ]

    @property
    def stored_decimals(self) -> int:
        """Decimals of the stored value: two more than shown for percentages."""
        return self.decimals + 2 if self.is_percent else self.decimals

    @property
    def in_ten_thousands(self) -> bool:
        """Whether figures are ten thousands of yuan, as the plan has them."""
        return self.measure_zh == "万元"

    @property
    def measure(self) -> str:
        return in_language(self.measure_zh, self.measure_en)

    @property
    def definition(self) -> str:
        return in_language(self.definition_zh, self.definition_en)

    @property
    def source(self) -> str:
        return in_language(self.source_zh, self.source_en)

    @property
    def owner(self) -> str:
        return in_language(self.owner_zh, self.owner_en)

    @property
    def due(self) -> str:
        return in_language(self.due_zh, self.due_en)


class Term(models.Model):
    """A summand of an indicator: of its numerator, or of its denominator when it is a ratio."""

    class Side(models.TextChoices):
        NUMERATOR = "n", _("numerator")
        DENOMINATOR = "d", _("denominator")

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="terms")
    source = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    side = models.CharField(max_length=1, choices=Side, default=Side.NUMERATOR)
    sign = models.SmallIntegerField(choices=[(1, "+"), (-1, "−")], default=1)
    # Constant factor of the side, e.g. 10 000 from 万元 to 元 for ARPU.
    factor = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["indicator", "side", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "source", "side"], name="term_once_per_side"
            )
        ]
