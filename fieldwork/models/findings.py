"""Audit findings (稽核): what was wrong, what it costs, until when it is to be put right."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kpi.models import Event
from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Versioned
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class FindingArea(models.TextChoices):
    """What was looked at (rules §12)."""

    RECEIPTS = "receipts", _("Dealer receipts against the system")
    CASH = "cash", _("Cash, refunds, invoices")
    GIFTS = "gifts", _("Gifts against forms")
    CARDS = "cards", _("Card and terminal stock")
    NUMBERS = "numbers", _("Number resources")
    DOCUMENTS = "documents", _("Original documents")
    OPENINGS = "openings", _("False openings")
    OTHER = "other", pgettext_lazy("finding", "Other")


class FindingLevel(models.TextChoices):
    """What a finding does: nothing, points of the unit, yuan of a dealer, the whole score."""

    HINT = "hint", pgettext_lazy("finding", "Hint")
    POINTS = "points", pgettext_lazy("finding", "Points off")
    MONEY = "money", pgettext_lazy("finding", "Money off")
    VETO = "veto", pgettext_lazy("finding", "Veto")


class Finding(Versioned):
    """One finding. `month` is the month whose score or sheet counts it, null while owed or none.

    `amount` in yuan is taken from the dealer's commission of that month. A finding is open until
    it is put right (`closed_at`); a mistaken one is voided and counts nothing.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, null=True, related_name="+")
    area = models.CharField(_("audit of"), max_length=10, choices=FindingArea)
    level = models.CharField(_("level"), max_length=6, choices=FindingLevel)
    text = models.CharField(_("finding"), max_length=200)
    amount = AmountField(_("penalty"), null=True)
    found_on = models.DateField(_("found on"))
    found_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    deadline = models.DateField(_("put right by"), null=True)
    month = MonthField(null=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    is_owed = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closing_note = models.CharField(_("how it was put right"), max_length=200, blank=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-found_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="finding_code_in_district"),
            first_day_constraint("finding_month_first_day"),
        ]
        indexes = [
            models.Index(fields=["district", "month"], name="finding_month"),
            models.Index(fields=["unit", "found_on"], name="finding_unit_day"),
        ]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.voided_at is None
