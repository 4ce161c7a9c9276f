"""The leaderboard as Excel: what the page shows, figures as numbers, names as texts."""

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from kpi.models import MonthState
from kpi.present import words
from kpi.present.arranging import Asked, arranged
from kpi.queries.board import GATES, Board, BoardRow, Gate
from kpi.queries.scores import Line
from kpi.queries.year_board import YearBoard
from orgchart.book import FINE, RATE, Book, Page, sheet_names
from orgchart.permissions import Actor
from targets.months import month_text
from targets.rules.growth import rounded


def month_workbook(board: Board, actor: Actor, asked: Asked) -> bytes:
    """Return the ranking, and the points by item of the units whose reasons the actor may read."""
    rows = arranged(board.rows, asked)
    readable = [row for row in rows if row.card and actor.can("reasons.read", row.unit)]
    with Book(f"{_('Leaderboard')} {asked.month}") as book:
        ranking, items = sheet_names([_("Ranking"), _("Scores by item")])
        _ranking(book.page(ranking, [8, 10, 20, *[12] * 14], frozen=3), board, rows)
        if readable:
            _items(book, items, board, readable)
    return book.content


def _ranking(page: Page, board: Board, rows: list[BoardRow]) -> None:
    page.title(_("Leaderboard"))
    page.note(_("Period: %(month)s") % {"month": month_text(board.month.month)}, *_state(board))
    named = {gate: _indicator_name(board, gate) for gate in GATES}
    gates = [
        text % {"name": name}
        for name in named.values()
        for text in (
            _("%(name)s: task"), _("%(name)s: actual"), _("%(name)s: rate"),
            _("%(name)s: short by"), _("%(name)s: met?"),
        )
    ]  # fmt: skip
    page.head(
        [
            _("Rank"), _("vs last month"), _("Unit"), _("Base score"), _("Bonus"),
            _("Total score"), _("To next rank"), *gates,
        ]
    )  # fmt: skip
    for row in rows:
        score = row.card.score if row.card else None
        page.number(0, row.rank, "0")
        page.number(1, row.change, "+0;-0;0")
        page.text(2, row.unit.name)
        page.number(3, score.base if score else None)
        page.number(4, score.bonus if score else None)
        page.number(5, row.score, bold=True)
        page.number(6, row.gap_to_next)
        for place, gate in enumerate(GATES):
            _gate(page, 7 + 5 * place, row.gates[gate])
        page.row += 1
    page.print_area()


def _gate(page: Page, column: int, gate: Gate) -> None:
    page.number(column, gate.task, FINE)
    page.number(column + 1, gate.actual, FINE)
    page.number(column + 2, _ratio(gate.rate), RATE)
    page.number(column + 3, gate.shortfall, FINE)
    said = {True: _("Met"), False: _("Not met"), None: _("Pending")}
    page.text(column + 4, said[gate.met])


def _items(book: Book, name: str, board: Board, rows: list[BoardRow]) -> None:
    cards = [row.card for row in rows if row.card]
    lines = max((card.lines for card in cards), key=len)
    page = book.page(name, [20, *[12] * (len(lines) + 3)], frozen=1)
    page.title(_("Scores by item"))
    page.note(_("Period: %(month)s") % {"month": month_text(board.month.month)}, *_state(board))
    heads = [f"{line.item.code} {line.item.short} ({words.plain(line.item.weight)})"
             for line in lines]  # fmt: skip
    page.head([_("Unit"), *heads, _("Base score"), _("Bonus"), _("Total score")])
    for row, card in zip(rows, cards, strict=True):
        by_code = {line.item.code: line for line in card.lines}
        page.text(0, row.unit.name)
        for column, line in enumerate(lines, 1):
            _points(page, column, by_code.get(line.item.code))
        last = len(lines) + 1
        page.number(last, card.score.base)
        page.number(last + 1, card.score.bonus)
        page.number(last + 2, card.score.total, bold=True)
        page.row += 1
    page.print_area()


def _points(page: Page, column: int, line: Line | None) -> None:
    if line is None:
        page.text(column, "")
    elif line.points is None:
        page.text(column, words.reason(line))
    else:
        page.number(column, line.points)


def year_workbook(board: YearBoard, asked: Asked) -> bytes:
    """Return the ranking of the year so far, a column for each month."""
    months = range(1, board.month.month.month + 1)
    year = board.month.month.year
    with Book(f"{_('Leaderboard')} {asked.month}") as book:
        (name,) = sheet_names([_("Year to date")])
        page = book.page(name, [8, 10, 20, *[12] * (3 + len(months))], frozen=3)
        page.title(_("Leaderboard, %(year)s to date") % {"year": year})
        waiting = words.joined(month_text(month) for month in board.unpublished)
        page.note(
            _("Period: %(month)s") % {"month": f"{year}-01 – {asked.month}"},
            _("Provisional: not published yet: %(months)s") % {"months": waiting}
            if waiting
            else _("final"),
        )
        page.head(
            [
                _("Rank"), _("vs last month"), _("Unit"), _("Points so far"),
                _("Mean of a month"), _("To next rank"),
                *(f"{year}-{number:02}" for number in months),
            ]
        )  # fmt: skip
        for row in arranged(board.rows, asked):
            page.number(0, row.rank, "0")
            page.number(1, row.change, "+0;-0;0")
            page.text(2, row.unit.name)
            page.number(3, row.points, bold=True)
            page.number(4, row.mean)
            page.number(5, row.gap_to_next)
            for column, total in enumerate(row.months, 6):
                page.number(column, total)
            page.row += 1
        page.print_area()
    return book.content


def _state(board: Board) -> list[str]:
    if board.is_provisional:
        units = words.joined(unit.short for unit in board.waiting)
        return [_("Provisional: no total yet for %(units)s.") % {"units": units}]
    return [str(MonthState(board.month.state).label)]


def _indicator_name(board: Board, gate: str) -> str:
    indicator = board.rows[0].gates[gate].indicator if board.rows else None
    return indicator.short if indicator else "—"


def _ratio(rate: Fraction | None) -> Decimal | None:
    return None if rate is None else rounded(rate, 6)
