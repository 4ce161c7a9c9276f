"""What grid and direct-sales managers earn: piece commission times a KPI coefficient (rules §4.11).

The pieces of a post in a unit are the unit's published figures, shared evenly by its holders.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

from subsidies.rules.lines import (
    Adjustment,
    Formula,
    LineCode,
    Part,
    Statement,
    StatementLine,
    adjustment_lines,
    settled,
)
from subsidies.rules.money import to_cents
from subsidies.rules.scheme import Fault, SchemeInvalid
from subsidies.rules.sheet import ZERO

LOWEST, SPREAD, EQUAL = Fraction(9, 10), Fraction(1, 5), Fraction(1)
MOST = Decimal(1_000_000)
MOST_PERSONAL = Decimal(50)  # self-set parts weigh half at most (rules §4, 自设KPI)


class Coefficient(StrEnum):
    """What piece commission is multiplied by, and with whom scores are compared."""

    POST = "post"  # 0.9 to 1.1 by the place among those of the same post
    EVERYBODY = "everybody"  # the same among everybody on the scheme, as in example 6
    SCORE = "score"  # the KPI score ÷ 100


@dataclass(frozen=True, slots=True)
class StaffScheme:
    """Yuan a piece by post and indicator, {post code: {indicator code: rate}}."""

    rates: Mapping[str, Mapping[str, Decimal]]
    coefficient: Coefficient
    personal: Decimal = ZERO  # percent of the score that the person's own assessed goal makes

    @classmethod
    def from_json(cls, body: Any) -> "StaffScheme":
        """Read {"coefficient": …, "rates": {post: {indicator: "3.00"}}, "personal": "30"}.

        `personal` may be left out: then the unit's score counts alone. Raises SchemeInvalid.
        """
        faults: list[Fault] = []
        body = body if isinstance(body, dict) else {}
        kind = body.get("coefficient")
        if kind not in list(Coefficient):
            faults.append(Fault("/coefficient", "unknown", str(kind)))
        personal = _percent(body.get("personal", "0"))
        if personal is None:
            faults.append(Fault("/personal", "personal", str(body.get("personal"))))
        posts = body.get("rates")
        rates: dict[str, dict[str, Decimal]] = {}
        if not isinstance(posts, dict) or not posts:
            faults.append(Fault("/rates", "missing"))
            posts = {}
        for post, row in posts.items():
            if not isinstance(row, dict) or not row:
                faults.append(Fault(f"/rates/{post}", "missing"))
                continue
            rates[post] = {}
            for indicator, text in row.items():
                rate = _rate(text)
                if rate is None:
                    faults.append(Fault(f"/rates/{post}/{indicator}", "rate", str(text)))
                else:
                    rates[post][indicator] = rate
        if faults:
            raise SchemeInvalid(tuple(faults))
        return cls(rates, Coefficient(str(kind)), personal or ZERO)

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        body: dict[str, Any] = {
            "coefficient": self.coefficient.value,
            "rates": {
                post: {code: str(rate) for code, rate in row.items()}
                for post, row in self.rates.items()
            },
        }
        return body | {"personal": str(self.personal)} if self.personal else body

    def indicators(self) -> list[str]:
        """Return every indicator that a post is paid for."""
        return sorted({code for row in self.rates.values() for code in row})


def _rate(text: Any) -> Decimal | None:
    """Return yuan a piece: above 0, at most two decimals; None for anything else."""
    try:
        rate = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    except InvalidOperation:
        return None
    if not rate.is_finite() or not 0 < rate <= MOST or rate != rate.quantize(Decimal("0.01")):
        return None
    return rate


def _percent(text: Any) -> Decimal | None:
    """Return 0 to MOST_PERSONAL percent, at most two decimals; None for anything else."""
    try:
        share = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    except InvalidOperation:
        return None
    if not share.is_finite() or not 0 <= share <= MOST_PERSONAL:
        return None
    return share if share == share.quantize(Decimal("0.01")) else None


@dataclass(frozen=True, slots=True)
class StaffMonth:
    """One person's month.

    `score` is the final KPI score of the unit, `figures` the unit's published figures by
    indicator, `holders` how many held the post in the unit on the month's last day, `personal`
    the completion of the person's own assessed goal as a ratio, None without one.
    """

    post: str
    score: Decimal
    figures: Mapping[str, Decimal]
    holders: int = 1
    brought_forward: Decimal = ZERO
    adjustments: tuple[Adjustment, ...] = ()
    personal: Decimal | None = None


def own_score(scheme: StaffScheme, month: StaffMonth) -> Decimal:
    """Return the unit's score and the person's goal by the scheme's shares, in hundredths.

    Who has no goal is scored as the unit.
    """
    if month.personal is None or not scheme.personal:
        return month.score
    share = Fraction(scheme.personal) / 100
    return to_cents(Fraction(month.score) * (1 - share) + 100 * Fraction(month.personal) * share)


def coefficient(own: Decimal, scores: Sequence[Decimal]) -> Fraction:
    """Return 0.9 + 0.2 × (own − min) ÷ (max − min), exact; 1 where all are equal."""
    lowest, highest = min(scores), max(scores)
    if lowest == highest:
        return EQUAL
    return LOWEST + SPREAD * Fraction(own - lowest) / Fraction(highest - lowest)


def statements(
    scheme: StaffScheme,
    months: Sequence[StaffMonth],
    names: Mapping[str, tuple[str, str]] | None = None,
) -> list[Statement]:
    """Return the statement of everybody on the scheme, in the given order.

    Piece commission and what the coefficient adds or takes are separate lines; together they
    are piece × coefficient, rounded once. Figures below 0 count as no pieces. `names` are the
    indicators' in Chinese and English, kept with the formula.
    """
    groups: dict[str, list[Decimal]] = defaultdict(list)
    for month in months:
        groups[_group(scheme, month)].append(own_score(scheme, month))
    return [
        _statement(scheme, month, groups[_group(scheme, month)], names or {}) for month in months
    ]


def _group(scheme: StaffScheme, month: StaffMonth) -> str:
    return month.post if scheme.coefficient is Coefficient.POST else ""


def _statement(
    scheme: StaffScheme,
    month: StaffMonth,
    scores: Sequence[Decimal],
    names: Mapping[str, tuple[str, str]],
) -> Statement:
    own = own_score(scheme, month)
    params: dict[str, Any] = {"score": own}
    if own is not month.score:
        params |= {"unit": month.score, "personal": month.personal, "share": scheme.personal}
    if scheme.coefficient is Coefficient.SCORE:
        factor = Fraction(own) / 100
        formula = Formula("kpi_score", params)
    else:
        factor = coefficient(own, scores)
        formula = Formula("kpi_place", {**params, "lowest": min(scores), "highest": max(scores)})
    parts = tuple(
        Part(count, rate, count * rate, reference=code, names=names.get(code))
        for code, rate in sorted(scheme.rates[month.post].items())
        for count in [max(month.figures.get(code, Decimal(0)), Decimal(0))]
    )
    exact = Fraction(sum((part.amount for part in parts), Decimal(0))) / month.holders
    piece, pay = to_cents(exact), to_cents(exact * factor)
    above = pay >= piece
    lines = (
        StatementLine(
            LineCode.PIECE, None, None, piece, Formula("piece", {"holders": month.holders}), parts
        ),
        StatementLine(
            LineCode.KPI_ABOVE if above else LineCode.KPI_BELOW, None, None, abs(pay - piece),
            Formula(formula.code, {**formula.params, "piece": piece}),
        ),
        *adjustment_lines(month.adjustments),
    )  # fmt: skip
    return Statement(lines, 0, ZERO, settled(lines, month.brought_forward))
