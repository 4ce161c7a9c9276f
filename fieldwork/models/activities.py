"""Activities: what somebody is to do in the field, and what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fieldwork.models.accounts import Account
from fieldwork.models.forms import Form
from fieldwork.models.surveys import Survey
from orgchart.models import Dealer, Person, Unit
from orgchart.models.bilingual import Versioned


class ActivityKind(models.TextChoices):
    VISIT = "visit", _("Channel visit")
    PROMOTION = "promotion", _("Promotion")
    SURVEY = "survey", _("Survey")


class ActivityState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("activity", "Planned")
    SUBMITTED = "submitted", pgettext_lazy("activity", "Submitted")
    RETURNED = "returned", pgettext_lazy("activity", "Returned")
    APPROVED = "approved", pgettext_lazy("activity", "Approved")
    DONE = "done", pgettext_lazy("activity", "Done")
    CANCELLED = "cancelled", pgettext_lazy("activity", "Cancelled")


class Activity(Versioned):
    """A visit, a promotion or a sheet of a survey: planned for a day, given to a person, then done.

    Exactly what a kind asks for is in `answers`, by the codes of the form's fields. A problem
    found has a `follow_up_on` and stays open until `closed_at`. `subject` is what a survey's sheet
    is about, its first answer: once a unit.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=ActivityKind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Dealer, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="activities")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    planned_on = models.DateField(_("planned for"))
    state = models.CharField(
        _("state"), max_length=10, choices=ActivityState, default=ActivityState.PLANNED
    )
    form = models.ForeignKey(Form, models.PROTECT, null=True, related_name="+")
    answers = models.JSONField(default=dict)
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, related_name="sheets")
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    stock = models.CharField(_("stock"), max_length=200, blank=True)
    rivals = models.CharField(_("competitor news"), max_length=500, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    measure = models.CharField(_("measure"), max_length=500, blank=True)
    follow_up_on = models.DateField(_("follow up on"), null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closing_note = models.CharField(_("how it was solved"), max_length=200, blank=True)

    class Meta:
        ordering = ["planned_on", "pk"]
        indexes = [
            models.Index(fields=["kind", "unit", "planned_on"], name="activity_unit_day"),
            models.Index(fields=["person", "planned_on"], name="activity_person_day"),
            models.Index(
                fields=["unit", "follow_up_on"],
                condition=models.Q(closed_at__isnull=True, follow_up_on__isnull=False),
                name="activity_unsolved",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(done_at__isnull=False),
                name="activity_done_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="survey", survey__isnull=False)
                | ~models.Q(kind="survey") & models.Q(survey__isnull=True),
                name="activity_sheet_of_a_survey",
            ),
            models.UniqueConstraint(
                fields=["survey", "unit", "subject"],
                condition=models.Q(state="done"),
                name="activity_sheet_once_a_subject",
            ),
        ]


class ActivityPhoto(models.Model):
    """A photo of an activity, drawn anew without metadata; `token` is what it is fetched by."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="photos")
    token = models.CharField(max_length=43, unique=True)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "digest"], name="photo_once_an_activity")
        ]
