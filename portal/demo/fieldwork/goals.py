"""The demo's personal goals and the hard volume of mall agents (plan §5.1, 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldwork.rules.goals import is_met
from orgchart.models import DealerKind
from portal.demo import UNITS, outlets, stream
from portal.demo.fieldwork import accounts
from portal.demo.organisation import team
from portal.demo.year import OPEN_MONTH, MonthOfDemo

SHARE = 0.6  # of a unit's gross adds are won by its people, the rest by its outlets
_HARD_VOLUME = (25, 55)  # a month, by the size of the counter
REMARK = "柜台改造中，再给一个月"


@dataclass(frozen=True, slots=True)
class Invented:
    """A goal: of a person or of an agent; not reported while `mobile_done` is None."""

    unit: str
    person: str | None
    dealer: str | None
    asked: tuple[int, int, int]  # groups, mobile, fixed
    done: tuple[int, int | None, int | None]
    verdict: str
    remark: str

    @property
    def parts(self) -> tuple[tuple[int, int | None], ...]:
        return tuple(zip(self.asked, self.done, strict=True))


def goals_of(month: MonthOfDemo, volumes: Mapping[str, int]) -> list[Invented]:
    """Return the goals of a month; `volumes`: gross adds of dealers by their returns."""
    number = month.month.month
    random = stream(f"goals/{number}")
    signed = _signed(month)
    is_open = number == OPEN_MONTH
    found = []
    for unit in UNITS:
        gross = month.figures.get((unit, "mobile_gross_adds", "all"))
        people = team(unit)
        for person in people:
            usual = int(gross or 700) * SHARE / len(people)
            won = round(usual * random.gauss(1, 0.08)) if gross is not None else None
            groups = signed.get(person, 0)
            asked = (
                max(0, groups + random.choice((-1, 0, 0, 0))),
                round(usual * (1.4 if is_open else 1) * random.uniform(0.84, 0.98)),
                random.randint(3, 9),
            )
            fixed = None if won is None else max(0, round(asked[2] * random.gauss(1.08, 0.15)))
            met = is_met(zip(asked, (groups, won, fixed), strict=True))
            verdict = "" if is_open or met is None else ("met" if met else "missed")
            found.append(Invented(unit, person, None, asked, (groups, won, fixed), verdict, ""))
    found += _agents(month, volumes)
    return found


def _agents(month: MonthOfDemo, volumes: Mapping[str, int]) -> list[Invented]:
    found = []
    for unit in UNITS:
        for dealer in outlets.dealers_of(unit):
            if dealer.kind != DealerKind.MALL_MERCHANT:
                continue
            hard = _hard_volume(dealer.code)
            won = volumes.get(dealer.code)
            is_assessed = month.month.month != OPEN_MONTH
            if won is None and is_assessed:  # March bills the five dealers of example 6 only
                won = round(hard * stream(f"won/{dealer.code}").gauss(1.05, 0.1))
            is_short = won is not None and won < hard
            found.append(
                Invented(
                    unit, None, dealer.code, (0, hard, 0), (0, won, 0 if won is not None else None),
                    "kept" if is_assessed else "", REMARK if is_assessed and is_short else "",
                )
            )  # fmt: skip
    return found


def _hard_volume(dealer: str) -> int:
    return stream(f"hard/{dealer}").randint(*_HARD_VOLUME) // 10 * 10


def _signed(month: MonthOfDemo) -> dict[str, int]:
    """Return person → groups and other accounts signed in the month."""
    owners = {(row.kind, row.name, row.area): row.responsible for row in accounts.accounts()}
    found: dict[str, int] = {}
    for move in accounts.moves(month):
        owner = owners[move.account]
        if move.stage == "signed" and owner:
            found[owner] = found.get(owner, 0) + 1
    return found
