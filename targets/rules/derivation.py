"""Derived indicators: from the parts as written to the entered figures underneath (rules §1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NUMERATOR, DENOMINATOR = "n", "d"
MOST_FACTOR = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A summand of one side of a formula: coefficient × source."""

    source: str
    side: str = NUMERATOR
    coefficient: int = 1


class BadFormula(ValueError):
    """A formula that gives no figure; `code` is the part at fault, `path` leads to it."""

    def __init__(self, code: str, path: Sequence[str] = ()) -> None:
        super().__init__(f"{code} cannot be a part ({' → '.join(path)})")
        self.code, self.path = code, tuple(path)


class UnknownPart(BadFormula):
    """There is no such indicator."""


class Circular(BadFormula):
    """The formula leads back to itself."""


class NotASum(BadFormula):
    """A ratio has no place inside another formula: only what adds up has."""


class Unfinished(BadFormula):
    """A side has no parts, or its parts cancel out."""


def expanded(code: str, formulas: Mapping[str, Sequence[Part] | None]) -> list[Part]:
    """Return an indicator's parts over entered figures only, each source once a side.

    `formulas` holds the parts of every indicator, None for those that are entered.
    Raises UnknownPart, Circular, NotASum, Unfinished.
    """
    parts = formulas[code]
    if parts is None:
        return [Part(code)]
    found: dict[tuple[str, str], int] = {}
    for part in parts:
        for leaf, coefficient in _leaves(part.source, formulas, (code,)).items():
            key = part.side, leaf
            found[key] = found.get(key, 0) + part.coefficient * coefficient
    kept = [Part(source, side, size) for (side, source), size in found.items() if size]
    sides = {part.side for part in parts}
    if not kept or {part.side for part in kept} != sides or NUMERATOR not in sides:
        raise Unfinished(code)
    if any(abs(part.coefficient) > MOST_FACTOR for part in kept):
        raise Unfinished(code)
    return kept


def _leaves(
    code: str, formulas: Mapping[str, Sequence[Part] | None], path: tuple[str, ...]
) -> dict[str, int]:
    """Return the entered sources of a sum with their coefficients."""
    if code in path:
        raise Circular(code, (*path, code))
    if code not in formulas:
        raise UnknownPart(code, path)
    parts = formulas[code]
    if parts is None:
        return {code: 1}
    if any(part.side == DENOMINATOR for part in parts):
        raise NotASum(code, path)
    found: dict[str, int] = {}
    for part in parts:
        for leaf, coefficient in _leaves(part.source, formulas, (*path, code)).items():
            found[leaf] = found.get(leaf, 0) + part.coefficient * coefficient
    return found
