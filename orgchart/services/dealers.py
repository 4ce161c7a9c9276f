"""Dealers: opened, described, affiliated from a day on, closed."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from orgchart.errors import Locked
from orgchart.models import (
    KINDS_OF_TIER,
    Dealer,
    DealerAffiliation,
    DealerTier,
    Person,
    Tenure,
    Unit,
)
from orgchart.services.changes import advance, change, differences, note, refuse


@transaction.atomic
def open_dealer(
    *,
    district: Unit,
    code: str,
    name_zh: str,
    tier: str,
    kind: str,
    unit: Unit,
    opened_on: date,
    by: Person,
    at: datetime,
    name_en: str = "",
    commission_class: str = "",
    account_manager: Person | None = None,
) -> Dealer:
    """Open an outlet in a unit from a day; without an account manager it is listed as stray.

    Raises Invalid at /code, /kind, /unit or /account_manager.
    """
    _demand_kind_of_tier(tier, kind)
    _demand_place(district, unit, account_manager, opened_on)
    try:
        with transaction.atomic():
            dealer = Dealer.objects.create(
                district=district,
                code=code,
                name_zh=name_zh,
                name_en=name_en,
                tier=tier,
                kind=kind,
                commission_class=commission_class,
                opened_on=opened_on,
            )
    except IntegrityError:
        raise refuse("/code", _("Another dealer of the district has this code.")) from None
    DealerAffiliation.objects.create(
        dealer=dealer, unit=unit, account_manager=account_manager, valid_from=opened_on
    )
    changes = [
        change("name_zh", None, name_zh),
        change("tier", None, tier),
        change("kind", None, kind),
        change("unit", None, unit),
        change("account_manager", None, account_manager),
        change("opened_on", None, opened_on),
    ]
    note(dealer, "open_dealer", changes, unit=unit, by=by, at=at)
    return dealer


@transaction.atomic
def edit_dealer(
    *,
    dealer: Dealer,
    version: int,
    name_zh: str,
    tier: str,
    kind: str,
    by: Person,
    at: datetime,
    name_en: str = "",
    commission_class: str = "",
) -> Dealer:
    """Change names, tier, kind or commission class of an outlet."""
    _demand_kind_of_tier(tier, kind)
    fields = {
        "name_zh": name_zh,
        "name_en": name_en,
        "tier": tier,
        "kind": kind,
        "commission_class": commission_class,
    }
    dealer.refresh_from_db()
    changes = differences(dealer, fields)
    advance(dealer, version=version, **fields)
    if changes:
        note(dealer, "edit_dealer", changes, unit=_present_unit(dealer), by=by, at=at)
    return dealer


@transaction.atomic
def affiliate_dealer(
    *,
    dealer: Dealer,
    unit: Unit,
    account_manager: Person | None,
    valid_from: date,
    version: int,
    by: Person,
    at: datetime,
) -> DealerAffiliation:
    """Give an outlet another unit or account manager from a day on (rules §6).

    Until the day before, the former affiliation holds: a month is settled on the affiliation of
    its last day. Raises Invalid at /unit, /account_manager or /valid_from; Locked when closed.
    """
    advance(dealer, version=version)
    if dealer.closed_on is not None:
        raise Locked(_("The dealer closed on %(day)s.") % {"day": dealer.closed_on})
    _demand_place(dealer.district, unit, account_manager, valid_from)
    latest = dealer.affiliations.select_related("unit", "account_manager").last()
    if latest and latest.valid_from >= valid_from:
        raise refuse(
            "/valid_from",
            _("The present affiliation holds since %(day)s; choose a later day.")
            % {"day": latest.valid_from},
        )
    manager_id = account_manager.pk if account_manager else None
    if latest and latest.valid_to is None:
        if (latest.unit_id, latest.account_manager_id) == (unit.pk, manager_id):
            raise refuse("/unit", _("The dealer already belongs there."))
        dealer.affiliations.filter(pk=latest.pk).update(valid_to=valid_from - timedelta(days=1))

    affiliation = DealerAffiliation.objects.create(
        dealer=dealer, unit=unit, account_manager=account_manager, valid_from=valid_from
    )
    changes = [
        change("unit", latest.unit if latest else None, unit),
        change("account_manager", latest.account_manager if latest else None, account_manager),
        change("valid_from", None, valid_from),
    ]
    note(dealer, "affiliate_dealer", changes, unit=unit, by=by, at=at)
    return affiliation


@transaction.atomic
def close_dealer(
    *, dealer: Dealer, last_day: date, version: int, by: Person, at: datetime, reason: str = ""
) -> Dealer:
    """Close an outlet after its last day; its affiliation ends with it."""
    advance(dealer, version=version)
    if dealer.closed_on is not None:
        raise Locked(_("The dealer closed on %(day)s.") % {"day": dealer.closed_on})
    if last_day < dealer.opened_on:
        raise refuse("/last_day", _("A dealer cannot close before it opened."))
    if dealer.affiliations.filter(valid_from__gt=last_day).exists():
        raise refuse("/last_day", _("Another affiliation begins after that day."))

    unit = _present_unit(dealer)
    Dealer.objects.filter(pk=dealer.pk).update(closed_on=last_day)
    dealer.affiliations.meeting(last_day).update(valid_to=last_day)
    dealer.refresh_from_db()
    changes = [change("closed_on", None, last_day)]
    note(dealer, "close_dealer", changes, unit=unit, by=by, at=at, reason=reason)
    return dealer


def _present_unit(dealer: Dealer) -> Unit | None:
    latest = dealer.affiliations.select_related("unit").last()
    return latest.unit if latest else None


def _demand_kind_of_tier(tier: str, kind: str) -> None:
    if kind not in KINDS_OF_TIER.get(DealerTier(tier), ()):
        raise refuse("/kind", _("Outlets of this kind belong to another tier."))


def _demand_place(district: Unit, unit: Unit, manager: Person | None, day: date) -> None:
    """Raise unless the unit is open on the day and the manager holds a post in it."""
    Unit.objects.select_for_update().get(pk=unit.pk)
    unit.refresh_from_db()
    if unit.district_id != district.pk or not unit.is_business:
        raise refuse("/unit", _("Dealers belong to business units of the district."))
    if not unit.is_open_on(day):
        raise refuse("/unit", _("%(unit)s is not open on %(day)s.") % {"unit": unit, "day": day})
    if manager and not Tenure.objects.filter(person=manager, unit=unit).on(day).exists():
        raise refuse(
            "/account_manager",
            _("%(person)s holds no post in %(unit)s on that day.")
            % {"person": manager, "unit": unit},
        )
