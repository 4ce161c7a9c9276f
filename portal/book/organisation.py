"""Rows of the workbook that say who there is: units, posts, people, dealers."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from orgchart.models import DealerKind, DealerTier, Role, UnitKind
from portal.book.columns import Choice, Code, Day, Ref, Whole, choices, column, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Whose year the workbook holds; the branch is made if there is none yet."""

    district: str = column(_("District"), Code(), key=True)
    year: int = column(_("Year"), Whole(2000, 2100))
    branch: str = column(_("City branch"), Code(), optional=True, blank="")
    branch_zh: str = text(_("Branch, Chinese name"), 100, optional=True)
    branch_en: str = text(_("Branch, English name"), 100, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The district itself and the units below it; who stands under whom is a placement."""

    code: str = column(_("Code"), Code(), key=True)
    kind: str = column(_("Kind"), choices(UnitKind))
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    short_zh: str = text(_("Short Chinese name"), 30, optional=True)
    short_en: str = text(_("Short English name"), 40, optional=True)
    position: int = column(_("Order"), Whole(), optional=True, blank=0)
    opened_on: date = column(_("Opened on"), Day())
    closed_on: date | None = column(_("Last day"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    parent: str = column(_("Parent"), Ref(kind="units"))
    valid_from: date = column(_("From"), Day(), key=True)
    valid_to: date | None = column(_("To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post; its duties are written one a line."""

    code: str = column(_("Code"), Code(), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    role: str = column(_("Role"), choices(Role))
    duties_zh: str = text(_("Duties, Chinese"), 2000, optional=True)
    duties_en: str = text(_("Duties, English"), 2000, optional=True)
    position: int = column(_("Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody; accounts and passwords are not in the workbook."""

    code: str = column(_("Code"), Code(), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    phone: str = text(_("Phone"), 20, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    person: str = column(_("Person"), Ref(kind="people"), key=True)
    post: str = column(_("Post"), Ref(kind="posts"), key=True)
    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    valid_from: date = column(_("From"), Day(), key=True)
    valid_to: date | None = column(_("To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    person: str = column(_("Supervisor"), Ref(kind="people"))
    valid_from: date = column(_("From"), Day(), key=True)
    valid_to: date | None = column(_("To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealer:
    code: str = column(_("Code"), Code(), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    tier: str = column(_("Tier"), choices(DealerTier))
    kind: str = column(_("Kind"), choices(DealerKind))
    commission_class: str = column(
        _("Commission class"), Choice(values=("A", "B")), optional=True, blank=""
    )
    opened_on: date = column(_("Opened on"), Day())
    closed_on: date | None = column(_("Last day"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    dealer: str = column(_("Dealer"), Ref(kind="dealers"), key=True)
    unit: str = column(_("Unit"), Ref(kind="units"))
    account_manager: str | None = column(
        _("Account manager"), Ref(kind="people"), optional=True
    )
    valid_from: date = column(_("From"), Day(), key=True)
    valid_to: date | None = column(_("To"), Day(), optional=True)
