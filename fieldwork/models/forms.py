"""Forms (表单): the fields that an activity is answered by, in versions that never change."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models import Person, Unit
from orgchart.models.bilingual import Dated, Named


class FormKind(models.TextChoices):
    """What is asked: the visit's six items and the four forms of appendix 4."""

    SIX_ITEMS = "six_items", _("Six-item standard")
    PROMOTION_PLAN = "promotion_plan", _("Promotion plan")
    CHANNEL_VISIT = "channel_visit", _("Channel-visit survey")
    RIVAL_CHANNEL = "rival_channel", _("Competitor channels")
    MARKET = "market", _("Market environment")


class Form(Dated, Named):
    """A version of a form. `fields`: [{"code", "zh", "en", "type", "options", "required"}].

    Types: check, text, number (added up), average (a number too), choice, yes_no, date. A version
    that was answered stays as it is; a later one is a new row with the next number and its own
    first day.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=FormKind)
    number = models.PositiveIntegerField(_("version"), default=1)
    fields = models.JSONField(default=list)
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "number"], name="form_version_once")
        ]
