"""What the auditor does with what differs: settles it, looks at papers, makes a finding of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import (
    DayTakings,
    DealerStatement,
    Finding,
    FindingArea,
    FindingLevel,
    ItemKind,
    SampledUser,
)
from fieldwork.models.audit import Compared
from fieldwork.queries.audit import off_balance, statements_of
from fieldwork.rules.audit import SETTLE_WITHIN, difference
from fieldwork.services.findings import FindingEntry, note_finding
from fieldwork.wording import join
from orgchart import audit
from orgchart.actors import business_day
from orgchart.errors import Fault, Invalid, Locked, VersionConflict
from orgchart.models import Person
from targets.months import month_text

LONGEST = 200
# By the name that an address gives them.
SOURCES: dict[str, type[Compared]] = {
    "takings": DayTakings, "statements": DealerStatement, "samples": SampledUser,
}  # fmt: skip
Row = TypeVar("Row", bound=Compared)


@dataclass(frozen=True, slots=True)
class Marks:
    """What was there of a user's papers."""

    contract: bool
    id_copy: bool
    signature: bool
    note: str = ""


@transaction.atomic
def settle(*, takings: DayTakings, version: int, note: str, by: Person, at: datetime) -> DayTakings:
    """Say how a difference is explained. Raises Invalid, Locked when there is none (any more)."""
    row = _held(DayTakings, takings.pk, version)
    if difference(row.system, row.receipts) == 0:
        raise Locked(_("Nothing differs on this day."))
    if row.settled_at is not None or row.has_finding:
        raise Locked(_("The difference is settled or a finding already."))
    if not note.strip():
        sentence = _("Write how it was settled.")
        raise Invalid(sentence, [Fault("/note", sentence)])
    row.settled_at, row.settled_by, row.note = at, by, note.strip()[:LONGEST]
    row.version += 1
    row.save(update_fields=["settled_at", "settled_by", "note", "version"])
    _note(row, "takings.settle", by, at, row.note)
    return row


@transaction.atomic
def check_papers(
    *, user: SampledUser, version: int, marks: Marks, by: Person, at: datetime
) -> SampledUser:
    """Note which papers of a drawn user are there; once it is a finding it stays. Raises Locked."""
    row = _held(SampledUser, user.pk, version)
    if row.has_finding:
        raise Locked(_("A finding was made of it already."))
    row.contract, row.id_copy, row.signature = marks.contract, marks.id_copy, marks.signature
    row.note, row.checked_at, row.checked_by = marks.note.strip()[:LONGEST], at, by
    row.version += 1
    row.save()
    after = {name: getattr(row, name) for name in ("contract", "id_copy", "signature")}
    _note(row, "sample.check", by, at, after)
    return row


@transaction.atomic
def make_finding(
    *, source: Compared, version: int, entry: FindingEntry, by: Person, at: datetime
) -> Finding:
    """Make a finding of a row and tie it. Raises Locked when it is one already or nothing is
    wrong with it, and what note_finding raises."""
    row = _held(type(source), source.pk, version)
    if row.has_finding:
        raise Locked(_("A finding was made of it already."))
    if not _is_off(row):
        raise Locked(_("Nothing is wrong with this row."))
    row.finding = note_finding(district=row.district, entry=entry, by=by, at=at)
    row.version += 1
    row.save(update_fields=["finding", "version"])
    return row.finding


def proposed(source: Compared, at: datetime) -> FindingEntry:
    """Return the finding that a row suggests: a hint, to be put right in five days."""
    today = business_day(at)
    area, text = _told(source)
    return FindingEntry(
        unit=source.unit, dealer=source.dealer, area=area, level=FindingLevel.HINT,
        text=text[:LONGEST], found_on=today, deadline=today + timedelta(days=SETTLE_WITHIN),
    )  # fmt: skip


def _is_off(row: Compared) -> bool:
    if isinstance(row, DayTakings):
        return difference(row.system, row.receipts) != 0
    if isinstance(row, SampledUser):
        return row.is_sound is False
    assert isinstance(row, DealerStatement)
    return off_balance(statements_of(row.district, None, row.month).filter(pk=row.pk)).exists()


def _told(source: Compared) -> tuple[str, str]:
    names: dict[str, Any] = {"dealer": source.dealer.name}
    if isinstance(source, DayTakings):
        names |= {"day": source.day.isoformat(), "difference": "—"}
        found = difference(source.system, source.receipts)
        if found is None:
            missing = _("%(dealer)s, %(day)s: takings are not reported on both sides.")
            return FindingArea.RECEIPTS, missing % names
        names["difference"] = f"{found:+.2f}".replace("-", "−")
        text = _("%(dealer)s, %(day)s: paid in against the system %(difference)s yuan.")
        return FindingArea.RECEIPTS, text % names
    if isinstance(source, DealerStatement):
        names |= {
            "month": month_text(source.month), "opening": source.opening, "taken": source.taken,
            "sold": source.sold, "returned": source.returned, "balance": source.balance,
            "item": source.item.name if source.item else _("Phone numbers"),
        }  # fmt: skip
        text = _(
            "%(dealer)s, %(month)s %(item)s: %(opening)s + %(taken)s in, %(sold)s sold, "
            "%(returned)s returned, %(balance)s in stock."
        )
        is_goods = source.item is not None and source.item.kind != ItemKind.GIFT
        area = FindingArea.CARDS if is_goods else FindingArea.GIFTS
        return (area if source.item else FindingArea.NUMBERS), text % names
    assert isinstance(source, SampledUser)
    lacking = {
        _("contract"): source.contract, _("ID copy"): source.id_copy,
        _("signature"): source.signature,
    }  # fmt: skip
    papers = join(name for name, there in lacking.items() if there is False)
    names |= {"user": source.mark, "day": source.joined_on.isoformat(), "papers": papers or "—"}
    text = _("%(dealer)s, user %(user)s joined on %(day)s: lacking %(papers)s.")
    return FindingArea.DOCUMENTS, text % names


def _held(model: type[Row], pk: int, version: int) -> Row:
    row: Row = (
        model._default_manager.select_for_update(of=("self",))
        .select_related("district", "unit__district", "dealer", "finding")
        .get(pk=pk)
    )
    if row.version != version:
        raise VersionConflict(_("Somebody changed this row meanwhile. Look at it again."))
    return row


def _note(row: Compared, action: str, by: Person, at: datetime, after: Any) -> None:
    subject = next(name for name, model in SOURCES.items() if isinstance(row, model))
    audit.record(
        by=by, at=at, action=action, subject=f"{subject}/{row.pk}", district=row.district,
        unit=row.unit, changes=[{"key": {"dealer": row.dealer.code}, "before": None,
                                 "after": after}],
    )  # fmt: skip
