"""The app above all others: it lends them what they cannot ask each other for."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        """Lend in every process, not only where routes are made: jobs ask as pages do."""
        from portal.queries import calendar, campaign_ledger, promotions

        for each in (calendar, campaign_ledger, promotions):
            each.lend()
