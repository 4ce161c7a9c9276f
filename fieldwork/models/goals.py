"""Goals of a month: of an account manager (plan §5.3), or of an agent in a handset mall (§5.1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Versioned
from targets.amounts import AmountField
from targets.months import MonthField, first_day_constraint


class Verdict(models.TextChoices):
    MET = "met", pgettext_lazy("goal", "Met")
    MISSED = "missed", pgettext_lazy("goal", "Missed")
    KEPT = "kept", pgettext_lazy("goal", "Kept")
    DROPPED = "dropped", pgettext_lazy("goal", "Dropped")
    WITHDREW = "withdrew", pgettext_lazy("goal", "Withdrew")


PERSON_VERDICTS = (Verdict.MET, Verdict.MISSED)
# Both sides choose (双向选择): the department keeps or drops, the agent may withdraw.
AGENT_VERDICTS = (Verdict.KEPT, Verdict.DROPPED, Verdict.WITHDREW)
ENDED = (Verdict.DROPPED, Verdict.WITHDREW)


class Goal(Versioned):
    """Somebody's month: groups to sign, mobile and fixed users to win, by a day.

    Groups are counted from the accounts; users are reported. The assessment freezes what was
    reached, `completion` as a ratio, and stays.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, null=True, related_name="+")
    groups = models.PositiveIntegerField(_("groups to sign"), default=0)
    mobile = models.PositiveIntegerField(_("mobile users to win"), default=0)
    fixed = models.PositiveIntegerField(_("fixed users to win"), default=0)
    due_on = models.DateField(_("due by"))
    groups_done = models.PositiveIntegerField(null=True)
    mobile_done = models.PositiveIntegerField(_("mobile users won"), null=True)
    fixed_done = models.PositiveIntegerField(_("fixed users won"), null=True)
    reported_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(null=True)
    verdict = models.CharField(_("assessment"), max_length=10, choices=Verdict, blank=True)
    completion = AmountField(null=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    assessed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    assessed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["unit__position", "person__code", "dealer__code", "pk"]
        constraints = [
            first_day_constraint("goal_month_first_day"),
            models.UniqueConstraint(fields=["month", "unit", "person"], name="goal_once_a_person"),
            models.UniqueConstraint(fields=["month", "dealer"], name="goal_once_an_agent"),
            models.CheckConstraint(
                condition=models.Q(person__isnull=True, dealer__isnull=False)
                | models.Q(person__isnull=False, dealer__isnull=True),
                name="goal_of_a_person_or_an_agent",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="") | models.Q(assessed_at__isnull=False),
                name="goal_assessed_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["month", "unit"], name="goal_month_unit")]
