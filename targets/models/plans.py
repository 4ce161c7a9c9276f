"""The plan of a year and its annual target table (plan, table 3-0)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from targets.amounts import AmountField
from targets.models.indicators import Indicator


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RELEASED = "released", _("Released")


class Plan(models.Model):
    """A district's year. `version` counts releases; a released plan changes only by a new one."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=10, choices=PlanState, default=PlanState.DRAFT)
    version = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-year", "pk"]
        constraints = [models.UniqueConstraint(fields=["district", "year"], name="one_plan_a_year")]


class PlanRelease(models.Model):
    """A released version: the figures as they stood, who released them and when."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="releases")
    version = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    targets = models.JSONField()  # {indicator code: {"city": "…", "department": "…"}}
    # {sheet code: {"unit|breakdown|indicator": twelve figures as text, or null}}
    tasks = models.JSONField(default=dict)

    class Meta:
        ordering = ["plan", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "version"], name="release_version_once")
        ]


class Driver(models.TextChoices):
    """Which of the two was typed in; the other is derived and never typed back."""

    GROWTH = "growth", _("growth")
    TARGET = "target", _("target")


class AnnualTarget(models.Model):
    """One row of table 3-0: last year, and the city's and the department's target.

    Rows of derived indicators (totals) are not stored: they follow from their terms.
    `city_growth` and `department_growth` are ratios (0.1385); only the driver's side is kept,
    the other is null and derived.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="annual_targets")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    base = AmountField(_("last year"), null=True, blank=True)
    city_driver = models.CharField(max_length=6, choices=Driver, default=Driver.TARGET)
    city_growth = AmountField(null=True, blank=True)
    city_target = AmountField(null=True, blank=True)
    department_driver = models.CharField(max_length=6, choices=Driver, default=Driver.TARGET)
    department_growth = AmountField(null=True, blank=True)
    department_target = AmountField(null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["plan", "indicator__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "indicator"], name="one_target_per_indicator")
        ]
