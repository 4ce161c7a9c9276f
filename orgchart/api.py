"""The organisation for programs; and how every API view learns who is asking."""

from functools import cached_property
from typing import Any

from orgchart.actors import actor_of, business_day
from orgchart.permissions import Actor


class ActorMixin:
    """Gives an API view `self.actor`, whether the caller came with a session or a token.

    `request.actor` is made from the session alone; this one asks who DRF authenticated.
    """

    request: Any

    @cached_property
    def actor(self) -> Actor:
        return actor_of(self.request.user, on=business_day(self.request.now))
