"""Units of the sales organisation and where they stood in the tree, when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models.bilingual import Dated, OpenQuerySet, ShortNamed, Versioned


class UnitKind(models.TextChoices):
    BRANCH = "branch", _("City branch")
    DISTRICT = "district", _("District department")
    SUPPORT_CENTER = "support_center", _("Support centre")
    GROUP_CENTER = "group_center", _("Group-customer centre")
    SUBURBAN_OFFICE = "suburban_office", _("Urban-rural office")
    GRID = "grid", _("Grid")


# The kinds that carry tasks and compete: six business units in the plan (§1, §9).
BUSINESS_KINDS = (UnitKind.GROUP_CENTER, UnitKind.SUBURBAN_OFFICE, UnitKind.GRID)


class UnitQuerySet(OpenQuerySet):
    def of(self, district):
        return self.filter(district=district)

    def business(self):
        return self.filter(kind__in=BUSINESS_KINDS)


class Unit(Versioned, ShortNamed):
    """A node of the tree. `district` is the district that scopes it; a district scopes itself."""

    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("parent")
    )
    district = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("last day"), null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "code"],
                name="unit_code_in_district",
                violation_error_message=_("Another unit of the district has this code."),
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gte=models.F("opened_on")),
                name="unit_closes_after_opening",
                violation_error_message=_("A unit cannot close before it opened."),
            ),
        ]

    @property
    def is_business(self) -> bool:
        return self.kind in BUSINESS_KINDS

    def is_open_on(self, day) -> bool:
        return self.opened_on <= day and (self.closed_on is None or self.closed_on >= day)


class UnitPlacement(Dated):
    """Under which parent a unit stood for a period; the chart of a past day is read from here."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="placements")
    parent = models.ForeignKey(Unit, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["unit", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=models.Q(valid_to__isnull=True),
                name="one_current_placement",
            )
        ]
