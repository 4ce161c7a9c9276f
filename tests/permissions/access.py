"""One row of the permission table: a route, and the demo accounts that get in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ACCOUNTS = (
    "head", "clerk", "auditor", "admin", "staff", "supervisor",
    "group", "suburban", "grid1", "grid2", "grid3", "grid4",
)  # fmt: skip
EVERYBODY = frozenset(ACCOUNTS)
DISTRICT = frozenset({"head", "clerk", "auditor"})
MANAGERS = frozenset({"group", "suburban", "grid1", "grid2", "grid3", "grid4"})
BUSINESS = EVERYBODY - {"admin"}


@dataclass(frozen=True)
class Access:
    """`allowed` accounts get one of `succeeds`; others 403 or 404; nobody signed in: no entry.

    `kwargs` is called with the demo loaded, so that it may look up keys. A write is listed with
    a body that a permitted account gets accepted or refused for a reason other than its role.
    """

    route: str
    allowed: frozenset[str] = EVERYBODY
    kwargs: Callable[[], dict[str, Any]] | None = None
    method: str = "get"
    query: str = ""
    body: Any = None
    succeeds: frozenset[int] = frozenset({200})
    is_public: bool = False

    def __str__(self) -> str:
        return f"{self.method}-{self.route}{self.query}"
