"""Where the boxes of the organisation chart stand. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass

BOX_HEIGHT = 92
GAP = 16  # between neighbours
DROP = 44  # between a box and those below it
PADDING = 12
NARROWEST = 120


@dataclass(frozen=True, slots=True)
class Label:
    """What is to be drawn: the lines of one box, and the boxes below."""

    key: int
    lines: tuple[tuple[str, int], ...]  # text, font size
    below: tuple["Label", ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    key: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes of one size and the elbows between them (SVG path data), in pixels."""

    width: int
    height: int
    box_width: int
    boxes: tuple[Box, ...]
    elbows: tuple[str, ...]


def text_width(text: str, size: int) -> int:
    """Estimate the width of a text in pixels: a Han character is one em, others 0.6."""
    return int(sum(size if ord(letter) > 0x2E7F else size * 0.6 for letter in text)) + 1


def draw(root: Label) -> Drawing:
    """Lay the tree out: leaves side by side in their order, each parent above the middle."""
    width = max(NARROWEST, *(_widths(root)))
    boxes: list[Box] = []
    elbows: list[str] = []
    used = 0

    def place(label: Label, depth: int) -> int:
        nonlocal used
        middles = [place(child, depth + 1) for child in label.below]
        if middles:
            middle = (middles[0] + middles[-1]) // 2
        else:
            middle = used + width // 2
            used += width + GAP
        y = depth * (BOX_HEIGHT + DROP)
        boxes.append(Box(label.key, middle - width // 2, y))
        elbows.extend(_elbows(middle, y + BOX_HEIGHT, middles))
        return middle

    place(root, 0)
    return Drawing(
        width=used - GAP,
        height=max(box.y for box in boxes) + BOX_HEIGHT,
        box_width=width,
        boxes=tuple(boxes),
        elbows=tuple(elbows),
    )


def _widths(label: Label) -> Sequence[int]:
    own = [text_width(text, size) + 2 * PADDING for text, size in label.lines]
    return own + [width for child in label.below for width in _widths(child)]


def _elbows(middle: int, bottom: int, middles: Sequence[int]) -> list[str]:
    half = bottom + DROP // 2
    return [f"M{middle} {bottom}V{half}H{below}V{bottom + DROP}" for below in middles]
