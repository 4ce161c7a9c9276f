"""A chart says the same thing in its picture and in its table."""

from decimal import Decimal
from fractions import Fraction

from targets.charts import Chart, Series

SCORES = Series("score", [Decimal("118.10"), None], decimals=2)
RATES = Series("rate", [Fraction(2, 3), Fraction(1)], decimals=2, is_rate=True)


def test_the_table_has_a_row_per_label_and_a_gap_stays_a_gap() -> None:
    chart = Chart("c", "Title", "Sentence.", ["March", "April"], [SCORES, RATES])
    assert chart.columns == ["score", "rate"]
    assert chart.rows == [("March", ["118.10", "66.67"]), ("April", ["—", "100.00"])]
    assert chart.drawn["series"][0]["numbers"] == [118.1, None]


def test_a_heat_map_has_a_row_per_series() -> None:
    chart = Chart("c", "Title", "Sentence.", ["March", "April"], [RATES], kind="heat")
    assert chart.columns == ["March", "April"]
    assert chart.rows == [("rate", ["66.67", "100.00"])]


def test_a_rate_is_drawn_as_it_is_written() -> None:
    assert RATES.number(Fraction(1, 8)) == 12.5
    assert RATES.text(Fraction(1, 8)) == "12.50"


def test_a_gap_may_say_why_and_a_row_may_have_notes_and_links() -> None:
    waiting = Series("rate", [Fraction(1, 2), None], decimals=1, is_rate=True, gaps=["", "pending"])
    chart = Chart(
        "c", "Title", "Sentence.", ["Grid 1", "Grid 2"], [waiting], kind="rows",
        notes=[("lamp", ["behind", ""])], links=[["/grid1/", ""]],
    )  # fmt: skip
    assert chart.columns == ["rate", "lamp"]
    assert chart.rows == [("Grid 1", ["50.0", "behind"]), ("Grid 2", ["pending", ""])]
    assert chart.cells[0][1][0] == ("50.0", "/grid1/")
    assert chart.drawn["notes"] == ["behind", ""]
    assert chart.drawn["series"][0]["texts"] == ["50.0", "pending"]
