"""Long work that somebody started and watches: an import, an export, many months scored again."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models.people import Person
from orgchart.models.units import Unit


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE_RUN = models.Q(state__in=[RunState.WAITING, RunState.RUNNING])


class Run(models.Model):
    """One piece of long work and how far it is; `done` of `total` portions (total null: unknown).

    `worker` and `beat_at` say who drives it and when it last moved. `result` is for programs,
    `note` the sentence for people, `url` where the result is. Of one `key` (blank: none) a
    district has one active run.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=60, blank=True)
    input = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    result = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    note = models.TextField(blank=True)
    error = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=32, blank=True)
    beat_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind", "key"],
                condition=ACTIVE_RUN & ~models.Q(key=""),
                name="one_active_run_of_a_key",
            )
        ]
        indexes = [models.Index(fields=["state"], condition=ACTIVE_RUN, name="run_active")]


class RunFile(models.Model):
    """A file that a run reads, or has made; in the database, where every worker finds it."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="file")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()
