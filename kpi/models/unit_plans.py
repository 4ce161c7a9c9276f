"""The templates of plan §8.3: what a unit adds to its tasks, for a month and for the year."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Unit
from targets.months import MonthField, first_day_constraint


class ShortPlan(models.Model):
    """短期计划: how a unit means to close the gap of a month. Null is not written yet."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    shop_promotion = models.PositiveIntegerField(
        _("holiday promotions in dealers' shops, users"), null=True, blank=True
    )
    outdoor_promotion = models.PositiveIntegerField(
        _("outdoor promotions, users"), null=True, blank=True
    )
    measures = models.TextField(_("measures"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["month", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="one_short_plan_a_month"),
            first_day_constraint("short_plan_month_first_day"),
        ]


class LongTarget(models.Model):
    """长期目标: what a unit means to build in a year beyond its tasks. Null is not written yet."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    contracts = models.PositiveIntegerField(
        _("of the gross additions: contracts"), null=True, blank=True
    )
    promotions = models.PositiveIntegerField(_("promotions"), null=True, blank=True)
    promotion_users = models.PositiveIntegerField(_("users by promotions"), null=True, blank=True)
    partner_outlets = models.PositiveIntegerField(
        _("new first-tier partner outlets"), null=True, blank=True
    )
    exclusive_shops = models.PositiveIntegerField(_("new exclusive shops"), null=True, blank=True)
    supply_shops = models.PositiveIntegerField(
        _("new second-tier supply shops"), null=True, blank=True
    )
    groups = models.PositiveIntegerField(_("new group customers"), null=True, blank=True)
    measures = models.TextField(_("measures"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="one_long_target_a_year")
        ]
