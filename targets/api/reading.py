"""Reading what programs send: strict numbers, codes and months, each fault with its pointer."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orgchart.days import parse_day
from orgchart.errors import Fault, Invalid
from targets.amounts import parse_amount
from targets.months import parse_month


class Reader:
    """Collects faults while values are read; `check` raises Invalid with all of them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, pointer: str, detail: str) -> None:
        self.faults.append(Fault(pointer, detail))

    def check(self) -> None:
        if self.faults:
            raise Invalid(self.faults[0].detail, self.faults)

    def number(
        self, value: Any, pointer: str, *, low: Decimal | None = None, high: Decimal | None = None
    ) -> Decimal:
        """Return the number, 0 after noting a fault."""
        try:
            amount = parse_amount(value)
        except ValueError:
            self.fault(pointer, _("Write a plain number such as 3109.92, four decimals at most."))
            return Decimal(0)
        if low is not None and amount < low:
            self.fault(pointer, _("The number must be at least %(low)s.") % {"low": low})
        if high is not None and amount > high:
            self.fault(pointer, _("The number must be at most %(high)s.") % {"high": high})
        return amount

    def number_or_none(self, value: Any, pointer: str) -> Decimal | None:
        return None if value is None or value == "" else self.number(value, pointer)

    def text(self, value: Any, pointer: str, *, longest: int = 100) -> str:
        if value is None or value == "":
            self.fault(pointer, _("Nothing is written here: at most %(count)s characters.")
                       % {"count": longest})  # fmt: skip
            return ""
        if not isinstance(value, str) or not value or len(value) > longest or "\x00" in value:
            self.fault(pointer, _("Write a text of at most %(count)s characters.")
                       % {"count": longest})  # fmt: skip
            return ""
        return value

    def member(self, value: Any, pointer: str, known: dict[str, Any]) -> Any:
        """Return what the code stands for, None after noting a fault."""
        if not isinstance(value, str) or value not in known:
            self.fault(pointer, _unknown(value, known))
            return None
        return known[value]

    def choice(self, value: Any, pointer: str, choices: Iterable[str]) -> str:
        options = list(choices)
        if not isinstance(value, str) or value not in options:
            self.fault(pointer, _("Choose one of: %(options)s.") % {"options": ", ".join(options)})
            return options[0]
        return value

    def month(self, value: Any, pointer: str) -> date:
        try:
            return parse_month(value if isinstance(value, str) else "")
        except ValueError:
            self.fault(pointer, _("Write the month as 2026-03."))
            return date(2000, 1, 1)

    def day(self, value: Any, pointer: str) -> date:
        try:
            return parse_day(value if isinstance(value, str) else "")
        except ValueError:
            self.fault(pointer, _("Write the day as 2026-03-17."))
            return date(2000, 1, 1)

    def version(self, value: Any, pointer: str) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
            self.fault(pointer, _("A version is a whole number, or null for a first entry."))
            return None
        return value

    def whole(self, value: Any, pointer: str, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(pointer, _("Write a whole number from %(low)s to %(high)s.")
                       % {"low": low, "high": high})  # fmt: skip
            return low
        return value

    def items(self, value: Any, pointer: str, most: int, *, least: int = 0) -> list[Any]:
        """Return the list, empty after noting a fault."""
        if not isinstance(value, list):
            self.fault(pointer, _("A list is expected here."))
            return []
        if not least <= len(value) <= most:
            self.fault(pointer, _("From %(least)s to %(most)s entries are allowed here.")
                       % {"least": least, "most": most})  # fmt: skip
            return []
        return value

    def record(self, value: Any, pointer: str) -> dict[str, Any]:
        """Return the object, empty after noting a fault."""
        if not isinstance(value, dict):
            self.fault(pointer, _("An object is expected here."))
            return {}
        return value


# So many codes are named in a refusal; more of them are looked up.
NAMED_CODES = 12


def _unknown(value: Any, known: dict[str, Any]) -> str:
    """Say that a code is missing or unknown, and what is known where that is short."""
    is_short = 0 < len(known) <= NAMED_CODES
    named = {"code": str(value)[:40], "options": ", ".join(known)}
    if value is None or value == "":
        return _("Choose one of: %(options)s.") % named if is_short else _("A code is missing.")
    if is_short:
        return _("“%(code)s” does not fit here. Choose one of: %(options)s.") % named
    return _("“%(code)s” is not a known code.") % named


def listed(body: Any, name: str) -> tuple[Any, str]:
    """Return the list of a body that is either the list or {name: list}, and its pointer."""
    if isinstance(body, dict):
        return body.get(name), f"/{name}"
    return body, ""
