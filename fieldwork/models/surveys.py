"""Surveys (摸底调查, plan appendix 4): a form sent round, with the day by which it is due."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from fieldwork.models.forms import Form, FormKind
from orgchart.models import Person, Unit
from orgchart.models.bilingual import Named, Versioned

SURVEY_KINDS = (
    FormKind.PROMOTION_PLAN, FormKind.CHANNEL_VISIT, FormKind.RIVAL_CHANNEL, FormKind.MARKET,
)  # fmt: skip


class Survey(Named, Versioned):
    """A version of a form sent to units or people; its sheets are activities of kind survey.

    Sent sheets may be changed up to the deadline; open ones are taken, as late, until it is closed.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(_("form"), max_length=20, choices=FormKind)
    form = models.ForeignKey(Form, models.PROTECT, related_name="+")
    opened_on = models.DateField(_("opened on"))
    deadline = models.DateField(_("due by"))
    made_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-deadline", "-pk"]
        indexes = [models.Index(fields=["district", "-deadline"], name="survey_deadline")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deadline__gte=models.F("opened_on")),
                name="survey_due_after_its_opening",
            )
        ]
