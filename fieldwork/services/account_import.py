"""Importing a list of accounts: all of it or nothing; the same list again changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from fieldwork.models import Account, AccountKind, Stage, StageChange
from fieldwork.services.accounts import (
    FIELDS,
    PREFIXES,
    Entry,
    faults_of,
    post_holders,
)
from fieldwork.wording import kind_name, stage_name
from fieldwork.workbooks.accounts import COLUMNS, REQUIRED
from fieldwork.workbooks.tables import Row, Table, by_name
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Invalid
from orgchart.models import Person, Unit
from orgchart.models.units import BUSINESS_KINDS

LANGUAGES = ("zh-hans", "en")


class NotImported(Invalid):
    """The list has faults; nothing was written. `faults`: row and column, sentence."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many accounts the list made, changed and left as they were."""

    made: int
    changed: int
    same: int


@dataclass(slots=True)
class _Known:
    """What cells may name, by folded text, and the accounts that are there."""

    kinds: Mapping[str, str]
    stages: Mapping[str, str]
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    holders: set[tuple[int, int]]
    by_code: Mapping[str, Account]
    by_name: Mapping[tuple[str, str, str], Account]
    seen: dict[Any, int] = field(default_factory=dict)


@transaction.atomic
def import_accounts(
    *, district: Unit, unit_ids: Collection[int] | None, content: bytes, by: Person, at: datetime
) -> Imported:
    """Take a list over: rows are known by their code, otherwise by kind, name and area.

    A new account takes its stage from the list and counts nothing: it was signed before. The
    stage of a known one is moved on its page only. Units outside `unit_ids` are faults. Raises
    NotAList, NotImported with every fault.
    """
    on = business_day(at)
    # One import of a district at a time.
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    table = Table(content, COLUMNS, required=REQUIRED)
    known = _known(district, unit_ids, on)
    made: list[Account] = []
    changed: list[Account] = []
    same = 0
    for row in table:
        read = _read(row, table, known, district, on)
        if read is None:
            continue
        account, is_changed = read
        if account.pk is None:
            made.append(account)
        elif is_changed:
            account.version += 1
            changed.append(account)
        else:
            same += 1
    if table.faults:
        text = _("%(count)s faults; nothing was imported.") % {"count": len(table.faults)}
        raise NotImported(text, table.faults)

    _write(made, changed, by=by, at=at)
    if made or changed:
        audit.record(
            by=by, at=at, action="account.import", subject="accounts/import", district=district,
            source="file", changes=[
                {"key": {"account": row.code}, "before": None, "after": row.name_zh}
                for row in [*made, *changed]
            ],
        )  # fmt: skip
    return Imported(len(made), len(changed), same)


def _known(district: Unit, unit_ids: Collection[int] | None, on: date) -> _Known:
    units = Unit.objects.of(district).filter(kind__in=BUSINESS_KINDS).open_on(on)
    if unit_ids is not None:
        units = units.filter(pk__in=unit_ids)
    rows = Account.objects.select_for_update(of=("self",)).filter(district=district)
    rows = list(rows.select_related("unit", "responsible"))
    return _Known(
        kinds=_named(kind_name, AccountKind),
        stages=_named(stage_name, Stage) | _covered(),
        units={
            name.casefold(): unit
            for unit in units
            for name in (unit.code, unit.name_zh, unit.name_en, unit.short_zh, unit.short_en)
            if name
        },
        people=by_name(Person.objects.filter(district=district)),
        holders=post_holders(district, on),
        by_code={row.code: row for row in rows},
        by_name={(row.kind, row.name_zh, row.area): row for row in rows},
    )


def _named(words: Any, codes: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with override(language):
            found |= {words(code).casefold(): str(code.value) for code in codes}
    return found | {code.value: str(code.value) for code in codes}


def _covered() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with override(language):
            found[stage_name(Stage.SIGNED, AccountKind.COMMUNITY).casefold()] = Stage.SIGNED.value
    return found


def _read(
    row: Row, table: Table, known: _Known, district: Unit, on: date
) -> tuple[Account, bool] | None:
    """Return the account of a row, filled anew, and whether anything changed; None if wrong."""
    kind = row.one_of("kind", known.kinds, is_required=True)
    unit = row.one_of("unit", known.units, is_required=True)
    code = row.text("code", longest=40)
    typed = {
        "name_zh": row.text("name_zh", longest=100), "kind": kind, "unit": unit,
        "name_en": row.text("name_en", longest=100), "area": row.text("area", longest=40),
        "address": row.text("address", longest=120),
        "responsible": row.one_of("responsible", known.people),
        "contact": row.text("contact", longest=40),
        "contact_phone": row.text("contact_phone", longest=20),
        "informant": row.text("informant", longest=60), "size": row.whole("size"),
        "expected_users": row.whole("expected_users"),
        "expected_revenue": row.amount("expected_revenue"), "deadline": row.day("deadline"),
        "note": row.text("note", longest=500),
    }  # fmt: skip
    stage, since = row.one_of("stage", known.stages), row.day("stage_on")
    if code and code not in known.by_code:
        row.fault("code", _("No account has this code; leave the cell empty for a new one."))
    if not row.is_sound:
        return None
    by_name = (kind, typed["name_zh"], typed["area"])
    account = known.by_code.get(code) if code else known.by_name.get(by_name)
    if account is not None and account.unit not in known.units.values():
        row.fault("unit", _("The account belongs to a unit that is not yours."))
        return None
    key = account.pk if account else by_name
    if key in known.seen:
        text = _("The account stands in row %(row)s already.") % {"row": known.seen[key]}
        row.fault("name_zh", text)
        return None
    known.seen[key] = row.number
    if account is None:
        account = Account(district=district, stage=stage or Stage.LEAD, stage_on=since or on)
        if account.stage_on > on:
            row.fault("stage_on", _("The day lies in the future."))
    else:
        typed |= {name: getattr(account, name) for name in FIELDS if not table.has(name)}
        if stage is not None and stage != account.stage:
            text = _("The account is in stage “%(stage)s”: stages are moved on its page.")
            row.fault("stage", text % {"stage": stage_name(account.stage, account.kind)})
    entry = Entry(**typed)
    for fault in faults_of(entry, known.holders):
        row.fault(fault.pointer.strip("/"), fault.detail)
    if not row.is_sound:
        return None
    is_changed = any(getattr(account, name, None) != value for name, value in _values(entry))
    for name, value in _values(entry):
        setattr(account, name, value)
    return account, is_changed


def _values(entry: Entry) -> list[tuple[str, Any]]:
    return [(name, getattr(entry, name)) for name in FIELDS]


def _write(made: list[Account], changed: list[Account], *, by: Person, at: datetime) -> None:
    for number, row in enumerate(made):
        row.code = f"new-{at.timestamp()}-{number}"
    rows = Account.objects.bulk_create(made, batch_size=500)
    for row in rows:
        row.code = f"{PREFIXES[AccountKind(row.kind)]}{row.pk:04d}"
    Account.objects.bulk_update(rows, ["code"], batch_size=500)
    StageChange.objects.bulk_create(
        [StageChange(account=row, stage=row.stage, on=row.stage_on, by=by, at=at) for row in rows],
        batch_size=500,
    )
    Account.objects.bulk_update(changed, [*FIELDS, "version"], batch_size=500)
