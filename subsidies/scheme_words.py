"""A scheme as its readers see it: a sentence per part, a line per band."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from subsidies.rules.scheme import Band, Bands, Scheme, TierMode
from subsidies.wording import band_text, class_name, short


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a scheme; `rates` are (band, value) as text, one line each."""

    key: str
    name: str
    rule: str
    rates: tuple[tuple[str, str], ...] = ()


def terms_of(scheme: Scheme) -> list[Term]:
    """Return the parts in the order of a statement's lines."""
    share = scheme.revenue_share
    by_tier = {
        TierMode.ALL_UNITS: _("counted users of the month: every user at the rate of the tier"),
        TierMode.MARGINAL: _("counted users of the month: each user at the rate of his own tier"),
    }
    return [
        Term(
            "one_time", _("One-time commission"),
            _("%(rate)s yuan per new user, once he has called in his first month")
            % {"rate": short(scheme.one_time.per_user)}
            if scheme.excludes_zero_call
            else _("%(rate)s yuan per new user, whether he called or not")
            % {"rate": short(scheme.one_time.per_user)},
        ),
        Term(
            "volume", _("Volume bonus"), by_tier[scheme.volume.mode],
            _rates(scheme.volume.bands, _users, _yuan),
        ),
        *_pool(scheme),
        *(
            Term(
                f"instalment_{each.month}",
                _("Instalment of month %(month)s") % {"month": each.month},
                _("per user with at least %(minutes)s call minutes, by net revenue")
                % {"minutes": short(each.min_call_minutes)},
                _rates(each.bands, _revenue, _yuan),
            )
            for each in scheme.instalments
        ),
        *(
            Term(
                f"share_{name}",
                _("Revenue share, class %(name)s") % {"name": class_name(name)},
                _("months %(first)s to %(last)s of a user, by his net revenue")
                % {"first": share.first_month, "last": share.last_month},
                _rates(bands, _revenue, _percent),
            )
            for name, bands in share.bands.items()
        ),
        Term(
            "clawback", _("Early-churn clawback"),
            _("users lost within %(days)s days, at no more than was paid for them")
            % {"days": scheme.clawback.within_days},
        ),
        Term(
            "low_quality", _("Low-quality clawback"),
            _("low-quality users × price per user × factor, by their share of the counted users"),
            _rates(scheme.low_quality.bands, _share, short),
        ),
    ]  # fmt: skip


def _pool(scheme: Scheme) -> Iterator[Term]:
    if scheme.pool:
        yield Term(
            "pool", _("Paid over months"),
            _("one-time commission and volume bonus, by the month of the users"),
            tuple(
                (
                    (_("month %(month)s, for those still there") if part.is_retained
                     else _("month %(month)s")) % {"month": part.month},
                    _percent(part.share),
                )
                for part in scheme.pool
            ),
        )  # fmt: skip


def compared(before: Scheme | None, now: Scheme) -> list[dict[str, Any]]:
    """Return the parts, each side with what the other does not say marked.

    Rows of name, now and was: {"rule": (text, is marked), "rates": [(band, value, is marked)]};
    None where the part is left out, or is new, or says the same.
    """
    former = {term.key: term for term in terms_of(before)} if before else {}
    rows: list[dict[str, Any]] = []
    for term in terms_of(now):
        was = former.pop(term.key, None)
        rows.append(
            {
                "name": term.name,
                "now": _marked(term, was if before else term),
                "was": _marked(was, term) if was not in (None, term) else None,
                "is_new": before is not None and was is None,
            }
        )
    rows += [
        {"name": was.name, "now": None, "was": _marked(was, None), "is_new": False}
        for was in former.values()
    ]
    return rows


def _marked(term: Term | None, other: Term | None) -> dict[str, Any] | None:
    if term is None:
        return None
    return {
        "rule": (term.rule, other is None or term.rule != other.rule),
        "rates": [(*rate, other is None or rate not in other.rates) for rate in term.rates],
    }


def _rates(
    bands: Bands, bound: Callable[[Band], str], value: Callable[[Decimal], str]
) -> tuple[tuple[str, str], ...]:
    return tuple((bound(band), value(band.value)) for band in bands.steps)


def _users(band: Band) -> str:
    return _("%(band)s users") % {"band": band_text(band)}


def _revenue(band: Band) -> str:
    return _("%(band)s yuan") % {"band": band_text(band)}


def _share(band: Band) -> str:
    scaled = Band(band.start * 100, None if band.end is None else band.end * 100, band.value)
    return f"{band_text(scaled)}%"


def _yuan(value: Decimal) -> str:
    return _("%(rate)s yuan") % {"rate": short(value)}


def _percent(value: Decimal) -> str:
    return f"{short(value * 100)}%"
