"""The parameters of a scoring rule as programs write them; one reading for trying and writing."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from targets.api.reading import Reader

MOST_BANDS = 50
NUMBERS = ("cap", "floor", "low", "low_points", "high", "high_points")
# Finer than stored amounts, so that a rate such as 15.9999% can be tried.
_EXACT = re.compile(r"-?[0-9]{1,8}(\.[0-9]{1,8})?")


def number(reader: Reader, value: Any, pointer: str) -> Decimal | None:
    """Return a number as written, None for null, and after noting a fault."""
    if value is None:
        return None
    text = value if isinstance(value, str) else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value)[:40]
    if not _EXACT.fullmatch(text):
        reader.fault(pointer, _("Write a plain number such as 34.62, eight decimals at most."))
        return None
    return Decimal(text)


def read_parameters(reader: Reader, given: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return what `kpi.queries.scorecards.parameters` takes, faults noted at `at`/name."""
    return {name: number(reader, given.get(name), f"{at}/{name}") for name in NUMBERS} | {
        "floor_means": given.get("floor_means"),
        "bands": _bands(reader, given.get("bands"), f"{at}/bands"),
        "per": _prices(reader, given.get("per"), f"{at}/per"),
    }


def _bands(reader: Reader, raw: Any, at: str) -> list[tuple[Decimal | None, Decimal | None]]:
    if raw is None:
        return []
    found = []
    for n, step in enumerate(reader.items(raw, at, MOST_BANDS)):
        if not isinstance(step, list) or len(step) != 2:
            reader.fault(f"{at}/{n}", _("A band is a pair: threshold and points."))
            continue
        limit = number(reader, step[0], f"{at}/{n}/0")
        found.append((limit, number(reader, step[1], f"{at}/{n}/1")))
    return found


def _prices(reader: Reader, raw: Any, at: str) -> dict[str, Decimal]:
    if raw is None:
        return {}
    return {
        str(kind): number(reader, price, f"{at}/{kind}") or Decimal(0)
        for kind, price in reader.record(raw, at).items()
    }
