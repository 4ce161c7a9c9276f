"""How often outlets are visited, by tier, from a day on (rules §13.8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import DealerTier, Person, Unit
from targets.amounts import AmountField


class VisitFrequency(models.Model):
    """Visits a month of each outlet of a tier; 1.5 is one and two in turn. Latest row counts."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    tier = models.CharField(_("tier"), max_length=10, choices=DealerTier)
    valid_from = models.DateField(_("from"))
    visits = AmountField(_("visits a month"))
    set_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["tier", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "tier", "valid_from"], name="visit_frequency_once"
            ),
            models.CheckConstraint(
                condition=models.Q(visits__gte=0), name="visit_frequency_not_negative"
            ),
        ]
