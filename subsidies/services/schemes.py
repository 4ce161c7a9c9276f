"""Commission schemes: written as drafts, published from a month on, never changed afterwards."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kpi.models import Month
from orgchart import audit
from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person, Unit
from subsidies.models import CommissionScheme, SchemeDraft, SheetKind
from subsidies.queries.schemes import last_month_with_sheet
from subsidies.rules.scheme import Scheme, SchemeInvalid
from subsidies.rules.staff import StaffScheme
from subsidies.wording import located, month_name
from targets.months import month_text


@transaction.atomic
def save_draft(
    *,
    district: Unit,
    code: str,
    name_zh: str,
    name_en: str,
    valid_from: date,
    body: dict[str, Any],
    by: Person,
    at: datetime,
    draft: SchemeDraft | None = None,
    edits: int = 0,
    kind: str = SheetKind.DEALERS,
) -> SchemeDraft:
    """Write a draft, new or again; `edits` is what was read before. It pays nothing yet.

    Raises Invalid naming every fault of the scheme, a code that is taken and a month that it
    cannot begin with; VersionConflict when somebody else saved or removed the draft meanwhile.
    """
    _hold(district)
    row = (
        _read(draft, edits)
        if draft is not None
        else SchemeDraft(district=district, kind=kind, edits=0)
    )
    before = _told(row) if draft is not None else {}
    row.code, row.name_zh, row.name_en = code, name_zh, name_en
    row.valid_from, row.body = valid_from, body
    _demand_sound(row)
    row.edits, row.saved_by, row.saved_at = row.edits + 1, by, at
    row.save()
    _record(row, "save", before, _told(row), by=by, at=at)
    return row


@transaction.atomic
def discard_draft(*, draft: SchemeDraft, by: Person, at: datetime) -> None:
    """Take a draft away; the trail keeps what it said."""
    _hold(draft.district)
    row = _read(draft, None)
    _record(row, "discard", _told(row), {}, by=by, at=at)
    row.delete()


@transaction.atomic
def publish_draft(*, draft: SchemeDraft, edits: int, by: Person, at: datetime) -> CommissionScheme:
    """Put a draft in force from its month on; the version before ends the day before.

    Raises Invalid unless it begins after the last month that has a sheet and after every other
    version, VersionConflict when the draft is not what the person read.
    """
    _hold(draft.district)
    # Sheets and returns of these months are computed by a scheme: they wait for the new one.
    list(
        Month.objects.select_for_update()
        .filter(district=draft.district, month__gte=draft.valid_from)
        .order_by("month")
    )
    row = _read(draft, edits)
    _demand_sound(row)
    last = row.valid_from - timedelta(days=1)
    CommissionScheme.objects.filter(district=row.district, kind=row.kind).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=last)
    ).update(valid_to=last)
    made = CommissionScheme.objects.create(
        district=row.district, kind=row.kind, code=row.code, name_zh=row.name_zh,
        name_en=row.name_en, valid_from=row.valid_from, body=row.body, published_by=by,
        published_at=at,
    )  # fmt: skip
    _record(row, "publish", {}, _told(row), by=by, at=at)
    row.delete()
    return made


def _hold(district: Unit) -> None:
    """Let those who write schemes of the district queue up."""
    list(Unit.objects.select_for_update(no_key=True, of=("self",)).filter(pk=district.pk))


def _read(draft: SchemeDraft, edits: int | None) -> SchemeDraft:
    row = SchemeDraft.objects.select_related("district").filter(pk=draft.pk).first()
    if row is None:
        raise VersionConflict(_("The draft was published or discarded meanwhile."))
    if edits is not None and row.edits != edits:
        raise VersionConflict(
            _("%(who)s saved the draft meanwhile. Read it again.") % {"who": row.saved_by.name},
            extra={"edits": row.edits},
        )
    return row


def _demand_sound(row: SchemeDraft) -> None:
    faults: list[Fault] = []
    try:
        sound = StaffScheme if row.kind == SheetKind.STAFF else Scheme
        sound.from_json(row.body)
    except SchemeInvalid as error:
        faults += located(error.faults, "/body")
    versions = CommissionScheme.objects.filter(district=row.district)
    drafts = SchemeDraft.objects.filter(district=row.district).exclude(pk=row.pk)
    if versions.filter(code=row.code).exists() or drafts.filter(code=row.code).exists():
        detail = _("There is a version %(code)s already.") % {"code": row.code}
        faults.append(Fault("/code", detail))
    settled = last_month_with_sheet(row.district, row.kind)
    later = (
        versions.filter(kind=row.kind, valid_from__gte=row.valid_from)
        .order_by("-valid_from")
        .first()
    )
    if settled is not None and row.valid_from <= settled:
        detail = _("%(month)s has a commission sheet already; begin after it.") % {
            "month": month_name(settled)
        }
        faults.append(Fault("/valid_from", detail))
    elif later is not None:
        detail = _("Version %(code)s begins in %(month)s; begin after it.") % {
            "code": later.code, "month": month_name(later.valid_from),
        }  # fmt: skip
        faults.append(Fault("/valid_from", detail))
    if faults:
        raise Invalid(" ".join(fault.detail for fault in faults), faults)


def _told(row: SchemeDraft) -> dict[str, Any]:
    head = {"name_zh": row.name_zh, "name_en": row.name_en, "from": month_text(row.valid_from)}
    return head | row.body


def _record(
    row: SchemeDraft,
    verb: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Person,
    at: datetime,
) -> None:
    audit.record(
        by=by, at=at, action=f"scheme.{verb}", subject=f"schemes/{row.code}",
        district=row.district,
        changes=[
            {"key": {"field": name}, "before": before.get(name), "after": after.get(name)}
            for name in dict.fromkeys([*before, *after])
            if before.get(name) != after.get(name)
        ],
    )  # fmt: skip
