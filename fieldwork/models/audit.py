"""What the auditor compares (稽核, rules §12): takings, statements of dealers, sampled papers.

Each row may name the finding that was made of it; a voided finding counts as none.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models.findings import Finding
from fieldwork.models.warehouse import StockItem
from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Versioned
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class Compared(Versioned):
    """A dealer's row that may become a finding; `unit` as the dealer belonged on the day."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def has_finding(self) -> bool:
        return self.finding is not None and self.finding.voided_at is None


class DayTakings(Compared):
    """What the system booked for a dealer on a day and what the dealer paid in, in yuan.

    None is not reported yet. A difference is settled with a note, or becomes a finding.
    """

    day = models.DateField(_("day"))
    system = AmountField(_("booked by the system"), null=True)
    receipts = AmountField(_("paid in by the dealer"), null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("how it was settled"), max_length=200, blank=True)

    class Meta:
        ordering = ["-day", "dealer__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dealer", "day"], name="takings_once_a_day"),
        ]
        indexes = [models.Index(fields=["district", "day"], name="takings_day")]


class DealerStatement(Compared):
    """A dealer's month of an item: what came, went and is there; `item` None: phone numbers."""

    month = MonthField()
    item = models.ForeignKey(StockItem, models.PROTECT, null=True, related_name="+")
    opening = models.PositiveIntegerField(_("brought forward"), default=0)
    taken = models.PositiveIntegerField(_("assigned or received"))
    sold = models.PositiveIntegerField(_("sold"))
    returned = models.PositiveIntegerField(_("returned"), default=0)
    balance = models.PositiveIntegerField(_("in stock"))

    class Meta:
        ordering = ["-month", "dealer__code", "item__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dealer", "month", "item"], name="statement_once_a_month"
            ),
            models.UniqueConstraint(
                fields=["dealer", "month"], condition=models.Q(item=None),
                name="numbers_once_a_month",
            ),
            first_day_constraint("statement_month_first_day"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "month"], name="statement_month")]


class SampleSource(models.TextChoices):
    LEDGER = "ledger", pgettext_lazy("sample", "Billing ledger")
    LIST = "list", pgettext_lazy("sample", "Imported list")


class Sample(models.Model):
    """A month's drawn users whose papers are looked at; once drawn it stays.

    Whoever has the same users and the seed draws the same ones (rules.audit.drawn).
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    seed = models.CharField(_("seed"), max_length=40)
    population = models.PositiveIntegerField(_("users who joined"))
    source = models.CharField(max_length=6, choices=SampleSource)
    drawn_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "month"], name="one_sample_a_month"),
            first_day_constraint("sample_month_first_day"),
        ]


class SampledUser(Compared):
    """A drawn user: `mark` is the number as lists show it, the whole one is never stored.

    The three marks are None until the papers were looked at.
    """

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="users")
    mark = models.CharField(_("user"), max_length=40)
    joined_on = models.DateField(_("joined on"))
    contract = models.BooleanField(_("contract"), null=True)
    id_copy = models.BooleanField(_("ID copy"), null=True)
    signature = models.BooleanField(_("signature"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["unit__position", "dealer__code", "pk"]

    @property
    def is_sound(self) -> bool | None:
        """Return whether every paper is there, None while nobody looked."""
        if self.checked_at is None:
            return None
        return bool(self.contract and self.id_copy and self.signature)
