"""Promotions (促销活动): the plan and the result of an activity of that kind (rules §11)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models.activities import Activity
from orgchart.models import Person
from targets.amounts import AmountField


class Setting(models.TextChoices):
    SHOP = "shop", pgettext_lazy("promotion", "In a shop")
    OUTDOOR = "outdoor", pgettext_lazy("promotion", "Outdoors")


class Promotion(models.Model):
    """What a promotion is to bring and cost, who decided, what came of it; amounts in yuan.

    Day, dealer, responsible person, state, photos and version are its activity's. `reason` is of
    the last return or of the cancelling. `users` and `cost` are null until the result is entered.
    """

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    setting = models.CharField(_("kind"), max_length=7, choices=Setting)
    place = models.CharField(_("place"), max_length=120)
    materials = models.CharField(_("materials"), max_length=300, blank=True)
    expected = models.PositiveIntegerField(_("expected users"))
    budget = AmountField(_("budget"))
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    users = models.PositiveIntegerField(_("users won"), null=True)
    cost = AmountField(_("cost"), null=True)
    summary = models.CharField(_("summary"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("made_by")),
                name="promotion_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(users__isnull=True, cost__isnull=True)
                | Q(users__isnull=False, cost__isnull=False),
                name="promotion_result_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(budget__gte=0) & (Q(cost__isnull=True) | Q(cost__gte=0)),
                name="promotion_money_not_negative",
            ),
        ]
