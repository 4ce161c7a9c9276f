"""The panel of weights and season beside a sheet: as stored, as typed, as its sources propose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from orgchart.errors import Fault, Invalid
from targets.amounts import parse_amount, plain
from targets.models import SheetMethod, TaskSheet
from targets.queries import weighing as sources
from targets.queries.sheets import Grid, Line
from targets.rules.breakdown import Impossible
from targets.rules.weighing import (
    BlendNotWhole,
    NoShare,
    Season,
    Source,
    blended,
    percentages,
    season_of_years,
)
from targets.services.sheets import RowWeight
from targets.templatetags.amounts import amount

FIRST_BLEND = {Source.HISTORY: "100", Source.CAPACITY: "0", Source.CHANNELS: "0"}


def weighing(table: Grid, typed: "Typed | None", on: date) -> dict[str, Any]:
    """Return the fields of the panel at the side: as stored, or as they were typed."""
    post = typed.post if typed else None

    def text(name: str, stored: Decimal | None) -> str:
        if post is not None:
            return str(post.get(name, ""))
        return "" if stored is None else _trimmed(stored)

    sheet = table.sheet
    history = sources.history_by_unit(sheet) if sheet.indicator_id else {}
    channels = sources.channels_by_unit(sheet, on)
    units: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for line in table.lines:
        if line.required is not None:
            name = f"total-{line.row_id}"
            value = text(name, line.required - line.rolled)
            totals.append({"line": line, "name": name, "value": value})
            continue
        if line.span:
            units.append({
                "line": line, "name": f"weight-{line.row_id}", "parts": [],
                "value": text(f"weight-{line.row_id}", line.weight),
                "published": amount(history.get(line.unit_id or 0), line.decimals),
                "history_name": f"history-{line.row_id}",
                "history": text(f"history-{line.row_id}", line.history),
                "channels": channels.get(line.unit_id or 0, 0),
                "capacity_name": f"capacity-{line.row_id}",
                "capacity": text(f"capacity-{line.row_id}", line.capacity),
            })  # fmt: skip
        units[-1]["parts"].append(
            {"line": line, "name": f"part-{line.row_id}",
             "value": text(f"part-{line.row_id}", line.part)}
        )  # fmt: skip
    season = [Decimal(value) for value in sheet.season]
    highest = max(season, default=Decimal(0))
    top = max((unit["line"].weight or Decimal(0) for unit in units), default=Decimal(0))
    for unit in units:
        weight = unit["line"].weight or Decimal(0)
        unit["bar"] = plain(weight / top * 40, 1) if top else "0"
    return {
        "units": units,
        "totals": totals,
        "weights_sum_text": _trimmed(
            sum((unit["line"].weight or Decimal(0) for unit in units), Decimal(0))
        ),
        "season_sum_text": _trimmed(sum(season, Decimal(0))),
        "season": [
            {"month": n + 1, "name": f"season-{n}", "value": text(f"season-{n}", value),
             "height": plain(value / highest * 50, 1) if highest else "0",
             "top": plain(52 - value / highest * 50, 1) if highest else "52", "x": n * 22}
            for n, value in enumerate(season)
        ],
        "total": text("total", table.sheet.total),
        "method": post.get("method", sheet.method) if post is not None else sheet.method,
        "methods": [{"code": code, "label": label} for code, label in SheetMethod.choices],
        "blend": [
            {"name": f"blend-{source}", "label": _source_name(source),
             "value": str(post.get(f"blend-{source}", first)) if post is not None else first}
            for source, first in FIRST_BLEND.items()
        ],
        "seasons": [
            {"code": each.value, "label": _season_name(each)} for each in Season
        ],
        "season_from": post.get("season-from", "") if post is not None else "",
    }  # fmt: skip


def _source_name(source: Source) -> str:
    return {
        Source.HISTORY: _("history"),
        Source.CAPACITY: _("market capacity"),
        Source.CHANNELS: _("channels"),
    }[source]


def _season_name(season: Season) -> str:
    return {
        Season.LAST_YEARS: _("last years"),
        Season.FLAT: _("flat"),
        Season.WORKING_DAYS: _("working days"),
    }[season]


def _trimmed(value: Decimal) -> str:
    """Return the number without trailing zeros and without an exponent."""
    return f"{value.normalize():f}"


@dataclass
class Typed:
    """The panel at the side as somebody typed it."""

    post: Any

    @property
    def version(self) -> int | None:
        seen = str(self.post.get("version", ""))
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None

    @property
    def method(self) -> str | None:
        """Return the method chosen; None for none of ours, which leaves it as it is."""
        chosen = self.post.get("method", "")
        return chosen if chosen in SheetMethod.values else None

    def fill_weights(self, table: Grid, sheet: TaskSheet, on: date) -> None:
        """Put weights from history, capacity and channels into the fields. Raises Invalid."""
        heads = [line for line in table.lines if line.span and line.required is None]
        faults: list[Fault] = []

        def number(name: str, label: str) -> Decimal:
            try:
                value = parse_amount(str(self.post.get(name, "") or "0").strip())
            except ValueError:
                value = Decimal(-1)
            if value < 0:
                text = _("%(field)s is no number from 0: %(text)s")
                given = str(self.post.get(name, ""))
                faults.append(Fault(name, text % {"field": label, "text": given}))
            return value

        blend = {source: number(f"blend-{source}", _source_name(source)) for source in Source}
        capacity = [number(f"capacity-{line.row_id}", line.unit) for line in heads]
        typed = [
            number(name, line.unit) if str(self.post.get(name, "")).strip() else None
            for line in heads
            for name in [f"history-{line.row_id}"]
        ]
        if faults:
            raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
        history = sources.history_by_unit(sheet) if sheet.indicator_id else {}
        channels = sources.channels_by_unit(sheet, on)
        measures: Mapping[Source, Sequence[Decimal | int | None]] = {
            Source.HISTORY: [
                history.get(line.unit_id or 0) if figure is None else figure
                for line, figure in zip(heads, typed, strict=True)
            ],
            Source.CAPACITY: capacity,
            Source.CHANNELS: [channels.get(line.unit_id or 0) for line in heads],
        }
        try:
            weights = blended(blend, measures)
        except BlendNotWhole as error:
            raise Invalid(
                _("History, capacity and channels make %(sum)s, not 100.")
                % {"sum": _trimmed(error.total)}
            ) from error
        except NoShare as error:
            raise Invalid(
                _("No unit has any %(source)s yet: give it 0 %% or enter figures first.")
                % {"source": _source_name(error.source)}
            ) from error
        except Impossible as error:
            raise Invalid(_("A figure is negative; weights need figures from 0.")) from error
        for line, weight in zip(heads, weights, strict=True):
            self.post[f"weight-{line.row_id}"] = _trimmed(weight)

    def fill_season(self, sheet: TaskSheet) -> None:
        """Put a season from its source into the fields. Raises Invalid."""
        try:
            chosen = Season(self.post.get("season-from", ""))
        except ValueError:
            raise Invalid(_("Choose what the season is filled from.")) from None
        match chosen:
            case Season.FLAT:
                season = percentages([1] * 12)
            case Season.WORKING_DAYS:
                try:
                    season = percentages(list(sources.working_days(sheet.plan.year)))
                except ValueError as error:
                    text = _("The working days of %(year)s are not published yet.")
                    raise Invalid(text % {"year": sheet.plan.year}) from error
            case Season.LAST_YEARS:
                try:
                    season = season_of_years(sources.whole_years(sheet))
                except Impossible as error:
                    raise Invalid(
                        _("No whole year before %(year)s is published to take the season from.")
                        % {"year": sheet.plan.year}
                    ) from error
        for n, value in enumerate(season):
            self.post[f"season-{n}"] = _trimmed(value)

    def read(self, table: Grid) -> tuple[list[RowWeight], list[Decimal], Decimal | None]:
        """Return weights, season and total. Raises Invalid, naming what is no number."""
        faults: list[Fault] = []

        def number(name: str, label: str, places: int = 4) -> Decimal:
            text = str(self.post.get(name, "")).strip().replace(",", "")
            try:
                value = parse_amount(text)
            except ValueError:
                faults.append(Fault(name, _("%(field)s is no number: %(text)s")
                                    % {"field": label, "text": text or "—"}))  # fmt: skip
                return Decimal(0)
            if value < 0 or value != round(value, places):
                faults.append(Fault(name, _("%(field)s cannot be %(text)s")
                                    % {"field": label, "text": text}))  # fmt: skip
            return value

        weights = []
        head: Decimal | None = None
        sources_of_head: dict[str, Decimal | None] = {}
        for line in table.lines:
            name = f"{line.unit} {line.breakdown}"
            if line.required is not None:
                total = number(f"total-{line.row_id}", name, line.decimals)
                weights.append(RowWeight(line.row_id, total=total))
                continue
            if line.span:
                head = number(f"weight-{line.row_id}", line.unit)
                sources_of_head = {
                    name: number(f"{name}-{line.row_id}", line.unit)
                    if str(self.post.get(f"{name}-{line.row_id}", "")).strip() else None
                    for name in ("history", "capacity")
                }  # fmt: skip
            part = number(f"part-{line.row_id}", name)
            own = sources_of_head if line.span else {}
            weights.append(RowWeight(line.row_id, head, part, **own))
        season = [
            number(f"season-{n}", _("Season, month %(month)s") % {"month": n + 1})
            for n in range(len(table.sheet.season))
        ]
        total = (
            number("total", _("Annual total"), _decimals(table.lines))
            if table.sheet.total is not None
            else None
        )
        if faults:
            raise Invalid(" ".join(dict.fromkeys(fault.detail for fault in faults)), faults)
        return weights, season, total


def _decimals(lines: Sequence[Line]) -> int:
    return lines[0].decimals if lines else 0
