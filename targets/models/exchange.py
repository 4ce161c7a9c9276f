"""Files of task sheets that came back: kept until applied, and what was applied from them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person
from targets.models.plans import Plan


class BatchState(models.TextChoices):
    PENDING = "pending", _("not applied yet")
    FAULTY = "faulty", _("faulty")
    APPLIED = "applied", _("applied")
    ROLLED_BACK = "rolled_back", _("rolled back")


class Batch(models.Model):
    """An uploaded file. Before it is applied only its uploader sees it, for a day.

    `cells`: [{"sheet", "key", "month", "value", "base", "place"}] as in the file; `faults`:
    [[place, sentence]]; `file`: only a faulty one, coloured; `written`: [{"sheet", "key", "month",
    "before", "after", "version"}] as stored, to be rolled back while the versions stand.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=BatchState)
    name = models.CharField(max_length=120)
    base_version = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    cells = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    file = models.BinaryField(null=True)
    written = models.JSONField(default=list)
    applied_at = models.DateTimeField(null=True)
    rolled_back_at = models.DateTimeField(null=True)
    rolled_back_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
