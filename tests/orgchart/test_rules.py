"""Where the boxes of the chart stand."""

from itertools import pairwise

from orgchart.rules import BOX_HEIGHT, DROP, GAP, NARROWEST, Label, draw, text_width


def leaf(key: int, text: str = "") -> Label:
    return Label(key, ((text, 14),))


def test_a_single_box_fills_the_drawing() -> None:
    drawing = draw(leaf(1))
    assert (drawing.width, drawing.height, drawing.elbows) == (NARROWEST, BOX_HEIGHT, ())


def test_leaves_stand_side_by_side_and_the_parent_above_their_middle() -> None:
    drawing = draw(Label(0, (), (leaf(1), leaf(2), leaf(3))))
    places = {box.key: (box.x, box.y) for box in drawing.boxes}
    step = NARROWEST + GAP
    below = BOX_HEIGHT + DROP
    assert places == {1: (0, below), 2: (step, below), 3: (2 * step, below), 0: (step, 0)}
    assert drawing.width == 3 * NARROWEST + 2 * GAP


def test_no_two_boxes_overlap_however_deep_the_tree() -> None:
    drawing = draw(
        Label(0, (), (Label(1, (), (leaf(2), leaf(3))), leaf(4), Label(5, (), (leaf(6),))))
    )
    rows: dict[int, list[int]] = {}
    for box in drawing.boxes:
        rows.setdefault(box.y, []).append(box.x)
    for row in rows.values():
        row.sort()
        assert all(right - left >= drawing.box_width + GAP for left, right in pairwise(row))
    assert len(drawing.elbows) == 6


def test_the_widest_text_decides_the_width_of_all_boxes() -> None:
    text = "综合后勤支撑中心与其他部门"
    drawing = draw(Label(0, (), (leaf(1, text), leaf(2))))
    assert drawing.box_width >= text_width(text, 14) > NARROWEST
