"""Answers to a released plan: a unit accepts it, counter-proposes, or asks to borrow."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from targets.models.plans import Plan
from targets.models.tasks import TaskSheet


class Acceptance(models.Model):
    """A unit's yes to a version. `carried_from`: said to an earlier one with the same tasks."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="acceptances")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    carried_from = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["plan", "version", "unit", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "unit", "version"], name="acceptance_once")
        ]


class ProposalKind(models.TextChoices):
    COUNTER = "counter", _("Counter-proposal")
    BORROW = "borrow", _("Borrowing")


class ProposalState(models.TextChoices):
    OPEN = "open", _("to decide")
    MET = "met", _("agreed")
    INSISTED = "insisted", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    OVERTAKEN = "overtaken", _("overtaken by a new version")


class Proposal(models.Model):
    """What a unit wants otherwise in a table, and what the head decided.

    `cells`: [{"breakdown", "indicator", "month": "2026-11", "before", "after"}], figures as text.
    A borrowing moves between months and keeps the unit's year.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="proposals")
    sheet = models.ForeignKey(TaskSheet, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ProposalKind)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    version = models.PositiveSmallIntegerField()
    cells = models.JSONField()
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["plan", "-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "unit", "kind"], condition=Q(state="open"),
                name="one_open_proposal",
            )
        ]  # fmt: skip
