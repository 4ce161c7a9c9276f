"""Summaries (善总结, plan §8.1): a person's day, a team's week, and what the leader answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orgchart.models import Person, Unit


class SummaryKind(models.TextChoices):
    DAILY = "daily", pgettext_lazy("summary", "Daily")
    WEEKLY = "weekly", pgettext_lazy("summary", "Weekly")


class DayQuestion(models.TextChoices):
    """The four questions of the plan."""

    TODAY = "today", _("What was done today?")
    TOMORROW = "tomorrow", _("What is to be done tomorrow?")
    ARRANGE = "arrange", _("How is it arranged?")
    BETTER = "better", _("How to do better?")


class WeekQuestion(models.TextChoices):
    """The points of a team's week in the plan."""

    DONE = "done", _("Work of this week")
    LIGHTS = "lights", _("Highlights and shortcomings")
    PLAN = "plan", _("Plan of next week")
    WHO = "who", _("Who is responsible?")
    HOW = "how", _("How is it done?")
    DIFFICULTY = "difficulty", _("What is difficult?")
    SUPPORT = "support", _("Which support is needed?")
    SOLVE = "solve", _("How is it solved?")
    RAISE = "raise", _("How to raise results and profit?")


class Summary(models.Model):
    """What was sent: `first` is the day, or the Monday of the week. Once sent it stays.

    `answers`: question → text; `words` the same in one text, for the search. `figures` are those
    of fieldwork.queries.summary_figures as they stood when it was sent.
    """

    kind = models.CharField(_("kind"), max_length=6, choices=SummaryKind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    first = models.DateField(_("day"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    words = models.TextField(blank=True)
    figures = models.JSONField(default=dict)
    sent_at = models.DateTimeField()
    reply = models.CharField(_("answer"), max_length=500, blank=True)
    replied_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-first", "unit__position", "person__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "first"], condition=models.Q(kind="daily"),
                name="summary_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["unit", "first"], condition=models.Q(kind="weekly"),
                name="summary_once_a_week",
            ),
            models.CheckConstraint(
                condition=models.Q(reply="", replied_at=None)
                | (~models.Q(reply="") & models.Q(replied_at__isnull=False)),
                name="summary_reply_has_a_time",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["unit", "kind", "-first"], name="summary_unit_day")]
