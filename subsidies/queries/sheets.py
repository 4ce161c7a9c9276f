"""Commission sheets as their readers see them: summed over the units they may see."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum

from orgchart.models import Dealer, Person, Post, Unit
from subsidies.models import (
    SETTLED,
    CommissionLine,
    CommissionSheet,
    SheetKind,
    SheetState,
    Statement,
)
from subsidies.rules.seal import seal
from subsidies.rules.sheet import Settlement
from subsidies.wording import is_deduction
from targets.months import month_text

COLUMNS = ("gross", "deductions", "brought_forward", "net", "paid", "carried")
ZERO = Decimal("0.00")
STEPS = (SheetState.MADE, SheetState.AUDITED, *SETTLED)
_PEOPLE = (
    "made_by",
    "audited_by",
    "approved_by",
    "returned_by",
    "paid_out_by",
    "archived_by",
)
_PAYEE = ("dealer", "person", "post", "unit")
_ORDER = ("unit__position", "dealer__tier", "post__position", "dealer__code", "person__code", "pk")


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps of a sheet; `by` None: not taken yet."""

    state: str  # of SheetState, the state that the step leads to
    by: Person | None
    at: datetime | None
    is_next: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with the totals and the number of payees that the reader may see."""

    pk: int
    kind: str
    month: date
    version: int
    state: str
    scheme_code: str
    scheme_name: str
    district: Unit
    payees: int
    totals: Settlement
    steps: tuple[Step, ...]
    seal: str
    returned_by: Person | None
    returned_at: datetime | None
    return_reason: str
    payment_note: str

    @property
    def made_by(self) -> Person | None:
        return self.steps[0].by

    @property
    def is_staff(self) -> bool:
        return self.kind == SheetKind.STAFF


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement, as stored."""

    pk: int
    code: str
    quantity: Decimal | None
    rate: Decimal | None
    amount: Decimal
    formula: dict[str, Any]

    @property
    def is_deduction(self) -> bool:
        return is_deduction(self.code)


@dataclass(frozen=True, slots=True)
class PayeeStatement:
    """A dealer's or a person's part of a sheet. `lines` is empty unless they were asked for."""

    payee: Dealer | Person
    post: Post | None  # of a person
    unit: Unit
    commission_class: str
    counted_users: int
    unit_price: Decimal
    return_version: int
    totals: Settlement
    lines: tuple[Line, ...]

    def amount(self, code: str) -> Decimal:
        """Return the amount of a line; 0 if the scheme has no such line."""
        return next((line.amount for line in self.lines if line.code == code), ZERO)


def sheets_of(district: Unit) -> QuerySet[CommissionSheet]:
    """Return the district's sheets with the people of their steps, latest first."""
    return CommissionSheet.objects.filter(district=district).select_related(
        "scheme", "district", *_PEOPLE
    )


def sheet_list(
    district: Unit,
    unit_ids: frozenset[int] | None = None,
    *,
    month: date | None = None,
    kind: str = "",
) -> list[Sheet]:
    """Return the sheets in force, latest month first; totals over `unit_ids` (None: all)."""
    found = sheets_of(district).exclude(state=SheetState.VOID)
    if kind:
        found = found.filter(kind=kind)
    if month is not None:
        found = found.filter(month=month)
    return summed(list(found), unit_ids)


def earlier_versions(sheet: Sheet) -> list[Sheet]:
    """Return the void sheets of the same month, latest first; without totals."""
    found = sheets_of(sheet.district).filter(
        kind=sheet.kind, month=sheet.month, state=SheetState.VOID
    )
    return [_sheet(row, 0, _settlement({})) for row in found if row.pk != sheet.pk]


def summed(
    sheets: Sequence[CommissionSheet], unit_ids: frozenset[int] | None = None
) -> list[Sheet]:
    """Return the sheets with totals over the statements of `unit_ids`, in two queries at most."""
    statements = _scoped(Statement.objects.filter(sheet__in=[row.pk for row in sheets]), unit_ids)
    totals = {
        row["sheet_id"]: row
        for row in statements.order_by()
        .values("sheet_id")
        .annotate(payees=Count("pk"), **{name: Sum(name) for name in COLUMNS})
    }
    return [
        _sheet(row, totals.get(row.pk, {}).get("payees", 0), _settlement(totals.get(row.pk, {})))
        for row in sheets
    ]


def statements_of(
    sheet_id: int,
    unit_ids: frozenset[int] | None = None,
    *,
    payee_code: str = "",
    with_lines: bool = False,
) -> list[PayeeStatement]:
    """Return the statements a reader may see, by unit and payee; two queries at most."""
    found = _scoped(Statement.objects.filter(sheet_id=sheet_id), unit_ids)
    if payee_code:
        found = found.filter(Q(dealer__code=payee_code) | Q(person__code=payee_code))
    rows = list(found.select_related(*_PAYEE).order_by(*_ORDER))
    lines = _lines_of([row.pk for row in rows]) if with_lines else {}
    return [_statement(row, lines.get(row.pk, [])) for row in rows]


def own_statements(person: Person) -> QuerySet[Statement]:
    """Return what a person was paid as staff, the latest month first; void sheets left out."""
    return (
        Statement.objects.filter(person=person)
        .exclude(sheet__state=SheetState.VOID)
        .select_related("sheet", "unit", "post", "person")
        .order_by("-sheet__month")
    )


def own_lines(person: Person) -> list[tuple[CommissionSheet, PayeeStatement]]:
    """Return the sheets and what they pay the person, with every line; two queries."""
    rows = list(own_statements(person))
    lines = _lines_of([row.pk for row in rows])
    return [(row.sheet, _statement(row, lines.get(row.pk, []))) for row in rows]


def statement_portions(
    sheet_id: int, unit_ids: frozenset[int] | None = None, *, size: int = 500
) -> Iterator[list[PayeeStatement]]:
    """Yield the statements with their lines in portions, in the order of the sheet.

    Two queries a portion; only one portion is in memory.
    """
    found = _scoped(Statement.objects.filter(sheet_id=sheet_id), unit_ids)
    order = list(found.order_by(*_ORDER).values_list("pk", flat=True))
    for start in range(0, len(order), size):
        keys = order[start : start + size]
        lines = _lines_of(keys)
        rows = Statement.objects.filter(pk__in=keys).select_related(*_PAYEE)
        by_pk = {row.pk: _statement(row, lines.get(row.pk, [])) for row in rows}
        yield [by_pk[pk] for pk in keys]


def _lines_of(statement_ids: Sequence[int]) -> dict[int, list[Line]]:
    """Return the lines of statements in their order; values, since there are tens of thousands."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = CommissionLine.objects.filter(statement__in=statement_ids).order_by("position", "pk")
    for statement_id, *values in rows.values_list(
        "statement_id", "pk", "code", "quantity", "rate", "amount", "formula"
    ).iterator():
        found[statement_id].append(Line(*values))
    return found


def line_codes(sheet_id: int, unit_ids: frozenset[int] | None = None) -> list[str]:
    """Return the lines that occur on a sheet, in their printed order."""
    lines = CommissionLine.objects.filter(statement__sheet_id=sheet_id)
    if unit_ids is not None:
        lines = lines.filter(statement__unit_id__in=unit_ids)
    return [
        row["code"]
        for row in lines.order_by()
        .values("code")
        .annotate(at=Max("position"))
        .order_by("at", "code")
    ]


def total_of(statements: Sequence[PayeeStatement]) -> Settlement:
    """Return the column sums of the statements."""
    return Settlement(
        **{name: sum((getattr(row.totals, name) for row in statements), ZERO) for name in COLUMNS}
    )


def seal_of(sheet: CommissionSheet) -> str:
    """Return the seal over what is stored of a sheet: equal to `sheet.seal` while intact."""
    return seal(_records(sheet))


def _records(sheet: CommissionSheet) -> Iterator[Any]:
    yield {
        "district": sheet.district.code,
        "month": month_text(sheet.month),
        "version": sheet.version,
        "scheme": sheet.scheme.code,
        "scheme_body": sheet.scheme.body,
    }
    statements = (
        Statement.objects.filter(sheet_id=sheet.pk)
        .select_related(*_PAYEE)
        .prefetch_related(Prefetch("lines", CommissionLine.objects.order_by("position", "pk")))
        .order_by("dealer__code", "person__code", "pk")
    )
    for row in statements:
        whose = (
            {"person": row.payee.code, "post": row.post.code}
            if row.post
            else {"dealer": row.payee.code, "class": row.commission_class}
        )
        yield whose | {
            "unit": row.unit.code,
            "users": row.counted_users,
            "price": _fixed(row.unit_price),
            "return": row.return_version,
            **{name: _fixed(getattr(row, name)) for name in COLUMNS},
        }
        for line in row.lines.all():
            yield [
                line.code,
                _fixed(line.quantity),
                _fixed(line.rate),
                _fixed(line.amount),
                line.formula,
            ]


def _fixed(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _scoped(
    statements: QuerySet[Statement], unit_ids: frozenset[int] | None
) -> QuerySet[Statement]:
    return statements if unit_ids is None else statements.filter(unit_id__in=unit_ids)


def _settlement(row: dict[str, Any]) -> Settlement:
    return Settlement(**{name: row.get(name) or ZERO for name in COLUMNS})


def _sheet(row: CommissionSheet, payees: int, totals: Settlement) -> Sheet:
    turn = dict(pairwise(STEPS))
    upcoming = turn.get(SheetState(row.state))
    taken = {
        SheetState.MADE: (row.made_by, row.made_at),
        SheetState.AUDITED: (row.audited_by, row.audited_at),
        SheetState.APPROVED: (row.approved_by, row.approved_at),
        SheetState.PAID: (row.paid_out_by, row.paid_out_at),
        SheetState.ARCHIVED: (row.archived_by, row.archived_at),
    }
    steps = tuple(Step(state, *taken[state], upcoming is state) for state in STEPS)
    return Sheet(
        pk=row.pk,
        kind=row.kind,
        month=row.month,
        version=row.version,
        state=row.state,
        scheme_code=row.scheme.code,
        scheme_name=row.scheme.name,
        district=row.district,
        payees=payees,
        totals=totals,
        steps=steps,
        seal=row.seal,
        returned_by=row.returned_by,
        returned_at=row.returned_at,
        return_reason=row.return_reason,
        payment_note=row.payment_note,
    )


def _statement(row: Statement, lines: Sequence[Line]) -> PayeeStatement:
    return PayeeStatement(
        payee=row.payee,
        post=row.post,
        unit=row.unit,
        commission_class=row.commission_class,
        counted_users=row.counted_users,
        unit_price=row.unit_price,
        return_version=row.return_version,
        totals=Settlement(**{name: getattr(row, name) for name in COLUMNS}),
        lines=tuple(lines),
    )
