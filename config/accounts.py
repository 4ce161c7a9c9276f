"""Signing in: the demo names its accounts, a real installation does not."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.utils.translation import gettext_lazy as _

DEMO_PASSWORD = "demo"
DEMO_ACCOUNTS = [
    ("head", _("District head")),
    ("clerk", _("Clerk")),
    ("auditor", _("Auditor")),
    ("grid1", _("Unit manager")),
    ("supervisor", _("Supervisor")),
    ("staff", _("Staff")),
    ("admin", _("Administrator")),
]


class SignInPage(LoginView):
    """The sign-in page; whoever is signed in already goes on to Today."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context["demo_accounts"] = [
                {"username": username, "password": DEMO_PASSWORD, "label": label}
                for username, label in DEMO_ACCOUNTS
            ]
        return context
