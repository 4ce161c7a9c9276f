"""The store (仓库): items, requests from the units, and the ledger whose sum is the stock.

Stock is never stored. A place is a unit: the district itself is its store, a business unit holds
what was issued to it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Named, Versioned


class ItemKind(models.TextChoices):
    TERMINAL = "terminal", pgettext_lazy("stock", "Terminals")
    CARD = "card", pgettext_lazy("stock", "SIM cards")
    GIFT = "gift", pgettext_lazy("stock", "Gifts")
    MATERIAL = "material", pgettext_lazy("stock", "Materials")


class Measure(models.TextChoices):
    """What an item is counted in."""

    SET = "set", pgettext_lazy("measure", "sets")
    CARD = "card", pgettext_lazy("measure", "cards")
    PIECE = "piece", pgettext_lazy("measure", "pieces")
    BOX = "box", pgettext_lazy("measure", "boxes")
    COPY = "copy", pgettext_lazy("measure", "copies")


class StockItem(Versioned, Named):
    """Something the store keeps. `warning_level`: fewer than this free is a shortage, 0: never."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=ItemKind)
    measure = models.CharField(_("counted in"), max_length=10, choices=Measure)
    warning_level = models.PositiveIntegerField(_("warning level"), default=0)
    is_closed = models.BooleanField(_("no longer requested"), default=False)

    class Meta:
        ordering = ["kind", "code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="stock_item_code"),
        ]


class RequestState(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("request", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("request", "To be issued")
    ISSUED = "issued", pgettext_lazy("request", "Issued")
    REFUSED = "refused", pgettext_lazy("request", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")


class StockRequest(Versioned):
    """What a unit asks the store for. Made, approved and issued by three people."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=200)
    needed_on = models.DateField(_("needed on"), null=True)
    state = models.CharField(max_length=9, choices=RequestState, default=RequestState.SUBMITTED)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    issued_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="stock_request_code"),
        ]
        indexes = [models.Index(fields=["district", "state"], name="stock_request_state")]


class StockRequestLine(models.Model):
    """An item of a request; `granted` once it is approved, at most what was asked."""

    request = models.ForeignKey(StockRequest, models.CASCADE, related_name="lines")
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="+")
    asked = models.PositiveIntegerField()
    granted = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["item__kind", "item__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "item"], name="stock_request_item_once"),
            models.CheckConstraint(
                condition=models.Q(granted=None) | models.Q(granted__lte=models.F("asked")),
                name="stock_granted_within_asked",
            ),
        ]


class MovementKind(models.TextChoices):
    RECEIVE = "receive", pgettext_lazy("stock", "Received")
    ISSUE = "issue", pgettext_lazy("stock", "Issued")
    RETURN = "return", pgettext_lazy("stock", "Returned")
    TRANSFER = "transfer", pgettext_lazy("stock", "Transferred")
    HAND_OUT = "hand_out", pgettext_lazy("stock", "Handed out")
    WRITE_OFF = "write_off", pgettext_lazy("stock", "Written off")
    STOCK_TAKE = "stock_take", pgettext_lazy("stock", "Stock-take")


class StockMovement(models.Model):
    """One line of the ledger: how many came to (+) or left (−) a place; never changed.

    `other` is the place on the other side, which has a line of its own; `dealer` who was handed
    something out.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="movements")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    other = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey(StockRequest, models.PROTECT, null=True, related_name="movements")
    kind = models.CharField(_("kind"), max_length=10, choices=MovementKind)
    quantity = models.IntegerField(_("quantity"))
    on = models.DateField(_("day"))
    voucher = models.CharField(_("voucher"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(quantity=0), name="stock_line_moves"),
            models.UniqueConstraint(
                fields=["item", "voucher"],
                condition=models.Q(kind="receive") & ~models.Q(voucher=""),
                name="stock_received_once_a_voucher",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "unit"], name="stock_item_place"),
            models.Index(fields=["district", "on"], name="stock_day"),
            models.Index(fields=["dealer", "on"], name="stock_dealer_day"),
        ]
