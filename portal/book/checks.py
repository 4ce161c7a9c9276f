"""What can be wrong with a Book: every flaw at once, located by kind, row and column."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from portal.book import campaign_checks, card_checks
from portal.book.book import KINDS, Book, Kind
from portal.book.columns import Ref
from portal.book.gather import Stored
from subsidies.rules.scheme import Fault, Scheme, SchemeInvalid
from subsidies.rules.staff import StaffScheme
from targets.months import last_day, month_text

HUNDRED = Decimal(100)
# Rows of which only one may be open-ended for the same unit or dealer.
SINGLE = {"placements": "unit", "supervisions": "unit", "affiliations": "dealer"}
# Facts of a month: frozen with it.
MONTHLY = ("tasks", "actuals", "daily_figures", "events")
OF_YEAR = (*MONTHLY, "segment_tasks", "months", "dealer_returns")


@dataclass(frozen=True, slots=True)
class Flaw:
    """A sentence about a cell: the row's index within its kind, and the column's name."""

    kind: str
    index: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Context:
    """A Book beside what is stored. `seen` has the keys of rows that could not be read, so that
    one bad cell is not followed by complaints about every row that refers to it.
    """

    book: Book
    stored: Stored
    seen: dict[str, set[Any]]
    may_write: Callable[[str], bool]

    def rows(self, kind: str) -> Iterator[tuple[int, Any]]:
        yield from enumerate(getattr(self.book, kind))

    def new(self, kind: Kind, row: Any) -> bool:
        """Whether the row says something else than what is stored."""
        return bool(self.stored.row(kind.code, kind.key(row)) != row)

    def changed_column(self, kind: Kind, row: Any) -> str:
        """Return the column to which a refusal of the row's change points."""
        was = self.stored.row(kind.code, kind.key(row))
        for column in kind.columns:
            if was is None and column.name in ("value", "count"):
                return column.name
            if was is not None and getattr(was, column.name) != getattr(row, column.name):
                return column.name
        return kind.columns[0].name

    def decimals(self, code: str) -> int | None:
        """How many decimals the stored values of an indicator have."""
        for row in self.book.indicators:
            if row.code == code:
                return row.decimals + 2 * row.is_percent
        row = self.stored.row("indicators", (code,))
        return None if row is None else row.decimals + 2 * row.is_percent

    def indicator(self, code: str) -> Any:
        named = [row for row in self.book.indicators if row.code == code]
        return named[0] if named else self.stored.row("indicators", (code,))


def flaws(context: Context) -> list[Flaw]:
    """Return everything that is wrong, one sentence a cell."""
    found = [flaw for check in CHECKS for flaw in check(context)]
    unique = {(flaw.kind, flaw.index, flaw.column): flaw for flaw in reversed(found)}
    return list(unique.values())


def _twice(context: Context) -> Iterator[Flaw]:
    for kind in KINDS:
        keys: set[Any] = set()
        for index, row in context.rows(kind.code):
            key = kind.key(row)
            if key in keys:
                column = next(c for c in kind.columns if c.is_key)
                yield Flaw(
                    kind.code, index, column.name,
                    _("This row is there twice; delete one of them."),
                )  # fmt: skip
            keys.add(key)


def _unknown(context: Context) -> Iterator[Flaw]:
    for kind in KINDS:
        refs = [(c.name, c.type.kind) for c in kind.columns if isinstance(c.type, Ref)]
        for index, row in context.rows(kind.code):
            for name, target in refs:
                code = getattr(row, name)
                if code is not None and not _is_known(context, target, code):
                    yield Flaw(
                        kind.code, index, name,
                        _("There is no %(code)s in the sheet “%(sheet)s”.")
                        % {"code": code, "sheet": _title(target)},
                    )  # fmt: skip


def _is_known(context: Context, kind: str, code: str) -> bool:
    if (code,) in context.seen.get(kind, ()) or context.stored.has(kind, (code,)):
        return True
    return any(row.code == code for row in getattr(context.book, kind))


def _title(kind: str) -> str:
    return next(str(k.title) for k in KINDS if k.code == kind)


def _places_of_segment_tasks(context: Context) -> Iterator[Flaw]:
    known = set(context.stored.index.pks.get("sheet_rows", {}))
    known |= {
        (row.sheet, row.breakdown, row.indicator)
        for row in context.book.sheet_rows
        if row.unit is None
    }
    for index, row in context.rows("segment_tasks"):
        if (row.sheet, row.breakdown, row.indicator) not in known:
            yield Flaw(
                "segment_tasks", index, "sheet",
                _("The table has no such row; add it to the sheet “%(sheet)s”.")
                % {"sheet": _title("sheet_rows")},
            )  # fmt: skip


def _days(context: Context) -> Iterator[Flaw]:
    for kind in KINDS:
        names = {column.name for column in kind.columns}
        for start, end in (("valid_from", "valid_to"), ("opened_on", "closed_on")):
            if not {start, end} <= names:
                continue
            for index, row in context.rows(kind.code):
                last = getattr(row, end)
                if last is not None and last < getattr(row, start):
                    yield Flaw(kind.code, index, end, _("The last day lies before the first."))


def _single(context: Context) -> Iterator[Flaw]:
    for kind in KINDS:
        if kind.code not in SINGLE:
            continue
        name = SINGLE[kind.code]
        mine = {kind.key(row) for _index, row in context.rows(kind.code)}
        current = {
            getattr(row, name)
            for key, (_pk, row) in context.stored.rows.get(kind.code, {}).items()
            if row.valid_to is None and key not in mine
        }
        for index, row in context.rows(kind.code):
            if row.valid_to is not None:
                continue
            if getattr(row, name) in current:
                yield Flaw(
                    kind.code, index, "valid_to",
                    _("Another row is still in force; give that one a last day first."),
                )  # fmt: skip
            current.add(getattr(row, name))


def _months(context: Context) -> Iterator[Flaw]:
    year = context.book.cover.year
    years = [row.month.year for kind in OF_YEAR for row in getattr(context.book, kind)]
    if 2 * years.count(year) < len(years):  # the cover is wrong, not most of the rows
        other = Counter(years).most_common(1)[0][0]
        sentence = _("Most months of this workbook lie in %(other)s, not in %(year)s.")
        yield Flaw("covers", 0, "year", sentence % {"other": other, "year": year})
        return
    closed = context.stored.closed_months
    states = {"closed": _("closed"), "published": _("published")}
    for kind in KINDS:
        if kind.code not in OF_YEAR:
            continue
        for index, row in context.rows(kind.code):
            if row.month.year != year:
                yield Flaw(
                    kind.code, index, "month",
                    _("The workbook is for %(year)s; this month is not in it.") % {"year": year},
                )  # fmt: skip
            elif kind.code in MONTHLY and row.month in closed and context.new(kind, row):
                yield Flaw(
                    kind.code, index, context.changed_column(kind, row),
                    _("%(month)s is %(state)s; its figures cannot change.")
                    % {"month": month_text(row.month), "state": states[closed[row.month]]},
                )  # fmt: skip
    for index, row in context.rows("months"):
        was = context.stored.row("months", (row.month,))
        if row.state != (was.state if was else "open"):
            yield Flaw(
                "months", index, "state", _("A month changes its state only on the closing page.")
            )
    for index, row in context.rows("dealer_returns"):
        kind = next(k for k in KINDS if k.code == "dealer_returns")
        if row.month in context.stored.paid_months and context.new(kind, row):
            yield Flaw(
                "dealer_returns", index, context.changed_column(kind, row),
                _("The commission sheet of %(month)s is made; its figures cannot change.")
                % {"month": month_text(row.month)},
            )  # fmt: skip


def _figures(context: Context) -> Iterator[Flaw]:
    for kind in ("tasks", "actuals", "segment_tasks"):
        for index, row in context.rows(kind):
            decimals = context.decimals(row.indicator)
            if row.value is None or decimals is None:
                continue
            if row.value != round(row.value, decimals):
                yield Flaw(
                    kind, index, "value",
                    _("This indicator has %(decimals)s decimals at most.")
                    % {"decimals": decimals},
                )  # fmt: skip
    for kind in ("tasks", "segment_tasks"):
        for index, row in context.rows(kind):
            indicator = context.indicator(row.indicator)
            if row.value < 0 and indicator is not None and not indicator.may_be_negative:
                yield Flaw(kind, index, "value", _("A task of this indicator is not below 0."))
    for kind, name in (("actuals", "as_of"), ("daily_figures", "day"), ("events", "occurred_on")):
        for index, row in context.rows(kind):
            on = getattr(row, name)
            if on is not None and not row.month <= on <= last_day(row.month):
                yield Flaw(
                    kind, index, name,
                    _("The date lies outside the month: write a day of %(month)s.")
                    % {"month": month_text(row.month)},
                )  # fmt: skip
    for index, row in context.rows("actuals"):
        indicator = context.indicator(row.indicator)
        if indicator is not None and indicator.is_derived:
            yield Flaw(
                "actuals", index, "indicator", _("This indicator is computed, not reported.")
            )
    for index, row in context.rows("tasks"):
        if row.is_locked and not row.lock_reason:
            yield Flaw("tasks", index, "lock_reason", _("A locked task needs a reason."))
    for kind, names in (
        ("subsidy_policies", ("fixed", "floating_base", "cap", "floor")),
        ("competition_policies", ("amount",)),
        ("dealer_returns", ("penalty",)),
    ):
        for index, row in context.rows(kind):
            for name in names:
                if (getattr(row, name) or 0) < 0:
                    yield Flaw(kind, index, name, _("This cannot be negative."))


def _annual(context: Context) -> Iterator[Flaw]:
    for index, row in context.rows("annual_targets"):
        for layer in ("city", "department"):
            driver = getattr(row, f"{layer}_driver")
            other = "growth" if driver == "target" else "target"
            if getattr(row, f"{layer}_{other}") is not None:
                yield Flaw(
                    "annual_targets", index, f"{layer}_{other}",
                    _("This follows from the other figure; leave it empty."),
                )  # fmt: skip
        low = (
            row.city_target is not None
            and row.department_target is not None
            and row.department_target < row.city_target
        )
        if low and not row.reason:
            yield Flaw(
                "annual_targets", index, "reason",
                _("The department's target is below the city's: give the reason."),
            )  # fmt: skip


def _seasons(context: Context) -> Iterator[Flaw]:
    for index, row in context.rows("sheets"):
        if row.season and _season_sum(row.season) != HUNDRED:
            yield Flaw(
                "sheets", index, "season", _("A season is twelve percentages that make 100.")
            )
    for index, row in context.rows("sheet_rows"):
        if row.season and not _season_sum(row.season):
            yield Flaw("sheet_rows", index, "season", _("A season is twelve weights."))


def _season_sum(season: Any) -> Decimal | None:
    """Return the sum of twelve weights; None when they are not that."""
    try:
        parts = [Decimal(str(part)) for part in season]
    except InvalidOperation:
        return None
    sound = len(parts) == 12 and all(part.is_finite() and part >= 0 for part in parts)
    return sum(parts, Decimal(0)) if sound else None


def _rules(context: Context) -> Iterator[Flaw]:
    for kind, index, column, sentence in card_checks.card_flaws(context):
        yield Flaw(kind, index, column, sentence)


def _schemes(context: Context) -> Iterator[Flaw]:
    for index, row in context.rows("schemes"):
        try:
            if row.kind == "staff":
                _demand_known(context, StaffScheme.from_json(row.body))
            else:
                Scheme.from_json(row.body)
        except SchemeInvalid as error:
            yield Flaw(
                "schemes", index, "body", _("The scheme is not right: %(why)s") % {"why": error}
            )


def _demand_known(context: Context, scheme: StaffScheme) -> None:
    """Raise SchemeInvalid for posts and indicators that the Book does not know."""
    faults = [
        Fault(f"/rates/{code}", "unknown")
        for kind, codes in (("posts", scheme.rates), ("indicators", scheme.indicators()))
        for code in codes
        if (code,) not in context.seen.get(kind, ())
        and context.stored.row(kind, (code,)) is None
        and all(row.code != code for row in getattr(context.book, kind))
    ]
    if faults:
        raise SchemeInvalid(tuple(faults))


def _loops(context: Context) -> Iterator[Flaw]:
    parents = {
        row.unit: row.parent
        for _pk, row in context.stored.rows.get("placements", {}).values()
        if row.valid_to is None
    }
    parents |= {row.unit: row.parent for row in context.book.placements if row.valid_to is None}
    for index, row in context.rows("placements"):
        above, steps = row.parent, 0
        while above is not None and above != row.unit and steps < len(parents) + 1:
            above, steps = parents.get(above), steps + 1
        if above == row.unit:
            yield Flaw("placements", index, "parent", _("A unit cannot stand under itself."))


def _campaigns(context: Context) -> Iterator[Flaw]:
    for kind, found in (
        ("campaigns", campaign_checks.campaign_flaws(context)),
        ("campaign_results", campaign_checks.result_flaws(context)),
    ):
        for index, column, sentence in found:
            yield Flaw(kind, index, column, sentence)


def _permissions(context: Context) -> Iterator[Flaw]:
    for kind in KINDS:
        if kind.code == "covers" or context.may_write(kind.write):
            continue
        for index, row in context.rows(kind.code):
            if context.new(kind, row):
                yield Flaw(
                    kind.code, index, context.changed_column(kind, row),
                    _("Your post does not allow changes in this sheet."),
                )  # fmt: skip


CHECKS = (
    _twice, _unknown, _places_of_segment_tasks, _days, _single, _months, _figures, _annual,
    _seasons, _rules, _schemes, _loops, _campaigns, _permissions,
)  # fmt: skip
