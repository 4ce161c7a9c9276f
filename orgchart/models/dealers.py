"""Dealers by tier and kind, and which unit and manager they belonged to, when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orgchart.models.bilingual import Dated, Named, OpenQuerySet, Versioned
from orgchart.models.people import Person
from orgchart.models.units import Unit


class DealerTier(models.TextChoices):
    TIER_1 = "t1", _("Tier 1")
    TIER_2 = "t2", _("Tier 2")
    LEGACY = "legacy", _("Legacy outlet")


class DealerKind(models.TextChoices):
    """Outlet kinds of rules §6 and §13.2."""

    PARTNER_HALL = "partner_hall", _("Partner hall")
    EXCLUSIVE_STORE = "exclusive_store", _("Exclusive store")
    MALL_MERCHANT = "mall_merchant", _("Handset-mall merchant")
    INTERNET_CAFE = "internet_cafe", _("Internet café")
    DIRECT_STORE = "direct_store", _("Direct-supply store")
    VILLAGE_POINT = "village_point", _("Village service point")
    COMMUNITY_POINT = "community_point", _("Community direct-sales point")
    LEGACY = "legacy", _("Legacy outlet")


KINDS_OF_TIER: dict[DealerTier, tuple[DealerKind, ...]] = {
    DealerTier.TIER_1: (
        DealerKind.PARTNER_HALL,
        DealerKind.EXCLUSIVE_STORE,
        DealerKind.MALL_MERCHANT,
        DealerKind.INTERNET_CAFE,
    ),
    DealerTier.TIER_2: (
        DealerKind.DIRECT_STORE,
        DealerKind.VILLAGE_POINT,
        DealerKind.COMMUNITY_POINT,
    ),
    DealerTier.LEGACY: (DealerKind.LEGACY,),
}


class Dealer(Versioned, Named):
    """An outlet; `commission_class` picks the revenue-share column of the scheme (rules §7)."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.SlugField(max_length=40)
    tier = models.CharField(_("tier"), max_length=10, choices=DealerTier)
    kind = models.CharField(_("kind"), max_length=20, choices=DealerKind)
    commission_class = models.CharField(
        _("commission class"), max_length=1, choices=[("A", "A"), ("B", "B")], blank=True
    )
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("last day"), null=True, blank=True)

    # Filled by queries.dealers: the affiliation of the day that was asked for.
    current: "DealerAffiliation | None" = None

    objects = OpenQuerySet.as_manager()

    class Meta:
        ordering = ["tier", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "code"],
                name="dealer_code_in_district",
                violation_error_message=_("Another dealer of the district has this code."),
            )
        ]

    def is_open_on(self, day) -> bool:
        return self.opened_on <= day and (self.closed_on is None or day <= self.closed_on)


class DealerAffiliation(Dated):
    """The unit and the account manager of a dealer for a period; no manager: a stray outlet."""

    dealer = models.ForeignKey(Dealer, models.PROTECT, related_name="affiliations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    account_manager = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["dealer", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dealer"],
                condition=models.Q(valid_to__isnull=True),
                name="one_current_affiliation",
            )
        ]
