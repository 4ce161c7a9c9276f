"""A commission scheme as versioned data: read, checked, and looked up by band."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: JSON pointer, code, and the value found there if it tells."""

    path: str
    code: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.code}" + (f" ({self.found})" if self.found else "")


class Invalid(ValueError):
    """An input that cannot be computed with; carries every fault found."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class SchemeInvalid(Invalid):
    """A scheme whose data is incomplete or contradicts itself."""


class TierMode(StrEnum):
    """How a volume tier pays: every user at the tier reached, or each user at his own tier."""

    ALL_UNITS = "all_units"
    MARGINAL = "marginal"


@dataclass(frozen=True, slots=True)
class Band:
    """From `start` (included) up to `end` (excluded, None is open), the value that applies."""

    start: Decimal
    end: Decimal | None
    value: Decimal


@dataclass(frozen=True, slots=True)
class Bands:
    """Lower bounds in rising order, the first 0: a band ends where the next starts, so no gaps."""

    steps: tuple[Band, ...]

    @classmethod
    def of(cls, pairs: list[tuple[Decimal, Decimal]]) -> "Bands":
        ends: list[Decimal | None] = [start for start, _ in pairs[1:]]
        return cls(
            tuple(
                Band(start, end, value)
                for (start, value), end in zip(pairs, [*ends, None], strict=True)
            )
        )

    def at(self, value: Fraction | Decimal | int) -> Band:
        """Return the band a value falls in, compared exactly; below 0 is the first band."""
        exact = Fraction(value)
        reached = [band for band in self.steps if Fraction(band.start) <= exact]
        return reached[-1] if reached else self.steps[0]


@dataclass(frozen=True, slots=True)
class OneTime:
    """Yuan for each counted new user."""

    per_user: Decimal


@dataclass(frozen=True, slots=True)
class Volume:
    """Extra yuan per user by the number of counted new users of the month."""

    mode: TierMode
    bands: Bands


@dataclass(frozen=True, slots=True)
class Instalment:
    """Yuan per user in his n-th month, by net revenue, if he called long enough."""

    month: int
    min_call_minutes: Decimal
    bands: Bands


@dataclass(frozen=True, slots=True)
class RevenueShare:
    """Share of net revenue per dealer class and average; months are counted from joining."""

    first_month: int
    last_month: int
    bands: Mapping[str, Bands]


@dataclass(frozen=True, slots=True)
class ClawbackTerm:
    """Users lost within this many days of joining are charged back."""

    within_days: int


@dataclass(frozen=True, slots=True)
class LowQuality:
    """Part of the price charged back, by the share of users with no or very low use."""

    bands: Bands


@dataclass(frozen=True, slots=True)
class PoolPart:
    """A share of what joining brought, paid in the users' n-th month.

    `is_retained`: only for those of them who are still there then.
    """

    month: int
    share: Decimal
    is_retained: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of a dealer commission policy (rules §7).

    Counted users are the gross new users, less those without a call in their first month when
    `excludes_zero_call`. `pool` splits one-time commission and volume bonus over months, the
    first part at joining; empty: all of it is paid at joining.
    """

    excludes_zero_call: bool
    one_time: OneTime
    volume: Volume
    instalments: tuple[Instalment, ...]
    revenue_share: RevenueShare
    clawback: ClawbackTerm
    low_quality: LowQuality
    pool: tuple[PoolPart, ...] = ()

    @classmethod
    def from_json(cls, document: object) -> "Scheme":
        """Read a scheme from JSON-able data; decimals are strings (integers are accepted).

        Bands are lists of [lower bound, value]. Raises SchemeInvalid naming every fault by JSON
        pointer: a key missing or unknown, a band list not rising from 0, a share above 1, parts
        of a pool that are not the whole. The pool may be left out.
        """
        faults: list[Fault] = []
        root = _Node(document, "", faults)
        fields = root.members(
            "excludes_zero_call",
            "one_time",
            "volume",
            "instalments",
            "revenue_share",
            "clawback",
            "low_quality",
            optional=("pool",),
        )
        one_time = fields["one_time"].members("per_user")
        volume = fields["volume"].members("mode", "bands")
        share = fields["revenue_share"].members("first_month", "last_month", "bands")
        clawback = fields["clawback"].members("within_days")
        low_quality = fields["low_quality"].members("bands")
        first_month = share["first_month"].whole(least=1)

        scheme = cls(
            excludes_zero_call=fields["excludes_zero_call"].flag(),
            one_time=OneTime(one_time["per_user"].amount()),
            volume=Volume(volume["mode"].tier_mode(), volume["bands"].bands(whole_bounds=True)),
            instalments=_instalments(fields["instalments"]),
            revenue_share=RevenueShare(
                first_month=first_month,
                last_month=share["last_month"].whole(least=max(first_month, 1)),
                bands={
                    name: node.bands(most=Decimal(1)) for name, node in share["bands"].entries()
                },
            ),
            clawback=ClawbackTerm(clawback["within_days"].whole(least=0)),
            low_quality=LowQuality(low_quality["bands"].bands(most=Decimal(1))),
            pool=_pool(fields["pool"]) if "pool" in fields else (),
        )
        if faults:
            raise SchemeInvalid(tuple(faults))
        return scheme


def _instalments(node: "_Node") -> tuple[Instalment, ...]:
    read: list[Instalment] = []
    for item in node.items():
        fields = item.members("month", "min_call_minutes", "bands")
        month = fields["month"].whole(least=1)
        if any(month == other.month for other in read):
            fields["month"].fault("repeated")
        read.append(
            Instalment(
                month=month,
                min_call_minutes=fields["min_call_minutes"].amount(),
                bands=fields["bands"].bands(),
            )
        )
    return tuple(read)


def _pool(node: "_Node") -> tuple[PoolPart, ...]:
    read: list[PoolPart] = []
    for item in node.items():
        fields = item.members("month", "share", "is_retained")
        part = PoolPart(
            fields["month"].whole(least=1),
            fields["share"].amount(most=Decimal(1)),
            fields["is_retained"].flag(),
        )
        if read and part.month <= read[-1].month:
            fields["month"].fault("not_rising")
        if not read and (part.month != 1 or part.is_retained):
            fields["month"].fault("first_not_joining")
        read.append(part)
    whole = sum((part.share for part in read), Decimal(0))
    if isinstance(node.value, list) and whole != 1:
        node.faults.append(Fault(node.path, "not_the_whole", f"{whole * 100:f}"))
    return tuple(read)


_ABSENT = object()


@dataclass(frozen=True, slots=True)
class _Node:
    """A place in the document. Reads return a harmless value after noting what is wrong."""

    value: Any
    path: str
    faults: list[Fault]

    def fault(self, code: str) -> None:
        # An absent parent has been named already; its members would only repeat it.
        if self.value is not _ABSENT:
            self.faults.append(Fault(self.path, code, _shown(self.value)))

    def child(self, key: str | int, value: Any) -> "_Node":
        token = str(key).replace("~", "~0").replace("/", "~1")
        return _Node(value, f"{self.path}/{token}", self.faults)

    def members(self, *names: str, optional: tuple[str, ...] = ()) -> "dict[str, _Node]":
        if not isinstance(self.value, dict):
            self.fault("not_an_object")
            return {name: self.child(name, _ABSENT) for name in names}
        names += tuple(name for name in optional if name in self.value)
        for name in self.value:
            if name not in names:
                self.child(name, self.value[name]).fault("unknown")
        for name in names:
            if name not in self.value:
                self.faults.append(Fault(f"{self.path}/{name}", "missing"))
        return {name: self.child(name, self.value.get(name, _ABSENT)) for name in names}

    def entries(self) -> "list[tuple[str, _Node]]":
        if not isinstance(self.value, dict) or not self.value:
            self.fault("empty" if isinstance(self.value, dict) else "not_an_object")
            return []
        return [(str(name), self.child(name, value)) for name, value in self.value.items()]

    def items(self) -> "list[_Node]":
        if not isinstance(self.value, list):
            self.fault("not_a_list")
            return []
        return [self.child(index, value) for index, value in enumerate(self.value)]

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.fault("not_a_boolean")
        return self.value is True

    def whole(self, *, least: int) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fault("not_a_whole_number")
            return least
        if self.value < least:
            self.fault("too_small")
        return self.value

    def amount(self, *, most: Decimal | None = None) -> Decimal:
        number = _decimal(self.value)
        if number is None:
            self.fault("not_a_decimal")
            return Decimal(0)
        if number < 0:
            self.fault("negative")
        elif most is not None and number > most:
            self.fault("too_large")
        return number

    def tier_mode(self) -> TierMode:
        if self.value not in tuple(TierMode):
            self.fault("unknown_mode")
            return TierMode.ALL_UNITS
        return TierMode(self.value)

    def bands(self, *, most: Decimal | None = None, whole_bounds: bool = False) -> Bands:
        pairs: list[tuple[Decimal, Decimal]] = []
        nodes = self.items()
        if isinstance(self.value, list) and not nodes:
            self.fault("empty")
        for node in nodes:
            pair = node.items()
            if len(pair) != 2:
                if isinstance(node.value, list):
                    node.fault("not_a_pair")
                continue
            start = pair[0].amount()
            if whole_bounds and start != start.to_integral_value():
                pair[0].fault("not_a_whole_number")
            if not pairs and start != 0:
                pair[0].fault("first_not_zero")
            if pairs and start <= pairs[-1][0]:
                pair[0].fault("not_rising")
            pairs.append((start, pair[1].amount(most=most)))
        return Bands.of(pairs or [(Decimal(0), Decimal(0))])


def _decimal(value: object) -> Decimal | None:
    # A float has already lost the figure that was typed.
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shown(value: object) -> str:
    return "" if isinstance(value, dict | list) else str(value)
