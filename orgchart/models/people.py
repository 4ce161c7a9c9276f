"""Posts and the people who hold them; the role follows from the post."""

from itertools import zip_longest

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models.bilingual import Dated, Named, Versioned, in_language
from orgchart.models.units import Unit


class Role(models.TextChoices):
    HEAD = "head", _("District head")
    CLERK = "clerk", _("Clerk")
    AUDITOR = "auditor", _("Auditor")
    MANAGER = "manager", _("Unit manager")
    STAFF = "staff", _("Staff")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Administrator")


class Post(Named):
    """A post of the chart with its duties (plan, appendix 1), one duty a line."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(max_length=40)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    duties_zh = models.TextField(blank=True)
    duties_en = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="post_code_in_district")
        ]

    @property
    def duties(self) -> list[str]:
        return in_language(self.duties_zh, self.duties_en).splitlines()

    @property
    def duties_in_both(self) -> list[tuple[str, str]]:
        """Each duty in the active language and, if written, in the other one."""
        zh, en = self.duties_zh.splitlines(), self.duties_en.splitlines()
        first, second = (en, zh) if self.duties == en else (zh, en)
        return list(zip_longest(first, second, fillvalue=""))[: len(first)]

    @property
    def other_language(self) -> str:
        return "zh" if self.duties == self.duties_en.splitlines() else "en"


class Person(Versioned, Named):
    """Somebody of the district; `user` is the account, if any."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(max_length=40)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="person"
    )

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="person_code_in_district")
        ]


class Tenure(Dated):
    """A person holds a post in a unit for a period."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="tenures")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["unit__position", "post__position", "valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="tenure_ends_after_start",
                violation_error_message=_("The last day lies before the first."),
            )
        ]


class Supervision(Dated):
    """The one named supervisor of a unit (plan §7.2)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="supervisions")
    person = models.ForeignKey(Person, models.PROTECT, related_name="supervisions")

    class Meta:
        ordering = ["unit__position", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=models.Q(valid_to__isnull=True),
                name="one_current_supervisor",
                violation_error_message=_("The unit already has a supervisor."),
            )
        ]
