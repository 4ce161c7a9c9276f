"""What closing a month asks for: verification by the auditor, and what comes too late for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from orgchart.models.bilingual import Dated
from targets.amounts import AmountField
from targets.models import Breakdown, Indicator
from targets.months import MonthField, first_day_constraint


class ClosingRule(Dated):
    """How the months of a district are closed, in force on their last day."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    requires_verification = models.BooleanField(_("verification required"), default=True)

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "valid_from"], name="closing_rule_once_a_day"
            )
        ]


class Verification(models.Model):
    """One act of the auditor on a unit's returns; append-only, the latest one counts.

    Which figures stand verified is said by the figures themselves (Actual.check_state).
    """

    class Verdict(models.TextChoices):
        VERIFIED = "verified", _("verified")
        RETURNED = "returned", _("sent back")

    month = MonthField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["month", "unit"], name="verification_month_unit")]
        constraints = [first_day_constraint("verification_month_first_day")]


class AdjustmentState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    VERIFIED = "verified", _("verified")
    APPROVED = "approved", _("posted")
    REFUSED = "refused", _("refused")


class Adjustment(models.Model):
    """A correction of a published month, counted in an open one (posted) once approved.

    `delta` is what the figure of `month` lacked; `effect` keeps what it would have changed there,
    as portal.queries.effects has shown it to the approver.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    breakdown = models.ForeignKey(Breakdown, models.PROTECT, related_name="+")
    month = MonthField()
    delta = AmountField(_("correction"))
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(
        max_length=10, choices=AdjustmentState, default=AdjustmentState.REQUESTED
    )
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    verified_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    posted = MonthField(null=True)
    effect = models.JSONField(null=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["month", "unit"], name="adjustment_month_unit"),
            models.Index(fields=["posted", "unit"], name="adjustment_posted_unit"),
        ]
        constraints = [
            first_day_constraint("adjustment_month_first_day"),
            models.CheckConstraint(
                condition=~models.Q(delta=0), name="adjustment_changes_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state="approved", posted__isnull=False)
                | (~models.Q(state="approved") & models.Q(posted__isnull=True)),
                name="adjustment_posted_when_approved",
            ),
        ]
