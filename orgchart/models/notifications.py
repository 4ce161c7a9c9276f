"""What the portal tells a person: one sentence with a way to what it is about."""

from django.db import models

from orgchart.models.bilingual import in_language
from orgchart.models.people import Person


class Notification(models.Model):
    """A sentence in both languages for one person; a `key` is told to a person once."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField(max_length=160)
    text_zh = models.CharField(max_length=400)
    text_en = models.CharField(max_length=400, blank=True)
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="told_once"),
        ]
        indexes = [
            models.Index(
                fields=["person"],
                condition=models.Q(read_at__isnull=True),
                name="notification_unread",
            ),
            models.Index(fields=["person", "-at"], name="notification_newest"),
        ]

    @property
    def text(self) -> str:
        return in_language(self.text_zh, self.text_en)
