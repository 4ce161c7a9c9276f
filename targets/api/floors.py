"""What-if of the floor with its whole chain; nothing is stored (plan table 3-1, rules §1)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orgchart.api import ActorMixin
from targets.amounts import plain
from targets.api.reading import Reader
from targets.rules import floor as rules
from targets.rules.annual import YUAN
from targets.rules.growth import rounded

MOST_TIERS = 20
MOST_USERS = Decimal(10) ** 8


class SimulateFloorChainView(ActorMixin, APIView):
    """Revenue → ARPU → average → closing → net → gross additions; neighbours, mix, rate reached.

    Takes `net_target`, or `revenue` (CNY 10k), `arpu` (yuan) and `opening_users`; always
    `effective_rate`. Optional: `reached` {gross_adds, effective_rate}, `tiers` of the same
    shape, `cohort` {gross_adds, ineffective}. Rates are ratios.
    """

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        self.actor  # noqa: B018  a post is needed, any will do
        reader = Reader()
        body = reader.record(request.data, "/")
        reader.check()
        rate = _rate(reader, body.get("effective_rate"), "/effective_rate")
        chain = None
        if "net_target" in body:
            exact_net = Fraction(reader.number(body["net_target"], "/net_target"))
            reader.check()
        else:
            chain = _chain(reader, body, rate)
            exact_net = chain.net_adds
        floor = rules.gross_adds_floor(exact_net, rate)
        answer: dict[str, Any] = {
            "chain": None if chain is None else _chain_text(chain),
            "net_target": _text(exact_net, 4),
            "effective_rate": _text(rate, 4),
            "exact": _text(floor.exact, 4),
            "gross_adds": str(floor.gross_adds),
            "warning": "" if exact_net > 0
            else _("The net target needs no gross additions: it is 0 or below."),
            "rates": [
                {"effective_rate": _text(cost.rate, 4), "gross_adds": str(cost.gross_adds),
                 "difference": str(cost.difference)}
                for cost in rules.rate_costs(exact_net, rate)
            ],
        }  # fmt: skip
        if "reached" in body:
            gross, at = _tier(reader, body["reached"], "/reached")
            reader.check()
            found = rules.reached(exact_net, gross, at)
            answer["reached"] = {
                "net_adds": _text(found.net_adds, 4), "short": _text(found.short, 4),
                "extra_gross_adds": str(found.extra_gross_adds),
            }  # fmt: skip
        if "tiers" in body:
            tiers = [
                _tier(reader, tier, f"/tiers/{n}")
                for n, tier in enumerate(reader.items(body["tiers"], "/tiers", MOST_TIERS, least=1))
            ]
            reader.check()
            mix = rules.mix(exact_net, tiers)
            answer["mix"] = {
                "gross_adds": str(mix.gross_adds), "net_adds": _text(mix.net_adds, 4),
                "effective_rate": None if mix.rate is None else _text(mix.rate, 4),
                "short": _text(mix.short, 4),
            }  # fmt: skip
        if "cohort" in body:
            answer["quality_rate"] = _cohort(reader, body["cohort"])
        return Response(answer)


def _chain(reader: Reader, body: dict[str, Any], rate: Fraction) -> rules.RevenueChain:
    revenue = reader.number(body.get("revenue"), "/revenue", low=Decimal(0))
    arpu = reader.number(body.get("arpu"), "/arpu")
    opening = _users(reader, body.get("opening_users"), "/opening_users")
    if arpu <= 0:
        reader.fault("/arpu", _("The ARPU must be above 0."))
    reader.check()
    return rules.chain_from_revenue(revenue * YUAN, arpu, opening, rate)


def _chain_text(chain: rules.RevenueChain) -> dict[str, str]:
    return {
        "average_users": _text(chain.average_users, 4),
        "closing_users": _text(chain.closing_users, 4),
        "net_adds": _text(chain.net_adds, 4),
        "implied_losses": _text(chain.implied_losses, 4),
        "monthly_churn": _text(chain.monthly_churn, 4),
    }


def _cohort(reader: Reader, value: Any) -> str | None:
    body = reader.record(value, "/cohort")
    gross = _users(reader, body.get("gross_adds"), "/cohort/gross_adds")
    ineffective = _users(reader, body.get("ineffective"), "/cohort/ineffective")
    if ineffective > gross:
        reader.fault("/cohort/ineffective", _("There are more of them than gross additions."))
    reader.check()
    rate = rules.cohort_rate(gross, ineffective)
    return None if rate is None else _text(rate, 4)


def _tier(reader: Reader, value: Any, pointer: str) -> tuple[int, Fraction]:
    body = reader.record(value, pointer)
    gross = _users(reader, body.get("gross_adds"), f"{pointer}/gross_adds")
    return gross, _rate(reader, body.get("effective_rate"), f"{pointer}/effective_rate")


def _rate(reader: Reader, value: Any, pointer: str) -> Fraction:
    rate = reader.number(value, pointer)
    if not 0 < rate <= 1:
        reader.fault(pointer, _("The effective rate lies above 0 and up to 1."))
        return Fraction(1)
    return Fraction(rate)


def _users(reader: Reader, value: Any, pointer: str) -> int:
    users = reader.number(value, pointer, low=Decimal(0), high=MOST_USERS)
    if users != int(users):
        reader.fault(pointer, _("Users are whole numbers."))
    return int(users)


def _text(value: Fraction | Decimal, decimals: int) -> str:
    return plain(rounded(value, decimals), decimals) or ""
