"""What one version of a scorecard says otherwise than another."""

from dataclasses import dataclass

from kpi.models import Scorecard, ScorecardItem
from kpi.queries.scorecards import card_items, parameters


@dataclass(frozen=True, slots=True)
class Difference:
    """An item before and after; one of them is None where it is new or gone."""

    before: ScorecardItem | None
    after: ScorecardItem | None

    @property
    def code(self) -> str:
        item = self.after or self.before
        return item.code if item else ""


COMPARED = ("role", "indicator_id", "weight", "rule", "tie_break", "name_zh", "is_own")


def differences(before: Scorecard, after: Scorecard) -> list[Difference]:
    """Return the items that differ, in the order of the newer card; those gone at the end."""
    old = {item.code: item for item in card_items(before)}
    new = {item.code: item for item in card_items(after)}
    found = [Difference(old.get(code), item) for code, item in new.items()]
    found += [Difference(item, None) for code, item in old.items() if code not in new]
    return [one for one in found if _marks(one.before) != _marks(one.after)]


def _marks(item: ScorecardItem | None) -> tuple[object, ...] | None:
    if item is None:
        return None
    return (parameters(item.params), *(getattr(item, name) for name in COMPARED))


def predecessor(card: Scorecard) -> Scorecard | None:
    """Return the card that this one was drawn from, else the one in force before it."""
    if card.based_on is not None:
        return card.based_on
    return (
        Scorecard.objects.filter(
            district_id=card.district_id,
            state="published",
            unit_id=card.unit_id,
            valid_from__lt=card.valid_from,
        )
        .order_by("-valid_from", "-pk")
        .first()
    )
