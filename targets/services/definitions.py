"""Definition cards: a draft is written, checked and published; the versions before stay."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from orgchart import audit, jobs
from orgchart.errors import Fault, Invalid, VersionConflict
from orgchart.models import Person, Unit
from targets.models import Definition, DefinitionState, Indicator, Rollup, Term
from targets.months import months_of
from targets.queries.closed import closed_months
from targets.queries.indicators import formulas
from targets.rules import derivation as rules

TEXTS = Definition.TEXTS


@transaction.atomic
def define_indicator(
    *,
    indicator: Indicator,
    texts: dict[str, str],
    parts: Sequence[rules.Part],
    by: Person | None,
    at: datetime,
) -> Indicator:
    """Add a sum or a ratio over others, with version 1 of its card in force at once.

    `indicator` is unsaved. Nothing counts it yet, so no score is owed. Raises Invalid for a
    code that is taken, or naming the part that makes no formula.
    """
    Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=indicator.district_id)
    others = Indicator.objects.filter(district=indicator.district_id)
    if others.filter(code=indicator.code).exists():
        detail = _("There is an indicator %(code)s already.") % {"code": indicator.code}
        raise Invalid(detail, [Fault("/code", detail)])
    indicator.is_derived, indicator.entry, indicator.card_version = True, "", 1
    for name in TEXTS:
        setattr(indicator, name, texts.get(name, ""))
    last = others.order_by("position").last()
    indicator.position = last.position + 1 if last else 0
    indicator.save()
    card = Definition.objects.create(
        indicator=indicator, version=1, state=DefinitionState.CURRENT,
        parts=[asdict(part) for part in parts],
        saved_at=at, saved_by=by, published_at=at, published_by=by,
        **{name: texts.get(name, "") for name in TEXTS},
    )  # fmt: skip
    _write_terms(indicator, _terms(indicator, list(parts)))
    _record(card, "create", None, _plain(card), by=by, at=at)
    return indicator


@transaction.atomic
def remove_indicator(*, indicator: Indicator, by: Person | None, at: datetime) -> None:
    """Take a derived indicator away that nothing is planned, reported or scored by.

    Raises Invalid naming what uses it; the trail keeps what it was.
    """
    held = Indicator.objects.select_for_update().select_related("district").get(pk=indicator.pk)
    if not held.is_derived:
        raise Invalid(_("%(name)s is entered, not derived: it stays.") % {"name": held.name})
    users = [
        code
        for code, parts in formulas(held.district_id).items()
        if parts and any(part.source == held.code for part in parts)
    ]
    if users:
        rows = Indicator.objects.filter(district=held.district_id, code__in=users)
        names = ", ".join(row.name for row in rows)
        raise Invalid(_("%(names)s is made from it. Change that first.") % {"names": names})
    before = _plain(_in_force(held))
    try:
        held.delete()
    except ProtectedError as error:
        raise Invalid(
            _("%(name)s is planned or scored by and stays.") % {"name": held.name}
        ) from error
    audit.record(
        by=by, at=at, action="definition.remove", district=held.district,
        subject=f"indicators/{held.code}",
        changes=[
            {"key": {"field": name}, "before": value, "after": None}
            for name, value in before.items()
        ],
    )  # fmt: skip


@transaction.atomic
def save_definition(
    *,
    indicator: Indicator,
    texts: dict[str, str],
    parts: Sequence[rules.Part],
    edits: int | None,
    by: Person | None,
    at: datetime,
) -> Definition:
    """Write the draft of an indicator's next version; figures stay as they are.

    `edits` is the count of the draft as it was read, None where there was none. Raises
    VersionConflict, and Invalid naming the part that makes no formula.
    """
    held = Indicator.objects.select_for_update().get(pk=indicator.pk)
    draft = held.definitions.filter(state=DefinitionState.DRAFT).first()
    if (draft.edits if draft else None) != edits:
        raise VersionConflict(
            _("Somebody else changed this draft meanwhile. Read it again."),
            extra={"edits": draft.edits if draft else None},
        )
    written = list(parts) if held.is_derived else []
    _terms(held, written)
    before = _plain(draft) if draft else None
    draft = draft or Definition(indicator=held, version=held.card_version + 1)
    draft.edits = draft.edits + 1 if draft.pk else 1
    for name in TEXTS:
        setattr(draft, name, texts.get(name, ""))
    draft.parts = [asdict(part) for part in written]
    draft.saved_at, draft.saved_by = at, by
    draft.save()
    _record(draft, "save", before, _plain(draft), by=by, at=at)
    return draft


@transaction.atomic
def publish_definition(
    *, indicator: Indicator, edits: int, reason: str, by: Person | None, at: datetime
) -> Definition:
    """Put the draft in force; open months are computed by it, closed ones keep their scores.

    Raises Invalid without a reason, without a draft, or for a formula that gives no figure (its
    parts may have changed since it was saved); VersionConflict for a draft read before a change.
    """
    held = Indicator.objects.select_for_update().select_related("district").get(pk=indicator.pk)
    draft = held.definitions.filter(state=DefinitionState.DRAFT).first()
    if draft is None:
        raise Invalid(_("There is no draft to publish."))
    if draft.edits != edits:
        raise VersionConflict(
            _("Somebody else changed this draft meanwhile. Read it again."),
            extra={"edits": draft.edits},
        )
    if not reason.strip():
        detail = _("Write why the definition changes.")
        raise Invalid(detail, [Fault("/reason", detail)])
    parts = parts_of(draft)
    terms = _terms(held, parts)

    _keep_current(held)
    before = {name: getattr(held, name) for name in TEXTS}
    for name in TEXTS:
        setattr(held, name, getattr(draft, name))
    held.card_version = draft.version
    held.save()
    draft.state, draft.reason = DefinitionState.CURRENT, reason.strip()[:200]
    draft.published_at, draft.published_by = at, by
    draft.save()
    if held.is_derived:
        _write_terms(held, terms)
        _expand_users(held)
        _owe_rescores(held, at)
    _record(draft, "publish", before, _plain(draft), by=by, at=at, reason=reason)
    return draft


@transaction.atomic
def discard_definition(*, indicator: Indicator, by: Person | None, at: datetime) -> None:
    """Throw the draft away. Raises Invalid when there is none."""
    draft = (
        Definition.objects.select_for_update()
        .filter(indicator=indicator, state=DefinitionState.DRAFT)
        .first()
    )
    if draft is None:
        raise Invalid(_("There is no draft to discard."))
    _record(draft, "discard", _plain(draft), None, by=by, at=at)
    draft.delete()


def parts_of(definition: Definition) -> list[rules.Part]:
    """Return the formula of a version as written."""
    return [rules.Part(**part) for part in definition.parts]


def _terms(indicator: Indicator, parts: list[rules.Part]) -> list[rules.Part]:
    """Return the formula over entered figures. Raises Invalid naming the part at fault."""
    if not indicator.is_derived:
        return []
    known = formulas(indicator.district_id)
    names = {row.code: row for row in Indicator.objects.filter(district=indicator.district_id)}

    def name(code: str) -> str:
        return names[code].name if code in names else code

    for index, part in enumerate(parts):
        if (part.source, part.side) in {(one.source, one.side) for one in parts[:index]}:
            detail = _("%(part)s stands twice on one side.") % {"part": name(part.source)}
            raise Invalid(detail, [Fault(f"/parts/{index}/source", detail)])
        if part.source in names and names[part.source].divisor != 1:
            raise _refused(parts, part.source, _("%(part)s is divided: it cannot be a part.")
                           % {"part": name(part.source)})  # fmt: skip
    try:
        found = rules.expanded(indicator.code, known | {indicator.code: parts})
        for code, formula in known.items():  # nobody above it may become impossible
            if formula is not None and any(part.source == indicator.code for part in formula):
                rules.expanded(code, known | {indicator.code: parts})
    except rules.Circular as error:
        path = " → ".join(name(code) for code in error.path)
        detail = _("The formula leads back to itself: %(path)s.") % {"path": path}
        raise _refused(parts, error.path[1], detail) from error
    except rules.NotASum as error:
        detail = _("%(part)s is a ratio: it cannot be a part.") % {"part": name(error.code)}
        raise _refused(parts, error.code, detail) from error
    except rules.UnknownPart as error:
        detail = _("There is no indicator %(code)s.") % {"code": error.code}
        raise _refused(parts, error.code, detail) from error
    except rules.Unfinished as error:
        detail = _("A side of the formula has no parts, or they cancel out.")
        raise Invalid(detail, [Fault("/parts", detail)]) from error
    is_ratio = any(part.side == rules.DENOMINATOR for part in found)
    if is_ratio != (indicator.rollup == Rollup.RATIO):
        detail = (
            _("A ratio needs parts below the line.")
            if indicator.rollup == Rollup.RATIO
            else _("Only a ratio has parts below the line.")
        )
        raise Invalid(detail, [Fault("/parts", detail)])
    return found


def _refused(parts: Sequence[rules.Part], code: str, detail: str) -> Invalid:
    at = next((n for n, part in enumerate(parts) if part.source == code), 0)
    return Invalid(detail, [Fault(f"/parts/{at}/source", detail)])


def _keep_current(indicator: Indicator) -> None:
    """Keep the version in force as a past one; the first was never written down as one."""
    current = _in_force(indicator)
    current.state = DefinitionState.PAST
    current.save()


def _in_force(indicator: Indicator) -> Definition:
    """Return the version in force, unsaved where it was never written down."""
    current = indicator.definitions.filter(state=DefinitionState.CURRENT).first()
    if current is not None:
        return current
    known = formulas(indicator.district_id)[indicator.code] or []
    return Definition(
        indicator=indicator,
        version=indicator.card_version,
        parts=[asdict(part) for part in known],
        **{name: getattr(indicator, name) for name in TEXTS},
    )


def _write_terms(indicator: Indicator, parts: Sequence[rules.Part]) -> None:
    sources = {row.code: row for row in Indicator.objects.filter(district=indicator.district_id)}
    indicator.terms.all().delete()
    Term.objects.bulk_create(
        Term(
            indicator=indicator,
            source=sources[part.source],
            side=part.side,
            sign=1 if part.coefficient > 0 else -1,
            factor=abs(part.coefficient),
        )
        for part in parts
    )


def _expand_users(indicator: Indicator) -> None:
    """Write the terms of the formulas that this one is a part of, and of theirs in turn."""
    known = formulas(indicator.district_id)
    changed, waiting = {indicator.code}, [indicator.code]
    while waiting:
        code = waiting.pop()
        for user, parts in known.items():
            if parts and user not in changed and any(part.source == code for part in parts):
                changed.add(user)
                waiting.append(user)
    for row in Indicator.objects.filter(
        district=indicator.district_id, code__in=changed - {indicator.code}
    ):
        _write_terms(row, rules.expanded(row.code, known))


def _owe_rescores(indicator: Indicator, at: datetime) -> None:
    """Ask for new scores of the year's months that are not closed."""
    months = months_of(at.year)
    closed = closed_months(indicator.district_id, months)
    for month in months:
        if month not in closed:
            jobs.request("rescore", district_id=indicator.district_id, month=month)


def _plain(definition: Definition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in TEXTS} | {
        "parts": [
            f"{part['side']}: {part['coefficient']} × {part['source']}" for part in definition.parts
        ]
    }


def _record(
    definition: Definition,
    verb: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    by: Person | None,
    at: datetime,
    reason: str = "",
) -> None:
    indicator = definition.indicator
    names = [*TEXTS, "parts"]
    audit.record(
        by=by, at=at, action=f"definition.{verb}", district=indicator.district, reason=reason,
        subject=f"indicators/{indicator.code}/{definition.version}",
        changes=[
            {"key": {"field": name}, "before": (before or {}).get(name),
             "after": (after or {}).get(name)}
            for name in names
            if (before or {}).get(name) != (after or {}).get(name)
        ],
    )  # fmt: skip
