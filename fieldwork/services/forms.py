"""Versions of forms: a new one from a day on, the ones that were answered untouched."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fieldwork.models import SURVEY_KINDS, Form, FormKind
from fieldwork.queries.visits import six_items_of
from orgchart import audit
from orgchart.days import parse_day
from orgchart.errors import Fault, Invalid
from orgchart.models import Person, Unit

MOST_FIELDS = 40
TYPES = ("check", "text", "number", "average", "choice", "yes_no", "date")
# What the first field of a survey may be: it says what a sheet is about.
SUBJECTS = ("text", "choice", "date")
LARGEST = 10**9
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")


@transaction.atomic
def save_form(
    *, district: Unit, kind: str, fields: Sequence[dict[str, Any]], valid_from: date,
    by: Person | None, at: datetime, name_zh: str = "", name_en: str = "",
) -> Form:  # fmt: skip
    """Write the next version of a form, in force from a day on. Raises Invalid at /fields/0/zh.

    A field: {"code", "zh", "en", "type", "options", "required"}; a code is made where none is
    given. Versions that begin on the same day or later give way while nobody has answered them.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=district.pk)
    kept = [_field(number, each) for number, each in enumerate(fields)]
    faults = list(_faults(kept))
    if kind in SURVEY_KINDS and kept and not _is_subject(kept[0]):
        text = _("The first field says what a sheet is about: a required text, choice or date.")
        faults.append(Fault("/fields/0/type", text))
    if faults:
        raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
    last = Form.objects.filter(district=district, kind=kind).order_by("-number").first()
    row = Form.objects.create(
        district=district, kind=kind, number=last.number + 1 if last else 1, fields=kept,
        name_zh=name_zh or FormKind(kind).label, name_en=name_en, valid_from=valid_from,
        made_by=by, made_at=at,
    )  # fmt: skip
    audit.record(
        by=by, at=at, action="form.save", subject=f"forms/{kind}/{row.number}", district=district,
        changes=[{"key": "fields", "before": last.fields if last else None, "after": kept}],
    )  # fmt: skip
    return row


def six_items(*, district: Unit, on: date, at: datetime) -> Form:
    """Return the check-list in force; where the district has none, the default is its first."""
    found = six_items_of(district, on)
    if found.pk is not None:
        return found
    return save_form(
        district=district, kind=FormKind.SIX_ITEMS, fields=found.fields, valid_from=on, by=None,
        at=at, name_zh=found.name_zh, name_en=found.name_en,
    )  # fmt: skip


def answers_of(form: Form | None, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the answers as the form's types have them, and what is wrong with them.

    A number is a whole one or a text with its decimals; yes or no a boolean; a date ISO text;
    what is not answered is "".
    """
    kept: dict[str, Any] = {}
    faults = []
    for each in form.fields if form else []:
        code, value = each["code"], given.get(each["code"])
        if each["type"] == "check":
            kept[code] = value in (True, "on", "1", "true")
            continue
        text = "" if value is None else str(value).strip()
        sentence = ""
        if text:
            kept[code], sentence = _answer(each, text)
        else:
            kept[code] = ""
            if each["required"]:
                sentence = _("This field must be filled in.")
        if sentence:
            faults.append(Fault(f"/answers/{code}", sentence))
    return kept, faults


def _answer(field: Mapping[str, Any], text: str) -> tuple[Any, str]:
    """Return an answer as it is kept, and what is wrong with it."""
    kind = field["type"]
    if kind in ("number", "average"):
        return _number(text)
    if kind == "yes_no":
        known = {"yes": True, "true": True, "no": False, "false": False}
        value = known.get(text.lower())
        return value, _("Choose one of the options.") if value is None else ""
    if kind == "date":
        try:
            return parse_day(text).isoformat(), ""
        except ValueError:
            return "", _("Write the day as 2026-03-17.")
    if kind == "choice" and text not in field["options"]:
        return "", _("Choose one of the options.")
    if len(text) > 500:
        return "", _("At most %(count)s characters.") % {"count": 500}
    return text, ""


def _number(text: str) -> tuple[int | str, str]:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value < LARGEST or value != round(value, 2):
        return "", _("Write a number from 0 up, with two decimals at most.")
    return (int(value), "") if value == int(value) else (f"{round(value, 2):f}", "")


def _is_subject(field: Mapping[str, Any]) -> bool:
    return field["type"] in SUBJECTS and field["required"]


def _field(number: int, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": given.get("code") or f"f{number + 1}",
        "zh": str(given.get("zh", "")).strip(),
        "en": str(given.get("en", "")).strip(),
        "type": given.get("type", "text"),
        "options": [str(option).strip() for option in given.get("options", [])],
        "required": bool(given.get("required", False)),
    }


def _faults(fields: Sequence[dict[str, Any]]) -> Sequence[Fault]:
    found = []
    if not 1 <= len(fields) <= MOST_FIELDS:
        found.append(Fault("/fields", _("A form has 1 to 40 fields.")))
    codes: set[str] = set()
    names: set[str] = set()
    for number, field in enumerate(fields):
        place = f"/fields/{number}"
        if not names.isdisjoint(own := {field["zh"], field["en"]} - {""}):
            found.append(Fault(f"{place}/zh", _("Two fields have this name.")))
        names |= own
        if not field["zh"] or len(field["zh"]) > 60 or len(field["en"]) > 60:
            found.append(Fault(f"{place}/zh", _("A field is named with 1 to 60 characters.")))
        if field["type"] not in TYPES:
            found.append(Fault(f"{place}/type", _("There is no such type of field.")))
        if field["type"] == "choice" and len(field["options"]) < 2:
            found.append(Fault(f"{place}/options", _("A choice has at least two options.")))
        if field["code"] in codes or not _CODE.fullmatch(field["code"]):
            found.append(Fault(f"{place}/code", _("Codes are small letters, each once.")))
        codes.add(field["code"])
    return found
