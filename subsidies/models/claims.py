"""Expense claims (费用报销单): items, receipts, states and who took each step (plan §7.1)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from orgchart.models.bilingual import Dated, Named, Versioned
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class Draws(models.TextChoices):
    SPLIT = "split", _("Fixed part of this month, floating part of last month")
    LAST_MONTH = "last_month", _("Both parts of last month")


class ClaimSource(Dated):
    """Which month's subsidy the claims of a month draw on; without a row, the first of Draws."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    draws = models.CharField(_("claims draw on"), max_length=12, choices=Draws)

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "valid_from"], name="claim_source_once")
        ]


class ClaimCategory(Named, Versioned):
    """What money is spent on; `needs_people` demands participants and a purpose (招待)."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    needs_people = models.BooleanField(_("participants and purpose required"), default=False)
    is_open = models.BooleanField(_("offered on new claims"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="claim_category_code")
        ]


class ClaimState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    CHECKED = "checked", _("Receipts checked")
    PAID = "paid", _("Paid")
    ARCHIVED = "archived", _("Archived")
    VOID = "void", _("Void")


def _other_than(first: str, second: str) -> models.CheckConstraint:
    """Return the constraint that two steps of a claim are two people's."""
    return models.CheckConstraint(
        condition=Q(**{f"{second}__isnull": True}) | ~Q(**{first: F(second)}),
        name=f"claim_{first}_not_{second}",
    )


class Claim(Versioned):
    """A claim of a unit-month; amounts in yuan. `granted` is set when the receipts are checked.

    `filed_at` and `filed_amount` are of the first submission, the date of the form: a returned
    claim may come back after the 25th with no more than was filed in time.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    number = models.CharField(_("number"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=ClaimState, default="draft")
    amount = AmountField(_("amount"), default=0)
    granted = AmountField(_("granted"), null=True)
    claimant = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    filed_amount = AmountField(null=True)
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of the last return, or of becoming void
    # The code of the promotion that the money went to: an app beside this one keeps it.
    promotion = models.CharField(_("promotion"), max_length=20, blank=True, default="")

    class Meta:
        ordering = ["-month", "-number", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="claim_number_in_unit"),
            first_day_constraint("claim_month_first_day"),
            _other_than("claimant", "approved_by"),
            _other_than("claimant", "checked_by"),
            _other_than("claimant", "paid_by"),
            _other_than("approved_by", "checked_by"),
            _other_than("approved_by", "paid_by"),
            models.CheckConstraint(
                condition=Q(granted__isnull=True) | Q(granted__gt=0, granted__lte=F("amount")),
                name="claim_granted_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "paid", "archived"]) | Q(granted__isnull=False),
                name="claim_paid_is_granted",
            ),
        ]
        indexes = [
            models.Index(fields=["month", "unit", "state"], name="claim_by_month"),
            models.Index(
                fields=["promotion"], condition=~Q(promotion=""), name="claim_by_promotion"
            ),
        ]


class ClaimItem(models.Model):
    """A line of a claim."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    spent_on = models.DateField(_("day"))
    category = models.ForeignKey(ClaimCategory, models.PROTECT, related_name="+")
    amount = AmountField(_("amount"))
    purpose = models.CharField(_("purpose"), max_length=200)
    participants = models.CharField(_("participants"), max_length=200, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "position"], name="claim_item_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="claim_item_positive"),
        ]


class ReceiptKind(models.TextChoices):
    JPEG = "image/jpeg", "JPEG"
    PDF = "application/pdf", "PDF"


class ClaimReceipt(models.Model):
    """A photo or PDF. `token` is the random name it is fetched by; `digest` that of the upload.

    The content stays in the database: one backup, one transaction, every machine.
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="receipts")
    token = models.CharField(max_length=43, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(max_length=20, choices=ReceiptKind)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, db_index=True)
    content = models.BinaryField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "digest"], name="receipt_once_a_claim")
        ]
