"""Versions of an indicator's definition card (口径卡), and its formula as written."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person
from orgchart.models.bilingual import in_language
from targets.models.indicators import Indicator


class DefinitionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CURRENT = "current", _("in force")
    PAST = "past", _("past")


class Definition(models.Model):
    """A version of a card. The one in force is repeated on the indicator, which figures read.

    `parts` is the formula as written: [{"source", "side", "coefficient"}], empty where the
    figure is entered. Its terms over entered figures are in the table of terms.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="definitions")
    version = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(max_length=7, choices=DefinitionState, default=DefinitionState.DRAFT)
    definition_zh = models.TextField(_("definition, Chinese"), blank=True)
    definition_en = models.TextField(_("definition, English"), blank=True)
    source_zh = models.CharField(_("source, Chinese"), max_length=200, blank=True)
    source_en = models.CharField(_("source, English"), max_length=200, blank=True)
    owner_zh = models.CharField(_("owner, Chinese"), max_length=100, blank=True)
    owner_en = models.CharField(_("owner, English"), max_length=100, blank=True)
    due_zh = models.CharField(_("deadline, Chinese"), max_length=100, blank=True)
    due_en = models.CharField(_("deadline, English"), max_length=100, blank=True)
    parts = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    edits = models.PositiveIntegerField(default=1)  # of the draft: a save names the one it read
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    TEXTS = (
        "definition_zh", "definition_en", "source_zh", "source_en", "owner_zh", "owner_en",
        "due_zh", "due_en",
    )  # fmt: skip

    class Meta:
        ordering = ["indicator", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "version"], name="definition_version"),
            models.UniqueConstraint(
                fields=["indicator"], condition=models.Q(state="draft"), name="one_draft_a_card"
            ),
        ]

    @property
    def definition(self) -> str:
        return in_language(self.definition_zh, self.definition_en)
