"""What the rules' codes and formulas say to a person, in the active language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orgchart.errors import Fault
from orgchart.models.bilingual import in_language
from subsidies.rules.lines import LineCode
from subsidies.rules.odd import Odd
from subsidies.rules.scheme import Band
from subsidies.rules.scheme import Fault as RuleFault
from targets.templatetags.amounts import percent

TIMES, PERCENT = "×", "%"
_DEDUCTIONS = frozenset(line.value for line in LineCode if line.is_deduction)


def month_name(month: date) -> str:
    """Return the month with its year: 2026年3月, March 2026."""
    return date_format(month, "YEAR_MONTH_FORMAT")


def amount_text(value: Decimal | str | None, decimals: int = 2) -> str:
    """Return the amount with commas, a real minus sign and at least `decimals` places."""
    if value is None:
        return "—"
    number = Decimal(value)
    exact = number.quantize(Decimal(1).scaleb(-decimals))
    if exact != number:
        exact = number.normalize()
    return f"{exact:,f}".replace("-", "−")


def short(value: Decimal | str | int) -> str:
    """Return a rate or price without trailing zeros: 12, 8.5."""
    return f"{Decimal(value).normalize():,f}".replace("-", "−")


def _percent(rate: Decimal | str) -> str:
    return short(Decimal(rate) * 100) + PERCENT


def band_text(band: Band) -> str:
    """Return a band of the scheme: < 10, 10–20, ≥ 50."""
    if band.end is None:
        return f"≥ {short(band.start)}"
    return f"{short(band.start)}–{short(band.end)}" if band.start else f"< {short(band.end)}"


def odd_name(flag: Odd) -> str:
    """Return why a statement deserves a second look."""
    return {
        Odd.NEW: _("new"),
        Odd.GONE: _("no statement"),
        Odd.NEGATIVE: _("negative"),
        Odd.DOUBLED: _("doubled"),
        Odd.HALVED: _("halved"),
    }[flag]


def line_name(code: str) -> str:
    """Return the name of a line by its key, e.g. "instalment_3"."""
    if code == "brought_forward":
        return _("Brought forward")
    kind, _sep, month = code.rpartition("_")
    if kind == LineCode.INSTALMENT:
        return _("Instalment of month %(month)s") % {"month": month}
    return {
        LineCode.ONE_TIME: _("One-time commission"),
        LineCode.VOLUME: _("Volume bonus"),
        LineCode.REVENUE_SHARE: _("Revenue share"),
        LineCode.CLAWBACK: _("Early-churn clawback"),
        LineCode.LOW_QUALITY: _("Low-quality clawback"),
        LineCode.PENALTY: _("Audit penalty"),
        LineCode.POOL_HELD: _("Held for later months"),
        LineCode.POOL_PART: _("Part of an earlier month"),
        LineCode.PAID_LATER: _("Paid later"),
        LineCode.TAKEN_LATER: _("Taken back later"),
        LineCode.PIECE: _("Piece commission"),
        LineCode.KPI_ABOVE: _("KPI coefficient above 1"),
        LineCode.KPI_BELOW: _("KPI coefficient below 1"),
    }[LineCode(code)]


def is_deduction(code: str) -> bool:
    """Return whether the line takes back."""
    return code in _DEDUCTIONS


def rule_of(formula: Mapping[str, Any]) -> str:
    """Return the rule of a line in words, with the scheme's figures."""
    params = formula["params"]
    return {
        "one_time": _("Counted users × price per user"),
        "volume_all_units": _("Counted users × the rate of the tier reached, for every user"),
        "volume_marginal": _("Each user at the rate of his own tier"),
        "instalment": _(
            "Users in month %(month)s with at least %(min_call_minutes)s call minutes "
            "× the rate of their net revenue"
        ),
        "revenue_share": _(
            "Users in months %(first_month)s to %(last_month)s × average net revenue "
            "× the share of class %(dealer_class)s"
        ),
        "clawback": _("Users lost within %(within_days)s days × what is left of the price paid"),
        "low_quality": _("Low-quality users × price per user × factor of their share"),
        "pool_held": _("One-time commission and volume bonus × the shares paid in later months"),
        "pool_part": _(
            "What an earlier month held back for this one; where it is by retention "
            "× users still there ÷ users counted then"
        ),
        "penalty": _("As the audit found"),
        "adjustment": _("Corrections of sealed lines, each with its reason"),
        "piece": _("The unit's published figures × price a piece ÷ holders of the post"),
        "kpi_place": _(
            "Piece commission × (0.9 + 0.2 × (own − lowest) ÷ (highest − lowest)) "
            "less piece commission; 1 where all scores are equal"
        ),
        "kpi_score": _("Piece commission × KPI score ÷ 100, less piece commission"),
    }[formula["code"]] % params


def formula_text(formula: Mapping[str, Any]) -> str:
    """Return a line's formula with its numbers put in; "0" where nothing was counted."""
    code, params = formula["code"], formula["params"]
    if code == "one_time":
        return f"{params['users']:,} {TIMES} {short(params['rate'])}"
    if code == "volume_all_units":
        return _("%(sum)s (tier from %(start)s)") % {
            "sum": f"{params['users']:,} {TIMES} {short(params['rate'])}",
            "start": short(params["from"]),
        }
    if code == "low_quality":
        return _low_quality(params)
    if code == "piece":
        return _pieces(formula)
    if code in ("kpi_place", "kpi_score"):
        return _coefficient(code, params)
    return _sum_of_parts(formula) or "0"


def _low_quality(params: Mapping[str, Any]) -> str:
    users, counted = params["users"], params["counted_users"]
    if not users:
        return "0"
    return _("%(users)s ÷ %(counted)s = %(share)s%%, factor %(factor)s: %(sum)s") % {
        "users": f"{users:,}",
        "counted": f"{counted:,}",
        "share": percent(Fraction(users, counted)),
        "factor": short(params["factor"]),
        "sum": f"{users:,} {TIMES} {short(params['unit_price'])} {TIMES} {short(params['factor'])}",
    }


def _pieces(formula: Mapping[str, Any]) -> str:
    holders = formula["params"]["holders"]
    text = " + ".join(
        f"{in_language(*part['names'])} {short(part['quantity'])} {TIMES} {short(part['rate'])}"
        for part in formula["parts"]
        if Decimal(part["quantity"])
    )
    if not text or holders == 1:
        return text or "0"
    return f"({text}) ÷ {holders}"


def _coefficient(code: str, params: Mapping[str, Any]) -> str:
    own, piece = amount_text(params["score"]), amount_text(params["piece"])
    if "personal" in params:
        goal, share = 100 * Decimal(params["personal"]), Decimal(params["share"])
        word = _("goal")
        own = (
            f"({amount_text(params['unit'])} {TIMES} {short(100 - share)}% + "
            f"{word} {amount_text(goal)} {TIMES} {short(share)}%)"
        )
    if code == "kpi_score":
        return f"{piece} {TIMES} {own} ÷ 100 − {piece}"
    lowest, highest = params["lowest"], params["highest"]
    if lowest == highest:
        return f"{piece} {TIMES} 1 − {piece}"
    low, high = amount_text(lowest), amount_text(highest)
    return f"{piece} {TIMES} (0.9 + 0.2 {TIMES} ({own} − {low}) ÷ ({high} − {low})) − {piece}"


def _sum_of_parts(formula: Mapping[str, Any]) -> str:
    terms = []
    for part in formula["parts"]:
        if not part["quantity"] or not Decimal(part["rate"]):
            continue
        if formula["code"] == "penalty":
            of = f" ({part['reference']})" if part["reference"] else ""
            terms.append(short(part["rate"]) + of)
        elif formula["code"] == "pool_held":
            number, _sep, _whose = part["reference"].partition("/")
            terms.append(
                _("month %(month)s: %(sum)s")
                % {
                    "month": number,
                    "sum": f"{amount_text(part['base'])} {TIMES} {_percent(part['rate'])}",
                }
            )
        elif formula["code"] == "pool_part":
            joined = part["reference"].partition("/")[0]
            ratio = "" if Decimal(part["base"]) == part["quantity"] else (
                f" {TIMES} {part['quantity']:,} ÷ {short(part['base'])}"
            )  # fmt: skip
            terms.append(f"{joined}: {amount_text(part['rate'])}{ratio}")
        elif formula["code"] == "adjustment":
            month, code, _pk = part["reference"].split("/")
            terms.append(f"{month} {line_name(code)} {amount_text(part['rate'])}")
        elif part["base"] is not None:
            base = max(Decimal(part["base"]), Decimal(0))
            terms.append(
                f"{part['quantity']:,} {TIMES} {amount_text(base)} {TIMES} {_percent(part['rate'])}"
            )
        else:
            terms.append(f"{part['quantity']:,} {TIMES} {short(part['rate'])}")
    return " + ".join(terms)


def subsidy_note(row: Any) -> str:
    """Return what a reader has to know about a unit's subsidy; "" when nothing is special."""
    if row.decided_by is not None:
        return _("Decided by %(who)s: %(reason)s") % {
            "who": row.decided_by.name,
            "reason": row.reason,
        }
    if row.state == "pending":
        return _("Floating part pending: only the fixed part may be claimed")
    if row.state == "manual":
        return _("No task for the month: the floating part is to be decided by hand")
    if row.capped:
        return _("Capped at %(cap)s%%") % {"cap": short(row.policy.cap * 100)}
    return ""


def class_name(commission_class: str) -> str:
    """Return the name of a dealer class (rules §7)."""
    return {
        "A": pgettext("dealer class", "A: tiers 1 and 2"),
        "B": pgettext("dealer class", "B: tiers 3 and 4, government and business"),
    }.get(commission_class, commission_class)


def state_name(state: str) -> str:
    """Return the state of a sheet as a reader understands it: whose turn it is."""
    return {
        "made": _("Waiting for audit"),
        "audited": _("Waiting for approval"),
        "approved": _("Approved, to be paid"),
        "paid": _("Paid out"),
        "archived": _("Archived"),
        "returned": _("Returned"),
        "void": _("Void"),
    }[state]


def located(faults: tuple[RuleFault, ...], prefix: str = "") -> list[Fault]:
    """Return the rules' faults as sentences, each at its place below `prefix`."""
    return [Fault(f"{prefix}{fault.path}", fault_text(fault)) for fault in faults]


def fault_text(fault: RuleFault) -> str:
    """Return the sentence of a fault of a dealer's figures or of a scheme."""
    texts = {
        "negative": _("%(found)s is negative; count from 0."),
        "above_gross": _("%(found)s users without calls are more than the gross adds."),
        "above_counted_users": _("%(found)s low-quality users are more than the counted users."),
        "positive": _("A carried amount of %(found)s is positive; only debts are carried."),
        "unknown_band": _("The scheme has no revenue band that starts here."),
        "rate": _("Write a price a piece above 0 with at most two decimals, not %(found)s."),
        "missing": _("Missing."),
        "personal": _("Write 0 to 50 percent, two decimals at most, not %(found)s."),
        "retained_missing": _("Say how many users of %(found)s are still there."),
        "above_joined": _("%(found)s are more than were counted when they joined."),
    }
    texts |= {
        "not_rising": _("%(found)s stands twice: each threshold only once."),
        "first_not_zero": _("The first band starts at 0."),
        "not_a_whole_number": _("%(found)s is not a whole number."),
        "not_a_decimal": _("%(found)s is not a number."),
        "repeated": _("Month %(found)s has an instalment already."),
        "too_small": _("%(found)s is too small."),
        "too_large": _("%(found)s is more than the whole."),
        "empty": _("Give at least one band."),
        "first_not_joining": _("The first part is paid at joining, in month 1."),
        "not_the_whole": _("The parts add up to %(found)s%%, not to 100%%."),
    }
    if fault.path == "/dealer_class":
        return _("The scheme has no rates for commission class “%(found)s”.") % {
            "found": fault.found
        }
    if fault.path.startswith("/instalment_counts/") and fault.code == "unknown":
        return _("The scheme pays no instalment in this month.")
    text = texts.get(fault.code, "%(path)s: %(code)s %(found)s")
    return text % {"found": fault.found, "path": fault.path, "code": fault.code}


def claim_state_name(state: str) -> str:
    """Return the state of a claim as a reader understands it: whose turn it is."""
    return {
        "draft": pgettext("claim", "Draft"),
        "submitted": _("Waiting for approval"),
        "returned": _("Returned"),
        "approved": pgettext("claim", "Waiting for the receipt check"),
        "checked": pgettext("claim", "To be paid"),
        "paid": pgettext("claim", "Paid"),
        "archived": pgettext("claim", "Archived"),
        "void": _("Void"),
    }[state]
