"""What grid and direct-sales managers earn: piece commission times a KPI coefficient."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from subsidies.rules.money import to_cents


@dataclass(frozen=True, slots=True)
class StaffPolicy:
    """The lowest of a peer group gets `lowest`, the highest `lowest + spread`, equals `equal`."""

    lowest: Decimal = Decimal("0.9")
    spread: Decimal = Decimal("0.2")
    equal: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class StaffMonth:
    """One person's month: KPI score (None while not final) and piece commission in yuan."""

    person: str
    score: Decimal | None
    piece: Decimal


@dataclass(frozen=True, slots=True)
class StaffPay:
    """Commission of one person with what it was computed from; None while scores are missing."""

    person: str
    score: Decimal | None
    piece: Decimal
    lowest_score: Decimal | None
    highest_score: Decimal | None
    coefficient: Fraction | None
    pay: Decimal | None


def coefficient(
    policy: StaffPolicy, score: Decimal, lowest_score: Decimal, highest_score: Decimal
) -> Fraction:
    """Return lowest + spread × (own − min) ÷ (max − min), exact (rules §4.11)."""
    if highest_score == lowest_score:
        return Fraction(policy.equal)
    position = Fraction(score - lowest_score) / Fraction(highest_score - lowest_score)
    return Fraction(policy.lowest) + Fraction(policy.spread) * position


def staff_pay(policy: StaffPolicy, peers: Sequence[StaffMonth]) -> list[StaffPay]:
    """Return the pay of one peer group, in the given order; rounded once, half up, to the cent.

    The group is everybody compared with each other (the grid and direct-sales managers of a
    district). One missing score leaves the whole group open, since lowest and highest may move.
    """
    scores = [peer.score for peer in peers if peer.score is not None]
    if not peers or len(scores) < len(peers):
        return [
            StaffPay(peer.person, peer.score, peer.piece, None, None, None, None) for peer in peers
        ]

    lowest_score, highest_score = min(scores), max(scores)
    factors = [coefficient(policy, score, lowest_score, highest_score) for score in scores]
    return [
        StaffPay(
            person=peer.person,
            score=peer.score,
            piece=peer.piece,
            lowest_score=lowest_score,
            highest_score=highest_score,
            coefficient=factor,
            pay=to_cents(Fraction(peer.piece) * factor),
        )
        for peer, factor in zip(peers, factors, strict=True)
    ]
