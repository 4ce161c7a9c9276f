"""Settings of subsidies and claims: policies with their versions, sources, categories."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kpi.models import Month, MonthState
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Unit
from subsidies.models import ClaimCategory, ClaimSource, Draws, Entitlement, SubsidyPolicy
from subsidies.wording import month_name

FIELDS = ("fixed", "floating_base", "cap", "floor")


@transaction.atomic
def set_policy(
    *,
    unit: Unit,
    valid_from: date,
    fixed: Decimal,
    floating_base: Decimal,
    cap: Decimal | None,
    floor: Decimal,
    reason: str,
    by: Person,
    at: datetime,
) -> SubsidyPolicy:
    """Let a new version hold from a day on; the one before ends the day before.

    Cap and floor are ratios. A version of the same day that nothing was computed from is
    replaced. Raises Invalid, and Locked when a published month would change or a later version
    exists.
    """
    if faults := list(_policy_faults(fixed, floating_base, cap, floor, reason)):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    # Those who set policies of the unit queue up.
    list(Unit.objects.select_for_update(of=("self",)).filter(pk=unit.pk).values_list("pk"))
    _demand_open(unit.district_id, valid_from)
    rows = SubsidyPolicy.objects.filter(unit=unit)
    later = rows.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    if later is not None:
        raise Locked(
            _("A version from %(day)s exists already; begin after it.")
            % {"day": later.valid_from.isoformat()}
        )
    same = rows.filter(valid_from=valid_from).first()
    former = same or rows.order_by("valid_from").last()
    before = _terms(former) if former else None
    values = {"fixed": fixed, "floating_base": floating_base, "cap": cap, "floor": floor}
    if same is not None:
        if Entitlement.objects.filter(policy=same).exists():
            raise Locked(_("This version was paid by already; begin on a later day."))
        for name, value in values.items():
            setattr(same, name, value)
        same.valid_to = None
        same.save()
        row = same
    else:
        if former is not None and (former.valid_to is None or former.valid_to >= valid_from):
            former.valid_to = valid_from - timedelta(days=1)
            former.save(update_fields=["valid_to"])
        row = SubsidyPolicy.objects.create(unit=unit, valid_from=valid_from, **values)
    audit.record(
        by=by, at=at, action="subsidies.policy", subject=f"subsidies/{unit.code}/policy",
        district=by.district, unit=unit, reason=reason.strip(),
        changes=[{"key": {"unit": unit.code}, "before": before, "after": _terms(row)}],
    )  # fmt: skip
    return row


@transaction.atomic
def set_claim_source(
    *, district: Unit, draws: str, valid_from: date, by: Person, at: datetime
) -> ClaimSource:
    """Say which month claims draw on from a month on; months that have begun stay."""
    sentence = ""
    if valid_from.day != 1:
        sentence = _("Begin on the first day of a month.")
    elif valid_from <= business_day(at).replace(day=1):
        sentence = _("The month has begun; begin with the next.")
    if sentence:
        raise Invalid(sentence, [Fault("/valid_from", sentence)])
    list(Unit.objects.select_for_update(of=("self",)).filter(pk=district.pk).values_list("pk"))
    rows = ClaimSource.objects.filter(district=district)
    before = rows.first()
    rows.filter(valid_from__gt=valid_from).delete()
    row, _made = ClaimSource.objects.update_or_create(
        district=district, valid_from=valid_from, defaults={"draws": draws, "valid_to": None}
    )
    audit.record(
        by=by, at=at, action="claim.source", subject="claims/source", district=district,
        changes=[{"key": {}, "before": before.draws if before else Draws.SPLIT.value,
                  "after": {"draws": draws, "from": valid_from.isoformat()}}],
    )  # fmt: skip
    return row


def claim_sources(district: Unit) -> list[ClaimSource]:
    """Return the settings, the latest first."""
    return list(ClaimSource.objects.filter(district=district))


@transaction.atomic
def save_category(
    *, district: Unit, code: str, by: Person, at: datetime, version: int | None, **fields: Any
) -> ClaimCategory:
    """Write a category, new (`version` None) or again; old claims keep theirs."""
    row = ClaimCategory.objects.select_for_update().filter(district=district, code=code).first()
    if row is None and version is None:
        row, before = ClaimCategory(district=district, code=code), None
    elif row is None or row.version != version:
        sentence = _("This code is taken, or somebody changed the category meanwhile.")
        raise VersionConflict(sentence, [Fault("/code", sentence)])
    else:
        before = {name: getattr(row, name) for name in fields}
        row.version += 1
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    audit.record(
        by=by, at=at, action="claim.category", subject=f"claims/category/{code}",
        district=district, changes=[{"key": {"code": code}, "before": before, "after": fields}],
    )  # fmt: skip
    return row


def _demand_open(district_id: int, valid_from: date) -> None:
    """Refuse a day in or before a published month: its entitlements were computed."""
    published = (
        Month.objects.filter(
            district_id=district_id, state=MonthState.PUBLISHED,
            month__gte=valid_from.replace(day=1),
        ).order_by("month").last()
    )  # fmt: skip
    if published is not None:
        sentence = _("%(month)s is published; begin after it.") % {
            "month": month_name(published.month)
        }
        raise Locked(sentence, [Fault("/valid_from", sentence)])


def _policy_faults(
    fixed: Decimal, floating_base: Decimal, cap: Decimal | None, floor: Decimal, reason: str
) -> Any:
    for name, value in (("fixed", fixed), ("floating_base", floating_base), ("floor", floor)):
        if value < 0:
            yield Fault(f"/{name}", _("This cannot be negative."))
    if cap is not None and cap < floor:
        yield Fault("/floor", _("The floor is above the cap."))
    if not reason.strip():
        yield Fault("/reason", _("Write the reason."))


def _terms(row: SubsidyPolicy) -> dict[str, Any]:
    found: dict[str, Any] = {"from": row.valid_from.isoformat()}
    for name in FIELDS:
        value = getattr(row, name)
        found[name] = None if value is None else f"{value:.4f}"
    return found
