"""A table of integers with both margins fixed (rules §3, "both margins fixed")."""

from collections.abc import Sequence


def fit_margins(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """Return cells that are the floor or the ceiling of row × column ÷ total, on both sums.

    Margins share their sign and their total; each row hands its left-over units to the columns
    of its largest remainders, and augmenting paths move units until every column is full.
    Raises ValueError when the margins do not sum alike or mix signs.
    """
    total = sum(rows)
    if total != sum(columns):
        raise ValueError(f"rows sum to {total}, columns to {sum(columns)}")
    margins = [*rows, *columns]
    if any(amount < 0 for amount in margins):
        if any(amount > 0 for amount in margins):
            raise ValueError("margins of mixed signs cannot be fitted")
        mirrored = fit_margins([-row for row in rows], [-column for column in columns])
        return [[-cell for cell in line] for line in mirrored]
    if total == 0:
        return [[0] * len(columns) for _ in rows]

    quotas = [[divmod(row * column, total) for column in columns] for row in rows]
    cells = [[floor for floor, _ in line] for line in quotas]
    room = [column - sum(line[j] for line in cells) for j, column in enumerate(columns)]
    given: list[set[int]] = [set() for _ in columns]  # rows that got a unit more, per column
    preferences = [
        [j for j in sorted(range(len(columns)), key=lambda j: (-line[j][1], j)) if line[j][1]]
        for line in quotas
    ]

    def place(row: int, tried: set[int]) -> bool:
        """Give `row` one unit more in a new column, moving other rows' units if need be."""
        for column in preferences[row]:
            if column in tried or row in given[column]:
                continue
            tried.add(column)
            if len(given[column]) < room[column]:
                given[column].add(row)
                return True
            for other in sorted(given[column]):
                if place(other, tried):
                    given[column].remove(other)
                    given[column].add(row)
                    return True
        return False

    for row, line in enumerate(cells):
        for _ in range(rows[row] - sum(line)):
            # A fractional solution exists (the quotas), so a whole one does: this never fails.
            if not place(row, set()):
                raise ArithmeticError("margins could not be fitted")

    for column, takers in enumerate(given):
        for row in takers:
            cells[row][column] += 1
    return cells
