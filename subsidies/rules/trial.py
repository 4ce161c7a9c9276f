"""What a month's counts say under another scheme, as far as they can say it."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from subsidies.rules.scheme import Bands, Fault, Invalid, Scheme

Counts = Mapping[int, Mapping[Decimal, int]]


class CannotSplit(Invalid):
    """A band of the counts lies in two bands of the new scheme."""


def regrouped(counts: Counts, old: Scheme, new: Scheme) -> dict[int, dict[Decimal, int]]:
    """Return instalment counts by the bands of the new scheme.

    Users of a band go where its bounds lie; months that were not counted have none. Raises
    CannotSplit naming every band with users that reaches into two of the new scheme.
    """
    known = {each.month: each for each in old.instalments}
    found: dict[int, dict[Decimal, int]] = {}
    faults: list[Fault] = []
    for each in new.instalments:
        moved: Counter[Decimal] = Counter()
        for band in known[each.month].bands.steps if each.month in known else ():
            users = counts.get(each.month, {}).get(band.start, 0)
            target = each.bands.at(band.start)
            if users and _reaches_beyond(band.end, target.end):
                faults.append(Fault(f"/instalment_counts/{each.month}/{band.start}", "split"))
            moved[target.start] += users
        found[each.month] = dict(moved)
    if faults:
        raise CannotSplit(tuple(faults))
    return found


def uncounted(old: Scheme, new: Scheme) -> list[str]:
    """Return the parts whose new terms need other users counted than those that were.

    "instalment_9", "revenue_share", "clawback", "zero_call".
    """
    known = {each.month: each.min_call_minutes for each in old.instalments}
    parts = [
        f"instalment_{each.month}"
        for each in new.instalments
        if known.get(each.month) != each.min_call_minutes
    ]
    share, former = new.revenue_share, old.revenue_share
    if (share.first_month, share.last_month) != (former.first_month, former.last_month):
        parts.append("revenue_share")
    if new.clawback != old.clawback:
        parts.append("clawback")
    if new.excludes_zero_call and not old.excludes_zero_call:
        parts.append("zero_call")
    return parts


def counts_alike(old: Scheme, new: Scheme) -> bool:
    """Return whether both schemes count the same users into the same bands."""
    return (
        not uncounted(old, new)
        and _bounds(old) == _bounds(new)
        and (old.excludes_zero_call == new.excludes_zero_call)
    )


def _bounds(scheme: Scheme) -> dict[int, list[Decimal]]:
    return {each.month: _starts(each.bands) for each in scheme.instalments}


def _starts(bands: Bands) -> list[Decimal]:
    return [band.start for band in bands.steps]


def _reaches_beyond(end: Decimal | None, bound: Decimal | None) -> bool:
    return bound is not None and (end is None or end > bound)
