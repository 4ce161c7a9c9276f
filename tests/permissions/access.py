"""One row of the permission table: a route, and the demo accounts that get in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Managers of a kind are alike: grid1 is where `staff` works, grid2 the one `supervisor` reads.
ACCOUNTS = ("head", "clerk", "auditor", "admin", "staff", "supervisor", "grid1", "grid2", "group")
EVERYBODY = frozenset(ACCOUNTS)
DISTRICT = frozenset({"head", "clerk", "auditor"})
MANAGERS = frozenset({"grid1", "grid2", "group"})
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
