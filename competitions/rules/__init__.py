"""Who wins the monthly competition, and why nobody else does (plan §9, rules §9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any


class NoQualifier(StrEnum):
    """What happens when the first in KPI has not met every gate."""

    NONE = "none"  # the literal reading of the plan: no award that month
    NEXT = "next"  # the best KPI among those who met every gate


class TieStep(StrEnum):
    """One step of settling a tie: compare a rate, or end by splitting or paying each in full."""

    REVENUE_RATE = "revenue_rate"
    VOLUME_RATE = "volume_rate"
    SPLIT = "split"
    EACH = "each"


class GateCode(StrEnum):
    """A task of the month that has to be completed."""

    REVENUE = "revenue"
    VOLUME = "volume"
    FIXED_NET = "fixed_net"


class State(StrEnum):
    """How a round stands."""

    AWARDED = "awarded"
    NO_WINNER = "no_winner"
    PENDING = "pending"


class ReasonCode(StrEnum):
    """What decided a round, or what keeps one unit from the award."""

    # the round
    FIRST_AND_QUALIFIED = "first_and_qualified"
    NEXT_QUALIFIED = "next_qualified"
    TIE_BROKEN = "tie_broken"
    TIE_SPLIT = "tie_split"
    TIE_EACH = "tie_each"
    FIRST_NOT_QUALIFIED = "first_not_qualified"
    NONE_QUALIFIED = "none_qualified"
    NO_UNITS = "no_units"
    UNREPORTED = "unreported"
    # one unit
    NOT_ELIGIBLE = "not_eligible"
    MISSING = "missing"
    VETOED = "vetoed"
    BARRED = "barred"  # the weaker veto: the score stands, no award
    GATE_MISSED = "gate_missed"
    OUTRANKED = "outranked"
    LOST_TIE = "lost_tie"


_ENDINGS = (TieStep.SPLIT, TieStep.EACH)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the competition's terms; amount in yuan.

    `tie` lists the rates to compare in order and ends in exactly one of SPLIT or EACH. Where
    `veto` is off, a vetoed unit may win all the same.
    """

    amount: Decimal
    no_qualifier: NoQualifier = NoQualifier.NONE
    tie: tuple[TieStep, ...] = (TieStep.REVENUE_RATE, TieStep.VOLUME_RATE, TieStep.SPLIT)
    gates: tuple[GateCode, ...] = (GateCode.REVENUE, GateCode.VOLUME)
    veto: bool = True

    def __post_init__(self) -> None:
        ends = [step in _ENDINGS for step in self.tie]
        if ends.count(True) != 1 or not ends[-1] or len(set(self.tie)) != len(self.tie):
            raise ValueError("tie: rates without repetition, then split or each")
        if self.amount != self.amount.quantize(Decimal("0.01")) or self.amount < 0:
            raise ValueError("amount: whole cents, not negative")


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit's month: final KPI score, tasks and raw actuals; None is "not reported".

    A vetoed unit keeps the place its score gives it but takes no award, unless the policy
    leaves vetoes aside; a unit that is not eligible takes no part at all.
    """

    unit: str
    score: Decimal | None
    revenue_task: Decimal | None
    revenue_actual: Decimal | None
    volume_task: Decimal | None
    volume_actual: Decimal | None
    veto: bool = False
    eligible: bool = True
    fixed_net_task: Decimal | None = None
    fixed_net_actual: Decimal | None = None
    veto_of_award: bool = False  # the veto is the weaker one, which leaves the score

    def task_and_actual(self, gate: GateCode) -> tuple[Decimal | None, Decimal | None]:
        if gate is GateCode.REVENUE:
            return self.revenue_task, self.revenue_actual
        if gate is GateCode.VOLUME:
            return self.volume_task, self.volume_actual
        return self.fixed_net_task, self.fixed_net_actual


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a task was completed, on raw figures; met and shortfall are None while unknown."""

    code: GateCode
    task: Decimal | None
    actual: Decimal | None
    met: bool | None
    shortfall: Decimal | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence's code and the figures to put in; the wording is written elsewhere."""

    code: ReasonCode
    params: Mapping[str, Decimal | int | str | tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return code and params as JSON-able data, decimals as strings."""
        return {
            "code": self.code.value,
            "params": {name: _plain(value) for name, value in self.params.items()},
        }


def _plain(value: Decimal | int | str | tuple[str, ...]) -> int | str | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Verdict:
    """One unit's place, gates and award, and everything that keeps the award from it.

    `why_not` is empty for winners, and while pending for units still in the running. `rank` is
    None while a score is missing anywhere, or if the unit is not eligible.
    """

    unit: str
    rank: int | None
    gates: tuple[Gate, ...]
    award: Decimal | None
    why_not: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a round: winners with their amounts in yuan, and a verdict per unit."""

    state: State
    winners: Mapping[str, Decimal]
    reason: Reason
    verdicts: tuple[Verdict, ...]

    def verdict(self, unit: str) -> Verdict:
        """Return the verdict on that unit; KeyError if it had no standing."""
        for verdict in self.verdicts:
            if verdict.unit == unit:
                return verdict
        raise KeyError(unit)


def gate(code: GateCode, task: Decimal | None, actual: Decimal | None) -> Gate:
    """Compare raw figures: 249.99 of 250 prints as 100.00 % and is not completed."""
    if task is None or actual is None:
        return Gate(code, task, actual, None, None)
    return Gate(code, task, actual, actual >= task, max(task - actual, Decimal(0)))


def rate(task: Decimal | None, actual: Decimal | None) -> Fraction | None:
    """Return the exact completion 1 + (actual − task) ÷ |task|; None without a task to divide."""
    if task is None or actual is None or task == 0:
        return None
    return 1 + Fraction(actual - task) / abs(Fraction(task))


def decide(policy: Policy, standings: Sequence[Standing]) -> Decision:
    """Decide a round: every gate met and first in KPI (plan §9).

    Any missing score, task or actual of an eligible unit leaves the round PENDING. Units that
    share the first place are all first: those of them that qualify contend. A split is exact to
    the cent, odd cents going to the units listed first.
    """
    contest = _Contest.of(policy, standings)
    if not contest.field:
        return contest.decision(State.NO_WINNER, Reason(ReasonCode.NO_UNITS))
    unreported = tuple(each.unit for each in contest.field if contest.missing(each))
    if unreported:
        return contest.decision(State.PENDING, Reason(ReasonCode.UNREPORTED, {"units": unreported}))

    first = [each for each in contest.field if contest.ranks[each.unit] == 1]
    contenders = [each for each in first if contest.is_qualified(each)]
    if not contenders and policy.no_qualifier is NoQualifier.NONE:
        units = tuple(each.unit for each in first)
        return contest.decision(
            State.NO_WINNER, Reason(ReasonCode.FIRST_NOT_QUALIFIED, {"units": units})
        )
    if not contenders:
        contenders = _best([each for each in contest.field if contest.is_qualified(each)])
    if not contenders:
        return contest.decision(State.NO_WINNER, Reason(ReasonCode.NONE_QUALIFIED))

    winners, lost_on, step = _break_tie(policy, contenders)
    awards = _awards(policy, winners, step)
    reason = _won(contest, contenders, winners, step)
    return contest.decision(State.AWARDED, reason, awards, lost_on)


def decide_reported(policy: Policy, standings: Sequence[Standing]) -> Decision:
    """Decide as things stand: those with a figure missing take no part yet (MISSING says so)."""
    whole = decide(policy, standings)
    if whole.state is not State.PENDING:
        return whole
    late = set(whole.reason.params["units"])  # type: ignore[arg-type]
    so_far = decide(
        policy,
        [replace(each, eligible=each.eligible and each.unit not in late) for each in standings],
    )
    verdicts = tuple(
        whole.verdict(each.unit) if each.unit in late else each for each in so_far.verdicts
    )
    return replace(so_far, verdicts=verdicts)


@dataclass(frozen=True, slots=True)
class _Contest:
    """The eligible units of a round with their gates and places."""

    standings: tuple[Standing, ...]
    field: tuple[Standing, ...]
    gates: Mapping[str, tuple[Gate, ...]]
    ranks: Mapping[str, int]
    heeds_veto: bool

    @classmethod
    def of(cls, policy: Policy, standings: Sequence[Standing]) -> "_Contest":
        field = tuple(each for each in standings if each.eligible)
        gates = {
            each.unit: tuple(gate(code, *each.task_and_actual(code)) for code in policy.gates)
            for each in standings
        }
        scores = [each.score for each in field if each.score is not None]
        ranks = {}
        if len(scores) == len(field):
            ranks = {
                each.unit: 1 + sum(score > each.score for score in scores)
                for each in field
                if each.score is not None
            }
        return cls(tuple(standings), field, gates, ranks, policy.veto)

    def missing(self, standing: Standing) -> tuple[str, ...]:
        absent = [] if standing.score is not None else ["score"]
        for each in self.gates[standing.unit]:
            absent += [f"{each.code}_task"] if each.task is None else []
            absent += [f"{each.code}_actual"] if each.actual is None else []
        return tuple(absent)

    def is_qualified(self, standing: Standing) -> bool:
        met = all(each.met for each in self.gates[standing.unit])
        return met and not self.is_vetoed(standing)

    def is_vetoed(self, standing: Standing) -> bool:
        return self.heeds_veto and standing.veto

    def decision(
        self,
        state: State,
        reason: Reason,
        awards: Mapping[str, Decimal] | None = None,
        lost_on: Mapping[str, TieStep] | None = None,
    ) -> Decision:
        winners = awards or {}
        verdicts = tuple(
            Verdict(
                unit=each.unit,
                rank=self.ranks.get(each.unit),
                gates=self.gates[each.unit],
                award=winners.get(each.unit),
                why_not=()
                if each.unit in winners
                else self._why_not(each, (lost_on or {}).get(each.unit), winners),
            )
            for each in self.standings
        )
        return Decision(state, winners, reason, verdicts)

    def _why_not(
        self, standing: Standing, lost_on: TieStep | None, winners: Mapping[str, Decimal]
    ) -> tuple[Reason, ...]:
        if not standing.eligible:
            return (Reason(ReasonCode.NOT_ELIGIBLE),)
        reasons = []
        if absent := self.missing(standing):
            reasons.append(Reason(ReasonCode.MISSING, {"fields": absent}))
        if self.is_vetoed(standing):
            code = ReasonCode.BARRED if standing.veto_of_award else ReasonCode.VETOED
            reasons.append(Reason(code))
        for each in self.gates[standing.unit]:
            if each.met is False and each.shortfall is not None:
                reasons.append(
                    Reason(
                        ReasonCode.GATE_MISSED,
                        {"gate": each.code.value, "shortfall": each.shortfall},
                    )
                )
        if lost_on is not None:
            return (*reasons, Reason(ReasonCode.LOST_TIE, {"step": lost_on.value}))
        # Under NEXT the winner may stand lower: only a place behind his is a reason.
        rank = self.ranks.get(standing.unit, 1)
        if rank > min((self.ranks[unit] for unit in winners), default=1):
            reasons.append(Reason(ReasonCode.OUTRANKED, {"rank": rank}))
        return tuple(reasons)


def _best(standings: Sequence[Standing]) -> list[Standing]:
    scores = [each.score for each in standings if each.score is not None]
    return [each for each in standings if each.score == max(scores)]


def _break_tie(
    policy: Policy, contenders: list[Standing]
) -> tuple[list[Standing], dict[str, TieStep], TieStep | None]:
    """Return the winners, the step each other contender lost on, and the step that ended it."""
    lost_on: dict[str, TieStep] = {}
    step: TieStep | None = None
    left = contenders
    for tie_step in policy.tie:
        if len(left) == 1:
            break
        step = tie_step
        if tie_step in _ENDINGS:
            break
        rates = {each.unit: _tie_rate(each, tie_step) for each in left}
        # A unit without a task has no rate to compare and comes after all that have one.
        known = [each for each in rates.values() if each is not None]
        best = max(known) if known else None
        lost_on |= {unit: tie_step for unit, each in rates.items() if each != best}
        left = [each for each in left if each.unit not in lost_on]
    return left, lost_on, step


def _tie_rate(standing: Standing, step: TieStep) -> Fraction | None:
    if step is TieStep.REVENUE_RATE:
        return rate(standing.revenue_task, standing.revenue_actual)
    return rate(standing.volume_task, standing.volume_actual)


def _awards(
    policy: Policy, winners: Sequence[Standing], step: TieStep | None
) -> dict[str, Decimal]:
    total = int(policy.amount * 100)
    if step is not TieStep.SPLIT:
        return {each.unit: Decimal(total).scaleb(-2) for each in winners}
    cents, odd = divmod(total, len(winners))
    return {
        each.unit: Decimal(cents + (position < odd)).scaleb(-2)
        for position, each in enumerate(winners)
    }


def _won(
    contest: _Contest,
    contenders: Sequence[Standing],
    winners: Sequence[Standing],
    step: TieStep | None,
) -> Reason:
    units = tuple(each.unit for each in winners)
    tied = tuple(each.unit for each in contenders)
    rank = contest.ranks[units[0]]
    if step is TieStep.SPLIT:
        return Reason(ReasonCode.TIE_SPLIT, {"units": units, "tied": tied, "rank": rank})
    if step is TieStep.EACH:
        return Reason(ReasonCode.TIE_EACH, {"units": units, "tied": tied, "rank": rank})
    if step is not None:
        return Reason(
            ReasonCode.TIE_BROKEN,
            {"units": units, "tied": tied, "rank": rank, "step": step.value},
        )
    code = ReasonCode.FIRST_AND_QUALIFIED if rank == 1 else ReasonCode.NEXT_QUALIFIED
    return Reason(code, {"units": units, "rank": rank})
