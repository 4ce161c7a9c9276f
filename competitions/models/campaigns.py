"""Campaigns, their entered results and what was awarded."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from competitions.rules import campaigns as rules
from orgchart.actors import business_day
from orgchart.models import DealerTier, Person, Unit
from orgchart.models.bilingual import Named, Versioned
from targets.amounts import AmountField
from targets.models import Direction, Indicator


class Contestants(models.TextChoices):
    PEOPLE = "people", pgettext_lazy("campaign", "People")
    DEALERS = "dealers", pgettext_lazy("campaign", "Dealers")
    UNITS = "units", pgettext_lazy("campaign", "Units")


class Source(models.TextChoices):
    """Where results come from: entered for the campaign, or read from what is kept anyway."""

    ENTERED = "entered", _("Entered for the campaign")
    REPORTED = "reported", _("Reported figures of the units")
    LEDGER = "ledger", _("Dealer returns and billing ledger")


class CampaignState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    ANNOUNCED = "announced", pgettext_lazy("campaign", "Announced")
    DECIDED = "decided", pgettext_lazy("campaign", "On notice")
    APPROVED = "approved", pgettext_lazy("campaign", "Approved")
    PAID = "paid", pgettext_lazy("campaign", "Paid")
    VOID = "void", pgettext_lazy("campaign", "Void")


class Phase(models.TextChoices):
    """What a campaign is on a day: an announced one waits, runs, and is over by the calendar."""

    DRAFT = "draft", pgettext_lazy("campaign", "Draft")
    ANNOUNCED = "announced", pgettext_lazy("campaign", "Announced")
    RUNNING = "running", pgettext_lazy("campaign", "Running")
    CLOSED = "closed", pgettext_lazy("campaign", "Over, to be decided")
    DECIDED = "decided", pgettext_lazy("campaign", "On notice")
    APPROVED = "approved", pgettext_lazy("campaign", "Approved")
    PAID = "paid", pgettext_lazy("campaign", "Paid")
    VOID = "void", pgettext_lazy("campaign", "Void")


class Campaign(Versioned, Named):
    """A contest from a first to a last day.

    `indicator` gives measure and direction; without one `measure` says what is counted. `units`
    are codes of the units that take part, none for all; `tier` narrows dealers. `goal` is what
    all together should reach. `prizes`: [[places, "300.00"]], `levels`: [["1000", "50.00"]].
    `standings` are those of the decision.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    contestants = models.CharField(_("who competes"), max_length=8, choices=Contestants)
    source = models.CharField(_("results"), max_length=8, choices=Source)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    measure = models.CharField(_("counted in"), max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    units = models.JSONField(default=list)
    tier = models.CharField(_("tier"), max_length=10, choices=DealerTier, blank=True)
    goal = AmountField(_("common goal"), null=True)
    threshold = AmountField(_("least result"), null=True)
    prizes = models.JSONField(default=list)
    levels = models.JSONField(default=list)
    tie = models.CharField(
        _("ties"),
        max_length=8,
        choices=[
            (rules.Tie.SHARE.value, _("share the prizes of their places")),
            (rules.Tie.EACH.value, _("each takes the better prize in full")),
            (rules.Tie.EARLIER.value, _("who was there first, then share")),
        ],
        default=rules.Tie.SHARE.value,
    )
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=3)
    note = models.TextField(_("terms in words"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=CampaignState, default=CampaignState.DRAFT
    )
    standings = models.JSONField(null=True)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    announced_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    announced_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-starts_on", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "code"],
                name="campaign_code_in_district",
                violation_error_message=_("Another campaign of the district has this code."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | models.Q(decided_by__isnull=True)
                | ~models.Q(approved_by=models.F("decided_by")),
                name="campaign_approver_did_not_decide",
            ),
        ]

    @property
    def terms(self) -> rules.Terms:
        """The terms as the rules read them."""
        return rules.Terms(
            prizes=tuple(rules.Prize(places, Decimal(amount)) for places, amount in self.prizes),
            levels=tuple(rules.Level(Decimal(at), Decimal(amount)) for at, amount in self.levels),
            threshold=self.threshold,
            tie=rules.Tie(self.tie),
            less_is_better=self.indicator is not None
            and self.indicator.direction == Direction.DOWN,
        )

    @property
    def result_decimals(self) -> int:
        """With how many decimals results are entered."""
        if self.indicator is None:
            return self.decimals
        return self.indicator.decimals + 2 * self.indicator.is_percent

    @property
    def is_open(self) -> bool:
        """Whether results may still change."""
        return self.state in (CampaignState.DRAFT, CampaignState.ANNOUNCED)

    @property
    def notice_ends_on(self) -> date:
        """The last day of notice; the day of the decision is the first one."""
        assert self.decided_at is not None
        return business_day(self.decided_at) + timedelta(days=max(self.notice_days, 1) - 1)

    def phase(self, today: date) -> Phase:
        if self.state != CampaignState.ANNOUNCED:
            return Phase(self.state)
        if today < self.starts_on:
            return Phase("announced")
        return Phase("running" if today <= self.ends_on else "closed")


class CampaignResult(Versioned):
    """What a contestant has since the campaign's first day, as it stood on a day."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="results")
    contestant = models.SlugField(max_length=40)  # code of the person, dealer or unit
    day = models.DateField(_("day"))
    value = AmountField(_("result since the first day"))
    reported_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        ordering = ["campaign", "contestant", "day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contestant", "day"], name="campaign_result_once_a_day"
            )
        ]


class CampaignAward(models.Model):
    """What a contestant won, in yuan: for a place, for a level; `unit` is where it is counted."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="awards")
    contestant = models.SlugField(max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField()
    for_place = AmountField(_("for the place"))
    for_level = AmountField(_("for the level"))
    amount = AmountField(_("award"))

    class Meta:
        ordering = ["campaign", "rank", "contestant", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contestant"], name="one_campaign_award_each"
            )
        ]
