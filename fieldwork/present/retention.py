"""How calling went, why users leave and who comes back, as charts with their tables."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from fieldwork.models import LeavingReason, WarningKind
from fieldwork.queries.retention import Outcome, added_up
from fieldwork.rules.retention import rate
from orgchart.models import Unit
from targets.charts import Chart, Series
from targets.templatetags.amounts import percent


def _share(part: int, whole: int) -> str:
    share = rate(part, whole)
    return "—" if share is None else f"{percent(share, 1)}%"


def charts(
    units: Sequence[Unit], by_unit: Mapping[int, Outcome], reasons: Mapping[str, int],
    kinds: Mapping[str, tuple[int, int]],
) -> list[Chart]:  # fmt: skip
    """Return the pictures of a month: reasons, units, coming back, warnings."""
    parts = [by_unit.get(unit.pk, Outcome()) for unit in units]
    names = [unit.short for unit in units]
    return [
        _reasons(reasons),
        _calling(names, parts),
        _coming_back(names, parts),
        _warnings(kinds),
    ]


def _reasons(reasons: Mapping[str, int]) -> Chart:
    total = sum(reasons.values())
    first = next(iter(reasons))
    shares = [_share(count, total) for count in reasons.values()]
    sentence = _("%(reason)s is named most: %(share)s of %(count)s users who named a reason.")
    return Chart(
        code="reasons", title=_("Why users leave"), kind="rows", unit=pgettext("unit", "users"),
        head=_("Reason of leaving"),
        labels=[str(LeavingReason(each).label) for each in reasons],
        series=[Series(pgettext("retention", "Users"), list(reasons.values()), look="bad")],
        notes=[(_("Share"), shares)],
        sentence=sentence
        % {"reason": LeavingReason(first).label, "share": shares[0], "count": total}
        if total
        else _("Nobody has named a reason yet."),
    )  # fmt: skip


def _calling(names: Sequence[str], parts: Sequence[Outcome]) -> Chart:
    all_of = added_up(parts)
    sentence = _("%(contacted)s of %(listed)s users called, %(reached)s reached, %(kept)s kept.")
    return Chart(
        code="calling", title=_("From the list to the user who stays"), kind="bars",
        unit=pgettext("unit", "users"), head=_("Unit"), labels=names,
        series=[
            Series(_("Listed"), [each.listed for each in parts], look="other"),
            Series(_("Called"), [each.contacted for each in parts], look="plan"),
            Series(_("Reached"), [each.reached for each in parts], look="actual"),
            Series(_("Kept"), [each.kept for each in parts], look="good"),
        ],
        sentence=sentence
        % {
            "contacted": all_of.contacted, "listed": all_of.listed, "reached": all_of.reached,
            "kept": all_of.kept,
        },
    )  # fmt: skip


def _coming_back(names: Sequence[str], parts: Sequence[Outcome]) -> Chart:
    all_of = added_up(parts)
    sentence = _("%(returned)s of %(contacted)s called users who had left came back: %(rate)s.")
    return Chart(
        code="win-back", title=_("Win-back rate"), kind="rows", unit="%", head=_("Unit"),
        labels=names,
        series=[
            Series(_("Win-back rate"), [each.win_back_rate for each in parts], decimals=1,
                   is_rate=True, look="good")
        ],
        notes=[
            (
                _("Came back of called"),
                [f"{each.returned} / {each.left_contacted}" for each in parts],
            )
        ],
        sentence=sentence
        % {
            "returned": all_of.returned, "contacted": all_of.left_contacted,
            "rate": _share(all_of.returned, all_of.left_contacted),
        }
        if all_of.left_contacted
        else _("Nobody who left has been called yet."),
    )  # fmt: skip


def _warnings(kinds: Mapping[str, tuple[int, int]]) -> Chart:
    found = [kind for kind in kinds if kinds[kind][0]]
    rates = {kind: rate(kinds[kind][1], kinds[kind][0]) or Fraction(0) for kind in found}
    best = max(found, key=lambda kind: rates[kind], default="")
    return Chart(
        code="warnings", title=_("Kept by kind of warning"), kind="rows",
        unit=pgettext("unit", "users"), head=_("Warning"),
        labels=[str(WarningKind(kind).label) for kind in found],
        series=[Series(_("Kept"), [kinds[kind][1] for kind in found], look="good")],
        notes=[(_("Of listed"), [_share(kinds[kind][1], kinds[kind][0]) for kind in found])],
        sentence=_("Most are kept after “%(kind)s”: %(rate)s.")
        % {"kind": WarningKind(best).label, "rate": _share(kinds[best][1], kinds[best][0])}
        if best
        else _("Nobody is listed."),
    )  # fmt: skip
