"""A scoring curve as a small picture: points of an SVG, made by the server."""

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from kpi.models import ScorecardItem
from kpi.present.formulas import read
from kpi.present.words import percentage, plain, threshold
from kpi.queries.scores import Line, curve_of
from kpi.rules.curves import Curve
from kpi.rules.scoring import Basis
from targets.templatetags.amounts import amount

WIDTH, HEIGHT = 352, 132
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 20, 24


@dataclass(frozen=True, slots=True)
class _Scale:
    """From points and ratios to the box."""

    last: Fraction
    top: Fraction

    def x(self, value: Fraction) -> float:
        inside = max(Fraction(0), min(value, self.last))
        return round(float(LEFT + (WIDTH - LEFT - RIGHT) * inside / self.last), 1)

    def y(self, points: Fraction) -> float:
        return round(float(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * points / self.top), 1)


def picture(item: ScorecardItem, zero_target: str, line: Line | None = None) -> dict[str, Any]:
    """Return the values of kpi/_curve.html: line, axis labels, and the point of a result."""
    curve = line.curve if line else curve_of(item, zero_target)
    scale = _scale(item, curve)
    drawn: dict[str, Any] = {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "floor": HEIGHT - BOTTOM,
        "points": " ".join(f"{scale.x(x)},{scale.y(y)}" for x, y in corners(curve, scale.last)),
        "y_labels": _y_labels(item, scale),
        "x_labels": _x_labels(item, curve, scale),
        "label": item.name,
    }
    if line is not None and line.points is not None and line.x is not None:
        where = scale.last if line.x == inf else Fraction(line.x)
        x, y = scale.x(where), scale.y(Fraction(line.points))
        drawn["mark"] = {
            "x": x,
            "y": y,
            "text_x": max(LEFT + 4, x - 6) if x > WIDTH / 2 else x + 8,
            "text_y": max(12, y - 8),
            "anchor": "end" if x > WIDTH / 2 else "start",
            "text": f"{_basis_text(line)} → {amount(line.points, 2)}",
        }
    return drawn


def _basis_text(line: Line) -> str:
    if line.item.basis == Basis.EVENTS:
        return plain(Fraction(line.x or 0))
    return "∞" if line.x == inf else read(line)


def _scale(item: ScorecardItem, curve: Curve) -> _Scale:
    starts = [segment.start for segment in curve.segments if segment.start]
    last = max([Fraction(start) for start in starts], default=Fraction(1)) * Fraction(5, 4)
    if item.basis not in (Basis.EVENTS, Basis.ACTUAL):
        last = max(last, Fraction(3, 2))
    top = curve.highest or Fraction(item.weight) * Fraction(3, 2)
    return _Scale(last, max(top, Fraction(1)))


def corners(curve: Curve, last: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Return the corners (x, points) from 0 to `last`; a jump has two at the same x."""
    segments = curve.segments
    found = []
    for number, segment in enumerate(segments):
        start = max(Fraction(0), segment.start or Fraction(0))
        end = segments[number + 1].start if number + 1 < len(segments) else last
        stop = min(max(Fraction(end or 0), Fraction(0)), last)
        if segment.start is None and stop <= 0:
            continue
        found += [(start, segment.at(start)), (stop, segment.at(stop))]
    return found


def drawn_corners(item: ScorecardItem, zero_target: str) -> list[tuple[Fraction, Fraction]]:
    """Return the corners of an item's curve as far as it is drawn."""
    curve = curve_of(item, zero_target)
    return corners(curve, _scale(item, curve).last)


def _y_labels(item: ScorecardItem, scale: _Scale) -> list[dict[str, Any]]:
    values = {Fraction(0), Fraction(item.weight), scale.top}
    found: list[dict[str, Any]] = []
    for value in sorted(values):
        y = scale.y(value)
        if not found or abs(found[-1]["y"] - y) >= 14:
            found.append({"y": y, "text_y": y + 4, "text": plain(value)})
    return found


def _x_labels(item: ScorecardItem, curve: Curve, scale: _Scale) -> list[dict[str, Any]]:
    values = {Fraction(segment.start) for segment in curve.segments if segment.start}
    values.add(Fraction(0))
    if item.basis not in (Basis.EVENTS, Basis.ACTUAL):
        values.add(Fraction(1))
    labels: list[dict[str, Any]] = []
    last = max(values)
    for value in sorted(values):
        x = scale.x(value)
        if labels and x - labels[-1]["x"] < 34:
            if value != last or len(labels) == 1:
                continue
            labels.pop()  # where the curve ends says more than the corner before
        if item.basis == Basis.EVENTS:
            text = plain(value)
        elif item.basis == Basis.ACTUAL:
            text = threshold(value, item)
        else:
            text = f"{percentage(value)}%"
        labels.append({"x": x, "text": text})
    return labels
