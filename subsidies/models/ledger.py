"""The ledger of users from the billing system: batches of an extract and their rows (rules §7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Dealer, Person, Unit
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class LedgerBatch(models.Model):
    """An extract of a month that was read whole; `key` is the SHA-256 of the file.

    Withdrawn batches stay listed without rows; of a month one batch is in force.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    key = models.CharField(max_length=64)
    name = models.CharField(_("file"), max_length=200)
    rows = models.PositiveIntegerField(default=0)
    loaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-month", "-loaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "month"],
                condition=models.Q(withdrawn_at=None),
                name="one_ledger_in_force",
                violation_error_message=_("The month already has a ledger: withdraw it first."),
            ),
            first_day_constraint("ledger_month_first_day"),
        ]


class LedgerRow(models.Model):
    """A user of a dealer as billed in the batch's month.

    `user` is the billing system's mark, masked by it; `net` billed revenue less arrears;
    `first_minutes` call minutes in the joining month.
    """

    batch = models.ForeignKey(LedgerBatch, models.CASCADE, related_name="entries")
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="+")
    user = models.CharField(max_length=40)
    joined_on = models.DateField()
    first_minutes = AmountField()
    minutes = AmountField()
    net = AmountField()
    is_low_quality = models.BooleanField(default=False)
    left_on = models.DateField(null=True)

    class Meta:
        ordering = ["batch", "dealer", "user", "pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "user"], name="ledger_user_once")]
