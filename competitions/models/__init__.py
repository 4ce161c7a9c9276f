"""What competitions and campaigns are kept in."""

from competitions.models.campaigns import (
    Campaign,
    CampaignAward,
    CampaignResult,
    CampaignState,
    Contestants,
    Phase,
    Source,
)
from competitions.models.rounds import (
    Award,
    Competition,
    CompetitionPolicy,
    Objection,
    Round,
    RoundState,
)

__all__ = [
    "Award",
    "Campaign",
    "CampaignAward",
    "CampaignResult",
    "CampaignState",
    "Competition",
    "CompetitionPolicy",
    "Contestants",
    "Objection",
    "Phase",
    "Round",
    "RoundState",
    "Source",
]
