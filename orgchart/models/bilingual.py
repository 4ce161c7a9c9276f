"""What is named in both languages."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(zh: str, en: str) -> str:
    """Return the text of the active language, the other one where it is empty."""
    first, second = (en, zh) if (get_language() or "").startswith("en") else (zh, en)
    return first or second


class Named(models.Model):
    """A row with a Chinese and an English name."""

    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class ShortNamed(Named):
    """A named row that tables write in short."""

    short_zh = models.CharField(_("short Chinese name"), max_length=30, blank=True)
    short_en = models.CharField(_("short English name"), max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def short(self) -> str:
        return in_language(self.short_zh, self.short_en) or self.name


class Versioned(models.Model):
    """A row two people may edit: each change names the version it was made on."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class OpenQuerySet(models.QuerySet):
    """Rows that open on a day and may close after another."""

    def open_on(self, day):
        return self.filter(opened_on__lte=day).filter(
            models.Q(closed_on__isnull=True) | models.Q(closed_on__gte=day)
        )


class InForce(models.QuerySet):
    """Rows that hold for a period; an open end means until further notice."""

    def on(self, day):
        return self.filter(valid_from__lte=day).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=day)
        )

    def meeting(self, first, last=None):
        """Rows that hold on some day from `first` to `last`; without `last`, on any later day."""
        rows = self.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=first))
        return rows if last is None else rows.filter(valid_from__lte=last)


class Dated(models.Model):
    """A row in force from a first to a last day, both included."""

    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = InForce.as_manager()

    class Meta:
        abstract = True
