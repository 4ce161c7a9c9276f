"""Medians of works that take turns, so that a noisy moment hits all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from django.db import connection


@dataclass(frozen=True, slots=True)
class Work:
    """Something to time; `before` is done first each round and not timed."""

    do: Callable[[], object]
    before: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of a work: by the clock and of the processor, None where nobody knows."""

    clock: float
    processor: float | None

    def __add__(self, other: "Taken") -> "Taken":
        known = self.processor is not None and other.processor is not None
        return Taken(
            self.clock + other.clock,
            self.processor + other.processor if known else None,  # type: ignore[operator]
        )


def medians(works: Sequence[Work], rounds: int, *, warm_up: bool = True) -> list[Taken]:
    """Do the works in turn; return what each took, after one round to warm up if so asked."""
    return [middle(times) for times in timings(works, rounds, warm_up=warm_up)]


def middle(times: Sequence[Taken]) -> Taken:
    busy = [one.processor for one in times if one.processor is not None]
    return Taken(median(one.clock for one in times), median(busy) if busy else None)


def timings(works: Sequence[Work], rounds: int, *, warm_up: bool = True) -> list[list[Taken]]:
    """Return what each of the works took in every round but the one that warms up."""
    processor = processor_clock()
    taken: list[list[Taken]] = [[] for _ in works]
    for turn in range(rounds + warm_up):
        for work, times in zip(works, taken, strict=True):
            if work.before:
                work.before()
            start, busy = perf_counter(), processor() if processor else 0
            work.do()
            end = perf_counter()
            if turn >= warm_up:
                times.append(Taken(end - start, processor() - busy if processor else None))
    return taken


def processor_clock() -> Callable[[], float] | None:
    """Return a clock of the processor's time of this process and of its database session.

    On a shared machine it says what work costs, not how long it waited. None where the session's
    server is not on this machine, or not on Linux.
    """
    if connection.vendor == "sqlite":
        return process_time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    if not (session.exists() and b"postgres" in session.with_name("cmdline").read_bytes()):
        return None
    return lambda: process_time() + int(session.read_text().split()[0]) / 1e9


@dataclass(frozen=True, slots=True)
class Row:
    """A goal: ours must be at most `goal` times the limit."""

    name: str
    ours: float
    limit: float
    goal: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        return self.ours / self.limit if self.limit else float(self.ours > 0)

    @property
    def is_ok(self) -> bool:
        return self.ratio <= self.goal


def compared(name: str, ours: Taken, limit: Taken, goal: float) -> list[Row]:
    """Return a goal by the clock and, where it is known, by the processor's time."""
    rows = [Row(name, ours.clock, limit.clock, goal)]
    if ours.processor is not None and limit.processor is not None:
        rows.append(Row(f"{name}, processor", ours.processor, limit.processor, goal))
    return rows


def growth(units: int, ours: Taken, fewer: int, then: Taken) -> list[Row]:
    """Compare a size with a smaller one, unit by unit: ×10 units in at most ×11 of the time."""
    times = units / fewer
    busy = None if then.processor is None else then.processor * times
    return compared(
        f"score {units:,} units: {times:g} × {fewer:,}", ours, Taken(then.clock * times, busy), 1.1
    )


HEADS = ("", "ours", "limit", "ratio", "goal", "")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as text, one a line."""
    cells = [HEADS]
    for row in rows:
        scale, places = {"ms": (1000, 2), "MB": (1, 1)}.get(row.unit, (1, 0))
        ours, limit = (f"{value * scale:,.{places}f} {row.unit}" for value in (row.ours, row.limit))
        verdict = "ok" if row.is_ok else "not ok"
        cells.append((row.name, ours, limit, f"{row.ratio:.2f}", f"≤ {row.goal:g}", verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if column in (0, 5) else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )
