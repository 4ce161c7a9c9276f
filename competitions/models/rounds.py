"""Competitions, their monthly rounds and the awards (plan §9)."""

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.actors import business_day
from orgchart.models import Person, Unit
from orgchart.models.bilingual import Dated, Named
from targets.amounts import AmountField
from targets.models import Indicator
from targets.months import MonthField, first_day_constraint


class Competition(Named):
    """A standing contest of a district; the monthly one has the code "monthly"."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(max_length=40)

    class Meta:
        ordering = ["district", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "code"], name="competition_code_in_district"
            )
        ]


class CompetitionPolicy(Dated):
    """How a competition is decided, in force for a period (rules §9); a draft decides nothing."""

    competition = models.ForeignKey(Competition, models.PROTECT, related_name="policies")
    amount = AmountField(_("award"))
    revenue = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    volume = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    # A third gate, for those who want it (rules §15).
    fixed_net = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    no_qualifier = models.CharField(
        max_length=4, choices=[("none", _("no award")), ("next", _("next qualifier"))]
    )
    tie = models.JSONField(default=list)  # ["revenue_rate", "volume_rate", "split"]
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=3)
    heeds_veto = models.BooleanField(default=True)
    excluded = models.JSONField(default=list, blank=True)  # codes of units that take no part
    reason = models.TextField(_("reason"), blank=True)
    is_draft = models.BooleanField(default=False)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["competition", "-valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "valid_from"],
                condition=models.Q(is_draft=False),
                name="competition_policy_once_a_day",
            )
        ]


class RoundState(models.TextChoices):
    DECIDED = "decided", _("On notice")
    NO_WINNER = "no_winner", _("No winner")
    APPROVED = "approved", _("Approved")
    PAID = "paid", _("Paid")
    VOID = "void", _("Void")


class Round(models.Model):
    """A month's decision with its reason and the standings it was made from.

    Reopening a month voids the round; deciding again adds another, so history stays.
    """

    competition = models.ForeignKey(Competition, models.PROTECT, related_name="rounds")
    policy = models.ForeignKey(CompetitionPolicy, models.PROTECT, related_name="+")
    month = MonthField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=RoundState)
    decided_at = models.DateTimeField()
    reason = models.JSONField()  # structured, as rules.Decision.reason
    standings = models.JSONField()  # per unit: score, rank, gates with task and actual
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-month", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "month"],
                condition=~models.Q(state="void"),
                name="one_round_in_force",
            ),
            first_day_constraint("round_month_first_day"),
        ]

    @property
    def notice_ends_on(self) -> date:
        """The last day of notice; the day of the decision is the first one."""
        return business_day(self.decided_at) + timedelta(days=max(self.policy.notice_days, 1) - 1)

    def notice_day(self, today: date) -> int:
        """Return which day of notice a day is, from 1."""
        return (today - business_day(self.decided_at)).days + 1


class Award(models.Model):
    """What a unit won in a round, in yuan."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="awards")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    amount = AmountField(_("award"))

    class Meta:
        ordering = ["round", "unit__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="one_award_a_unit")]


class Objection(models.Model):
    """What a unit holds against a decision during its notice, and how it was answered."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    text = models.TextField(_("objection"))
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    is_upheld = models.BooleanField(null=True)  # None: not answered
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="one_objection_a_unit")
        ]
