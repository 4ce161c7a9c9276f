"""How far a goal is, and what follows from it. Values in, values out."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

CAP = Fraction(6, 5)  # no part makes up for another beyond 120 %
DROP_AFTER = 2  # months in a row that an agent missed the hard volume (双向选择)


def completion(parts: Iterable[tuple[int, int | None]]) -> Fraction | None:
    """Return the mean of done over goal, each capped at 120 %; parts are (goal, done).

    A part without a goal is not assessed. None while a part is not reported, or nothing is asked.
    """
    rates = []
    for goal, done in parts:
        if goal == 0:
            continue
        if done is None:
            return None
        rates.append(min(CAP, Fraction(done, goal)))
    return sum(rates, Fraction(0)) / len(rates) if rates else None


def is_met(parts: Iterable[tuple[int, int | None]]) -> bool | None:
    """Return whether every part reached its goal, on whole numbers; None while one is unknown."""
    asked = [(goal, done) for goal, done in parts if goal]
    if not asked or any(done is None for _goal, done in asked):
        return None
    return all(done is not None and done >= goal for goal, done in asked)


def missed_in_a_row(months: Sequence[bool | None]) -> int:
    """Return how many months in a row were missed up to the last; unknown ones end the row."""
    count = 0
    for met in reversed(months):
        if met is not False:
            break
        count += 1
    return count
