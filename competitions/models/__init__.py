"""What competitions and campaigns are kept in."""

from competitions.models.rounds import (
    Award,
    Competition,
    CompetitionPolicy,
    Round,
    RoundState,
)

__all__ = [
    "Award",
    "Competition",
    "CompetitionPolicy",
    "Round",
    "RoundState",
]
