"""A bulletin as tables: one list of columns for the page, the workbook, the PDF and the PNG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi.present import words
from kpi.present.pace import LAMPS
from kpi.rules.pace import Lamp
from portal.bulletin_words import marks, named, summary, title, total_name
from portal.rules.bulletins import Content, Edition, Item, Kind, Line, Period, Place, Section
from targets.templatetags.amounts import amount, percent, signed

AMOUNT, RATE, POINTS, GROWTH, RANK = "amount", "rate", "points", "growth", "rank"
WHOLE_BAR = Fraction(120, 100)
Value = Decimal | Fraction | int | None
FIRST_EDITION = Edition()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a section. `of` gives the exact value; `form` says how it is written."""

    code: str
    label: Any
    form: str
    of: Callable[[Line], Value]


_BROUGHT = {
    Kind.DAILY: gettext_lazy("On the day"),
    Kind.WEEKLY: gettext_lazy("In the week"),
    Kind.MONTHLY: gettext_lazy("In the month"),
}


def _columns(kind: Kind) -> list[Column]:
    task = Column("task", gettext_lazy("Task"), AMOUNT, lambda line: line.task)
    brought = Column("brought", _BROUGHT[kind], AMOUNT, lambda line: line.brought)
    rates = [
        Column("rate", gettext_lazy("Rate"), RATE, lambda line: line.completion),
        Column("difference", gettext_lazy("Gap to time"), POINTS, lambda line: line.difference),
    ]
    growths = [
        Column("last_month", gettext_lazy("On last month"), GROWTH, lambda x: x.on_last_month),
        Column("last_year", gettext_lazy("On last year"), GROWTH, lambda x: x.on_last_year),
    ]
    if kind is Kind.MONTHLY:
        return [
            task, brought, *rates,
            Column("gap", gettext_lazy("Gap"), AMOUNT, lambda line: line.gap),
            *growths,
            Column("january", gettext_lazy("On January"), GROWTH, lambda line: line.on_january),
            Column("year_task", gettext_lazy("Task of the year"), AMOUNT, lambda x: x.year_task),
            Column("year", gettext_lazy("Year to date"), AMOUNT, lambda line: line.year_actual),
            Column("year_rate", gettext_lazy("Of the year"), RATE, lambda line: line.year_rate),
            Column("year_growth", gettext_lazy("Year on last year"), GROWTH,
                   lambda line: line.year_on_last),
        ]  # fmt: skip
    weekly = [Column("last_week", gettext_lazy("On last week"), GROWTH, lambda x: x.on_last_period)]
    return [
        task, brought,
        Column("actual", gettext_lazy("Month to date"), AMOUNT, lambda line: line.actual),
        *rates,
        Column("in_time", gettext_lazy("Of what is due"), RATE, lambda line: line.in_time),
        Column("gap", gettext_lazy("Gap"), AMOUNT, lambda line: line.gap),
        Column("per_day", gettext_lazy("Needed a day"), AMOUNT, lambda line: line.per_day),
        Column("forecast", gettext_lazy("Forecast"), AMOUNT, lambda line: line.forecast),
        *(weekly if kind is Kind.WEEKLY else []), *growths,
    ]  # fmt: skip


COLUMNS = {kind: _columns(kind) for kind in Kind}
PUBLIC = {"rate", "difference"}  # for every reader, of every unit
ON_THE_PHONE = {  # what a narrow picture writes under the name
    Kind.DAILY: ("brought", "actual", "task", "gap", "per_day", "last_month", "last_year"),
    Kind.WEEKLY: ("brought", "last_week", "actual", "task", "gap", "per_day", "last_month"),
    Kind.MONTHLY: ("brought", "task", "last_month", "last_year", "year", "year_rate"),
}


def written(value: Value, form: str, decimals: int) -> str:
    """Write a value of a column."""
    if form == AMOUNT:
        return amount(value, decimals)
    if form == RATE:
        return percent(value)
    return signed(None if value is None else Fraction(value) * 100, 2)


def document(content: Content, comment: str, edition: Edition = FIRST_EDITION) -> dict[str, Any]:
    """Return a bulletin as finished texts for templates/portal/_bulletin.html and bulletin.typ."""
    kind = Kind(content.kind)
    return {
        "title": title(Period(kind, content.first, content.last), edition.number),
        "district": named(content.district),
        "kind": kind.value,
        "summary": [
            fact | {"kind": _lamp(fact["lamp"])[0]} for fact in [*marks(edition), *summary(content)]
        ],
        "comment": comment,
        "sections": [_section(section, kind) for section in content.sections],
        "ranking": _ranking(content.places) if content.places else None,
        "cards": [_card(place) for place in content.places if place.items],
        "notes": _notes(content),
    }


def _notes(content: Content) -> list[str]:
    notes = []
    if content.unreported:
        names = words.joined(named(name) for name in content.unreported)
        notes.append(_("Nothing reported yet: %(names)s") % {"names": names})
    if not content.is_whole:
        notes.append(_("Of the other units you see rank, completion and lamp."))
    return notes


def _lamp(lamp: str) -> tuple[str, str]:
    kind, word = LAMPS[Lamp(lamp)] if lamp else ("", "")
    return kind, str(word)


def _section(section: Section, kind: Kind) -> dict[str, Any]:
    lines = [*section.lines, *([section.total] if section.total else [])]
    columns = [
        one for one in COLUMNS[kind] if any(one.of(line) is not None for line in lines)
    ]  # what nobody has, such as a day's figure of what is reported by the month, is left out
    measure = named(section.measure)
    return {
        "name": named(section.name),
        "note": _("%(measure)s; time %(time)s%%")
        % {"measure": measure, "time": percent(section.time_progress)},
        "heads": [
            {"label": str(one.label), "measure": measure if one.form == AMOUNT else _unit(one)}
            for one in columns
        ],
        "rows": [_row(line, named(line.name), section, columns, kind) for line in section.lines],
        "total": _row(section.total, total_name(section), section, columns, kind)
        if section.total
        else None,
    }


def _unit(column: Column) -> str:
    return "pp" if column.form == POINTS else "%"


def _row(
    line: Line, name: str, section: Section, columns: Sequence[Column], kind: Kind
) -> dict[str, Any]:
    lamp, word = _lamp(line.lamp)
    cells = {
        one.code: {
            "code": one.code,
            "text": _cell(line, one, section.decimals),
            "label": str(one.label),
            "suffix": "%" if one.form in (RATE, GROWTH) else "",
        }
        for one in columns
    }
    return {
        "rank": line.rank or "",
        "name": name,
        "lamp": lamp,
        "lamp_word": word,
        "is_open": line.is_open,
        "is_reported": line.completion is not None,
        "as_of": words.day(line.reported_on) if line.reported_on else "",
        "rate": percent(line.completion),
        "difference": signed(None if line.difference is None else line.difference * 100, 2),
        "bar": _bar(line.completion),
        "due": _bar(section.time_progress),
        "cells": list(cells.values()),
        "details": [cells[code] for code in ON_THE_PHONE[kind] if code in cells]
        if line.is_open and line.completion is not None
        else [],
    }


def _cell(line: Line, column: Column, decimals: int) -> str:
    if not line.is_open and column.code not in PUBLIC:
        return ""
    if column.code == "per_day" and line.is_overdue:
        return _("overdue")
    return written(column.of(line), column.form, decimals)


def _bar(ratio: Fraction | None) -> str:
    """Return how far a ratio reaches on a bar that ends at 120 %, in percent of its length."""
    return f"{float(min(max(ratio or Fraction(0), Fraction(0)), WHOLE_BAR) / WHOLE_BAR * 100):.2f}"


def _ranking(places: Sequence[Place]) -> dict[str, Any]:
    heads = [
        _("Rank"), _("Rank last month"), _("Unit"), _("Base score"), _("Bonus"), _("Total score"),
        _("Supervisor"),
    ]  # fmt: skip
    rows = [
        {
            "rank": place.rank or "—",
            "before": place.rank_before or "—",
            "name": named(place.name),
            "base": amount(place.base, 2),
            "bonus": amount(place.bonus, 2),
            "total": amount(place.total, 2),
            "supervisor": place.supervisor or "—",
        }
        for place in places
    ]
    return {"heads": heads, "rows": rows}


def _card(place: Place) -> dict[str, Any]:
    heads = [
        _("Item"), _("Task"), _("Actual"), _("Rate"), _("Points"), _("Weight"),
    ]  # fmt: skip
    return {
        "title": _("Scorecard of %(unit)s") % {"unit": named(place.name)},
        "note": _("total %(total)s") % {"total": amount(place.total, 2)},
        "heads": heads,
        "rows": [_item(item) for item in place.items],
    }


def _item(item: Item) -> dict[str, str]:
    def shown(value: Decimal | None) -> str:
        if item.is_percent:
            return "—" if value is None else f"{percent(value, item.decimals)}%"
        return amount(value, item.decimals)

    return {
        "name": named(item.name),
        "task": shown(item.task),
        "actual": shown(item.actual),
        "rate": percent(item.completion),
        "points": amount(item.points, 2),
        "weight": words.plain(item.weight),
    }
