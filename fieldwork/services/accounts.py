"""Accounts: written, moved from stage to stage, removed; a signed group counts in the scores."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fieldwork.models import Account, AccountKind, Stage, StageChange
from fieldwork.queries.accounts import open_months
from fieldwork.rules.accounts import counted_month
from fieldwork.wording import stage_name
from kpi.models import Event, EventKind
from kpi.services.events import note_event, void_event
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person, Tenure, Unit

MOST = 10_000_000
LARGEST = Decimal("99999999.99")
PREFIXES = {
    AccountKind.SME_GROUP: "g", AccountKind.SCHOOL: "s", AccountKind.VILLAGE: "v",
    AccountKind.ENTERPRISE: "e", AccountKind.LABOUR: "l", AccountKind.LEISURE: "x",
    AccountKind.COMMUNITY: "c", AccountKind.MALL: "m",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """An account as typed; `expected_revenue` in yuan a month."""

    name_zh: str
    kind: str
    unit: Unit
    name_en: str = ""
    area: str = ""
    address: str = ""
    responsible: Person | None = None
    contact: str = ""
    contact_phone: str = ""
    informant: str = ""
    size: int | None = None
    expected_users: int | None = None
    expected_revenue: Decimal | None = None
    deadline: date | None = None
    note: str = ""


FIELDS = tuple(each.name for each in fields(Entry))


def faults_of(entry: Entry, holders: set[tuple[int, int]]) -> list[Fault]:
    """Return what is wrong with an entry; `holders`: (person, unit) of the posts held today."""
    found = []
    if not entry.name_zh.strip():
        found.append(Fault("/name_zh", _("Write the name.")))
    if entry.kind not in AccountKind.values:
        found.append(Fault("/kind", _("There is no such kind of account.")))
    if not entry.unit.is_business:
        found.append(Fault("/unit", _("Accounts belong to business units.")))
    if entry.responsible and (entry.responsible.pk, entry.unit.pk) not in holders:
        found.append(Fault("/responsible", _("This person holds no post in the unit.")))
    for name, most in (("size", MOST), ("expected_users", MOST), ("expected_revenue", LARGEST)):
        value = getattr(entry, name)
        if value is not None and not 0 <= value <= most:
            found.append(Fault(f"/{name}", _("Write a number from 0 to 10,000,000.")))
    for name in ("name_zh", "name_en", "area", "address", "contact", "contact_phone", "informant",
                 "note"):  # fmt: skip
        longest = Account._meta.get_field(name).max_length
        if len(getattr(entry, name)) > longest:
            text = _("At most %(count)s characters.") % {"count": longest}
            found.append(Fault(f"/{name}", text))
    return found


def post_holders(district: Unit, on: date) -> set[tuple[int, int]]:
    """Return (person, unit) of every post held on the day."""
    posts = Tenure.objects.on(on).filter(unit__district=district)
    return set(posts.values_list("person_id", "unit_id"))


@transaction.atomic
def save_account(
    *,
    district: Unit,
    entry: Entry,
    by: Person,
    at: datetime,
    account: Account | None = None,
    version: int | None = None,
) -> Account:
    """Write a new account (a lead of today) or an existing one again; its stage stays.

    Raises Invalid with pointers such as /responsible, VersionConflict.
    """
    on = business_day(at)
    if faults := faults_of(entry, post_holders(district, on)):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    before: dict[str, Any] = {}
    if account is None:
        row = Account(district=district, code=f"new-{at.timestamp()}-{by.pk}", stage_on=on)
    else:
        row = held(account, version)
        before = {name: plain_value(getattr(row, name)) for name in FIELDS}
        row.version += 1
    for name in FIELDS:
        setattr(row, name, getattr(entry, name))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        sentence = _("There is an account of this kind and name already.")
        raise Invalid(sentence, [Fault("/name_zh", sentence)]) from None
    if account is None:
        row.code = f"{PREFIXES[AccountKind(row.kind)]}{row.pk:04d}"
        row.save(update_fields=["code"])
        StageChange.objects.create(account=row, stage=row.stage, on=on, by=by, at=at)
    after = {name: plain_value(getattr(row, name)) for name in FIELDS}
    note(row, "account.save", by=by, at=at, changes=differences(before, after))
    return row


@transaction.atomic
def move_account(
    *, account: Account, version: int, stage: str, on: date, by: Person, at: datetime,
    remark: str = "",
) -> StageChange:  # fmt: skip
    """Move an account to a stage. A group that is signed becomes one new-group event.

    The event counts in the month of the day while that is open, else in the earliest open month
    after it; with none open it is owed. Leaving the stage takes the event back while its month
    is open; what a closed month counted stays, and the account does not count again. Raises
    Invalid at /stage, /on, VersionConflict.
    """
    row = held(account, version)
    if faults := list(_stage_faults(row, stage, on, at)):
        raise Invalid(" ".join(fault.detail for fault in faults), faults)
    before = row.stage
    if before == Stage.SIGNED:
        _take_back(row, by=by, at=at, reason=remark)
    row.stage, row.stage_on, row.version = stage, on, row.version + 1
    row.save(update_fields=["stage", "stage_on", "version"])
    step = StageChange.objects.create(
        account=row, stage=stage, on=on, note=remark.strip()[:200], by=by, at=at
    )
    if stage == Stage.SIGNED and row.is_group and not _is_counted(row):
        _count(step, by=by, at=at)
    note(row, "account.move", by=by, at=at, reason=remark, changes=[
        {"key": "stage", "before": before, "after": stage}
    ])  # fmt: skip
    return step


@transaction.atomic
def remove_account(
    *, account: Account, version: int, by: Person, at: datetime, reason: str
) -> None:
    """Remove a mistaken account with its steps and the event that it became.

    Raises Invalid without a reason; Locked when a closed month counted it or it has activities.
    """
    row = held(account, version)
    if not reason.strip():
        sentence = _("Write why the account is removed.")
        raise Invalid(sentence, [Fault("/reason", sentence)])
    if row.activities.exists():
        raise Locked(_("The account has activities: set it to lost instead."))
    _take_back(row, by=by, at=at, reason=reason)
    if _is_counted(row):
        raise Locked(_("A closed month counted this signing: set the account to lost instead."))
    note(row, "account.remove", by=by, at=at, reason=reason, changes=[
        {"key": {"account": row.code}, "before": row.name_zh, "after": None}
    ])  # fmt: skip
    row.delete()


def count_owed(*, at: datetime) -> int:
    """Count the signings that waited for a month to open; return how many. Runs by the clock."""
    counted = 0
    owed = StageChange.objects.filter(is_owed=True).select_related("account__district")
    for step in owed.order_by("pk"):
        if counted_month(step.on, open_months(step.account.district_id)) is None:
            continue
        with transaction.atomic():
            row = Account.objects.select_for_update().get(pk=step.account_id)
            fresh = StageChange.objects.filter(pk=step.pk, is_owed=True).first()
            if fresh is None or row.stage != Stage.SIGNED:
                continue
            _count(fresh, by=fresh.by, at=at)
            counted += 1
    return counted


def held(account: Account, version: int | None) -> Account:
    """Return the account, locked, as it was read. Raises VersionConflict."""
    row = (
        Account.objects.select_for_update(of=("self",))
        .select_related("unit__district", "district", "responsible")
        .filter(pk=account.pk)
        .first()
    )
    if row is None:
        raise Locked(_("Somebody removed this account meanwhile."))
    if row.version != version:
        raise VersionConflict(
            _("Somebody changed this account meanwhile. Compare and save again."),
            extra={"version": row.version},
        )
    return row


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the trail's changes; what was empty and stays empty is none."""
    return [
        {"key": name, "before": before.get(name), "after": value}
        for name, value in after.items()
        if (before.get(name) or None) != (value or None)
    ]


def _stage_faults(row: Account, stage: str, on: date, at: datetime) -> Sequence[Fault]:
    if stage not in Stage.values:
        return [Fault("/stage", _("There is no such stage."))]
    if stage == row.stage:
        text = _("The account is in stage “%(stage)s” already.")
        return [Fault("/stage", text % {"stage": stage_name(row.stage, row.kind)})]
    if on > business_day(at):
        return [Fault("/on", _("The day lies in the future."))]
    if on < row.stage_on:
        text = _("The account has been in its stage since %(day)s: choose that day or a later one.")
        return [Fault("/on", text % {"day": row.stage_on.isoformat()})]
    return []


def _is_counted(row: Account) -> bool:
    return row.steps.filter(event__isnull=False, event__voided_at=None).exists()


def _count(step: StageChange, *, by: Person | None, at: datetime) -> None:
    """Make the event of a signing in the month that counts it, or owe it."""
    row = step.account
    month = counted_month(step.on, open_months(row.district_id))
    step.is_owed = month is None
    if month is not None:
        is_own = month == step.on.replace(day=1)
        text = _("Signed: %(name)s") if is_own else _("Signed %(day)s: %(name)s")
        step.event = note_event(
            unit=row.unit, month=month, kind=EventKind.NEW_GROUP, count=1, by=by, at=at,
            note=(text % {"name": row.name_zh, "day": step.on.isoformat()})[:200],
            occurred_on=step.on if is_own else None,
        )  # fmt: skip
    step.save(update_fields=["event", "is_owed"])


def _take_back(row: Account, *, by: Person | None, at: datetime, reason: str) -> None:
    """Void the events of the account's signings in open months; forget what was owed."""
    row.steps.filter(is_owed=True).update(is_owed=False)
    months = open_months(row.district_id)
    for event in Event.objects.select_related("unit__district").filter(
        pk__in=row.steps.filter(event__isnull=False).values("event"),
        voided_at=None, month__in=months,
    ):  # fmt: skip
        text = reason.strip() or _("The signing was taken back.")
        void_event(event=event, by=by, at=at, reason=text)


def note(
    row: Account, action: str, *, by: Person | None, at: datetime, changes: list[dict[str, Any]],
    reason: str = "",
) -> None:  # fmt: skip
    """Append the trail's row about an account."""
    audit.record(
        by=by, at=at, action=action, subject=f"accounts/{row.code}", district=row.district,
        unit=row.unit, changes=changes, reason=reason,
    )  # fmt: skip


def plain_value(value: Any) -> Any:
    if isinstance(value, Unit | Person):
        return value.code
    return value.isoformat() if isinstance(value, date) else value
