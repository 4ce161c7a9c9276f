"""The form of a commission scheme: bands are thresholds with values, so they have no gaps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpi.forms import MonthField
from orgchart.forms import RefusableForm
from subsidies.rules.scheme import Scheme, SchemeInvalid, TierMode
from subsidies.wording import class_name, fault_text
from targets.months import month_text

MOST_ROWS, SPARE_ROWS = 30, 2
MOST_INSTALMENTS = 12
MOST_PARTS = 6
CLASSES = ("A", "B")
BLANK: dict[str, Any] = {
    "volume": {"bands": []},
    "instalments": [],
    "revenue_share": {"bands": {name: [] for name in CLASSES}},
    "low_quality": {"bands": []},
}
_HEAD = ("code", "name_zh", "name_en", "valid_from")


@dataclass(frozen=True, slots=True)
class BandList:
    """Rows of a threshold and a value; fields {name}_{row}_from, {name}_{row}_value.

    The first row starts at 0 and has no threshold to type. Percent are typed as such and kept
    as ratios.
    """

    name: str
    title: str
    starts: str
    values: str
    rows: int
    starts_in_percent: bool = False
    values_in_percent: bool = False
    is_required: bool = True


class SchemeForm(RefusableForm):
    """Every part of a scheme. A row left empty is no band; the order of the rows is free."""

    code = forms.RegexField(
        r"^[A-Za-z0-9._-]+$", label=gettext_lazy("Version"), max_length=20,
        help_text=gettext_lazy("Latin letters, digits, dots and hyphens, such as 2026.2."),
    )  # fmt: skip
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=100, required=False)
    valid_from = MonthField(label=gettext_lazy("In force from"))
    per_user = forms.DecimalField(
        label=gettext_lazy("Yuan per new user"), min_value=0, max_digits=8, decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip
    excludes_zero_call = forms.BooleanField(
        label=gettext_lazy("Only users who called in their first month"), required=False
    )
    volume_mode = forms.ChoiceField(
        label=gettext_lazy("A tier pays"),
        choices=[
            (TierMode.ALL_UNITS.value, gettext_lazy("every user, at the rate of the tier reached")),
            (TierMode.MARGINAL.value, gettext_lazy("each user, at the rate of his own tier")),
        ],
    )
    share_first = forms.IntegerField(
        label=gettext_lazy("From a user's month"), min_value=1, max_value=120
    )
    share_last = forms.IntegerField(label=gettext_lazy("to his month"), min_value=1, max_value=120)
    within_days = forms.IntegerField(
        label=gettext_lazy("Users lost within days of joining"), min_value=0, max_value=3660
    )
    edits = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        body: Mapping[str, Any] = BLANK,
        initial: Mapping[str, Any] | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        """`typed` is data shown again with more rows, not yet judged."""
        asked = data if data is not None else typed
        self.blocks = _blocks(asked, len(body["instalments"]))
        self._asked, self._body = asked, body
        start = dict(initial or {}) | _initial(body)
        super().__init__(data, initial=start if typed is None else dict(typed.items()))
        self.lists = list(self._lists())
        for each in self.lists:
            self._add_rows(each)
        for block in range(self.blocks):
            self._add_instalment(block)
        for row in range(MOST_PARTS):
            self._add_part(row)
        self.places: dict[str, str] = {}

    def _lists(self) -> Iterator[BandList]:
        users, yuan = _("Users from"), _("Yuan per user")
        revenue = _("Net revenue from, yuan")
        body = self._body
        yield self._list("volume", _("Volume tiers"), users, yuan, body["volume"]["bands"])
        for block in range(self.blocks):
            bands = [each["bands"] for each in body["instalments"]]
            yield self._list(
                f"inst_{block}", _("Revenue bands"), revenue, yuan,
                bands[block] if block < len(bands) else [], is_required=False,
            )  # fmt: skip
        for name, bands in body["revenue_share"]["bands"].items():
            yield self._list(
                f"share_{name}", class_name(name), revenue, _("Share, %"), bands,
                values_in_percent=True,
            )  # fmt: skip
        yield self._list(
            "low", _("Shares and factors"), _("Low-quality share from, %"), _("Factor"),
            body["low_quality"]["bands"], starts_in_percent=True,
        )  # fmt: skip

    def _list(
        self, name: str, title: str, starts: str, values: str, bands: list[Any], **kinds: bool
    ) -> BandList:
        asked = self._asked
        rows = max(len(bands), 1) + SPARE_ROWS if asked is None else _count(asked, name)
        return BandList(name, title, starts, values, rows, **kinds)

    def _add_rows(self, each: BandList) -> None:
        label = _("%(title)s, row %(row)s: %(what)s")
        for row in range(each.rows):
            place = {"title": each.title, "row": row + 1}
            if row:
                self.fields[f"{each.name}_{row}_from"] = _number(
                    label % (place | {"what": each.starts}),
                    places=0 if each.name == "volume" else 2,
                )
            self.fields[f"{each.name}_{row}_value"] = _number(
                label % (place | {"what": each.values}), is_required=row == 0 and each.is_required
            )

    def _add_instalment(self, block: int) -> None:
        self.fields[f"inst_{block}_month"] = forms.IntegerField(
            label=_("In a user's month"), min_value=1, max_value=120, required=False
        )
        self.fields[f"inst_{block}_minutes"] = _number(_("Call minutes at least"))
        self.fields[f"inst_{block}_gone"] = forms.BooleanField(
            label=_("Leave this instalment out"), required=False
        )

    def _add_part(self, row: int) -> None:
        place = {"row": row + 1}
        if row:
            label = _("Part %(row)s: in a user's month") % place
            self.fields[f"pool_{row}_month"] = forms.IntegerField(
                label=label, min_value=2, max_value=120, required=False,
                widget=forms.NumberInput({"aria-label": label}),
            )  # fmt: skip
            self.fields[f"pool_{row}_retained"] = forms.BooleanField(
                label=_("Part %(row)s: only for users still there") % place, required=False,
                widget=forms.CheckboxInput(
                    {"aria-label": _("Part %(row)s: only for users still there") % place}
                ),
            )  # fmt: skip
        self.fields[f"pool_{row}_share"] = _number(_("Part %(row)s: share, %%") % place, places=2)

    def clean(self) -> dict[str, Any]:
        """Put each fault of the scheme at the field it came from."""
        cleaned: dict[str, Any] = super().clean() or {}
        body = self._document(cleaned)
        if self.errors:
            return cleaned
        try:
            Scheme.from_json(body)
        except SchemeInvalid as error:
            for fault in error.faults:
                self.add_error(self.places.get(fault.path), fault_text(fault))
        cleaned["body"] = body
        return cleaned

    def _document(self, typed: dict[str, Any]) -> dict[str, Any]:
        first, last = typed.get("share_first"), typed.get("share_last")
        if first is not None and last is not None and last < first:
            self.add_error("share_last", _("The last month is before the first."))
        return {
            "excludes_zero_call": typed["excludes_zero_call"],
            "one_time": {"per_user": _text(typed.get("per_user"))},
            "volume": {
                "mode": typed.get("volume_mode"), "bands": self._bands("volume", "/volume/bands")
            },
            "instalments": list(self._instalments(typed)),
            "revenue_share": {
                "first_month": first,
                "last_month": last,
                "bands": {
                    name: self._bands(f"share_{name}", f"/revenue_share/bands/{name}")
                    for name in self._body["revenue_share"]["bands"]
                },
            },
            "clawback": {"within_days": typed.get("within_days")},
            "low_quality": {"bands": self._bands("low", "/low_quality/bands")},
            **self._pool(typed),
        }  # fmt: skip

    def _pool(self, typed: dict[str, Any]) -> dict[str, Any]:
        """Return the parts by rising month; nothing where no share is typed."""
        rows = []
        for row in range(MOST_PARTS):
            share = typed.get(f"pool_{row}_share")
            month = typed.get(f"pool_{row}_month") if row else 1
            if share is not None and month is not None:
                rows.append((month, row, share, bool(row and typed.get(f"pool_{row}_retained"))))
            elif row and (share is None) != (month is None):
                missing = "share" if share is None else "month"
                if not {f"pool_{row}_share", f"pool_{row}_month"} & set(self.errors):
                    self.add_error(
                        f"pool_{row}_{missing}", _("Fill in both fields of the row, or neither.")
                    )
        self.places["/pool"] = "pool_0_share"
        for number, (_month, row, _share, _retained) in enumerate(sorted(rows)):
            self.places[f"/pool/{number}/month"] = f"pool_{row}_{'month' if row else 'share'}"
            self.places[f"/pool/{number}/share"] = f"pool_{row}_share"
        parts = [
            {"month": month, "share": _text(share, True), "is_retained": retained}
            for month, _row, share, retained in sorted(rows)
        ]
        return {"pool": parts} if parts else {}

    def _instalments(self, typed: dict[str, Any]) -> Iterator[dict[str, Any]]:
        kept = 0
        for block in range(self.blocks):
            name = f"inst_{block}"
            if typed.get(f"{name}_gone"):
                for field in [each for each in self.errors if each.startswith(f"{name}_")]:
                    del self.errors[field]
                continue
            pointer = f"/instalments/{kept}"
            bands = self._bands(name, f"{pointer}/bands")
            month, minutes = typed.get(f"{name}_month"), typed.get(f"{name}_minutes")
            if month is None:
                if (bands or minutes is not None) and f"{name}_month" not in self.errors:
                    self.add_error(f"{name}_month", _("Say in which month it is paid."))
                continue
            if typed.get(f"{name}_0_value") is None and f"{name}_0_value" not in self.errors:
                self.add_error(f"{name}_0_value", _("Say what the first band pays, 0 for nothing."))
            self.places[f"{pointer}/month"] = f"{name}_month"
            self.places[f"{pointer}/min_call_minutes"] = f"{name}_minutes"
            kept += 1
            yield {
                "month": month, "min_call_minutes": _text(minutes or Decimal(0)), "bands": bands
            }  # fmt: skip

    def _bands(self, name: str, pointer: str) -> list[list[str]]:
        """Return the filled rows by rising threshold, and note where each was typed."""
        each = next(one for one in self.lists if one.name == name)
        rows: list[tuple[Decimal, Decimal, int]] = []
        for row in range(each.rows):
            fields = [f"{name}_{row}_value"] + ([f"{name}_{row}_from"] if row else [])
            if any(field in self.errors for field in fields):
                continue
            value = self.cleaned_data.get(f"{name}_{row}_value")
            start = self.cleaned_data.get(f"{name}_{row}_from") if row else Decimal(0)
            if value is not None and start is not None:
                rows.append((start, value, row))
            elif row and (value is None) != (start is None):
                missing = "value" if value is None else "from"
                self.add_error(
                    f"{name}_{row}_{missing}", _("Fill in both fields of the row, or neither.")
                )
        rows.sort(key=lambda one: (one[0], one[2]))
        for number, (_start, _value, row) in enumerate(rows):
            self.places[f"{pointer}/{number}/0"] = f"{name}_{row}_{'from' if row else 'value'}"
            self.places[f"{pointer}/{number}/1"] = f"{name}_{row}_value"
        return [
            [_text(start, each.starts_in_percent), _text(value, each.values_in_percent)]
            for start, value, _row in rows
        ]

    def field_of(self, pointer: str) -> str:
        """Return the field of a fault that the service found."""
        return self.places.get(pointer.removeprefix("/body"), pointer.strip("/"))

    def head(self) -> dict[str, Any]:
        """Return what names and dates the version; only of a valid form."""
        return {name: self.cleaned_data[name] for name in _HEAD}

    @property
    def head_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in _HEAD]

    @property
    def volume(self) -> dict[str, Any]:
        return self._shown("volume")

    @property
    def pool(self) -> list[tuple[forms.BoundField | None, ...]]:
        return [
            (
                self[f"pool_{row}_month"] if row else None,
                self[f"pool_{row}_share"],
                self[f"pool_{row}_retained"] if row else None,
            )
            for row in range(MOST_PARTS)
        ]

    @property
    def low(self) -> dict[str, Any]:
        return self._shown("low")

    @property
    def shares(self) -> list[dict[str, Any]]:
        return [self._shown(f"share_{name}") for name in self._body["revenue_share"]["bands"]]

    @property
    def instalments(self) -> list[dict[str, Any]]:
        return [
            self._shown(f"inst_{block}")
            | {
                "month": self[f"inst_{block}_month"],
                "minutes": self[f"inst_{block}_minutes"],
                "gone": self[f"inst_{block}_gone"],
            }
            for block in range(self.blocks)
        ]

    def _shown(self, name: str) -> dict[str, Any]:
        each = next(one for one in self.lists if one.name == name)
        return {
            "list": each,
            "rows": [
                (self[f"{name}_{row}_from"] if row else None, self[f"{name}_{row}_value"])
                for row in range(each.rows)
            ],
        }


def with_more_rows(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed with an empty row more at each list, and an empty instalment."""
    typed = dict(data.items())
    typed["excludes_zero_call"] = "excludes_zero_call" in data
    for name in [key[:-8] for key in typed if key.endswith("_0_value")]:
        typed[f"{name}_{_count(data, name)}_value"] = ""
    blocks = _blocks(data, 0)
    for block in range(blocks):
        typed[f"inst_{block}_gone"] = f"inst_{block}_gone" in data
    if blocks < MOST_INSTALMENTS:
        typed |= {f"inst_{blocks}_month": "", f"inst_{blocks}_minutes": ""}
        typed |= {f"inst_{blocks}_{row}_value": "" for row in range(SPARE_ROWS + 1)}
    return typed


def _blocks(asked: Mapping[str, Any] | None, stored: int) -> int:
    """Return how many instalments the form has: those typed, or those stored and one to spare."""
    if asked is None:
        return min(stored + 1, MOST_INSTALMENTS)
    blocks = 0
    while blocks < MOST_INSTALMENTS and f"inst_{blocks}_month" in asked:
        blocks += 1
    return blocks


def _count(asked: Mapping[str, Any], name: str) -> int:
    rows = 1
    while rows < MOST_ROWS and f"{name}_{rows}_value" in asked:
        rows += 1
    return rows


def _number(label: str, *, places: int = 4, is_required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=10, decimal_places=places, required=is_required,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any", "aria-label": label}),
    )  # fmt: skip


def _text(value: Decimal | None, in_percent: bool = False) -> str:
    """Return a typed number as a scheme keeps it: exact, without trailing zeros."""
    if value is None:
        return ""
    exact = value.scaleb(-2) if in_percent else value
    return f"{exact.normalize():f}"


def _initial(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields of a stored scheme begin with."""
    share = body["revenue_share"]
    found: dict[str, Any] = {
        "per_user": body.get("one_time", {}).get("per_user"),
        "excludes_zero_call": body.get("excludes_zero_call", True),
        "volume_mode": body["volume"].get("mode"),
        "share_first": share.get("first_month"),
        "share_last": share.get("last_month"),
        "within_days": body.get("clawback", {}).get("within_days"),
    }
    found |= _rows("volume", body["volume"]["bands"])
    for block, each in enumerate(body["instalments"]):
        found |= _rows(f"inst_{block}", each["bands"])
        found |= {
            f"inst_{block}_month": each["month"],
            f"inst_{block}_minutes": each["min_call_minutes"],
        }
    for name, bands in share["bands"].items():
        found |= _rows(f"share_{name}", bands, values=2)
    for row, part in enumerate(body.get("pool", [])):
        found |= {
            f"pool_{row}_month": part["month"],
            f"pool_{row}_share": _text(Decimal(part["share"]).scaleb(2)),
            f"pool_{row}_retained": part["is_retained"],
        }
    return found | _rows("low", body["low_quality"]["bands"], starts=2)


def _rows(name: str, bands: list[Any], *, starts: int = 0, values: int = 0) -> dict[str, str]:
    found = {}
    for row, (start, value) in enumerate(bands):
        found[f"{name}_{row}_value"] = _text(Decimal(value).scaleb(values))
        if row:
            found[f"{name}_{row}_from"] = _text(Decimal(start).scaleb(starts))
    return found


def head_of(row: Any, *, code: str = "", valid_from: Any = None) -> dict[str, Any]:
    """Return what the head of a form begins with: a stored version's or draft's."""
    return {
        "code": code or row.code, "name_zh": row.name_zh, "name_en": row.name_en,
        "valid_from": month_text(valid_from or row.valid_from),
    }  # fmt: skip
