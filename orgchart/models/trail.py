"""The audit trail, the idempotency keys and the outbox of jobs."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models.people import Person
from orgchart.models.units import Unit


class AuditEntry(models.Model):
    """One change: who, when, what, before, after, why. Append-only, guarded by triggers.

    `subject` names the thing as a path ("actuals/grid1/2026-03"); `changes` is a list of
    {"key": {...}, "before": ..., "after": ...}, one per cell or field.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=160)
    changes = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    source = models.CharField(max_length=20, default="web")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["subject", "at"]),
            models.Index(fields=["district", "-at"]),
        ]


class IdempotencyRecord(models.Model):
    """The answer once given under a key; keys belong to a user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(encoder=DjangoJSONEncoder, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_per_user")
        ]


class Job(models.Model):
    """Work owed for a district-month. Requests count up; the consumer notes what it has done.

    A job is pending while `requested` is above `done`. The mark is set in the transaction of
    the change and cleared in the transaction of the effect, so neither a lost message nor a
    killed worker loses work.
    """

    kind = models.CharField(max_length=20)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = models.DateField()
    requested = models.PositiveBigIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    requested_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        ordering = ["requested_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "district", "month"], name="one_job_a_month")
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=models.Q(requested__gt=models.F("done")),
                name="job_pending",
            )
        ]
