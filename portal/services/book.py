"""Writing a Book into the tables: everything or nothing, only what differs, with its trail."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from kpi.closed import closed_months
from kpi.models import CheckState, Month, Scorecard
from kpi.services.scorecards import compile_curves, publish_scorecard
from orgchart import audit, jobs
from orgchart.errors import DomainError, Invalid
from orgchart.models import Person, Unit, UnitKind
from portal.book.bindings import BINDINGS, Binding, Index, Scope
from portal.book.book import Book, Kind
from portal.book.checks import MONTHLY, Context, Flaw, flaws
from portal.book.columns import Json
from portal.book.gather import EMPTY, Stored, district_by_code, scope_of, stored
from portal.book.organisation import Cover
from targets.models import Definition, DefinitionState, Plan, PlanState

KEPT_CHANGES = 500  # of one sheet in one entry of the trail; beyond, they are counted
# What scores depend on beside the facts of a month.
SCORING = {"indicators", "terms", "scorecards", "scorecard_items"}


class BookRejected(Invalid):
    """Nothing of the Book was written; `flaws` locate what is wrong."""

    def __init__(self, found: list[Flaw]) -> None:
        super().__init__(
            _("The workbook has %(count)s faults; nothing was imported.") % {"count": len(found)}
        )
        self.flaws = found


@dataclass(frozen=True, slots=True)
class SheetChange:
    """What an import did, or would do, to a sheet: rows added, rows changed, and the cells.

    `changes`: [{"key": {column: value}, "before": {…} | None, "after": {…}}].
    """

    kind: Kind
    added: int
    changed: int
    changes: list[dict[str, Any]]

    @property
    def total(self) -> int:
        return self.added + self.changed


@dataclass(frozen=True, slots=True)
class Report:
    """What applying a Book changed, sheet by sheet; empty when it equals what is stored."""

    district: Unit
    sheets: tuple[SheetChange, ...]

    @property
    def total(self) -> int:
        return sum(sheet.total for sheet in self.sheets)


class _DryRun(Exception):
    """Rolls a dry run back, carrying its report out of the transaction."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def apply_book(
    *,
    book: Book,
    by: Person | None,
    at: datetime,
    source: str = "import",
    dry_run: bool = False,
    district: Unit | None = None,
    may_write: Callable[[str], bool] = lambda capability: True,
    seen: dict[str, set[Any]] | None = None,
    earlier: tuple[Flaw, ...] = (),
) -> Report:
    """Write what differs from the tables; rows that the Book lacks stay as they are.

    With a `district`, the Book must be that district's; without, it may found one.

    `earlier` are flaws found while reading, `seen` the keys of the rows that had them. Raises
    BookRejected with every flaw; then, and in a dry run, nothing is written.
    """
    try:
        with transaction.atomic():
            report = _apply(book, by, at, source, district, may_write, seen or {}, earlier)
            if dry_run:
                raise _DryRun(report)
            return report
    except _DryRun as rehearsal:
        return rehearsal.report


def _apply(
    book: Book,
    by: Person | None,
    at: datetime,
    source: str,
    mine: Unit | None,
    may_write: Callable[[str], bool],
    seen: dict[str, set[Any]],
    earlier: tuple[Flaw, ...],
) -> Report:
    if not book.covers:
        missing = Flaw("covers", 0, "district", _("The cover with district and year is missing."))
        raise BookRejected(list(earlier) or [missing])
    if mine is not None and book.cover.district != mine.code:
        other = _("This is the workbook of another district.")
        raise BookRejected([Flaw("covers", 0, "district", other)])
    district = mine or district_by_code(book.cover.district)
    held, kinds = EMPTY, {kind.code for kind, count in book.counts() if count}
    if district is not None:
        _hold(district)
        held = stored(scope_of(district, book.cover.year), kinds)
    found = [*earlier, *flaws(Context(book, held, seen, may_write))]
    if found:
        raise BookRejected(found)

    if district is None:
        district = _new_district(book)
        held = stored(scope_of(district, book.cover.year), kinds)
    _owe_before_months(book, held, district)
    Plan.objects.get_or_create(district=district, year=book.cover.year)
    scope = scope_of(district, book.cover.year)
    changes = [
        change
        for binding in BINDINGS
        if (change := _write(binding, book, held, scope, by, at)).total
    ]
    _follow_up(book, changes, district, held, by, at)
    for change in changes:
        audit.record(
            by=by, at=at, action="import_sheet", district=district, source=source,
            subject=f"workbook/{book.cover.year}/{change.kind.code}",
            changes=_summary(change),
        )  # fmt: skip
    return Report(district, tuple(changes))


def _hold(district: Unit) -> None:
    """One import at a time, and no month closed between the check and the write.

    The months are held as those who report hold them (kpi.closed): alone, they would be waited
    for by a re-scoring whose job this import has to ask for at its end.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    months = Month.objects.filter(district=district).values_list("month", flat=True)
    closed_months(district_id=district.pk, months=list(months), hold=True)


def _owe_before_months(book: Book, held: Stored, district: Unit) -> None:
    """Ask for the jobs of months whose own row changes: a job is locked before its month."""
    for row in sorted(book.months, key=lambda row: row.month):
        _pk, was = held.rows.get("months", {}).get((row.month,), (None, None))
        if was is not None and was != row:
            jobs.request("rescore", district_id=district.pk, month=row.month)


def _new_district(book: Book) -> Unit:
    """Make the district (and its branch, if nobody has) from the cover and its units row."""
    cover: Cover = book.cover
    row = next(
        (r for r in book.units if r.code == cover.district and r.kind == UnitKind.DISTRICT), None
    )
    if row is None:
        raise BookRejected(
            [Flaw("covers", 0, "district", _("The sheet of units lacks the district itself."))]
        )
    branch = None
    if cover.branch:
        branch = Unit.objects.filter(kind=UnitKind.BRANCH, code=cover.branch).first()
        branch = branch or Unit.objects.create(
            kind=UnitKind.BRANCH, code=cover.branch, name_zh=cover.branch_zh,
            name_en=cover.branch_en, opened_on=row.opened_on,
        )  # fmt: skip
    named = {f.name: getattr(row, f.name) for f in fields(row)}
    district = Unit.objects.create(parent=branch, **named)
    district.district = district
    district.save(update_fields=["district"])
    return district


def _write(
    binding: Binding, book: Book, held: Stored, scope: Scope, by: Person | None, at: datetime
) -> SheetChange:
    """Create and update the rows of one kind; note new codes in the index."""
    kind, index = binding.kind, held.index
    new, changes, changed = [], [], 0
    for row in book.rows(kind):
        key = kind.key(row)
        pk, was = held.rows[kind.code].get(key, (None, None))
        if was == row:
            continue
        before, after = _difference(kind, was, row)
        named = {c.name: c.show(getattr(row, c.name)) for c in kind.columns if c.is_key}
        changes.append({"key": named, "before": before, "after": after})
        stored_fields = binding.fields(row, index) | _stamp(binding, row, was, by, at)
        if was is None:
            new.append((row, binding.model(**binding.fixed(scope), **stored_fields)))
        else:
            changed += 1
            if binding.is_versioned:
                stored_fields["version"] = F("version") + 1
            if kind.code == "indicators":
                stored_fields["card_version"] = F("card_version") + 1
            rows = binding.queryset(scope).filter(_as_read(binding, was, index), pk=pk)
            if not rows.update(**stored_fields):
                meanwhile = _("Somebody changed this row meanwhile. Export the workbook again.")
                place = book.rows(kind).index(row)
                raise BookRejected([Flaw(kind.code, place, kind.columns[0].name, meanwhile)])
    try:
        binding.model._default_manager.bulk_create([item for _row, item in new], batch_size=500)
    except IntegrityError as error:
        raise BookRejected(
            [Flaw(kind.code, 0, kind.columns[0].name,
                  _("The database refused this sheet: %(why)s") % {"why": error})]
        ) from error  # fmt: skip
    for row, item in new:
        if binding.has_code:
            index.note(kind.code, row.code, item.pk)
        elif kind.code == "sheet_rows" and row.unit is None:
            index.note(kind.code, (row.sheet, row.breakdown, row.indicator), item.pk)
    return SheetChange(kind, len(new), changed, changes)


def _as_read(binding: Binding, was: Any, index: Index) -> Q:
    """Return the condition that nobody has edited a versioned row since it was read."""
    if not binding.is_versioned:
        return Q()
    kept = [c.name for c in binding.columns if not isinstance(c.type, Json)]
    fields_read = binding.fields(was, index)
    found = Q()
    for name in kept:
        field = binding.attributes[name]
        value = fields_read[field]
        found &= Q(**{f"{field}__isnull": True}) if value is None else Q(**{field: value})
    return found


def _difference(kind: Kind, was: Any, row: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return the cells that differ, before and after, as they are shown."""
    differing = [
        column
        for column in kind.columns
        if not column.is_key
        and (was is None or getattr(was, column.name) != getattr(row, column.name))
    ]
    after = {column.name: _plain(getattr(row, column.name)) for column in differing}
    if was is None:
        return None, {name: value for name, value in after.items() if value not in (None, "")}
    return {column.name: _plain(getattr(was, column.name)) for column in differing}, after


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _stamp(binding: Binding, row: Any, was: Any, by: Person | None, at: datetime) -> dict[str, Any]:
    """Return who and when, where a table keeps it, and the state that a new row begins in."""
    match binding.kind.code:
        case "actuals" | "daily_figures":
            return {"reported_at": at, "reported_by": by, "check_state": CheckState.UNCHECKED}
        case "campaign_results":
            return {"reported_at": at, "reported_by": by}
        case "events" if was is None:
            return {"noted_at": at, "noted_by": by}
        case "tasks":
            return {"locked_by": by if row.is_locked else None}
        case "scorecards":
            # Publishing is a step of its own, once the items are there.
            return {"state": was.state if was else "draft"}
    return {}


def _follow_up(
    book: Book,
    changes: list[SheetChange],
    district: Unit,
    held: Stored,
    by: Person | None,
    at: datetime,
) -> None:
    """Do what the changes entail: parents, draft state, curves, publication, new scores."""
    touched = {change.kind.code for change in changes}
    if "placements" in touched:
        for row in book.placements:
            if row.valid_to is None:
                Unit.objects.filter(pk=held.index.pk("units", row.unit)).update(
                    parent=held.index.pk("units", row.parent)
                )
    if "annual_targets" in touched:
        Plan.objects.filter(
            district=district, year=book.cover.year, state=PlanState.RELEASED
        ).update(state=PlanState.DRAFT)
    if "terms" in touched:  # the workbook's terms are the formula now, whatever was written
        Definition.objects.filter(
            indicator__code__in={row.indicator for row in book.terms},
            indicator__district=district,
        ).exclude(state=DefinitionState.PAST).update(parts=[])
    if touched & {"scorecards", "scorecard_items"}:
        _publish_scorecards(book, district, held.index, by, at)
    for month in sorted(_months_to_rescore(book, changes, touched)):
        jobs.request("rescore", district_id=district.pk, month=month)


def _publish_scorecards(
    book: Book, district: Unit, index: Index, by: Person | None, at: datetime
) -> None:
    for row_index, row in enumerate(book.scorecards):
        card = Scorecard.objects.get(district=district, code=row.code)
        if card.state != "draft":
            continue
        try:
            compile_curves(card)
            if row.state == "proposed":
                Scorecard.objects.filter(pk=card.pk).update(state=row.state)
            if row.state == "published":
                publish_scorecard(scorecard=card, by=by, at=at, may_reach_back=True)
        except DomainError as error:
            raise BookRejected([Flaw("scorecards", row_index, "code", str(error))]) from error


def _months_to_rescore(book: Book, changes: list[SheetChange], touched: set[str]) -> set[date]:
    months = {
        date.fromisoformat(f"{change['key']['month']}-01")
        for sheet in changes
        if sheet.kind.code in MONTHLY
        for change in sheet.changes
    }
    if touched & SCORING:
        months |= {row.month for row in book.months if row.state == "open"}
    return months


def _summary(change: SheetChange) -> list[dict[str, Any]]:
    kept = change.changes[:KEPT_CHANGES]
    if len(change.changes) > KEPT_CHANGES:
        rest = len(change.changes) - KEPT_CHANGES
        kept = [*kept, {"key": {"more": rest}, "before": None, "after": None}]
    return kept
