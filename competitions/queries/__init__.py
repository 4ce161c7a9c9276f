"""What a round is decided from: the policy in force, and how every unit stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet

from competitions import rules
from competitions.models import Award, Competition, CompetitionPolicy, Round, RoundState
from kpi.models import Actual, Month, MonthState, Score
from kpi.queries.figures import Figure, figures_of
from orgchart.models import Unit
from targets.models import Indicator, Term
from targets.months import last_day, month_text

MONTHLY = "monthly"
MOST_MONTHS = 12
OPEN = "open"  # the state of a month without a round


def policy_in_force(district_id: int, month: date, code: str = MONTHLY) -> CompetitionPolicy | None:
    """Return the policy in force on the month's last day; None where nothing is contested."""
    rows = (
        CompetitionPolicy.objects.on(last_day(month))
        .filter(competition__district_id=district_id, competition__code=code, is_draft=False)
        .select_related("competition", "revenue", "volume", "fixed_net")
        .order_by()
    )
    return max(rows, key=lambda policy: policy.valid_from, default=None)


def gate_indicators(policy: CompetitionPolicy) -> dict[rules.GateCode, Indicator]:
    """Return the indicator of each gate, in the order of the gates."""
    gates = {rules.GateCode.REVENUE: policy.revenue, rules.GateCode.VOLUME: policy.volume}
    if policy.fixed_net is not None:
        gates[rules.GateCode.FIXED_NET] = policy.fixed_net
    return gates


def terms(policy: CompetitionPolicy) -> rules.Policy:
    """Return the policy as the rules read it."""
    return rules.Policy(
        amount=policy.amount,
        no_qualifier=rules.NoQualifier(policy.no_qualifier),
        tie=tuple(rules.TieStep(step) for step in policy.tie),
        gates=tuple(gate_indicators(policy)),
        veto=policy.heeds_veto,
    )


def standings(policy: CompetitionPolicy, month: Month) -> list[rules.Standing]:
    """Return how the district's business units stand in a month, in their order; four queries.

    A unit that the month does not score or the terms leave out takes no part. In a month closed
    with a reason for what is missing, an unreported actual counts as zero (rules §4.9).
    """
    units = list(Unit.objects.of(month.district_id).business().open_on(last_day(month.month)))
    of_month = Score.objects.filter(month=month.month, unit__district_id=month.district_id)
    scores = {score.unit_id: score for score in of_month.order_by()}
    gates = gate_indicators(policy)
    found = figures_of(gates.values(), months=[month.month], unit_ids=[unit.pk for unit in units])
    unreported = Decimal(0) if month.missing_reason else None
    return [
        _standing(
            unit,
            scores.get(unit.pk),
            {gate: found[unit.pk, indicator.code] for gate, indicator in gates.items()},
            is_eligible=unit.code not in policy.excluded and (not scores or unit.pk in scores),
            unreported=unreported,
        )
        for unit in units
    ]


def _standing(
    unit: Unit,
    score: Score | None,
    found: Mapping[rules.GateCode, Figure],
    *,
    is_eligible: bool,
    unreported: Decimal | None,
) -> rules.Standing:
    def task(gate: rules.GateCode) -> Decimal | None:
        figure = found.get(gate)
        return None if figure is None else figure.task

    def actual(gate: rules.GateCode) -> Decimal | None:
        figure = found.get(gate)
        return unreported if figure is None or figure.actual is None else figure.actual

    return rules.Standing(
        unit=unit.code,
        score=None if score is None else score.total,
        revenue_task=task(rules.GateCode.REVENUE),
        revenue_actual=actual(rules.GateCode.REVENUE),
        volume_task=task(rules.GateCode.VOLUME),
        volume_actual=actual(rules.GateCode.VOLUME),
        fixed_net_task=task(rules.GateCode.FIXED_NET),
        fixed_net_actual=actual(rules.GateCode.FIXED_NET),
        veto=score is not None and (score.is_vetoed or score.is_award_vetoed),
        veto_of_award=score is not None and score.is_award_vetoed and not score.is_vetoed,
        eligible=is_eligible,
    )


def _in_force(district_id: int, month: date, code: str = MONTHLY) -> QuerySet[Round]:
    return Round.objects.filter(
        competition__district_id=district_id, competition__code=code, month=month
    ).exclude(state=RoundState.VOID)


def round_in_force(district_id: int, month: date, code: str = MONTHLY) -> Round | None:
    """Return the month's round that is not void, with its policy and people."""
    rows = _in_force(district_id, month, code).select_related(
        "competition",
        "policy__revenue",
        "policy__volume",
        "policy__fixed_net",
        "approved_by",
        "paid_by",
    )
    return next(iter(rows.order_by()), None)  # there is at most one


def standings_json(
    standings: Sequence[rules.Standing], decision: rules.Decision
) -> list[dict[str, Any]]:
    """Return the units as a round keeps them: decimals as text, gates in the policy's order."""

    def text(value: Decimal | None) -> str | None:
        return None if value is None else str(value)

    return [
        {
            "unit": verdict.unit,
            "score": text(standing.score),
            "rank": verdict.rank,
            "veto": standing.veto,
            "award": text(verdict.award),
            "gates": [
                {
                    "code": gate.code.value,
                    "task": text(gate.task),
                    "actual": text(gate.actual),
                    "met": gate.met,
                    "shortfall": text(gate.shortfall),
                }
                for gate in verdict.gates
            ],
            "why_not": [reason.as_json() for reason in verdict.why_not],
        }
        for standing, verdict in zip(standings, decision.verdicts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Contest:
    """A month of a competition: as decided, or as it would be decided on the figures so far.

    `standings` and `reason` have the shape that a round keeps; `units` are the district's.
    While figures are missing, `reason` names whose, and the rest is as those who reported stand.
    """

    month: date
    policy: CompetitionPolicy
    round: Round | None
    reason: dict[str, Any]
    standings: list[dict[str, Any]]
    units: dict[str, Unit]
    so_far: dict[str, Any] | None = None  # the reason among those who reported, if not all did

    @property
    def state(self) -> str:
        return OPEN if self.round is None else self.round.state

    @property
    def winners(self) -> dict[str, Decimal]:
        """Yuan by unit; while nothing is decided, who would win as things stand."""
        return {
            each["unit"]: Decimal(each["award"])
            for each in self.standings
            if each["award"] is not None
        }


def contest(month: Month, code: str = MONTHLY, *, may_be_decided: bool = True) -> Contest | None:
    """Return the month's contest; None for a month without a policy. At most eight queries.

    No round is looked for where the caller knows of none.
    """
    decided = round_in_force(month.district_id, month.month, code) if may_be_decided else None
    if decided is not None:
        return Contest(
            month=month.month,
            policy=decided.policy,
            round=decided,
            reason=decided.reason,
            standings=decided.standings,
            units=units_of(month.district_id),
        )
    policy = policy_in_force(month.district_id, month.month, code)
    if policy is None:
        return None
    stand = standings(policy, month)
    decision = rules.decide(terms(policy), stand)
    so_far = rules.decide_reported(terms(policy), stand)
    return Contest(
        month=month.month,
        policy=policy,
        round=None,
        reason=decision.reason.as_json(),
        standings=standings_json(stand, so_far),
        units=units_of(month.district_id),
        so_far=None if decision.state is not rules.State.PENDING else so_far.reason.as_json(),
    )


def reported_until(month: Month) -> date | None:
    """Return the last day that any figure of the month holds; None while there is none."""
    found: date | None = Actual.objects.filter(
        month=month.month, unit__district_id=month.district_id
    ).aggregate(last=Max("as_of"))["last"]
    return found


def units_of(district_id: int) -> dict[str, Unit]:
    """Return the district's units by code."""
    return {unit.code: unit for unit in Unit.objects.of(district_id)}


def has_competition(district_id: int, code: str) -> bool:
    """Return whether the district has a competition of that code."""
    return Competition.objects.filter(district_id=district_id, code=code).exists()


def rounds(district_id: int, code: str = MONTHLY) -> list[Round]:
    """Return every round, void ones too, the latest month first, awards at hand."""
    return list(
        Round.objects.filter(competition__district_id=district_id, competition__code=code)
        .select_related(
            "policy__revenue", "policy__volume", "policy__fixed_net", "approved_by", "paid_by"
        )
        .prefetch_related("awards__unit")
    )


def policies(district_id: int, code: str = MONTHLY) -> list[CompetitionPolicy]:
    """Return every published version of the terms, the latest first."""
    return list(_versions(district_id, code).filter(is_draft=False))


def drafts(district_id: int, code: str = MONTHLY) -> list[CompetitionPolicy]:
    """Return the terms that nobody published yet, the latest month first."""
    return list(_versions(district_id, code).filter(is_draft=True))


def _versions(district_id: int, code: str) -> QuerySet[CompetitionPolicy]:
    return (
        CompetitionPolicy.objects.filter(
            competition__district_id=district_id, competition__code=code
        )
        .select_related("competition", "revenue", "volume", "fixed_net", "published_by")
        .order_by("-valid_from", "-pk")
    )


def indicators_with_task(district: Unit) -> QuerySet[Indicator]:
    """Return the district's indicators that can be a gate: every one but ratios."""
    ratios = Term.objects.filter(side=Term.Side.DENOMINATOR).values("indicator")
    return Indicator.objects.filter(district=district).exclude(pk__in=ratios)


def terms_json(policy: CompetitionPolicy) -> dict[str, Any]:
    """Return the terms as plain data: indicators by code, yuan as text."""
    return {
        "from": month_text(policy.valid_from),
        "amount": f"{policy.amount:.2f}",
        "no_qualifier": policy.no_qualifier,
        "tie": list(policy.tie),
        "notice_days": policy.notice_days,
        "veto": policy.heeds_veto,
        "excluded": list(policy.excluded),
    } | {str(gate): indicator.code for gate, indicator in gate_indicators(policy).items()}


@dataclass(frozen=True, slots=True)
class Trial:
    """A published month under other terms: yuan by unit code, as decided and as it would be."""

    month: date
    before: dict[str, Decimal]
    after: rules.Decision


def trials(policy: CompetitionPolicy, district_id: int) -> list[Trial]:
    """Decide the latest published months, twelve at most, under terms that need not be stored."""
    months = Month.objects.filter(district_id=district_id, state=MonthState.PUBLISHED)
    awards: dict[date, dict[str, Decimal]] = {}
    for award in (
        Award.objects.filter(
            round__competition__district_id=district_id,
            round__competition__code=MONTHLY,
        )
        .exclude(round__state=RoundState.VOID)
        .select_related("round", "unit")
    ):
        awards.setdefault(award.round.month, {})[award.unit.code] = award.amount
    return [
        Trial(
            month.month,
            awards.get(month.month, {}),
            rules.decide(terms(policy), standings(policy, month)),
        )
        for month in months.order_by("-month")[:MOST_MONTHS]
    ]
