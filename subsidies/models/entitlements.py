"""Monthly subsidies: the policy of a unit, and what it is entitled to (plan §7.1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from orgchart.models.bilingual import Dated
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class SubsidyPolicy(Dated):
    """Fixed part, floating base, cap and floor of a unit, in yuan a month; no cap: uncapped."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    fixed = AmountField(_("fixed part"))
    floating_base = AmountField(_("floating base"))
    cap = AmountField(_("cap"), null=True, blank=True)  # a ratio: 1 is 100 %
    floor = AmountField(_("floor"), default=0)  # a ratio: paid at least, even for less

    class Meta:
        ordering = ["unit__position", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "valid_from"], name="policy_once_a_day")
        ]


class EntitlementState(models.TextChoices):
    SETTLED = "settled", _("Settled")
    PENDING = "pending", _("Floating part pending")
    MANUAL = "manual", _("To be decided by hand")


class Entitlement(models.Model):
    """What a unit may claim for a month, with the figures it was computed from.

    `decided_by` set the floating part by hand where no usable task allowed a computation.
    """

    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    policy = models.ForeignKey(SubsidyPolicy, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=EntitlementState)
    task = AmountField(null=True)  # total revenue, 万元
    actual = AmountField(null=True)
    fixed = AmountField()
    floating = AmountField(null=True)
    total = AmountField(null=True)
    computed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["month", "unit__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="one_entitlement_a_month"),
            first_day_constraint("entitlement_month_first_day"),
        ]
