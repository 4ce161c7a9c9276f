"""Accounts (经营对象): groups, villages, venues and communities to win (plan §5.1, 5.3, 5.4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kpi.models import Event
from orgchart.models import Person, Unit
from orgchart.models.bilingual import Named, Versioned
from targets.amounts import AmountField


class AccountKind(models.TextChoices):
    SME_GROUP = "sme_group", _("SME group")
    SCHOOL = "school", _("School")
    VILLAGE = "village", _("Village group")
    ENTERPRISE = "enterprise", _("Township enterprise")
    LABOUR = "labour", _("Labour market")
    LEISURE = "leisure", _("Leisure venue")
    COMMUNITY = "community", _("Residential community")
    MALL = "mall", _("Handset mall")


# A signed one is a new group customer: the bonus of the scorecards counts it (rules §4.6).
GROUP_KINDS = (
    AccountKind.SME_GROUP,
    AccountKind.SCHOOL,
    AccountKind.VILLAGE,
    AccountKind.ENTERPRISE,
)


class Stage(models.TextChoices):
    """How far an account is; a signed community is a covered one."""

    LEAD = "lead", pgettext_lazy("stage", "Lead")
    CONTACTED = "contacted", pgettext_lazy("stage", "Contacted")
    NEGOTIATING = "negotiating", pgettext_lazy("stage", "Negotiating")
    SIGNED = "signed", pgettext_lazy("stage", "Signed")
    LOST = "lost", pgettext_lazy("stage", "Lost")


STAGE_ORDER = tuple(Stage)


class Account(Named, Versioned):
    """Somebody to win, in a unit's hands; `stage_on` is the day of the present stage.

    `size` counts households of a village or community, otherwise people. `expected_revenue` is
    in yuan a month. `contact` is the 联络人, `informant` whoever told of it (信息人).
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=AccountKind)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    area = models.CharField(_("township or street"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=120, blank=True)
    responsible = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    contact = models.CharField(_("contact"), max_length=40, blank=True)
    contact_phone = models.CharField(_("phone of the contact"), max_length=20, blank=True)
    informant = models.CharField(_("informant"), max_length=60, blank=True)
    size = models.PositiveIntegerField(_("households or people"), null=True)
    expected_users = models.PositiveIntegerField(_("expected users"), null=True)
    expected_revenue = AmountField(_("expected revenue"), null=True)
    deadline = models.DateField(_("deadline"), null=True)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.LEAD)
    stage_on = models.DateField(_("since"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        ordering = ["kind", "code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="account_code_in_district"),
            models.UniqueConstraint(
                fields=["district", "kind", "name_zh", "area"], name="account_named_once"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "stage"], name="account_unit_stage"),
            models.Index(fields=["district", "area"], name="account_area"),
        ]

    @property
    def is_group(self) -> bool:
        return self.kind in GROUP_KINDS


class StageChange(models.Model):
    """One step of an account; a signing that counts in the scores holds the event it became.

    `is_owed`: signed while no month was open; counted as soon as one is.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="steps")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    on = models.DateField(_("date"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    event = models.OneToOneField(Event, models.PROTECT, null=True, related_name="+")
    is_owed = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["account"], condition=models.Q(is_owed=True), name="signing_owed")
        ]
