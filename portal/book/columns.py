"""Columns of the workbook: what a cell may hold, and how it is read and shown."""

import builtins
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from orgchart.days import parse_day
from targets.amounts import LIMIT
from targets.months import month_text, parse_month

CODE = re.compile(r"[-a-zA-Z0-9_.]+", re.ASCII)
NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d{1,15})?([eE][-+]?\d{1,2})?", re.ASCII)
YES, NO = ("1", "是", "yes", "true"), ("0", "否", "no", "false")


class Holds:
    """What the cells of a column hold. `read` raises ValueError with a sentence."""

    __slots__ = ()

    def read(self, cell: Any) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> Any:
        """Return the cell of a value."""
        return value


@dataclass(frozen=True, slots=True)
class Text(Holds):
    """Free text of a length."""

    longest: int = 200

    def read(self, cell: Any) -> str:
        text = plain_text(cell)
        if len(text) > self.longest:
            raise ValueError(
                _("At most %(longest)s characters fit here.") % {"longest": self.longest}
            )
        return text


@dataclass(frozen=True, slots=True)
class Code(Text):
    """A code: Latin letters, digits, hyphen, underscore, dot."""

    longest: int = 40

    def read(self, cell: Any) -> str:
        text = Text.read(self, cell)
        if not CODE.fullmatch(text):
            raise ValueError(_("A code has only Latin letters, digits, - and _."))
        return text


@dataclass(frozen=True, slots=True)
class Ref(Code):
    """The code of a row of another sheet."""

    kind: str = ""


@dataclass(frozen=True, slots=True)
class Choice(Holds):
    """One of a few codes."""

    values: tuple[str, ...] = ()

    def read(self, cell: Any) -> str:
        text = plain_text(cell)
        if text not in self.values:
            raise ValueError(
                _("Write one of these: %(values)s.") % {"values": " ".join(self.values)}
            )
        return text


@dataclass(frozen=True, slots=True)
class Day(Holds):
    """A date, as a date of the spreadsheet or written YYYY-MM-DD."""

    def read(self, cell: Any) -> date:
        try:
            return parse_day(cell.isoformat()[:10] if isinstance(cell, date) else plain_text(cell))
        except ValueError:
            raise ValueError(_("Write the date as 2026-03-31.")) from None


@dataclass(frozen=True, slots=True)
class Month(Holds):
    """A month, written YYYY-MM; a date of the spreadsheet stands for its month."""

    def read(self, cell: Any) -> date:
        try:
            return parse_month(month_text(cell) if isinstance(cell, date) else plain_text(cell))
        except ValueError:
            raise ValueError(_("Write the month as 2026-03.")) from None

    def show(self, value: date) -> str:
        return month_text(value)


@dataclass(frozen=True, slots=True)
class Amount(Holds):
    """A decimal of at most four places."""

    def read(self, cell: Any) -> Decimal:
        text = unicodedata.normalize("NFKC", plain_text(cell)).replace(",", "").replace("−", "-")
        if not NUMBER.fullmatch(text):
            raise ValueError(_("Write a number."))
        amount = Decimal(text)
        if abs(amount) > LIMIT:
            raise ValueError(_("The number is too large."))
        if amount != round(amount, 4):
            raise ValueError(_("At most four decimals are kept."))
        return amount

    def show(self, value: Decimal) -> float:
        return float(value)  # 12 digits at most, so the shortest text of the float is the decimal


@dataclass(frozen=True, slots=True)
class Whole(Holds):
    """A whole number from 0 or another least value."""

    least: int = 0
    most: int = 1_000_000

    def read(self, cell: Any) -> int:
        amount = Amount().read(cell)
        if amount != int(amount):
            raise ValueError(_("Write a whole number."))
        if not self.least <= amount <= self.most:
            raise ValueError(
                _("Write a number from %(least)s to %(most)s.")
                % {"least": self.least, "most": self.most}
            )
        return int(amount)


@dataclass(frozen=True, slots=True)
class Flag(Holds):
    """Yes or no."""

    def read(self, cell: Any) -> bool:
        text = plain_text(cell).lower()
        if text not in YES + NO:
            raise ValueError(_("Write 1 for yes or 0 for no."))
        return text in YES

    def show(self, value: bool) -> int:
        return int(value)


@dataclass(frozen=True, slots=True)
class Json(Holds):
    """A structure of the given type, written as JSON."""

    type: type = dict

    def read(self, cell: Any) -> Any:
        try:
            value = json.loads(plain_text(cell))
        except (ValueError, RecursionError):
            raise ValueError(_("This is not JSON.")) from None
        if not isinstance(value, self.type):
            brackets = "{…}" if self.type is dict else "[…]"
            raise ValueError(_("Write JSON in %(brackets)s.") % {"brackets": brackets})
        return value

    def show(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading (lazy), what its cells hold, whether it is part of the key."""

    name: str
    title: Any
    type: Holds
    is_key: bool
    is_optional: bool
    blank: Any

    def read(self, cell: Any) -> Any:
        """Return the value of a cell. Raises ValueError with a sentence."""
        if cell is None or plain_text(cell) == "":
            if not self.is_optional:
                raise ValueError(_("Fill in this cell."))
            return self.blank
        return self.type.read(cell)

    def show(self, value: Any) -> Any:
        """Return what the cell of a value holds; None for an empty one."""
        return None if value is None or value in ("", ()) else self.type.show(value)


def column(
    title: Any, type: Holds, *, key: bool = False, optional: bool = False, blank: Any = None
) -> Any:
    """Declare a field of a row class as a column."""
    metadata = {"title": title, "type": type, "key": key, "optional": optional, "blank": blank}
    if not optional:
        return field(metadata=metadata)
    if isinstance(blank, dict | list):
        return field(default_factory=builtins.type(blank), metadata=metadata)
    return field(default=blank, metadata=metadata)


def text(title: Any, longest: int = 200, *, optional: bool = False) -> Any:
    """Declare a column of text; an empty cell is the empty text."""
    return column(title, Text(longest), optional=optional, blank="" if optional else None)


@cache
def columns_of(row_class: type) -> tuple[Column, ...]:
    """Return the columns of a row class in their order."""
    return tuple(
        Column(
            f.name, f.metadata["title"], f.metadata["type"], f.metadata["key"],
            f.metadata["optional"], f.metadata["blank"],
        )
        for f in fields(row_class)
    )  # fmt: skip


@cache
def key_names(row_class: type) -> tuple[str, ...]:
    """Return the names of the columns that identify a row."""
    return tuple(column.name for column in columns_of(row_class) if column.is_key)


def plain_text(cell: Any) -> str:
    """Return a cell as half-width text without surrounding blanks; whole floats as integers."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else str(cell)
    if isinstance(cell, int):
        return str(cell)
    return str(cell).strip()


def choices(enum: Iterable[Any]) -> Choice:
    """Return the column type of an enumeration of text choices."""
    return Choice(values=tuple(str(member.value) for member in enum))
