"""Gathering a district's year from the tables into a Book."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from orgchart.models import Unit, UnitKind
from portal.book.bindings import BINDINGS, Index, Key, Scope
from portal.book.book import KIND, Book
from portal.book.columns import Ref
from portal.book.organisation import Cover
from subsidies.models import CommissionSheet, SheetKind, SheetState
from targets.models import Plan

# What a kind is checked against beside the kinds that it refers to.
BESIDE = {"segment_tasks": ("sheet_rows",), "scorecards": ("scorecard_items",),
          "campaign_results": ("people", "dealers", "units")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """What the tables hold: {kind: {key: (pk, row)}}, and the index of codes."""

    rows: dict[str, dict[Key, tuple[Any, Any]]]
    index: Index
    paid_months: frozenset[date]  # with a sheet of dealers under review or approved

    def row(self, kind: str, key: Key) -> Any:
        """Return the stored row; None if there is none."""
        return self.rows.get(kind, {}).get(key, (None, None))[1]

    def has(self, kind: str, key: Key) -> bool:
        return key in self.rows.get(kind, {})

    @property
    def closed_months(self) -> dict[date, str]:
        """The months that take no changes any more, with their state."""
        return {
            row.month: row.state
            for _pk, row in self.rows.get("months", {}).values()
            if row.state != "open"
        }


EMPTY = Stored({}, Index(), frozenset())


def scope_of(district: Unit, year: int) -> Scope:
    """Return the scope of a district and its plan of the year, if there is one."""
    return Scope(district, Plan.objects.filter(district=district, year=year).first(), year)


def district_by_code(code: str) -> Unit | None:
    """Return the district with the code, if there is one."""
    return Unit.objects.filter(kind=UnitKind.DISTRICT, code=code).order_by("pk").first()


def stored(scope: Scope, kinds: set[str] | None = None) -> Stored:
    """Read all kinds, or those that the given ones depend on; one query each."""
    index = Index()
    wanted = None if kinds is None else _with_dependencies(kinds)
    rows = {
        binding.kind.code: binding.rows(scope, index)
        for binding in BINDINGS
        if wanted is None or binding.kind.code in wanted
    }
    of_dealers = CommissionSheet.objects.filter(district=scope.district, kind=SheetKind.DEALERS)
    paid = of_dealers.exclude(state__in=(SheetState.VOID, SheetState.RETURNED))
    return Stored(rows, index, frozenset(paid.values_list("month", flat=True)))


def _with_dependencies(kinds: set[str]) -> set[str]:
    """Return the kinds with those that they refer to, and the months, which may be closed."""
    wanted = {"months"}
    waiting = list(kinds)
    while waiting:
        code = waiting.pop()
        if code in wanted and code != "months":
            continue
        wanted.add(code)
        waiting += [c.type.kind for c in KIND[code].columns if isinstance(c.type, Ref)]
        waiting += BESIDE.get(code, ())
    return wanted


def cover_of(scope: Scope) -> Cover:
    """Return the cover of a district's workbook."""
    branch = scope.district.parent
    return Cover(
        district=scope.district.code,
        year=scope.year,
        branch=branch.code if branch else "",
        branch_zh=branch.name_zh if branch else "",
        branch_en=branch.name_en if branch else "",
    )


def gather_book(*, district: Unit, year: int, kinds: frozenset[str] | None = None) -> Book:
    """Return the Book of a district's year; `kinds` limits it to what a person may read."""
    scope = scope_of(district, year)
    held = stored(scope)
    rows: dict[str, tuple[Any, ...]] = {
        code: tuple(row for _pk, row in found.values())
        for code, found in held.rows.items()
        if kinds is None or code in kinds
    }
    return Book(covers=(cover_of(scope),), **rows)
