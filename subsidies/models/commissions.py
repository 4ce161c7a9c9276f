"""Commissions of dealers (rules §7) and of staff (§4.11): scheme, sheet, statements, lines."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Dealer, Person, Post, Unit
from orgchart.models.bilingual import Dated, Named
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class SheetKind(models.TextChoices):
    DEALERS = "dealers", _("Dealers")
    STAFF = "staff", _("Staff")


class CommissionScheme(Named, Dated):
    """A version of the commission policy; `body` as `rules.scheme` or `rules.staff` reads it.

    Who published it stays empty for versions that came with the workbook.
    """

    kind = models.CharField(
        _("paid to"), max_length=10, choices=SheetKind, default=SheetKind.DEALERS
    )
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.CharField(_("version"), max_length=20)
    body = models.JSONField()
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="scheme_code_in_district")
        ]


class SchemeDraft(Named):
    """A version being written: it pays nothing until it is published and becomes a scheme.

    `edits` counts the savings, so that nobody publishes or overwrites what was not read.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(
        _("paid to"), max_length=10, choices=SheetKind, default=SheetKind.DEALERS
    )
    code = models.CharField(_("version"), max_length=20)
    valid_from = MonthField()
    body = models.JSONField()
    edits = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["valid_from", "code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="draft_code_in_district"),
            models.CheckConstraint(
                condition=models.Q(valid_from__day=1), name="draft_month_first_day"
            ),
        ]


class DealerReturn(models.Model):
    """A dealer's month as the billing extract counts it: the input of its statement.

    `instalments`: users by month and lower bound of the revenue band, {"3": {"0": 21, "10": 34,
    "20": 58, "50": 17}, "6": {…}}; `revenue_groups`: [["8.40", 60], …] average and users;
    `clawbacks`: [[14, "32"], …] users and the unit price once paid for them. `retained`:
    {"2025-12": 180} users of an earlier month that are still there, where a part of a pool asks
    for them. `ledger` is the batch it was counted from; empty when it was typed.
    """

    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="+")
    month = MonthField()
    gross = models.PositiveIntegerField(_("gross adds"), default=0)
    zero_call = models.PositiveIntegerField(_("without calls"), default=0)
    low_quality = models.PositiveIntegerField(_("low-quality users"), default=0)
    instalments = models.JSONField(default=dict)
    revenue_groups = models.JSONField(default=list)
    clawbacks = models.JSONField(default=list)
    retained = models.JSONField(default=dict)
    penalty = AmountField(_("audit penalty"), default=0)
    ledger = models.ForeignKey(
        "subsidies.LedgerBatch", models.SET_NULL, null=True, related_name="returns"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["month", "dealer__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dealer", "month"], name="one_return_a_month"),
            first_day_constraint("return_month_first_day"),
        ]


class SheetState(models.TextChoices):
    MADE = "made", _("Made")
    AUDITED = "audited", _("Audited")
    APPROVED = "approved", _("Approved")
    PAID = "paid", _("Paid out")
    ARCHIVED = "archived", _("Archived")
    RETURNED = "returned", _("Returned")
    VOID = "void", _("Void")


# From the approval on: sealed, and what it carries is known.
SETTLED = (SheetState.APPROVED, SheetState.PAID, SheetState.ARCHIVED)


class CommissionSheet(models.Model):
    """The commissions of a kind of a district-month. Approved sheets never change.

    Maker, auditor and approver are three people: the service says so, and so does the database.
    `seal` is the SHA-256 over the lines, set with the approval. Afterwards only the payment is
    registered (`payment_note`: voucher or batch) and the papers are filed.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    kind = models.CharField(
        _("paid to"), max_length=10, choices=SheetKind, default=SheetKind.DEALERS
    )
    version = models.PositiveSmallIntegerField(default=1)
    scheme = models.ForeignKey(CommissionScheme, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=SheetState, default=SheetState.MADE)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    audited_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    audited_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)
    paid_out_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    paid_out_at = models.DateTimeField(null=True)
    payment_note = models.CharField(max_length=120, blank=True)
    archived_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    archived_at = models.DateTimeField(null=True)
    seal = models.CharField(max_length=64, blank=True)
    gross = AmountField(default=0)
    deductions = AmountField(default=0)
    brought_forward = AmountField(default=0)
    net = AmountField(default=0)
    paid = AmountField(default=0)
    carried = AmountField(default=0)

    class Meta:
        ordering = ["-month", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "month", "kind", "version"], name="one_sheet_a_version"
            ),
            models.UniqueConstraint(
                fields=["district", "month", "kind"],
                condition=~models.Q(state="void"),
                name="one_sheet_in_force",
                violation_error_message=_("The month already has a commission sheet."),
            ),
            models.CheckConstraint(
                condition=models.Q(audited_by__isnull=True)
                | ~models.Q(audited_by=models.F("made_by")),
                name="maker_is_not_auditor",
                violation_error_message=_("Whoever made a sheet cannot audit it."),
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | (
                    ~models.Q(approved_by=models.F("made_by"))
                    & ~models.Q(approved_by=models.F("audited_by"))
                ),
                name="approver_is_a_third",
                violation_error_message=_("Whoever made or audited a sheet cannot approve it."),
            ),
            # The two above hold for an absent auditor too; an approved sheet has all three.
            models.CheckConstraint(
                condition=~models.Q(state__in=("approved", "paid", "archived"))
                | (
                    models.Q(audited_by__isnull=False, approved_by__isnull=False)
                    & ~models.Q(seal="")
                ),
                name="approved_is_complete",
            ),
            first_day_constraint("sheet_month_first_day"),
        ]


class Statement(models.Model):
    """A dealer's or a person's part of a sheet, as things stood on the month's last day.

    A dealer's has its class, a person's the post. `counted_users` earned `unit_price` each at
    joining; a later clawback may take back no more. `return_version` is the version of the
    dealer's return, or the revision of the month, that it was computed from.
    """

    sheet = models.ForeignKey(CommissionSheet, models.CASCADE, related_name="statements")
    dealer = models.ForeignKey(Dealer, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    commission_class = models.CharField(max_length=1, blank=True)
    counted_users = models.PositiveIntegerField()
    unit_price = AmountField()
    return_version = models.PositiveIntegerField()
    gross = AmountField()
    deductions = AmountField()
    brought_forward = AmountField()
    net = AmountField()
    paid = AmountField()
    carried = AmountField()

    class Meta:
        ordering = ["sheet", "unit__position", "dealer__tier", "dealer__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "dealer"], name="one_statement_a_dealer"),
            models.UniqueConstraint(fields=["sheet", "person"], name="one_statement_a_person"),
            models.CheckConstraint(
                condition=models.Q(dealer__isnull=False, person__isnull=True, post__isnull=True)
                | models.Q(dealer__isnull=True, person__isnull=False, post__isnull=False),
                name="statement_of_dealer_or_person",
            ),
        ]

    @property
    def payee(self) -> Dealer | Person:
        """Whom it pays."""
        found = self.dealer or self.person
        assert found is not None
        return found


class CommissionLine(models.Model):
    """One amount of a statement with the formula it came from; deductions are positive too.

    `code` is the rules' key of the line, e.g. "instalment_3"; `formula` its working:
    {"code": …, "params": {…}, "parts": [{…}]}. No rate: the parts have different ones.
    """

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lines")
    code = models.CharField(max_length=40)
    quantity = AmountField(null=True)
    rate = AmountField(null=True)
    amount = AmountField()
    formula = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["statement", "position", "pk"]


class CommissionAdjustment(models.Model):
    """A later correction of a sealed line (补差): an amount that an open sheet settles.

    `amount` is positive for what is still paid, negative for what is taken back. `line` is the
    line it corrects, of the same payee; `sheet` the one that settled it, empty while it waits.
    """

    line = models.ForeignKey(CommissionLine, models.PROTECT, related_name="+")
    amount = AmountField()
    reason = models.TextField()
    sheet = models.ForeignKey(CommissionSheet, models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["entered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="adjustment_is_not_zero"),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(sheet=None),
                name="settled_adjustment_stays",
            ),
        ]


class ObjectionState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    REJECTED = "rejected", _("Answered")
    ACCEPTED = "accepted", _("Accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class StatementObjection(models.Model):
    """A manager doubts a line of a dealer's statement; accepted, it leads to an adjustment."""

    line = models.ForeignKey(CommissionLine, models.PROTECT, related_name="objections")
    state = models.CharField(max_length=10, choices=ObjectionState, default=ObjectionState.OPEN)
    text = models.TextField()
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    adjustment = models.OneToOneField(
        CommissionAdjustment, models.PROTECT, null=True, related_name="objection"
    )

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=models.Q(state="open"),
                name="one_open_objection_a_line",
                violation_error_message=_("An objection to this line waits for its answer."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="accepted") | models.Q(adjustment__isnull=False),
                name="accepted_objection_is_adjusted",
            ),
        ]
