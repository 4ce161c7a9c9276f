"""Users who may leave or have left, and the calls that are to keep them (plan §6, rules §5).

Personal data: numbers and names stand in these two tables only and are removed after a set time.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.rules.audit import masked
from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Versioned
from targets.amounts import AmountField


class WarningKind(models.TextChoices):
    LOW_BALANCE = "low_balance", pgettext_lazy("warning", "Low balance")
    FALLING_USE = "falling_use", pgettext_lazy("warning", "Falling use")
    NO_CALLS = "no_calls", pgettext_lazy("warning", "No calls")
    COMPLAINT = "complaint", pgettext_lazy("warning", "Complaint")
    NOT_ACTIVATED = "not_activated", pgettext_lazy("warning", "Not activated")
    LEFT = "left", pgettext_lazy("warning", "Has left")


class CallResult(models.TextChoices):
    NO_ANSWER = "no_answer", pgettext_lazy("call", "No answer")
    UNREACHABLE = "unreachable", pgettext_lazy("call", "Out of reach")
    SUSPENDED = "suspended", pgettext_lazy("call", "Suspended for debt")
    REFUSED = "refused", pgettext_lazy("call", "Refused to talk")
    GONE = "gone", pgettext_lazy("call", "Number gone or closed")
    AGREED = "agreed", pgettext_lazy("call", "Agreed to stay")
    DECLINED = "declined", pgettext_lazy("call", "Does not want to")
    TRIAL_ONLY = "trial_only", pgettext_lazy("call", "Only wanted to try")
    POOR_NETWORK = "poor_network", pgettext_lazy("call", "Poor network")
    OTHER = "other", pgettext_lazy("call", "Something else")
    RETURNED = "returned", pgettext_lazy("call", "Came back")


NOT_REACHED = (
    CallResult.NO_ANSWER,
    CallResult.UNREACHABLE,
    CallResult.SUSPENDED,
    CallResult.REFUSED,
    CallResult.GONE,
)
REACHED = tuple(each for each in CallResult if each not in NOT_REACHED)


class LeavingReason(models.TextChoices):
    TARIFF = "tariff", pgettext_lazy("leaving", "Tariff")
    NETWORK = "network", pgettext_lazy("leaving", "Network")
    SERVICE = "service", pgettext_lazy("leaving", "Service")
    RIVAL = "rival", pgettext_lazy("leaving", "Won over by a competitor")
    ONE_TIME = "one_time", pgettext_lazy("leaving", "Changed or one-time number")
    MOVED = "moved", pgettext_lazy("leaving", "Left the place")
    DEBT = "debt", pgettext_lazy("leaving", "Debt")
    FALSE = "false", pgettext_lazy("leaving", "Falsely developed")


class WarnedUser(Versioned):
    """A user of a month's list, given to a person; what the last call found stands here too.

    `number` and `name` are empty once they were removed. `is_billed`: whether the month after
    the list's was billed, None while unknown. `revenue` is the mean of three months, in yuan.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    number = models.CharField(_("user number"), max_length=20, blank=True)
    name = models.CharField(_("name"), max_length=40, blank=True)
    kind = models.CharField(_("kind of warning"), max_length=14, choices=WarningKind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    revenue = AmountField(_("mean revenue"), null=True)
    listed_on = models.DateField(_("listed on"))
    due_on = models.DateField(_("first call by"))
    is_billed = models.BooleanField(_("billed next month"), null=True)
    first_call_at = models.DateTimeField(null=True)
    last_call_at = models.DateTimeField(null=True)
    result = models.CharField(_("result"), max_length=12, choices=CallResult, blank=True)
    reason = models.CharField(_("reason of leaving"), max_length=10, choices=LeavingReason,
                              blank=True)  # fmt: skip
    measure = models.CharField(_("what is offered"), max_length=200, blank=True)
    again_on = models.DateField(_("call again on"), null=True)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "month", "number"], condition=~models.Q(number=""),
                name="warned_once_a_month",
            ),
            models.CheckConstraint(
                condition=models.Q(result="", first_call_at=None)
                | (~models.Q(result="") & models.Q(first_call_at__isnull=False)),
                name="warned_result_has_a_call",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["unit", "month"], name="warned_unit_month"),
            models.Index(fields=["person", "due_on"], name="warned_person_due"),
            models.Index(fields=["listed_on"], condition=~models.Q(number=""), name="warned_named"),
        ]

    @property
    def is_left(self) -> bool:
        return self.kind == WarningKind.LEFT or self.is_billed is False

    @property
    def masked(self) -> str:
        """Return the number as lists show it: 130****0001; empty once removed."""
        return masked(self.number)

    @property
    def masked_name(self) -> str:
        return self.name[:1] + "*" * (len(self.name) - 1)


class Call(models.Model):
    """One call; calls are added, never changed. The text goes when the number goes."""

    user = models.ForeignKey(WarnedUser, models.CASCADE, related_name="calls")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    result = models.CharField(_("result"), max_length=12, choices=CallResult)
    reason = models.CharField(_("reason of leaving"), max_length=10, choices=LeavingReason,
                              blank=True)  # fmt: skip
    measure = models.CharField(_("what is offered"), max_length=200, blank=True)
    again_on = models.DateField(_("call again on"), null=True)

    class Meta:
        ordering = ["-at", "-pk"]
