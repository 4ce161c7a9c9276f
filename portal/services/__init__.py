"""What the portal does across the other apps."""

from portal.services.settle import settle_published_month

__all__ = ["settle_published_month"]
