"""Giving a user to call or a sheet to fill in to somebody of its unit."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from fieldwork.forms.giving import GivingForm
from orgchart.errors import DomainError


def give_as_typed(
    request: HttpRequest, form: GivingForm, service: Callable[..., Any], **what: Any
) -> None:
    """Give `what` to whom a valid form names; say that it is done, or why not."""
    try:
        service(
            **what, version=form.cleaned_data["version"], person=form.cleaned_data["person"],
            by=request.actor.person, at=request.now,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Assigned"))
