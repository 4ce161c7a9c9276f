"""Rows of the workbook that say who there is: units, posts, people, dealers."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import pgettext_lazy

from orgchart.models import DealerKind, DealerTier, Role, UnitKind
from portal.book.columns import Choice, Code, Day, Ref, Whole, choices, column, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Whose year the workbook holds; the branch is made if there is none yet."""

    district: str = column(pgettext_lazy("workbook", "District"), Code(), key=True)
    year: int = column(pgettext_lazy("workbook", "Year"), Whole(2000, 2100))
    branch: str = column(pgettext_lazy("workbook", "City branch"), Code(), optional=True, blank="")
    branch_zh: str = text(pgettext_lazy("workbook", "Branch, Chinese name"), 100, optional=True)
    branch_en: str = text(pgettext_lazy("workbook", "Branch, English name"), 100, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The district itself and the units below it; who stands under whom is a placement."""

    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    kind: str = column(pgettext_lazy("workbook", "Kind"), choices(UnitKind))
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    short_zh: str = text(pgettext_lazy("workbook", "Short Chinese name"), 30, optional=True)
    short_en: str = text(pgettext_lazy("workbook", "Short English name"), 40, optional=True)
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)
    opened_on: date = column(pgettext_lazy("workbook", "Opened on"), Day())
    closed_on: date | None = column(pgettext_lazy("workbook", "Last day"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    parent: str = column(pgettext_lazy("workbook", "Parent"), Ref(kind="units"))
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post; its duties are written one a line."""

    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    role: str = column(pgettext_lazy("workbook", "Role"), choices(Role))
    duties_zh: str = text(pgettext_lazy("workbook", "Duties, Chinese"), 2000, optional=True)
    duties_en: str = text(pgettext_lazy("workbook", "Duties, English"), 2000, optional=True)
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody; accounts and passwords are not in the workbook."""

    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    phone: str = text(pgettext_lazy("workbook", "Phone"), 20, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    person: str = column(pgettext_lazy("workbook", "Person"), Ref(kind="people"), key=True)
    post: str = column(pgettext_lazy("workbook", "Post"), Ref(kind="posts"), key=True)
    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    person: str = column(pgettext_lazy("workbook", "Supervisor"), Ref(kind="people"))
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealer:
    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    tier: str = column(pgettext_lazy("workbook", "Tier"), choices(DealerTier))
    kind: str = column(pgettext_lazy("workbook", "Kind"), choices(DealerKind))
    commission_class: str = column(
        pgettext_lazy("workbook", "Commission class"),
        Choice(values=("A", "B")),
        optional=True,
        blank="",
    )
    opened_on: date = column(pgettext_lazy("workbook", "Opened on"), Day())
    closed_on: date | None = column(pgettext_lazy("workbook", "Last day"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    dealer: str = column(pgettext_lazy("workbook", "Dealer"), Ref(kind="dealers"), key=True)
    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"))
    account_manager: str | None = column(
        pgettext_lazy("workbook", "Account manager"), Ref(kind="people"), optional=True
    )
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)
